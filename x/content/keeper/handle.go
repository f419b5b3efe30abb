package keeper

import (
	"bytes"
	"context"
	"errors"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/content/types"
)

// SetHandle gives the creator the handle, or takes its handle away where handle is empty. The
// previous one stays reserved for the creator, with its deposit, unless both look alike: then
// the deposit returns first, so that changing needs no second one. Emits EventHandleSet.
// Errors: ErrHandleUnchanged, ErrInvalidHandle, ErrHandleTaken, ErrHandleReserved and those of
// RequireController.
func (k *Keeper) SetHandle(ctx context.Context, controller sdk.AccAddress, creatorID, handle string) (types.Creator, error) {
	creator, err := k.RequireController(ctx, creatorID, controller)
	if err != nil {
		return types.Creator{}, err
	}
	if creator.Handle == handle {
		return types.Creator{}, errorsmod.Wrapf(types.ErrHandleUnchanged, "%q", handle)
	}
	id, err := types.ParseCreatorID(creatorID)
	if err != nil {
		return types.Creator{}, err
	}
	event := &types.EventHandleSet{
		Creator: creator.Id, Handle: handle, PreviousHandle: creator.Handle,
		Deposit: math.ZeroInt(), Returned: math.ZeroInt(),
	}
	if event.Returned, err = k.giveUpHandle(ctx, controller, creator, handle); err != nil {
		return types.Creator{}, err
	}
	if handle != "" {
		if event.Deposit, err = k.takeHandle(ctx, controller, id, handle); err != nil {
			return types.Creator{}, err
		}
	}
	creator.Handle, creator.HandleDeposit = handle, event.Deposit
	if err := k.creators.Set(ctx, id, creator); err != nil {
		return types.Creator{}, err
	}
	return creator, emit(ctx, event)
}

// giveUpHandle frees the creator's handle, where it has one, for the next one, and reserves it
// where the next one looks different. It returns the deposit that returned to the controller.
func (k *Keeper) giveUpHandle(ctx context.Context, controller sdk.AccAddress, creator types.Creator, next string) (math.Int, error) {
	if creator.Handle == "" {
		return math.ZeroInt(), nil
	}
	look := types.Skeleton(creator.Handle)
	if err := k.bySkeleton.Remove(ctx, look); err != nil {
		return math.Int{}, err
	}
	if types.Skeleton(next) != look {
		if reserved, err := k.reserve(ctx, creator, creator.HandleDeposit, ""); err != nil || reserved {
			return math.ZeroInt(), err
		}
	}
	return creator.HandleDeposit, k.unlock(ctx, controller, creator.HandleDeposit)
}

// takeHandle reserves the look of handle and returns the deposit that it locked, in ustream.
func (k *Keeper) takeHandle(ctx context.Context, controller sdk.AccAddress, id types.CreatorID, handle string) (math.Int, error) {
	if err := types.ValidateHandle(handle); err != nil {
		return math.Int{}, err
	}
	skeleton := types.Skeleton(handle)
	owner, err := k.bySkeleton.Get(ctx, skeleton)
	if err == nil {
		return math.Int{}, errorsmod.Wrapf(types.ErrHandleTaken, "%q, by %s", handle, types.CreatorID(owner))
	}
	if !errors.Is(err, collections.ErrNotFound) {
		return math.Int{}, err
	}
	if err := k.requireFree(ctx, handle, id); err != nil {
		return math.Int{}, err
	}
	params, err := k.Params(ctx)
	if err != nil {
		return math.Int{}, err
	}
	if err := k.lock(ctx, controller, params.HandleDeposit); err != nil {
		return math.Int{}, err
	}
	return params.HandleDeposit, k.bySkeleton.Set(ctx, skeleton, id)
}

// CreatorByHandle returns the creator that holds exactly this handle. A look-alike finds
// nobody: answering it with the real creator would vouch for the imitation.
// Errors: ErrInvalidHandle, ErrCreatorNotFound.
func (k *Keeper) CreatorByHandle(ctx context.Context, handle string) (types.Creator, error) {
	if err := types.ValidateHandle(handle); err != nil {
		return types.Creator{}, err
	}
	notFound := errorsmod.Wrapf(types.ErrCreatorNotFound, "called %q", handle)
	id, err := k.bySkeleton.Get(ctx, types.Skeleton(handle))
	if errors.Is(err, collections.ErrNotFound) {
		return types.Creator{}, notFound
	}
	if err != nil {
		return types.Creator{}, err
	}
	creator, err := k.getCreator(ctx, id)
	if err != nil {
		return types.Creator{}, err
	}
	if creator.Handle != handle {
		return types.Creator{}, notFound
	}
	return creator, nil
}

// holdsSkeleton reports whether the handle index leads from handle to id.
func (k *Keeper) holdsSkeleton(ctx context.Context, handle string, id types.CreatorID) (bool, error) {
	owner, err := k.bySkeleton.Get(ctx, types.Skeleton(handle))
	if errors.Is(err, collections.ErrNotFound) {
		return false, nil
	}
	return bytes.Equal(owner, id), err
}
