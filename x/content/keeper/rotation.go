package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/content/types"
)

// RotateController asks for another account to take the controller's place after the delay. Emits EventRotationRequested.
// Errors: ErrRotationPending and those of RequireController and requireHeir.
func (k *Keeper) RotateController(ctx context.Context, controller, heir sdk.AccAddress, creatorID string) (types.Rotation, error) {
	creator, err := k.RequireController(ctx, creatorID, controller)
	if err != nil {
		return types.Rotation{}, err
	}
	if err := k.requireHeir(ctx, heir); err != nil {
		return types.Rotation{}, err
	}
	now, err := k.clock.Now(ctx)
	if err != nil {
		return types.Rotation{}, err
	}
	pending, err := k.GetRotation(ctx, creatorID)
	switch {
	case err == nil && pending.Live(now):
		return types.Rotation{}, errorsmod.Wrapf(types.ErrRotationPending, "to %s", pending.NewController)
	case err == nil:
		if err := k.dropRotation(ctx, pending); err != nil {
			return types.Rotation{}, err
		}
	case !errors.Is(err, types.ErrRotationNotFound):
		return types.Rotation{}, err
	}
	params, err := k.Params(ctx)
	if err != nil {
		return types.Rotation{}, err
	}
	ready := now + params.RotationDelaySeconds
	r := types.Rotation{
		Creator: creator.Id, Controller: creator.Controller, NewController: heir.String(),
		RequestedAt: now, ReadyAt: ready, ExpiresAt: ready + types.AcceptSeconds,
	}
	if err := k.setRotation(ctx, r); err != nil {
		return types.Rotation{}, err
	}
	return r, emit(ctx, &types.EventRotationRequested{Rotation: r})
}

// requireHeir refuses a new controller that controls a creator already, or that cannot receive coins.
func (k *Keeper) requireHeir(ctx context.Context, heir sdk.AccAddress) error {
	if k.bank.BlockedAddr(heir) {
		return errorsmod.Wrap(types.ErrBlockedAddress, heir.String())
	}
	controls, err := k.byController.Has(ctx, heir)
	if err == nil && controls {
		err = errorsmod.Wrap(types.ErrCreatorExists, heir.String())
	}
	return err
}

// VetoRotation refuses a change of controllers, by the old one within the delay. Emits EventRotationVetoed.
// Errors: ErrRotationNotFound, ErrVetoTooLate and those of RequireController.
func (k *Keeper) VetoRotation(ctx context.Context, controller sdk.AccAddress, creatorID string) error {
	if _, err := k.RequireController(ctx, creatorID, controller); err != nil {
		return err
	}
	r, now, err := k.pending(ctx, creatorID)
	if err != nil {
		return err
	}
	if now >= r.ReadyAt {
		return errorsmod.Wrapf(types.ErrVetoTooLate, "it ended at %d", r.ReadyAt)
	}
	if err := k.dropRotation(ctx, r); err != nil {
		return err
	}
	return emit(ctx, &types.EventRotationVetoed{Creator: r.Creator, NewController: r.NewController})
}

// AcceptRotation makes the named account the creator's controller, after the delay. Works, offers and income stay the creator's.
// Emits EventControllerRotated. Errors: ErrRotationNotFound, ErrNotController, ErrRotationNotReady and those of requireHeir.
func (k *Keeper) AcceptRotation(ctx context.Context, heir sdk.AccAddress, creatorID string) error {
	creator, err := k.GetCreator(ctx, creatorID)
	if err != nil {
		return err
	}
	r, now, err := k.pending(ctx, creatorID)
	if err != nil {
		return err
	}
	if r.NewController != heir.String() {
		return errorsmod.Wrapf(types.ErrNotController, "%s; %s is to be", heir, r.NewController)
	}
	if now < r.ReadyAt {
		return errorsmod.Wrapf(types.ErrRotationNotReady, "at %d; it is %d now", r.ReadyAt, now)
	}
	// it may have become a creator since it was named
	if err := k.requireHeir(ctx, heir); err != nil {
		return err
	}
	if err := k.dropRotation(ctx, r); err != nil {
		return err
	}
	id, err := types.ParseCreatorID(creatorID)
	if err != nil {
		return err
	}
	old, err := types.ParseAddress(creator.Controller)
	if err != nil {
		return err
	}
	if err := k.byController.Remove(ctx, old); err != nil {
		return err
	}
	if err := k.byController.Set(ctx, heir, id); err != nil {
		return err
	}
	creator.Controller = heir.String()
	if err := k.creators.Set(ctx, id, creator); err != nil {
		return err
	}
	return emit(ctx, &types.EventControllerRotated{Creator: creator.Id, Controller: creator.Controller, PreviousController: old.String()})
}

// pending returns a creator's rotation that can still be accepted, and live time.
func (k *Keeper) pending(ctx context.Context, creatorID string) (types.Rotation, int64, error) {
	now, err := k.clock.Now(ctx)
	if err != nil {
		return types.Rotation{}, 0, err
	}
	r, err := k.GetRotation(ctx, creatorID)
	if err == nil && !r.Live(now) {
		err = errorsmod.Wrapf(types.ErrRotationNotFound, "the one to %s has expired", r.NewController)
	}
	return r, now, err
}

// GetRotation returns a creator's change of controllers. Errors: ErrInvalidCreatorID, ErrRotationNotFound.
func (k *Keeper) GetRotation(ctx context.Context, creatorID string) (types.Rotation, error) {
	id, err := types.ParseCreatorID(creatorID)
	if err != nil {
		return types.Rotation{}, err
	}
	r, err := k.rotations.Get(ctx, id)
	if errors.Is(err, collections.ErrNotFound) {
		return types.Rotation{}, errorsmod.Wrap(types.ErrRotationNotFound, creatorID)
	}
	return r, err
}

func (k *Keeper) setRotation(ctx context.Context, r types.Rotation) error {
	id, heir, err := rotationKey(r)
	if err != nil {
		return err
	}
	if err := k.rotations.Set(ctx, id, r); err != nil {
		return err
	}
	if err := k.rotationsTo.Set(ctx, collections.Join(heir, id)); err != nil {
		return err
	}
	return k.expiries.Set(ctx, collections.Join3(r.ExpiresAt, types.ExpiryRotation, id))
}

func (k *Keeper) dropRotation(ctx context.Context, r types.Rotation) error {
	id, heir, err := rotationKey(r)
	if err != nil {
		return err
	}
	if err := k.rotations.Remove(ctx, id); err != nil {
		return err
	}
	if err := k.rotationsTo.Remove(ctx, collections.Join(heir, id)); err != nil {
		return err
	}
	return k.expiries.Remove(ctx, collections.Join3(r.ExpiresAt, types.ExpiryRotation, id))
}

// rotationKey is a rotation's creator id and new controller in bytes.
func rotationKey(r types.Rotation) (id, heir []byte, err error) {
	if id, err = types.ParseCreatorID(r.Creator); err != nil {
		return nil, nil, err
	}
	heir, err = types.ParseAddress(r.NewController)
	return id, heir, err
}
