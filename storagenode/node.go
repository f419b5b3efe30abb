package storagenode

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ipfs/go-cid"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/nodeclient"
	"github.com/streamchain/streamchain/storagenode/admit"
	"github.com/streamchain/streamchain/storagenode/blob"
	"github.com/streamchain/streamchain/storagenode/catalog"
	"github.com/streamchain/streamchain/storagenode/deals"
	"github.com/streamchain/streamchain/storagenode/denylist"
	"github.com/streamchain/streamchain/storagenode/drain"
	"github.com/streamchain/streamchain/storagenode/keys"
	"github.com/streamchain/streamchain/storagenode/ledger"
	"github.com/streamchain/streamchain/storagenode/outboard"
	"github.com/streamchain/streamchain/storagenode/prove"
	"github.com/streamchain/streamchain/storagenode/repair"
	"github.com/streamchain/streamchain/storagenode/serve"
	"github.com/streamchain/streamchain/storagenode/sessions"
	"github.com/streamchain/streamchain/storagenode/settle"
	"github.com/streamchain/streamchain/storagenode/upload"
	"github.com/streamchain/streamchain/storagenode/uses"
	"github.com/streamchain/streamchain/storagenode/wire"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
)

// Backend is all that a node asks of the chain. Chain is the real one.
type Backend interface {
	admit.Chain
	sessions.Chain
	settle.Chain
	deals.Chain
	upload.Chain
	prove.Chain
	repair.Chain
	drain.Chain
	keys.Chain
	uses.Chain

	ChainID() string
	Height() int64
	// Agent is the address that signs, PubKey its compressed key, Sign signs as it does transactions.
	Agent() string
	PubKey() []byte
	Sign(msg []byte) ([]byte, error)
	// Follow calls changed whenever a deal of this provider or a key set may have changed, or a period has opened, and closing whenever a lane
	// was closed, until ctx ends.
	Follow(ctx context.Context, changed func(), closing func(*streamtypes.EventLaneClosing)) error
}

// Node is a storage node. Its steps may be called at any time; Run calls them.
type Node struct {
	cfg    Config
	chain  Backend
	log    *slog.Logger
	id     admit.Node
	reader *admit.Reader

	disk     *blob.Disk
	catalog  *catalog.Catalog
	ledger   *ledger.Ledger
	trees    *outboard.Store
	seeds    *prove.Seeds
	uploads  *upload.Server
	deals    *deals.Keeper
	prover   *prove.Prover
	room     *blob.Room
	lists    *denylist.Lists
	denied   *denylist.Guard
	drainer  *drain.Drainer
	repairer *repair.Repairer
	settler  *settle.Settler
	lanes    *sessions.Lanes
	holding  holding
	using    using
	metrics  *metrics
	handler  http.Handler

	syncNow, settleNow, proveNow, repairNow, keysNow chan struct{}
	broken                                           chan cid.Cid
	damaged                                          chan string
	stopping                                         atomic.Bool
}

// New opens what lies in cfg.Home, which no other node may have open. Close it, or Run it.
func New(ctx context.Context, cfg Config, chain Backend, log *slog.Logger) (*Node, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	operator, err := sdk.AccAddressFromBech32(cfg.Identity.Operator)
	if err != nil {
		return nil, err
	}
	if id := chain.ChainID(); cfg.Chain.ID != "" && cfg.Chain.ID != id {
		return nil, fmt.Errorf("%w: chain.id: %s, but the chain says %s", ErrConfig, cfg.Chain.ID, id)
	}
	n := &Node{
		cfg: cfg, chain: chain, log: log, reader: admit.NewReader(chain),
		id:      admit.Node{ChainID: chain.ChainID(), Operator: cfg.Identity.Operator, Bytes: operator},
		syncNow: make(chan struct{}, 1), settleNow: make(chan struct{}, 1), proveNow: make(chan struct{}, 1), repairNow: make(chan struct{}, 1), keysNow: make(chan struct{}, 1), broken: make(chan cid.Cid, 64), damaged: make(chan string, 64),
	}
	if err := n.open(ctx); err != nil {
		return nil, errors.Join(err, n.Close())
	}
	n.assemble()
	return n, nil
}

// open opens the stores; the catalog's lock comes first, so that two nodes never share a ledger.
func (n *Node) open(ctx context.Context) (err error) {
	data := filepath.Join(n.cfg.Home, "data")
	for _, dir := range []string{data, n.path("fetching")} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
	}
	if n.catalog, err = catalog.Open(data); err != nil {
		return err
	}
	if err := clearFetching(n.path("fetching")); err != nil {
		return err
	}
	if n.disk, err = blob.OpenDisk(n.path("blocks"), uint64(n.cfg.Storage.Capacity)); err != nil {
		return err
	}
	if err := n.openOperator(); err != nil {
		return err
	}
	if err := n.openKeys(); err != nil {
		return err
	}
	if n.trees, err = outboard.Open(n.path("pieces")); err != nil {
		return err
	}
	if n.seeds, err = prove.OpenSeeds(n.path("beacon.seed"), n.id.ChainID, n.id.Bytes); err != nil {
		return err
	}
	params, err := n.chain.StreamParams(ctx)
	if err != nil {
		return fmt.Errorf("parameters of x/stream: %w", err)
	}
	if n.ledger, err = ledger.Open(n.path("ledger"), params.ServeMarginSeconds); err != nil {
		return err
	}
	return n.openUses()
}

func (n *Node) path(name string) string { return filepath.Join(n.cfg.Home, "data", name) }

// assemble puts the parts together.
func (n *Node) assemble() {
	blocks := blob.NewCache(n.disk, int(n.cfg.Storage.Cache))
	n.metrics = newMetrics(n)
	n.lanes = sessions.NewLanes(n.id, n.reader, n.chain, n.ledger)
	n.settler = &settle.Settler{Chain: n.chain, Ledger: n.ledger, Min: n.cfg.Payment.SettleAtLeast, Idle: n.cfg.Payment.SessionIdle.Duration, Linger: n.cfg.Payment.LaneLinger.Duration}
	n.deals = &deals.Keeper{
		Node: n.id, Chain: n.chain, Blocks: blocks, Catalog: n.catalog, Trees: n.trees, Dir: n.path("fetching"), Wait: n.cfg.Deals.UploadWait.Duration,
		HTTP: nodeclient.NewHTTP(n.cfg.HTTP.AllowPrivatePeers), Sign: n.replica,
		Room: n.room, Denied: n.denied, Closed: n.drainer.Draining, Hold: n.drainer.Hold,
	}
	n.repairer = n.newRepairer()
	n.assembleKeys()
	n.prover = &prove.Prover{Chain: n.chain, Catalog: n.catalog, Disk: n.disk, Trees: n.trees, Keeper: n.deals, Seeds: n.seeds, Damaged: n.whole}
	n.uploads = &upload.Server{
		Node: n.id, Chain: n.chain, Blocks: blocks, Catalog: n.catalog, Dir: n.path("uploads"), Max: uint64(n.cfg.Storage.MaxUpload), Done: func() { poke(n.syncNow) },
		Room: n.room, Denied: n.denied, Closed: n.drainer.Draining,
	}
	content := &serve.Server{
		Blocks: blocks, Catalog: n.catalog, Gate: n.usesGate(&admit.Gate{Node: n.id, Reader: n.reader, Ledger: n.ledger}),
		Denied: n.denied, Corrupt: n.corrupt, Sent: func(bytes int) { n.metrics.sent.Add(float64(bytes)) },
	}
	mux := http.NewServeMux()
	mux.Handle("/ipfs/", content)
	mux.Handle("/v1/uploads/{piece}", n.uploads)
	(&sessions.Server{Lanes: n.lanes, Uses: n.using.book, Denied: n.sessionDenied, Closed: func() { poke(n.settleNow) }}).Register(mux)
	mux.Handle("/v1/keys", n.holding.server)
	mux.HandleFunc("GET /v1/info", n.info)
	mux.HandleFunc("GET /v1/health", n.health)
	mux.Handle("GET /metrics", n.metrics.handler())
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		wire.NewProblem(http.StatusNotFound, wire.NotFound, "nothing is at %.100s", r.URL.Path).Write(w)
	})
	n.handler = n.metrics.count(mux)
}

func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// replica signs a request to another node.
func (n *Node) replica(server []byte, work [32]byte) (wire.Replica, error) {
	r := wire.Replica{Requester: n.id.Bytes, Work: work, Expires: time.Now().Unix() + wire.MaxProofSeconds, PubKey: n.chain.PubKey()}
	sig, err := n.chain.Sign(r.SignBytes(n.id.ChainID, server))
	r.Signature = sig
	return r, err
}

// Handler answers all requests.
func (n *Node) Handler() http.Handler { return n.handler }

// SyncDeals makes what the node keeps agree with its deals.
func (n *Node) SyncDeals(ctx context.Context) (deals.Report, error) {
	r, err := n.deals.Sync(ctx)
	if r.Accepted+r.Ended+r.Removed+r.Refused > 0 {
		n.log.Info("deals", "accepted", r.Accepted, "ended", r.Ended, "removed", r.Removed, "refused", r.Refused, "kept", r.Kept, "waiting", r.Waiting)
	}
	return r, n.stepped("deals", err)
}

// Settle settles sessions and closes lanes that are over.
func (n *Node) Settle(ctx context.Context) (settle.Report, error) {
	r, err := n.settler.Step(ctx)
	n.metrics.settled.Add(float64(r.Paid))
	if r != (settle.Report{}) {
		n.log.Info("settled", "sessions", r.Settled, "paid", r.Paid, "refused", r.Refused, "closed_lanes", r.Closed, "lost", r.Lost)
	}
	return r, n.stepped("settle", err)
}

// Sweep removes uploads that nobody finished or made a deal of, and takes up changed parameters.
func (n *Node) Sweep(ctx context.Context) error {
	err := n.uploads.Sweep(ctx, time.Now())
	if p, perr := n.reader.Params(ctx); perr == nil {
		n.ledger.SetMargin(p.ServeMarginSeconds)
	}
	return n.stepped("sweep", err)
}

func (n *Node) stepped(name string, err error) error {
	if err != nil && !errors.Is(err, context.Canceled) {
		n.metrics.failed.WithLabelValues(name).Inc()
		n.log.Warn("a step failed; it is repeated", "step", name, "err", err)
	}
	return err
}

// every calls f now and then: at each poke, and at least every period.
func every(ctx context.Context, period time.Duration, now <-chan struct{}, f func()) {
	for {
		f()
		select {
		case <-ctx.Done():
			return
		case <-now:
		case <-time.After(period):
		}
	}
}

// sweepEvery is how often the node tidies up.
const sweepEvery = 5 * time.Minute

// Run serves on cfg.HTTP.Listen and does all steps until ctx ends; then it settles once more and closes. ready, which
// may be nil, is told the address.
func (n *Node) Run(ctx context.Context, ready func(net.Addr)) error {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", n.cfg.HTTP.Listen)
	if err != nil {
		return errors.Join(err, n.Close())
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	srv := serve.NewHTTPServer(n.handler)
	failed := make(chan error, 1)
	var wg sync.WaitGroup
	wg.Go(func() { failed <- srv.Serve(serve.Limit(l, n.cfg.HTTP.ConnectionsPerClient)) })
	wg.Go(func() { n.lanes.Run(ctx) })
	wg.Go(func() { n.follow(ctx) })
	wg.Go(func() {
		every(ctx, n.cfg.Deals.SyncEvery.Duration, n.syncNow, func() { _, _ = n.SyncDeals(ctx) })
	})
	wg.Go(func() {
		every(ctx, n.cfg.Payment.SettleEvery.Duration, n.settleNow, func() { _, _ = n.Settle(ctx); _, _ = n.ReportUse(ctx) })
	})
	wg.Go(func() { n.proving(ctx) })
	wg.Go(func() { every(ctx, sweepEvery, nil, func() { _ = n.Sweep(ctx) }) })
	wg.Go(func() { n.mending(ctx) })
	wg.Go(func() {
		every(ctx, keysEvery, n.keysNow, func() {
			if n.HoldKeys(ctx) != nil {
				time.AfterFunc(keysRetry, func() { poke(n.keysNow) })
			}
		})
	})
	n.operate(ctx, &wg)
	if ready != nil {
		ready(l.Addr())
	}
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	n.stopping.Store(true)
	cancel()
	return errors.Join(err, n.stop(srv, &wg))
}

// stop ends what Run began, in the order that loses nothing: requests, steps, a last settlement, stores.
func (n *Node) stop(srv *http.Server, wg *sync.WaitGroup) error {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	graceful, done := context.WithTimeout(ctx, 5*time.Second)
	defer done()
	if err := srv.Shutdown(graceful); err != nil {
		_ = srv.Close()
	}
	wg.Wait()
	// what is not settled now is settled after the next start, as long as the lanes live
	_, _ = n.Settle(ctx)
	_, _ = n.ReportUse(ctx)
	return n.Close()
}

func (n *Node) follow(ctx context.Context) {
	for ctx.Err() == nil {
		err := n.chain.Follow(ctx, func() { poke(n.syncNow); poke(n.proveNow); poke(n.repairNow); poke(n.keysNow) }, n.laneClosing)
		if ctx.Err() == nil {
			_ = n.stepped("follow", err)
			time.Sleep(time.Second)
		}
	}
}

// Close closes the stores.
func (n *Node) Close() error {
	var err error
	if n.ledger != nil {
		err = n.ledger.Close()
	}
	if n.using.book != nil {
		err = errors.Join(err, n.using.book.Ledger.Close())
	}
	if n.disk != nil {
		err = errors.Join(err, n.disk.Close())
	}
	if n.catalog != nil {
		err = errors.Join(err, n.catalog.Close())
	}
	return err
}
