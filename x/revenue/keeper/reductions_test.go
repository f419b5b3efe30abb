package keeper_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	"github.com/streamchain/streamchain/token"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	"github.com/streamchain/streamchain/x/revenue/types"
)

// The money table: every rail, denom, tier, template, sheet, parent and refund, each of them
// with every other, adds up to the unit: what left the payer is with somebody.
func TestMoneyTable(t *testing.T) {
	rows := 0
	for rail := types.RAIL_PURCHASE; rail <= types.RAIL_TIP; rail++ {
		for _, denom := range modelDenoms {
			for _, tier := range []uint32{0, 500, 1000, 2000, 3000} {
				for _, royalty := range []uint32{0, 200} {
					f := newMoney(t)
					for _, split := range []bool{false, true} {
						for _, parents := range []bool{false, true} {
							for _, refund := range []bool{false, true} {
								f.row(rail, denom, tier, royalty, split, parents, refund)
								rows++
							}
						}
					}
				}
			}
		}
	}
	require.Equal(t, 5*2*5*2*2*2*2, rows)
}

type money struct {
	*fixture
	alice, viewer, node, author sdk.AccAddress
	creator, other              string
	parents                     []string
	n                           int
}

func newMoney(t *testing.T) *money {
	f := &money{fixture: newFixture(t)}
	params := types.DefaultParams()
	params.Denoms, params.RefundWindowSeconds = modelDenoms, 10
	require.NoError(t, f.send(&types.MsgUpdateParams{Authority: f.Authority, Params: params}))
	f.alice, f.creator = f.fixture.creator("alice")
	_, f.other = f.fixture.creator("other")
	f.viewer, f.node, f.author = f.Addr("viewer"), f.Addr("node"), f.Addr("author")
	for _, denom := range modelDenoms {
		f.mint(f.viewer, sdk.NewInt64Coin(denom, 1_000*stream))
	}
	for i := range 4 {
		f.parents = append(f.parents, f.work(f.other, fmt.Sprint("parent", i)))
	}
	return f
}

// row makes one payment and follows every unit of it.
func (f *money) row(rail types.Rail, denom string, tier, royalty uint32, split, parents, refund bool) {
	t := f.T
	t.Helper()
	f.n++
	work := f.work(f.creator, fmt.Sprint("film", f.n))
	f.storage.keyed[work] = true
	if split {
		_, missing := f.set(f.alice, work, sheet(f.creator, 3333, f.Addr("bob"), 3333, f.Addr("carol"), 3334))
		require.Empty(t, missing)
	}
	if parents {
		for i, p := range f.parents {
			f.content.parents[work] = append(f.content.parents[work], contenttypes.Parent{Work: p, Bps: uint32(700 + 33*i)})
		}
	}
	p := types.Payment{
		Rail: rail, Subject: work, Payer: f.viewer.String(), Gross: sdk.NewInt64Coin(denom, 1_234_567+int64(f.n)), DiscountBps: tier, Reference: "x",
	}
	if royalty > 0 {
		p.RoyaltyTo, p.RoyaltyBps = f.author.String(), royalty
	}
	if rail == types.RAIL_METERED {
		p.Server = f.node.String()
	}
	before := f.everywhere(denom)
	quoted, err := f.k.Quote(f.Ctx, p)
	require.NoError(t, err)
	id, _, err := f.hold(p)
	require.NoError(t, err)
	if refunded := refund && id != ""; refunded {
		require.NoError(t, f.send(&types.MsgRefund{Controller: f.alice.String(), HoldId: id}))
		f.next(time.Second)
		require.Equal(t, before, f.everywhere(denom), "as if nothing had been")
		return
	}
	f.next(11 * time.Second)
	f.next(time.Second)
	after := f.everywhere(denom)
	require.Equal(t, before["viewer"].Sub(quoted.Amount).String(), after["viewer"].String(), "the payer paid what was quoted")
	got := map[string]math.Int{}
	sum := math.ZeroInt()
	for place, amount := range after {
		if place != "viewer" {
			got[place] = amount.Sub(before[place])
			sum = sum.Add(got[place])
			require.False(t, got[place].IsNegative(), place)
		}
	}
	require.Equal(t, quoted.Amount.String(), sum.String(), "and all of it is somewhere")
	creators := got["alice"].Add(got["other"]).Add(got["bob"]).Add(got["carol"])
	require.False(t, creators.MulRaw(types.Bps).LT(p.Gross.Amount.MulRaw(types.FloorBps)), "nine tenths of the price, whatever was discounted")
	require.Equal(t, parents, got["other"].IsPositive())
	require.Equal(t, split, got["bob"].IsPositive())
	require.Equal(t, royalty > 0, got["author"].IsPositive())
	if denom != token.BaseDenom {
		require.True(t, got["burned"].IsZero() && got["storage"].IsZero())
	}
}

// everywhere is what each has in denom, claimable or in its account.
func (f *money) everywhere(denom string) map[string]math.Int {
	f.T.Helper()
	claimable := func(who string) math.Int {
		res, err := f.q.Claimable(f.Ctx, &types.QueryClaimableRequest{Recipient: who})
		require.NoError(f.T, err)
		return res.Coins.AmountOf(denom)
	}
	account := func(addr sdk.AccAddress) math.Int { return f.Bank.GetBalance(f.Ctx, addr, denom).Amount }
	gs, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(f.T, err)
	require.Empty(f.T, gs.Unswept)
	return map[string]math.Int{
		"viewer": account(f.viewer), "alice": claimable(f.creator), "other": claimable(f.other), "bob": claimable(f.Addr("bob").String()),
		"carol": claimable(f.Addr("carol").String()), "node": claimable(f.node.String()), "author": claimable(f.author.String()),
		"storage": account(authtypes.NewModuleAddress("storage")), "stakers": account(authtypes.NewModuleAddress(authtypes.FeeCollectorName)),
		"treasury": account(authtypes.NewModuleAddress("governance")), "participation": gs.Pools.AmountOf(denom),
		"burned": math.NewInt(1_000 * stream).Sub(f.Bank.GetSupply(f.Ctx, denom).Amount),
	}
}

// A few rows in full, as they stand in the documentation.
func TestReducedPayment(t *testing.T) {
	for _, c := range []struct {
		name                                           string
		tier, royalty                                  uint32
		charged, author, treasury, burn, stakers, part int64
		counted                                        int64 // of the endowment, towards the pool's grants
	}{
		{"plain", 0, 0, 1_000_000, 0, 20_000, 10_000, 20_000, 10_000, 20_000},
		{"bronze", 500, 0, 997_000, 0, 17_000, 10_000, 20_000, 10_000, 20_000},
		{"platinum", 3000, 0, 982_000, 0, 2_000, 10_000, 20_000, 10_000, 19_766},
		{"template", 0, 200, 1_000_000, 20_000, 0, 10_000, 20_000, 10_000, 19_666},
		{"gold with a template", 2000, 200, 988_000, 20_000, 0, 0, 18_000, 10_000, 18_500},
		{"platinum with a template", 3000, 200, 982_000, 20_000, 0, 0, 12_000, 10_000, 16_500},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t)
			_, creator := f.creator("alice")
			film, viewer := f.work(creator, "film"), f.Funded("viewer", 10*stream)
			f.storage.keyed[film] = true
			p := sale(viewer, film, 1_000_000)
			if p.DiscountBps, p.RoyaltyBps = c.tier, c.royalty; c.royalty > 0 {
				p.RoyaltyTo = f.Addr("author").String()
			}
			d, err := f.pay(p)
			require.NoError(t, err)
			require.EqualValues(t, 10*stream-c.charged, f.Balance(viewer))
			require.EqualValues(t, 900_000, d.CreatorPart.Int64())
			require.Equal(t, []int64{5000, 20_000, 15_000}, []int64{d.KeyHoldersPart.Int64(), d.EndowmentPart.Int64(), d.StoragePoolPart.Int64()})
			require.Equal(t, []int64{c.author, c.treasury, c.burn, c.stakers, c.part}, []int64{
				d.RoyaltyPart.Int64(), d.TreasuryPart.Int64(), d.BurnPart.Int64(), d.StakersPart.Int64(), d.ParticipationPart.Int64(),
			})
			require.Equal(t, c.author, f.claimable(f.Addr("author").String()))
			require.Equal(t, d.Left().String(), f.left(film).String(), "emission is matched against what was left, not what might have been")
			require.Equal(t, c.counted, f.storage.get(f.Ctx, "counted/"+film).Int64())
		})
	}
}

// A held payment is shared out by the parts of the day on which it was paid, so what was charged
// always covers it, whatever was voted meanwhile.
func TestHoldKeepsTheParts(t *testing.T) {
	f := newFixture(t)
	_, creator := f.creator("alice")
	film, viewer := f.work(creator, "film"), f.Funded("viewer", 10*stream)
	p := sale(viewer, film, 1_000_000)
	p.DiscountBps = 3000
	id, _, err := f.hold(p)
	require.NoError(t, err)
	hold, err := f.k.GetHold(f.Ctx, id)
	require.NoError(t, err)
	require.Equal(t, token.Coin(982_000), hold.Coin())
	params := types.DefaultParams()
	params.Rails[0] = types.RailShares{Rail: types.RAIL_PURCHASE, CreatorBps: 9000, EndowmentBps: 1000}
	require.NoError(t, f.send(&types.MsgUpdateParams{Authority: f.Authority, Params: params}))
	f.next(window)
	f.next(time.Second)
	require.EqualValues(t, 905_000, f.claimable(creator))
	require.EqualValues(t, 2000, f.ModuleBalance("governance"))
}

func TestContestHold(t *testing.T) {
	const charged = 982_000
	for _, c := range []struct {
		name      string
		amount    int64
		contested int64 // what waits under which id
		split     bool
	}{
		{"whole", charged, charged, false}, {"nearly all", charged - 999, charged, false}, {"dust", 999, charged, false},
		{"a part", 300_001, 300_001, true}, {"the least", types.MinContest, types.MinContest, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t)
			alice, creator := f.creator("alice")
			film, viewer := f.work(creator, "film"), f.Funded("viewer", 1_000_000)
			p := sale(viewer, film, 1_000_000)
			p.DiscountBps, p.RoyaltyTo, p.RoyaltyBps = 3000, f.Addr("author").String(), 77
			id, due, err := f.hold(p)
			require.NoError(t, err)
			until := due + 3600
			contested, err := f.k.ContestHold(f.Ctx, id, math.NewInt(c.amount), until)
			require.NoError(t, err)
			require.Equal(t, c.split, contested != id)
			h, err := f.k.GetHold(f.Ctx, contested)
			require.NoError(t, err)
			require.Equal(t, c.contested, h.Charged.Int64())
			require.Equal(t, until, h.ReleaseAt)
			require.NoError(t, f.k.CheckInvariants(f.Ctx, nil))
			gs, err := f.k.ExportGenesis(f.Ctx)
			require.NoError(t, err)
			require.NoError(t, gs.Validate())
			f.next(window)
			f.next(time.Second)
			require.Equal(t, c.split, f.claimable(creator) > 0, "the rest goes its way")
			require.NoError(t, f.send(&types.MsgRefund{Controller: alice.String(), HoldId: contested}))
			f.next(time.Second)
			require.Equal(t, 1_000_000-charged+c.contested, f.Balance(viewer))
			require.NoError(t, f.k.CheckInvariants(f.Ctx, nil))
		})
	}
	f := newFixture(t)
	_, creator := f.creator("alice")
	film, viewer := f.work(creator, "film"), f.Funded("viewer", 1_000_000)
	id, due, err := f.hold(sale(viewer, film, 10_000))
	require.NoError(t, err)
	held := due - int64(window/time.Second)
	before := f.state()
	for name, bad := range map[string]struct {
		id     string
		amount math.Int
		until  int64
		err    error
	}{
		"no hold":    {viewer.String() + "-9", math.NewInt(1), due + 1, types.ErrHoldNotFound},
		"malformed":  {"x", math.NewInt(1), due + 1, types.ErrInvalidHoldID},
		"zero":       {id, math.ZeroInt(), due + 1, types.ErrInvalidContest},
		"negative":   {id, math.NewInt(-1), due + 1, types.ErrInvalidContest},
		"unset":      {id, math.Int{}, due + 1, types.ErrInvalidContest},
		"too much":   {id, math.NewInt(10_001), due + 1, types.ErrInvalidContest},
		"no later":   {id, math.NewInt(1), due, types.ErrInvalidContest},
		"much later": {id, math.NewInt(1), held + types.MaxContestSeconds + 1, types.ErrInvalidContest},
	} {
		_, err := f.k.ContestHold(f.Ctx, bad.id, bad.amount, bad.until)
		require.ErrorIs(t, err, bad.err, name)
	}
	require.Equal(t, before, f.state())
	// by a ruling, either way
	part, err := f.k.ContestHold(f.Ctx, id, math.NewInt(4000), due+1)
	require.NoError(t, err)
	_, err = f.k.RefundHold(f.Ctx, part)
	require.NoError(t, err)
	require.NoError(t, f.k.ReleaseHold(f.Ctx, id))
	require.ErrorIs(t, f.k.ReleaseHold(f.Ctx, id), types.ErrHoldNotFound)
	f.next(time.Second)
	require.EqualValues(t, 5430, f.claimable(creator))
	require.EqualValues(t, 1_000_000-6000, f.Balance(viewer))
}

// A work with four parents and full sheets has 160 recipients: a block releases fewer of those.
func TestReleasesAreBoundedByRecipients(t *testing.T) {
	f := newFixture(t)
	f.setWindow(1)
	alice, creator := f.creator("alice")
	var shares []types.Share
	for i := range types.MaxShares {
		bps := uint32(312)
		if i == 0 {
			bps = 10_000 - 31*312
		}
		shares = append(shares, types.Share{Recipient: f.Addr(fmt.Sprint("r", i)).String(), Bps: bps})
	}
	_, missing := f.set(alice, creator, shares)
	require.Empty(t, missing)
	film, viewer := f.work(creator, "film"), f.Funded("viewer", 1000*stream)
	for i := range 4 {
		f.content.parents[film] = append(f.content.parents[film], contenttypes.Parent{Work: f.work(creator, fmt.Sprint("p", i)), Bps: 750})
	}
	for range 20 {
		_, _, err := f.hold(sale(viewer, film, 1_000_000))
		require.NoError(t, err)
	}
	left := func() int {
		gs, err := f.k.ExportGenesis(f.Ctx)
		require.NoError(t, err)
		return len(gs.Holds)
	}
	f.next(2 * time.Second)
	require.Equal(t, 20, left())
	f.next(time.Second)
	require.Equal(t, 20-13, left(), "13 × 160 recipients pass 2,000")
	f.next(time.Second)
	require.Zero(t, left())
}
