package keeper

import (
	"context"

	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/token"
	"github.com/streamchain/streamchain/x/content/types"
)

// lock moves a deposit in ustream into the module account. The bank lets only spendable
// coins go, so locked vesting coins cannot become a deposit and come back free.
func (k *Keeper) lock(ctx context.Context, from sdk.AccAddress, amount math.Int) error {
	if !amount.IsPositive() {
		return nil
	}
	err := k.bank.SendCoinsFromAccountToModule(ctx, from, types.ModuleName, coins(amount))
	return errorsmod.Wrap(err, "deposit")
}

// unlock gives a deposit in ustream back.
func (k *Keeper) unlock(ctx context.Context, to sdk.AccAddress, amount math.Int) error {
	if !amount.IsPositive() {
		return nil
	}
	err := k.bank.SendCoinsFromModuleToAccount(ctx, types.ModuleName, to, coins(amount))
	return errorsmod.Wrap(err, "returning the deposit")
}

func coins(amount math.Int) sdk.Coins {
	return sdk.NewCoins(sdk.NewCoin(token.BaseDenom, amount))
}
