package keeper

import (
	"context"

	"cosmossdk.io/math"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
)

var (
	_ revenuetypes.RevenueHooks    = Hooks{}
	_ contenttypes.CollectionHooks = Hooks{}
	_ streamtypes.UseHooks         = Hooks{}
)

// Hooks listens to x/revenue, x/content and x/stream.
type Hooks struct{ k *Keeper }

// Hooks returns what the app joins to x/revenue, x/content and x/stream.
func (k *Keeper) Hooks() Hooks { return Hooks{k} }

// AfterHoldRefunded ends the access that the payment bought.
func (h Hooks) AfterHoldRefunded(ctx context.Context, hold revenuetypes.Hold) error {
	if err := h.k.RevokeRefunded(ctx, hold); err != nil {
		return err
	}
	return h.k.revokeByTemplate(ctx, hold)
}

// AfterCollectionUpdated refuses encrypted works whose keys nobody holds in a collection that has a price.
func (h Hooks) AfterCollectionUpdated(ctx context.Context, c contenttypes.Collection, added []contenttypes.Work) error {
	return h.k.RequireCollectedKeys(ctx, c, added)
}

// AfterUse has proved use paid by the work's serving budget, where the viewer has a right to watch.
func (h Hooks) AfterUse(ctx context.Context, use streamtypes.Use) (math.Int, error) {
	return h.k.ServeUse(ctx, use)
}
