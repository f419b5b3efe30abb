package serve

import (
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/streamchain/streamchain/storagenode/wire"
)

// MinRate is how slowly a client may read or write on the whole, in bytes a second; slower is cut off.
const MinRate = 16 << 10

// Grace is what a client may take on top, once.
const Grace = 6 * time.Second

// part is how much is written under one deadline, in bytes.
const part = 64 << 10

// answerTime is how long a handler may take to write what is no content.
const answerTime = 60 * time.Second

// pace holds a client to MinRate: it counts only the time that the node waits for the client. What the client was early
// with does not let it stop later on.
type pace struct {
	sum    int
	waited time.Duration
}

// allow is how long the next n bytes may take.
func (p *pace) allow(n int) time.Duration {
	now := Grace + time.Duration(n)*time.Second/MinRate
	return min(now, now+time.Duration(p.sum)*time.Second/MinRate-p.waited)
}

// took notes what n bytes took.
func (p *pace) took(n int, d time.Duration) {
	p.sum += n
	p.waited += d
}

type body struct {
	pace
	w    http.ResponseWriter
	rc   *http.ResponseController
	sent func(int)
}

func (b *body) Write(p []byte) (written int, err error) {
	for len(p) > 0 && err == nil {
		next := p[:min(len(p), part)]
		start := time.Now()
		// a recorder in tests has no deadlines; a connection does
		_ = b.rc.SetWriteDeadline(start.Add(b.allow(len(next))))
		var n int
		n, err = b.w.Write(next)
		b.took(n, time.Since(start))
		written += n
		p = p[n:]
		if b.sent != nil {
			b.sent(n)
		}
	}
	return written, err
}

// Common sets what every answer of a node carries and answers CORS preflights.
func Common(next http.Handler) http.Handler {
	requests := strings.Join([]string{"Range", "If-Range", "If-None-Match", "Accept", "Content-Type", "Content-Range", "User-Agent", "X-Requested-With", wire.HeaderAuth, wire.HeaderPay, wire.HeaderUpload}, ", ")
	answers := strings.Join([]string{"Content-Length", "Content-Range", "Accept-Ranges", "ETag", "Retry-After", "X-Ipfs-Path", "X-Ipfs-Roots", "X-Chunked-Output", "X-Stream-Output", "Content-Location", wire.HeaderPaid, wire.HeaderOffset}, ", ")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rc := http.NewResponseController(w)
		_ = rc.SetWriteDeadline(time.Now().Add(answerTime))
		if r.ContentLength != 0 && r.Body != nil {
			r.Body = newPaced(r.Body, rc)
		}
		h := w.Header()
		h.Set("Access-Control-Allow-Origin", "*")
		h.Set("Access-Control-Expose-Headers", answers)
		h.Set("Access-Control-Allow-Methods", "GET, HEAD, PUT, POST, DELETE, OPTIONS")
		h.Set("Access-Control-Allow-Headers", requests)
		h.Set("X-Content-Type-Options", "nosniff")
		// a work's bytes never run in the node's origin, whatever they are
		h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
		h.Set("Referrer-Policy", "no-referrer")
		if r.Method == http.MethodOptions {
			h.Set("Access-Control-Max-Age", "86400")
			w.WriteHeader(http.StatusNoContent)
			return
		}
		if !plain(r.URL.Path) {
			wire.NewProblem(http.StatusBadRequest, wire.BadPath, "a path of names, without . and .. and nothing").Write(w)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// plain says whether a path, its escapes read once, is one of names. A router would clean any other and redirect to what
// it takes it for.
func plain(path string) bool {
	rest, ok := strings.CutPrefix(path, "/")
	if !ok || strings.Contains(rest, "\x00") {
		return false
	}
	for rest != "" {
		var name string
		name, rest, _ = strings.Cut(rest, "/")
		if name == "" || name == "." || name == ".." {
			return false
		}
	}
	return true
}

// paced is a request's body whose sender must keep up MinRate. A deadline stands before anybody reads: the server
// itself reads, at the end, what a handler has left over, and would wait for it for ever.
type paced struct {
	pace
	io.ReadCloser
	rc *http.ResponseController
}

func newPaced(body io.ReadCloser, rc *http.ResponseController) *paced {
	p := &paced{ReadCloser: body, rc: rc}
	p.expect(time.Now(), 0)
	return p
}

// expect sets the deadline of the next n bytes, and that of the answer after it.
func (p *paced) expect(now time.Time, n int) {
	until := now.Add(p.allow(n))
	_ = p.rc.SetReadDeadline(until)
	_ = p.rc.SetWriteDeadline(until.Add(answerTime))
}

func (p *paced) Read(b []byte) (int, error) {
	start := time.Now()
	p.expect(start, min(len(b), part))
	n, err := p.ReadCloser.Read(b)
	p.took(n, time.Since(start))
	return n, err
}

// NewHTTPServer has the limits of every node: 16 KiB and 5 s for headers, 30 s idle. Bodies
// and answers have deadlines of their own.
func NewHTTPServer(h http.Handler) *http.Server {
	return &http.Server{Handler: Common(h), ReadHeaderTimeout: 5 * time.Second, IdleTimeout: 30 * time.Second, MaxHeaderBytes: 16 << 10}
}

// maxConnections is how many connections all addresses together may hold: beyond, files could not be opened any more.
const maxConnections = 8192

// Limit lets each address hold at most perAddress connections to l; more are closed at once.
// IPv6 addresses count by their /64, which one host has for itself.
func Limit(l net.Listener, perAddress int) net.Listener {
	return &limited{Listener: l, most: perAddress, total: maxConnections, open: map[string]int{}}
}

type limited struct {
	net.Listener
	most, total int

	mu   sync.Mutex
	all  int
	open map[string]int // by address
}

func (l *limited) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		k := addressKey(c.RemoteAddr())
		l.mu.Lock()
		full := l.open[k] >= l.most || l.all >= l.total
		if !full {
			l.open[k]++
			l.all++
		}
		l.mu.Unlock()
		if !full {
			return &counted{Conn: c, done: func() { l.leave(k) }}, nil
		}
		_ = c.Close()
	}
}

func (l *limited) leave(k string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all--
	if l.open[k]--; l.open[k] <= 0 {
		delete(l.open, k)
	}
}

func addressKey(a net.Addr) string { return hostKey(a.String()) }

func hostKey(address string) string {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	if ip := net.ParseIP(host); ip != nil && ip.To4() == nil {
		return ip.Mask(net.CIDRMask(64, 128)).String()
	}
	return host
}

type counted struct {
	net.Conn
	once sync.Once
	done func()
}

func (c *counted) Close() error {
	c.once.Do(c.done)
	return c.Conn.Close()
}
