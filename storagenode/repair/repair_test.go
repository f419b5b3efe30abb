package repair_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/ipfs/go-cid"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/streamchain/streamchain/storagenode/admit"
	"github.com/streamchain/streamchain/storagenode/blob"
	"github.com/streamchain/streamchain/storagenode/catalog"
	"github.com/streamchain/streamchain/storagenode/dag"
	"github.com/streamchain/streamchain/storagenode/dag/dagtest"
	"github.com/streamchain/streamchain/storagenode/deals"
	"github.com/streamchain/streamchain/storagenode/denylist"
	"github.com/streamchain/streamchain/storagenode/ledger"
	"github.com/streamchain/streamchain/storagenode/nodetest"
	"github.com/streamchain/streamchain/storagenode/outboard"
	"github.com/streamchain/streamchain/storagenode/repair"
	"github.com/streamchain/streamchain/storagenode/serve"
	"github.com/streamchain/streamchain/storagenode/wire"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
)

const alice = "streamcreator1alice"

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

// seat is the chain as one of several providers sees it.
type seat struct {
	*nodetest.Chain
	all *sync.Mutex
	op  string
}

func (s seat) as(f func()) {
	s.all.Lock()
	defer s.all.Unlock()
	s.Mu.Lock()
	before := s.Operator
	s.Operator = s.op
	s.Mu.Unlock()
	defer func() {
		s.Mu.Lock()
		s.Operator = before
		s.Mu.Unlock()
	}()
	f()
}

func (s seat) Deals(ctx context.Context) (out []storagetypes.Deal, err error) {
	s.as(func() { out, err = s.Chain.Deals(ctx) })
	return out, err
}

func (s seat) RepairWork(ctx context.Context, work, operator string, root []byte, size uint64) (err error) {
	s.as(func() { err = s.Chain.RepairWork(ctx, work, operator, root, size) })
	return err
}

// world is a chain and its nodes.
type world struct {
	t     testing.TB
	chain *nodetest.Chain
	all   sync.Mutex
	nodes map[string]*node
}

type node struct {
	*deals.Keeper
	*repair.Repairer
	store blob.Store
	srv   *httptest.Server
	op    string
	lie   func(w http.ResponseWriter, r *http.Request) bool
}

// Fetch, Entry, Drop and Free implement repair.Store.
type store struct{ n *node }

func (s store) Fetch(ctx context.Context, e catalog.Entry) error { return s.n.Keeper.Fetch(ctx, e) }
func (s store) Entry(id string) (*catalog.Entry, bool)           { return s.n.Catalog.Get(id) }
func (s store) Check(ctx context.Context, e *catalog.Entry) error {
	return s.n.Keeper.BuildTree(ctx, e)
}
func (s store) Drop(ctx context.Context, id string) error {
	return s.n.Catalog.Drop(ctx, s.n.store, id)
}
func (s store) Free() uint64 { return s.n.store.Capacity() - s.n.store.Used() }

func newWorld(t testing.TB) *world {
	return &world{t: t, chain: nodetest.NewChain(nodetest.Address("nobody"), nodetest.Address("nobody")), nodes: map[string]*node{}}
}

// node adds a registered node in a region, in a network of its own.
func (w *world) node(name, region string) *node {
	w.t.Helper()
	return w.nodeOn(blob.NewMem(1<<20), name, region)
}

func (w *world) nodeOn(blocks blob.Store, name, region string) *node {
	t := w.t
	t.Helper()
	key, op := nodetest.Account(name)
	s := seat{w.chain, &w.all, op.String()}
	cat, err := catalog.Open(t.TempDir())
	require.NoError(t, err)
	l, err := ledger.Open(filepath.Join(t.TempDir(), "ledger"), 60)
	require.NoError(t, err)
	trees, err := outboard.Open(t.TempDir())
	require.NoError(t, err)
	n := &node{store: blocks, op: op.String()}
	id := admit.Node{ChainID: nodetest.ChainID, Operator: op.String(), Bytes: op}
	n.Keeper = &deals.Keeper{Node: id, Chain: s, Blocks: n.store, Catalog: cat, Trees: trees, HTTP: http.DefaultClient, Dir: t.TempDir(), Room: blob.NewRoom(n.store, nil),
		Sign: func(server []byte, work [32]byte) (wire.Replica, error) {
			r := wire.Replica{Requester: op, Work: work, Expires: time.Now().Unix() + 60, PubKey: key.PubKey().Bytes()}
			sig, err := key.Sign(r.SignBytes(nodetest.ChainID, server))
			r.Signature = sig
			return r, err
		}}
	n.Repairer = &repair.Repairer{Operator: n.op, Chain: s, Store: store{n}, Log: quiet, Parallel: 2, MaxPrice: 100}
	honest := serve.Common(&serve.Server{Blocks: n.store, Catalog: cat, Gate: &admit.Gate{Node: id, Reader: admit.NewReader(w.chain), Ledger: l}})
	n.srv = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if n.lie == nil || !n.lie(rw, r) {
			honest.ServeHTTP(rw, r)
		}
	}))
	t.Cleanup(func() { n.srv.Close(); n.Repairer.Wait(); _ = l.Close(); _ = cat.Close() })
	w.chain.Providers[n.op] = storagetypes.Provider{
		Operator: n.op, Agent: n.op, Endpoints: []string{n.srv.URL}, Status: storagetypes.PROVIDER_STATUS_ACTIVE, PricePerGibDay: math.NewInt(1000),
		Region: region, NetworkPrefix: name, CapacityBytes: blocks.Capacity(), Bond: w.chain.Storage.RequiredBond(blocks.Capacity()),
	}
	w.nodes[name] = n
	return n
}

// work makes a work of alice that nodes keep by active deals.
func (w *world) work(seed int, keepers ...*node) contenttypes.Work {
	w.t.Helper()
	b := dagtest.New(w.t)
	media, cover := b.Presentation(seed)
	car, root := b.Piece(media, cover)
	return w.publish(media, cover, car, root, keepers...)
}

// publish makes a work of alice out of a piece.
func (w *world) publish(media, cover cid.Cid, car []byte, root [32]byte, keepers ...*node) contenttypes.Work {
	t := w.t
	t.Helper()
	id := nodetest.WorkID(media.String())
	out := contenttypes.Work{Cid: id, Root: id, Creator: alice, Media: media.String(), PieceRoot: root[:], PieceSize: uint64(len(car)), DurationSeconds: 20}
	if cover.Defined() {
		out.Cover = cover.String()
	}
	w.chain.Works[id] = out
	for _, n := range keepers {
		f, err := dag.OpenCAR(bytes.NewReader(car), int64(len(car)))
		require.NoError(t, err)
		require.NoError(t, n.Catalog.Ingest(context.Background(), n.store, f, catalog.Entry{
			ID: catalog.UploadID(root[:], alice), Creator: alice, Media: out.Media, Cover: out.Cover, Piece: root[:], PieceSize: out.PieceSize, Added: time.Now().Unix(),
		}))
		w.chain.DealRows[id+"/"+n.op] = storagetypes.Deal{Work: id, Root: id, Operator: n.op, Status: storagetypes.DEAL_STATUS_ACTIVE, PieceSize: out.PieceSize}
		n.sync(t)
	}
	return out
}

func (n *node) sync(t testing.TB) deals.Report {
	t.Helper()
	r, err := n.Sync(context.Background())
	require.NoError(t, err)
	return r
}

// look is a step and what it began.
func (n *node) look(t testing.TB) repair.Report {
	t.Helper()
	_, err := n.Step(context.Background())
	require.NoError(t, err)
	n.Repairer.Wait()
	return n.Repairer.Report()
}

// gone ends a node's deal as the chain does.
func (w *world) gone(work string, n *node, why storagetypes.DealEnd) {
	w.chain.Mu.Lock()
	delete(w.chain.DealRows, work+"/"+n.op)
	w.chain.Mu.Unlock()
	w.chain.WantCopy(work, n.op, why)
}

func (w *world) keepers(work string) (out []string) {
	rows, err := w.chain.DealsOf(context.Background(), work)
	require.NoError(w.t, err)
	for _, r := range rows {
		out = append(out, r.Operator)
	}
	return out
}

// A copy that a node lost comes back on another, which then serves it.
func TestCopyComesBack(t *testing.T) {
	w := newWorld(t)
	holder, dead, fresh := w.node("holder", "eu"), w.node("dead", "us"), w.node("fresh", "as")
	work := w.work(1, holder, dead)
	require.Zero(t, fresh.look(t).Wanted)
	dead.srv.Close()
	w.gone(work.Cid, dead, storagetypes.DEAL_END_TERMINATED)
	require.Zero(t, dead.look(t).Taken, "a node does not take its own copy back")
	require.EqualValues(t, 1, fresh.look(t).Taken)
	require.ElementsMatch(t, []string{holder.op, fresh.op}, w.keepers(work.Cid))
	require.Empty(t, w.chain.RepairRows)
	media, err := cid.Decode(work.Media)
	require.NoError(t, err)
	require.Empty(t, fresh.Catalog.Find(media), "served only by its deal")
	require.Equal(t, deals.Report{Kept: 1}, fresh.sync(t))
	require.Len(t, fresh.Catalog.Find(media), 1)
	require.Equal(t, holder.store.Used(), fresh.store.Used())
	require.EqualValues(t, 1, fresh.look(t).Taken, "and there is nothing more to take")
	left, err := os.ReadDir(fresh.Dir)
	require.NoError(t, err)
	require.Empty(t, left)
}

// Who gave up the only copy in order serves it until somebody has it.
func TestOnlyCopyIsHandedOver(t *testing.T) {
	w := newWorld(t)
	leaving, fresh := w.node("leaving", "eu"), w.node("fresh", "us")
	work := w.work(1, leaving)
	w.gone(work.Cid, leaving, storagetypes.DEAL_END_PROVIDER)
	require.Equal(t, deals.Report{Kept: 1}, leaving.sync(t))
	require.EqualValues(t, 1, fresh.look(t).Taken)
	require.Equal(t, deals.Report{Kept: 1}, fresh.sync(t))
	require.Equal(t, deals.Report{Ended: 1}, leaving.sync(t), "and then not any more")

	// nobody takes it: after a while it is not served for that any more
	other := w.work(900, leaving)
	w.gone(other.Cid, leaving, storagetypes.DEAL_END_PROVIDER)
	require.Equal(t, 1, leaving.sync(t).Kept)
	w.chain.Pass(7*86_400 + 1)
	require.Equal(t, 1, leaving.sync(t).Ended)
}

// Who lost a work does not promise another's copy with the same damaged bytes; who has it whole does.
func TestDamagedIsNotPromised(t *testing.T) {
	w := newWorld(t)
	damaged, whole := w.node("damaged", "eu"), w.node("whole", "us")
	work := w.work(1, damaged, whole)
	for _, n := range []*node{damaged, whole} {
		w.gone(work.Cid, n, storagetypes.DEAL_END_LOST)
		n.sync(t)
	}
	media, err := cid.Decode(work.Media)
	require.NoError(t, err)
	damaged.store.(*blob.Mem).Corrupt(media, []byte("rot"))
	require.EqualValues(t, 1, damaged.look(t).Failed)
	require.Empty(t, w.keepers(work.Cid))
	require.EqualValues(t, 1, whole.look(t).Taken)
	require.Equal(t, []string{whole.op}, w.keepers(work.Cid))
}

// Two nodes take the only copy that is wanted: one has it, the other's bytes go, and nothing failed.
func TestRaceIsLostWithoutHarm(t *testing.T) {
	w := newWorld(t)
	holder, dead := w.node("holder", "eu"), w.node("dead", "eu")
	work := w.work(1, holder, dead)
	a, b := w.node("a", "us"), w.node("b", "as")
	w.gone(work.Cid, dead, storagetypes.DEAL_END_LOST)
	// b fetches while a promises
	b.lie, holder.lie = nil, func(_ http.ResponseWriter, r *http.Request) bool {
		if a.Repairer.Report().Taken == 0 {
			holder.lie = nil
			require.EqualValues(t, 1, a.look(t).Taken)
		}
		return false
	}
	got := b.look(t)
	require.Equal(t, repair.Report{Lost: 1, Wanted: 1}, got)
	require.Zero(t, b.store.Used(), "what was fetched for nothing is gone")
	require.Empty(t, b.Catalog.All())
	require.ElementsMatch(t, []string{holder.op, a.op}, w.keepers(work.Cid))
	require.Equal(t, repair.Report{Lost: 1}, b.look(t), "and is not fetched again")
}

// Two copies are wanted and two nodes come: each takes one, also where both wanted the same first.
func TestEachTakesOne(t *testing.T) {
	w := newWorld(t)
	holder, d1, d2 := w.node("holder", "eu"), w.node("d1", "eu"), w.node("d2", "eu")
	work := w.work(1, holder, d1, d2)
	a, b := w.node("a", "us"), w.node("b", "as")
	w.gone(work.Cid, d1, storagetypes.DEAL_END_TERMINATED)
	w.gone(work.Cid, d2, storagetypes.DEAL_END_TERMINATED)
	var both sync.WaitGroup
	for _, n := range []*node{a, b} {
		both.Go(func() { n.look(t) })
	}
	both.Wait()
	require.ElementsMatch(t, []string{holder.op, a.op, b.op}, w.keepers(work.Cid))
	require.Empty(t, w.chain.RepairRows)
}

// A copy that is taken while the work is fetched costs nothing where another one is wanted.
func TestNextCopy(t *testing.T) {
	for i := range 2 {
		w := newWorld(t)
		holder, d1, d2, n := w.node("holder", "eu"), w.node("d1", "eu"), w.node("d2", "eu"), w.node("n", "us")
		work := w.work(1, holder, d1, d2)
		dead := []*node{d1, d2}
		for _, d := range dead {
			w.gone(work.Cid, d, storagetypes.DEAL_END_TERMINATED)
		}
		holder.lie = func(http.ResponseWriter, *http.Request) bool {
			w.chain.Mu.Lock()
			defer w.chain.Mu.Unlock()
			delete(w.chain.RepairRows, work.Cid+"/"+dead[i].op)
			return false
		}
		require.Equal(t, repair.Report{Taken: 1, Wanted: 1}, n.look(t))
		require.ElementsMatch(t, []string{holder.op, n.op}, w.keepers(work.Cid))
	}
}

// What the node may not take, or has no room for, it does not fetch.
func TestWhatIsNotTaken(t *testing.T) {
	for name, change := range map[string]func(w *world, n *node, p *storagetypes.Provider, work contenttypes.Work){
		"too dear": func(_ *world, _ *node, p *storagetypes.Provider, _ contenttypes.Work) {
			p.PricePerGibDay = math.NewInt(1100)
		},
		"dearer than it wants to be": func(_ *world, n *node, _ *storagetypes.Provider, _ contenttypes.Work) {
			n.MaxPrice = 99
		},
		"same network": func(_ *world, _ *node, p *storagetypes.Provider, _ contenttypes.Work) { p.NetworkPrefix = "holder" },
		"slashed":      func(_ *world, _ *node, p *storagetypes.Provider, _ contenttypes.Work) { p.Bond = p.Bond.SubRaw(1) },
		"no capacity": func(_ *world, _ *node, p *storagetypes.Provider, work contenttypes.Work) {
			p.CommittedBytes = p.CapacityBytes - work.PieceSize + 1
		},
		"no room": func(_ *world, n *node, _ *storagetypes.Provider, work contenttypes.Work) {
			n.store = blob.NewMem(work.PieceSize - 1)
		},
		"leaving": func(_ *world, _ *node, p *storagetypes.Provider, _ contenttypes.Work) {
			p.Status = storagetypes.PROVIDER_STATUS_LEAVING
		},
		"closed": func(_ *world, n *node, _ *storagetypes.Provider, _ contenttypes.Work) {
			n.Repairer.Closed = func() bool { return true }
		},
		"denied": func(w *world, n *node, _ *storagetypes.Provider, work contenttypes.Work) {
			n.Repairer.Denied = deny(w.t, n, work.Cid)
		},
		"kept already": func(w *world, n *node, _ *storagetypes.Provider, work contenttypes.Work) {
			w.chain.DealRows[work.Cid+"/"+n.op] = storagetypes.Deal{Work: work.Cid, Operator: n.op, Status: storagetypes.DEAL_STATUS_REQUESTED}
		},
		"not due yet": func(_ *world, n *node, _ *storagetypes.Provider, _ contenttypes.Work) { n.Spread = time.Hour },
	} {
		w := newWorld(t)
		holder, dead, n := w.node("holder", "eu"), w.node("dead", "us"), w.node("n", "as")
		work := w.work(1, holder, dead)
		w.gone(work.Cid, dead, storagetypes.DEAL_END_LOST)
		p := w.chain.Providers[n.op]
		change(w, n, &p, work)
		w.chain.Providers[n.op] = p
		w.chain.Asked = map[string]int{}
		require.Zero(t, n.look(t).Taken, name)
		require.Zero(t, n.store.Used(), name)
		require.Len(t, w.chain.RepairRows, 1, name)
		require.Zero(t, w.chain.Asked["repair"], name)
	}
	// and with none of that it is
	w := newWorld(t)
	holder, dead, n := w.node("holder", "eu"), w.node("dead", "us"), w.node("n", "as")
	work := w.work(1, holder, dead)
	w.gone(work.Cid, dead, storagetypes.DEAL_END_LOST)
	p := w.chain.Providers[n.op]
	p.NetworkPrefix, w.chain.Storage.RelaxedNetworkRules = "holder", true
	w.chain.Providers[n.op] = p
	require.EqualValues(t, 1, n.look(t).Taken)
}

func deny(t testing.TB, n *node, name string) *denylist.Guard {
	own := filepath.Join(t.TempDir(), "own.deny")
	_, err := denylist.Add(own, "/ipfs/"+name, "")
	require.NoError(t, err)
	l, err := denylist.Open(t.TempDir(), own, nil, quiet)
	require.NoError(t, err)
	g, err := denylist.NewGuard(l, n.Catalog, quiet)
	require.NoError(t, err)
	return g
}

// A holder that lies is found out; nothing of it stays, and the next holder is asked.
func TestHolderLies(t *testing.T) {
	w := newWorld(t)
	liar, dead, n := w.node("liar", "eu"), w.node("dead", "us"), w.node("n", "as")
	work := w.work(1, liar, dead)
	w.gone(work.Cid, dead, storagetypes.DEAL_END_LOST)
	liar.lie = func(rw http.ResponseWriter, r *http.Request) bool {
		rec := httptest.NewRecorder()
		saved := liar.lie
		liar.lie = nil
		liar.srv.Config.Handler.ServeHTTP(rec, r)
		liar.lie = saved
		body := rec.Body.Bytes()
		body[len(body)-1] ^= 1
		_, _ = rw.Write(body)
		return true
	}
	require.Equal(t, repair.Report{Failed: 1, Wanted: 1}, n.look(t))
	require.Zero(t, n.store.Used())
	require.Equal(t, repair.Report{Failed: 1, Wanted: 1}, n.look(t), "it is left alone for a while")
	n2 := w.node("n2", "sa")
	honest := w.node("honest", "af")
	w.work(1, honest)
	require.EqualValues(t, 1, n2.look(t).Taken)
}

// No more works are fetched at a time than are allowed, nor than fit.
func TestParallel(t *testing.T) {
	w := newWorld(t)
	holder, dead, n := w.node("holder", "eu"), w.node("dead", "us"), w.node("n", "as")
	for seed := range 5 {
		w.gone(w.work(1+seed*1000, holder, dead).Cid, dead, storagetypes.DEAL_END_LOST)
	}
	var mu sync.Mutex
	now, most := 0, 0
	holder.lie = func(http.ResponseWriter, *http.Request) bool {
		mu.Lock()
		now++
		most = max(most, now)
		mu.Unlock()
		time.Sleep(30 * time.Millisecond)
		mu.Lock()
		now--
		mu.Unlock()
		return false
	}
	require.EqualValues(t, 2, n.look(t).Taken)
	require.Equal(t, 2, most)
	n.look(t)
	require.EqualValues(t, 5, n.look(t).Taken)
}

// One node's end makes many copies wanted: the chain is asked about those that can be taken now, not about all.
func TestManyAreWanted(t *testing.T) {
	w := newWorld(t)
	w.chain.Live = 1_700_000_000 // delays are drawn from it
	holder, dead, n := w.node("holder", "eu"), w.node("dead", "us"), w.node("n", "as")
	for seed := range 12 {
		w.gone(w.work(1+seed*500, holder, dead).Cid, dead, storagetypes.DEAL_END_TERMINATED)
	}
	n.Parallel, n.Spread = 1, time.Hour
	w.chain.Asked = map[string]int{}
	next, err := n.Step(context.Background())
	require.NoError(t, err)
	require.Greater(t, next, time.Second)
	require.Zero(t, w.chain.Asked["deals of"], "nothing is due")

	n.Spread = 0
	released := make(chan struct{})
	release := sync.OnceFunc(func() { close(released) })
	t.Cleanup(release)
	holder.lie = func(http.ResponseWriter, *http.Request) bool { <-released; return false }
	_, err = n.Step(context.Background())
	require.NoError(t, err)
	w.chain.Mu.Lock()
	asked := w.chain.Asked["deals of"]
	w.chain.Mu.Unlock()
	require.LessOrEqual(t, asked, 2, "of the one that is being fetched, to judge and to fetch it")
	release()
	n.Repairer.Wait()
	for range 11 {
		n.look(t)
	}
	require.EqualValues(t, 12, n.Repairer.Report().Taken)
}
