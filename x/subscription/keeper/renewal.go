package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/subscription/types"
)

// endPeriod deals with one entry of the queue: it shares out what has ended, and then goes on with the
// next paid period, renews, or ends the subscription. An entry that the row has left behind goes.
func (k *Keeper) endPeriod(ctx context.Context, entry expiry) error {
	key := entry.K2()
	if err := k.expiries.Remove(ctx, entry); err != nil {
		return err
	}
	row, err := k.subscriptions.Get(ctx, key)
	if errors.Is(err, collections.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if row.DueAt != entry.K1() {
		elsewhere, err := k.expiries.Has(ctx, collections.Join(row.DueAt, key))
		if err != nil || elsewhere {
			return err
		}
	}
	h, err := k.current(ctx, key.K1(), row.Plan)
	if err != nil {
		return err
	}
	if len(h.Prepaid) > 0 {
		return k.save(ctx, h)
	}
	return k.renew(ctx, h)
}

// renew charges one more period, or says why the subscription ends. It never leaves a debt: who cannot
// pay within the grace loses access, and owes nothing.
func (k *Keeper) renew(ctx context.Context, h held) error {
	switch {
	case !h.Renews():
		return k.expire(ctx, h, types.EndedUnrenewed)
	case h.plan.Closed:
		return k.expire(ctx, h, types.EndedPlanClosed)
	case requireAllowed(h.plan.Price, h.Mandate.MaxPrice) != nil:
		return k.expire(ctx, h, types.EndedPrice)
	}
	payer, err := types.ParseAddress(h.Mandate.Payer)
	if err != nil {
		return err
	}
	err = safely(ctx, func(ctx sdk.Context) error { return k.revenue.Collect(ctx, payer, h.plan.Price) })
	if err != nil {
		return k.retry(ctx, h)
	}
	return k.renewed(ctx, h)
}

// renewed goes on with the period that was just charged. It starts where the last one ended, since access
// went on; only where the queue took longer than a period it starts now.
func (k *Keeper) renewed(ctx context.Context, h held) error {
	if h.now >= h.ExpiresAt+h.plan.PeriodSeconds {
		h.PeriodStartedAt = h.now
	}
	paid := h.Mandate
	h.Mandate = nil
	if paid.Renewals > 1 {
		h.Mandate = &types.Mandate{Payer: paid.Payer, MaxPrice: paid.MaxPrice, Renewals: paid.Renewals - 1}
	}
	var err error
	h.Subscription, err = h.Pay(types.Prepaid{Payer: paid.Payer, Price: h.plan.Price, Periods: 1}, h.plan, h.now)
	if err != nil {
		return err
	}
	if err := k.save(ctx, h); err != nil {
		return err
	}
	return emit(ctx, &types.EventRenewed{Subscription: h.Subscription, Paid: h.plan.Price})
}

// retry puts a renewal off that its payer could not pay, as long as the grace lasts.
func (k *Keeper) retry(ctx context.Context, h held) error {
	if h.Attempts >= types.MaxAttempts || h.grace == 0 {
		return k.expire(ctx, h, types.EndedUnfunded)
	}
	h.Attempts++
	// the last try is when access ends; where the queue was late, tries follow each other
	h.DueAt = max(h.ExpiresAt+h.grace*int64(h.Attempts)/types.MaxAttempts, h.now+1)
	if err := k.save(ctx, h); err != nil {
		return err
	}
	return emit(ctx, &types.EventRenewalFailed{
		Viewer: h.Viewer, Plan: h.Plan, Payer: h.Mandate.Payer, Price: h.plan.Price, RetryAt: h.DueAt,
	})
}

func (k *Keeper) expire(ctx context.Context, h held, reason string) error {
	if err := k.remove(ctx, h); err != nil {
		return err
	}
	return emit(ctx, &types.EventSubscriptionExpired{Viewer: h.Viewer, Plan: h.Plan, ExpiresAt: h.ExpiresAt, Reason: reason})
}
