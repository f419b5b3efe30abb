package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
	"github.com/streamchain/streamchain/x/subscription/types"
)

// EndBlock deals with ended periods and removes ended rentals, at most MaxSweep of each a block, first due
// first. Access to what has ended does not depend on it. Each goes in its own cache context: one that fails
// is put off by SweepRetrySeconds and kept. Passes follow, see endPasses.
func (k *Keeper) EndBlock(ctx context.Context) error {
	now, err := k.clock.Now(ctx)
	if err != nil {
		return err
	}
	periods, err := due(ctx, k.expiries, now)
	if err != nil {
		return err
	}
	for _, entry := range periods {
		if err := safely(ctx, func(ctx sdk.Context) error { return k.endPeriod(ctx, entry) }); err == nil {
			continue
		}
		if err := k.putOffPeriod(ctx, entry, now+types.SweepRetrySeconds); err != nil {
			return err
		}
	}
	rentals, err := due(ctx, k.rentalEnds, now)
	if err != nil {
		return err
	}
	for _, entry := range rentals {
		if err := safely(ctx, func(ctx sdk.Context) error { return k.endRental(ctx, entry) }); err == nil {
			continue
		}
		if err := k.putOffRental(ctx, entry, now+types.SweepRetrySeconds); err != nil {
			return err
		}
	}
	return k.endPasses(ctx, now)
}

// due collects first, because removing under an open iterator is undefined.
func due[K any](ctx context.Context, queue collections.KeySet[collections.Pair[int64, K]], now int64) ([]collections.Pair[int64, K], error) {
	var entries []collections.Pair[int64, K]
	rng := collections.NewPrefixUntilPairRange[int64, K](now)
	err := queue.Walk(ctx, rng, func(entry collections.Pair[int64, K]) (bool, error) {
		entries = append(entries, entry)
		return len(entries) >= types.MaxSweep, nil
	})
	return entries, err
}

// putOffPeriod moves one entry of the queue to a later time, so that it does not hold up the rest. Where
// the row cannot be read its place is kept all the same.
func (k *Keeper) putOffPeriod(ctx context.Context, entry expiry, retryAt int64) error {
	if err := k.expiries.Remove(ctx, entry); err != nil {
		return err
	}
	key := entry.K2()
	if sub, err := k.subscriptions.Get(ctx, key); err == nil {
		sub.DueAt = retryAt
		if err := k.subscriptions.Set(ctx, key, sub); err != nil {
			return err
		}
	}
	if err := k.expiries.Set(ctx, collections.Join(retryAt, key)); err != nil {
		return err
	}
	// from the key, since the row may be what could not be read
	plan := types.PlanKey{Creator: contenttypes.CreatorID(key.K2()), Number: key.K3()}
	return emit(ctx, &types.EventExpirySweepFailed{Viewer: sdk.AccAddress(key.K1()).String(), Plan: plan.String(), RetryAt: retryAt})
}

// endRental removes one entry of the queue and its rental, which has ended.
func (k *Keeper) endRental(ctx context.Context, entry rentalExpiry) error {
	if err := k.rentalEnds.Remove(ctx, entry); err != nil {
		return err
	}
	r, err := k.rentals.Get(ctx, entry.K2())
	if errors.Is(err, collections.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if r.DueAt != entry.K1() {
		elsewhere, err := k.rentalEnds.Has(ctx, collections.Join(r.DueAt, entry.K2()))
		if err != nil || elsewhere {
			return err
		}
	}
	if err := k.rentals.Remove(ctx, entry.K2()); err != nil {
		return err
	}
	return emit(ctx, &types.EventRentalExpired{Viewer: r.Viewer, Work: r.Work, ExpiresAt: r.ExpiresAt})
}

func (k *Keeper) putOffRental(ctx context.Context, entry rentalExpiry, retryAt int64) error {
	if err := k.rentalEnds.Remove(ctx, entry); err != nil {
		return err
	}
	key := entry.K2()
	if r, err := k.rentals.Get(ctx, key); err == nil {
		r.DueAt = retryAt
		if err := k.rentals.Set(ctx, key, r); err != nil {
			return err
		}
	}
	if err := k.rentalEnds.Set(ctx, collections.Join(retryAt, key)); err != nil {
		return err
	}
	id, err := types.ItemID(key.K2())
	if err != nil {
		return err
	}
	return emit(ctx, &types.EventExpirySweepFailed{Viewer: sdk.AccAddress(key.K1()).String(), Work: id, RetryAt: retryAt})
}
