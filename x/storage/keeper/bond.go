package keeper

import (
	"context"

	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/token"
	"github.com/streamchain/streamchain/x/storage/types"
)

// AddBond adds ustream to the bond of an active provider. Emits EventBondAdded.
// Errors: ErrProviderNotFound, ErrProviderInactive and the bank's.
func (k *Keeper) AddBond(ctx context.Context, operator sdk.AccAddress, amount math.Int) (types.Provider, error) {
	p, err := k.activeProvider(ctx, operator.String())
	if err != nil {
		return types.Provider{}, err
	}
	if err := k.lock(ctx, operator, amount, "bond"); err != nil {
		return types.Provider{}, err
	}
	p.Bond = p.Bond.Add(amount)
	if err := k.providers.Set(ctx, p.Operator, p); err != nil {
		return types.Provider{}, err
	}
	return p, emit(ctx, &types.EventBondAdded{Operator: p.Operator, Amount: amount, Bond: p.Bond})
}

// Leave stops a provider from taking deals; its bond is free unbonding_seconds later. The
// agent acts for it until then, so that what was served can be settled. Requests that wait
// for it expire. Emits EventLeft. Errors: ErrProviderNotFound, ErrProviderInactive, ErrActiveDeals.
func (k *Keeper) Leave(ctx context.Context, operator sdk.AccAddress) (types.Provider, error) {
	p, err := k.activeProvider(ctx, operator.String())
	if err != nil {
		return types.Provider{}, err
	}
	if p.ActiveDeals > 0 {
		return types.Provider{}, errorsmod.Wrapf(types.ErrActiveDeals, "%d", p.ActiveDeals)
	}
	params, err := k.Params(ctx)
	if err != nil {
		return types.Provider{}, err
	}
	now, err := k.clock.Now(ctx)
	if err != nil {
		return types.Provider{}, err
	}
	before := p
	p.Status, p.UnbondAt = types.PROVIDER_STATUS_LEAVING, now+params.UnbondingSeconds
	if err := k.putProvider(ctx, before, p); err != nil {
		return types.Provider{}, err
	}
	return p, emit(ctx, &types.EventLeft{Operator: p.Operator, UnbondAt: p.UnbondAt})
}

// WithdrawBond gives the bond back to the operator, but for what open claims keep: that can be
// withdrawn once they are decided. When nothing is left, nobody acts for the provider any more.
// What it has earned stays claimable. While a deal is in its proof set the bond stays: else leaving
// were a way out of the last slashes. It returns what returned. Emits EventBondWithdrawn.
// Errors: ErrProviderNotFound, ErrNotLeaving, ErrBondLocked, ErrStillProving, ErrBondClaimed.
func (k *Keeper) WithdrawBond(ctx context.Context, operator sdk.AccAddress) (math.Int, error) {
	p, err := k.GetProvider(ctx, operator.String())
	if err != nil {
		return math.Int{}, err
	}
	if p.Status != types.PROVIDER_STATUS_LEAVING {
		return math.Int{}, errorsmod.Wrap(types.ErrNotLeaving, p.Operator)
	}
	now, err := k.clock.Now(ctx)
	if err != nil {
		return math.Int{}, err
	}
	if now < p.UnbondAt {
		return math.Int{}, errorsmod.Wrapf(types.ErrBondLocked, "until %d, now %d", p.UnbondAt, now)
	}
	proving, err := k.proving(ctx, p.Operator)
	if err != nil {
		return math.Int{}, err
	}
	if proving || p.ActiveDeals > 0 {
		return math.Int{}, errorsmod.Wrap(types.ErrStillProving, p.Operator)
	}
	claimed, err := k.claimedOf(ctx, p, now)
	if err != nil {
		return math.Int{}, err
	}
	free, left := p.Bond.Sub(claimed), p
	switch left.Bond = claimed; {
	case claimed.IsZero():
		left.Status, left.UnbondAt = types.PROVIDER_STATUS_GONE, 0
	case free.IsZero():
		return math.Int{}, errorsmod.Wrapf(types.ErrBondClaimed, "%s ustream", claimed)
	}
	if err := k.putProvider(ctx, p, left); err != nil {
		return math.Int{}, err
	}
	if err := k.unlock(ctx, operator, free); err != nil {
		return math.Int{}, err
	}
	return free, emit(ctx, &types.EventBondWithdrawn{Operator: p.Operator, Amount: free, Claimed: claimed})
}

// lock moves ustream into the module account. The bank lets only spendable coins go, so
// locked vesting coins cannot become a bond and come back free.
func (k *Keeper) lock(ctx context.Context, from sdk.AccAddress, amount math.Int, what string) error {
	if !amount.IsPositive() {
		return nil
	}
	return errorsmod.Wrap(k.bank.SendCoinsFromAccountToModule(ctx, from, types.ModuleName, coins(amount)), what)
}

// unlock pays ustream out of the module account.
func (k *Keeper) unlock(ctx context.Context, to sdk.AccAddress, amount math.Int) error {
	if !amount.IsPositive() {
		return nil
	}
	return k.bank.SendCoinsFromModuleToAccount(ctx, types.ModuleName, to, coins(amount))
}

func coins(amount math.Int) sdk.Coins {
	return sdk.NewCoins(sdk.NewCoin(token.BaseDenom, amount))
}
