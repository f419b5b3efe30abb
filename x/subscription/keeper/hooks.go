package keeper

import (
	"context"

	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
)

var _ revenuetypes.RevenueHooks = Hooks{}

// Hooks listens to x/revenue.
type Hooks struct{ k *Keeper }

// Hooks returns what the app joins to x/revenue.
func (k *Keeper) Hooks() Hooks { return Hooks{k} }

// AfterHoldRefunded ends the access that the payment bought.
func (h Hooks) AfterHoldRefunded(ctx context.Context, hold revenuetypes.Hold) error {
	return h.k.RevokeRefunded(ctx, hold)
}
