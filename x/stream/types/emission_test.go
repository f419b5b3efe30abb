package types_test

import (
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"cosmossdk.io/math"

	"github.com/streamchain/streamchain/x/stream/types"
)

const year = types.YearSeconds

func TestSchedule(t *testing.T) {
	const yearly = 2_000_000_000_000
	for years, want := range map[int64]int64{
		0: 0, 1: yearly, 8: 8 * yearly, 9: 8*yearly + yearly/2, 12: 10 * yearly, 16: 11 * yearly, 20: 11*yearly + yearly/2,
	} {
		require.Equal(t, want, types.Scheduled(years*year).Int64(), "%d years", years)
	}
	require.EqualValues(t, 12*yearly, types.Scheduled(1000*year).AddRaw(1000).Int64()/yearly*yearly, "24,000,000 STREAM is the end of it")
	require.True(t, types.Scheduled(1<<50).LTE(math.NewInt(12*yearly)))
	require.True(t, types.Scheduled(-5).IsZero())
	for seconds, want := range map[int64]int64{0: yearly, 8*year - 1: yearly, 8 * year: yearly / 2, 12 * year: yearly / 4} {
		got, halves := types.YearlyAt(seconds)
		require.Equal(t, want, got.Int64())
		require.Greater(t, halves, seconds)
	}
	// never more than 2 % of the genesis supply in any year
	require.LessOrEqual(t, int64(yearly)*50, int64(types.GenesisSupply))
}

// Against an oracle in fractions, and monotone: blocks of any length sum to the schedule.
func TestScheduleOracle(t *testing.T) {
	oracle := func(seconds int64) *big.Int {
		sum, rate, begin, span := new(big.Rat), new(big.Rat).SetFrac64(2_000_000_000_000, year), int64(0), int64(8*year)
		for begin < seconds {
			n := min(seconds-begin, span)
			sum.Add(sum, new(big.Rat).Mul(rate, new(big.Rat).SetInt64(n)))
			begin, span, rate = begin+n, 4*year, new(big.Rat).Quo(rate, new(big.Rat).SetInt64(2))
		}
		return new(big.Int).Quo(sum.Num(), sum.Denom())
	}
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.Int64Range(0, 60*year).Draw(t, "a")
		b := a + rapid.Int64Range(0, 60).Draw(t, "block")
		diff := new(big.Int).Sub(oracle(a), types.Scheduled(a).BigInt())
		require.True(t, diff.Sign() >= 0 && diff.Cmp(big.NewInt(100)) < 0, "never above, and below by less than a unit an era")
		step := types.Scheduled(b).Sub(types.Scheduled(a))
		require.False(t, step.IsNegative())
		require.True(t, step.LTE(types.FirstYearly().MulRaw(b-a).QuoRaw(year).AddRaw(1)), "no block mints faster than the first year")
	})
}

func TestAllocation(t *testing.T) {
	sum := math.ZeroInt()
	for _, p := range types.GenesisParts() {
		sum = sum.Add(p.Amount)
	}
	require.EqualValues(t, types.GenesisSupply, sum.Int64())
}
