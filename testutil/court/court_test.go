package court_test

import (
	"crypto/sha256"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	sdkmath "cosmossdk.io/math"

	"github.com/streamchain/streamchain/testutil/court"
	"github.com/streamchain/streamchain/x/dispute/types"
)

// runs is how many disputes each figure is measured over.
const runs = 10_000

// majority is the theory: the odds that a part p of the stake has most of n seats.
func majority(n int, p float64) float64 {
	sum := 0.0
	for k := n/2 + 1; k <= n; k++ {
		a, _ := math.Lgamma(float64(n + 1))
		b, _ := math.Lgamma(float64(k + 1))
		c, _ := math.Lgamma(float64(n - k + 1))
		sum += math.Exp(a - b - c + float64(k)*math.Log(p) + float64(n-k)*math.Log(1-p))
	}
	return sum
}

// near says that a measured part of runs fits a probability within four standard deviations.
func near(t *testing.T, want float64, hits int, what string) {
	t.Helper()
	sigma := math.Sqrt(want * (1 - want) * runs)
	require.InDelta(t, want*runs, hits, 4*sigma+1, what)
}

func game(stake uint64) court.Game {
	terms, err := types.DefaultParams().Of(types.KIND_INFRINGEMENT)
	if err != nil {
		panic(err)
	}
	// the most that the bond lets a dispute hold back
	return court.Game{Terms: terms, Stake: stake, Value: terms.Bond.MulRaw(types.ContestParts), Defends: true}
}

// A jury is captured as often as theory says, at every size.
func TestCapture(t *testing.T) {
	known := map[string]float64{ // of the threat model, in per cent
		"20/7": 3.3, "20/15": 0.42, "20/31": 0.009, "30/7": 12.6, "30/15": 5.0, "30/31": 0.95, "40/7": 29, "40/15": 21, "40/31": 12.8,
	}
	for _, percent := range []uint64{20, 30, 40} {
		for round := range types.MaxRounds {
			n := types.SeatsOf(round)
			want := majority(int(n), float64(percent)/100)
			if k, ok := known[fmt.Sprintf("%d/%d", percent, n)]; ok {
				require.InEpsilon(t, k, 100*want, 0.06)
			}
			hits := 0
			for i := range uint64(runs) {
				mine := uint32(0)
				for seat := range n {
					if types.DrawPoint("court", sha256.Sum256([]byte{byte(round), byte(percent)}), i, uint32(round), seat, court.Line) < percent*court.Line/100 {
						mine++
					}
				}
				if 2*mine > n {
					hits++
				}
			}
			near(t, want, hits, fmt.Sprintf("%d %% of the stake, %d seats", percent, n))
			t.Logf("%d %% of the stake, %2d seats: captured %.3f %%, theory %.3f %%", percent, n, 100*float64(hits)/runs, 100*want)
		}
	}
}

// Whatever an attacker of up to 40 per cent does, the false claim costs more than it brings, and
// with the appeals of one honest party it stands less often than the last jury is captured.
func TestAttackerLoses(t *testing.T) {
	for _, percent := range []uint64{20, 30, 40} {
		for appeals := range types.MaxRounds {
			for _, hides := range []bool{false, true} {
				g := game(percent * court.Line / 100)
				g.Appeals, g.Hides = appeals, hides
				captured, first, sum := 0, 0, sdkmath.ZeroInt()
				for i := range uint64(runs) {
					r := g.Play(sha256.Sum256(fmt.Appendf(nil, "%d %d %v", percent, appeals, hides)), i)
					if r.Captured {
						captured++
					}
					if r.First {
						first++
					}
					sum = sum.Add(r.Gain)
				}
				what := fmt.Sprintf("%d %% of the stake, %d appeals, hides %v", percent, appeals, hides)
				near(t, majority(types.FirstSeats, float64(percent)/100), first, what)
				last := majority(types.LastSeats, float64(percent)/100)
				require.LessOrEqual(t, float64(captured), last*runs+4*math.Sqrt(last*(1-last)*runs)+1, what)
				if percent <= 30 {
					require.Less(t, captured, runs/100, what)
				}
				require.True(t, sum.IsNegative(), "%s: %s", what, sum)
				t.Logf("%s: captured %.2f %%, expected value %s STREAM", what, 100*float64(captured)/runs, sum.QuoRaw(runs*1_000_000))
			}
		}
	}
}

// Without appeals a captured first jury would do: it is the appeals that protect.
func TestAppealsProtect(t *testing.T) {
	g := game(400_000)
	g.Defends = false
	captured := 0
	for i := range uint64(runs) {
		if g.Play([32]byte{7}, i).Captured {
			captured++
		}
	}
	near(t, majority(types.FirstSeats, 0.4), captured, "first jury")
}
