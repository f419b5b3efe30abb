package keeper_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/token"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	"github.com/streamchain/streamchain/x/revenue/types"
)

func TestUpdateParamsRejections(t *testing.T) {
	f := newFixture(t)
	alice, _ := f.creator("alice")
	var cases []rejection
	for name, c := range badParams() {
		params := types.DefaultParams()
		c.change(&params)
		cases = append(cases, rejection{name, &types.MsgUpdateParams{Authority: f.Authority, Params: params}, c.err})
	}
	cases = append(cases,
		rejection{"not the authority", &types.MsgUpdateParams{Authority: alice.String(), Params: types.DefaultParams()}, types.ErrNotAuthority},
		rejection{"no params", &types.MsgUpdateParams{Authority: f.Authority}, types.ErrInvalidParams})
	for _, a := range badAddresses {
		cases = append(cases, rejection{"authority " + a, &types.MsgUpdateParams{Authority: a, Params: types.DefaultParams()}, types.ErrInvalidAddress})
	}
	f.reject(cases)

	params := types.DefaultParams()
	params.Rails[0].CreatorBps, params.Rails[0].StakersBps = 9200, 0
	params.RefundWindowSeconds = types.MaxRefundWindowSeconds
	require.NoError(t, f.send(&types.MsgUpdateParams{Authority: f.Authority, Params: params}))
	got, err := f.q.Params(f.Ctx, &types.QueryParamsRequest{})
	require.NoError(t, err)
	require.Equal(t, params, got.Params)
}

type badParam struct {
	change func(*types.Params)
	err    error
}

func badParams() map[string]badParam {
	bad := types.ErrInvalidParams
	cases := map[string]badParam{
		"window negative":    {func(p *types.Params) { p.RefundWindowSeconds = -1 }, bad},
		"window too long":    {func(p *types.Params) { p.RefundWindowSeconds = types.MaxRefundWindowSeconds + 1 }, bad},
		"rebate period":      {func(p *types.Params) { p.RebatePeriodSeconds = types.MinRebatePeriodSeconds - 1 }, bad},
		"rebate period long": {func(p *types.Params) { p.RebatePeriodSeconds = types.MaxRebatePeriodSeconds + 1 }, bad},
		"rebate":             {func(p *types.Params) { p.RebateBps = types.MaxRebateBps + 1 }, bad},
		"no denoms":          {func(p *types.Params) { p.Denoms = nil }, bad},
		"without ustream":    {func(p *types.Params) { p.Denoms = []string{"uatom"} }, bad},
		"denoms unsorted":    {func(p *types.Params) { p.Denoms = []string{token.BaseDenom, "uatom"} }, bad},
		"denom twice":        {func(p *types.Params) { p.Denoms = []string{token.BaseDenom, token.BaseDenom} }, bad},
		"denom malformed":    {func(p *types.Params) { p.Denoms = []string{"!", token.BaseDenom} }, bad},
		"rail missing":       {func(p *types.Params) { p.Rails = p.Rails[:4] }, bad},
		"rail twice":         {func(p *types.Params) { p.Rails[1] = p.Rails[0] }, bad},
		"rails swapped":      {func(p *types.Params) { p.Rails[0], p.Rails[1] = p.Rails[1], p.Rails[0] }, bad},
		"rail too many":      {func(p *types.Params) { p.Rails = append(p.Rails, types.RailShares{Rail: 6, CreatorBps: 10_000}) }, bad},
		"wraps around":       {func(p *types.Params) { p.Rails[4].BurnBps, p.Rails[4].TreasuryBps = 1<<31, 1<<31+10_000-9700 }, bad},
		"creator above all":  {func(p *types.Params) { p.Rails[4].CreatorBps = 20_000 }, bad},
		"17 denoms": {func(p *types.Params) {
			p.Denoms = nil
			for i := range types.MaxDenoms {
				p.Denoms = append(p.Denoms, fmt.Sprintf("denom%02d", i))
			}
			p.Denoms = append(p.Denoms, token.BaseDenom)
		}, bad},
	}
	for i := range types.DefaultParams().Rails {
		cases[fmt.Sprint("sum of rail ", i, " short")] = badParam{func(p *types.Params) { p.Rails[i].BurnBps-- }, bad}
		cases[fmt.Sprint("sum of rail ", i, " over")] = badParam{func(p *types.Params) { p.Rails[i].BurnBps++ }, bad}
		cases[fmt.Sprint("floor of rail ", i)] = badParam{func(p *types.Params) {
			p.Rails[i] = types.RailShares{Rail: p.Rails[i].Rail, CreatorBps: 8999, BurnBps: 1001}
		}, types.ErrCreatorFloor}
		cases[fmt.Sprint("nothing of rail ", i)] = badParam{func(p *types.Params) {
			p.Rails[i] = types.RailShares{Rail: p.Rails[i].Rail, TreasuryBps: 10_000}
		}, types.ErrCreatorFloor}
	}
	return cases
}

// The floor stands against a vote, a genesis, and a row that somebody wrote past both.
func TestTheFloorCannotBeLowered(t *testing.T) {
	f := newFixture(t)
	_, creator := f.creator("alice")
	low := types.DefaultParams()
	low.Rails[4] = types.RailShares{Rail: types.RAIL_TIP, CreatorBps: 8999, TreasuryBps: 1001}
	require.ErrorIs(t, f.k.UpdateParams(f.Ctx, low), types.ErrCreatorFloor)
	require.ErrorIs(t, bareFixture(t).k.InitGenesis(f.Ctx, types.GenesisState{Params: low}), types.ErrCreatorFloor)

	good, err := f.k.Params(f.Ctx)
	require.NoError(t, err)
	store := f.StoreService(types.StoreKey).OpenKVStore(f.Ctx)
	require.NoError(t, store.Set(types.ParamsKey, f.Cdc.MustMarshal(&low)))
	p := types.Payment{Rail: types.RAIL_TIP, Subject: creator, Payer: f.Addr("viewer").String(), Gross: token.Coin(10_000)}
	_, err = f.k.Distribute(f.Ctx, p)
	require.ErrorIs(t, err, types.ErrCreatorFloor)
	require.Error(t, f.k.CheckInvariants(f.Ctx, nil))
	require.NoError(t, store.Set(types.ParamsKey, f.Cdc.MustMarshal(&good)))
}

func TestPreview(t *testing.T) {
	f := newFixture(t)
	alice, creator := f.creator("alice")
	film := f.work(creator, "film")
	bob := f.Addr("bob").String()
	f.set(alice, film, sheet(creator, 7500, bob, 2500))
	viewer := f.Funded("viewer", stream)
	req := &types.QueryPreviewRequest{Rail: types.RAIL_METERED, Gross: token.Coin(9_999), Subject: film, Server: f.Addr("node").String()}
	before := f.state()
	res, err := f.q.Preview(f.Ctx, req)
	require.NoError(t, err)
	require.Equal(t, before, f.state(), "it changes nothing")
	d, err := f.pay(types.Payment{Rail: req.Rail, Gross: req.Gross, Subject: film, Server: req.Server, Payer: viewer.String()})
	require.NoError(t, err)
	d.Payer = ""
	require.Equal(t, d, res.Distribution, "it says what will be")

	res, err = f.q.Preview(f.Ctx, &types.QueryPreviewRequest{Rail: types.RAIL_PURCHASE, Gross: token.Coin(10_000)})
	require.NoError(t, err)
	require.EqualValues(t, 200, res.Distribution.EndowmentPart.Int64())
	require.Empty(t, res.Distribution.Credits)
	for name, bad := range map[string]struct {
		change func(*types.QueryPreviewRequest)
		err    error
	}{
		"rail":    {func(r *types.QueryPreviewRequest) { r.Rail = 0 }, types.ErrInvalidRail},
		"amount":  {func(r *types.QueryPreviewRequest) { r.Gross.Amount = pow2(250) }, types.ErrInvalidAmount},
		"nothing": {func(r *types.QueryPreviewRequest) { *r = types.QueryPreviewRequest{} }, types.ErrInvalidAmount},
		"subject": {func(r *types.QueryPreviewRequest) { r.Subject = workID("x") }, contenttypes.ErrWorkNotFound},
		"server":  {func(r *types.QueryPreviewRequest) { r.Server = "x" }, types.ErrInvalidAddress},
	} {
		r := *req
		bad.change(&r)
		_, err := f.q.Preview(f.Ctx, &r)
		require.ErrorIs(t, err, bad.err, name)
	}
}

func TestQueriesRefuseWhatIsMalformed(t *testing.T) {
	f := newFixture(t)
	for _, bad := range badAddresses {
		_, err := f.q.Claimable(f.Ctx, &types.QueryClaimableRequest{Recipient: bad})
		require.ErrorIs(t, err, types.ErrInvalidAddress)
		_, err = f.q.Totals(f.Ctx, &types.QueryTotalsRequest{Subject: bad})
		require.ErrorIs(t, err, contenttypes.ErrInvalidWorkID)
		_, err = f.q.Split(f.Ctx, &types.QuerySplitRequest{Subject: bad})
		require.Error(t, err)
		_, err = f.q.Hold(f.Ctx, &types.QueryHoldRequest{HoldId: bad})
		require.ErrorIs(t, err, types.ErrInvalidHoldID)
	}
}
