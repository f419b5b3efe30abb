package keeper

import (
	"context"
	"fmt"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/stream/types"
)

// EndBlock ends lanes whose time to settle is over, at most MaxLaneEnds of open and of closing
// ones each, oldest first, and removes rows of ended lanes, at most MaxSweep. Each lane runs in its own cache of the state;
// one that fails is kept and tried again RetrySeconds later, with an event. It never fails.
func (k *Keeper) EndBlock(ctx context.Context) error {
	now, err := k.clock.Now(ctx)
	if err != nil {
		return err
	}
	for _, due := range dueKeys(ctx, k.laneQueue, func(key queueKey) bool { return key.K1() < now }, types.MaxLaneEnds) {
		k.expireLane(ctx, due, now)
	}
	for _, due := range dueKeys(ctx, k.closingQueue, func(key cleanupKey) bool { return key.K1() < now }, types.MaxLaneEnds) {
		k.expireClosing(ctx, due, now)
	}
	k.sweep(ctx, now)
	k.sweepUse(ctx, now)
	return nil
}

// dueKeys reads the first keys of a queue that are due, at most limit. A key that cannot be
// read ends the list: nothing here may halt the chain.
func dueKeys[K any](ctx context.Context, queue collections.KeySet[K], due func(K) bool, limit int) []K {
	var keys []K
	err := guard(func() error {
		return queue.Walk(ctx, nil, func(key K) (bool, error) {
			if !due(key) {
				return true, nil
			}
			keys = append(keys, key)
			return len(keys) >= limit, nil
		})
	})
	if err != nil {
		sdk.UnwrapSDKContext(ctx).Logger().Error("stream: queue not read to its end", "error", err)
	}
	return keys
}

// expireLane ends the lane of a queue entry, or queues it again.
func (k *Keeper) expireLane(ctx context.Context, due queueKey, now int64) {
	at := place{owner: due.K2(), denom: due.K3(), provider: due.K4()}
	err := safely(ctx, func(ctx sdk.Context) error {
		lane, err := k.lanes.Get(ctx, at.key())
		if err != nil {
			return err
		}
		// not left to endLane alone: an entry that fits no lane must not outlive it
		if err := k.laneQueue.Remove(ctx, due); err != nil {
			return err
		}
		return k.endLane(ctx, at, lane, types.LANE_END_EXPIRED)
	})
	if err == nil {
		return
	}
	retry := now + types.RetrySeconds
	err = safely(ctx, func(ctx sdk.Context) error {
		if err := k.laneQueue.Remove(ctx, due); err != nil {
			return err
		}
		if err := k.laneQueue.Set(ctx, at.due(retry)); err != nil {
			return err
		}
		// the entry moves even where the lane cannot be read: it must not stand before others
		if lane, err := k.lanes.Get(ctx, at.key()); err == nil {
			lane.EndsAt = retry
			return k.lanes.Set(ctx, at.key(), lane)
		}
		return nil
	})
	k.report(ctx, err, &types.EventLaneEndFailed{
		Owner: at.owner.String(), Denom: at.denom, Provider: at.provider.String(), RetryAt: retry,
	})
}

// sweep removes rows of ended lanes, oldest first. Each row, and each lane, costs one of
// MaxSweep.
func (k *Keeper) sweep(ctx context.Context, now int64) {
	left := types.MaxSweep
	for _, due := range dueKeys(ctx, k.cleanups, func(key cleanupKey) bool { return key.K1() <= now }, types.MaxSweep) {
		if left <= 0 {
			return
		}
		var done int
		err := safely(ctx, func(ctx sdk.Context) (err error) {
			done, err = k.sweepLane(ctx, due, left)
			return err
		})
		if left -= done + 1; err == nil {
			continue
		}
		retry := now + types.RetrySeconds
		err = safely(ctx, func(ctx sdk.Context) error {
			if err := k.cleanups.Remove(ctx, due); err != nil {
				return err
			}
			return k.cleanups.Set(ctx, collections.Join(retry, due.K2()))
		})
		k.report(ctx, err, &types.EventLaneSweepFailed{LaneId: due.K2(), RetryAt: retry})
	}
}

// sweepLane removes up to limit rows of an ended lane, and its entry with the last of them.
func (k *Keeper) sweepLane(ctx context.Context, due cleanupKey, limit int) (int, error) {
	var rows []collections.Pair[[]byte, uint64]
	rest := false
	// keys only: a row that cannot be decoded can still be removed
	it, err := k.sessions.Iterate(ctx, collections.NewPrefixedPairRange[[]byte, uint64](due.K2()))
	if err != nil {
		return 0, err
	}
	for ; it.Valid() && !rest; it.Next() {
		key, err := it.Key()
		if err != nil {
			return 0, closeWith(it.Close, err)
		}
		if rest = len(rows) >= limit; !rest {
			rows = append(rows, key)
		}
	}
	if err := it.Close(); err != nil {
		return 0, err
	}
	for _, key := range rows {
		if err := k.sessions.Remove(ctx, key); err != nil {
			return 0, err
		}
	}
	if rest {
		return len(rows), nil
	}
	if err := k.cleanups.Remove(ctx, due); err != nil {
		return 0, err
	}
	return len(rows), emit(ctx, &types.EventLaneSwept{LaneId: due.K2()})
}

func closeWith(closer func() error, err error) error {
	if e := closer(); e != nil {
		return fmt.Errorf("%w; closing: %w", err, e)
	}
	return err
}

// report emits an event where there is nobody to return an error to.
func (k *Keeper) report(ctx context.Context, err error, event message) {
	if e := emit(ctx, event); err == nil {
		err = e
	}
	if err != nil {
		sdk.UnwrapSDKContext(ctx).Logger().Error("stream: not put off", "event", event.String(), "error", err)
	}
}

// safely runs f on a cache of the state and keeps its writes and events only where it
// succeeds. A panic becomes an error: it must not halt the chain.
func safely(ctx context.Context, f func(sdk.Context) error) error {
	return guard(func() error {
		cache, write := sdk.UnwrapSDKContext(ctx).CacheContext()
		if err := f(cache); err != nil {
			return err
		}
		write()
		return nil
	})
}

// guard turns a panic of f into an error.
func guard(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	return f()
}
