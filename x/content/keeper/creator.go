package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/content/types"
)

// RegisterCreator makes controller a creator, with a handle where one is given. Emits
// EventCreatorRegistered and, with a handle, EventHandleSet.
// Errors: ErrBlockedAddress, ErrCreatorExists and those of SetHandle.
func (k *Keeper) RegisterCreator(ctx context.Context, controller sdk.AccAddress, handle string) (types.Creator, error) {
	// deposits and income will go to the controller, so ask now whether it can receive
	if k.bank.BlockedAddr(controller) {
		return types.Creator{}, errorsmod.Wrap(types.ErrBlockedAddress, controller.String())
	}
	id := types.NewCreatorID(controller)
	if err := k.requireNew(ctx, id, controller); err != nil {
		return types.Creator{}, err
	}
	now, err := k.clock.Now(ctx)
	if err != nil {
		return types.Creator{}, err
	}
	creator := types.Creator{
		Id: id.String(), Controller: controller.String(), RegisteredAt: now, HandleDeposit: math.ZeroInt(),
	}
	if err := k.creators.Set(ctx, id, creator); err != nil {
		return types.Creator{}, err
	}
	if err := k.byController.Set(ctx, controller, id); err != nil {
		return types.Creator{}, err
	}
	err = emit(ctx, &types.EventCreatorRegistered{Creator: creator.Id, Controller: creator.Controller, RegisteredAt: now})
	if err != nil || handle == "" {
		return creator, err
	}
	return k.SetHandle(ctx, controller, creator.Id, handle)
}

// requireNew refuses an account that was a creator's first controller or is one's controller now.
func (k *Keeper) requireNew(ctx context.Context, id types.CreatorID, controller sdk.AccAddress) error {
	exists, err := k.creators.Has(ctx, id)
	if err != nil {
		return err
	}
	if exists {
		return errorsmod.Wrap(types.ErrCreatorExists, id.String())
	}
	controls, err := k.byController.Has(ctx, controller)
	if err != nil {
		return err
	}
	if controls {
		return errorsmod.Wrap(types.ErrCreatorExists, controller.String())
	}
	return nil
}

// GetCreator returns the creator called id. Errors: ErrInvalidCreatorID, ErrCreatorNotFound.
func (k *Keeper) GetCreator(ctx context.Context, id string) (types.Creator, error) {
	key, err := types.ParseCreatorID(id)
	if err != nil {
		return types.Creator{}, err
	}
	return k.getCreator(ctx, key)
}

// CreatorOf returns the creator that controller acts for now. Errors: ErrCreatorNotFound.
func (k *Keeper) CreatorOf(ctx context.Context, controller sdk.AccAddress) (types.Creator, error) {
	id, err := k.byController.Get(ctx, controller)
	if errors.Is(err, collections.ErrNotFound) {
		return types.Creator{}, errorsmod.Wrapf(types.ErrCreatorNotFound, "controlled by %s", controller)
	}
	if err != nil {
		return types.Creator{}, err
	}
	return k.getCreator(ctx, id)
}

// RequireController returns the creator called id where signer is its controller now.
// Errors: ErrNotController and those of GetCreator.
func (k *Keeper) RequireController(ctx context.Context, id string, signer sdk.AccAddress) (types.Creator, error) {
	creator, err := k.GetCreator(ctx, id)
	if err != nil {
		return types.Creator{}, err
	}
	if creator.Controller != signer.String() {
		return types.Creator{}, errorsmod.Wrapf(types.ErrNotController, "%s of %s", signer, id)
	}
	return creator, nil
}

func (k *Keeper) getCreator(ctx context.Context, id types.CreatorID) (types.Creator, error) {
	creator, err := k.creators.Get(ctx, id)
	if errors.Is(err, collections.ErrNotFound) {
		return types.Creator{}, errorsmod.Wrap(types.ErrCreatorNotFound, id.String())
	}
	return creator, err
}
