package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	vestingtypes "github.com/cosmos/cosmos-sdk/x/auth/vesting/types"

	"github.com/streamchain/streamchain/token"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	"github.com/streamchain/streamchain/x/subscription/types"
)

// earned is what creator can claim.
func (f *fixture) earned(creator string) int64 {
	f.T.Helper()
	gs, err := f.revenue.ExportGenesis(f.Ctx)
	require.NoError(f.T, err)
	sum := math.ZeroInt()
	for _, c := range gs.Claimables {
		if c.Recipient == creator && c.Coin.Denom == token.BaseDenom {
			sum = sum.Add(c.Coin.Amount)
		}
	}
	return sum.Int64()
}

func TestPurchase(t *testing.T) {
	s := newStage(t)
	start := s.now()
	s.NextTx()
	res, err := s.msg.Purchase(s.Ctx, &types.MsgPurchase{Buyer: s.buyer.String(), Work: s.version, MaxPrice: token.Coin(9 * stream)})
	require.NoError(t, err)
	require.True(t, s.has("EventPurchased"))
	require.Equal(t, token.Coin(5*stream), res.Paid, "the price, not the most")
	require.Equal(t, s.buyer.String()+"-1", res.HoldId)
	require.Equal(t, start+revenuetypes.DefaultRefundWindowSeconds, res.ReleaseAt)
	require.EqualValues(t, 95*stream, s.Balance(s.buyer))
	owned, err := s.q.Purchases(s.Ctx, &types.QueryPurchasesRequest{Viewer: s.buyer.String()})
	require.NoError(t, err)
	require.Equal(t, []types.Entitlement{{
		Viewer: s.buyer.String(), Work: s.work, HoldId: res.HoldId, BoughtAt: start, Price: token.Coin(5 * stream),
	}}, owned.Purchases, "it is of the root, whatever version was named")
	require.Zero(t, s.earned(s.aliceID), "the whole waits for the window to end")
	s.next(window)
	s.next(time.Second) // the block after the window releases
	require.EqualValues(t, 2*5*stream*9050/10000, s.earned(s.aliceID), "two purchases; works have no key sets yet")
	require.True(t, s.access(s.buyer.String(), s.work).Granted)
}

func TestRefund(t *testing.T) {
	s := newStage(t)
	require.NoError(t, s.purchase(s.buyer, s.work, 5*stream))
	require.NoError(t, s.send(&types.MsgPurchase{Buyer: s.buyer.String(), Work: s.work, MaxPrice: token.Coin(5 * stream), Recipient: s.poor.String()}))
	// the gift is refunded: to the payer, and the recipient loses the access
	_, err := s.fixture.revenue.Refund(s.Ctx, s.alice, s.buyer.String()+"-2")
	require.NoError(t, err)
	require.True(t, s.has("EventEntitlementRevoked"))
	require.False(t, s.access(s.poor.String(), s.work).Granted)
	require.True(t, s.access(s.buyer.String(), s.work).Granted, "the other purchase stays")
	s.next(time.Second)
	require.EqualValues(t, 95*stream, s.Balance(s.buyer))
	require.EqualValues(t, 1, s.Balance(s.poor))

}

// News of other payments revokes nothing.
func TestForeignRefunds(t *testing.T) {
	s := newStage(t)
	require.NoError(t, s.purchase(s.buyer, s.work, 5*stream))
	good := revenuetypes.Hold{Id: s.buyer.String() + "-1", Payment: revenuetypes.Payment{
		Rail: revenuetypes.RAIL_PURCHASE, Subject: s.work, Payer: s.buyer.String(), Reference: s.buyer.String(),
	}}
	for name, change := range map[string]func(*revenuetypes.Hold){
		"another hold":      func(h *revenuetypes.Hold) { h.Id = s.buyer.String() + "-2" },
		"another rail":      func(h *revenuetypes.Hold) { h.Payment.Rail = revenuetypes.RAIL_RENTAL },
		"another work":      func(h *revenuetypes.Hold) { h.Payment.Subject = s.unsold },
		"a creator":         func(h *revenuetypes.Hold) { h.Payment.Subject = s.aliceID },
		"another viewer":    func(h *revenuetypes.Hold) { h.Payment.Reference = s.poor.String() },
		"another reference": func(h *revenuetypes.Hold) { h.Payment.Reference = "invoice 7" },
	} {
		h := good
		change(&h)
		require.NoError(t, s.k.Hooks().AfterHoldRefunded(s.Ctx, h), name)
		require.True(t, s.access(s.buyer.String(), s.work).Granted, name)
	}
	require.NoError(t, s.k.Hooks().AfterHoldRefunded(s.Ctx, good))
	require.False(t, s.access(s.buyer.String(), s.work).Granted)
}

// Without a refund window there is no hold, and the creator is paid at once.
func TestPurchaseWithoutWindow(t *testing.T) {
	s := newStage(t)
	params := revenuetypes.DefaultParams()
	params.RefundWindowSeconds = 0
	require.NoError(t, s.revenue.UpdateParams(s.Ctx, params))
	require.NoError(t, s.purchase(s.buyer, s.work, 5*stream))
	require.EqualValues(t, 5*stream*9050/10000, s.earned(s.aliceID))
	owned, err := s.q.Purchases(s.Ctx, &types.QueryPurchasesRequest{Viewer: s.buyer.String()})
	require.NoError(t, err)
	require.Empty(t, owned.Purchases[0].HoldId)
}

func TestReprice(t *testing.T) {
	s := newStage(t)
	list, err := s.q.Offers(s.Ctx, &types.QueryOffersRequest{Work: s.version})
	require.NoError(t, err)
	require.EqualValues(t, 1, list.List.Version)
	s.offer(s.alice, s.work, types.NewPurchaseOffer(token.Coin(8*stream)))
	require.True(t, s.has("EventOffersSet"))
	require.ErrorIs(t, s.purchase(s.buyer, s.work, 5*stream), types.ErrPriceAboveMax, "the price that the buyer read")
	require.NoError(t, s.purchase(s.buyer, s.work, 8*stream))
	s.offer(s.alice, s.work)
	require.ErrorIs(t, s.purchase(s.poor, s.work, 8*stream), types.ErrNotForSale)
	require.True(t, s.access(s.owner.String(), s.work).Granted, "what was bought stays")
	list, err = s.q.Offers(s.Ctx, &types.QueryOffersRequest{Work: s.work})
	require.NoError(t, err)
	require.Equal(t, types.OfferList{Work: s.work, Version: 3, SetAt: s.now()}, list.List)
	none, err := s.q.Offers(s.Ctx, &types.QueryOffersRequest{Work: s.unsold})
	require.NoError(t, err)
	require.Equal(t, types.OfferList{Work: s.unsold}, none.List)
	_, err = s.q.Offers(s.Ctx, &types.QueryOffersRequest{Work: "x"})
	require.ErrorIs(t, err, contenttypes.ErrInvalidWorkID)
}

func TestSubscribe(t *testing.T) {
	s := newStage(t)
	start := s.now()
	s.NextTx()
	res, err := s.msg.Subscribe(s.Ctx, &types.MsgSubscribe{Subscriber: s.buyer.String(), Plan: s.plan, MaxPrice: token.Coin(4 * stream), Periods: 2})
	require.NoError(t, err)
	require.True(t, s.has("EventSubscribed"))
	require.Equal(t, &types.MsgSubscribeResponse{ExpiresAt: start + 2*86400, Paid: token.Coin(6 * stream)}, res)
	require.EqualValues(t, 94*stream, s.Balance(s.buyer))
	// creators get what nobody else is entitled to: no endowment, since no one work is paid
	require.Zero(t, s.earned(s.aliceID), "no period has ended")

	// while it runs, periods are added to its end
	s.next(day)
	s.next(time.Second)
	require.EqualValues(t, 3*stream*9250/10000, s.earned(s.aliceID), "the period that has ended is shared out")
	require.NoError(t, s.subscribe(s.buyer, s.plan, 3*stream, 1))
	require.Equal(t, start+3*86400, s.access(s.buyer.String(), s.work).Until)
	// a gift extends it too
	require.NoError(t, s.send(&types.MsgSubscribe{
		Subscriber: s.owner.String(), Plan: s.plan, MaxPrice: token.Coin(3 * stream), Periods: 1, Recipient: s.buyer.String(),
	}))
	require.EqualValues(t, 92*stream, s.Balance(s.owner), "the giver pays")
	subs, err := s.q.Subscriptions(s.Ctx, &types.QuerySubscriptionsRequest{Viewer: s.buyer.String()})
	require.NoError(t, err)
	require.Equal(t, []types.Subscription{{
		Viewer: s.buyer.String(), Plan: s.plan, StartedAt: start, ExpiresAt: start + 4*86400, PeriodStartedAt: start + 86400, DueAt: start + 2*86400,
		Prepaid: []types.Prepaid{
			{Payer: s.buyer.String(), Price: token.Coin(3 * stream), Periods: 2}, {Payer: s.owner.String(), Price: token.Coin(3 * stream), Periods: 1},
		},
	}}, subs.Subscriptions)

	// neither a higher price nor the plan's end touches it
	require.NoError(t, s.send(&types.MsgUpdatePlan{Controller: s.alice.String(), Plan: s.plan, Price: token.Coin(90 * stream), Title: "Dear", Closed: true}))
	require.True(t, s.has("EventPlanUpdated"))
	require.Equal(t, start+4*86400, s.access(s.buyer.String(), s.work).Until)

	s.next(3*day - 2*time.Second)
	require.True(t, s.access(s.buyer.String(), s.work).Granted)
	s.next(time.Second)
	require.False(t, s.access(s.buyer.String(), s.work).Granted)
	s.next(time.Second)
	require.True(t, s.has("EventSubscriptionExpired") || len(s.subscriptions()) == 0)
	require.Empty(t, s.subscriptions(), "it is gone")
}

// subscriptions is every row, running or not.
func (f *fixture) subscriptions() []types.Subscription {
	f.T.Helper()
	gs, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(f.T, err)
	return gs.Subscriptions
}

// One that has ended but was not removed yet starts anew.
func TestSubscribeAgain(t *testing.T) {
	s := newStage(t)
	require.NoError(t, s.subscribe(s.buyer, s.plan, 3*stream, 1))
	for range 2 * 24 * 60 {
		s.Ctx = s.Ctx.WithBlockTime(s.Ctx.BlockTime().Add(time.Minute))
		require.NoError(t, s.Clock.BeginBlock(s.Ctx))
	}
	require.Len(t, s.subscriptions(), 1)
	require.NoError(t, s.subscribe(s.buyer, s.plan, 3*stream, 1))
	now := s.now()
	require.Equal(t, []types.Subscription{{
		Viewer: s.buyer.String(), Plan: s.plan, StartedAt: now, ExpiresAt: now + 86400, PeriodStartedAt: now, DueAt: now + 86400,
		Prepaid: []types.Prepaid{{Payer: s.buyer.String(), Price: token.Coin(3 * stream), Periods: 1}},
	}}, s.subscriptions())
	require.EqualValues(t, 3*stream*9250/10000, s.earned(s.aliceID), "the first period is shared out by whoever comes next")
}

func TestTooFarAhead(t *testing.T) {
	s := newStage(t)
	s.NextTx()
	year, err := s.msg.CreatePlan(s.Ctx, &types.MsgCreatePlan{
		Controller: s.alice.String(), Creator: s.aliceID, Title: "A year", Price: token.Coin(1), PeriodSeconds: types.MaxPeriodSeconds, Coverage: types.COVERAGE_ALL,
	})
	require.NoError(t, err)
	require.NoError(t, s.subscribe(s.buyer, year.Plan, 1, 12))
	s.refused(map[string]refusal{"one more": {&types.MsgSubscribe{
		Subscriber: s.buyer.String(), Plan: year.Plan, MaxPrice: token.Coin(1), Periods: 1,
	}, types.ErrTooFarAhead}})
}

// Coins that are still vesting buy nothing.
func TestVestingCoins(t *testing.T) {
	s := newStage(t)
	locked := s.Funded("locked", 50*stream)
	base := authtypes.NewBaseAccountWithAddress(locked)
	vesting, err := vestingtypes.NewDelayedVestingAccount(base, sdk.NewCoins(token.Coin(50*stream)), s.Ctx.BlockTime().Add(24*365*time.Hour).Unix())
	require.NoError(t, err)
	vestingtypes.RegisterInterfaces(s.Registry)
	s.Account.SetAccount(s.Ctx, s.Account.NewAccount(s.Ctx, vesting))
	before := s.state()
	require.Error(t, s.purchase(locked, s.work, 5*stream))
	require.Error(t, s.subscribe(locked, s.plan, 3*stream, 1))
	require.Equal(t, before, s.state())
}

func TestPlanQueries(t *testing.T) {
	s := newStage(t)
	listed := s.fixture.plan(s.alice, stream, s.work, s.unsold)
	plan, err := s.q.Plan(s.Ctx, &types.QueryPlanRequest{Plan: listed})
	require.NoError(t, err)
	require.Equal(t, types.Plan{
		Id: s.aliceID + "/3", Title: "Plan", Price: token.Coin(stream), PeriodSeconds: 86400, Coverage: types.COVERAGE_LISTED, Works: 2, CreatedAt: s.now(),
	}, plan.Plan)
	works, err := s.q.PlanWorks(s.Ctx, &types.QueryPlanWorksRequest{Plan: listed})
	require.NoError(t, err)
	require.ElementsMatch(t, []string{s.work, s.unsold}, works.Works)
	works, err = s.q.PlanWorks(s.Ctx, &types.QueryPlanWorksRequest{Plan: s.plan})
	require.NoError(t, err)
	require.Empty(t, works.Works)
	plans, err := s.q.PlansByCreator(s.Ctx, &types.QueryPlansByCreatorRequest{Creator: s.aliceID})
	require.NoError(t, err)
	require.Len(t, plans.Plans, 3)
	require.True(t, plans.Plans[1].Closed)

	for _, id := range []string{"", "x", s.aliceID} {
		_, err = s.q.Plan(s.Ctx, &types.QueryPlanRequest{Plan: id})
		require.ErrorIs(t, err, types.ErrInvalidPlanID)
		_, err = s.q.PlanWorks(s.Ctx, &types.QueryPlanWorksRequest{Plan: id})
		require.ErrorIs(t, err, types.ErrInvalidPlanID)
	}
	_, err = s.q.PlanWorks(s.Ctx, &types.QueryPlanWorksRequest{Plan: s.aliceID + "/9"})
	require.ErrorIs(t, err, types.ErrPlanNotFound)
	_, err = s.q.PlansByCreator(s.Ctx, &types.QueryPlansByCreatorRequest{Creator: "x"})
	require.ErrorIs(t, err, contenttypes.ErrInvalidCreatorID)
	_, err = s.q.Subscriptions(s.Ctx, &types.QuerySubscriptionsRequest{Viewer: "x"})
	require.ErrorIs(t, err, types.ErrInvalidAddress)
	_, err = s.q.Purchases(s.Ctx, &types.QueryPurchasesRequest{})
	require.ErrorIs(t, err, types.ErrInvalidAddress)
}
