package keeper

import (
	"context"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/revenue/types"
)

// Claim pays out what recipient has earned, in the denoms named or in all, at most MaxDenoms.
// The recipient is the claimant, or a creator that it controls. The coins reach to at the end
// of the block, and are claimable again where they cannot be sent then. Emits EventClaimed.
// Errors: ErrNotRecipient, content's ErrNotController, ErrBlockedAddress, ErrNothingToClaim.
func (k *Keeper) Claim(ctx context.Context, claimant sdk.AccAddress, recipient string, denoms []string, to sdk.AccAddress) (sdk.Coins, error) {
	if err := k.requireRecipient(ctx, claimant, recipient); err != nil {
		return nil, err
	}
	if k.bank.BlockedAddr(to) {
		return nil, errorsmod.Wrap(types.ErrBlockedAddress, to.String())
	}
	coins, err := k.claimable(ctx, recipient, denoms)
	if err != nil {
		return nil, err
	}
	if coins.IsZero() {
		return nil, errorsmod.Wrap(types.ErrNothingToClaim, recipient)
	}
	for _, c := range coins {
		if err := k.claimables.Remove(ctx, collections.Join(recipient, c.Denom)); err != nil {
			return nil, err
		}
	}
	k.addPayout(ctx, payout{to: to, recipient: recipient, coins: coins})
	return coins, emit(ctx, &types.EventClaimed{Recipient: recipient, Claimant: claimant.String(), To: to.String(), Amount: coins})
}

// requireRecipient refuses who is neither the recipient nor the controller of it.
func (k *Keeper) requireRecipient(ctx context.Context, claimant sdk.AccAddress, recipient string) error {
	if types.IsCreatorID(recipient) {
		_, err := k.content.RequireController(ctx, recipient, claimant)
		return err
	}
	if recipient != claimant.String() {
		return errorsmod.Wrap(types.ErrNotRecipient, recipient)
	}
	return nil
}

// claimable reads what recipient can claim, at most MaxDenoms denoms.
func (k *Keeper) claimable(ctx context.Context, recipient string, denoms []string) (sdk.Coins, error) {
	var coins sdk.Coins
	for _, denom := range denoms {
		amount, err := amountAt(ctx, k.claimables, collections.Join(recipient, denom))
		if err != nil {
			return nil, err
		}
		if amount.IsPositive() {
			coins = append(coins, sdk.Coin{Denom: denom, Amount: amount})
		}
	}
	if len(denoms) > 0 {
		return coins.Sort(), nil
	}
	err := k.claimables.Walk(ctx, collections.NewPrefixedPairRange[string, string](recipient),
		func(key collections.Pair[string, string], amount math.Int) (bool, error) {
			coins = append(coins, sdk.Coin{Denom: key.K2(), Amount: amount})
			return len(coins) == types.MaxDenoms, nil
		})
	return coins, err
}
