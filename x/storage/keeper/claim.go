package keeper

import (
	"context"

	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/storage/types"
)

// Claim settles the operator's deals of these works and pays to what it has earned, in whole
// ustream, which it returns; what is left over stays for the next claim. Naming a work twice
// changes nothing. Emits EventStorageClaimed. Errors: ErrBlockedAddress, ErrDealNotFound,
// ErrDealNotActive, ErrNothingToClaim.
func (k *Keeper) Claim(ctx context.Context, operator sdk.AccAddress, works []string, to sdk.AccAddress) (math.Int, error) {
	if k.bank.BlockedAddr(to) {
		return math.Int{}, errorsmod.Wrap(types.ErrBlockedAddress, to.String())
	}
	id := operator.String()
	for _, work := range works {
		if err := k.settleDeal(ctx, work, id); err != nil {
			return math.Int{}, err
		}
	}
	earned, err := k.earned(ctx, id)
	if err != nil {
		return math.Int{}, err
	}
	whole, rest := earned.QuoRaw(types.NanoPerUstream), earned.ModRaw(types.NanoPerUstream)
	if !whole.IsPositive() {
		return math.Int{}, errorsmod.Wrap(types.ErrNothingToClaim, id)
	}
	if rest.IsZero() {
		err = k.earnings.Remove(ctx, id)
	} else {
		err = k.earnings.Set(ctx, id, rest)
	}
	if err != nil {
		return math.Int{}, err
	}
	if err := k.unlock(ctx, to, whole); err != nil {
		return math.Int{}, err
	}
	return whole, emit(ctx, &types.EventStorageClaimed{Operator: id, To: to.String(), Amount: whole, Remainder: rest})
}

// settleDeal settles one active deal.
func (k *Keeper) settleDeal(ctx context.Context, work, operator string) error {
	d, err := k.GetDeal(ctx, work, operator)
	if err != nil {
		return err
	}
	if d.Status != types.DEAL_STATUS_ACTIVE {
		return errorsmod.Wrapf(types.ErrDealNotActive, "%s of %s", work, operator)
	}
	e, _, err := k.touch(ctx, d.Root)
	if err != nil {
		return err
	}
	if _, err := k.settle(ctx, &e, &d); err != nil {
		return err
	}
	if err := k.putEscrow(ctx, e); err != nil {
		return err
	}
	return k.deals.Set(ctx, keyOf(d), d)
}
