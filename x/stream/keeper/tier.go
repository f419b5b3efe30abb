package keeper

import (
	"context"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	"github.com/streamchain/streamchain/x/stream/types"
)

// TierOf returns an account's tier by what it has delegated to bonded validators. Those who
// are not bonded do not count: a delegation to one can be taken back in the same block, and one
// stake would be the tier of many accounts. At most MaxTierDelegations delegations are read.
func (k *Keeper) TierOf(ctx context.Context, addr sdk.AccAddress) (types.Tier, error) {
	standing, err := k.Standing(ctx, addr)
	return standing.Tier, err
}

// Standing returns an account's tier and what makes it.
func (k *Keeper) Standing(ctx context.Context, addr sdk.AccAddress) (types.Standing, error) {
	bonded, err := k.bonded(ctx, addr)
	if err != nil {
		return types.Standing{}, err
	}
	tier := types.TierFor(bonded)
	return types.Standing{Address: addr.String(), Tier: tier, Bonded: bonded, DiscountBps: tier.DiscountBps()}, nil
}

// bonded is what an account has delegated to bonded validators, as far as it decides the tier.
func (k *Keeper) bonded(ctx context.Context, addr sdk.AccAddress) (math.Int, error) {
	sum, read, enough := math.ZeroInt(), 0, types.TIER_PLATINUM.Least()
	var failed error
	err := k.staking.IterateDelegatorDelegations(ctx, addr, func(d stakingtypes.Delegation) bool {
		var amount math.Int
		if amount, failed = k.delegated(ctx, d); failed != nil {
			return true
		}
		sum = sum.Add(amount)
		read++
		return read == types.MaxTierDelegations || sum.GTE(enough)
	})
	if err == nil {
		err = failed
	}
	return sum, err
}

// delegated is what one delegation is worth now, zero with a validator that is not bonded.
func (k *Keeper) delegated(ctx context.Context, d stakingtypes.Delegation) (math.Int, error) {
	operator, err := k.staking.ValidatorAddressCodec().StringToBytes(d.ValidatorAddress)
	if err != nil {
		return math.Int{}, err
	}
	v, err := k.staking.GetValidator(ctx, operator)
	if err != nil {
		return math.Int{}, err
	}
	// a validator that lost everything has shares and no exchange rate
	if !v.IsBonded() || !v.DelegatorShares.IsPositive() {
		return math.ZeroInt(), nil
	}
	return v.TokensFromShares(d.Shares).TruncateInt(), nil
}
