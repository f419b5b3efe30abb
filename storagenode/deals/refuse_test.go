package deals_test

import (
	"context"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ipfs/go-cid"
	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/storagenode/dag/dagtest"
	"github.com/streamchain/streamchain/storagenode/deals"
	"github.com/streamchain/streamchain/storagenode/denylist"
	"github.com/streamchain/streamchain/storagenode/nodetest"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
)

// deny gives n a denylist and returns what replaces its rules.
func (n *node) deny(t *testing.T) func(rules string) {
	t.Helper()
	own, quiet := filepath.Join(t.TempDir(), "own.deny"), slog.New(slog.NewTextHandler(io.Discard, nil))
	l, err := denylist.Open(t.TempDir(), own, nil, quiet)
	require.NoError(t, err)
	n.Denied, err = denylist.NewGuard(l, n.Catalog, quiet)
	require.NoError(t, err)
	return func(rules string) {
		require.NoError(t, os.WriteFile(own, []byte("name: the list\n---\n"+rules), 0o600))
		l.Reload(time.Now().Add(time.Hour))
		require.Zero(t, l.Broken())
	}
}

// A work that a list begins to name is refused on the chain and its bytes go; what it shares with another work stays.
func TestDeniedWorkIsRefused(t *testing.T) {
	n := newNode(t, "op")
	set := n.deny(t)
	b := dagtest.New(t)
	bad, car := publish(b, 1, n)
	good, goodCAR := publish(b, 900, n)
	for _, w := range []struct {
		id  string
		car []byte
	}{{bad.Cid, car}, {good.Cid, goodCAR}} {
		n.bring(t, n.chain.Works[w.id], w.car, alice)
		ask(n.chain.Works[w.id], storagetypes.DEAL_STATUS_ACTIVE, n, n)
	}
	require.Equal(t, deals.Report{Kept: 2}, n.sync(t))
	set("/ipfs/" + bad.Media)
	require.Equal(t, deals.Report{Kept: 1, Refused: 1, Removed: 1}, n.sync(t))
	require.Equal(t, map[string]string{bad.Cid: "the list"}, n.chain.Refused)
	media, err := cid.Decode(bad.Media)
	require.NoError(t, err)
	require.Empty(t, n.Catalog.Keepers(media))
	has, err := n.store.Has(context.Background(), media)
	require.NoError(t, err)
	require.False(t, has)
	require.Equal(t, deals.Report{Kept: 1}, n.sync(t))
	set("/ipfs/" + bad.Cid)
	require.True(t, n.Denied.CID(media).Denied, "its files stay refused when the list names the work only")
	require.True(t, n.Denied.Piece(bad.PieceRoot).Denied)
}

// A request for a denied work is declined, and nothing of it is fetched; an upload of it that waits is removed.
func TestDeniedWorkIsNotTaken(t *testing.T) {
	a, b := newNode(t, "op"), newNode(t, "op2")
	w, car := publish(dagtest.New(t), 1, a, b)
	a.bring(t, w, car, alice)
	ask(w, storagetypes.DEAL_STATUS_ACTIVE, a, a, b)
	a.sync(t)
	ask(w, storagetypes.DEAL_STATUS_REQUESTED, b, a, b)
	b.deny(t)("/ipfs/" + w.Cid)
	b.bring(t, w, car, alice)
	require.Equal(t, deals.Report{Refused: 1, Removed: 1}, b.sync(t))
	require.Contains(t, b.chain.Refused, w.Cid)
	require.Zero(t, b.store.Used())
	require.Empty(t, b.Catalog.All())
}

// Where the chain cannot be asked, a denied work is neither fetched nor lost: its proofs are still owed.
func TestRefusalWaitsForTheChain(t *testing.T) {
	n := newNode(t, "op")
	set := n.deny(t)
	w, car := publish(dagtest.New(t), 1, n)
	n.bring(t, w, car, alice)
	ask(w, storagetypes.DEAL_STATUS_ACTIVE, n, n)
	n.sync(t)
	set("/ipfs/" + w.Cid)
	n.Chain = noRefusal{n.chain}
	_, err := n.Sync(context.Background())
	require.ErrorIs(t, err, nodetest.ErrDown)
	require.Len(t, n.Catalog.All(), 1)
	require.True(t, n.Catalog.All()[0].Live)
}

type noRefusal struct{ *nodetest.Chain }

func (noRefusal) RefuseWork(context.Context, string, string) error { return nodetest.ErrDown }

// A node that is closed accepts nothing, and keeps what it has.
func TestClosed(t *testing.T) {
	n := newNode(t, "op")
	w, car := publish(dagtest.New(t), 1, n)
	n.bring(t, w, car, alice)
	ask(w, storagetypes.DEAL_STATUS_REQUESTED, n, n)
	n.Closed = func() bool { return true }
	require.Equal(t, deals.Report{}, n.sync(t))
	n.Closed = nil
	require.Equal(t, deals.Report{Accepted: 1, Kept: 1}, n.sync(t))
	n.Closed = func() bool { return true }
	require.Equal(t, deals.Report{Kept: 1}, n.sync(t))
	// what is held is served without a deal
	n.Hold = func(string) bool { return true }
	delete(n.chain.DealRows, w.Cid+"/"+n.Node.Operator)
	require.Equal(t, deals.Report{Kept: 1}, n.sync(t))
	n.Hold = nil
	require.Equal(t, deals.Report{Ended: 1}, n.sync(t))
}
