package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/textproto"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// load is what viewers ask of a server.
type load struct {
	address string // of the server
	prefix  string // of the paths of files
	conns   int
	passes  int
	files   int
	span    int64      // bytes of a range; 0 for whole files
	size    int64      // bytes of a file
	pays    [][]string // Stream-Pay of each viewer's requests; nil where nothing is paid
}

// result is what the viewers saw.
type result struct {
	requests int
	bytes    int64
	took     time.Duration
	latency  []time.Duration // sorted
}

func (r result) rate() float64 { return float64(r.bytes) / (1 << 20) / r.took.Seconds() }

func (r result) percentile(p int) time.Duration { return r.latency[(len(r.latency)-1)*p/100] }

// run has all viewers ask at once, each on one connection that stays open. The first that gets anything else than the
// bytes' number fails it.
func (l load) run(ctx context.Context) (result, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, 2*time.Minute, fmt.Errorf("the load took too long"))
	defer cancel()
	results, errs := make([]result, l.conns), make([]error, l.conns)
	var wg sync.WaitGroup
	start := time.Now()
	for i := range l.conns {
		wg.Go(func() {
			if results[i], errs[i] = l.viewer(ctx, i); errs[i] != nil {
				cancel()
			}
		})
	}
	wg.Wait()
	all := result{took: time.Since(start)}
	for i, r := range results {
		if errs[i] != nil {
			return all, errs[i]
		}
		all.requests += r.requests
		all.bytes += r.bytes
		all.latency = append(all.latency, r.latency...)
	}
	slices.Sort(all.latency)
	return all, nil
}

func (l load) viewer(ctx context.Context, number int) (r result, err error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", l.address)
	if err != nil {
		return r, err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Now()) })
	defer stop()
	in, buf := bufio.NewReaderSize(conn, 16<<10), make([]byte, 256<<10)
	for k := range l.passes * l.files {
		// viewers who pay begin at the beginning; others begin where nobody else does
		file := k % l.files
		if l.pays == nil {
			file = (k + number*l.files/l.conns) % l.files
		}
		began := time.Now()
		if _, err := io.WriteString(conn, l.request(number, k, file)); err != nil {
			return r, err
		}
		n, err := answer(in, conn, buf)
		if err != nil {
			return r, fmt.Errorf("%s%s: %w", l.prefix, segmentName(file), err)
		}
		if want := l.want(); n != want {
			return r, fmt.Errorf("%s%s: %d bytes, not %d", l.prefix, segmentName(file), n, want)
		}
		r.requests++
		r.bytes += n
		r.latency = append(r.latency, time.Since(began))
	}
	return r, nil
}

func (l load) want() int64 {
	if l.span > 0 {
		return l.span
	}
	return l.size
}

func (l load) request(number, k, file int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "GET %s%s HTTP/1.1\r\nHost: %s\r\n", l.prefix, segmentName(file), l.address)
	if l.span > 0 {
		// another place each time, never on the border of a block
		off := (int64(k)*7919*4096 + 1000) % (l.size - l.span)
		fmt.Fprintf(&b, "Range: bytes=%d-%d\r\n", off, off+l.span-1)
	}
	if l.pays != nil {
		fmt.Fprintf(&b, "Stream-Pay: %s\r\n", l.pays[number][k])
	}
	b.WriteString("\r\n")
	return b.String()
}

// answer reads one answer and returns the length of its body.
func answer(in *bufio.Reader, conn io.Reader, buf []byte) (int64, error) {
	r := textproto.NewReader(in)
	line, err := r.ReadLine()
	if err != nil {
		return 0, err
	}
	h, err := r.ReadMIMEHeader()
	if err != nil {
		return 0, err
	}
	size, err := strconv.ParseInt(h.Get("Content-Length"), 10, 64)
	if _, status, _ := strings.Cut(line, " "); err != nil || !strings.HasPrefix(status, "200 ") && !strings.HasPrefix(status, "206 ") {
		body, _ := io.ReadAll(io.LimitReader(in, min(size, 1000)))
		return 0, fmt.Errorf("%s %q", line, body)
	}
	left := size
	held, err := in.Discard(int(min(left, int64(in.Buffered()))))
	for left -= int64(held); left > 0 && err == nil; {
		var n int
		n, err = conn.Read(buf[:min(left, int64(len(buf)))])
		left -= int64(n)
	}
	return size - left, err
}

// verify holds every file that the server gives to the one on disk. The load itself only counts.
func (l load) verify(ctx context.Context, dir string) error {
	for i := range l.files {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+l.address+l.prefix+segmentName(i), nil)
		if err != nil {
			return err
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			return err
		}
		body, err := io.ReadAll(res.Body)
		if err := res.Body.Close(); err != nil {
			return err
		}
		if err != nil {
			return err
		}
		want, err := os.ReadFile(filepath.Join(dir, segmentName(i)))
		if err != nil {
			return err
		}
		if sha256.Sum256(body) != sha256.Sum256(want) {
			return fmt.Errorf("%s%s: other bytes than on disk", l.prefix, segmentName(i))
		}
	}
	return nil
}
