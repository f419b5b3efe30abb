package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/revenue/types"
)

// Collect takes coin from an account into custody. The caller keeps the ledger of it until it
// hands it to Distribute, Hold or Release. The bank lets only spendable coins go, so locked
// vesting coins pay for nothing. Errors: ErrInvalidAmount, ErrDenomNotAllowed, the bank's.
func (k *Keeper) Collect(ctx context.Context, from sdk.AccAddress, coin sdk.Coin) error {
	if err := types.ValidateCoin(coin); err != nil {
		return err
	}
	params, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	if !params.Allows(coin.Denom) {
		return errorsmod.Wrap(types.ErrDenomNotAllowed, coin.Denom)
	}
	// the bank has credited virtual coins before this module's EndBlock: later ones would be lost
	if k.settled(ctx) {
		return k.bank.SendCoins(ctx, from, k.custody, sdk.Coins{coin})
	}
	if err := k.bank.SendCoinsToVirtual(ctx, from, k.custody, sdk.Coins{coin}); err != nil {
		return err
	}
	var in amounts
	in[collected] = coin.Amount
	return k.addAmounts(ctx, coin.Denom, in)
}

// Release books a payout of coins that the caller has in custody: they reach to at the end of
// the block, and become claimable by it where they cannot be sent then.
// Errors: ErrInvalidAmount, ErrBlockedAddress.
func (k *Keeper) Release(ctx context.Context, to sdk.AccAddress, coin sdk.Coin) error {
	if err := types.ValidateCoin(coin); err != nil {
		return err
	}
	if k.bank.BlockedAddr(to) {
		return errorsmod.Wrap(types.ErrBlockedAddress, to.String())
	}
	k.addPayout(ctx, payout{to: to, recipient: to.String(), coins: sdk.Coins{coin}})
	return nil
}

// credit makes an amount claimable by recipient.
func (k *Keeper) credit(ctx context.Context, recipient, denom string, amount math.Int) error {
	if !amount.IsPositive() {
		return nil
	}
	sum, err := sumTo(ctx, k.claimables, collections.Join(recipient, denom), amount)
	if err != nil {
		return err
	}
	return k.queuePayout(ctx, recipient, denom, sum)
}

// addTo adds amount to one row of a ledger.
func addTo[K any](ctx context.Context, ledger collections.Map[K, math.Int], key K, amount math.Int) error {
	_, err := sumTo(ctx, ledger, key, amount)
	return err
}

// sumTo adds amount to one row of a ledger and returns what is there now.
func sumTo[K any](ctx context.Context, ledger collections.Map[K, math.Int], key K, amount math.Int) (math.Int, error) {
	old, err := amountAt(ctx, ledger, key)
	if err != nil {
		return math.Int{}, err
	}
	sum, err := old.SafeAdd(amount)
	if err != nil {
		return math.Int{}, err
	}
	return sum, ledger.Set(ctx, key, sum)
}

// amountAt is one row of a ledger, zero where there is none.
func amountAt[K any](ctx context.Context, ledger collections.Map[K, math.Int], key K) (math.Int, error) {
	amount, err := ledger.Get(ctx, key)
	if errors.Is(err, collections.ErrNotFound) {
		return math.ZeroInt(), nil
	}
	return amount, err
}
