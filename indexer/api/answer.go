package api

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"
)

// send answers with bytes that have a strong ETag, compressed where that pays.
func send(w http.ResponseWriter, r *http.Request, contentType string, raw []byte) {
	sum := sha256.Sum256(raw)
	name := base64.RawURLEncoding.EncodeToString(sum[:15])
	zip := len(raw) >= 1024 && accepts(r, "gzip")
	h := w.Header()
	// other bytes have another tag; who has either has the answer
	h.Set("ETag", `"`+name+`"`)
	if zip {
		h.Set("ETag", `"`+name+`-gzip"`)
	}
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-cache")
	}
	h.Add("Vary", "Accept-Encoding")
	for _, have := range strings.Split(r.Header.Get("If-None-Match"), ",") {
		have = strings.TrimPrefix(strings.TrimSpace(have), "W/")
		if have == `"`+name+`"` || have == `"`+name+`-gzip"` || have == "*" {
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	h.Set("Content-Type", contentType)
	if !zip {
		h.Set("Content-Length", strconv.Itoa(len(raw)))
		_, _ = w.Write(raw) // the caller went away
		return
	}
	h.Set("Content-Encoding", "gzip")
	z := gzip.NewWriter(w)
	_, _ = z.Write(raw)
	_ = z.Close()
}

// accepts says whether a caller takes an encoding.
func accepts(r *http.Request, encoding string) bool {
	for _, part := range strings.Split(r.Header.Get("Accept-Encoding"), ",") {
		name, weight, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.TrimSpace(name) == encoding && strings.ReplaceAll(weight, " ", "") != "q=0" {
			return true
		}
	}
	return false
}

// common is around everything: who may read it, how often, and what a browser may do with it.
func (a *API) common(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Access-Control-Allow-Origin", "*")
		h.Set("Access-Control-Expose-Headers", "ETag, Retry-After, Link")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; frame-ancestors 'none'")
		h.Set("Referrer-Policy", "no-referrer")
		if r.Method == http.MethodOptions {
			h.Set("Access-Control-Allow-Methods", "GET, POST, DELETE, OPTIONS")
			h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, If-None-Match, Last-Event-ID")
			h.Set("Access-Control-Max-Age", "86400")
			w.WriteHeader(http.StatusNoContent)
			return
		}
		if wait := a.rates.take(a.caller(r)); wait > 0 {
			h.Set("Retry-After", strconv.Itoa(int(wait/time.Second)+1))
			problem(w, http.StatusTooManyRequests, "too-many-requests", "ask less often, or run an indexer of your own")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// caller is whose requests are counted together: an IPv4 address or an IPv6 /64.
func (a *API) caller(r *http.Request) netip.Prefix {
	addr := remote(r)
	if a.trusted(addr) {
		// the nearest of those in front that is not a proxy of ours
		hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
		for i := len(hops) - 1; i >= 0; i-- {
			hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
			if err != nil {
				break
			}
			addr = hop.Unmap()
			if !a.trusted(addr) {
				break
			}
		}
	}
	bits := 32
	if addr.Is6() {
		bits = 64
	}
	p, err := addr.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return p
}

func remote(r *http.Request) netip.Addr {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return netip.Addr{}
	}
	return addr.Unmap()
}

func (a *API) trusted(addr netip.Addr) bool {
	for _, p := range a.cfg.TrustedProxies {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

// rates are token buckets by caller.
type rates struct {
	rate, burst float64
	now         func() time.Time
	mu          sync.Mutex
	buckets     map[netip.Prefix]*bucket
}

type bucket struct {
	left float64
	at   time.Time
}

// maxBuckets bounds what callers cost in memory; beyond, full buckets go first.
const maxBuckets = 100_000

func newRates(rate, burst float64, now func() time.Time) *rates {
	return &rates{rate: rate, burst: burst, now: now, buckets: map[netip.Prefix]*bucket{}}
}

// take takes one request, or says how long to wait.
func (l *rates) take(who netip.Prefix) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	b := l.buckets[who]
	if b == nil {
		if len(l.buckets) >= maxBuckets {
			l.clear(now)
		}
		b = &bucket{left: l.burst, at: now}
		l.buckets[who] = b
	}
	b.left = min(l.burst, b.left+now.Sub(b.at).Seconds()*l.rate)
	b.at = now
	if b.left < 1 {
		return time.Duration((1 - b.left) / l.rate * float64(time.Second))
	}
	b.left--
	return 0
}

// clear forgets who has a full bucket; where nobody has, everybody.
func (l *rates) clear(now time.Time) {
	for who, b := range l.buckets {
		if b.left+now.Sub(b.at).Seconds()*l.rate >= l.burst {
			delete(l.buckets, who)
		}
	}
	if len(l.buckets) >= maxBuckets {
		l.buckets = map[netip.Prefix]*bucket{}
	}
}
