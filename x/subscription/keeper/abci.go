package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
	"github.com/streamchain/streamchain/x/subscription/types"
)

// EndBlock removes ended subscriptions, at most MaxSweep a block, first ended first. Access
// does not depend on it. Each goes in its own cache context: one that fails is put off by
// SweepRetrySeconds and kept.
func (k *Keeper) EndBlock(ctx context.Context) error {
	now, err := k.clock.Now(ctx)
	if err != nil {
		return err
	}
	due, err := k.dueExpiries(ctx, now)
	if err != nil {
		return err
	}
	for _, entry := range due {
		if err := safely(ctx, func(ctx sdk.Context) error { return k.sweep(ctx, entry, now) }); err == nil {
			continue
		}
		if err := k.putOff(ctx, entry, now+types.SweepRetrySeconds); err != nil {
			return err
		}
	}
	return nil
}

// dueExpiries collects first, because removing under an open iterator is undefined.
func (k *Keeper) dueExpiries(ctx context.Context, now int64) ([]expiry, error) {
	var due []expiry
	rng := collections.NewPrefixUntilPairRange[int64, viewerPlan](now)
	err := k.expiries.Walk(ctx, rng, func(entry expiry) (bool, error) {
		due = append(due, entry)
		return len(due) >= types.MaxSweep, nil
	})
	return due, err
}

// sweep removes one entry of the queue and its subscription. One that runs, because it was
// bought again while its old entry was put off, has a later entry of its own.
func (k *Keeper) sweep(ctx context.Context, entry expiry, now int64) error {
	if err := k.expiries.Remove(ctx, entry); err != nil {
		return err
	}
	sub, err := k.subscriptions.Get(ctx, entry.K2())
	if errors.Is(err, collections.ErrNotFound) || (err == nil && sub.Running(now)) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := k.subscriptions.Remove(ctx, entry.K2()); err != nil {
		return err
	}
	return emit(ctx, &types.EventSubscriptionExpired{Viewer: sub.Viewer, Plan: sub.Plan, ExpiresAt: sub.ExpiresAt})
}

// putOff moves one entry of the queue to a later time, so that it does not hold up the rest.
func (k *Keeper) putOff(ctx context.Context, entry expiry, retryAt int64) error {
	if err := k.expiries.Remove(ctx, entry); err != nil {
		return err
	}
	key := entry.K2()
	if err := k.expiries.Set(ctx, collections.Join(retryAt, key)); err != nil {
		return err
	}
	// from the key, since the row may be what could not be read
	plan := types.PlanKey{Creator: contenttypes.CreatorID(key.K2()), Number: key.K3()}
	return emit(ctx, &types.EventExpirySweepFailed{Viewer: sdk.AccAddress(key.K1()).String(), Plan: plan.String(), RetryAt: retryAt})
}
