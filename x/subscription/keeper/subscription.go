package keeper

import (
	"context"

	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/subscription/types"
)

// Subscribed is a subscription as its message answers it.
type Subscribed struct {
	types.Subscription
	// Paid is what all periods cost.
	Paid sdk.Coin
	// TrialUntil is when the first period starts where that is later; zero without a trial.
	TrialUntil int64
}

// held is a viewer's subscription to a plan, where there is one, as it is now: periods that have ended are
// shared out.
type held struct {
	types.Subscription
	key    viewerPlan
	planID types.PlanKey
	plan   types.Plan
	known  bool  // a row was there
	stored int64 // when it was due
	now    int64
	grace  int64
}

// Subscribe sells recipient periods of a plan; subscriber pays all of them now. The coins stay in custody:
// each period is shared out when it has ended, and cancelling gives back what is unused. maxPrice is for one
// period. With renewals, as many further periods can be charged to subscriber at no more than maxPrice, each
// when the last one has ended. Emits EventSubscribed. Errors: ErrInvalidPlanID, ErrPlanNotFound,
// ErrPlanClosed, ErrInvalidPeriods, ErrWrongDenom, ErrPriceAboveMax, ErrPlanFull, ErrForeignMandate,
// ErrTooManyPayments, ErrTooFarAhead, the bank's for the coins.
func (k *Keeper) Subscribe(ctx context.Context, subscriber, recipient sdk.AccAddress, msg *types.MsgSubscribe) (Subscribed, error) {
	if msg.Periods == 0 || msg.Periods > types.MaxPeriods {
		return Subscribed{}, errorsmod.Wrapf(types.ErrInvalidPeriods, "%d periods", msg.Periods)
	}
	h, err := k.current(ctx, recipient, msg.Plan)
	if err != nil {
		return Subscribed{}, err
	}
	if h.plan.Closed {
		return Subscribed{}, errorsmod.Wrap(types.ErrPlanClosed, msg.Plan)
	}
	if err := requireAllowed(h.plan.Price, msg.MaxPrice); err != nil {
		return Subscribed{}, err
	}
	extended := h.Running(h.now, h.grace)
	if !extended {
		if err := k.begin(ctx, &h, subscriber, recipient); err != nil {
			return Subscribed{}, err
		}
	}
	if err := mandate(&h.Subscription, subscriber, recipient, msg.MaxPrice, msg.Renewals); err != nil {
		return Subscribed{}, err
	}
	h.Subscription, err = h.Pay(types.Prepaid{Payer: subscriber.String(), Price: h.plan.Price, Periods: msg.Periods}, h.plan, h.now)
	if err != nil {
		return Subscribed{}, err
	}
	sdk.UnwrapSDKContext(ctx).GasMeter().ConsumeGas(
		types.PeriodGas*uint64(msg.Periods+min(msg.Renewals, types.MaxPeriods)), "dealing with the ends of periods")
	paid := sdk.NewCoin(h.plan.Price.Denom, h.plan.Price.Amount.MulRaw(int64(msg.Periods)))
	if err := k.revenue.Collect(ctx, subscriber, paid); err != nil {
		return Subscribed{}, err
	}
	if err := k.save(ctx, h); err != nil {
		return Subscribed{}, err
	}
	out := Subscribed{Subscription: h.Subscription, Paid: paid}
	if h.PeriodStartedAt > h.now {
		out.TrialUntil = h.PeriodStartedAt
	}
	return out, emit(ctx, &types.EventSubscribed{
		Subscriber: subscriber.String(), Subscription: h.Subscription, Creator: h.planID.Creator.String(), Periods: msg.Periods, Paid: paid,
		Extended: extended, TrialUntil: out.TrialUntil,
	})
}

// begin starts a subscription anew: on a seat where the plan has a limit, and after the trial where the
// viewer pays and has not had it.
func (k *Keeper) begin(ctx context.Context, h *held, subscriber, recipient sdk.AccAddress) error {
	if !h.known {
		if err := k.takeSeat(ctx, h.planID, h.plan); err != nil {
			return err
		}
	}
	h.Subscription = types.Subscription{Viewer: recipient.String(), Plan: h.plan.Id, StartedAt: h.now, PeriodStartedAt: h.now}
	if h.plan.TrialSeconds == 0 || !subscriber.Equals(recipient) {
		return nil
	}
	had, err := k.trials.Has(ctx, h.key)
	if err != nil || had {
		return err
	}
	h.PeriodStartedAt += h.plan.TrialSeconds
	return k.trials.Set(ctx, h.key)
}

// mandate lets payer be charged for renewals of s. Another account's mandate only the viewer replaces.
func mandate(s *types.Subscription, payer, viewer sdk.AccAddress, most sdk.Coin, renewals uint32) error {
	if renewals == 0 {
		return nil
	}
	if s.Mandate != nil && s.Mandate.Payer != payer.String() && !payer.Equals(viewer) {
		return errorsmod.Wrap(types.ErrForeignMandate, s.Mandate.Payer)
	}
	s.Mandate = &types.Mandate{Payer: payer.String(), MaxPrice: most, Renewals: renewals}
	return nil
}

// SetRenewal changes what renews viewer's subscription: with renewals payer is charged for them from now on,
// without nobody is. What is paid runs to its end. Emits EventRenewalSet. Errors: ErrInvalidPlanID,
// ErrPlanNotFound, ErrNotSubscribed, ErrForeignMandate, ErrPlanClosed, ErrWrongDenom, ErrPriceAboveMax.
func (k *Keeper) SetRenewal(ctx context.Context, payer, viewer sdk.AccAddress, msg *types.MsgSetRenewal) error {
	h, err := k.current(ctx, viewer, msg.Plan)
	if err != nil {
		return err
	}
	if !h.Running(h.now, h.grace) {
		return errorsmod.Wrapf(types.ErrNotSubscribed, "%s to %s", viewer, msg.Plan)
	}
	switch {
	case msg.Renewals > 0:
		if h.plan.Closed {
			return errorsmod.Wrap(types.ErrPlanClosed, msg.Plan)
		}
		if err := requireAllowed(h.plan.Price, msg.MaxPrice); err != nil {
			return err
		}
		if err := mandate(&h.Subscription, payer, viewer, msg.MaxPrice, msg.Renewals); err != nil {
			return err
		}
		sdk.UnwrapSDKContext(ctx).GasMeter().ConsumeGas(types.PeriodGas*uint64(min(msg.Renewals, types.MaxPeriods)), "dealing with the ends of periods")
	case h.Mandate != nil && h.Mandate.Payer != payer.String() && !payer.Equals(viewer):
		return errorsmod.Wrap(types.ErrForeignMandate, h.Mandate.Payer)
	default:
		h.Mandate = nil
	}
	if err := k.save(ctx, h); err != nil {
		return err
	}
	return emit(ctx, &types.EventRenewalSet{Viewer: h.Viewer, Plan: h.Plan, Signer: payer.String(), Mandate: h.Mandate})
}

// Cancel ends viewer's subscription now. The creator is paid for the used seconds of the running period, and
// all the rest goes back to who paid it. Emits EventCancelled. Errors: ErrInvalidPlanID, ErrPlanNotFound,
// ErrNotSubscribed.
func (k *Keeper) Cancel(ctx context.Context, viewer sdk.AccAddress, planID string) (types.Settlement, error) {
	h, err := k.current(ctx, viewer, planID)
	if err != nil {
		return types.Settlement{}, err
	}
	if !h.Running(h.now, h.grace) {
		return types.Settlement{}, errorsmod.Wrapf(types.ErrNotSubscribed, "%s to %s", viewer, planID)
	}
	out := h.Settle(h.now, h.plan)
	if err := k.share(ctx, h, out.Payer, out.Kept); err != nil {
		return types.Settlement{}, err
	}
	if err := k.payBack(ctx, out.Refunds); err != nil {
		return types.Settlement{}, err
	}
	if err := k.remove(ctx, h); err != nil {
		return types.Settlement{}, err
	}
	return out, emit(ctx, &types.EventCancelled{Viewer: h.Viewer, Plan: h.Plan, Refunds: out.Refunds, Kept: out.Kept})
}

// payBack gives each account what it gets back of its payments.
func (k *Keeper) payBack(ctx context.Context, refunds []types.PlanRefund) error {
	for _, r := range refunds {
		payer, err := types.ParseAddress(r.Payer)
		if err != nil {
			return err
		}
		if err := k.revenue.Release(ctx, payer, r.Amount); err != nil {
			return err
		}
	}
	return nil
}
