package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/storage/types"
)

// broken is a proof fixture whose invariants are not checked at the end.
func broken(t *testing.T) *proofFixture {
	t.Helper()
	f := &proofFixture{fixture: bareFixture(t), data: map[string][]byte{}, nodes: map[string]*proofNode{}}
	gs := types.DefaultGenesis()
	gs.Params.PeriodSeconds, gs.Params.WindowSeconds, gs.Params.MinDealSeconds = periodSeconds, windowSeconds, 0
	require.NoError(t, f.k.InitGenesis(f.Ctx, *gs))
	f.alice = f.creator("alice")
	return f
}

// spoil overwrites the first row of a kind whose key contains part, and returns how to repair it.
func (f *proofFixture) spoil(kind byte, part string) (repair func()) {
	f.T.Helper()
	store := f.StoreService(types.StoreKey).OpenKVStore(f.Ctx)
	for _, row := range rows(f.fixture) {
		if row[0][0] == kind && len(row[0]) > len(part) && row[0][1:1+len(part)] == part {
			require.NoError(f.T, store.Set([]byte(row[0]), []byte("nonsense")))
			return func() {
				require.NoError(f.T, f.StoreService(types.StoreKey).OpenKVStore(f.Ctx).Set([]byte(row[0]), []byte(row[1])))
			}
		}
	}
	require.Fail(f.T, "no such row")
	return nil
}

// endBlock ends one block and returns the names of its events.
func (f *proofFixture) endBlock() []string {
	f.T.Helper()
	f.Ctx = f.Ctx.WithEventManager(sdk.NewEventManager())
	require.NoError(f.T, f.k.EndBlock(f.Ctx))
	return f.events()
}

// A provider whose row cannot be read neither halts the chain nor is counted; the others are.
func TestCountingThatFailsSkipsOne(t *testing.T) {
	f := broken(t)
	for _, n := range []string{"a", "b"} {
		f.node(n)
	}
	f.keep(f.film("one", 3000), 10, "a", "b")
	f.settled()
	for f.period().Open() {
		f.block()
	}
	repair := f.spoil(types.ProofStatesKey.Bytes()[0], f.Addr("a").String())
	require.ElementsMatch(t, []string{"EventProofStepFailed", "EventProofMissed"}, f.endBlock())
	require.True(t, f.period().Counted)
	repair()
	require.Zero(t, f.proofs("a").State.Missed)
	require.EqualValues(t, 1, f.proofs("b").State.Missed)
	require.NoError(t, f.k.CheckInvariants(f.Ctx))
}

// A change that cannot be applied waits for the next period, and holds up nobody.
func TestChangeThatFailsIsPutOff(t *testing.T) {
	f := broken(t)
	f.node("a")
	one, two := f.film("one", 3000), f.film("two", 3000)
	f.keep(one, 10, "a")
	f.settled()
	f.keep(two, 10, "a")
	f.opened()
	n := f.period().Number
	f.closed()
	repair := f.spoil(types.ProofStatesKey.Bytes()[0], f.Addr("a").String())
	require.Contains(t, f.endBlock(), "EventProofStepFailed")
	repair()
	require.EqualValues(t, 1, f.proofs("a").State.SetSize)
	f.until(n+1, types.PERIOD_PHASE_OPEN, false)
	require.NoError(t, f.k.CheckInvariants(f.Ctx))
	f.prove("a")
	f.until(n+2, types.PERIOD_PHASE_OPEN, false)
	require.EqualValues(t, 2, f.proofs("a").State.SetSize)
	require.NoError(t, f.k.CheckInvariants(f.Ctx))
}

// A deal that cannot be ended is tried again in the next block, and its provider's others end.
func TestTerminationThatFailsIsTriedAgain(t *testing.T) {
	f := broken(t)
	f.node("a")
	one, two := f.film("one", 3000), f.film("two", 3000)
	f.keep(one, 10, "a")
	f.keep(two, 10, "a")
	f.settled()
	operator := f.Addr("a").String()
	var repair func()
	for f.row("a").ActiveDeals == 2 {
		if p := f.period(); !p.Open() && !p.Counted && f.proofs("a").Misses == types.MaxMisses-1 {
			repair = f.spoil(types.DealsKey.Bytes()[0], one)
			require.Contains(t, f.endBlock(), "EventDealExpiryFailed")
			continue
		}
		f.block()
	}
	require.EqualValues(t, 1, f.row("a").ActiveDeals)
	require.ErrorIs(t, f.send(&types.MsgWithdrawBond{Operator: operator}), types.ErrBondLocked)
	repair()
	require.Contains(t, f.endBlock(), "EventDealEnded")
	require.Zero(t, f.row("a").ActiveDeals)
	require.NoError(t, f.k.CheckInvariants(f.Ctx))
}

func TestQueryPeriod(t *testing.T) {
	f := newProofFixture(t)
	f.opened()
	res, err := f.q.Period(f.Ctx, &types.QueryPeriodRequest{})
	require.NoError(t, err)
	require.Equal(t, f.period(), res.Period)
	require.Equal(t, res.Period.OpenedAt+windowSeconds, res.ClosesAt)
	require.Equal(t, res.Period.OpenedAt+periodSeconds, res.NextAt)
	_, err = f.q.Proofs(f.Ctx, &types.QueryProofsRequest{Operator: "x"})
	require.ErrorIs(t, err, types.ErrInvalidAddress)
	unknown := f.proofs("nobody")
	require.Equal(t, types.NewProofState(f.Addr("nobody").String()), unknown.State)
	require.Empty(t, unknown.Challenges)
	f.closed()
	require.False(t, f.proofs("nobody").Open)
}

// More providers than one block counts are counted over several, each once.
func TestCountingTakesSeveralBlocks(t *testing.T) {
	f := newProofFixture(t)
	f.setParams(func(p *types.Params) { p.MinBond, p.BondPerGib = p.MinBond.QuoRaw(1000), p.BondPerGib.QuoRaw(1000) })
	const count = types.MaxCount + 30
	var names []string
	for i := range count {
		name := string(rune('a'+i/26)) + string(rune('a'+i%26))
		names = append(names, name)
		f.node(name)
		f.keep(f.film(name, 1000), 10, name)
	}
	n := f.opened()
	sets := func() (filled int) {
		for _, name := range names {
			filled += int(f.proofs(name).State.SetSize)
		}
		return filled
	}
	f.closed()
	f.block()
	require.Equal(t, types.MaxCount, sets(), "changes are applied over several blocks too")
	f.block()
	require.Equal(t, count, sets())
	f.until(n+1, types.PERIOD_PHASE_OPEN, false)
	f.prove(names[7])
	blocks := 0
	for !f.period().Counted {
		if !f.period().Open() {
			blocks++
		}
		f.block()
	}
	require.Equal(t, 2, blocks)
	for i, name := range names {
		want := uint64(1)
		if i == 7 {
			want = 0
		}
		require.Equal(t, want, f.proofs(name).State.Missed, name)
	}
}
