package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	"github.com/streamchain/streamchain/x/subscription/types"
)

// Bought is a purchase as its message answers it.
type Bought struct {
	types.Entitlement
	// ReleaseAt is the live time in Unix seconds at which the refund window ends.
	ReleaseAt int64
}

// Purchase sells the work that has the version cid to recipient; buyer pays. The payment
// waits, whole, in x/revenue until its refund window ends; its reference is the recipient.
// Emits EventPurchased. Errors: ErrWorkNotActive, ErrNotForSale, ErrWrongDenom,
// ErrPriceAboveMax, ErrAlreadyOwned, content's ErrWorkNotFound, the bank's for the coins.
func (k *Keeper) Purchase(ctx context.Context, buyer, recipient sdk.AccAddress, cid string, maxPrice sdk.Coin) (Bought, error) {
	root, digest, err := k.root(ctx, cid)
	if err != nil {
		return Bought{}, err
	}
	price, err := k.salePrice(ctx, root, digest)
	if err != nil {
		return Bought{}, err
	}
	if err := requireAllowed(price, maxPrice); err != nil {
		return Bought{}, err
	}
	owned, err := k.entitlements.Has(ctx, collections.Join([]byte(recipient), digest))
	if err != nil {
		return Bought{}, err
	}
	if owned {
		return Bought{}, errorsmod.Wrapf(types.ErrAlreadyOwned, "%s owns %s", recipient, root.Cid)
	}
	now, err := k.clock.Now(ctx)
	if err != nil {
		return Bought{}, err
	}
	if err := k.revenue.Collect(ctx, buyer, price); err != nil {
		return Bought{}, err
	}
	holdID, releaseAt, err := k.revenue.Hold(ctx, revenuetypes.Payment{
		Rail: revenuetypes.RAIL_PURCHASE, Subject: root.Cid, Payer: buyer.String(), Gross: price, Reference: recipient.String(),
	})
	if err != nil {
		return Bought{}, err
	}
	bought := Bought{ReleaseAt: releaseAt, Entitlement: types.Entitlement{
		Viewer: recipient.String(), Work: root.Cid, HoldId: holdID, BoughtAt: now, Price: price,
	}}
	if err := k.entitlements.Set(ctx, collections.Join([]byte(recipient), digest), bought.Entitlement); err != nil {
		return Bought{}, err
	}
	return bought, emit(ctx, &types.EventPurchased{
		Buyer: buyer.String(), Entitlement: bought.Entitlement, Creator: root.Creator, ReleaseAt: releaseAt,
	})
}

// salePrice is what the work costs now, where it is sold.
func (k *Keeper) salePrice(ctx context.Context, root contenttypes.Work, digest []byte) (sdk.Coin, error) {
	if root.Status != contenttypes.WORK_STATUS_ACTIVE {
		return sdk.Coin{}, errorsmod.Wrap(types.ErrWorkNotActive, root.Cid)
	}
	list, err := k.offersOf(ctx, root.Cid, digest)
	if err != nil {
		return sdk.Coin{}, err
	}
	offer, sold := list.Find(types.OFFER_KIND_PURCHASE)
	if !sold {
		return sdk.Coin{}, errorsmod.Wrap(types.ErrNotForSale, root.Cid)
	}
	return offer.GetPurchase().Price, nil
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

// RevokeRefunded ends the access that a refunded payment bought. A hold that no purchase
// names is another module's, or bought what was revoked before: it changes nothing. Emits
// EventEntitlementRevoked.
func (k *Keeper) RevokeRefunded(ctx context.Context, hold revenuetypes.Hold) error {
	if hold.Payment.Rail != revenuetypes.RAIL_PURCHASE {
		return nil
	}
	digest, err := contenttypes.ParseWorkID(hold.Payment.Subject)
	if err != nil {
		return nil //nolint:nilerr // a payment to a creator buys no work
	}
	viewer, err := types.ParseAddress(hold.Payment.Reference)
	if err != nil {
		return nil //nolint:nilerr // another module's reference
	}
	key := collections.Join([]byte(viewer), digest)
	e, err := k.entitlements.Get(ctx, key)
	if errors.Is(err, collections.ErrNotFound) || (err == nil && e.HoldId != hold.Id) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := k.entitlements.Remove(ctx, key); err != nil {
		return err
	}
	return emit(ctx, &types.EventEntitlementRevoked{Viewer: e.Viewer, Work: e.Work, HoldId: e.HoldId})
}
