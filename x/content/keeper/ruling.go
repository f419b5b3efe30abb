package keeper

import (
	"context"

	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/content/types"
)

// RestrictWork restricts every version of a root by the ruling of a module above, which has
// asked nobody, and returns the status that they had. The deposits stay. A work that is
// restricted already stays so. Emits EventWorkRestricted. Errors: those of RootWork.
func (k *Keeper) RestrictWork(ctx context.Context, root, reference string) (types.WorkStatus, error) {
	work, err := k.RootWork(ctx, root)
	if err != nil || work.Status == types.WORK_STATUS_RESTRICTED {
		return work.Status, err
	}
	n, err := k.setStatus(ctx, work, types.WORK_STATUS_RESTRICTED)
	if err != nil {
		return 0, err
	}
	return work.Status, emit(ctx, &types.EventWorkRestricted{Root: work.Cid, Creator: work.Creator, Versions: n, Reference: reference})
}

// RestoreWork gives every version of a restricted root the status that it had before: active or
// retired. A work that is not restricted stays as it is. Emits EventWorkRestored.
// Errors: those of RootWork, ErrInvalidStatus.
func (k *Keeper) RestoreWork(ctx context.Context, root string, status types.WorkStatus, reference string) error {
	if status != types.WORK_STATUS_ACTIVE && status != types.WORK_STATUS_RETIRED {
		return errorsmod.Wrapf(types.ErrInvalidStatus, "%d", status)
	}
	work, err := k.RootWork(ctx, root)
	if err != nil || work.Status != types.WORK_STATUS_RESTRICTED {
		return err
	}
	if _, err := k.setStatus(ctx, work, status); err != nil {
		return err
	}
	return emit(ctx, &types.EventWorkRestored{Root: work.Cid, Creator: work.Creator, Reference: reference})
}

// setStatus writes a status into every version of a root, and returns how many there are.
func (k *Keeper) setStatus(ctx context.Context, root types.Work, status types.WorkStatus) (uint32, error) {
	versions, err := k.versionsOf(ctx, root)
	if err != nil {
		return 0, err
	}
	for _, v := range versions {
		v.Status = status
		if err := k.putWork(ctx, v); err != nil {
			return 0, err
		}
	}
	return uint32(len(versions)), nil
}

// RevokeHandle takes a creator's handle away by the ruling of a module above, the one that it has
// now, and the disputed one where it has given that up meanwhile. Both are reserved, not for it. Their
// deposits go to the treasury: whoever passed for another does not get them back. A creator that has
// neither stays so. Emits EventHandleRevoked, EventHandleReserved and EventHandleSet. Errors: those of
// GetCreator.
func (k *Keeper) RevokeHandle(ctx context.Context, creatorID, disputed, reference string) error {
	creator, err := k.GetCreator(ctx, creatorID)
	if err != nil {
		return err
	}
	treasury, err := sdk.AccAddressFromBech32(k.authority)
	if err != nil {
		return errorsmod.Wrap(types.ErrInvalidAddress, k.authority)
	}
	forfeited, err := k.condemn(ctx, creatorID, disputed, reference)
	if err != nil {
		return err
	}
	if err := k.unlock(ctx, treasury, forfeited); err != nil || creator.Handle == "" {
		return err
	}
	id, err := types.ParseCreatorID(creatorID)
	if err != nil {
		return err
	}
	if err := k.bySkeleton.Remove(ctx, types.Skeleton(creator.Handle)); err != nil {
		return err
	}
	if _, err := k.reserve(ctx, creator, math.ZeroInt(), reference); err != nil {
		return err
	}
	if err := k.unlock(ctx, treasury, creator.HandleDeposit); err != nil {
		return err
	}
	handle, deposit := creator.Handle, creator.HandleDeposit
	creator.Handle, creator.HandleDeposit = "", math.ZeroInt()
	if err := k.creators.Set(ctx, id, creator); err != nil {
		return err
	}
	err = emit(ctx, &types.EventHandleRevoked{Creator: creator.Id, Handle: handle, Forfeited: deposit, Reference: reference})
	if err != nil {
		return err
	}
	// who follows handles follows this event alone
	return emit(ctx, &types.EventHandleSet{Creator: creator.Id, PreviousHandle: handle, Deposit: math.ZeroInt(), Returned: math.ZeroInt()})
}
