package keeper

import (
	"context"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"

	"github.com/streamchain/streamchain/x/storage/types"
)

// checkPool compares the indexes of repairs, prices and what the pool looks after with their
// records.
func (k *Keeper) checkPool(ctx context.Context, gs types.GenesisState) error {
	for _, r := range gs.Repairs {
		if stored, err := k.repairs.Get(ctx, collections.Join(r.Work, r.Operator)); err != nil || stored.Root != r.Root {
			return errorsmod.Wrapf(types.ErrInvariant, "repair %s of %s is stored under another id", r.Work, r.Operator)
		}
		if indexed, err := k.repairsOf.Has(ctx, collections.Join3(r.Root, r.Work, r.Operator)); err != nil || !indexed {
			return errorsmod.Wrapf(types.ErrInvariant, "repair %s of %s is not among its root's", r.Work, r.Operator)
		}
	}
	if err := sameCount(ctx, "repairs by root", len(gs.Repairs), walkKeys(k.repairsOf)); err != nil {
		return err
	}
	if err := k.checkDry(ctx, gs.Escrows); err != nil {
		return err
	}
	for _, m := range gs.Matches {
		if stored, err := k.matches.Get(ctx, m.Root); err != nil || stored.Root != m.Root {
			return errorsmod.Wrapf(types.ErrInvariant, "match %s is stored under another id", m.Root)
		}
	}
	return k.checkPrices(ctx, gs.Providers)
}

func (k *Keeper) checkDry(ctx context.Context, escrows []types.Escrow) error {
	queued := 0
	for _, e := range escrows {
		if stored, err := k.escrows.Get(ctx, e.Root); err != nil || stored.Root != e.Root {
			return errorsmod.Wrapf(types.ErrInvariant, "escrow %s is stored under another id", e.Root)
		}
		if e.CheckAt == 0 {
			continue
		}
		queued++
		if in, err := k.dryQueue.Has(ctx, collections.Join(e.CheckAt, e.Root)); err != nil || !in {
			return errorsmod.Wrapf(types.ErrInvariant, "escrow %s is not queued at its check_at", e.Root)
		}
	}
	return sameCount(ctx, "queued escrows", queued, walkKeys(k.dryQueue))
}

func (k *Keeper) checkPrices(ctx context.Context, providers []types.Provider) error {
	active := 0
	for _, p := range providers {
		if p.Status != types.PROVIDER_STATUS_ACTIVE {
			continue
		}
		active++
		if in, err := k.prices.Has(ctx, priceKeyOf(p)); err != nil || !in {
			return errorsmod.Wrapf(types.ErrInvariant, "the price of %s is not among those of active providers", p.Operator)
		}
	}
	if count, err := k.countPrices(ctx); err != nil || count != uint64(active) {
		return errorsmod.Wrapf(types.ErrInvariant, "%d active providers, counted as %d", active, count)
	}
	return sameCount(ctx, "prices", active, walkKeys(k.prices))
}
