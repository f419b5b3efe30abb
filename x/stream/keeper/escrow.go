package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/stream/types"
)

// Deposit adds to the owner's escrow. Emits EventDeposited. Errors: ErrInvalidAmount,
// ErrDepositTooSmall, those of revenue.Collect.
func (k *Keeper) Deposit(ctx context.Context, owner sdk.AccAddress, amount sdk.Coin) error {
	if err := types.ValidateAmount(amount); err != nil {
		return err
	}
	params, err := k.Params(ctx)
	if err != nil {
		return err
	}
	if amount.Amount.LT(params.MinDeposit) {
		return errorsmod.Wrapf(types.ErrDepositTooSmall, "%s, least %s", amount, params.MinDeposit)
	}
	if err := k.revenue.Collect(ctx, owner, amount); err != nil {
		return err
	}
	escrow, err := k.getEscrow(ctx, owner, amount.Denom)
	if err != nil {
		return err
	}
	if escrow.Balance, err = escrow.Balance.SafeAdd(amount.Amount); err != nil {
		return errorsmod.Wrap(types.ErrInvalidAmount, err.Error())
	}
	if err := k.setEscrow(ctx, owner, escrow); err != nil {
		return err
	}
	return emit(ctx, &types.EventDeposited{Owner: escrow.Owner, Amount: amount, Balance: escrow.Balance})
}

// Withdraw takes from the owner's escrow what no lane has reserved; the coins reach to at the
// end of the block. Emits EventWithdrawn. Errors: ErrInvalidAmount, ErrInsufficientEscrow,
// those of revenue.Release.
func (k *Keeper) Withdraw(ctx context.Context, owner sdk.AccAddress, amount sdk.Coin, to sdk.AccAddress) error {
	if err := types.ValidateAmount(amount); err != nil {
		return err
	}
	escrow, err := k.getEscrow(ctx, owner, amount.Denom)
	if err != nil {
		return err
	}
	if amount.Amount.GT(escrow.Free()) {
		return errorsmod.Wrapf(types.ErrInsufficientEscrow, "%s of %s free", amount, escrow.Free())
	}
	escrow.Balance = escrow.Balance.Sub(amount.Amount)
	if err := k.setEscrow(ctx, owner, escrow); err != nil {
		return err
	}
	if err := k.revenue.Release(ctx, to, amount); err != nil {
		return err
	}
	return emit(ctx, &types.EventWithdrawn{Owner: escrow.Owner, To: to.String(), Amount: amount, Balance: escrow.Balance})
}

// getEscrow returns an escrow; one without coins is not stored.
func (k *Keeper) getEscrow(ctx context.Context, owner sdk.AccAddress, denom string) (types.Escrow, error) {
	escrow, err := k.escrows.Get(ctx, collections.Join(owner.Bytes(), denom))
	if errors.Is(err, collections.ErrNotFound) {
		return types.NewEscrow(owner.String(), denom), nil
	}
	return escrow, err
}

// setEscrow stores an escrow, or removes it where it is empty. It is the last guard of the
// ledger: nothing in it may be negative, whatever a caller computed.
func (k *Keeper) setEscrow(ctx context.Context, owner sdk.AccAddress, escrow types.Escrow) error {
	at := collections.Join(owner.Bytes(), escrow.Denom)
	if escrow.Reserved.IsNegative() || escrow.Free().IsNegative() {
		return errorsmod.Wrapf(types.ErrInvariant, "escrow %s: balance %s, reserved %s", escrow.Owner, escrow.Balance, escrow.Reserved)
	}
	if escrow.Balance.IsZero() {
		return k.escrows.Remove(ctx, at)
	}
	return k.escrows.Set(ctx, at, escrow)
}
