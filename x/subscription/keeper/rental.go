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

// Rented is a rental as its message answers it.
type Rented struct {
	types.Rental
	// ReleaseAt is the live time in Unix seconds at which the refund window ends.
	ReleaseAt int64
}

// Rent sells recipient access to a work, named by any version, or a collection, for one of the lengths
// that are offered; renter pays. It runs from now, and the payment waits as a purchase's does, the window
// being what it is also where the rental is shorter. Emits EventRented. Errors: ErrWorkNotActive,
// ErrNotForSale, ErrWrongDenom, ErrPriceAboveMax, ErrAlreadyOwned, ErrAlreadyRented, content's for the id,
// the bank's for the coins.
func (k *Keeper) Rent(ctx context.Context, renter, recipient sdk.AccAddress, id string, seconds int64, maxPrice sdk.Coin) (Rented, error) {
	i, err := k.item(ctx, id)
	if err != nil {
		return Rented{}, err
	}
	if err := i.requireOnSale(); err != nil {
		return Rented{}, err
	}
	list, err := k.offersOf(ctx, i.id, i.key)
	if err != nil {
		return Rented{}, err
	}
	offer, offered := list.Rental(seconds)
	if !offered {
		return Rented{}, errorsmod.Wrapf(types.ErrNotForSale, "%s for %d seconds", i.id, seconds)
	}
	if err := requireAllowed(offer.Price, maxPrice); err != nil {
		return Rented{}, err
	}
	key := collections.Join([]byte(recipient), i.key)
	if err := k.requireNotOwned(ctx, key, i); err != nil {
		return Rented{}, err
	}
	now, err := k.clock.Now(ctx)
	if err != nil {
		return Rented{}, err
	}
	if err := k.clearRental(ctx, key, now); err != nil {
		return Rented{}, err
	}
	holdID, releaseAt, err := k.hold(ctx, revenuetypes.RAIL_RENTAL, renter, recipient, i, offer.Price)
	if err != nil {
		return Rented{}, err
	}
	rented := Rented{ReleaseAt: releaseAt, Rental: types.Rental{
		Viewer: recipient.String(), Work: i.id, HoldId: holdID, RentedAt: now, ExpiresAt: now + seconds, Price: offer.Price,
		CollectionVersion: i.set.Version, DueAt: now + seconds,
	}}
	if err := k.setRental(ctx, key, rented.Rental); err != nil {
		return Rented{}, err
	}
	return rented, emit(ctx, &types.EventRented{Renter: renter.String(), Rental: rented.Rental, Creator: i.creator, ReleaseAt: releaseAt})
}

// clearRental removes a rental that has ended, and refuses where one is running.
func (k *Keeper) clearRental(ctx context.Context, key viewerItem, now int64) error {
	old, err := k.rentals.Get(ctx, key)
	if errors.Is(err, collections.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if old.Running(now) {
		return errorsmod.Wrapf(types.ErrAlreadyRented, "%s until %d", old.Work, old.ExpiresAt)
	}
	return k.removeRental(ctx, key, old)
}

// setRental writes a rental and its place in the queue.
func (k *Keeper) setRental(ctx context.Context, key viewerItem, r types.Rental) error {
	if err := k.rentals.Set(ctx, key, r); err != nil {
		return err
	}
	return k.rentalEnds.Set(ctx, collections.Join(r.DueAt, key))
}

// removeRental removes a rental and its place in the queue.
func (k *Keeper) removeRental(ctx context.Context, key viewerItem, r types.Rental) error {
	if err := k.rentals.Remove(ctx, key); err != nil {
		return err
	}
	return k.rentalEnds.Remove(ctx, collections.Join(r.DueAt, key))
}
