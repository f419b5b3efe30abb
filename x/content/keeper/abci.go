package keeper

import (
	"context"
	"errors"
	"fmt"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/content/types"
)

// EndBlock removes expired commits, then expired attestations, rotations and reserved handles, at most MaxSweep of each a block, first due first. Each goes
// in its own cache context: one that fails is put off by SweepRetrySeconds and kept.
func (k *Keeper) EndBlock(ctx context.Context) error {
	now, err := k.clock.Now(ctx)
	if err != nil {
		return err
	}
	due, err := k.dueCommits(ctx, now)
	if err != nil {
		return err
	}
	for _, entry := range due {
		if err := safely(ctx, func(ctx sdk.Context) error { return k.sweepCommit(ctx, entry, now) }); err == nil {
			continue
		}
		if err := k.putOff(ctx, entry, now+types.SweepRetrySeconds); err != nil {
			return err
		}
	}
	return k.sweepExpired(ctx, now)
}

// dueCommits collects first, because removing under an open iterator is undefined.
func (k *Keeper) dueCommits(ctx context.Context, now int64) ([]collections.Pair[int64, []byte], error) {
	var due []collections.Pair[int64, []byte]
	rng := collections.NewPrefixUntilPairRange[int64, []byte](now)
	err := k.commitQueue.Walk(ctx, rng, func(entry collections.Pair[int64, []byte]) (bool, error) {
		due = append(due, entry)
		return len(due) >= types.MaxSweep, nil
	})
	return due, err
}

// sweepCommit removes one entry of the queue and its commit. A commit that is live, because
// it was made again while its old entry was put off, has a later entry of its own.
func (k *Keeper) sweepCommit(ctx context.Context, entry collections.Pair[int64, []byte], now int64) error {
	if err := k.commitQueue.Remove(ctx, entry); err != nil {
		return err
	}
	commit, err := k.commits.Get(ctx, entry.K2())
	if errors.Is(err, collections.ErrNotFound) || (err == nil && commit.Live(now)) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := k.commits.Remove(ctx, entry.K2()); err != nil {
		return err
	}
	return emit(ctx, &types.EventCommitExpired{Hash: entry.K2()})
}

// putOff moves one entry of the queue to a later time, so that it does not hold up the rest.
func (k *Keeper) putOff(ctx context.Context, entry collections.Pair[int64, []byte], retryAt int64) error {
	if err := k.commitQueue.Remove(ctx, entry); err != nil {
		return err
	}
	if err := k.commitQueue.Set(ctx, collections.Join(retryAt, entry.K2())); err != nil {
		return err
	}
	return emit(ctx, &types.EventCommitSweepFailed{Hash: entry.K2(), RetryAt: retryAt})
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
