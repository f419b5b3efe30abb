package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	"github.com/streamchain/streamchain/x/content/types"
)

// GetReservation returns the reservation that keeps a handle, or one that it looks like, from being taken now.
// Errors: ErrInvalidHandle, ErrNotReserved.
func (k *Keeper) GetReservation(ctx context.Context, handle string) (types.Reservation, error) {
	if err := types.ValidateHandle(handle); err != nil {
		return types.Reservation{}, err
	}
	now, err := k.clock.Now(ctx)
	if err != nil {
		return types.Reservation{}, err
	}
	r, found, err := k.reservation(ctx, handle)
	if err == nil && (!found || !r.Live(now)) {
		err = errorsmod.Wrapf(types.ErrNotReserved, "%q", handle)
	}
	return r, err
}

// reservation is the row of a handle's look, over or not.
func (k *Keeper) reservation(ctx context.Context, handle string) (types.Reservation, bool, error) {
	r, err := k.reservations.Get(ctx, types.Skeleton(handle))
	if errors.Is(err, collections.ErrNotFound) {
		return types.Reservation{}, false, nil
	}
	return r, err == nil, err
}

// reserve keeps the handle that a creator held from being taken by another at once: who follows the name would be led to a stranger.
// Its deposit stays with it, or names could be reserved by the thousand for nothing; a ruling's reservation has none. With no time to
// reserve for it does nothing and returns false. Emits EventHandleReserved.
func (k *Keeper) reserve(ctx context.Context, creator types.Creator, deposit math.Int, reference string) (bool, error) {
	params, err := k.Params(ctx)
	if err != nil || params.HandleReserveSeconds == 0 {
		return false, err
	}
	now, err := k.clock.Now(ctx)
	if err != nil {
		return false, err
	}
	r := types.Reservation{
		Handle: creator.Handle, Creator: creator.Id, FreedAt: now, Until: now + params.HandleReserveSeconds, Deposit: deposit, Reference: reference,
	}
	if err := k.setReservation(ctx, r); err != nil {
		return false, err
	}
	return true, emit(ctx, &types.EventHandleReserved{Reservation: r})
}

// requireFree ends the reservation of a handle that is over, or that lets the creator take it.
// Errors: ErrHandleReserved.
func (k *Keeper) requireFree(ctx context.Context, handle string, id types.CreatorID) error {
	r, found, err := k.reservation(ctx, handle)
	if err != nil || !found {
		return err
	}
	now, err := k.clock.Now(ctx)
	if err != nil {
		return err
	}
	if r.Live(now) {
		level, err := k.Level(ctx, id.String())
		if err != nil {
			return err
		}
		if !r.Allows(id.String(), level) {
			return errorsmod.Wrapf(types.ErrHandleReserved, "%q until %d, now %d", r.Handle, r.Until, now)
		}
	}
	return k.endReservation(ctx, r)
}

// endReservation removes a reservation; its deposit goes to who controls now what held the handle. Emits EventHandleReservationEnded.
func (k *Keeper) endReservation(ctx context.Context, r types.Reservation) error {
	if err := k.dropReservation(ctx, r); err != nil {
		return err
	}
	creator, err := k.GetCreator(ctx, r.Creator)
	if err != nil {
		return err
	}
	controller, err := types.ParseAddress(creator.Controller)
	if err != nil {
		return err
	}
	if err := k.unlock(ctx, controller, r.Deposit); err != nil {
		return err
	}
	return emit(ctx, &types.EventHandleReservationEnded{Reservation: r})
}

// condemn makes a ruling's reservation of one by which a creator reserved a handle for itself, and returns the deposit that it had: giving a
// name up while jurors think about it must not keep it. Emits EventHandleReserved.
func (k *Keeper) condemn(ctx context.Context, creatorID, handle, reference string) (math.Int, error) {
	if types.ValidateHandle(handle) != nil {
		return math.ZeroInt(), nil
	}
	r, found, err := k.reservation(ctx, handle)
	if err != nil || !found || r.Creator != creatorID || r.Reference != "" {
		return math.ZeroInt(), err
	}
	deposit := r.Deposit
	if err := k.dropReservation(ctx, r); err != nil {
		return math.Int{}, err
	}
	_, err = k.reserve(ctx, types.Creator{Id: r.Creator, Handle: r.Handle}, math.ZeroInt(), reference)
	return deposit, err
}

func (k *Keeper) setReservation(ctx context.Context, r types.Reservation) error {
	look := types.Skeleton(r.Handle)
	if err := k.reservations.Set(ctx, look, r); err != nil {
		return err
	}
	return k.expiries.Set(ctx, collections.Join3(r.Until, types.ExpiryReservation, []byte(look)))
}

func (k *Keeper) dropReservation(ctx context.Context, r types.Reservation) error {
	look := types.Skeleton(r.Handle)
	if err := k.reservations.Remove(ctx, look); err != nil {
		return err
	}
	return k.expiries.Remove(ctx, collections.Join3(r.Until, types.ExpiryReservation, []byte(look)))
}
