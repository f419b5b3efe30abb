package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"

	"github.com/streamchain/streamchain/x/storage/types"
)

// Period is where the clock of proofs stands.
func (k *Keeper) Period(ctx context.Context) (types.Period, error) {
	p, err := k.period.Get(ctx)
	if errors.Is(err, collections.ErrNotFound) {
		return types.NoPeriod(), nil
	}
	return p, err
}
