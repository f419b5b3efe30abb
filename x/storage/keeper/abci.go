package keeper

import (
	"context"
	"errors"
	"fmt"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/storage/types"
)

// EndBlock removes expired requests, at most MaxExpire a block, first due first, moves the clock
// of proofs, ends deals of terminated providers, and lets the pool keep works whose escrow ran
// dry. Each goes in its own cache context: one that fails is put off and kept.
func (k *Keeper) EndBlock(ctx context.Context) error {
	now, err := k.clock.Now(ctx)
	if err != nil {
		return err
	}
	if err := k.expireDue(ctx, now); err != nil {
		return err
	}
	if err := k.stepPeriod(ctx, now); err != nil {
		return err
	}
	if err := k.endTerminating(ctx, now); err != nil {
		return err
	}
	return k.keepDry(ctx, now)
}

func (k *Keeper) expireDue(ctx context.Context, now int64) error {
	due, err := k.dueRequests(ctx, now)
	if err != nil {
		return err
	}
	for _, entry := range due {
		if err := safely(ctx, func(ctx sdk.Context) error { return k.expire(ctx, entry, now) }); err == nil {
			continue
		}
		if err := k.putOff(ctx, entry, now+types.ExpireRetrySeconds); err != nil {
			return err
		}
	}
	return nil
}

// dueRequests collects first, because removing under an open iterator is undefined.
func (k *Keeper) dueRequests(ctx context.Context, now int64) ([]queueKey, error) {
	var due []queueKey
	err := k.requests.Walk(ctx, nil, func(entry queueKey) (bool, error) {
		if entry.K1() > now || len(due) == types.MaxExpire {
			return true, nil
		}
		due = append(due, entry)
		return false, nil
	})
	return due, err
}

// expire removes one entry of the queue and the request that it stands for. A deal that was
// accepted, or requested again, while its old entry was put off is left alone.
func (k *Keeper) expire(ctx context.Context, entry queueKey, now int64) error {
	if err := k.requests.Remove(ctx, entry); err != nil {
		return err
	}
	d, err := k.GetDeal(ctx, entry.K2(), entry.K3())
	if errors.Is(err, types.ErrDealNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if d.Status != types.DEAL_STATUS_REQUESTED || now < d.ExpiresAt {
		return nil
	}
	return k.end(ctx, d, types.DEAL_END_EXPIRED, math.ZeroInt())
}

// putOff moves one entry of the queue to a later time, so that it does not hold up the rest.
func (k *Keeper) putOff(ctx context.Context, entry queueKey, retryAt int64) error {
	if err := k.requests.Remove(ctx, entry); err != nil {
		return err
	}
	if err := k.requests.Set(ctx, collections.Join3(retryAt, entry.K2(), entry.K3())); err != nil {
		return err
	}
	return emit(ctx, &types.EventDealExpiryFailed{Work: entry.K2(), Operator: entry.K3(), RetryAt: retryAt})
}

// safely runs f on a cache of the state and keeps its writes and events only where it
// succeeds. A panic becomes an error: it must not halt the chain.
func safely(ctx context.Context, f func(sdk.Context) error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	cache, write := sdk.UnwrapSDKContext(ctx).CacheContext()
	if err := f(cache); err != nil {
		return err
	}
	write()
	return nil
}
