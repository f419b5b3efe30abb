package planet

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/streamchain/streamchain/chainclient"
	"github.com/streamchain/streamchain/storagenode"
	"github.com/streamchain/streamchain/storagenode/ledger"
	"github.com/streamchain/streamchain/storagenode/serve"
	"github.com/streamchain/streamchain/storagenode/uses"
	"github.com/streamchain/streamchain/storagenode/wire"
	"github.com/streamchain/streamchain/token"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
)

// NodePrice is what node 0 asks for a GiB and day, in ustream; each next one asks one more.
const NodePrice = 1000

// nodeCapacity is what a node offers, in bytes.
const nodeCapacity = 256 << 20

// Node is a storage node that can be killed, restarted and made to lie.
type Node struct {
	Operator string // the name of the account; so is Agent
	Agent    string
	URL      string
	// Lie, where it is set, gets each request in place of the node, whose own handler is honest.
	Lie atomic.Pointer[func(honest http.Handler, w http.ResponseWriter, r *http.Request)]

	chain   *Chain
	cfg     storagenode.Config
	node    *storagenode.Node // nil while it is down
	front   *http.Server
	backend *backend
	cancel  context.CancelFunc
	done    chan error
	client  *chainclient.Client
}

// errDead is what the chain says to a node that was killed.
var errDead = errors.New("the node was killed")

// backend is the chain of a node. Once the node is dead it moves no coins: a process that is killed does not settle.
type backend struct {
	*storagenode.Chain
	dead atomic.Bool
}

// Settle implements storagenode.Backend.
func (b *backend) Settle(ctx context.Context, items []streamtypes.Settlement) ([]streamtypes.ItemResult, error) {
	if b.dead.Load() {
		return nil, errDead
	}
	return b.Chain.Settle(ctx, items)
}

// CloseLanes implements storagenode.Backend.
func (b *backend) CloseLanes(ctx context.Context, lanes []ledger.LaneID) error {
	if b.dead.Load() {
		return errDead
	}
	return b.Chain.CloseLanes(ctx, lanes)
}

// ReportUse implements storagenode.Backend.
func (b *backend) ReportUse(ctx context.Context, items []streamtypes.Settlement) ([]streamtypes.UseResult, error) {
	if b.dead.Load() {
		return nil, errDead
	}
	return b.Chain.ReportUse(ctx, items)
}

// newNode registers node i and starts it.
func (p *Planet) newNode(i int) *Node {
	p.T.Helper()
	addr, price := freeAddress(p.T), NodePrice+int64(i)
	n := &Node{Operator: operatorName(i), Agent: agentName(i), URL: "http://" + addr, chain: p.Chain}
	c := storagenode.DefaultConfig()
	c.Home, c.Chain.ID, c.Chain.GRPC, c.Chain.RPC = p.T.TempDir(), ChainID, p.Chain.GRPC, p.Chain.RPC
	c.Identity.Operator, c.Offer.Endpoint, c.Offer.Price = p.Addr(n.Operator), n.URL, token.Coin(NodePrice).String()
	c.Storage.Capacity, c.Storage.MaxUpload = nodeCapacity, nodeCapacity/2
	// the front listens where the chain says; nobody knows of the node's own port
	c.HTTP.Listen, c.HTTP.AllowPrivatePeers, c.HTTP.ConnectionsPerClient = "127.0.0.1:0", true, 512
	// Planet.Settle settles, not the clock
	c.Payment.SettleEvery.Duration, c.Payment.SettleAtLeast, c.Payment.LaneLinger.Duration = time.Hour, 1, 0
	c.Payment.SessionIdle.Duration = 3 * time.Second
	c.Deals.SyncEvery.Duration, c.Deals.UploadWait.Duration = 500*time.Millisecond, 10*time.Second
	c.Repair.Spread.Duration = 2 * time.Second
	c.Serving.ReportAtLeast, c.Serving.UnpaidRate = 1, storagenode.Size(p.cfg.UnpaidRate)
	n.cfg = c
	n.Start(p.T)
	p.T.Cleanup(func() { n.Stop(p.T) })
	p.Send(n.Operator, &storagetypes.MsgRegisterProvider{
		Operator: p.Addr(n.Operator), Agent: p.Addr(n.Agent), Endpoints: []string{n.URL}, Region: "planet", CapacityBytes: nodeCapacity,
		PricePerGibDay: math.NewInt(price), Bond: math.NewInt(storagetypes.LeastMinBond),
	})
	// it would offer to hold keys when it looks next, half a minute from now
	require.NoError(p.T, n.node.HoldKeys(p.T.Context()))
	return n
}

// Start starts a node that is down, on its home as it is.
func (n *Node) Start(t testing.TB) {
	t.Helper()
	require.Nil(t, n.node, "the node runs already")
	ctx, cancel := context.WithCancel(context.Background())
	var err error
	n.client, err = chainclient.Dial(ctx, n.chain.clientConfig())
	require.NoError(t, err)
	chain, err := storagenode.NewChain(ctx, n.client, chainclient.KeySigner(key(n.Agent)), n.cfg.Identity.Operator)
	require.NoError(t, err)
	n.backend = &backend{Chain: chain}
	n.node, err = storagenode.New(ctx, n.cfg, n.backend, slog.New(slog.NewTextHandler(io.Discard, nil)))
	require.NoError(t, err)
	n.cancel, n.done = cancel, make(chan error, 1)
	ready := make(chan struct{})
	go func() { n.done <- n.node.Run(ctx, func(net.Addr) { close(ready) }) }()
	<-ready
	n.serve(t, n.node.Handler())
}

// serve opens the front.
func (n *Node) serve(t testing.TB, honest http.Handler) {
	t.Helper()
	l := listen(t, strings.TrimPrefix(n.URL, "http://"))
	n.front = serve.NewHTTPServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if lie := n.Lie.Load(); lie != nil {
			(*lie)(honest, w, r)
			return
		}
		honest.ServeHTTP(w, r)
	}))
	go func(s *http.Server) { _ = s.Serve(l) }(n.front) // ends when the server is closed
}

// Kill cuts every connection and ends the node without a last settlement. What it has written stays.
func (n *Node) Kill(t testing.TB) {
	t.Helper()
	n.backend.dead.Store(true)
	n.Stop(t)
}

// Stop ends the node as a signal would: it settles once more. Stopping what is down does nothing.
func (n *Node) Stop(t testing.TB) {
	t.Helper()
	if n.node == nil {
		return
	}
	require.NoError(t, n.front.Close())
	n.cancel()
	require.NoError(t, <-n.done)
	require.NoError(t, n.client.Close())
	n.node = nil
}

// Settle settles sessions that have ended and closes lanes that are over.
func (n *Node) Settle(t testing.TB) {
	t.Helper()
	if n.node == nil {
		return
	}
	_, err := n.node.Settle(t.Context())
	require.NoError(t, err)
}

// ReportUse reports what viewers watched without paying by the tick, and returns what did not get there yet.
func (n *Node) ReportUse(t testing.TB) uses.Report {
	t.Helper()
	r, err := n.node.ReportUse(t.Context())
	require.NoError(t, err)
	return r
}

// FlipBits makes the node answer requests for content with one bit changed in the last block.
func (n *Node) FlipBits() {
	lie := func(honest http.Handler, w http.ResponseWriter, r *http.Request) {
		rec := httptest.NewRecorder()
		honest.ServeHTTP(rec, r)
		body := rec.Body.Bytes()
		if strings.HasPrefix(r.URL.Path, "/ipfs/") && rec.Code == http.StatusOK && len(body) > 0 {
			body[len(body)-1] ^= 1
		}
		for k, v := range rec.Header() {
			w.Header()[k] = v
		}
		w.WriteHeader(rec.Code)
		_, _ = w.Write(body) // the client may be gone
	}
	n.Lie.Store(&lie)
}

// StallMidway makes the node send half of what it is paid for, and then nothing.
func (n *Node) StallMidway() {
	n.stall(func(r *http.Request) bool { return r.Header.Get(wire.HeaderPay) != "" })
}

// Stall makes the node send half of whatever content it is asked for, and then nothing.
func (n *Node) Stall() {
	n.stall(func(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/ipfs/") })
}

func (n *Node) stall(when func(*http.Request) bool) {
	lie := func(honest http.Handler, w http.ResponseWriter, r *http.Request) {
		if !when(r) {
			honest.ServeHTTP(w, r)
			return
		}
		rec := httptest.NewRecorder()
		honest.ServeHTTP(rec, r)
		for k, v := range rec.Header() {
			w.Header()[k] = v
		}
		w.WriteHeader(rec.Code)
		_, _ = w.Write(rec.Body.Bytes()[:rec.Body.Len()/2]) // the client may be gone
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}
	n.Lie.Store(&lie)
}

// AskFor makes the node refuse all that is paid, and say that so many ticks are due.
func (n *Node) AskFor(due uint32) {
	lie := func(honest http.Handler, w http.ResponseWriter, r *http.Request) {
		if r.Header.Get(wire.HeaderPay) == "" {
			honest.ServeHTTP(w, r)
			return
		}
		p := wire.NewProblem(http.StatusPaymentRequired, wire.PaymentRequired, "pay more")
		p.Terms = &wire.Terms{Due: due, Used: due - 1, Paid: due - 1}
		p.Write(w)
	}
	n.Lie.Store(&lie)
}

// Rot changes a bit of every block on the node's disk that is larger than least, and returns how many those are.
func (n *Node) Rot(t testing.TB, least int64) (blocks int) {
	t.Helper()
	require.NoError(t, filepath.Walk(filepath.Join(n.cfg.Home, "data", "blocks"), func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() || !strings.HasSuffix(path, ".data") || info.Size() <= least {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		data[len(data)/2] ^= 1
		blocks++
		return os.WriteFile(path, data, 0o600)
	}))
	return blocks
}

// Fill makes the node answer uploads as one whose disk has just become full.
func (n *Node) Fill() {
	lie := func(honest http.Handler, w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/v1/uploads/") {
			wire.NewProblem(http.StatusInsufficientStorage, wire.DiskFull, "the disk is full").Write(w)
			return
		}
		honest.ServeHTTP(w, r)
	}
	n.Lie.Store(&lie)
}
