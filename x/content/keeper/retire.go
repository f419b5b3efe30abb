package keeper

import (
	"context"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/content/types"
)

// Retire withdraws every version of the work that has the version cid and gives the
// deposits back to its controller. It returns the root. Emits EventWorkRetired and calls
// AfterWorkRetired. Errors: ErrAlreadyRetired, ErrWorkRestricted and those of RootWork and
// RequireController.
func (k *Keeper) Retire(ctx context.Context, controller sdk.AccAddress, cid string) (types.Work, math.Int, error) {
	root, err := k.RootWork(ctx, cid)
	if err != nil {
		return types.Work{}, math.Int{}, err
	}
	if _, err := k.RequireController(ctx, root.Creator, controller); err != nil {
		return types.Work{}, math.Int{}, err
	}
	switch root.Status {
	case types.WORK_STATUS_RETIRED:
		return types.Work{}, math.Int{}, errorsmod.Wrap(types.ErrAlreadyRetired, root.Cid)
	case types.WORK_STATUS_RESTRICTED:
		// retiring would trade the court's status for the author's own
		return types.Work{}, math.Int{}, errorsmod.Wrap(types.ErrWorkRestricted, root.Cid)
	}
	versions, err := k.versionsOf(ctx, root)
	if err != nil {
		return types.Work{}, math.Int{}, err
	}
	returned := math.ZeroInt()
	for _, v := range versions {
		returned = returned.Add(v.Deposit)
		v.Status, v.Deposit = types.WORK_STATUS_RETIRED, math.ZeroInt()
		if err := k.putWork(ctx, v); err != nil {
			return types.Work{}, math.Int{}, err
		}
	}
	root.Status, root.Deposit = types.WORK_STATUS_RETIRED, math.ZeroInt()
	if err := k.unlock(ctx, controller, returned); err != nil {
		return types.Work{}, math.Int{}, err
	}
	err = emit(ctx, &types.EventWorkRetired{
		Root: root.Cid, Creator: root.Creator, Controller: controller.String(), Versions: uint32(len(versions)), Returned: returned,
	})
	if err == nil && k.hooks != nil {
		err = k.hooks.AfterWorkRetired(ctx, root)
	}
	return root, returned, err
}

// versionsOf returns all versions of root, oldest first, at most MaxVersions.
func (k *Keeper) versionsOf(ctx context.Context, root types.Work) ([]types.Work, error) {
	digest, err := types.ParseWorkID(root.Cid)
	if err != nil {
		return nil, err
	}
	var works []types.Work
	rng := collections.NewPrefixedPairRange[[]byte, uint32](digest)
	err = k.versions.Walk(ctx, rng, func(_ collections.Pair[[]byte, uint32], version []byte) (bool, error) {
		work, err := k.works.Get(ctx, version)
		works = append(works, work)
		return false, err
	})
	return works, err
}
