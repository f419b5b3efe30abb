package deals_test

import (
	"bytes"
	"context"
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
	"github.com/streamchain/streamchain/storagenode/serve"
	"github.com/streamchain/streamchain/storagenode/wire"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
)

const alice = "streamcreator1alice"

// node is a keeper with its store, serving over HTTP.
type node struct {
	*deals.Keeper
	store *blob.Mem
	chain *nodetest.Chain
	srv   *httptest.Server
}

func newNode(t *testing.T, name string) *node {
	t.Helper()
	key, op := nodetest.Account(name)
	chain := nodetest.NewChain(op.String(), op.String())
	cat, err := catalog.Open(t.TempDir())
	require.NoError(t, err)
	l, err := ledger.Open(filepath.Join(t.TempDir(), "ledger"), 60)
	require.NoError(t, err)
	trees, err := outboard.Open(t.TempDir())
	require.NoError(t, err)
	n := &node{chain: chain, store: blob.NewMem(1 << 20)}
	id := admit.Node{ChainID: nodetest.ChainID, Operator: op.String(), Bytes: op}
	n.Keeper = &deals.Keeper{Node: id, Chain: chain, Blocks: n.store, Catalog: cat, Trees: trees, HTTP: http.DefaultClient, Dir: t.TempDir(),
		Sign: func(server []byte, work [32]byte) (wire.Replica, error) {
			r := wire.Replica{Requester: op, Work: work, Expires: time.Now().Unix() + 60, PubKey: key.PubKey().Bytes()}
			sig, err := key.Sign(r.SignBytes(nodetest.ChainID, server))
			r.Signature = sig
			return r, err
		}}
	n.srv = httptest.NewServer(serve.Common(&serve.Server{Blocks: n.store, Catalog: cat, Gate: &admit.Gate{Node: id, Reader: admit.NewReader(chain), Ledger: l}}))
	t.Cleanup(func() { n.srv.Close(); _ = l.Close(); _ = cat.Close() })
	return n
}

// publish makes a work of alice.
func publish(b dagtest.Builder, seed int, nodes ...*node) (contenttypes.Work, []byte) {
	media, cover := b.Presentation(seed)
	car, root := b.Piece(media, cover)
	id := nodetest.WorkID(media.String())
	w := contenttypes.Work{Cid: id, Root: id, Creator: alice, Media: media.String(), Cover: cover.String(), PieceRoot: root[:], PieceSize: uint64(len(car)), DurationSeconds: 20}
	for _, n := range nodes {
		n.chain.Works[id] = w
	}
	return w, car
}

// ask requests a deal of each of nodes, which all see the same chain.
func ask(w contenttypes.Work, status storagetypes.DealStatus, of *node, seenBy ...*node) {
	for _, n := range seenBy {
		now := n.chain.Now()
		n.chain.DealRows[w.Cid+"/"+of.Node.Operator] = storagetypes.Deal{Work: w.Cid, Root: w.Root, Operator: of.Node.Operator, Status: status, RequestedAt: now, ExpiresAt: now + 600}
		n.chain.Providers[of.Node.Operator] = storagetypes.Provider{Operator: of.Node.Operator, Agent: of.Node.Operator, Endpoints: []string{of.srv.URL}}
	}
}

func (n *node) sync(t *testing.T) deals.Report {
	t.Helper()
	r, err := n.Sync(context.Background())
	require.NoError(t, err)
	return r
}

// bring uploads a CAR for a creator.
func (n *node) bring(t *testing.T, w contenttypes.Work, car []byte, creator string) {
	t.Helper()
	f, err := dag.OpenCAR(bytes.NewReader(car), int64(len(car)))
	require.NoError(t, err)
	require.NoError(t, n.Catalog.Ingest(context.Background(), n.store, f, catalog.Entry{
		ID: catalog.UploadID(w.PieceRoot, creator), Creator: creator, Media: w.Media, Cover: w.Cover, Piece: w.PieceRoot, PieceSize: w.PieceSize, Added: time.Now().Unix(),
	}))
}

func (n *node) status(w contenttypes.Work) storagetypes.DealStatus {
	return n.chain.DealRows[w.Cid+"/"+n.Node.Operator].Status
}

func TestFromUploads(t *testing.T) {
	n := newNode(t, "op")
	n.Wait = time.Minute
	w, car := publish(dagtest.New(t), 1, n)
	ask(w, storagetypes.DEAL_STATUS_REQUESTED, n, n)
	require.Equal(t, deals.Report{Waiting: 1}, n.sync(t))
	n.bring(t, w, car, "streamcreator1bob")
	require.Equal(t, deals.Report{Waiting: 1}, n.sync(t), "bytes that another brought are not used")
	n.bring(t, w, car, alice)
	require.Equal(t, deals.Report{Accepted: 1, Kept: 1}, n.sync(t))
	require.Equal(t, storagetypes.DEAL_STATUS_ACTIVE, n.status(w))
	require.Equal(t, deals.Report{Kept: 1}, n.sync(t))
	media, err := cid.Decode(w.Media)
	require.NoError(t, err)
	require.Len(t, n.Catalog.Find(media), 1)

	delete(n.chain.DealRows, w.Cid+"/"+n.Node.Operator)
	require.Equal(t, deals.Report{Ended: 1}, n.sync(t))
	require.Empty(t, n.Catalog.Find(media), "it is not served any more")
	require.Len(t, n.Catalog.Keepers(media), 1, "and kept, since the chain may still ask for proofs")
	n.chain.OpenPeriod()
	require.Equal(t, deals.Report{}, n.sync(t))
	require.True(t, n.Trees.Has([32]byte(w.PieceRoot)))
	n.chain.OpenPeriod()
	require.Equal(t, deals.Report{Removed: 1}, n.sync(t))
	require.False(t, n.Trees.Has([32]byte(w.PieceRoot)))
	require.NotZero(t, n.store.Used(), "bob's upload still waits")
	require.NoError(t, n.Catalog.Drop(context.Background(), n.store, catalog.UploadID(w.PieceRoot, "streamcreator1bob")))
	require.Zero(t, n.store.Used())
}

func TestFromPeers(t *testing.T) {
	a, b := newNode(t, "op"), newNode(t, "op2")
	w, car := publish(dagtest.New(t), 1, a, b)
	a.bring(t, w, car, alice)
	ask(w, storagetypes.DEAL_STATUS_REQUESTED, a, a, b)
	ask(w, storagetypes.DEAL_STATUS_REQUESTED, b, a, b)
	_, err := b.Sync(context.Background())
	require.ErrorIs(t, err, deals.ErrNobody, "nobody has accepted yet")
	require.Equal(t, deals.Report{Accepted: 1, Kept: 1}, a.sync(t))
	ask(w, storagetypes.DEAL_STATUS_ACTIVE, a, b)
	require.Equal(t, deals.Report{Waiting: 1}, b.sync(t), "peers are not asked again at once")
	again := &deals.Keeper{Node: b.Node, Chain: b.chain, Blocks: b.store, Catalog: b.Catalog, HTTP: b.HTTP, Dir: b.Dir, Sign: b.Sign}
	b.Keeper = again
	require.Equal(t, deals.Report{Accepted: 1, Kept: 1}, b.sync(t))
	require.Equal(t, a.store.Used(), b.store.Used())
	left, err := os.ReadDir(b.Dir)
	require.NoError(t, err)
	require.Empty(t, left)

	// a damaged block comes back from the peer
	media, err := cid.Decode(w.Media)
	require.NoError(t, err)
	seg, err := dag.Resolve(context.Background(), b.store, media, []string{"v0", "seg2.m4s"})
	require.NoError(t, err)
	bad := seg.Links[1].Cid
	b.store.Corrupt(bad, []byte("x"))
	_, err = b.store.Get(context.Background(), bad)
	require.ErrorIs(t, err, blob.ErrCorrupt)
	require.NoError(t, b.Repair(context.Background(), bad))
	_, err = b.store.Get(context.Background(), bad)
	require.NoError(t, err)

	// one without a deal gets nothing
	c := newNode(t, "op3")
	c.chain.Works = a.chain.Works
	ask(w, storagetypes.DEAL_STATUS_REQUESTED, c, c)
	ask(w, storagetypes.DEAL_STATUS_ACTIVE, a, c)
	_, err = c.Sync(context.Background())
	require.ErrorIs(t, err, deals.ErrNobody)
	require.ErrorContains(t, err, wire.NotAProvider)
	require.Zero(t, c.store.Used())
}

// Peers that lie, stop or have too much are found out; nothing of theirs stays.
func TestPeersThatLie(t *testing.T) {
	for name, tc := range map[string]func(good []byte, w http.ResponseWriter){
		"another work": func(_ []byte, w http.ResponseWriter) {
			b := dagtest.New(t)
			media, _ := b.Presentation(5000)
			car, _ := b.Piece(media)
			_, _ = w.Write(car)
		},
		"cut short": func(good []byte, w http.ResponseWriter) { _, _ = w.Write(good[:len(good)-9]) },
		"flipped": func(good []byte, w http.ResponseWriter) {
			bad := append([]byte{}, good...)
			bad[len(bad)-1] ^= 1
			_, _ = w.Write(bad)
		},
		"endless": func(good []byte, w http.ResponseWriter) {
			_, _ = w.Write(good)
			for range 64 {
				_, _ = w.Write(make([]byte, 1<<20))
			}
		},
		"not here": func(_ []byte, w http.ResponseWriter) { wire.NewProblem(404, wire.NotFound, "no").Write(w) },
	} {
		n := newNode(t, "op")
		from := dagtest.New(t)
		w, _ := publish(from, 1, n)
		media, err := cid.Decode(w.Media)
		require.NoError(t, err)
		good, _ := from.Piece(media)
		peer := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) { tc(good, rw) }))
		other := newNode(t, "op2")
		other.srv.Close()
		other.srv = peer
		ask(w, storagetypes.DEAL_STATUS_REQUESTED, n, n)
		ask(w, storagetypes.DEAL_STATUS_ACTIVE, other, n)
		_, err = n.Sync(context.Background())
		require.ErrorIs(t, err, deals.ErrNobody, name)
		require.Zero(t, n.store.Used(), name)
		require.Equal(t, storagetypes.DEAL_STATUS_REQUESTED, n.status(w), name)
		peer.Close()
	}
}

// A work whose manifest names another piece than its DAG makes is never accepted.
func TestWrongPiece(t *testing.T) {
	a, b := newNode(t, "op"), newNode(t, "op2")
	w, car := publish(dagtest.New(t), 1, a, b)
	a.bring(t, w, car, alice)
	ask(w, storagetypes.DEAL_STATUS_REQUESTED, a, a)
	a.sync(t)
	w.PieceRoot = bytes.Repeat([]byte{1}, 32)
	b.chain.Works[w.Cid] = w
	ask(w, storagetypes.DEAL_STATUS_REQUESTED, b, a, b)
	ask(w, storagetypes.DEAL_STATUS_ACTIVE, a, b)
	_, err := b.Sync(context.Background())
	require.ErrorIs(t, err, deals.ErrPiece)
	require.Zero(t, b.store.Used())
}

// After the chain was away, one step is enough; a disk that was emptied is filled again.
func TestComesBack(t *testing.T) {
	a, b := newNode(t, "op"), newNode(t, "op2")
	w, car := publish(dagtest.New(t), 1, a, b)
	a.bring(t, w, car, alice)
	ask(w, storagetypes.DEAL_STATUS_REQUESTED, a, a)
	a.chain.Down = true
	_, err := a.Sync(context.Background())
	require.ErrorIs(t, err, nodetest.ErrDown)
	a.chain.Down = false
	require.Equal(t, 1, a.sync(t).Accepted)
	// b has promised the work and lost it
	ask(w, storagetypes.DEAL_STATUS_ACTIVE, b, a, b)
	ask(w, storagetypes.DEAL_STATUS_ACTIVE, a, b)
	require.Equal(t, deals.Report{Kept: 1}, b.sync(t))
	// expired requests are left alone
	c := newNode(t, "op3")
	c.chain.Works = a.chain.Works
	ask(w, storagetypes.DEAL_STATUS_REQUESTED, c, c)
	c.chain.Live += 601
	require.Equal(t, deals.Report{}, c.sync(t))
}

// A deal that comes back finds its bytes, which nobody had to bring again; an upload that waits is not taken for it.
func TestDealComesBack(t *testing.T) {
	n := newNode(t, "op")
	w, car := publish(dagtest.New(t), 1, n)
	n.bring(t, w, car, alice)
	ask(w, storagetypes.DEAL_STATUS_ACTIVE, n, n)
	require.Equal(t, deals.Report{Kept: 1}, n.sync(t))
	delete(n.chain.DealRows, w.Cid+"/"+n.Node.Operator)
	require.Equal(t, deals.Report{Ended: 1}, n.sync(t))
	ask(w, storagetypes.DEAL_STATUS_REQUESTED, n, n)
	require.Equal(t, deals.Report{Accepted: 1, Kept: 1}, n.sync(t))
	media, err := cid.Decode(w.Media)
	require.NoError(t, err)
	require.Len(t, n.Catalog.Find(media), 1)
	n.chain.OpenPeriod()
	n.chain.OpenPeriod()
	require.Equal(t, deals.Report{Kept: 1}, n.sync(t))
}

// Bytes of a deal that ended are read before they are promised again: damaged ones are not.
func TestDamagedIsNotPromisedAgain(t *testing.T) {
	n := newNode(t, "op")
	w, car := publish(dagtest.New(t), 1, n)
	n.bring(t, w, car, alice)
	ask(w, storagetypes.DEAL_STATUS_ACTIVE, n, n)
	n.sync(t)
	delete(n.chain.DealRows, w.Cid+"/"+n.Node.Operator)
	require.Equal(t, deals.Report{Ended: 1}, n.sync(t))
	media, err := cid.Decode(w.Media)
	require.NoError(t, err)
	n.store.Corrupt(media, []byte("rot"))
	ask(w, storagetypes.DEAL_STATUS_REQUESTED, n, n)
	_, err = n.Sync(context.Background())
	require.ErrorIs(t, err, blob.ErrCorrupt)
	require.Equal(t, deals.Report{Waiting: 1}, n.sync(t), "not again at once")
	require.Equal(t, storagetypes.DEAL_STATUS_REQUESTED, n.status(w))
	require.Empty(t, n.Catalog.Find(media))
}

// Who cannot ask which period it is removes nothing.
func TestNoPeriodNothingRemoved(t *testing.T) {
	n := newNode(t, "op")
	w, car := publish(dagtest.New(t), 1, n)
	n.bring(t, w, car, alice)
	ask(w, storagetypes.DEAL_STATUS_ACTIVE, n, n)
	n.sync(t)
	delete(n.chain.DealRows, w.Cid+"/"+n.Node.Operator)
	n.Chain = noPeriod{n.chain}
	_, err := n.Sync(context.Background())
	require.ErrorIs(t, err, nodetest.ErrDown)
	media, err := cid.Decode(w.Media)
	require.NoError(t, err)
	require.Len(t, n.Catalog.Find(media), 1)
}

type noPeriod struct{ *nodetest.Chain }

func (noPeriod) Period(context.Context) (storagetypes.QueryPeriodResponse, error) {
	return storagetypes.QueryPeriodResponse{}, nodetest.ErrDown
}

// A tree that was deleted is built again; one damaged block on the way is fetched from another node.
func TestTreeIsBuiltAgain(t *testing.T) {
	a, b := newNode(t, "op"), newNode(t, "op2")
	w, car := publish(dagtest.New(t), 1, a, b)
	for _, n := range []*node{a, b} {
		n.bring(t, w, car, alice)
		ask(w, storagetypes.DEAL_STATUS_ACTIVE, n, a, b)
		n.sync(t)
	}
	require.NoError(t, a.Trees.Retain(func([32]byte) bool { return false }))
	media, err := cid.Decode(w.Media)
	require.NoError(t, err)
	a.store.Corrupt(media, []byte("rot"))
	require.Equal(t, deals.Report{Kept: 1}, a.sync(t))
	require.True(t, a.Trees.Has([32]byte(w.PieceRoot)))
	_, err = a.store.Get(context.Background(), media)
	require.NoError(t, err)
}
