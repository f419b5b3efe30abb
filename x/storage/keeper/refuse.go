package keeper

import (
	"context"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/storage/types"
)

// RefuseWork ends a deal because the provider's denylist names the work. It is never slashed for
// it, and challenges of the work are drawn again: nobody may be made to show what the law forbids
// to keep. RefusalDays of the deal's pay, out of what the provider has earned and then of its
// bond, go to the next copy: else refusing were a free way out of min_deal_seconds. It returns
// them, in nano-ustream. A request just ends. Emits EventDealEnded, EventRepairOpened and
// EventWorkRefused. Errors: ErrProviderNotFound, ErrDealNotFound.
func (k *Keeper) RefuseWork(ctx context.Context, agent sdk.AccAddress, work, denylist string) (math.Int, error) {
	p, err := k.ProviderByAgent(ctx, agent)
	if err != nil {
		return math.Int{}, err
	}
	d, err := k.GetDeal(ctx, work, p.Operator)
	if err != nil {
		return math.Int{}, err
	}
	paid := math.ZeroInt()
	if d.Status == types.DEAL_STATUS_ACTIVE {
		paid, err = k.refuseActive(ctx, d)
	} else {
		err = k.end(ctx, d, types.DEAL_END_REFUSED, math.ZeroInt())
	}
	if err != nil {
		return math.Int{}, err
	}
	return paid, emit(ctx, &types.EventWorkRefused{Operator: p.Operator, Work: work, Denylist: denylist, Paid: paid})
}

// refuseActive settles before it charges, so that what the deal itself earned pays first.
func (k *Keeper) refuseActive(ctx context.Context, d types.Deal) (math.Int, error) {
	e, _, err := k.touch(ctx, d.Root)
	if err != nil {
		return math.Int{}, err
	}
	if err := k.closeDeal(ctx, &e, d, types.DEAL_END_REFUSED); err != nil {
		return math.Int{}, err
	}
	if err := k.putEscrow(ctx, e); err != nil {
		return math.Int{}, err
	}
	paid, err := k.charge(ctx, d.Operator, d.Rate.MulRaw(types.RefusalDays*types.DaySeconds))
	if err != nil {
		return math.Int{}, err
	}
	return paid, k.openRepair(ctx, d, types.DEAL_END_REFUSED, paid)
}

// charge takes nano-ustream from what a provider has earned, then from its bond, never more than
// there is, and returns what it took. A bond is whole ustream: what is left of the last one
// becomes earnings.
func (k *Keeper) charge(ctx context.Context, operator string, amount math.Int) (math.Int, error) {
	earned, err := k.earned(ctx, operator)
	if err != nil {
		return math.Int{}, err
	}
	p, err := k.GetProvider(ctx, operator)
	if err != nil {
		return math.Int{}, err
	}
	taken := math.MinInt(earned, amount)
	earned = earned.Sub(taken)
	if rest := amount.Sub(taken); rest.IsPositive() {
		whole := math.MinInt(p.Bond, rest.AddRaw(types.NanoPerUstream-1).QuoRaw(types.NanoPerUstream))
		part := math.MinInt(rest, types.Nano(whole))
		p.Bond, taken, earned = p.Bond.Sub(whole), taken.Add(part), earned.Add(types.Nano(whole).Sub(part))
		if err := k.providers.Set(ctx, operator, p); err != nil {
			return math.Int{}, err
		}
	}
	if earned.IsPositive() {
		return taken, k.earnings.Set(ctx, operator, earned)
	}
	return taken, k.earnings.Remove(ctx, operator)
}
