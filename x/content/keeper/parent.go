package keeper

import (
	"context"
	"slices"

	errorsmod "cosmossdk.io/errors"

	"github.com/streamchain/streamchain/manifest"
	"github.com/streamchain/streamchain/x/content/types"
)

// parentsOf resolves the works that a manifest derives from to their roots. Each was published
// before, so no chain of parents ever comes back to where it began. Errors: ErrInvalidParents.
func (k *Keeper) parentsOf(ctx context.Context, man manifest.Manifest) ([]types.Parent, error) {
	var parents []types.Parent
	for _, p := range man.Parents {
		root, err := k.RootWork(ctx, p.Work.String())
		if err != nil {
			return nil, errorsmod.Wrapf(types.ErrInvalidParents, "%s: %s", p.Work, err)
		}
		if root.Status == types.WORK_STATUS_RESTRICTED {
			return nil, errorsmod.Wrapf(types.ErrInvalidParents, "%s is restricted", root.Cid)
		}
		if slices.ContainsFunc(parents, func(o types.Parent) bool { return o.Work == root.Cid }) {
			return nil, errorsmod.Wrapf(types.ErrInvalidParents, "two are versions of %s", root.Cid)
		}
		parents = append(parents, types.Parent{Work: root.Cid, Bps: uint32(p.Bps)})
	}
	return parents, nil
}
