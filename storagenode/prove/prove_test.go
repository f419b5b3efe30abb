package prove_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ipfs/go-cid"
	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/storagenode/admit"
	"github.com/streamchain/streamchain/storagenode/blob"
	"github.com/streamchain/streamchain/storagenode/catalog"
	"github.com/streamchain/streamchain/storagenode/dag"
	"github.com/streamchain/streamchain/storagenode/dag/dagtest"
	"github.com/streamchain/streamchain/storagenode/deals"
	"github.com/streamchain/streamchain/storagenode/ledger"
	"github.com/streamchain/streamchain/storagenode/nodetest"
	"github.com/streamchain/streamchain/storagenode/outboard"
	"github.com/streamchain/streamchain/storagenode/prove"
	"github.com/streamchain/streamchain/storagenode/serve"
	"github.com/streamchain/streamchain/storagenode/wire"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
)

const alice = "streamcreator1alice"

var ctx = context.Background()

// node is a prover with its keeper and store, serving over HTTP.
type node struct {
	*prove.Prover
	t     *testing.T
	keep  *deals.Keeper
	store *disk
	chain *nodetest.Chain
	srv   *httptest.Server
	trees string // folder
	seeds string // file
	op    []byte
}

// disk is a store in memory that may be unplugged.
type disk struct {
	*blob.Mem
	gone  error
	fails map[cid.Cid]error
}

func (d *disk) Check() error { return d.gone }

func (d *disk) Get(ctx context.Context, c cid.Cid) ([]byte, error) {
	if err := d.fails[c]; err != nil {
		return nil, err
	}
	if d.gone != nil {
		return nil, fmt.Errorf("%w: %s", blob.ErrNotFound, c)
	}
	return d.Mem.Get(ctx, c)
}

func newNode(t *testing.T, name string) *node {
	t.Helper()
	key, op := nodetest.Account(name)
	chain := nodetest.NewChain(op.String(), op.String())
	cat, err := catalog.Open(t.TempDir())
	require.NoError(t, err)
	l, err := ledger.Open(filepath.Join(t.TempDir(), "ledger"), 60)
	require.NoError(t, err)
	n := &node{t: t, chain: chain, store: &disk{Mem: blob.NewMem(1 << 22)}, trees: t.TempDir(), seeds: filepath.Join(t.TempDir(), "beacon.seed"), op: op}
	trees, err := outboard.Open(n.trees)
	require.NoError(t, err)
	id := admit.Node{ChainID: nodetest.ChainID, Operator: op.String(), Bytes: op}
	n.keep = &deals.Keeper{Node: id, Chain: chain, Blocks: n.store, Catalog: cat, Trees: trees, HTTP: http.DefaultClient, Dir: t.TempDir(),
		Sign: func(server []byte, work [32]byte) (wire.Replica, error) {
			r := wire.Replica{Requester: op, Work: work, Expires: time.Now().Unix() + 60, PubKey: key.PubKey().Bytes()}
			sig, err := key.Sign(r.SignBytes(nodetest.ChainID, server))
			r.Signature = sig
			return r, err
		}}
	n.srv = httptest.NewServer(serve.Common(&serve.Server{Blocks: n.store, Catalog: cat, Gate: &admit.Gate{Node: id, Reader: admit.NewReader(chain), Ledger: l}}))
	t.Cleanup(func() { n.srv.Close(); _ = l.Close(); _ = cat.Close() })
	n.start()
	return n
}

// start makes a new prover, as a restart does: all that it had in memory is gone.
func (n *node) start() {
	seeds, err := prove.OpenSeeds(n.seeds, nodetest.ChainID, n.op)
	require.NoError(n.t, err)
	n.Prover = &prove.Prover{Chain: n.chain, Catalog: n.keep.Catalog, Disk: n.store, Trees: n.keep.Trees, Keeper: n.keep, Seeds: seeds}
}

// publish makes a work of alice, active at nodes, which all have its bytes.
func publish(t *testing.T, seed int, name string, nodes ...*node) contenttypes.Work {
	t.Helper()
	b := dagtest.New(t)
	media, cover := b.Presentation(seed)
	car, root := b.Piece(media, cover)
	id := nodetest.WorkID(name)
	w := contenttypes.Work{Cid: id, Root: id, Creator: alice, Media: media.String(), Cover: cover.String(), PieceRoot: root[:], PieceSize: uint64(len(car)), DurationSeconds: 20}
	for _, n := range nodes {
		for _, of := range nodes {
			n.chain.DealRows[id+"/"+of.chain.Operator] = storagetypes.Deal{Work: id, Root: id, Operator: of.chain.Operator, Status: storagetypes.DEAL_STATUS_ACTIVE}
			n.chain.Providers[of.chain.Operator] = storagetypes.Provider{Operator: of.chain.Operator, Agent: of.chain.Operator, Endpoints: []string{of.srv.URL}}
		}
		n.chain.Works[id] = w
		f, err := dag.OpenCAR(bytes.NewReader(car), int64(len(car)))
		require.NoError(t, err)
		require.NoError(t, n.keep.Catalog.Ingest(ctx, n.store, f, catalog.Entry{
			ID: id, Live: true, Work: id, Root: id, Creator: alice, Media: w.Media, Cover: w.Cover, Piece: root[:], PieceSize: w.PieceSize,
		}))
		_, err = n.keep.Sync(ctx)
		require.NoError(t, err)
	}
	return w
}

// leaves are challenges of n leaves spread over a work.
func leaves(w contenttypes.Work, n int) []storagetypes.Challenge {
	out := make([]storagetypes.Challenge, n)
	for i := range out {
		out[i] = storagetypes.Challenge{Work: w.Cid, Offset: (w.PieceSize - 1) * uint64(i) / uint64(n) &^ 1023}
	}
	return out
}

func (n *node) do() prove.Report {
	n.t.Helper()
	r, err := n.Step(ctx)
	require.NoError(n.t, err)
	return r
}

// ready commits and opens a first period without works, from which the beacon counts.
func (n *node) ready() {
	n.t.Helper()
	require.True(n.t, n.do().Committed)
	require.False(n.t, n.do().Committed, "once is enough")
}

// rot finds the block that holds the leaf of a challenge and damages it; nil deletes it.
func (n *node) rot(w contenttypes.Work, c storagetypes.Challenge, data []byte) cid.Cid {
	n.t.Helper()
	e, ok := n.keep.Catalog.Get(w.Cid)
	require.True(n.t, ok)
	p, err := deals.Piece(e)
	require.NoError(n.t, err)
	var out bytes.Buffer
	l, err := dag.WriteLaidCAR(ctx, n.store, p.Roots, &out)
	require.NoError(n.t, err)
	for _, s := range l.Sections {
		// surely inside of the leaf's group, and no directory: those need no repair to be walked
		if s.Off >= c.Offset && s.Cid.Type() == cid.Raw {
			if data == nil {
				require.NoError(n.t, n.store.Delete(ctx, s.Cid))
			} else {
				n.store.Corrupt(s.Cid, data)
			}
			return s.Cid
		}
	}
	n.t.Fatal("no such block")
	return cid.Undef
}

func TestProves(t *testing.T) {
	n := newNode(t, "op")
	w := publish(t, 1, "w", n)
	n.ready()
	for period := uint64(1); period <= 3; period++ {
		n.chain.OpenPeriod(leaves(w, 8)...)
		r := n.do()
		require.Equal(t, prove.Report{Period: period, Proved: true, Answered: 8, Again: r.Again}, r)
		require.False(t, n.do().Proved, "once a period")
		n.chain.ClosePeriod()
		require.False(t, n.do().Proved)
		n.chain.Pass(30)
	}
	require.EqualValues(t, 3, n.chain.Game.State.Proven)
	require.Zero(t, n.chain.Game.State.Missed)
	require.Zero(t, n.chain.Game.Refused)
	for i, p := range n.chain.Game.Proofs[1:] {
		sum := sha256.Sum256(p.Reveal)
		require.Equal(t, n.chain.Game.Proofs[i].Reveal, sum[:], "each reveal is the preimage of the one before")
	}
	require.Equal(t, uint64(3), n.Standing().Proofs.Period)
}

// Who keeps nothing pays no gas for a proof; a set of which nothing is asked is proved.
func TestEmpty(t *testing.T) {
	n := newNode(t, "op")
	n.ready()
	n.chain.OpenPeriod()
	require.False(t, n.do().Proved)
	n.chain.OpenPeriod()
	n.chain.Game.State.SetSize = 3
	r := n.do()
	require.True(t, r.Proved)
	require.Zero(t, r.Answered)
}

// Kills: before sending, and after sending before the answer came. The restarted node knows its place from the seed alone.
func TestRestarts(t *testing.T) {
	n := newNode(t, "op")
	w := publish(t, 1, "w", n)
	n.ready()
	n.start()
	require.False(t, n.do().Committed)
	n.chain.OpenPeriod(leaves(w, 8)...)
	n.chain.Game.Swallow = errors.New("no answer")
	_, err := n.Step(ctx)
	require.ErrorContains(t, err, "no answer")
	n.chain.Game.Swallow = nil
	n.start()
	require.False(t, n.do().Proved)
	require.Len(t, n.chain.Game.Proofs, 1)

	n.chain.Pass(30)
	n.chain.OpenPeriod(leaves(w, 8)...)
	n.chain.Down = true
	_, err = n.Step(ctx)
	require.ErrorIs(t, err, nodetest.ErrDown)
	n.chain.Down = false
	n.start()
	require.True(t, n.do().Proved)
	require.Zero(t, n.chain.Game.Refused)
}

// A rotten block is fetched from another node, and the same step proves. A rotten or missing tree is built again.
func TestRepairsAndProves(t *testing.T) {
	for what, damage := range map[string]func(n *node, w contenttypes.Work, c storagetypes.Challenge){
		"bit rot":    func(n *node, w contenttypes.Work, c storagetypes.Challenge) { n.rot(w, c, []byte("rot")) },
		"each block": func(n *node, w contenttypes.Work, _ storagetypes.Challenge) { n.rotAll(w) },
		"a block":    func(n *node, w contenttypes.Work, c storagetypes.Challenge) { n.rot(w, c, nil) },
		"no tree": func(n *node, _ contenttypes.Work, _ storagetypes.Challenge) {
			require.NoError(n.t, n.keep.Trees.Retain(func([32]byte) bool { return false }))
		},
		"a bad tree": func(n *node, _ contenttypes.Work, _ storagetypes.Challenge) { n.harmTree() },
		"a bad tree and a block": func(n *node, w contenttypes.Work, c storagetypes.Challenge) {
			n.harmTree()
			n.rot(w, c, []byte("rot"))
		},
	} {
		t.Run(what, func(t *testing.T) {
			n, other := newNode(t, "op"), newNode(t, "op2")
			w := publish(t, 1, "w", n, other)
			n.ready()
			ch := leaves(w, 8)
			damage(n, w, ch[5])
			n.chain.OpenPeriod(ch...)
			var damaged []string
			n.Damaged = func(work string) { damaged = append(damaged, work) }
			r := n.do()
			if what == "bit rot" || what == "a block" {
				require.Equal(t, []string{w.Cid}, damaged)
			}
			require.True(t, r.Proved)
			require.Equal(t, 8, r.Answered)
			require.Empty(t, r.Lost)
		})
	}
}

// rotAll damages all blocks of a work.
func (n *node) rotAll(w contenttypes.Work) {
	e, _ := n.keep.Catalog.Get(w.Cid)
	p, err := deals.Piece(e)
	require.NoError(n.t, err)
	var all []cid.Cid
	require.NoError(n.t, dag.Walk(ctx, n.store, p.Roots, func(node *dag.Node, _ []byte) error { all = append(all, node.Cid); return nil }))
	for _, c := range all {
		n.store.Corrupt(c, []byte("rot"))
	}
}

// harmTree flips a bit in each node of the tree.
func (n *node) harmTree() {
	files, err := filepath.Glob(filepath.Join(n.trees, "*"))
	require.NoError(n.t, err)
	require.Len(n.t, files, 1)
	raw, err := os.ReadFile(files[0])
	require.NoError(n.t, err)
	raw[len(raw)-40] ^= 1
	raw[50] ^= 1
	require.NoError(n.t, os.WriteFile(files[0], raw, 0o600))
}

// A block that nobody has: the node waits while there is time, then proves the rest. The work's deal ends; another work
// with the same block is reported when it has been unreadable for two periods.
func TestLoses(t *testing.T) {
	n := newNode(t, "op")
	w, second := publish(t, 1, "w", n), publish(t, 1, "second", n)
	whole := publish(t, 1000, "whole", n)
	n.ready()
	ch := append(leaves(w, 4), leaves(whole, 4)...)
	n.rot(w, ch[2], nil)
	n.chain.OpenPeriod(ch...)
	for range 7 {
		r, err := n.Step(ctx)
		require.ErrorIs(t, err, blob.ErrNotFound)
		require.False(t, r.Proved, "never early")
		require.NotZero(t, r.Waiting)
		require.Less(t, r.Again, time.Second)
		n.chain.Pass(1)
	}
	n.chain.Pass(1)
	r, err := n.Step(ctx)
	require.ErrorIs(t, err, blob.ErrNotFound)
	require.True(t, r.Proved)
	require.Less(t, r.Answered, 8)
	require.GreaterOrEqual(t, r.Answered, 4, "what is whole is proved")
	require.Equal(t, []string{w.Cid}, r.Lost)
	require.Equal(t, storagetypes.DEAL_END_LOST, n.chain.Game.Ended[w.Cid])

	// the other work with that block
	reported := 0
	for range 40 {
		n.chain.Pass(5)
		r, err := n.Step(ctx)
		require.NoError(t, err)
		if len(r.Reported) > 0 {
			require.Equal(t, []string{second.Cid}, r.Reported)
			reported++
		}
		if reported == 0 && n.chain.Now() < n.chain.Game.Period.OpenedAt+8+60 {
			require.NotContains(t, n.chain.Game.Ended, second.Cid, "not before two periods have passed")
		}
		if reported > 0 {
			break
		}
		n.Audit()
	}
	require.Equal(t, 1, reported)
	require.Equal(t, storagetypes.DEAL_END_LOST, n.chain.Game.Ended[second.Cid])
	require.NotContains(t, n.chain.Game.Ended, whole.Cid)
}

// A lost block of a work whose tree must be built again: nothing of the work can be proved, and another work with the block
// is reported as well.
func TestLosesWithoutTree(t *testing.T) {
	n := newNode(t, "op")
	w, second := publish(t, 1, "w", n), publish(t, 1, "second", n)
	n.ready()
	ch := leaves(w, 8)
	n.rot(w, ch[2], []byte("rot"))
	n.harmTree()
	n.chain.OpenPeriod(ch...)
	r, err := n.Step(ctx)
	require.ErrorIs(t, err, blob.ErrCorrupt)
	require.Equal(t, 8, r.Waiting)
	n.chain.Pass(9)
	r, err = n.Step(ctx)
	require.ErrorIs(t, err, blob.ErrCorrupt)
	require.Zero(t, r.Answered)
	require.Equal(t, []string{w.Cid}, r.Lost)
	var reported []string
	for range 20 {
		n.chain.Pass(7)
		n.Audit()
		reported = append(reported, n.do().Reported...)
	}
	require.Equal(t, []string{second.Cid}, reported)
}

// A block that comes back in time is no loss.
func TestLossIsTakenBack(t *testing.T) {
	n, other := newNode(t, "op"), newNode(t, "op2")
	w := publish(t, 1, "w", n, other)
	n.ready()
	other.srv.Config.Handler = http.NotFoundHandler()
	c := n.rot(w, leaves(w, 8)[3], nil)
	n.Suspect(c)
	for range 5 {
		n.chain.Pass(7)
		n.Audit()
		require.Empty(t, n.do().Reported)
	}
	good, err := other.store.Get(ctx, c)
	require.NoError(t, err)
	require.NoError(t, n.store.Put(ctx, c, good))
	for range 20 {
		n.chain.Pass(7)
		n.Audit()
		require.Empty(t, n.do().Reported)
	}
}

// A work that is not there at all and that nobody gives is reported; one that somebody could still give is not.
func TestMissingWork(t *testing.T) {
	n := newNode(t, "op")
	w := publish(t, 1, "w", n)
	n.ready()
	require.NoError(t, n.keep.Catalog.Drop(ctx, n.store, w.Cid))
	for range 20 {
		n.chain.Pass(7)
		n.Audit()
		require.Empty(t, n.do().Reported, "it was not tried to fetch it yet")
	}
	_, err := n.keep.Sync(ctx)
	require.ErrorIs(t, err, deals.ErrNobody)
	reported := []string(nil)
	for range 20 {
		n.chain.Pass(7)
		n.Audit()
		reported = append(reported, n.do().Reported...)
	}
	require.Equal(t, []string{w.Cid}, reported)
}

// A disk that is not mounted has lost nothing: no proof without answers, no report.
func TestUnpluggedDisk(t *testing.T) {
	n := newNode(t, "op")
	w := publish(t, 1, "w", n)
	n.ready()
	n.store.gone = errors.New("not mounted")
	n.chain.OpenPeriod(leaves(w, 8)...)
	n.chain.Pass(11)
	_, err := n.Step(ctx)
	require.ErrorIs(t, err, prove.ErrUncertain)
	for range 20 {
		n.chain.Pass(7)
		n.Audit()
		r, _ := n.Step(ctx)
		require.Empty(t, r.Reported)
	}
	require.Empty(t, n.chain.Game.Proofs)
	require.Empty(t, n.chain.Game.Ended)
}

// A block that the disk does not give for now is not lost: rather no proof than one that ends its deal.
func TestDiskThatStutters(t *testing.T) {
	n := newNode(t, "op")
	w := publish(t, 1, "w", n)
	n.ready()
	ch := leaves(w, 8)
	c := n.rot(w, ch[2], []byte("rot"))
	n.store.fails = map[cid.Cid]error{c: errors.New("input/output error")}
	n.chain.OpenPeriod(ch...)
	n.chain.Pass(11)
	_, err := n.Step(ctx)
	require.ErrorIs(t, err, prove.ErrUncertain)
	require.Empty(t, n.chain.Game.Proofs)
	require.Empty(t, n.chain.Game.Ended)
}

// A work whose deal ended stays answerable until the set no longer names it.
func TestProvesAfterTheEnd(t *testing.T) {
	n := newNode(t, "op")
	w := publish(t, 1, "w", n)
	n.ready()
	n.chain.OpenPeriod(leaves(w, 8)...)
	n.do()
	delete(n.chain.DealRows, w.Cid+"/"+n.chain.Operator)
	_, err := n.keep.Sync(ctx)
	require.NoError(t, err)
	n.chain.Pass(30)
	n.chain.OpenPeriod(leaves(w, 8)...)
	_, err = n.keep.Sync(ctx)
	require.NoError(t, err)
	require.Equal(t, 8, n.do().Answered)
	n.chain.Pass(30)
	n.chain.OpenPeriod()
	_, err = n.keep.Sync(ctx)
	require.NoError(t, err)
	require.Zero(t, n.store.Used())
}

// A file of seeds that was lost: a new beacon is set, periods until it counts are missed, and then all is well.
func TestLostSeeds(t *testing.T) {
	n := newNode(t, "op")
	w := publish(t, 1, "w", n)
	n.ready()
	n.chain.OpenPeriod(leaves(w, 8)...)
	require.True(t, n.do().Proved)
	require.NoError(t, os.Remove(n.seeds))
	n.start()
	require.True(t, n.do().Committed)
	for _, proves := range []bool{false, true} {
		n.chain.ClosePeriod()
		n.chain.Pass(30)
		n.chain.OpenPeriod(leaves(w, 8)...)
		r, err := n.Step(ctx)
		require.False(t, r.Committed)
		require.Equal(t, proves, r.Proved)
		if !proves {
			require.ErrorIs(t, err, prove.ErrNoBeacon)
		}
	}
	require.EqualValues(t, 1, n.chain.Game.State.Missed)
	fi, err := os.Stat(n.seeds)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), fi.Mode().Perm())
}
