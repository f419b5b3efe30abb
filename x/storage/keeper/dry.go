package keeper

import (
	"context"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
	"github.com/streamchain/streamchain/x/storage/types"
)

// dryKey is check_at, root.
type dryKey = collections.Pair[int64, string]

// checkAt writes an escrow and moves its entry in the queue of those that the pool looks after;
// zero takes it out.
func (k *Keeper) checkAt(ctx context.Context, e types.Escrow, at int64) error {
	if e.CheckAt > 0 && e.CheckAt != at {
		if err := k.dryQueue.Remove(ctx, collections.Join(e.CheckAt, e.Root)); err != nil {
			return err
		}
	}
	e.CheckAt = at
	if at > 0 {
		if err := k.dryQueue.Set(ctx, collections.Join(at, e.Root)); err != nil {
			return err
		}
	}
	return k.escrows.Set(ctx, e.Root, e)
}

// keepDry lets the pool pay for works whose escrow ran dry, at most MaxDry a block, first due
// first. Each goes in its own cache context: one that fails is put off by DryRetrySeconds.
func (k *Keeper) keepDry(ctx context.Context, now int64) error {
	var due []dryKey
	err := k.dryQueue.Walk(ctx, nil, func(entry dryKey) (bool, error) {
		if entry.K1() > now || len(due) == types.MaxDry {
			return true, nil
		}
		due = append(due, entry)
		return false, nil
	})
	if err != nil {
		return err
	}
	for _, entry := range due {
		if err := safely(ctx, func(ctx sdk.Context) error { return k.keepWork(ctx, entry) }); err == nil {
			continue
		}
		if err := k.putOffDry(ctx, entry, now+types.DryRetrySeconds); err != nil {
			return err
		}
	}
	return nil
}

// putOffDry moves one entry to a later time, by the queue alone where its escrow cannot be read.
func (k *Keeper) putOffDry(ctx context.Context, entry dryKey, retryAt int64) error {
	if err := k.dryQueue.Remove(ctx, entry); err != nil {
		return err
	}
	e, err := k.escrows.Get(ctx, entry.K2())
	if err == nil {
		err = k.checkAt(ctx, e, retryAt)
	} else {
		err = k.dryQueue.Set(ctx, collections.Join(retryAt, entry.K2()))
	}
	if err != nil {
		return err
	}
	return emit(ctx, &types.EventPoolCheckFailed{Root: entry.K2(), RetryAt: retryAt})
}

// keepWork pays out of the pool for the next GrantSeconds of a work whose escrow is dry. Seconds
// that were not covered before are never paid. Emits EventPoolPaid.
func (k *Keeper) keepWork(ctx context.Context, entry dryKey) error {
	if err := k.dryQueue.Remove(ctx, entry); err != nil {
		return err
	}
	e, now, err := k.touch(ctx, entry.K2())
	if err != nil {
		return err
	}
	if !e.Dry() {
		return k.checkAt(ctx, e, e.DryAt())
	}
	grant, err := k.grant(ctx, e)
	if err != nil {
		return err
	}
	if e.Balance.Add(grant).LT(e.Rate) {
		return k.checkAt(ctx, e, now+types.DryRetrySeconds)
	}
	pool, err := k.Pool(ctx)
	if err != nil {
		return err
	}
	pool = pool.Sub(grant)
	e.Balance, e.FromPool = e.Balance.Add(grant), e.FromPool.Add(grant)
	if err := k.pool.Set(ctx, pool); err != nil {
		return err
	}
	if err := k.checkAt(ctx, e, e.DryAt()); err != nil {
		return err
	}
	return emit(ctx, &types.EventPoolPaid{Root: e.Root, Amount: grant, Pool: pool})
}

// grant is what the pool gives for a dry work: GrantSeconds of its deals, at no more than the
// median price, than PoolMultiple of what the work's revenue endowed, or than there is.
func (k *Keeper) grant(ctx context.Context, e types.Escrow) (math.Int, error) {
	w, err := k.content.GetWork(ctx, e.Root)
	if err != nil || w.Status != contenttypes.WORK_STATUS_ACTIVE {
		return math.ZeroInt(), err
	}
	pool, err := k.Pool(ctx)
	if err != nil {
		return math.Int{}, err
	}
	median, err := k.MedianPrice(ctx)
	if err != nil {
		return math.Int{}, err
	}
	size, err := k.activeBytes(ctx, e.Root)
	if err != nil {
		return math.Int{}, err
	}
	rate := math.MinInt(e.Rate, types.RateOf(median, size))
	left := e.PaidIn.MulRaw(types.PoolMultiple).Sub(e.FromPool)
	return math.MinInt(math.MinInt(rate.MulRaw(types.GrantSeconds), left), pool), nil
}

// activeBytes is the sum of the sizes of a work's active deals.
func (k *Keeper) activeBytes(ctx context.Context, root string) (math.Int, error) {
	sum := math.ZeroInt()
	rng := collections.NewPrefixedTripleRange[string, string, string](root)
	err := k.byRoot.Walk(ctx, rng, func(key rootKey) (bool, error) {
		d, err := k.GetDeal(ctx, key.K2(), key.K3())
		if err == nil && d.Status == types.DEAL_STATUS_ACTIVE {
			sum = sum.Add(math.NewIntFromUint64(d.PieceSize))
		}
		return false, err
	})
	return sum, err
}
