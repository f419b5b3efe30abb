package keeper

import (
	"context"

	"github.com/streamchain/streamchain/x/storage/types"
)

// Set is a provider's frozen set as the draw sees it.
func (k *Keeper) Set(ctx context.Context, operator string) (types.Set, error) {
	s, err := k.proofState(ctx, operator)
	return frozenSet{k, ctx, s}, err
}

// Apply brings a set up to date with one change at once.
func (k *Keeper) Apply(ctx context.Context, c types.SetChange) error { return k.apply(ctx, c) }
