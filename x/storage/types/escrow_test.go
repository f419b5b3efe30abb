package types_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/streamchain/streamchain/x/storage/types"
)

func TestRate(t *testing.T) {
	for _, c := range []struct {
		price int64
		size  uint64
		want  string
	}{
		{0, 1 << 40, "0"},
		{86_400, types.GiB, "1000000000"}, // a ustream a second
		{86_400, 1, "1"},                  // rounds up: priced is never free
		{1, types.GiB, "11575"},           // 11574.07…
		{500, 22_700_000, "122344"},       // 122343.1…
		{types.MaxPricePerGiBDay, 1<<64 - 1, "198841078518518518507739323"},
	} {
		require.Equal(t, c.want, types.Rate(math.NewInt(c.price), c.size).String(), "%d × %d", c.price, c.size)
	}
}

func TestAccrue(t *testing.T) {
	e := types.Escrow{Balance: math.NewInt(100), Owed: math.ZeroInt(), Rate: math.NewInt(7), UpdatedAt: 1000}
	require.EqualValues(t, 1014, e.DryAt())
	for _, c := range []struct {
		now                  int64
		balance, owed, index int64
		dry                  bool
	}{
		{900, 100, 0, 0, false},
		{1000, 100, 0, 0, false},
		{1001, 93, 7, 1, false},
		{1013, 9, 91, 13, false},
		{1014, 2, 98, 14, true},
		{9999, 2, 98, 14, true},
	} {
		got := e.Accrue(c.now)
		require.EqualValues(t, []int64{c.balance, c.owed, c.index}, []int64{got.Balance.Int64(), got.Owed.Int64(), int64(got.Index)}, "at %d", c.now)
		require.Equal(t, c.dry, got.Dry(), "at %d", c.now)
		require.EqualValues(t, max(c.now, 1000), got.UpdatedAt)
	}
	// what comes while dry pays for no second before it
	dry := e.Accrue(2000)
	dry.Balance = dry.Balance.AddRaw(5)
	require.EqualValues(t, 15, dry.Accrue(2001).Index)
	require.EqualValues(t, 15, dry.Accrue(3000).Index)
	// the numbers that no chain reaches
	e.Rate, e.Balance = math.OneInt(), math.NewIntWithDecimal(1, 60)
	require.Zero(t, e.DryAt())
	require.EqualValues(t, 1<<62, e.Accrue(1000+1<<62).Index)
	e.Rate = math.ZeroInt()
	require.Zero(t, e.DryAt())
	require.Zero(t, e.Accrue(1<<62).Index)
	require.False(t, e.Dry())
}

func TestRequiredBond(t *testing.T) {
	p := types.DefaultParams()
	for capacity, gibs := range map[uint64]int64{1: 1, types.GiB: 1, types.GiB + 1: 2, 100 * types.GiB: 100} {
		require.EqualValues(t, (1000+gibs)*1_000_000, p.RequiredBond(capacity).Int64())
	}
	require.Equal(t, "17179870184000000", p.RequiredBond(1<<64-1).String())
}

func TestLiabilitiesRoundUp(t *testing.T) {
	gs := types.GenesisState{
		Providers: []types.Provider{{Bond: math.NewInt(5)}, {Bond: math.NewInt(6)}},
		Escrows:   []types.Escrow{{Balance: math.NewInt(400_000_000), Owed: math.NewInt(500_000_000)}},
		Earnings:  []types.Earning{{Amount: math.NewInt(100_000_000)}},
		Pool:      math.ZeroInt(),
	}
	require.EqualValues(t, 12, gs.Liabilities().Int64())
	gs.Pool = math.OneInt()
	require.EqualValues(t, 13, gs.Liabilities().Int64(), "a nano more is owed as a whole ustream")
}
