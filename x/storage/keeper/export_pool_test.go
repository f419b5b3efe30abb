package keeper

import (
	"context"

	"github.com/streamchain/streamchain/x/storage/types"
)

// Miss books a missed period, with the works that were lost in it.
func (k *Keeper) Miss(ctx context.Context, operator string, lost ...string) error {
	s, err := k.proofState(ctx, operator)
	if err != nil {
		return err
	}
	return k.miss(ctx, s, 1, lost)
}

// UpdateMedian counts the median price as the opening of a period does.
func (k *Keeper) UpdateMedian(ctx context.Context) error { return k.updateMedian(ctx) }

// SetPeriod puts the clock of proofs somewhere.
func (k *Keeper) SetPeriod(ctx context.Context, p types.Period) error { return k.period.Set(ctx, p) }

// NextCheck is when the pool looks after an escrow next; zero where none waits.
func (k *Keeper) NextCheck(ctx context.Context) (at int64, err error) {
	err = k.dryQueue.Walk(ctx, nil, func(entry dryKey) (bool, error) {
		at = entry.K1()
		return true, nil
	})
	return at, err
}
