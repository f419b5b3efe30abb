package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/token"
	"github.com/streamchain/streamchain/x/dispute/types"
)

// lock moves ustream into the module account. The bank lets only spendable coins go, so locked
// vesting coins cannot become a bond or a stake and come back free.
func (k *Keeper) lock(ctx context.Context, from sdk.AccAddress, amount math.Int, what string) error {
	if !amount.IsPositive() {
		return nil
	}
	return errorsmod.Wrap(k.bank.SendCoinsFromAccountToModule(ctx, from, types.ModuleName, coins(amount)), what)
}

// pay moves ustream out of the module account.
func (k *Keeper) pay(ctx context.Context, to sdk.AccAddress, amount math.Int) error {
	if !amount.IsPositive() {
		return nil
	}
	return k.bank.SendCoinsFromModuleToAccount(ctx, types.ModuleName, to, coins(amount))
}

// credit lets an account claim an amount. Settling sends nothing itself: one account that cannot
// receive coins would hold up all others.
func (k *Keeper) credit(ctx context.Context, account string, amount math.Int) error {
	if !amount.IsPositive() {
		return nil
	}
	addr, err := types.ParseAddress(account)
	if err != nil {
		return err
	}
	old, err := k.owedTo(ctx, addr)
	if err != nil {
		return err
	}
	return k.owed.Set(ctx, addr, old.Add(amount))
}

// owedTo is what an account can claim of bonds and rewards.
func (k *Keeper) owedTo(ctx context.Context, account sdk.AccAddress) (math.Int, error) {
	amount, err := k.owed.Get(ctx, account)
	if errors.Is(err, collections.ErrNotFound) {
		return math.ZeroInt(), nil
	}
	return amount, err
}

func coins(amount math.Int) sdk.Coins {
	return sdk.NewCoins(sdk.NewCoin(token.BaseDenom, amount))
}
