package keeper

import (
	"context"

	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	"github.com/streamchain/streamchain/x/storage/types"
)

// SlashBond takes a part of what is left of a provider's bond by the ruling of a module above:
// bps of it, rounded down, for the common pool. It returns how much, which is nothing where the
// provider is gone. Emits EventSlashed. Errors: those of GetProvider, ErrInvalidAmount.
func (k *Keeper) SlashBond(ctx context.Context, operator string, bps uint32, reference string) (math.Int, error) {
	if bps == 0 || bps > 10_000 {
		return math.Int{}, errorsmod.Wrapf(types.ErrInvalidAmount, "%d bps by %s", bps, reference)
	}
	p, err := k.GetProvider(ctx, operator)
	if err != nil {
		return math.Int{}, err
	}
	amount := p.Bond.MulRaw(int64(bps)).QuoRaw(10_000)
	if !amount.IsPositive() {
		return amount, nil
	}
	p.Bond = p.Bond.Sub(amount)
	if err := k.providers.Set(ctx, p.Operator, p); err != nil {
		return math.Int{}, err
	}
	if err := k.poolAdd(ctx, types.Nano(amount)); err != nil {
		return math.Int{}, err
	}
	return amount, emit(ctx, &types.EventSlashed{Operator: p.Operator, Amount: amount, Bounties: math.ZeroInt()})
}
