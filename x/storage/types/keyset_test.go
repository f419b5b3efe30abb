package types_test

import (
	"math/big"
	"math/bits"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/x/storage/types"
)

func TestKeySetSize(t *testing.T) {
	for found, want := range []int{0, 1, 1, 3, 3, 5, 5, 7, 7, 7} {
		require.Equal(t, want, types.KeySetSize(found), found)
	}
}

// Whoever is asked, two thresholds of a set have a holder in common; and of the others fewer are left than answer.
func TestThresholdsMeet(t *testing.T) {
	for n := 1; n <= types.MaxKeyHolders; n += 2 {
		threshold := int(types.KeyThreshold(n))
		require.Less(t, n-threshold, threshold)
		for a := range 1 << n {
			for b := range 1 << n {
				if bits.OnesCount(uint(a)) == threshold && bits.OnesCount(uint(b)) == threshold {
					require.NotZero(t, a&b)
				}
			}
		}
	}
}

// odds is how often at least threshold of n holders are among the attackers, who are percent of all, in millionths.
func odds(threshold, n, percent int64) int64 {
	sum := new(big.Int)
	for k := threshold; k <= n; k++ {
		term := new(big.Int).Binomial(n, k)
		term.Mul(term, new(big.Int).Exp(big.NewInt(percent), big.NewInt(k), nil))
		sum.Add(sum, term.Mul(term, new(big.Int).Exp(big.NewInt(100-percent), big.NewInt(n-k), nil)))
	}
	sum.Mul(sum, big.NewInt(1_000_000))
	return sum.Div(sum, new(big.Int).Exp(big.NewInt(100), big.NewInt(n), nil)).Int64()
}

// The table of docs/adr/0008: how often attackers are given a whole threshold by the draw.
func TestCollusionOdds(t *testing.T) {
	for _, c := range []struct {
		threshold, n int64
		at           [3]int64 // millionths at 10, 20 and 30 %
	}{
		{3, 5, [3]int64{8_560, 57_920, 163_080}},
		{3, 6, [3]int64{15_850, 98_880, 255_690}},
		{4, 7, [3]int64{2_728, 33_344, 126_036}},
	} {
		for i, want := range c.at {
			require.Equal(t, want, odds(c.threshold, c.n, int64(10*(i+1))), "%d of %d", c.threshold, c.n)
		}
	}
}
