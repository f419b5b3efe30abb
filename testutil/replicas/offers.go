package replicas

import (
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/token"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

// offerKinds are the messages about collections, rentals and mandates.
func (x *Traffic) offerKinds() []kind {
	return []kind{
		{2, x.createCollection}, {3, x.updateCollection}, {3, x.offerCollection}, {5, x.rent}, {3, x.buyCollection}, {3, x.setRenewal}, {3, x.cancel},
	}
}

// rentalSeconds is the length of every rental.
const rentalSeconds = 30

// otherOffers are some of the kinds that no message here depends on, and always a rental.
func (x *Traffic) otherOffers() []subscriptiontypes.Offer {
	offers := []subscriptiontypes.Offer{subscriptiontypes.NewRentalOffer(token.Coin(1+x.rng.Int64N(500_000)), rentalSeconds)}
	switch x.rng.IntN(4) {
	case 0:
		offers = append(offers, subscriptiontypes.NewTierOffer(streamtypes.TIER_BRONZE))
	case 1:
		offers = append(offers, subscriptiontypes.NewTokenOffer(token.Coin(1_000_000_000)))
	case 2:
		offers = append(offers, subscriptiontypes.NewPayWhatYouWantOffer(token.Coin(10)))
	}
	return offers
}

func (x *Traffic) createCollection(from Account) sdk.Msg {
	msg := &contenttypes.MsgCreateCollection{
		Controller: from.String(), Creator: contenttypes.NewCreatorID(from.Addr()).String(), Kind: contenttypes.COLLECTION_KIND_SERIES, Title: x.name("series"),
	}
	if work, ok := x.mine(from, x.works); ok {
		msg.Works = []string{work}
	}
	return msg
}

func (x *Traffic) updateCollection(from Account) sdk.Msg {
	id, ok := x.mine(from, x.sets)
	if !ok {
		return nil
	}
	msg := &contenttypes.MsgUpdateCollection{Controller: from.String(), Collection: id, Title: x.name("series")}
	if work, ok := x.mine(from, x.works); ok {
		if x.rng.IntN(3) == 0 {
			msg.Remove = []string{work}
		} else {
			msg.Add = []string{work}
		}
	}
	return msg
}

func (x *Traffic) offerCollection(from Account) sdk.Msg {
	id, ok := x.mine(from, x.sets)
	if !ok {
		return nil
	}
	offers := append(x.otherOffers(), subscriptiontypes.NewPurchaseOffer(token.Coin(1+x.rng.Int64N(2_000_000))))
	return &subscriptiontypes.MsgSetOffers{Controller: from.String(), Work: id, Offers: offers}
}

func (x *Traffic) rent(from Account) sdk.Msg {
	items := append(x.works[:len(x.works):len(x.works)], x.sets...)
	if len(items) == 0 {
		return nil
	}
	return &subscriptiontypes.MsgRent{
		Renter: from.String(), Work: pick(x.rng, items).id, DurationSeconds: rentalSeconds, MaxPrice: token.Coin(500_000),
	}
}

func (x *Traffic) buyCollection(from Account) sdk.Msg {
	if len(x.sets) == 0 {
		return nil
	}
	return &subscriptiontypes.MsgPurchase{Buyer: from.String(), Work: pick(x.rng, x.sets).id, MaxPrice: token.Coin(2_000_000)}
}

func (x *Traffic) setRenewal(from Account) sdk.Msg {
	plan, ok := x.mine(from, x.subs)
	if !ok {
		return nil
	}
	return &subscriptiontypes.MsgSetRenewal{Payer: from.String(), Plan: plan, MaxPrice: token.Coin(3_000_000), Renewals: uint32(x.rng.IntN(3))}
}

func (x *Traffic) cancel(from Account) sdk.Msg {
	plan, ok := x.mine(from, x.subs)
	if !ok {
		return nil
	}
	return &subscriptiontypes.MsgCancel{Viewer: from.String(), Plan: plan}
}
