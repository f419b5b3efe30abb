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

func TestPayOf(t *testing.T) {
	const period = 100 // so a bounty is spread over 9,000 seconds
	e := types.Escrow{Index: 1000}
	for _, c := range []struct {
		index, before, missed, bounty, left uint64
		earned, voided, paid                int64
	}{
		{1000, 0, 0, 0, 0, 0, 0, 0},           // nothing was covered since
		{900, 0, 0, 0, 0, 700, 0, 0},          // 100 seconds
		{900, 0, 30, 0, 0, 490, 210, 0},       // 30 of them missed
		{900, 30, 30, 0, 0, 700, 0, 0},        // missed before it was settled
		{900, 30, 50, 0, 0, 560, 140, 0},      // and after
		{900, 0, 5000, 0, 0, 0, 700, 0},       // more missed than the escrow covered
		{900, 50, 30, 0, 0, 700, 0, 0},        // never the other way
		{2000, 0, 30, 0, 0, 0, 0, 0},          // nor before it was accepted
		{900, 0, 0, 9000, 9000, 700, 0, 100},  // a ninetieth of a period's worth
		{900, 0, 99, 9000, 9000, 7, 693, 1},   // proven seconds only
		{900, 0, 0, 9000, 60, 700, 0, 60},     // no more than is left
		{900, 0, 0, 89, 89, 700, 0, 0},        // rounds down
		{0, 0, 0, 9001, 9001, 7000, 0, 1000},  // 1000.11…
		{0, 0, 1000, 9001, 9001, 0, 7000, 0},  // all missed
		{900, 0, 0, 9000, 0, 700, 0, 0},       // all earned already
		{1000, 0, 5000, 9000, 9000, 0, 0, 0},  // missed while dry
		{999, 0, 1, 9000, 9000, 0, 7, 0},      // one second
		{999, 1, 1, 90_000, 90_000, 7, 0, 10}, // the other second
	} {
		d := types.Deal{
			Status: types.DEAL_STATUS_ACTIVE, Rate: math.NewInt(7), Index: c.index, MissedSeconds: c.before,
			Bounty: math.NewIntFromUint64(c.bounty), BountyLeft: math.NewIntFromUint64(c.left),
		}
		pay := e.PayOf(d, c.missed, period)
		require.Equal(t, []int64{c.earned, c.voided, c.paid}, []int64{pay.Earned.Int64(), pay.Voided.Int64(), pay.Bounty.Int64()}, "%+v", c)
		require.Equal(t, e.Accrued(d).Int64(), c.earned+c.voided, "all of owed goes somewhere")
		require.Equal(t, c.earned+c.paid, pay.Total().Int64())
		d.Status = types.DEAL_STATUS_REQUESTED
		require.True(t, e.PayOf(d, c.missed, period).Total().IsZero())
	}
}

func TestExcess(t *testing.T) {
	const most = types.EndowedDays * types.DaySeconds
	for _, c := range []struct{ rate, balance, amount, want int64 }{
		{0, 1 << 60, 100, 0},
		{1, most - 100, 100, 0},
		{1, most - 100, 101, 1},
		{1, most, 100, 100},
		{1, most + 1, 100, 100}, // what is there stays
		{3, most, 3 * most, most},
	} {
		e := types.Escrow{Rate: math.NewInt(c.rate), Balance: math.NewInt(c.balance)}
		require.Equal(t, c.want, e.Excess(math.NewInt(c.amount)).Int64(), "%+v", c)
	}
}

func TestMatchAt(t *testing.T) {
	const epoch = types.MatchEpochSeconds
	m := types.Match{Root: "r", Epoch: 7, Left: math.NewInt(101), Allowance: math.NewInt(5)}
	for _, c := range []struct{ now, epoch, left, allowance int64 }{
		{0, 7, 101, 5}, {7 * epoch, 7, 101, 5}, {8*epoch - 1, 7, 101, 5},
		{8 * epoch, 8, 0, 50}, {9*epoch - 1, 8, 0, 50}, {9 * epoch, 9, 0, 0}, {99 * epoch, 99, 0, 0},
	} {
		got := m.At(c.now)
		require.Equal(t, []int64{c.epoch, c.left, c.allowance}, []int64{int64(got.Epoch), got.Left.Int64(), got.Allowance.Int64()}, "at %d", c.now)
	}
	require.Zero(t, types.NewMatch("r", -1).Epoch)
}

func TestDealEnds(t *testing.T) {
	for end, want := range map[types.DealEnd][2]bool{ // wants another copy; the provider answers until its set has changed
		types.DEAL_END_PROVIDER: {true, true}, types.DEAL_END_LOST: {true, true}, types.DEAL_END_TERMINATED: {true, true},
		types.DEAL_END_REFUSED: {true, false}, types.DEAL_END_CONTROLLER: {false, false}, types.DEAL_END_EXPIRED: {false, false},
		types.DEAL_END_RETIRED: {false, false},
	} {
		require.Equal(t, want, [2]bool{end.Reopens(), end.ByProvider()}, end)
	}
}
