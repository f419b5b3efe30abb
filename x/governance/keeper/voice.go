package keeper

import (
	"context"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	"github.com/streamchain/streamchain/x/governance/types"
)

// requireVoice refuses an account that neither has MinVoteStake itself nor speaks for others: as a bonded validator, as a delegate, or
// for a seat in the creators' house. Errors: ErrNoVoice.
func (k *Keeper) requireVoice(ctx context.Context, voter sdk.AccAddress) error {
	if _, ok := k.bonded(ctx, sdk.ValAddress(voter)); ok {
		return nil
	}
	now, err := k.clock.Now(ctx)
	if err != nil {
		return err
	}
	if sits, err := k.seatOf(ctx, voter, now); err != nil || sits {
		return err
	}
	speaks := false
	err = k.delegators.Walk(ctx, collections.NewPrefixedTripleRange[[]byte, uint32, []byte](voter.Bytes()), func(seat) (bool, error) {
		speaks = true
		return true, nil
	})
	if err != nil || speaks {
		return err
	}
	return k.requireStake(ctx, voter)
}

// requireStake refuses an account with less than MinVoteStake at bonded validators. Errors: ErrNoVoice.
func (k *Keeper) requireStake(ctx context.Context, account sdk.AccAddress) error {
	sum := math.LegacyZeroDec()
	err := k.staking.IterateDelegations(ctx, account, func(_ int64, d stakingtypes.DelegationI) bool {
		operator, err := k.staking.ValidatorAddressCodec().StringToBytes(d.GetValidatorAddr())
		if err != nil {
			return false
		}
		// stake with one that is not bonded is free to go at once, and vote again from elsewhere
		if v, ok := k.bonded(ctx, operator); ok {
			sum = sum.Add(v.TokensFromShares(d.GetShares()))
		}
		return sum.GTE(math.LegacyNewDec(types.MinVoteStake))
	})
	if err != nil {
		return err
	}
	if sum.LT(math.LegacyNewDec(types.MinVoteStake)) {
		return errorsmod.Wrapf(types.ErrNoVoice, "%s has %s ustream", account, sum.TruncateInt())
	}
	return nil
}

// bonded returns a validator that makes blocks.
func (k *Keeper) bonded(ctx context.Context, operator sdk.ValAddress) (stakingtypes.ValidatorI, bool) {
	v, err := k.staking.Validator(ctx, operator)
	if err != nil || v == nil || !v.IsBonded() || !v.GetDelegatorShares().IsPositive() {
		return nil, false
	}
	return v, true
}
