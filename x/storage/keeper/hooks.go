package keeper

import (
	"context"

	"cosmossdk.io/collections"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
	"github.com/streamchain/streamchain/x/storage/types"
)

var _ contenttypes.ContentHooks = Hooks{}

// Hooks listens to x/content.
type Hooks struct{ k *Keeper }

// Hooks returns what the app joins to x/content.
func (k *Keeper) Hooks() Hooks { return Hooks{k} }

// AfterWorkPublished does nothing: deals are asked for, never made for a work.
func (Hooks) AfterWorkPublished(context.Context, contenttypes.Work) error { return nil }

// AfterWorkRetired cancels the requests of all versions, at most MaxDealsPerRoot, and wants no
// more copies, of which there are at most MaxRepairsPerRoot. Active deals go on until the escrow
// is dry: whoever has bought the work can still fetch it.
func (h Hooks) AfterWorkRetired(ctx context.Context, root contenttypes.Work) error {
	if err := h.k.cancelRequests(ctx, root.Cid); err != nil {
		return err
	}
	return h.k.closeRepairs(ctx, root.Cid)
}

func (k *Keeper) cancelRequests(ctx context.Context, root string) error {
	var requested []types.Deal
	rng := collections.NewPrefixedTripleRange[string, string, string](root)
	err := k.byRoot.Walk(ctx, rng, func(key rootKey) (bool, error) {
		d, err := k.GetDeal(ctx, key.K2(), key.K3())
		if err == nil && d.Status == types.DEAL_STATUS_REQUESTED {
			requested = append(requested, d)
		}
		return false, err
	})
	if err != nil || len(requested) == 0 {
		return err
	}
	e, _, err := k.touch(ctx, root)
	if err != nil {
		return err
	}
	for _, d := range requested {
		if err := k.closeDeal(ctx, &e, d, types.DEAL_END_RETIRED); err != nil {
			return err
		}
	}
	return k.putEscrow(ctx, e)
}
