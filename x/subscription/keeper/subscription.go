package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	"github.com/streamchain/streamchain/x/subscription/types"
)

// Subscribed is a subscription as its message answers it.
type Subscribed struct {
	types.Subscription
	// Paid is what all periods cost.
	Paid sdk.Coin
}

// Subscribe sells recipient periods of a plan; subscriber pays all of them now, and they are
// shared out now: there is no refund. maxPrice is for one period. Emits EventSubscribed.
// Errors: ErrInvalidPlanID, ErrPlanNotFound, ErrPlanClosed, ErrInvalidPeriods, ErrWrongDenom,
// ErrPriceAboveMax, ErrTooFarAhead, the bank's for the coins.
func (k *Keeper) Subscribe(ctx context.Context, subscriber, recipient sdk.AccAddress, planID string, maxPrice sdk.Coin, periods uint32) (Subscribed, error) {
	if periods == 0 || periods > types.MaxPeriods {
		return Subscribed{}, errorsmod.Wrapf(types.ErrInvalidPeriods, "%d periods", periods)
	}
	key, err := types.ParsePlanID(planID)
	if err != nil {
		return Subscribed{}, err
	}
	plan, err := k.getPlan(ctx, key)
	if err != nil {
		return Subscribed{}, err
	}
	if plan.Closed {
		return Subscribed{}, errorsmod.Wrap(types.ErrPlanClosed, planID)
	}
	if err := requireAllowed(plan.Price, maxPrice); err != nil {
		return Subscribed{}, err
	}
	extended, sub, err := k.extend(ctx, recipient, key, plan.PeriodSeconds*int64(periods))
	if err != nil {
		return Subscribed{}, err
	}
	creator := key.Creator.String()
	paid := sdk.NewCoin(plan.Price.Denom, plan.Price.Amount.MulRaw(int64(periods)))
	if err := k.revenue.Collect(ctx, subscriber, paid); err != nil {
		return Subscribed{}, err
	}
	if _, err := k.revenue.Distribute(ctx, revenuetypes.Payment{
		Rail: revenuetypes.RAIL_PLAN, Subject: creator, Payer: subscriber.String(), Gross: paid, Reference: plan.Id,
	}); err != nil {
		return Subscribed{}, err
	}
	return Subscribed{Subscription: sub, Paid: paid}, emit(ctx, &types.EventSubscribed{
		Subscriber: subscriber.String(), Subscription: sub, Creator: creator, Periods: periods, Paid: paid, Extended: extended,
	})
}

// extend writes recipient's subscription with seconds more and moves its place in the queue.
// It reports whether one was running.
func (k *Keeper) extend(ctx context.Context, recipient sdk.AccAddress, plan types.PlanKey, seconds int64) (bool, types.Subscription, error) {
	now, err := k.clock.Now(ctx)
	if err != nil {
		return false, types.Subscription{}, err
	}
	key := collections.Join3([]byte(recipient), []byte(plan.Creator), plan.Number)
	old, err := k.subscriptions.Get(ctx, key)
	switch {
	case errors.Is(err, collections.ErrNotFound):
		old = types.Subscription{Viewer: recipient.String(), Plan: plan.String()}
	case err != nil:
		return false, types.Subscription{}, err
	default:
		if err := k.expiries.Remove(ctx, collections.Join(old.ExpiresAt, key)); err != nil {
			return false, types.Subscription{}, err
		}
	}
	sub, err := old.Extend(now, seconds)
	if err != nil {
		return false, types.Subscription{}, err
	}
	return old.Running(now), sub, k.setSubscription(ctx, key, sub)
}

// setSubscription writes a subscription and its place in the queue.
func (k *Keeper) setSubscription(ctx context.Context, key viewerPlan, sub types.Subscription) error {
	if err := k.subscriptions.Set(ctx, key, sub); err != nil {
		return err
	}
	return k.expiries.Set(ctx, collections.Join(sub.ExpiresAt, key))
}
