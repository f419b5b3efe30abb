package nodeclient_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ipfs/go-cid"
	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/nodeclient"
	"github.com/streamchain/streamchain/storagenode/dag/dagtest"
	"github.com/streamchain/streamchain/storagenode/wire"
)

// manner is how a fake node answers; n counts its requests from one. It returns true when it has answered.
type manner func(n int32, w http.ResponseWriter, r *http.Request, data []byte) bool

// fake is a node that serves raw blocks in its manner.
type fake struct {
	name  string
	asked atomic.Int32
	how   atomic.Pointer[manner]
	srv   *httptest.Server
}

func newFake(t testing.TB, b dagtest.Builder, name string, how manner) *fake {
	t.Helper()
	f := &fake{name: name}
	f.behave(how)
	f.srv = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := f.asked.Add(1)
		id, err := cid.Decode(strings.TrimPrefix(r.URL.Path, "/ipfs/"))
		if err != nil || r.URL.Query().Get("format") != "raw" {
			wire.NewProblem(http.StatusBadRequest, wire.BadCID, "%s", r.URL).Write(w)
			return
		}
		data, err := b.Store.Get(context.Background(), id)
		if err != nil {
			wire.NewProblem(http.StatusNotFound, wire.NotFound, "%s", id).Write(w)
			return
		}
		if how := f.how.Load(); *how != nil && (*how)(n, w, r, data) {
			return
		}
		_, _ = w.Write(data)
	}))
	t.Cleanup(f.srv.Close)
	return f
}

func (f *fake) behave(how manner) { f.how.Store(&how) }

func (f *fake) node() nodeclient.Node {
	return nodeclient.Node{Client: nodeclient.New(nodeclient.NewHTTP(true), f.srv.URL), Info: wire.Info{Operator: f.name}, RoundTrip: time.Millisecond}
}

// hang holds the request until its client is gone.
func hang(r *http.Request) { <-r.Context().Done() }

// stalls sends half of a block from the n-th request on, and then nothing.
func stalls(from int32) manner {
	return func(n int32, w http.ResponseWriter, r *http.Request, data []byte) bool {
		if n < from {
			return false
		}
		w.Header().Set("Content-Length", fmt.Sprint(len(data)))
		_, _ = w.Write(data[:len(data)/2])
		_ = http.NewResponseController(w).Flush()
		hang(r)
		return true
	}
}

// silent says nothing at all from the n-th request on.
func silent(from int32) manner {
	return func(n int32, _ http.ResponseWriter, r *http.Request, _ []byte) bool {
		if n >= from {
			hang(r)
		}
		return n >= from
	}
}

// lies flips a bit from the n-th request on.
func lies(from int32) manner {
	return func(n int32, w http.ResponseWriter, _ *http.Request, data []byte) bool {
		if n < from {
			return false
		}
		bad := bytes.Clone(data)
		bad[int(n)%len(bad)] ^= 1 << (n % 8)
		_, _ = w.Write(bad)
		return true
	}
}

// dies breaks the connection in the middle of a block from the n-th request on.
func dies(from int32) manner {
	return func(n int32, w http.ResponseWriter, _ *http.Request, data []byte) bool {
		if n < from {
			return false
		}
		w.Header().Set("Content-Length", fmt.Sprint(len(data)))
		_, _ = w.Write(data[:len(data)/2])
		panic(http.ErrAbortHandler)
	}
}

// paced sends so many bytes a second.
func paced(rate int) manner {
	return func(_ int32, w http.ResponseWriter, r *http.Request, data []byte) bool {
		w.Header().Set("Content-Length", fmt.Sprint(len(data)))
		step := max(rate/50, 1)
		for len(data) > 0 && r.Context().Err() == nil {
			n := min(step, len(data))
			if _, err := w.Write(data[:n]); err != nil {
				return true
			}
			_ = http.NewResponseController(w).Flush()
			data = data[n:]
			time.Sleep(20 * time.Millisecond)
		}
		return true
	}
}

func pool(nodes ...*fake) *nodeclient.Pool {
	p := nodeclient.NewPool(nil)
	for _, n := range nodes {
		p.Add(n.node())
	}
	return p
}

func statOf(t *testing.T, p *nodeclient.Pool, f *fake) nodeclient.Stat {
	t.Helper()
	for _, s := range p.Stats() {
		if s.Operator == f.name {
			return s
		}
	}
	require.Fail(t, "no stat of "+f.name)
	return nodeclient.Stat{}
}

// sink keeps what is written and the longest pause between two writes.
type sink struct {
	bytes.Buffer
	last time.Time
	gap  time.Duration
}

func newSink() *sink { return &sink{last: time.Now()} }

func (s *sink) Write(p []byte) (int, error) {
	s.gap = max(s.gap, time.Since(s.last))
	s.last = time.Now()
	return s.Buffer.Write(p)
}
