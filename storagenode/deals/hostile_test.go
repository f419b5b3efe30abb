package deals_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ipfs/go-cid"
	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/nodeclient"
	"github.com/streamchain/streamchain/storagenode/catalog"
	"github.com/streamchain/streamchain/storagenode/dag/dagtest"
	"github.com/streamchain/streamchain/storagenode/deals"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
)

// lured is a node that looks for a work whose only other keeper is hostile, at endpoints.
func lured(t *testing.T, allowPrivate bool, endpoints ...string) (n *node, e catalog.Entry, car []byte) {
	t.Helper()
	n = newNode(t, "op")
	n.HTTP = nodeclient.NewHTTP(allowPrivate)
	var w contenttypes.Work
	w, car = publish(dagtest.New(t), 1, n)
	hostile := newNode(t, "hostile")
	ask(w, storagetypes.DEAL_STATUS_ACTIVE, hostile, n)
	p := n.chain.Providers[hostile.Node.Operator]
	p.Endpoints = endpoints
	n.chain.Providers[hostile.Node.Operator] = p
	return n, catalog.Entry{ID: w.Cid, Live: true, Work: w.Cid, Root: w.Root, Creator: w.Creator, Media: w.Media, Cover: w.Cover, Piece: w.PieceRoot, PieceSize: w.PieceSize}, car
}

// clean says that a failed fetch left nothing.
func (n *node) clean(t *testing.T) {
	t.Helper()
	require.Zero(t, n.store.Used())
	left, err := os.ReadDir(n.Dir)
	require.NoError(t, err)
	require.Empty(t, left)
}

// A provider's endpoint, however it got onto the chain, makes no node connect to anything inside its own network.
func TestPeersInsideAreNotAsked(t *testing.T) {
	l, err := net.Listen("tcp", ":0")
	require.NoError(t, err)
	defer l.Close()
	var came atomic.Int32
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			came.Add(1)
			_ = c.Close()
		}
	}()
	_, port, err := net.SplitHostPort(l.Addr().String())
	require.NoError(t, err)
	var endpoints []string
	for _, h := range []string{
		"localhost", "LOCALHOST", "localhost.", "127.0.0.1", "127.1", "127.0.0.1.", "0.0.0.0", "0", "2130706433", "0x7f000001", "017700000001", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::127.0.0.1]",
		"[64:ff9b::127.0.0.1]", "[2002:7f00:1::]", "[fe80::1%25lo]", "[::1%25lo]", "169.254.169.254", "10.0.0.1", "192.168.0.1", "172.16.0.1", "100.64.0.1", "127.255.255.254",
	} {
		endpoints = append(endpoints, "http://"+h+":"+port, "http://"+h+":"+port+"/", "http://x@"+h+":"+port, "http://"+h+":"+port+"#", "http://"+h+":"+port+"?q=", "https://"+h+":"+port)
	}
	n, e, car := lured(t, false, endpoints...)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	require.ErrorIs(t, n.Fetch(ctx, e), deals.ErrNobody)
	n.clean(t)

	n.bring(t, contenttypes.Work{Cid: e.ID, Media: e.Media, Cover: e.Cover, PieceRoot: e.Piece, PieceSize: e.PieceSize}, car, e.Creator)
	n.sync(t)
	media, err := cid.Decode(e.Media)
	require.NoError(t, err)
	require.Error(t, n.Repair(ctx, media))
	require.Zero(t, came.Load())
}

// Peers that drip, lie, never end or send elsewhere are given up in time; nothing of theirs stays.
func TestHostilePeers(t *testing.T) {
	var came atomic.Int32
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { came.Add(1) }))
	t.Cleanup(inside.Close)
	_, _, car := lured(t, true)
	for name, answer := range map[string]http.HandlerFunc{
		"drips": func(w http.ResponseWriter, r *http.Request) {
			for i := 0; r.Context().Err() == nil; i++ {
				_, _ = w.Write(car[i%len(car) : i%len(car)+1])
				_ = http.NewResponseController(w).Flush()
				time.Sleep(20 * time.Millisecond)
			}
		},
		"never ends": func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				_, _ = w.Write(make([]byte, 64<<10))
			}
		},
		"lies": func(w http.ResponseWriter, _ *http.Request) {
			bad := bytes.Clone(car)
			bad[len(bad)/2] ^= 1
			_, _ = w.Write(bad)
		},
		"sends elsewhere": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, inside.URL+r.URL.Path, http.StatusTemporaryRedirect)
		},
		"is rude": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusInternalServerError)
			_, _ = io.CopyN(w, zeros{}, 1<<30)
		},
		"is no CAR": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") },
		"is empty":  func(http.ResponseWriter, *http.Request) {},
		"packs a bomb": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			_, _ = io.CopyN(z, zeros{}, 256<<20)
			_ = z.Close()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			peer := httptest.NewServer(answer)
			t.Cleanup(peer.Close)
			n, e, _ := lured(t, true, peer.URL)
			start := time.Now()
			err := n.Fetch(t.Context(), e)
			require.ErrorIs(t, err, deals.ErrNobody)
			require.ErrorContains(t, err, peer.URL, "the source is named")
			require.Less(t, time.Since(start), 20*time.Second)
			n.clean(t)
		})
	}
	t.Cleanup(func() { require.Zero(t, came.Load()) })
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }
