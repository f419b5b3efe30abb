package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/streamchain/streamchain/token"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	"github.com/streamchain/streamchain/x/subscription/types"
)

// What was bought of a collection never shrinks, and grows with it.
func TestCollectionPurchase(t *testing.T) {
	s := newStage(t)
	first, second, third := s.fixture.work(s.alice, "first", ""), s.fixture.work(s.alice, "second", ""), s.fixture.work(s.alice, "third", "")
	series := s.collection(s.alice, first, second)
	s.offer(s.alice, series, types.NewPurchaseOffer(token.Coin(8*stream)), types.NewRentalOffer(token.Coin(stream), 3600))
	require.Equal(t, []types.OfferCost{
		{Kind: types.OFFER_KIND_PLAN, Price: token.Coin(3 * stream), Seconds: 86400, Plan: s.plan},
		{Kind: types.OFFER_KIND_PURCHASE, Price: token.Coin(8 * stream), Collection: series},
		{Kind: types.OFFER_KIND_RENTAL, Price: token.Coin(stream), Seconds: 3600, Collection: series},
	}, s.access("", first).Offers)

	require.NoError(t, s.rearrange(s.alice, series, nil, []string{second}))
	require.NoError(t, s.purchase(s.buyer, series, 8*stream))
	require.NoError(t, s.rent(s.owner, series, 3600, stream))
	has := func(who string, works ...string) {
		t.Helper()
		for _, w := range []string{first, second, third} {
			want := false
			for _, has := range works {
				want = want || has == w
			}
			d := s.access(who, w)
			require.Equal(t, want, d.Granted, "work %s", w)
			require.Equal(t, want, d.Collection == series)
		}
	}
	buyer, renter := s.buyer.String(), s.owner.String()
	has(buyer, first)
	has(renter, first)
	require.NoError(t, s.rearrange(s.alice, series, []string{third}, []string{first}))
	has(buyer, first, third) // what came later, and what went later
	has(renter, first, third)
	require.NoError(t, s.rearrange(s.alice, series, []string{second}, nil))
	require.NoError(t, s.rearrange(s.alice, series, nil, []string{second, third}))
	has(buyer, first, second, third)
	require.NoError(t, s.rearrange(s.alice, series, []string{second}, nil))
	has(s.bob.String())
	require.NoError(t, s.purchase(s.bob, series, 8*stream))
	has(s.bob.String(), second)
	s.next(time.Hour)
	has(renter)
	// withdrawing it from sale takes nothing from anybody
	s.offer(s.alice, series)
	has(buyer, first, second, third)
	require.ErrorIs(t, s.purchase(s.poor, series, 8*stream), types.ErrNotForSale)
	require.ErrorIs(t, s.purchase(s.buyer, first, 8*stream), types.ErrNotForSale, "the work itself is not sold")
	// the payment is the creator's, not one work's
	hold, err := s.revenue.GetHold(s.Ctx, buyer+"-1")
	require.NoError(t, err)
	require.Equal(t, []string{s.aliceID, buyer + " " + series}, []string{hold.Payment.Subject, hold.Payment.Reference})
	_, err = s.revenue.Refund(s.Ctx, s.alice, hold.Id)
	require.NoError(t, err)
	has(buyer)
	has(s.bob.String(), second)
}

func TestCollectionOffers(t *testing.T) {
	s := newStage(t)
	series := s.collection(s.alice, s.unsold)
	empty := s.collection(s.alice)
	other := s.fixture.plan(s.alice, 4*stream, s.work)
	set := func(controller, item string, offers ...types.Offer) *types.MsgSetOffers {
		return &types.MsgSetOffers{Controller: controller, Work: item, Offers: offers}
	}
	s.refused(map[string]refusal{
		"another creator":  {set(s.bob.String(), series, types.NewFreeOffer()), contenttypes.ErrNotController},
		"unknown":          {set(s.alice.String(), s.aliceID+"/c9", types.NewFreeOffer()), contenttypes.ErrCollectionNotFound},
		"a plan":           {set(s.alice.String(), s.plan, types.NewFreeOffer()), contenttypes.ErrInvalidCollectionID},
		"another's plan":   {set(s.alice.String(), series, types.NewPlanOffer(s.bobsPlan)), types.ErrForeignPlan},
		"buying nothing":   {&types.MsgPurchase{Buyer: s.buyer.String(), Work: empty, MaxPrice: token.Coin(9 * stream)}, types.ErrNotForSale},
		"renting nothing":  {&types.MsgRent{Renter: s.buyer.String(), Work: empty, DurationSeconds: 60, MaxPrice: token.Coin(9 * stream)}, types.ErrNotForSale},
		"not for sale yet": {&types.MsgPurchase{Buyer: s.buyer.String(), Work: series, MaxPrice: token.Coin(9 * stream)}, types.ErrNotForSale},
	})
	s.offer(s.alice, empty, types.NewPurchaseOffer(token.Coin(1)))
	s.refused(map[string]refusal{"still nothing": {&types.MsgPurchase{Buyer: s.buyer.String(), Work: empty, MaxPrice: token.Coin(9 * stream)}, types.ErrNotForSale}})

	require.NoError(t, s.subscribe(s.buyer, other, 4*stream, 1))
	require.False(t, s.access(s.buyer.String(), s.unsold).Granted)
	s.offer(s.alice, series, types.NewPlanOffer(other), types.NewMeteredOffer(math.NewInt(7), 2, 30))
	d := s.access(s.buyer.String(), s.unsold)
	require.Equal(t, []any{types.ACCESS_BY_PLAN, other}, []any{d.By, d.Plan}, "the plan has what the collection has")
	require.EqualValues(t, 7, d.Metered.PricePerTick.Int64())
	s.offer(s.alice, s.unsold, types.NewMeteredOffer(math.NewInt(9), 2, 30))
	require.EqualValues(t, 9, s.access("", s.unsold).Metered.PricePerTick.Int64(), "the work's own terms come first")
	s.offer(s.alice, series, types.NewFreeOffer())
	d = s.access("", s.unsold)
	require.Equal(t, []any{types.ACCESS_BY_FREE, series}, []any{d.By, d.Collection})
	require.NoError(t, s.rearrange(s.alice, series, nil, []string{s.unsold}))
	require.False(t, s.access("", s.unsold).Granted, "free only while it is in it")
	list, err := s.q.Offers(s.Ctx, &types.QueryOffersRequest{Work: series})
	require.NoError(t, err)
	require.EqualValues(t, 2, list.List.Version)
}

// A collection with a price takes no encrypted work whose keys nobody holds.
func TestCollectionKeys(t *testing.T) {
	s := newStage(t)
	secret := s.encrypted(s.alice, "secret")
	series := s.collection(s.alice, s.work)
	s.offer(s.alice, series, types.NewPurchaseOffer(token.Coin(1)))
	before := s.state()
	require.ErrorIs(t, s.rearrange(s.alice, series, []string{secret}, nil), types.ErrNoKeySet)
	require.Equal(t, before, s.state())
	s.offer(s.alice, series, types.NewFreeOffer())
	require.NoError(t, s.rearrange(s.alice, series, []string{secret}, nil))
	require.ErrorIs(t, s.send(&types.MsgSetOffers{
		Controller: s.alice.String(), Work: series, Offers: []types.Offer{types.NewTierOffer(1)},
	}), types.ErrNoKeySet)
	s.storage.keyed[secret] = true
	s.offer(s.alice, series, types.NewTierOffer(1))
}

// Any reference of any length that another module gives changes nothing and stops nothing.
func TestStrangeReferences(t *testing.T) {
	s := newStage(t)
	series := s.collection(s.alice, s.work)
	s.offer(s.alice, series, types.NewPurchaseOffer(token.Coin(1)))
	require.NoError(t, s.purchase(s.buyer, series, 1))
	for _, reference := range []string{"", " ", s.buyer.String(), s.buyer.String() + " ", s.buyer.String() + " x/c1", s.buyer.String() + " " + series + " ", "x " + series} {
		for _, rail := range []revenuetypes.Rail{revenuetypes.RAIL_PURCHASE, revenuetypes.RAIL_RENTAL, revenuetypes.RAIL_PLAN} {
			require.NoError(t, s.k.Hooks().AfterHoldRefunded(s.Ctx, revenuetypes.Hold{Id: s.buyer.String() + "-1", Payment: revenuetypes.Payment{
				Rail: rail, Subject: s.aliceID, Payer: s.buyer.String(), Reference: reference,
			}}))
		}
	}
	require.True(t, s.access(s.buyer.String(), s.work).Granted)
}
