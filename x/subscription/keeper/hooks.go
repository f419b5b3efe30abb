package keeper

import (
	"context"

	"cosmossdk.io/math"

	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
)

var (
	_ revenuetypes.RevenueHooks = Hooks{}
	_ streamtypes.UseHooks      = Hooks{}
)

// Hooks listens to x/revenue and x/stream.
type Hooks struct{ k *Keeper }

// Hooks returns what the app joins to x/revenue and x/stream.
func (k *Keeper) Hooks() Hooks { return Hooks{k} }

// AfterHoldRefunded ends the access that the payment bought.
func (h Hooks) AfterHoldRefunded(ctx context.Context, hold revenuetypes.Hold) error {
	return h.k.RevokeRefunded(ctx, hold)
}

// AfterUse has proved use paid by the work's serving budget, where the viewer has a right to watch.
func (h Hooks) AfterUse(ctx context.Context, use streamtypes.Use) (math.Int, error) {
	return h.k.ServeUse(ctx, use)
}
