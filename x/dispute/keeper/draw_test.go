package keeper_test

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	corestore "cosmossdk.io/core/store"
	sdkmath "cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/testutil/keepertest"
	"github.com/streamchain/streamchain/x/dispute/keeper"
	"github.com/streamchain/streamchain/x/dispute/types"
)

// chiSquare returns the statistic of counts against expected shares, and what it must stay under
// for p > 0.01 (Wilson and Hilferty's approximation).
func chiSquare(counts map[string]int, shares map[string]float64, n int) (stat, limit float64) {
	for who, share := range shares {
		want := share * float64(n)
		d := float64(counts[who]) - want
		stat += d * d / want
	}
	k := float64(len(shares) - 1)
	c := 2 / (9 * k)
	return stat, k * math.Pow(1-c+2.3263*math.Sqrt(c), 3)
}

// draws makes n draws from the tree as juries are drawn.
func (f *fixture) draws(n int, dispute uint64) map[string]int {
	f.T.Helper()
	counts := map[string]int{}
	_, seed, err := f.storage.Seed(f.Ctx)
	require.NoError(f.T, err)
	_, total, err := f.k.Find(f.Ctx, 0)
	require.NoError(f.T, err)
	for i := range n {
		x := types.DrawPoint(keepertest.ChainID, seed, dispute, 0, uint32(i), total)
		addr, _, err := f.k.Find(f.Ctx, x)
		require.NoError(f.T, err)
		counts[addr.String()]++
	}
	return counts
}

// Splitting a stake over a hundred wallets changes nothing: over 10^5 draws one wallet and a
// hundred with the same stake are drawn equally often, and each of the hundred as often as its
// part of the stake.
func TestDrawIsNeutralToSplitting(t *testing.T) {
	f := newFixture(t)
	const n, each = 100_000, 500 * stream
	whole := f.Funded("whole", 200*each)
	f.must(&types.MsgStakeJuror{Juror: whole.String(), Amount: sdkmath.NewInt(100 * each)})
	shares := map[string]float64{whole.String(): 0.5}
	for i := range 100 {
		part := f.Funded(fmt.Sprintf("part%d", i), 2*each)
		f.must(&types.MsgStakeJuror{Juror: part.String(), Amount: sdkmath.NewInt(each)})
		shares[part.String()] = 0.005
	}
	f.periods(types.SeedLead)
	counts := f.draws(n, 1)
	stat, limit := chiSquare(counts, shares, n)
	require.Less(t, stat, limit, "all wallets")
	t.Logf("101 wallets: χ² %.1f < %.1f", stat, limit)

	two := map[string]int{"whole": counts[whole.String()], "parts": n - counts[whole.String()]}
	stat, limit = chiSquare(two, map[string]float64{"whole": 0.5, "parts": 0.5}, n)
	require.Less(t, stat, limit, "one against a hundred")
	t.Logf("one against a hundred: %v, χ² %.2f < %.2f", two, stat, limit)

	// and a draw that is not by stake would be seen
	counts[whole.String()] = n / 101
	stat, limit = chiSquare(counts, shares, n)
	require.Greater(t, stat, limit)
}

// The tree follows every change: stakes come, grow, shrink and go in any order, and each place of
// the line is who a plain list says.
func TestTreeAgainstList(t *testing.T) {
	f := newFixture(t)
	var addrs []sdk.AccAddress
	for i := range 37 {
		addrs = append(addrs, f.Funded(fmt.Sprintf("j%d", i), 10_000*stream))
	}
	for step := range 160 {
		addr := addrs[(step*step+7*step)%len(addrs)]
		j, err := f.k.GetJuror(f.Ctx, addr)
		if err == nil && step%3 == 0 && j.Stake.IsPositive() {
			f.must(&types.MsgUnstakeJuror{Juror: addr.String(), Amount: j.Stake})
		} else {
			f.must(&types.MsgStakeJuror{Juror: addr.String(), Amount: sdkmath.NewInt(int64(500+step) * stream)})
		}
		if step%5 == 0 {
			f.periods(1)
		}
		if step%40 == 0 {
			f.check()
		}
	}
	f.periods(types.SeedLead)
	f.check()
	jurors, err := f.q.Jurors(f.Ctx, &types.QueryJurorsRequest{})
	require.NoError(t, err)
	bySlot := map[uint64]types.Juror{}
	for _, j := range jurors.Jurors {
		require.Equal(t, j.Stake.Uint64(), j.Weight, "nothing waits")
		bySlot[j.Slot] = j
	}
	at := uint64(0)
	for slot := uint64(1); bySlot[slot].Weight > 0; slot++ {
		j := bySlot[slot]
		for _, x := range []uint64{at, at + j.Weight/2, at + j.Weight - 1} {
			found, _, err := f.k.Find(f.Ctx, x)
			require.NoError(t, err)
			require.Equal(t, j.Address, found.String())
		}
		at += j.Weight
	}
	_, total, err := f.k.Find(f.Ctx, 0)
	require.NoError(t, err)
	require.Equal(t, total, at)
}

// counting is a store that counts reads.
type counting struct {
	corestore.KVStoreService
	reads int
}

type countingStore struct {
	corestore.KVStore
	c *counting
}

func (c *counting) OpenKVStore(ctx context.Context) corestore.KVStore {
	return countingStore{c.KVStoreService.OpenKVStore(ctx), c}
}

func (s countingStore) Get(key []byte) ([]byte, error) {
	s.c.reads++
	return s.KVStore.Get(key)
}

// A draw reads one node for each doubling of the jurors.
func TestDrawReads(t *testing.T) {
	e := bareFixture(t)
	c := &counting{KVStoreService: e.StoreService(types.StoreKey)}
	k := keeper.NewKeeper(keeper.Deps{
		Cdc: e.Cdc, Store: c, Account: e.Account, Bank: e.Bank, Clock: e.Clock, Content: e.content, Storage: e.storage, Revenue: e.revenue, Authority: e.Authority,
	})
	gs := types.DefaultGenesis()
	for i := range 4096 {
		j := types.NewJuror(sdk.AccAddress(fmt.Appendf(nil, "juror %014d", i)).String())
		j.Stake, j.Slot, j.Weight = gs.Params.MinStake, uint64(i+1), gs.Params.MinStake.Uint64()
		gs.Jurors = append(gs.Jurors, j)
	}
	require.NoError(t, k.InitGenesis(e.Ctx, *gs))
	for _, x := range []uint64{0, 1, 500_000_000 * 4095, 1 << 40} {
		c.reads = 0
		_, _, err := k.Find(e.Ctx, x)
		require.NoError(t, err)
		require.LessOrEqual(t, c.reads, 16, "13 nodes, size, total and slot")
	}
}

// A stake that is put up once a seed can be known does not count for what that seed draws.
func TestStakeCountsLater(t *testing.T) {
	f := newFixture(t)
	f.jurors(10)
	id := f.opened(f.open(types.KIND_INFRINGEMENT))
	f.next(window + 1e9)
	require.Equal(t, f.storage.period+types.SeedLead, f.get(id).Rounds[0].Period)
	f.periods(1)
	whale := f.Funded("whale", 900_000_000*stream)
	f.must(&types.MsgStakeJuror{Juror: whale.String(), Amount: sdkmath.NewInt(800_000_000 * stream)})
	f.periods(1)
	for _, b := range f.ballots(id) {
		require.NotEqual(t, whale.String(), b.Juror)
	}
	j, err := f.k.GetJuror(f.Ctx, whale)
	require.NoError(t, err)
	require.Zero(t, j.Weight)
	f.periods(1)
	j, err = f.k.GetJuror(f.Ctx, whale)
	require.NoError(t, err)
	require.EqualValues(t, 800_000_000*stream, j.Weight)
}

// Parties do not judge, and nobody takes more seats than the free stake covers. A jury that is not
// full waits for the next period; after draw_seconds the round is void and nobody loses anything.
func TestTooFewJurors(t *testing.T) {
	f := newFixture(t)
	for _, party := range []sdk.AccAddress{f.alice, f.creator} {
		f.must(&types.MsgStakeJuror{Juror: party.String(), Amount: sdkmath.NewInt(500 * stream)})
	}
	small := f.Funded("small", 1000*stream)
	f.must(&types.MsgStakeJuror{Juror: small.String(), Amount: sdkmath.NewInt(500 * stream)})
	f.periods(types.SeedLead)
	before := f.Balance(f.alice)
	first := f.open(types.KIND_INFRINGEMENT)
	second := f.open(types.KIND_ILLEGAL_CONTENT)
	first.Interim = true
	one, two := f.opened(first), f.opened(second)
	f.must(&types.MsgRespond{Responder: f.creator.String(), Dispute: two, Evidence: document("no")})
	f.next(window + 1e9)
	f.periods(8)
	seats := uint32(0)
	for _, id := range []uint64{one, two} {
		require.LessOrEqual(t, len(f.ballots(id)), 1)
		seats += f.get(id).Rounds[0].Drawn
	}
	require.EqualValues(t, 13, seats, "500 STREAM cover 13 seats of 37.5")
	j, err := f.k.GetJuror(f.Ctx, small)
	require.NoError(t, err)
	require.EqualValues(t, 13*37.5*stream, j.Locked.Int64())
	require.ErrorIs(t, f.send(&types.MsgUnstakeJuror{Juror: small.String(), Amount: sdkmath.NewInt(500 * stream)}), types.ErrStakeLocked)

	full := one
	if f.get(two).Status == types.STATUS_COMMIT {
		full = two
	}
	require.Equal(t, types.STATUS_COMMIT, f.get(full).Status)
	f.vote(full, all(types.CHOICE_DISMISS))
	f.next(200e9)
	for _, id := range []uint64{one, two} {
		require.Equal(t, types.STATUS_CLOSED, f.get(id).Status)
		require.Equal(t, id != full, f.get(id).Void)
	}
	j, err = f.k.GetJuror(f.Ctx, small)
	require.NoError(t, err)
	require.Zero(t, j.Locked.Int64())
	require.EqualValues(t, 500*stream, j.Stake.Int64())
	require.Equal(t, one, full, "first come, first served")
	require.EqualValues(t, before-1400*stream, f.Balance(f.alice))
	require.EqualValues(t, 200*stream, f.owed(f.alice), "what was void returns")
	require.EqualValues(t, 1200*stream, f.owed(f.creator), "the answer's bond, and the interim bond of the other")
}
