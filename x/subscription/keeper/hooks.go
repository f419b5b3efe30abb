package keeper

import (
	"context"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
)

var (
	_ revenuetypes.RevenueHooks    = Hooks{}
	_ contenttypes.CollectionHooks = Hooks{}
)

// Hooks listens to x/revenue and x/content.
type Hooks struct{ k *Keeper }

// Hooks returns what the app joins to x/revenue and x/content.
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
