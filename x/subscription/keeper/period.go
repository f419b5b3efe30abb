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

// current reads viewer's subscription to a plan as it is now, and shares out the periods that have ended. The
// row is not written: who changes it does. Errors: ErrInvalidPlanID, ErrPlanNotFound.
func (k *Keeper) current(ctx context.Context, viewer sdk.AccAddress, planID string) (held, error) {
	parsed, err := types.ParsePlanID(planID)
	if err != nil {
		return held{}, err
	}
	h := held{planID: parsed, key: collections.Join3([]byte(viewer), []byte(parsed.Creator), parsed.Number)}
	if h.plan, err = k.getPlan(ctx, parsed); err != nil {
		return held{}, err
	}
	if h.now, err = k.clock.Now(ctx); err != nil {
		return held{}, err
	}
	params, err := k.params.Get(ctx)
	if err != nil {
		return held{}, err
	}
	h.grace = params.GraceOf(h.plan)
	row, err := k.subscriptions.Get(ctx, h.key)
	if errors.Is(err, collections.ErrNotFound) {
		return h, nil
	}
	if err != nil {
		return held{}, err
	}
	h.Subscription, h.known, h.stored = row, true, row.DueAt
	return h, k.elapse(ctx, &h)
}

// elapse shares out the periods that have ended.
func (k *Keeper) elapse(ctx context.Context, h *held) error {
	rest, ended := h.Elapse(h.now, h.plan.PeriodSeconds)
	for _, p := range ended {
		shared := sdk.NewCoin(p.Price.Denom, p.Price.Amount.MulRaw(int64(p.Periods)))
		if err := k.share(ctx, *h, p.Payer, shared); err != nil {
			return err
		}
		if err := emit(ctx, &types.EventPeriodsEnded{Viewer: h.Viewer, Plan: h.Plan, Periods: p.Periods, Shared: shared}); err != nil {
			return err
		}
	}
	h.Subscription = rest
	return nil
}

// share pays the plan's creator out of what payer paid.
func (k *Keeper) share(ctx context.Context, h held, payer string, amount sdk.Coin) error {
	if !amount.IsPositive() {
		return nil
	}
	_, err := k.revenue.Distribute(ctx, revenuetypes.Payment{
		Rail: revenuetypes.RAIL_PLAN, Subject: h.planID.Creator.String(), Payer: payer, Gross: amount, Reference: h.plan.Id,
	})
	return err
}

// save writes a subscription and moves its place in the queue.
func (k *Keeper) save(ctx context.Context, h held) error {
	if h.known && h.stored != h.DueAt {
		if err := k.expiries.Remove(ctx, collections.Join(h.stored, h.key)); err != nil {
			return err
		}
	}
	return k.setSubscription(ctx, h.key, h.Subscription)
}

// setSubscription writes a subscription and its place in the queue.
func (k *Keeper) setSubscription(ctx context.Context, key viewerPlan, sub types.Subscription) error {
	if err := k.subscriptions.Set(ctx, key, sub); err != nil {
		return err
	}
	return k.expiries.Set(ctx, collections.Join(sub.DueAt, key))
}

// remove removes a subscription with its place in the queue and its seat.
func (k *Keeper) remove(ctx context.Context, h held) error {
	if err := k.expiries.Remove(ctx, collections.Join(h.stored, h.key)); err != nil {
		return err
	}
	if err := k.subscriptions.Remove(ctx, h.key); err != nil {
		return err
	}
	return k.leaveSeat(ctx, h.planID, h.plan)
}

// takeSeat counts one more subscriber of a plan with a limit. Plans without one have no counter, so that
// those who subscribe to one at the same time write no row in common.
func (k *Keeper) takeSeat(ctx context.Context, id types.PlanKey, plan types.Plan) error {
	if plan.MaxSubscribers == 0 {
		return nil
	}
	taken, err := k.seatsOf(ctx, id)
	if err != nil {
		return err
	}
	if taken >= plan.MaxSubscribers {
		return errorsmod.Wrapf(types.ErrPlanFull, "%s: %d of %d", plan.Id, taken, plan.MaxSubscribers)
	}
	return k.seats.Set(ctx, rowOf(id), taken+1)
}

func (k *Keeper) leaveSeat(ctx context.Context, id types.PlanKey, plan types.Plan) error {
	if plan.MaxSubscribers == 0 {
		return nil
	}
	taken, err := k.seatsOf(ctx, id)
	if err != nil {
		return err
	}
	if taken <= 1 {
		return k.seats.Remove(ctx, rowOf(id))
	}
	return k.seats.Set(ctx, rowOf(id), taken-1)
}

func (k *Keeper) seatsOf(ctx context.Context, id types.PlanKey) (uint32, error) {
	taken, err := k.seats.Get(ctx, rowOf(id))
	if errors.Is(err, collections.ErrNotFound) {
		return 0, nil
	}
	return taken, err
}

// HeldTotal is what custody holds for periods that have not ended, and as deposits of templates. It walks every row, so it is for checks
// and tools.
func (k *Keeper) HeldTotal(ctx context.Context) (sdk.Coins, error) {
	sum, err := k.TemplateDeposits(ctx)
	if err != nil {
		return nil, err
	}
	err = k.subscriptions.Walk(ctx, nil, func(_ viewerPlan, s types.Subscription) (bool, error) {
		for _, p := range s.Prepaid {
			sum = sum.Add(sdk.NewCoin(p.Price.Denom, p.Price.Amount.MulRaw(int64(p.Periods))))
		}
		return false, nil
	})
	if err != nil {
		return nil, err
	}
	passes, err := k.HeldForPasses(ctx)
	return sum.Add(passes...), err
}
