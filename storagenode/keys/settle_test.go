package keys_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/storagenode/keys"
	"github.com/streamchain/streamchain/storagenode/keys/keystest"
	"github.com/streamchain/streamchain/storagenode/nodetest"
	"github.com/streamchain/streamchain/storagenode/wire"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
)

func TestSettlesWhatAServerLeft(t *testing.T) {
	w, a, pay := metered(t, 0)
	s, _ := w.Pay(a.owner.String(), a.key, 1, price, 1000)
	n, now := a.n, time.Now()
	settler := func() *keys.Settler {
		return &keys.Settler{Chain: n.Chain, Book: n.Book, Min: 50, Patience: time.Minute, Margin: 300, Clock: func() time.Time { return now }}
	}
	settled := func() uint32 { return n.Chain.Settled[nodetest.SettledKey(s)] }
	step := func(st *keys.Settler) keys.Settled {
		r, err := st.Step(ctx)
		require.NoError(t, err)
		return r
	}
	st := settler()
	a.opens(2, pay(12), keystest.Windows(1, 2)...)
	require.Zero(t, step(st), "the server has its time")
	now = now.Add(61 * time.Second)
	step(st)
	a.opens(1, pay(18), keystest.Windows(3)...)
	now = now.Add(61 * time.Second)
	r := step(st)
	require.Equal(t, keys.Settled{Sessions: 1, Paid: 12 * price}, r, "what is new stays between viewer and server")
	require.EqualValues(t, 12, settled())
	// what the server settles itself is not settled again
	n.Chain.Settled[nodetest.SettledKey(s)] = 18
	now = now.Add(3 * time.Minute)
	require.Zero(t, step(st))
	// before the lane ends all is settled, also after a kill
	a.opens(1, pay(20), keystest.Windows(10)...)
	n.Open(w)
	st = settler()
	w.Each(func(c *nodetest.Chain) { c.Live += 7000 })
	require.Equal(t, keys.Settled{Sessions: 1, Paid: 2 * price}, step(st))
	require.EqualValues(t, 20, settled())
	// a lane that is over is forgotten
	w.Each(func(c *nodetest.Chain) { c.Live += 7000 })
	require.Zero(t, step(st))
	require.Zero(t, n.Book.Len())
	files, err := filepath.Glob(filepath.Join(n.Dir, "keys", "sessions", "*"))
	require.NoError(t, err)
	require.Empty(t, files)
}

// A provider that closes a lane right after its viewer was shown windows gives him nothing back of them: the holder settles its newest word at
// once, and opens nothing more.
func TestAClosingLaneIsSettledAtOnce(t *testing.T) {
	w, a, pay := metered(t, 0)
	s, _ := w.Pay(a.owner.String(), a.key, 1, price, 1000)
	n := a.n
	st := &keys.Settler{Chain: n.Chain, Book: n.Book, Min: 1 << 40, Patience: time.Hour, Margin: 300}
	a.opens(2, pay(12), keystest.Windows(1, 2)...)
	r, err := st.Step(ctx)
	require.NoError(t, err)
	require.Zero(t, r)
	require.True(t, n.Book.Has(s.EscrowOwner, s.Denom, s.Provider, s.Generation))
	require.False(t, n.Book.Has(s.EscrowOwner, s.Denom, s.Provider, s.Generation+1))
	for _, node := range w.Nodes {
		node.Chain.Close(s.EscrowOwner, s.Denom)
	}
	a.refused(wire.LaneUnusable, pay(18), keystest.Windows(3)...)
	a.refused(wire.LaneUnusable, pay(12), keystest.Windows(1)...)
	r, err = st.Step(ctx)
	require.NoError(t, err)
	require.Equal(t, keys.Settled{Sessions: 1, Paid: 12 * price}, r)
	require.EqualValues(t, 12, n.Chain.Settled[nodetest.SettledKey(s)])
	r, err = st.Step(ctx)
	require.NoError(t, err)
	require.Zero(t, r)
	w.Each(func(c *nodetest.Chain) { c.Live += c.Params.CloseGraceSeconds + 1 })
	_, err = st.Step(ctx)
	require.NoError(t, err)
	require.Zero(t, n.Book.Len(), "what has ended is forgotten")
}

func TestALaneThatEndsUnsettledIsCounted(t *testing.T) {
	w, a, pay := metered(t, 0)
	a.opens(1, pay(6), keystest.Windows(1)...)
	w.Each(func(c *nodetest.Chain) { clear(c.Lanes) })
	r, err := (&keys.Settler{Chain: a.n.Chain, Book: a.n.Book}).Step(ctx)
	require.NoError(t, err)
	require.Equal(t, keys.Settled{Lost: 1}, r)
}

func TestATornLineIsForgotten(t *testing.T) {
	w, a, pay := metered(t, 0)
	a.opens(1, pay(6), keystest.Windows(1)...)
	a.opens(1, pay(12), keystest.Windows(2)...)
	files, err := filepath.Glob(filepath.Join(a.n.Dir, "keys", "sessions", "*.session"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	raw, err := os.ReadFile(files[0])
	require.NoError(t, err)
	for cut := range len(raw) {
		require.NoError(t, os.WriteFile(files[0], raw[:cut], 0o600))
		_, err := keys.OpenBook(filepath.Dir(files[0]))
		require.NoError(t, err, cut)
	}
	require.NoError(t, os.WriteFile(files[0], raw[:len(raw)-5], 0o600))
	a.n.Open(w)
	a.opens(1, pay(12), keystest.Windows(2)...)
	a.refused("payment-required", pay(12), keystest.Windows(3)...)
	a.n.Open(w)
	a.opens(2, pay(12), keystest.Windows(1, 2)...)
	a.refused("payment-required", pay(12), keystest.Windows(3)...)
}

// Of the holders that released a window all but one go dark, or give the viewer a present of it: the one that is left settles all.
func TestOneHonestHolderIsEnough(t *testing.T) {
	for honest := range 4 {
		w := keystest.New(t, 7).Active()
		w.Decide("", nodetest.Metered(price, 0))
		a := ask(t, w, "viewer")
		w.Grant(a.owner.String(), a.key, streamtypes.SESSION_KEY_SCOPE_PAYMENT_AND_ACCESS)
		w.Lane(a.owner.String(), a.key, 10_000)
		s, pay := w.Pay(a.owner.String(), a.key, 1, price, 1000)
		for _, n := range w.Nodes[:4] { // a threshold
			a.n, a.to = n, n.Account
			a.opens(3, pay(18), keystest.Windows(1, 2, 3)...)
		}
		n := w.Nodes[honest]
		n.Open(w) // it was down, too
		n.Chain.Close(s.EscrowOwner, s.Denom)
		r, err := (&keys.Settler{Chain: n.Chain, Book: n.Book, Min: 1 << 40, Patience: time.Hour, Margin: 300}).Step(ctx)
		require.NoError(t, err)
		require.Equal(t, keys.Settled{Sessions: 1, Paid: 18 * price}, r)
	}
}
