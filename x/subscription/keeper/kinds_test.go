package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	vestingtypes "github.com/cosmos/cosmos-sdk/x/auth/vesting/types"
	minttypes "github.com/cosmos/cosmos-sdk/x/mint/types"

	"github.com/streamchain/streamchain/token"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	"github.com/streamchain/streamchain/x/subscription/types"
)

func TestNewKindsRejections(t *testing.T) {
	s := newStage(t)
	offers := func(offers ...types.Offer) *types.MsgSetOffers {
		return &types.MsgSetOffers{Controller: s.alice.String(), Work: s.work, Offers: offers}
	}
	rental := func(price sdk.Coin, seconds int64) *types.MsgSetOffers {
		return offers(types.NewRentalOffer(price, seconds))
	}
	tokens := func(denom string, amount math.Int) *types.MsgSetOffers {
		return offers(types.NewTokenOffer(sdk.Coin{Denom: denom, Amount: amount}))
	}
	s.refused(map[string]refusal{
		"rental for nothing":      {rental(token.Coin(0), 60), types.ErrInvalidPrice},
		"rental in atoms":         {rental(sdk.NewInt64Coin("uatom", 1), 60), types.ErrWrongDenom},
		"rental of no time":       {rental(token.Coin(1), 0), types.ErrInvalidOffer},
		"rental of negative time": {rental(token.Coin(1), -1), types.ErrInvalidOffer},
		"rental of too long":      {rental(token.Coin(1), types.MaxPeriodSeconds+1), types.ErrInvalidOffer},
		"two of one length":       {offers(types.NewRentalOffer(token.Coin(1), 60), types.NewRentalOffer(token.Coin(2), 60)), types.ErrDuplicateOffer},
		"rental unset":            {offers(types.Offer{Kind: &types.Offer_Rental{}}), types.ErrInvalidOffer},
		"tier none":               {offers(types.NewTierOffer(streamtypes.TIER_NONE)), types.ErrInvalidOffer},
		"tier unknown":            {offers(types.NewTierOffer(9)), types.ErrInvalidOffer},
		"tier negative":           {offers(types.NewTierOffer(-1)), types.ErrInvalidOffer},
		"two tiers":               {offers(types.NewTierOffer(1), types.NewTierOffer(2)), types.ErrDuplicateOffer},
		"token of none":           {tokens("uatom", math.ZeroInt()), types.ErrInvalidOffer},
		"token negative":          {tokens("uatom", math.NewInt(-1)), types.ErrInvalidOffer},
		"token unset":             {tokens("uatom", math.Int{}), types.ErrInvalidOffer},
		"token denom":             {tokens("!", math.OneInt()), types.ErrInvalidOffer},
		"token without denom":     {tokens("", math.OneInt()), types.ErrInvalidOffer},
		"two of one token":        {offers(types.NewTokenOffer(token.Coin(1)), types.NewTokenOffer(token.Coin(2))), types.ErrDuplicateOffer},
		"choose from nothing":     {offers(types.NewPayWhatYouWantOffer(token.Coin(0))), types.ErrInvalidPrice},
		"choose in atoms":         {offers(types.NewPayWhatYouWantOffer(sdk.NewInt64Coin("uatom", 1))), types.ErrWrongDenom},
	})
	require.NoError(t, s.send(offers(
		types.NewRentalOffer(token.Coin(1), 1), types.NewRentalOffer(token.Coin(types.MaxPrice), types.MaxPeriodSeconds),
		types.NewTierOffer(streamtypes.TIER_PLATINUM), types.NewTokenOffer(sdk.NewInt64Coin("ibc/27394FB0", 1)), types.NewTokenOffer(token.Coin(1)),
		types.NewPayWhatYouWantOffer(token.Coin(1)),
	)))
}

func TestRent(t *testing.T) {
	s := newStage(t)
	start := s.now()
	s.offer(s.alice, s.work, types.NewRentalOffer(token.Coin(stream), 3600), types.NewRentalOffer(token.Coin(2*stream), 86400))
	s.NextTx()
	res, err := s.msg.Rent(s.Ctx, &types.MsgRent{Renter: s.buyer.String(), Work: s.version, DurationSeconds: 3600, MaxPrice: token.Coin(9 * stream)})
	require.NoError(t, err)
	require.True(t, s.has("EventRented"))
	require.Equal(t, &types.MsgRentResponse{
		HoldId: s.buyer.String() + "-1", Paid: token.Coin(stream), ReleaseAt: start + revenuetypes.DefaultRefundWindowSeconds, ExpiresAt: start + 3600,
	}, res)
	require.EqualValues(t, 99*stream, s.Balance(s.buyer))
	d := s.access(s.buyer.String(), s.version)
	require.Equal(t, []any{types.ACCESS_BY_RENTAL, start + 3600, "rented"}, []any{d.By, d.Until, d.Reason})
	list, err := s.q.Rentals(s.Ctx, &types.QueryRentalsRequest{Viewer: s.buyer.String()})
	require.NoError(t, err)
	require.Len(t, list.Rentals, 1)
	_, err = s.q.Rentals(s.Ctx, &types.QueryRentalsRequest{Viewer: "x"})
	require.ErrorIs(t, err, types.ErrInvalidAddress)

	s.next(time.Hour - time.Second)
	require.True(t, s.access(s.buyer.String(), s.work).Granted, "in the last second")
	s.next(time.Second)
	require.False(t, s.access(s.buyer.String(), s.work).Granted, "the second of its end is the first without")
	list, err = s.q.Rentals(s.Ctx, &types.QueryRentalsRequest{Viewer: s.buyer.String()})
	require.NoError(t, err)
	require.Empty(t, list.Rentals)
	require.NoError(t, s.rent(s.buyer, s.work, 86400, 2*stream), "again, whether or not the ended one was removed")
	s.next(window + time.Second)
	s.next(time.Second)
	require.EqualValues(t, (5+1+2)*stream*9050/10000, s.earned(s.aliceID), "shared out after the window, also where the rental was shorter")
}

func TestRentRejections(t *testing.T) {
	s := newStage(t)
	s.offer(s.alice, s.work, types.NewRentalOffer(token.Coin(stream), 3600))
	rent := func(renter, work string, seconds int64, most sdk.Coin, recipient string) *types.MsgRent {
		return &types.MsgRent{Renter: renter, Work: work, DurationSeconds: seconds, MaxPrice: most, Recipient: recipient}
	}
	buyer, most := s.buyer.String(), token.Coin(stream)
	require.NoError(t, s.rent(s.buyer, s.work, 3600, stream))
	other := s.bob.String()
	s.refused(map[string]refusal{
		"running already":     {rent(other, s.work, 3600, most, buyer), types.ErrAlreadyRented},
		"owned already":       {rent(buyer, s.work, 3600, most, s.owner.String()), types.ErrAlreadyOwned},
		"another length":      {rent(other, s.work, 3601, most, ""), types.ErrNotForSale},
		"length zero":         {rent(other, s.work, 0, most, ""), types.ErrNotForSale},
		"length negative":     {rent(other, s.work, -1, most, ""), types.ErrNotForSale},
		"not offered":         {rent(other, s.unsold, 3600, most, ""), types.ErrNotForSale},
		"retired":             {rent(other, s.retired, 3600, most, ""), types.ErrWorkNotActive},
		"restricted":          {rent(other, s.restricted, 3600, most, ""), types.ErrWorkNotActive},
		"unknown work":        {rent(other, unknownWork(t), 3600, most, ""), contenttypes.ErrWorkNotFound},
		"malformed work":      {rent(other, "x", 3600, most, ""), contenttypes.ErrInvalidWorkID},
		"unknown collection":  {rent(other, s.aliceID+"/c9", 3600, most, ""), contenttypes.ErrCollectionNotFound},
		"malformed set":       {rent(other, s.aliceID+"/9", 3600, most, ""), contenttypes.ErrInvalidCollectionID},
		"price above":         {rent(other, s.work, 3600, token.Coin(stream-1), ""), types.ErrPriceAboveMax},
		"most in atoms":       {rent(other, s.work, 3600, sdk.NewInt64Coin("uatom", stream), ""), types.ErrWrongDenom},
		"no most":             {rent(other, s.work, 3600, sdk.Coin{}, ""), types.ErrWrongDenom},
		"malformed recipient": {rent(other, s.work, 3600, most, "x"), types.ErrInvalidRecipient},
	})
	before := s.state()
	require.Error(t, s.rent(s.poor, s.work, 3600, stream), "no coins")
	require.Equal(t, before, s.state())
	for name, address := range s.badAddresses() {
		s.refused(map[string]refusal{name: {rent(address, s.work, 3600, most, ""), types.ErrInvalidAddress}})
	}
}

// A refund ends the rental that it paid, and no other.
func TestRentalRefund(t *testing.T) {
	s := newStage(t)
	s.offer(s.alice, s.work, types.NewRentalOffer(token.Coin(stream), 3600))
	require.NoError(t, s.rent(s.buyer, s.work, 3600, stream))
	s.next(time.Hour)
	require.NoError(t, s.rent(s.buyer, s.work, 3600, stream))
	refund := func(hold string) {
		_, err := s.revenue.Refund(s.Ctx, s.alice, s.buyer.String()+"-"+hold)
		require.NoError(t, err)
	}
	refund("1")
	require.True(t, s.access(s.buyer.String(), s.work).Granted, "the ended one was refunded")
	refund("2")
	require.False(t, s.access(s.buyer.String(), s.work).Granted)
	require.NoError(t, s.rent(s.buyer, s.work, 3600, stream), "nothing runs")
}

func TestPayWhatYouWant(t *testing.T) {
	s := newStage(t)
	s.offer(s.alice, s.work, types.NewPayWhatYouWantOffer(token.Coin(stream)))
	pay := func(amount sdk.Coin, most int64) *types.MsgPurchase {
		return &types.MsgPurchase{Buyer: s.buyer.String(), Work: s.work, MaxPrice: token.Coin(most), Pay: &amount}
	}
	s.refused(map[string]refusal{
		"below":           {pay(token.Coin(stream-1), stream), types.ErrBelowMinimum},
		"above one's own": {pay(token.Coin(stream+1), stream), types.ErrPriceAboveMax},
		"nothing":         {pay(token.Coin(0), stream), types.ErrInvalidPrice},
		"negative":        {pay(sdk.Coin{Denom: token.BaseDenom, Amount: math.NewInt(-1)}, stream), types.ErrInvalidPrice},
		"unset":           {pay(sdk.Coin{Denom: token.BaseDenom}, stream), types.ErrInvalidPrice},
		"in atoms":        {pay(sdk.NewInt64Coin("uatom", stream), stream), types.ErrWrongDenom},
		"at the price":    {&types.MsgPurchase{Buyer: s.buyer.String(), Work: s.work, MaxPrice: token.Coin(9 * stream)}, types.ErrNotForSale},
	})
	require.NoError(t, s.send(pay(token.Coin(7*stream), 8*stream)))
	require.EqualValues(t, 93*stream, s.Balance(s.buyer))
	require.Equal(t, types.ACCESS_BY_PURCHASE, s.access(s.buyer.String(), s.work).By)
	s.refused(map[string]refusal{"twice": {pay(token.Coin(stream), stream), types.ErrAlreadyOwned}})
	s.offer(s.alice, s.unsold, types.NewPurchaseOffer(token.Coin(stream)))
	choose := pay(token.Coin(stream), stream)
	choose.Work = s.unsold
	s.refused(map[string]refusal{"of what has a price": {choose, types.ErrNotForSale}})
}

func TestTierOffer(t *testing.T) {
	s := newStage(t)
	s.offer(s.alice, s.work, types.NewTierOffer(streamtypes.TIER_SILVER))
	for tier, granted := range map[streamtypes.Tier]bool{
		streamtypes.TIER_NONE: false, streamtypes.TIER_BRONZE: false, streamtypes.TIER_SILVER: true, streamtypes.TIER_PLATINUM: true,
	} {
		s.tiers[s.buyer.String()] = tier
		d := s.access(s.buyer.String(), s.work)
		require.Equal(t, granted, d.Granted, tier.String())
		require.Equal(t, granted, d.By == types.ACCESS_BY_TIER && d.Reason == "tier" && d.Until == 0)
		require.Equal(t, []types.OfferCost{
			{Kind: types.OFFER_KIND_TIER, Price: token.Coin(0), Tier: streamtypes.TIER_SILVER},
			{Kind: types.OFFER_KIND_PLAN, Price: token.Coin(3 * stream), Seconds: 86400, Plan: s.plan},
		}, d.Offers)
	}
	require.False(t, s.access("", s.work).Granted, "nobody has no tier")
}

// Coins open a work only while they can be spent.
func TestTokenOffer(t *testing.T) {
	s := newStage(t)
	s.offer(s.alice, s.work, types.NewTokenOffer(sdk.NewInt64Coin("ufan", 10)))
	give := func(to sdk.AccAddress, amount int64) {
		coins := sdk.NewCoins(sdk.NewInt64Coin("ufan", amount))
		require.NoError(t, s.Bank.MintCoins(s.Ctx, minttypes.ModuleName, coins))
		require.NoError(t, s.Bank.SendCoinsFromModuleToAccount(s.Ctx, minttypes.ModuleName, to, coins))
	}
	require.False(t, s.access(s.buyer.String(), s.work).Granted, "none")
	require.False(t, s.access("", s.work).Granted)
	give(s.buyer, 9)
	require.False(t, s.access(s.buyer.String(), s.work).Granted, "too few")
	give(s.buyer, 1)
	d := s.access(s.buyer.String(), s.work)
	require.Equal(t, []any{true, types.ACCESS_BY_TOKEN, int64(0), "token"}, []any{d.Granted, d.By, d.Until, d.Reason})
	require.Equal(t, types.OfferCost{Kind: types.OFFER_KIND_TOKEN, Price: sdk.NewInt64Coin("ufan", 10)}, d.Offers[0])
	require.NoError(t, s.Bank.SendCoins(s.Ctx, s.buyer, s.owner, sdk.NewCoins(sdk.NewInt64Coin("ufan", 1))))
	require.False(t, s.access(s.buyer.String(), s.work).Granted, "given away")

	locked := s.Funded("locked", 1)
	give(locked, 10)
	vestingtypes.RegisterInterfaces(s.Registry)
	vesting, err := vestingtypes.NewDelayedVestingAccount(authtypes.NewBaseAccountWithAddress(locked),
		sdk.NewCoins(sdk.NewInt64Coin("ufan", 10)), s.Ctx.BlockTime().Add(day).Unix())
	require.NoError(t, err)
	s.Account.SetAccount(s.Ctx, s.Account.NewAccount(s.Ctx, vesting))
	require.False(t, s.access(locked.String(), s.work).Granted, "still vesting")
}

// Of everything that grants, what has no end comes first, then what is held, then what lasts longest.
func TestOrderOfRules(t *testing.T) {
	s := newStage(t)
	viewer := s.buyer.String()
	start := s.now()
	s.tiers[viewer] = streamtypes.TIER_GOLD
	all := []types.Offer{
		types.NewTokenOffer(token.Coin(stream)), types.NewTierOffer(streamtypes.TIER_BRONZE), types.NewRentalOffer(token.Coin(1), 2*86400), types.NewFreeOffer(),
	}
	s.offer(s.alice, s.unsold, all[2])
	require.NoError(t, s.rent(s.buyer, s.unsold, 2*86400, 1))
	require.NoError(t, s.subscribe(s.buyer, s.plan, 3*stream, 1))
	check := func(by types.AccessBy, until int64) {
		d := s.access(viewer, s.unsold)
		require.Equal(t, []any{by, until, by == types.ACCESS_BY_PLAN}, []any{d.By, d.Until, d.Plan == s.plan})
	}
	check(types.ACCESS_BY_RENTAL, start+2*86400)
	require.NoError(t, s.subscribe(s.buyer, s.plan, 3*stream, 1))
	check(types.ACCESS_BY_PLAN, start+2*86400) // of equals the subscription
	s.offer(s.alice, s.unsold, all[:1]...)
	check(types.ACCESS_BY_TOKEN, 0)
	s.offer(s.alice, s.unsold, all[:2]...)
	check(types.ACCESS_BY_TIER, 0)
	s.offer(s.alice, s.unsold, all[0], all[1], types.NewPurchaseOffer(token.Coin(1)))
	require.NoError(t, s.purchase(s.buyer, s.unsold, 1))
	check(types.ACCESS_BY_PURCHASE, 0)
	s.offer(s.alice, s.unsold, all...)
	check(types.ACCESS_BY_FREE, 0)
	require.Equal(t, types.ACCESS_BY_CREATOR, s.access(s.alice.String(), s.unsold).By)
}
