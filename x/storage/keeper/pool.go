package keeper

import (
	"context"

	"cosmossdk.io/math"

	"github.com/streamchain/streamchain/x/storage/types"
)

// FundPool adds ustream to the common pool. It is a ledger entry: the coins follow from
// x/revenue at the end of the block. Emits EventPoolFunded. Errors: ErrInvalidAmount.
func (k *Keeper) FundPool(ctx context.Context, amount math.Int) error {
	if !amount.IsNil() && amount.IsZero() {
		return nil
	}
	if err := types.ValidateAmount(amount); err != nil {
		return err
	}
	if err := k.poolAdd(ctx, types.Nano(amount)); err != nil {
		return err
	}
	pool, err := k.Pool(ctx)
	if err != nil {
		return err
	}
	return emit(ctx, &types.EventPoolFunded{Amount: amount, Pool: pool})
}

// Pool is the common pool in nano-ustream.
func (k *Keeper) Pool(ctx context.Context) (math.Int, error) {
	return zeroWhereMissing(k.pool.Get(ctx))
}

// poolAdd adds nano-ustream that the module account holds already to the common pool. The
// event of what ended, or was slashed, names it.
func (k *Keeper) poolAdd(ctx context.Context, nano math.Int) error {
	if !nano.IsPositive() {
		return nil
	}
	pool, err := k.Pool(ctx)
	if err != nil {
		return err
	}
	return k.pool.Set(ctx, pool.Add(nano))
}
