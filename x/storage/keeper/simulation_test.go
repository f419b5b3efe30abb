package keeper_test

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	clocktypes "github.com/streamchain/streamchain/x/clock/types"
	"github.com/streamchain/streamchain/x/storage/types"
)

// atLeast is the probability of at least k successes in n tries of probability p.
func atLeast(k, n int, p float64) float64 {
	sum, choose := 0.0, 1.0
	for i := range k {
		sum += choose * math.Pow(p, float64(i)) * math.Pow(1-p, float64(n-i))
		choose = choose * float64(n-i) / float64(i+1)
	}
	return 1 - sum
}

// within asserts that a share of runs is what was predicted, within four standard deviations.
func within(t *testing.T, predicted float64, hits, runs int) {
	t.Helper()
	deviation := math.Sqrt(predicted * (1 - predicted) / float64(runs))
	require.InDelta(t, predicted, float64(hits)/float64(runs), 4*deviation)
	t.Logf("predicted %.4f, seen %.4f in %d", predicted, float64(hits)/float64(runs), runs)
}

// A node that lost a part of its works, and hides it, misses a period with 1 − (1 − part)⁸. Of
// those that lost 5 %, 90 % are slashed within 14 periods; who lost a fifth hardly ever escapes.
func TestLossIsFoundAsOftenAsPredicted(t *testing.T) {
	const works, runs = 400, 3000
	for _, lostWorks := range []int{4, 20, 80} {
		part := float64(lostWorks) / works
		miss := 1 - math.Pow(1-part, types.Challenges)
		var set list
		for i := range works {
			set = append(set, types.ProofSlot{Work: fmt.Sprint(i), Size_: 1 << 30})
		}
		missed, slashed, ended := 0, 0, 0
		for run := range runs {
			operator := binary.BigEndian.AppendUint64([]byte("operator"), uint64(run))
			seed := types.FirstSeed(fmt.Sprint("run ", run))
			s, worst := types.NewProofState("operator"), uint32(0)
			for period := range uint64(types.MissMemory) {
				challenges, err := types.Draw{ChainID: "simulation", Seed: seed, Operator: operator, Period: period}.Challenges(set)
				require.NoError(t, err)
				s = answer(s, challenges, lostWorks)
				worst = max(worst, s.RecentMisses())
				seed = types.NextSeed("simulation", period+1, seed, make([]byte, 32))
			}
			missed += int(s.Missed)
			if worst > types.FreeMisses {
				slashed++
			}
			if worst >= types.MaxMisses {
				ended++
			}
		}
		t.Logf("lost %.0f %%", 100*part)
		within(t, miss, missed, runs*types.MissMemory)
		within(t, atLeast(types.FreeMisses+1, types.MissMemory, miss), slashed, runs)
		within(t, atLeast(types.MaxMisses, types.MissMemory, miss), ended, runs)
	}
}

// answer books a period of a node that lost its first works.
func answer(s types.ProofState, challenges []types.Challenge, lostWorks int) types.ProofState {
	for _, c := range challenges {
		var i int
		if _, err := fmt.Sscan(c.Work, &i); err == nil && i < lostWorks {
			return s.Miss(types.DefaultPeriodSeconds)
		}
	}
	return s.Prove()
}

// honest is a node that proves in the block after the one in which it saw a period open, or a
// few blocks later, unless it is cut off.
type honest struct {
	state   types.ProofState
	sendAt  int64
	cut     [types.MissMemory]bool // in which of the newest periods it was cut off
	worst   uint32
	skipped int
}

// opened decides when the node sends: never, in at most two of fourteen periods.
func (h *honest) opened(rng *rand.Rand, number uint64, height int64) {
	h.sendAt = height + 1 + rng.Int64N(types.MinWindowBlocks-2)
	at := number % types.MissMemory
	h.cut[at] = false
	cuts := 0
	for _, c := range h.cut {
		if c {
			cuts++
		}
	}
	if cuts < types.FreeMisses && rng.IntN(5) == 0 {
		h.cut[at], h.sendAt = true, -1
		h.skipped++
	}
}

// Honest nodes are never slashed: not in 10,000 periods with blocks of any length, halts of days
// over which live time jumps, and cuts of two periods in fourteen, under the shortest periods
// that parameters allow and the default ones.
func TestHonestNodesAreNeverSlashed(t *testing.T) {
	short := types.DefaultParams()
	short.PeriodSeconds, short.WindowSeconds = types.MinPeriodSeconds, types.MinWindowSeconds
	day := types.DefaultParams()
	for _, params := range []types.Params{short, day} {
		rng := rand.New(rand.NewPCG(7, uint64(params.PeriodSeconds)))
		nodes := make([]*honest, 20)
		for i := range nodes {
			nodes[i] = &honest{state: types.NewProofState(fmt.Sprint(i)), sendAt: -1}
		}
		clock := clocktypes.Clock{LiveNanos: 1e18, BlockNanos: 1e18}
		now := func() int64 { return clock.LiveNanos / 1e9 }
		// a block of a chain with a period of a day may as well be long: only their number counts
		seconds := 1 + rng.Int64N(5)
		if params.PeriodSeconds > 1000 {
			seconds = 55
		}
		p, halts := types.FirstPeriod("simulation", now(), 1), 0
		for height := int64(2); p.Number < 10_000; height++ {
			step := 1 + rng.Int64N(2*seconds)
			if rng.IntN(200) == 0 {
				step, halts = rng.Int64N(3*types.DaySeconds), halts+1
			}
			clock = clock.Advance(clock.BlockNanos + step*1e9)
			for _, n := range nodes {
				if p.Open() && height == n.sendAt {
					n.state.Answered = p.Number
					n.state = n.state.Prove()
				}
			}
			switch {
			case p.CanClose(params, now(), height):
				p = p.Close("simulation")
			case p.Open():
			case !p.Counted:
				for _, n := range nodes {
					if n.state.Answered < p.Number && p.Number > 0 {
						n.state = n.state.Miss(params.PeriodSeconds)
					}
					n.worst = max(n.worst, n.state.RecentMisses())
				}
				p.Counted = true
			case p.CanOpenNext(params, now()):
				p = p.Next(params, now(), height)
				for _, n := range nodes {
					n.opened(rng, p.Number, height)
				}
			}
		}
		for _, n := range nodes {
			require.LessOrEqual(t, n.worst, uint32(types.FreeMisses))
			require.InDelta(t, n.skipped, n.state.Missed, 1)
			require.Greater(t, n.skipped, 1000)
		}
		require.Greater(t, halts, 500)
	}
}

// The same through the module itself: proofs arrive in the last block of a window, blocks jump
// over halts, and cut off nodes miss two periods in fourteen.
func TestHonestNodesOnTheChain(t *testing.T) {
	f := newProofFixture(t)
	f.node("a")
	f.node("b")
	f.keep(f.film("one", 30_000), 100_000, "a", "b")
	f.settled()
	rng := rand.New(rand.NewPCG(3, 4))
	for i := range 150 {
		for range rng.IntN(types.MinWindowBlocks) {
			f.jump(60_000_000_000) // as after a halt: a whole window in one block
			f.block()
		}
		require.True(t, f.period().Open(), "no halt closes a window")
		f.prove("a")
		if i%types.MissMemory > 1 {
			f.prove("b")
		}
		f.opened()
	}
	require.Zero(t, f.proofs("a").State.Missed)
	require.EqualValues(t, 22, f.proofs("b").State.Missed)
	for _, n := range []string{"a", "b"} {
		require.Zero(t, f.proofs(n).State.Slashed.Int64())
		require.Equal(t, types.PROVIDER_STATUS_ACTIVE, f.row(n).Status)
	}
}
