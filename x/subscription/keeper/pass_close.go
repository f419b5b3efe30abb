package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	"github.com/streamchain/streamchain/x/subscription/types"
)

// endPasses deals with due subscriptions to passes, first due first, of equals by key. Each entry and each distribution counts
// against MaxPassSweep. Each goes in its own cache of the state; one that fails is put off by SweepRetrySeconds and kept.
func (k *Keeper) endPasses(ctx context.Context, now int64) error {
	entries, err := due(ctx, k.passQueue, now)
	if err != nil {
		return err
	}
	done := 0
	for _, entry := range entries {
		if done >= types.MaxPassSweep {
			break
		}
		done++
		err := safely(ctx, func(ctx sdk.Context) error {
			n, err := k.endPass(ctx, entry)
			done += n
			return err
		})
		if err == nil {
			continue
		}
		if err := k.putOffPass(ctx, entry, now+types.SweepRetrySeconds); err != nil {
			return err
		}
	}
	return nil
}

// putOffPass moves one entry of the queue to a later time. Where the row cannot be read its place is kept all the same.
func (k *Keeper) putOffPass(ctx context.Context, entry passDue, retryAt int64) error {
	if err := k.passQueue.Remove(ctx, entry); err != nil {
		return err
	}
	key := entry.K2()
	if sub, err := k.passSubs.Get(ctx, key); err == nil {
		sub.DueAt = retryAt
		if err := k.passSubs.Set(ctx, key, sub); err != nil {
			return err
		}
	}
	if err := k.passQueue.Set(ctx, collections.Join(retryAt, key)); err != nil {
		return err
	}
	return emit(ctx, &types.EventPassSweepFailed{Viewer: sdk.AccAddress(key.K1()).String(), Pass: types.PassID(key.K2()), RetryAt: retryAt})
}

// endPass renews a subscription whose last period has ended, or else closes its first period if that is over. It returns how many
// distributions it made.
func (k *Keeper) endPass(ctx context.Context, entry passDue) (int, error) {
	key := entry.K2()
	row, err := k.passSubs.Get(ctx, key)
	if errors.Is(err, collections.ErrNotFound) {
		return 0, k.passQueue.Remove(ctx, entry)
	}
	if err != nil {
		return 0, err
	}
	if row.DueAt != entry.K1() {
		return 0, k.passQueue.Remove(ctx, entry)
	}
	h, err := k.heldPass(ctx, key.K1(), row.Pass)
	if err != nil {
		return 0, err
	}
	n := 0
	switch {
	case h.Renews() && h.now >= h.ExpiresAt():
		err = k.renewPass(ctx, &h)
	case h.now >= h.Periods[0].StartedAt+h.PeriodSeconds+h.params.PassCloseSeconds:
		n, err = k.closePass(ctx, &h)
	}
	if err != nil {
		return n, err
	}
	return n, k.savePass(ctx, h)
}

// renewPass charges one more period, or ends renewals. It never leaves a debt. The period starts where the last one ended; only
// where the queue was late by a whole period it starts now.
func (k *Keeper) renewPass(ctx context.Context, h *passHeld) error {
	reason := ""
	switch {
	case h.pass.Closed:
		reason = types.EndedPassClosed
	case h.pass.Price.Amount.GT(h.MaxPrice):
		reason = types.EndedPrice
	case len(h.Periods) >= types.MaxPassPeriods:
		reason = types.EndedTooMany
	case safely(ctx, func(ctx sdk.Context) error { return k.revenue.Collect(ctx, h.key.K1(), h.pass.Price) }) != nil:
		reason = types.EndedUnfunded
	}
	if reason != "" {
		h.Renewals, h.MaxPrice = 0, math.ZeroInt()
		return emit(ctx, &types.EventPassRenewalEnded{Viewer: h.Viewer, Pass: h.Pass, Reason: reason})
	}
	start := h.ExpiresAt()
	if h.now >= start+h.PeriodSeconds {
		start = h.now
	}
	h.Periods = append(h.Periods, types.PassPeriod{StartedAt: start, Price: h.pass.Price, Payer: h.Viewer})
	if h.Renewals--; h.Renewals == 0 {
		h.MaxPrice = math.ZeroInt()
	}
	return emit(ctx, &types.EventPassRenewed{Viewer: h.Viewer, Pass: h.Pass, Paid: h.pass.Price, ExpiresAt: h.ExpiresAt()})
}

// closePass shares out the first period's fee to what its subscriber watched, and returns how many works got something. What is left of
// the fee rolls into the next period where the same account pays that; what was rolled before, and is left again, goes back to it.
func (k *Keeper) closePass(ctx context.Context, h *passHeld) (int, error) {
	uses, err := k.usesOf(ctx, h.key)
	if err != nil {
		return 0, err
	}
	first, carried := h.Periods[0], h.Carried
	shares, rest := types.SharePass(h.PassPot(), uses)
	for i, s := range shares {
		// gross of the plan rail: the creators' part is never less than that of a plan of their own
		if _, err := k.revenue.Distribute(ctx, revenuetypes.Payment{
			Rail: revenuetypes.RAIL_PLAN, Subject: s.Work, Payer: first.Payer, Gross: types.Coin(s.Amount), Reference: h.Pass,
		}); err != nil {
			return i, err
		}
	}
	roll, back := math.ZeroInt(), rest
	if len(h.Periods) > 1 && h.Periods[1].Payer == first.Payer {
		// what was carried is spent first, so that a fee rolls once
		roll = math.MinInt(rest, first.Price.Amount)
		back = rest.Sub(roll)
	}
	if back.IsPositive() {
		if err := k.payBack(ctx, []types.PlanRefund{{Payer: first.Payer, Amount: types.Coin(back)}}); err != nil {
			return len(shares), err
		}
	}
	if err := k.passUses.Clear(ctx, collections.NewSuperPrefixedTripleRange[[]byte, uint64, []byte](h.key.K1(), h.key.K2())); err != nil {
		return len(shares), err
	}
	h.Periods, h.Carried, h.Works = h.Periods[1:], roll, 0
	return len(shares), emit(ctx, &types.EventPassPeriodClosed{
		Viewer: h.Viewer, Pass: h.Pass, StartedAt: first.StartedAt, Fee: first.Price, CarriedIn: types.Coin(carried), Shares: shares,
		CarriedOut: types.Coin(roll), Refunded: types.Coin(back), Payer: first.Payer,
	})
}
