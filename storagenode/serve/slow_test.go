package serve_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ipfs/go-cid"
	ipld "github.com/ipfs/go-ipld-format"
	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/storagenode/catalog"
	"github.com/streamchain/streamchain/storagenode/dag/dagtest"
	"github.com/streamchain/streamchain/storagenode/serve"
)

// listen serves a small and a large file, and a route that takes bodies, as a node does.
func listen(t *testing.T, perAddress int) (addr, small, large string) {
	t.Helper()
	b := dagtest.New(t)
	// larger than what the kernel keeps for a reader that does not read
	big := b.File(bytes.Repeat([]byte("0123456789abcdef"), 2<<20), 1<<20, 174)
	media := b.Dir(map[string]ipld.Node{"small.jpg": b.File(dagtest.Bytes(2000), 1<<20, 174), "large.mp4": big}).Cid()
	cat, err := catalog.Open(t.TempDir())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, cat.Close()) })
	ix, err := catalog.BuildIndex(context.Background(), b.Store, media, cid.Undef)
	require.NoError(t, err)
	require.NoError(t, cat.Add(catalog.Entry{ID: "w", Live: true, Root: "w"}, ix))
	mux := http.NewServeMux()
	mux.Handle("/ipfs/", &serve.Server{Blocks: b.Store, Catalog: cat, Gate: freely{}})
	mux.HandleFunc("POST /take", func(w http.ResponseWriter, r *http.Request) {
		_, err := io.Copy(io.Discard, r.Body)
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
		}
	})
	mux.HandleFunc("POST /wait", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		select {
		case <-r.Context().Done():
			w.WriteHeader(http.StatusInternalServerError)
		case <-time.After(serve.Grace + 5*time.Second):
		}
	})
	l, err := net.Listen("tcp", "0.0.0.0:0")
	require.NoError(t, err)
	srv := serve.NewHTTPServer(mux)
	go func() { _ = srv.Serve(serve.Limit(l, perAddress)) }()
	t.Cleanup(func() { _ = srv.Close() })
	_, port, err := net.SplitHostPort(l.Addr().String())
	require.NoError(t, err)
	at := "/ipfs/" + media.String()
	return "127.0.0.1:" + port, at + "/small.jpg", at + "/large.mp4"
}

// freely lets everybody in; unlike gate it may be asked by many at once.
type freely struct{}

func (freely) Admit(context.Context, serve.Ask) (serve.Grant, error) { return serve.Grant{}, nil }

// p95 is the 95th percentile of what n requests take, one after the other.
func p95(t *testing.T, url string, n int) time.Duration {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	took := make([]time.Duration, n)
	for i := range took {
		start := time.Now()
		res, err := client.Get(url)
		require.NoError(t, err)
		data, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		require.Len(t, data, 2000)
		_ = res.Body.Close()
		took[i] = time.Since(start)
	}
	slices.Sort(took)
	return took[n*95/100]
}

// attack opens a connection from one of many addresses of this machine, writes start and then drip again and again until
// the server ends it. It reads nothing.
func attack(t *testing.T, addr string, i int, start, drip string) (ended <-chan time.Duration) {
	t.Helper()
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 1, byte(i/50+1))}}
	c, err := d.Dial("tcp", addr)
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	_ = c.(*net.TCPConn).SetReadBuffer(4 << 10)
	_, err = io.WriteString(c, start)
	require.NoError(t, err)
	out := make(chan time.Duration, 1)
	go func() {
		began := time.Now()
		for {
			time.Sleep(500 * time.Millisecond)
			// the end shows only when something is written
			if _, err := io.WriteString(c, drip); err != nil {
				out <- time.Since(began)
				return
			}
		}
	}()
	return out
}

// Five hundred connections that dawdle in three ways, each address below its limit: an honest client notices little,
// memory stays bounded, and within seconds they are all gone. The limits per connection do not depend on how
// many there are; two thousand were not tried.
func TestSlowClients(t *testing.T) {
	t.Parallel()
	const attackers = 501
	addr, small, large := listen(t, 64)
	url := "http://" + addr + small
	p95(t, url, 50)
	quiet := p95(t, url, 300)
	var before, during runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)

	var ended []<-chan time.Duration
	for i := range attackers {
		start, drip := "GET "+small+" HTTP/1.1\r\nHost: x\r\nX: ", "y" // a header that never ends
		switch i % 3 {
		case 1: // a body that hardly comes, to a handler that reads it and to one that does not
			to := []string{"/take", small}[i/3%2]
			start, drip = "POST "+to+" HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n", "z"
		case 2: // an answer that nobody reads
			start, drip = "GET "+large+" HTTP/1.1\r\nHost: x\r\n\r\n", "\r\n"
		}
		ended = append(ended, attack(t, addr, i, start, drip))
	}
	time.Sleep(time.Second)
	busy := p95(t, url, 300)
	runtime.GC()
	runtime.ReadMemStats(&during)
	t.Logf("p95 %s, with %d attackers %s; memory %d MiB more", quiet, attackers, busy, (int64(during.Sys)-int64(before.Sys))>>20)
	// other programs share this machine with the test: the constant is for them
	require.Less(t, busy, 2*quiet+50*time.Millisecond)
	require.Less(t, int64(during.HeapAlloc+during.StackInuse)-int64(before.HeapAlloc+before.StackInuse), int64(attackers*128<<10), "128 KiB each, both ends in this process")

	deadline := time.After(16 * time.Second)
	for i, e := range ended {
		select {
		case <-e:
		case <-deadline:
			t.Fatalf("attacker %d, of kind %d, still holds its connection", i, i%3)
		}
	}
}

// Who has sent its body may wait for an answer longer than a body may take.
func TestPatientClients(t *testing.T) {
	t.Parallel()
	addr, _, _ := listen(t, 64)
	res, err := http.Post("http://"+addr+"/wait", "text/plain", strings.NewReader(strings.Repeat("x", 1000)))
	require.NoError(t, err)
	_ = res.Body.Close()
	require.Equal(t, 200, res.StatusCode)
}

// A slow but steady sender and reader, as on a poor line, gets through.
func TestSteadyClients(t *testing.T) {
	t.Parallel()
	addr, _, large := listen(t, 64)
	var wg sync.WaitGroup
	var status atomic.Int32
	wg.Go(func() {
		r, w := io.Pipe()
		go func() {
			for range 40 {
				_, _ = w.Write(make([]byte, 6<<10)) // 30 KiB a second
				time.Sleep(200 * time.Millisecond)
			}
			_ = w.Close()
		}()
		if res, err := http.Post("http://"+addr+"/take", "text/plain", r); err == nil {
			_ = res.Body.Close()
			status.Store(int32(res.StatusCode))
		}
	})
	res, err := http.Get("http://" + addr + large)
	require.NoError(t, err)
	for range 40 {
		_, err = io.CopyN(io.Discard, res.Body, 30<<10)
		require.NoError(t, err)
		time.Sleep(200 * time.Millisecond)
	}
	_, err = io.Copy(io.Discard, res.Body)
	require.NoError(t, err)
	_ = res.Body.Close()
	wg.Wait()
	require.EqualValues(t, 200, status.Load())
}

func TestHeadersHaveASize(t *testing.T) {
	addr, small, _ := listen(t, 64)
	for size, want := range map[int]int{8 << 10: 200, 15 << 10: 200, 40 << 10: 431, 1 << 20: 431} {
		req, err := http.NewRequest(http.MethodGet, "http://"+addr+small, nil)
		require.NoError(t, err)
		req.Header.Set("X-Long", strings.Repeat("a", size))
		res, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
		if err != nil {
			require.NotEqual(t, 200, want, "%d bytes: %v", size, err)
			continue // refused while it was still being sent
		}
		_ = res.Body.Close()
		require.Equal(t, want, res.StatusCode, "%d bytes", size)
	}
}

// A flood from one address takes no place from others, and one from all addresses ends at a total.
func TestFloods(t *testing.T) {
	addr, small, _ := listen(t, 8)
	for i := range 300 {
		d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 2, 1)}}
		c, err := d.Dial("tcp", addr)
		if err != nil {
			continue
		}
		t.Cleanup(func() { _ = c.Close() })
		_, _ = fmt.Fprintf(c, "GET %s HTTP/1.1\r\nX-%d: ", small, i)
	}
	require.Less(t, p95(t, "http://"+addr+small, 50), time.Second)
}
