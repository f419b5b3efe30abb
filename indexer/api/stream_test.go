package api_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/indexer/api"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
)

// listen reads events of a stream until it has as many as wanted or ctx ends, then hangs up.
func (w *world) listen(ctx context.Context, query, last string, want int, each func(id string)) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, w.url+"/api/v1/events/stream"+query, nil)
	if err != nil {
		return err
	}
	if last != "" {
		req.Header.Set("Last-Event-ID", last)
	}
	req.Header.Set("Accept-Encoding", "gzip")
	res, err := transport.RoundTrip(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if ct := res.Header.Get("Content-Type"); res.StatusCode != http.StatusOK || ct != "text/event-stream" || res.Header.Get("Content-Encoding") != "" {
		return fmt.Errorf("status %d, %s", res.StatusCode, ct)
	}
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 1<<20)
	for n := 0; n < want && lines.Scan(); {
		if id, ok := strings.CutPrefix(lines.Text(), "id: "); ok {
			each(id)
			n++
		}
	}
	return nil
}

// eventIDs are all after one.
func (w *world) eventIDs(after string) (ids []string) {
	w.Helper()
	if after != "" {
		after = "&after=" + after
	}
	for {
		var page struct{ Items []struct{ ID string } }
		w.json("/api/v1/events?limit=100"+after, &page)
		for _, e := range page.Items {
			ids = append(ids, e.ID)
		}
		if len(page.Items) < 100 {
			return ids
		}
		after = "&after=" + ids[len(ids)-1]
	}
}

// A reader that is cut off again and again while blocks come reads every event once and in order.
func TestStreamResumes(t *testing.T) {
	w := newTown(t)
	start := w.eventIDs("")
	last := start[len(start)-1]
	const blocks, each = 40, 4
	var wait sync.WaitGroup
	wait.Go(func() {
		for i := range blocks {
			for range each {
				w.tx(nil, paid(revenuetypes.RAIL_TIP, w.film, "alice", "viewer", int64(10_000*(1+i))))
			}
			w.tx(nil, paid(revenuetypes.RAIL_METERED, w.film, "alice", "viewer", 10_000)) // not told
			w.commit()
			time.Sleep(time.Duration(i%5) * time.Millisecond)
		}
	})
	var got []string
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for n := 1; len(got) < blocks*each; n++ {
		require.NoError(t, ctx.Err(), "%d of %d events", len(got), blocks*each)
		require.NoError(t, w.listen(ctx, "", last, min(1+n%7, blocks*each-len(got)), func(id string) { got, last = append(got, id), id }))
	}
	wait.Wait()
	require.Equal(t, w.eventIDs(start[len(start)-1]), got)

	// and so does one that reads all at once, more than the index reads at a time
	var many []proto.Message
	for range 450 {
		many = append(many, paid(revenuetypes.RAIL_TIP, w.film, "alice", "viewer", 10_000))
	}
	w.tx(nil, many...)
	w.commit()
	all := w.eventIDs("")
	got = nil
	require.NoError(t, w.listen(ctx, "", "0.0", len(all), func(id string) { got = append(got, id) }))
	require.Equal(t, all, got)
}

// Who gives no id hears what comes from now on, and only the types that were asked for.
func TestStreamFromNow(t *testing.T) {
	w := newTown(t)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	ids, done := make(chan string, 10), make(chan error, 1)
	go func() {
		done <- w.listen(ctx, "?type=streamchain.content.v1.EventWorkPublished&type=streamchain.content.v1.EventCreatorRegistered", "", 2, func(id string) { ids <- id })
	}()
	time.Sleep(300 * time.Millisecond) // connected
	w.tx(nil, paid(revenuetypes.RAIL_TIP, w.film, "alice", "viewer", 10_000))
	w.commit()
	w.publish(work{by: "alice", title: "One more"})
	w.commit()
	w.register("dave")
	w.commit()
	require.NoError(t, <-done)
	require.Equal(t, []string{fmt.Sprintf("%d.1", w.height-1), fmt.Sprintf("%d.1", w.height)}, []string{<-ids, <-ids})
}

// A reader that reads nothing is dropped, and holds nobody up meanwhile.
func TestSlowReaderIsDropped(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for a deadline")
	}
	w := newTown(t)
	for range 300 {
		for range 40 {
			w.tx(nil, paid(revenuetypes.RAIL_TIP, w.film, "alice", "viewer", 10_000))
		}
	}
	w.commit()
	closed := make(chan struct{}, 1)
	srv := httptest.NewUnstartedServer(w.api.Handler())
	srv.Config.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
		assert.NoError(t, c.(*net.TCPConn).SetWriteBuffer(4096)) // the kernel takes little
		return ctx
	}
	srv.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateClosed {
			closed <- struct{}{}
		}
	}
	srv.Start()
	defer srv.Close()
	conn, err := net.Dial("tcp", srv.Listener.Addr().String())
	require.NoError(t, err)
	defer conn.Close()
	_, err = fmt.Fprintf(conn, "GET /api/v1/events/stream HTTP/1.1\r\nHost: x\r\nLast-Event-ID: 0.0\r\n\r\n")
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, w.get("/api/v1/status").status, "others are answered meanwhile")
	select {
	case <-closed:
	case <-time.After(3 * api.SlowReader):
		require.Fail(t, "the connection is still open")
	}
}

// One address has so many streams at a time; one that ends makes room.
func TestStreamsAreBounded(t *testing.T) {
	w := newTown(t)
	var open []*http.Response
	for range api.StreamsOf {
		res, err := transport.RoundTrip(request(t, w.url+"/api/v1/events/stream"))
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, res.StatusCode)
		open = append(open, res)
	}
	w.refused(w.get("/api/v1/events/stream"), http.StatusTooManyRequests, "too-many-streams")
	require.NoError(t, open[0].Body.Close())
	require.Eventually(t, func() bool {
		res, err := transport.RoundTrip(request(t, w.url+"/api/v1/events/stream"))
		require.NoError(t, err)
		open = append(open, res)
		return res.StatusCode == http.StatusOK
	}, 5*time.Second, 20*time.Millisecond)
	for _, res := range open[1:] {
		require.NoError(t, res.Body.Close())
	}
}

func request(t *testing.T, url string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	require.NoError(t, err)
	return r
}
