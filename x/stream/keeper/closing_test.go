package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/collections"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/streamchain/streamchain/token"
	"github.com/streamchain/streamchain/x/stream/types"
)

// A viewer whose own provider closes the lane right after others were shown words gets nothing back of what these pay for: they settle to the
// last second, and only then does the rest return. Meanwhile the next generation opens and is its own.
func TestCloseRobsNobody(t *testing.T) {
	f := newFixture(t)
	alice, node, holder := f.viewer("alice", 20*stream), f.provider("node"), f.Addr("holder")
	lane := f.lane("alice", node, 1, stream)
	s, words := f.session("alice", lane, 1) // nothing of it is settled when the lane closes
	closesAt := f.close(node, alice, 1)
	require.Equal(t, f.now()+types.DefaultCloseGraceSeconds, closesAt)
	var closing *types.EventLaneClosing
	for _, e := range f.Ctx.EventManager().ABCIEvents() {
		if msg, err := sdk.ParseTypedEvent(e); err == nil {
			if event, ok := msg.(*types.EventLaneClosing); ok {
				closing = event
			}
		}
	}
	require.Equal(t, &types.EventLaneClosing{
		Owner: alice.String(), Provider: node.String(), Generation: 1, Remaining: token.Coin(stream), ClosesAt: closesAt,
	}, closing)
	balance, reserved := f.escrow(alice)
	require.EqualValues(t, stream, reserved)

	second := f.lane("alice", node, 2, stream)
	s2, words2 := f.session("alice", second, 1)
	require.Equal(t, []types.ItemResult{{Paid: 5 * price}}, f.settle(holder, claim(s2, words2, 5)))
	f.at(closesAt - 1)
	require.Equal(t, []types.ItemResult{{Paid: 40 * price}}, f.settle(holder, claim(s, words, 40)))
	f.at(closesAt)
	require.Equal(t, []types.ItemResult{{Paid: 60 * price}}, f.settle(holder, claim(s, words, 100)))
	got, err := f.q.Session(f.Ctx, &types.QuerySessionRequest{Owner: alice.String(), Denom: denom, Provider: node.String(), Generation: 1, Session: 1})
	require.NoError(t, err)
	require.EqualValues(t, 100, got.Session.N)
	f.check()
	f.at(closesAt + 1)
	requireItem(t, types.ErrLaneEnded, f.settle(holder, claim(s, words, 101))[0])
	f.next(time.Second)
	now, still := f.escrow(alice)
	require.EqualValues(t, stream-5*price, still, "the second lane's")
	require.EqualValues(t, balance-types.DefaultOpenFee-105*price, now)
	requireItem(t, types.ErrLaneEnded, f.settle(holder, claim(s, words, 101))[0])
	require.Equal(t, []types.ItemResult{{Paid: 5 * price}}, f.settle(holder, claim(s2, words2, 10)))
}

// Closing prolongs no lane, is done once, and leaves no more than eight behind.
func TestClosingIsBounded(t *testing.T) {
	f := newFixture(t)
	alice, node, other := f.viewer("alice", 20*stream), f.provider("node"), f.provider("other")
	closeMsg := func(generation uint64) error {
		_, err := f.send(&types.MsgCloseLane{Agent: node.String(), Owner: alice.String(), Denom: denom, Generation: generation})
		return err
	}
	late := f.lane("alice", other, 1, stream)
	for generation := range uint64(types.MaxClosing) {
		f.lane("alice", node, generation+1, types.DefaultMinLaneCap)
		require.NoError(t, closeMsg(generation+1))
		require.ErrorIs(t, closeMsg(generation+1), types.ErrLaneClosing)
	}
	ninth := f.lane("alice", node, types.MaxClosing+1, types.DefaultMinLaneCap)
	before := f.state()
	require.ErrorIs(t, closeMsg(types.MaxClosing+1), types.ErrTooManyClosing)
	require.Equal(t, before, f.state())
	s, words := f.session("alice", ninth, 1)
	requireItem(t, nil, f.settle(node, claim(s, words, 1))[0])
	// what has paid all needs no place
	requireItem(t, nil, f.settle(node, claim(s, words, 100))[0])
	require.NoError(t, closeMsg(types.MaxClosing+1))
	f.at(f.now() + types.DefaultCloseGraceSeconds + 1)
	f.next(time.Second)
	require.NotZero(t, f.open(node, f.intent("alice", node, 11, stream)).Code, "the tenth is next")
	f.lane("alice", node, 10, types.DefaultMinLaneCap)
	require.NoError(t, closeMsg(10))

	f.at(late.ClosesAt - 10)
	require.Equal(t, late.ClosesAt, f.close(other, alice, 1), "never past its own end")
	f.at(late.ClosesAt + 1)
	f.next(time.Second)
	_, reserved := f.escrow(alice)
	require.Zero(t, reserved)
}

// Closing lanes are listed apart from open ones, page by page, and found by their generation.
func TestClosingQueries(t *testing.T) {
	f := newFixture(t)
	alice, node := f.viewer("alice", 20*stream), f.provider("node")
	f.viewer("bob", 20*stream)
	f.lane("bob", node, 1, stream)
	for generation := range uint64(3) {
		f.lane("alice", node, generation+1, types.DefaultMinLaneCap)
		f.close(node, alice, generation+1)
	}
	open := f.lane("alice", node, 4, stream)
	var generations []uint64
	var next []byte
	for {
		res, err := f.q.LanesByOwner(f.Ctx, &types.QueryLanesByOwnerRequest{Owner: alice.String(), Closing: true, Pagination: &query.PageRequest{Limit: 2, Key: next}})
		require.NoError(t, err)
		for _, lane := range res.Lanes {
			require.True(t, lane.Closing())
			generations = append(generations, lane.Generation)
		}
		if next = res.Pagination.NextKey; len(next) == 0 {
			break
		}
	}
	require.Equal(t, []uint64{1, 2, 3}, generations)
	byProvider, err := f.q.LanesByProvider(f.Ctx, &types.QueryLanesByProviderRequest{Provider: node.String(), Closing: true})
	require.NoError(t, err)
	require.Len(t, byProvider.Lanes, 3)
	byOwner, err := f.q.LanesByOwner(f.Ctx, &types.QueryLanesByOwnerRequest{Owner: alice.String()})
	require.NoError(t, err)
	require.Equal(t, []types.Lane{open}, byOwner.Lanes)
	require.Equal(t, open, f.laneOf(alice, node))
	ask := &types.QueryLaneRequest{Owner: alice.String(), Denom: denom, Provider: node.String(), Generation: 2}
	res, err := f.q.Lane(f.Ctx, ask)
	require.NoError(t, err)
	require.Equal(t, []int64{2, f.now()}, []int64{int64(res.Lane.Generation), res.Lane.ClosingSince})
	ask.Generation = 5
	_, err = f.q.Lane(f.Ctx, ask)
	require.ErrorIs(t, err, types.ErrLaneNotFound)
}

// A closing lane that cannot be ended is kept and tried again an hour later.
func TestClosingEndFails(t *testing.T) {
	f := newFixture(t)
	alice, node := f.viewer("alice", 20*stream), f.provider("node")
	f.viewer("bob", 20*stream)
	lane := f.lane("alice", node, 1, stream)
	f.lane("bob", node, 1, stream)
	closesAt := f.close(node, alice, 1)
	f.close(node, f.Addr("bob"), 1)
	escrows, _ := mounted(f)
	at := collections.Join(alice.Bytes(), denom)
	escrow, err := escrows.Get(f.Ctx, at)
	require.NoError(t, err)
	require.NoError(t, escrows.Remove(f.Ctx, at)) // a corrupt ledger
	f.at(closesAt + 1)
	f.next(time.Second)
	_, reserved := f.escrow(f.Addr("bob"))
	require.Zero(t, reserved, "it stands in nobody's way")
	res, err := f.q.Lane(f.Ctx, &types.QueryLaneRequest{Owner: alice.String(), Denom: denom, Provider: node.String(), Generation: 1})
	require.NoError(t, err)
	require.Equal(t, []int64{closesAt, closesAt + 1 + types.RetrySeconds}, []int64{res.Lane.ClosesAt, res.Lane.EndsAt})
	s, words := f.session("alice", lane, 1)
	requireItem(t, types.ErrLaneEnded, f.settle(node, claim(s, words, 1))[0])
	require.NoError(t, escrows.Set(f.Ctx, at, escrow)) // mended
	f.at(res.Lane.EndsAt + 1)
	f.next(time.Second)
	_, reserved = f.escrow(alice)
	require.Zero(t, reserved)
}

// CheckInvariants sees a closing lane that its indexes do not follow.
func TestClosingInvariants(t *testing.T) {
	f := busy(t)
	sb := collections.NewSchemaBuilder(f.StoreService(types.StoreKey))
	closing := collections.NewMap(sb, types.ClosingKey, "closing", collections.BytesKey, codec.CollValue[types.Lane](f.Cdc))
	id := types.LaneID(f.Addr("alice"), denom, f.Addr("other"), 1)
	lane, err := closing.Get(f.Ctx, id)
	require.NoError(t, err)
	for name, spoil := range map[string]func(sdk.Context) error{
		"gone":    func(ctx sdk.Context) error { return closing.Remove(ctx, id) },
		"its end": func(ctx sdk.Context) error { l := lane; l.EndsAt++; return closing.Set(ctx, id, l) },
		"spent":   func(ctx sdk.Context) error { l := lane; l.Spent++; return closing.Set(ctx, id, l) },
		"another": func(ctx sdk.Context) error { return closing.Set(ctx, make([]byte, 32), lane) },
	} {
		t.Run(name, func(t *testing.T) {
			ctx, _ := f.Ctx.CacheContext()
			require.NoError(t, spoil(ctx))
			require.ErrorIs(t, f.k.CheckInvariants(ctx), types.ErrInvariant)
		})
	}
}
