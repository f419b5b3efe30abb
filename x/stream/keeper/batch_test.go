package keeper_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/stream/types"
)

// Each item of a batch succeeds or fails alone, in order; results name the error, events quote it.
func TestItemsAreAlone(t *testing.T) {
	f := newFixture(t)
	alice, node := f.viewer("alice", 20*stream), f.provider("node")
	f.viewer("bob", 20*stream)
	bad := f.intent("bob", node, 1, stream)
	bad.Cap++
	res := f.must(&types.MsgOpenLanes{Submitter: f.agent("node").String(), Intents: []types.LaneIntent{
		bad, f.intent("alice", node, 1, stream), {EscrowOwner: "\x00"}, f.intent("bob", node, 1, stream), f.intent("alice", node, 1, stream),
	}}).(*types.MsgOpenLanesResponse)
	for i, want := range []error{types.ErrInvalidSignature, nil, types.ErrInvalidAddress, nil, types.ErrGeneration} {
		requireItem(t, want, res.Results[i])
	}
	f.next(time.Second)
	require.EqualValues(t, 2*types.DefaultOpenFee, f.Balance(f.agent("node")))

	lane := f.laneOf(alice, node)
	one, words := f.session("alice", lane, 1)
	two, others := f.session("alice", lane, 2)
	wrong := claim(two, others, 6)
	wrong.Word[0] ^= 1
	require.Equal(t, []types.ItemResult{
		{Paid: 500}, {Paid: 500}, types.ResultOf(0, types.ErrStale), types.ResultOf(0, types.ErrWrongWord), {Paid: 100},
		types.ResultOf(0, types.ErrInvalidAddress),
	}, f.settle(node, claim(one, words, 5), claim(one, words, 10), claim(one, words, 9), wrong, claim(two, others, 1), types.Settlement{}))
	require.EqualValues(t, 1100, f.laneOf(alice, node).Spent)
	require.EqualValues(t, 2, f.laneOf(alice, node).Sessions)
}

// A message needs at most 100,000 hashes: what is over is refused, what fits is paid.
func TestHashesAreBounded(t *testing.T) {
	f := newFixture(t)
	f.viewer("alice", 2000*stream)
	node := f.provider("node")
	lane := f.lane("alice", node, 1, 500*stream)
	long := func(s *types.Session) { s.MaxTicks = 150_000 }
	s, words := f.session("alice", lane, 1, long)
	other, others := f.session("alice", lane, 2, long)
	requireItem(t, types.ErrTooManyHashes, f.settle(node, claim(s, words, types.MaxHashes+1))[0])
	got := f.settle(node, claim(s, words, types.MaxHashes-1), claim(other, others, 2), claim(other, others, 1))
	requireItem(t, nil, got[0])
	requireItem(t, types.ErrTooManyHashes, got[1])
	requireItem(t, nil, got[2])
	// the next message takes up from the last settled word
	require.EqualValues(t, (50_001)*price, f.settle(node, claim(s, words, 150_000))[0].Paid)
}

// A lane has at most 256 settled sessions, and their rows go with it in bounded steps.
func TestSessionsAreBounded(t *testing.T) {
	f := newFixture(t)
	alice, node := f.viewer("alice", 20*stream), f.provider("node")
	lane := f.lane("alice", node, 1, stream)
	batch := make([]types.Settlement, 0, types.MaxItems)
	for i := range types.MaxSessions {
		s, words := f.session("alice", lane, uint64(i))
		if batch = append(batch, claim(s, words, 1)); len(batch) == types.MaxItems || i == types.MaxSessions-1 {
			for _, r := range f.settle(node, batch...) {
				requireItem(t, nil, r)
			}
			batch = batch[:0]
		}
	}
	s, words := f.session("alice", lane, types.MaxSessions)
	requireItem(t, types.ErrTooManySessions, f.settle(node, claim(s, words, 1))[0])
	s, words = f.session("alice", lane, 0)
	requireItem(t, nil, f.settle(node, claim(s, words, 2))[0])

	rows := func() (sessions, cleanups int) {
		gs, err := f.k.ExportGenesis(f.Ctx)
		require.NoError(t, err)
		return len(gs.Sessions), len(gs.Cleanups)
	}
	closesAt := f.close(node, alice, 1)
	sessions, cleanups := rows()
	require.Equal(t, []int{types.MaxSessions, 0}, []int{sessions, cleanups})
	// meanwhile the next generation opens, and its sessions are its own
	second := f.lane("alice", node, 2, stream)
	s, words = f.session("alice", second, 0)
	requireItem(t, nil, f.settle(node, claim(s, words, 1))[0])
	f.at(closesAt + 1)
	f.next(time.Second)
	f.check()
	sessions, cleanups = rows()
	require.Equal(t, []int{types.MaxSessions - types.MaxSweep + 1, 1}, []int{sessions, cleanups})
	f.next(time.Second)
	sessions, cleanups = rows()
	require.Equal(t, []int{1, 0}, []int{sessions, cleanups})
}

// A block ends at most 200 lanes, oldest first, and the rest in the next ones.
func TestLaneEndsAreBounded(t *testing.T) {
	f := newFixture(t)
	nodes := make([]sdk.AccAddress, 41)
	for i := range nodes {
		nodes[i] = f.provider(fmt.Sprint("node ", i))
	}
	var last int64
	for v := range 10 {
		name := fmt.Sprint("viewer ", v)
		f.viewer(name, 20*stream)
		for _, node := range nodes {
			last = f.lane(name, node, 1, types.DefaultMinLaneCap).ClosesAt
		}
	}
	lanes := func() int {
		gs, err := f.k.ExportGenesis(f.Ctx)
		require.NoError(t, err)
		return len(gs.Lanes)
	}
	f.at(last)
	require.Equal(t, 410, lanes())
	f.next(time.Second)
	require.Equal(t, 410, lanes(), "the block at the last second ends none")
	for _, want := range []int{210, 10, 0} {
		f.next(time.Second)
		require.Equal(t, want, lanes())
		f.check()
	}
}

// Gas follows the work: each signature and each hash is paid for before it is done, and out of
// gas fails the whole message.
func TestGas(t *testing.T) {
	f := newFixture(t)
	f.viewer("alice", 20*stream)
	node := f.provider("node")
	lane := f.lane("alice", node, 1, stream)
	cost := func(c types.Settlement) uint64 {
		base := f.Ctx
		defer func() { f.Ctx = base }()
		f.Ctx, _ = f.Ctx.CacheContext()
		f.Ctx = f.Ctx.WithGasMeter(storetypes.NewInfiniteGasMeter())
		f.settle(node, c)
		return f.Ctx.GasMeter().GasConsumed()
	}
	s, words := f.session("alice", lane, 1)
	wrong := func(n uint32) types.Settlement {
		c := claim(s, words, n)
		c.Word[5] ^= 1
		return c
	}
	require.EqualValues(t, 900*types.HashGas, cost(wrong(1000))-cost(wrong(100)))
	forged := claim(s, words, 100)
	forged.Session.Signature = make([]byte, 64)
	require.Greater(t, cost(forged), uint64(types.SignatureGas))

	before := f.state()
	f.NextTx()
	cache, write := f.Ctx.CacheContext()
	require.Panics(t, func() {
		limited := cache.WithGasMeter(storetypes.NewGasMeter(cost(claim(s, words, 1)) + 1000))
		if _, err := f.handle(limited, &types.MsgSettle{
			Submitter: node.String(), Settlements: []types.Settlement{claim(s, words, 1), claim(s, words, 1000)},
		}); err == nil {
			write()
		}
	})
	require.Equal(t, before, f.state())
}
