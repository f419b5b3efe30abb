package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/streamchain/streamchain/x/storage/types"
)

// A deal that is accepted in period n is asked for from n+2 on: the set of n+1 was frozen before
// anybody revealed what the seed of n+1 comes from.
func TestSetIsFrozenBeforeItsSeedIsKnown(t *testing.T) {
	f := newProofFixture(t)
	f.node("a")
	film := f.film("film", 5000)
	require.EqualValues(t, 1, f.opened())
	f.keep(film, 1000, "a")
	for _, want := range []uint64{0, 0, 1} {
		s := f.proofs("a")
		require.Equal(t, want, s.State.SetSize)
		require.Equal(t, want*5000, s.State.SetBytes)
		require.Len(t, s.Challenges, int(want)*types.Challenges)
		f.prove("a")
		f.opened()
	}
	// the same deal accepted after the close of a window waits no less
	song := f.film("song", 3000)
	f.closed()
	n := f.period().Number
	f.keep(song, 1000, "a")
	f.until(n+1, types.PERIOD_PHASE_OPEN, false)
	require.EqualValues(t, 1, f.proofs("a").State.SetSize)
	f.until(n+2, types.PERIOD_PHASE_OPEN, false)
	require.EqualValues(t, 2, f.proofs("a").State.SetSize)
}

// In one window a provider sees the reveals of all others before it sends its own. Whatever it
// does then with its deals, neither this period's challenges nor the set of the next one change.
func TestProviderCannotFitItsSetToTheSeed(t *testing.T) {
	f := newProofFixture(t)
	f.node("a")
	f.node("b")
	works := []string{f.film("one", 50_000), f.film("two", 3000), f.film("three", 20_000)}
	late := f.film("late", 10_000)
	for _, w := range works {
		f.keep(w, 1000, "a")
	}
	f.settled()
	f.prove("b")
	set := func() (slots []types.ProofSlot) {
		gs, err := f.k.ExportGenesis(f.Ctx)
		require.NoError(t, err)
		for _, s := range gs.ProofSets {
			if s.Operator == f.Addr("a").String() {
				return s.Slots
			}
		}
		return nil
	}
	before, challenges := set(), f.proofs("a").Challenges
	a := f.Addr("a").String()
	f.keep(late, 1000, "a")
	f.must(&types.MsgEndDeal{Signer: f.agent("a").String(), Work: works[0], Operator: a})
	f.must(&types.MsgReportLoss{Agent: f.agent("a").String(), Works: works[1:2]})
	f.keep(works[0], 1000, "a")
	f.must(&types.MsgEndDeal{Signer: f.agent("a").String(), Work: works[2], Operator: a})
	require.Equal(t, before, set())
	require.Equal(t, challenges, f.proofs("a").Challenges)
	// what it has ended is still asked for, in this period and in the next
	f.prove("a")
	f.opened()
	require.Equal(t, before, set())
	f.prove("a")
	f.opened()
	require.EqualValues(t, 2, f.proofs("a").State.SetSize, "the one that came back, and the late one")
}

func TestProofsOfAnHonestNode(t *testing.T) {
	f := newProofFixture(t)
	for _, n := range []string{"a", "b", "idle"} {
		f.node(n)
	}
	one, two := f.film("one", 100_000), f.film("two", 1)
	f.keep(one, 1000, "a", "b")
	f.keep(two, 1000, "a")
	f.settled()
	require.True(t, f.proofs("a").Open)
	seed := f.period().Seed
	for range 5 {
		f.block()
		f.prove("a", "b", "idle")
		require.False(t, f.proofs("a").Open)
		f.opened()
		require.NotEqual(t, seed, f.period().Seed)
		seed = f.period().Seed
	}
	s := f.proofs("a").State
	require.Equal(t, []uint64{5, 0, 0, 2, 100_001}, []uint64{s.Proven, s.Missed, s.MissedSeconds, s.SetSize, s.SetBytes})
	s = f.proofs("idle").State
	require.Equal(t, []uint64{0, 0}, []uint64{s.Proven, s.Missed}, "a period with an empty set is neither")
	require.Equal(t, math.NewInt(1010*stream).String(), f.row("a").Bond.String())
}

// The seed of the next period follows from every reveal, in whatever order.
func TestSeedFollowsFromReveals(t *testing.T) {
	next := func(names ...string) []byte {
		f := newProofFixture(t)
		for _, n := range []string{"a", "b", "c"} {
			f.node(n)
		}
		f.opened()
		f.prove(names...)
		f.closed()
		number, seed, err := f.k.Seed(f.Ctx)
		require.NoError(t, err)
		require.EqualValues(t, 2, number)
		require.Equal(t, f.period().NextSeed, seed[:])
		return seed[:]
	}
	require.Equal(t, next("a", "b", "c"), next("c", "a", "b"))
	require.NotEqual(t, next("a", "b", "c"), next("a", "b"))
	require.NotEqual(t, next("a", "b"), next("a", "c"))
	require.NotEqual(t, next(), next("a"))
}

func TestSeedBeforeTheFirstBlock(t *testing.T) {
	f := newProofFixture(t)
	_, _, err := f.k.Seed(f.Ctx)
	require.ErrorIs(t, err, types.ErrNotBegun)
	f.block()
	number, seed, err := f.k.Seed(f.Ctx)
	require.NoError(t, err)
	require.EqualValues(t, 1, number)
	f.opened()
	number, open, err := f.k.Seed(f.Ctx)
	require.NoError(t, err)
	require.EqualValues(t, 1, number)
	require.Equal(t, seed, open)
}

// A challenge that is left open costs the deal, and the period.
func TestUnansweredChallengeLosesTheDeal(t *testing.T) {
	f := newProofFixture(t)
	f.node("a")
	kept, lost := f.film("kept", 40_000), f.film("lost", 40_000)
	f.keep(kept, 1000, "a")
	f.keep(lost, 1000, "a")
	f.settled()
	f.nodes["a"].lost[lost] = true
	msg := f.proveMsg("a")
	require.Less(t, len(msg.Answers), types.Challenges)
	res, err := f.msg.Prove(f.Ctx, msg)
	require.NoError(t, err)
	require.Equal(t, []string{lost}, res.Lost)
	require.Contains(t, f.events(), "EventProved")
	require.Contains(t, f.events(), "EventProofMissed")
	require.Contains(t, f.events(), "EventRepairOpened")
	require.NotContains(t, f.events(), "EventSlashed")
	_, err = f.k.GetDeal(f.Ctx, lost, f.Addr("a").String())
	require.ErrorIs(t, err, types.ErrDealNotFound)
	_, err = f.k.GetDeal(f.Ctx, kept, f.Addr("a").String())
	require.NoError(t, err)
	s := f.proofs("a")
	require.EqualValues(t, 1, s.Misses)
	require.Equal(t, []uint64{1, periodSeconds, 0}, []uint64{s.State.Missed, s.State.MissedSeconds, s.State.Proven})
	f.closed()
	require.EqualValues(t, 1, f.proofs("a").State.Missed, "and is not counted twice")
}

// A deal that its creator ends is void at once; one that its provider ends is asked for until
// the frozen sets are without it.
func TestVoidSlotsAreDrawnAgain(t *testing.T) {
	f := newProofFixture(t)
	f.node("a")
	one, two := f.film("one", 40_000), f.film("two", 40_000)
	f.keep(one, 1000, "a")
	f.keep(two, 1000, "a")
	f.settled()
	f.must(&types.MsgEndDeal{Signer: f.alice.String(), Work: one, Operator: f.Addr("a").String()})
	challenges := f.proofs("a").Challenges
	require.Len(t, challenges, types.Challenges)
	for _, c := range challenges {
		require.Equal(t, two, c.Work)
	}
	require.EqualValues(t, 2, f.proofs("a").State.SetSize)
	f.prove("a")
	f.opened()
	require.EqualValues(t, 2, f.proofs("a").State.SetSize)
	f.must(&types.MsgEndDeal{Signer: f.alice.String(), Work: two, Operator: f.Addr("a").String()})
	require.Empty(t, f.proofs("a").Challenges, "nothing is left to show")
	f.prove("a")
	f.opened()
	require.EqualValues(t, 1, f.proofs("a").State.SetSize)
	f.prove("a")
	f.opened()
	require.Zero(t, f.proofs("a").State.SetSize)
	require.EqualValues(t, 3, f.proofs("a").State.Proven)
}

// What misses cost: the time, from the third in fourteen on one per cent of the bond, and at the
// seventh all deals.
func TestMissesSlashAndTerminate(t *testing.T) {
	f := newProofFixture(t)
	f.node("a")
	film := f.film("film", 40_000)
	f.keep(film, 1000, "a")
	f.settled()
	bond := math.NewInt(1010 * stream)
	pool := func() math.Int {
		p, err := f.k.Pool(f.Ctx)
		require.NoError(t, err)
		return p
	}
	for i := uint64(1); i <= types.MaxMisses; i++ {
		f.closed()
		if i > types.FreeMisses {
			bond = bond.Sub(bond.QuoRaw(types.SlashDivisor))
		}
		require.Equal(t, bond.String(), f.row("a").Bond.String())
		s := f.proofs("a").State
		require.Equal(t, []uint64{i, i * periodSeconds}, []uint64{s.Missed, s.MissedSeconds})
		require.Equal(t, math.NewInt(1010*stream).Sub(bond).String(), s.Slashed.String())
		require.Equal(t, types.Nano(s.Slashed).String(), pool().String(), "nothing was lost that a bounty could be paid for")
		if i < types.MaxMisses {
			require.Equal(t, types.PROVIDER_STATUS_ACTIVE, f.row("a").Status)
			f.opened()
		}
	}
	p := f.row("a")
	require.Equal(t, types.PROVIDER_STATUS_LEAVING, p.Status)
	require.InDelta(t, f.now()+types.DefaultUnbondingSeconds, p.UnbondAt, 12)
	f.block()
	require.Zero(t, f.row("a").ActiveDeals)
	require.Zero(t, f.proofs("a").Misses, "the bits are cleared")
	_, err := f.k.GetDeal(f.Ctx, film, p.Operator)
	require.ErrorIs(t, err, types.ErrDealNotFound)
	// still counted while its deals are in the frozen set
	f.opened()
	f.closed()
	require.EqualValues(t, types.MaxMisses+1, f.proofs("a").State.Missed)
}

// The bond stays while a proof is due that it answers for.
func TestBondStaysUntilTheSetIsEmpty(t *testing.T) {
	f := newProofFixture(t)
	f.setParams(func(p *types.Params) { p.PeriodSeconds, p.WindowSeconds, p.UnbondingSeconds = 14_400, 7200, 3600 })
	f.node("a")
	film := f.film("film", 40_000)
	f.opened()
	f.keep(film, 1000, "a")
	f.opened()
	operator := f.Addr("a").String()
	// its deal comes in this period, and leaves in the next
	f.must(&types.MsgEndDeal{Signer: f.agent("a").String(), Work: film, Operator: operator})
	f.must(&types.MsgLeave{Operator: operator})
	withdraw := &types.MsgWithdrawBond{Operator: operator}
	require.ErrorIs(t, f.send(withdraw), types.ErrBondLocked)
	f.next(3600 * time.Second)
	require.Zero(t, f.proofs("a").State.SetSize)
	require.ErrorIs(t, f.send(withdraw), types.ErrStillProving)
	n := f.opened()
	require.EqualValues(t, 1, f.proofs("a").State.SetSize)
	require.ErrorIs(t, f.send(withdraw), types.ErrStillProving)
	f.prove("a")
	f.until(n+1, types.PERIOD_PHASE_OPEN, false)
	f.must(withdraw)
	require.EqualValues(t, 1, f.proofs("a").State.Proven)
}

// Lost works share what their miss was slashed; the pool gets the rest, and nothing is made or lost.
func TestSlashPaysBountiesOfWhatWasLost(t *testing.T) {
	f := newProofFixture(t)
	f.node("a")
	works := []string{f.film("one", 40_000), f.film("two", 40_000), f.film("three", 40_000)}
	for _, w := range works {
		f.keep(w, 1000, "a")
	}
	f.settled()
	f.closed() // one miss
	f.opened()
	f.closed() // two
	f.opened()
	before, err := f.k.Liabilities(f.Ctx)
	require.NoError(t, err)
	for _, w := range works {
		f.nodes["a"].lost[w] = true
	}
	res, err := f.msg.Prove(f.Ctx, f.proveMsg("a"))
	require.NoError(t, err)
	require.Len(t, res.Lost, 3)
	slashed := math.NewInt(1010 * stream / 100)
	share := types.Nano(slashed).QuoRaw(3)
	gs, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(t, err)
	require.Len(t, gs.Repairs, 3)
	for _, r := range gs.Repairs {
		require.Equal(t, share.String(), r.Bounty.String())
		require.Equal(t, types.DEAL_END_LOST, r.Reason)
	}
	require.Equal(t, types.Nano(slashed).Sub(share.MulRaw(3)).String(), gs.Pool.String())
	after, err := f.k.Liabilities(f.Ctx)
	require.NoError(t, err)
	require.Equal(t, before.String(), after.String())
	require.Equal(t, slashed.String(), f.proofs("a").State.Slashed.String())
}

// Many deals of a terminated provider end within a cap a block.
func TestTerminationIsBounded(t *testing.T) {
	f := newProofFixture(t)
	f.node("a")
	for i := range types.MaxTerminate + 7 {
		f.keep(f.film(string(rune('A'+i/26))+string(rune('a'+i%26)), 1000), 10, "a")
	}
	f.settled()
	for f.row("a").Status == types.PROVIDER_STATUS_ACTIVE {
		f.block()
	}
	require.EqualValues(t, 7, f.row("a").ActiveDeals)
	require.ErrorIs(t, f.send(f.acceptMsg("a", f.film("new", 10))), types.ErrProviderInactive)
	f.block()
	require.Zero(t, f.row("a").ActiveDeals)
	f.block()
	gs, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(t, err)
	require.Empty(t, gs.Terminating)
	require.Len(t, gs.Repairs, types.MaxTerminate+7)
}

// A deal that its provider ended is asked for until the sets are without it. Left unanswered it
// is a miss, and the whole bounty goes to what is still wanted.
func TestUnansweredChallengeOfAnEndedDeal(t *testing.T) {
	f := newProofFixture(t)
	f.node("a")
	gone, live := f.film("gone", 40_000), f.film("live", 40_000)
	f.keep(gone, 1000, "a")
	f.keep(live, 1000, "a")
	f.settled()
	f.closed()
	f.opened()
	f.closed()
	f.opened()
	f.must(&types.MsgEndDeal{Signer: f.agent("a").String(), Work: gone, Operator: f.Addr("a").String()})
	f.nodes["a"].lost[gone], f.nodes["a"].lost[live] = true, true
	res, err := f.msg.Prove(f.Ctx, f.proveMsg("a"))
	require.NoError(t, err)
	require.Equal(t, []string{live}, res.Lost)
	gs, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(t, err)
	require.Len(t, gs.Repairs, 2)
	for _, r := range gs.Repairs {
		want := math.ZeroInt()
		if r.Work == live {
			want = types.Nano(math.NewInt(1010 * stream / 100))
		}
		require.Equal(t, want.String(), r.Bounty.String())
	}
	require.True(t, gs.Pool.IsZero())
}
