package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	"github.com/streamchain/streamchain/x/storage/types"
)

// proofState is a provider's standing, new and empty where it has none.
func (k *Keeper) proofState(ctx context.Context, operator string) (types.ProofState, error) {
	s, err := k.proofs.Get(ctx, operator)
	if errors.Is(err, collections.ErrNotFound) {
		return types.ProofState{Operator: operator, Slashed: math.ZeroInt()}, nil
	}
	return s, err
}
