package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	"github.com/streamchain/streamchain/x/storage/types"
)

// MedianPrice is that of the active providers when the newest period opened, in ustream for a
// GiB-day; zero where there were none.
func (k *Keeper) MedianPrice(ctx context.Context) (math.Int, error) {
	return zeroWhereMissing(k.medianPrice.Get(ctx))
}

// updateMedian counts the median price anew; of an even number it takes the lower one in the
// middle. It runs once a period, for it walks over half of all active providers.
func (k *Keeper) updateMedian(ctx context.Context) error {
	count, err := k.countPrices(ctx)
	if err != nil {
		return err
	}
	median, steps := uint64(0), min((count+1)/2, types.MaxMedianSteps)
	if steps > 0 {
		err = k.prices.Walk(ctx, nil, func(key collections.Pair[uint64, string]) (bool, error) {
			median = key.K1()
			steps--
			return steps == 0, nil
		})
		if err != nil {
			return err
		}
	}
	if median == 0 {
		return k.medianPrice.Remove(ctx)
	}
	return k.medianPrice.Set(ctx, math.NewIntFromUint64(median))
}

func (k *Keeper) countPrices(ctx context.Context) (uint64, error) {
	count, err := k.priceCount.Get(ctx)
	if errors.Is(err, collections.ErrNotFound) {
		return 0, nil
	}
	return count, err
}

// movePrice keeps the prices of active providers in step with a provider's row.
func (k *Keeper) movePrice(ctx context.Context, before, after types.Provider) error {
	was, is := before.Status == types.PROVIDER_STATUS_ACTIVE, after.Status == types.PROVIDER_STATUS_ACTIVE
	if was {
		if err := k.prices.Remove(ctx, priceKeyOf(before)); err != nil {
			return err
		}
	}
	if is {
		if err := k.prices.Set(ctx, priceKeyOf(after)); err != nil {
			return err
		}
	}
	if was == is {
		return nil
	}
	count, err := k.countPrices(ctx)
	if err != nil {
		return err
	}
	if is {
		return k.priceCount.Set(ctx, count+1)
	}
	if count <= 1 {
		return k.priceCount.Remove(ctx)
	}
	return k.priceCount.Set(ctx, count-1)
}

func priceKeyOf(p types.Provider) collections.Pair[uint64, string] {
	return collections.Join(p.PricePerGibDay.Uint64(), p.Operator)
}
