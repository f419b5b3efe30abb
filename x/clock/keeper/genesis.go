package keeper

import (
	"context"

	"github.com/streamchain/streamchain/x/clock/types"
)

// InitGenesis sets the clock where the genesis has one.
func (k Keeper) InitGenesis(ctx context.Context, gs types.GenesisState) error {
	if gs.Clock == nil {
		return nil
	}
	return k.clock.Set(ctx, *gs.Clock)
}

// ExportGenesis returns the clock.
func (k Keeper) ExportGenesis(ctx context.Context) (*types.GenesisState, error) {
	c, err := k.get(ctx)
	if err != nil || c.BlockNanos == 0 {
		return types.DefaultGenesis(), err
	}
	return &types.GenesisState{Clock: &c}, nil
}
