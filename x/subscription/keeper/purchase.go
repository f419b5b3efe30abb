package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	"github.com/streamchain/streamchain/x/subscription/types"
)

// Bought is a purchase as its message answers it.
type Bought struct {
	types.Entitlement
	// ReleaseAt is the live time in Unix seconds at which the refund window ends.
	ReleaseAt int64
}

// Purchase sells recipient a work, named by any version, or a collection; buyer pays: the price, or
// where pay is set what it says and the offer allows. The payment waits, whole, in x/revenue until its
// refund window ends. Emits EventPurchased. Errors: ErrWorkNotActive, ErrNotForSale, ErrWrongDenom,
// ErrBelowMinimum, ErrPriceAboveMax, ErrAlreadyOwned, content's for the id, the bank's for the coins.
func (k *Keeper) Purchase(ctx context.Context, buyer, recipient sdk.AccAddress, id string, maxPrice sdk.Coin, pay *sdk.Coin) (Bought, error) {
	i, err := k.item(ctx, id)
	if err != nil {
		return Bought{}, err
	}
	price, err := k.salePrice(ctx, i, pay)
	if err != nil {
		return Bought{}, err
	}
	if err := requireAllowed(price, maxPrice); err != nil {
		return Bought{}, err
	}
	key := collections.Join([]byte(recipient), i.key)
	if err := k.requireNotOwned(ctx, key, i); err != nil {
		return Bought{}, err
	}
	now, err := k.clock.Now(ctx)
	if err != nil {
		return Bought{}, err
	}
	holdID, releaseAt, err := k.hold(ctx, revenuetypes.RAIL_PURCHASE, buyer, recipient, i, price)
	if err != nil {
		return Bought{}, err
	}
	bought := Bought{ReleaseAt: releaseAt, Entitlement: types.Entitlement{
		Viewer: recipient.String(), Work: i.id, HoldId: holdID, BoughtAt: now, Price: price, CollectionVersion: i.set.Version,
	}}
	if err := k.entitlements.Set(ctx, key, bought.Entitlement); err != nil {
		return Bought{}, err
	}
	return bought, emit(ctx, &types.EventPurchased{
		Buyer: buyer.String(), Entitlement: bought.Entitlement, Creator: i.creator, ReleaseAt: releaseAt,
	})
}

// hold collects a payment and leaves it to its refund window. What it is called says who got what.
func (k *Keeper) hold(ctx context.Context, rail revenuetypes.Rail, payer, recipient sdk.AccAddress, i item, price sdk.Coin) (string, int64, error) {
	if err := k.revenue.Collect(ctx, payer, price); err != nil {
		return "", 0, err
	}
	return k.revenue.Hold(ctx, revenuetypes.Payment{
		Rail: rail, Subject: i.subject(), Payer: payer.String(), Gross: price, Reference: types.Reference(recipient.String(), i.id),
	})
}

// salePrice is what the item costs now, where it is sold.
func (k *Keeper) salePrice(ctx context.Context, i item, pay *sdk.Coin) (sdk.Coin, error) {
	if err := i.requireOnSale(); err != nil {
		return sdk.Coin{}, err
	}
	list, err := k.offersOf(ctx, i.id, i.key)
	if err != nil {
		return sdk.Coin{}, err
	}
	if pay == nil {
		offer, sold := list.Find(types.OFFER_KIND_PURCHASE)
		if !sold {
			return sdk.Coin{}, errorsmod.Wrap(types.ErrNotForSale, i.id)
		}
		return offer.GetPurchase().Price, nil
	}
	offer, sold := list.Find(types.OFFER_KIND_PAY_WHAT_YOU_WANT)
	if !sold {
		return sdk.Coin{}, errorsmod.Wrapf(types.ErrNotForSale, "%s for what one wants to pay", i.id)
	}
	if least := offer.GetPayWhatYouWant().Minimum; pay.Amount.LT(least.Amount) {
		return sdk.Coin{}, errorsmod.Wrapf(types.ErrBelowMinimum, "the least is %s", least)
	}
	return *pay, nil
}

func (k *Keeper) requireNotOwned(ctx context.Context, key viewerItem, i item) error {
	owned, err := k.entitlements.Has(ctx, key)
	if err == nil && owned {
		return errorsmod.Wrapf(types.ErrAlreadyOwned, "%s owns %s", sdk.AccAddress(key.K1()), i.id)
	}
	return err
}

// requireAllowed refuses a price that the buyer does not allow: the creator may have changed
// it since the buyer read it.
func requireAllowed(price, most sdk.Coin) error {
	if err := types.ValidateMaxPrice(most); err != nil {
		return err
	}
	if price.Denom != most.Denom {
		return errorsmod.Wrapf(types.ErrWrongDenom, "the price is in %s", price.Denom)
	}
	if price.Amount.GT(most.Amount) {
		return errorsmod.Wrapf(types.ErrPriceAboveMax, "the price is %s, the most allowed %s", price, most)
	}
	return nil
}

// boughtBy returns who got what for a payment; false where it bought nothing: it went to a creator, or is another module's.
func boughtBy(p revenuetypes.Payment) (viewer sdk.AccAddress, bought item, ok bool) {
	text, id := types.ParseReference(p.Reference, p.Subject)
	key, failed := types.ItemKey(id)
	viewer, err := types.ParseAddress(text)
	return viewer, item{id: id, key: key}, failed == nil && err == nil
}

// RevokeRefunded ends the access that a refunded payment bought. A hold that no purchase and no
// rental names is another module's, or bought what was revoked before: it changes nothing. Emits
// EventEntitlementRevoked.
func (k *Keeper) RevokeRefunded(ctx context.Context, hold revenuetypes.Hold) error {
	viewer, bought, ok := boughtBy(hold.Payment)
	if !ok {
		return nil
	}
	key, revoked := collections.Join([]byte(viewer), bought.key), false
	var err error
	switch hold.Payment.Rail {
	case revenuetypes.RAIL_PURCHASE:
		revoked, err = k.revokePurchase(ctx, key, hold.Id)
	case revenuetypes.RAIL_RENTAL:
		revoked, err = k.revokeRental(ctx, key, hold.Id)
	}
	if err != nil || !revoked {
		return err
	}
	return emit(ctx, &types.EventEntitlementRevoked{Viewer: viewer.String(), Work: bought.id, HoldId: hold.Id})
}

func (k *Keeper) revokePurchase(ctx context.Context, key viewerItem, holdID string) (bool, error) {
	e, err := k.entitlements.Get(ctx, key)
	if errors.Is(err, collections.ErrNotFound) || (err == nil && e.HoldId != holdID) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, k.entitlements.Remove(ctx, key)
}

func (k *Keeper) revokeRental(ctx context.Context, key viewerItem, holdID string) (bool, error) {
	r, err := k.rentals.Get(ctx, key)
	if errors.Is(err, collections.ErrNotFound) || (err == nil && r.HoldId != holdID) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, k.removeRental(ctx, key, r)
}
