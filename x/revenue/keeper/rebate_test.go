package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/streamchain/streamchain/token"
	"github.com/streamchain/streamchain/x/revenue/types"
)

func TestRebates(t *testing.T) {
	f := newFixture(t)
	params := types.DefaultParams()
	params.RebatePeriodSeconds = 100
	require.NoError(t, f.send(&types.MsgUpdateParams{Authority: f.Authority, Params: params}))
	_, creator := f.creator("alice")
	film := f.work(creator, "film")
	rich, poor := f.Funded("rich", 100*stream), f.Funded("poor", 100*stream)
	buy := func(payer string, amount int64, tier uint32) {
		p := types.Payment{Rail: types.RAIL_PLAN, Subject: film, Payer: payer, Gross: token.Coin(amount), DiscountBps: tier}
		_, err := f.pay(p)
		require.NoError(t, err)
	}
	claim := func(who string) error { return f.send(&types.MsgClaimRebate{Viewer: who}) }
	f.next(time.Second)
	require.ErrorIs(t, claim(poor.String()), types.ErrNoRebate, "no period has closed")
	buy(poor.String(), stream, 0)
	buy(rich.String(), 9*stream, 3000)
	res, err := f.q.Rebate(f.Ctx, &types.QueryRebateRequest{Viewer: poor.String()})
	require.NoError(t, err)
	require.EqualValues(t, 30_000, res.Left.Int64())
	require.True(t, res.Claimable.IsZero())
	f.next(60 * time.Second)
	f.next(60 * time.Second)
	f.next(time.Second)
	// 100,000 are in the pool and half of it is for rebates; 40 % of the 30,000 and 108,000 left are 55,200
	res, err = f.q.Rebate(f.Ctx, &types.QueryRebateRequest{Viewer: poor.String()})
	require.NoError(t, err)
	require.EqualValues(t, 50_000, res.Closed.Reserved.Int64())
	require.EqualValues(t, 138_000, res.Closed.Left.Int64())
	require.EqualValues(t, 30_000*50_000/138_000, res.Claimable.Int64())
	before := f.Balance(poor)
	require.NoError(t, claim(poor.String()))
	require.ErrorIs(t, claim(poor.String()), types.ErrNoRebate, "once")
	require.NoError(t, f.k.CheckInvariants(f.Ctx, nil), "in the middle of a block too")
	f.next(time.Second)
	require.EqualValues(t, 10_869, f.Balance(poor)-before)
	require.ErrorIs(t, claim(f.Addr("stranger").String()), types.ErrNoRebate)

	// what nobody claims returns to the pool, and its rows go
	for range 3 {
		f.next(60 * time.Second)
	}
	require.ErrorIs(t, claim(rich.String()), types.ErrNoRebate)
	gs, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(t, err)
	require.Equal(t, math.NewInt(100_000-10_869), gs.Pools.AmountOf(token.BaseDenom))
	require.Empty(t, gs.Spending)
	for _, a := range badAddresses {
		f.reject([]rejection{{"address " + a, &types.MsgClaimRebate{Viewer: a}, types.ErrInvalidAddress}})
	}
}
