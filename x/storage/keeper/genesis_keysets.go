package keeper

import (
	"cmp"
	"context"
	"slices"

	"cosmossdk.io/collections"

	"github.com/streamchain/streamchain/x/storage/types"
)

// initKeySets loads who holds keys. Who is willing has come with the providers, in the order of the export.
func (k *Keeper) initKeySets(ctx context.Context, gs types.GenesisState) error {
	for _, s := range gs.KeySets {
		rows := k.pendingSets
		if s.Status == types.KEY_SET_STATUS_ACTIVE {
			rows = k.keySets
		}
		if err := rows.Set(ctx, s.Root, s); err != nil {
			return err
		}
		for _, h := range s.Holders {
			if err := k.seats.Set(ctx, collections.Join(h.Operator, s.Root)); err != nil {
				return err
			}
		}
	}
	for at, operator := range gs.Willing {
		if err := k.putWilling(ctx, uint64(at), operator, uint64(len(gs.Willing))); err != nil {
			return err
		}
	}
	return nil
}

// exportKeySets adds what initKeySets loads.
func (k *Keeper) exportKeySets(ctx context.Context, gs *types.GenesisState) error {
	active, err := values(ctx, k.keySets)
	if err != nil {
		return err
	}
	pending, err := values(ctx, k.pendingSets)
	if err != nil {
		return err
	}
	gs.KeySets = append(active, pending...)
	slices.SortStableFunc(gs.KeySets, func(a, b types.KeySet) int { return cmp.Compare(a.Root, b.Root) })
	if len(gs.KeySets) == 0 {
		gs.KeySets = nil
	}
	gs.Willing, err = values(ctx, k.willing)
	return err
}

// checkKeySets compares seats and the list of who is willing with the records.
func (k *Keeper) checkKeySets(ctx context.Context, gs types.GenesisState) error {
	// not by dealKey, which holds pointers: who has a seat in both sets of a work has one row
	type place struct{ operator, root string }
	seats := map[place]bool{}
	for _, s := range gs.KeySets {
		for _, h := range s.Holders {
			seats[place{h.Operator, s.Root}] = true
			if has, err := k.seats.Has(ctx, collections.Join(h.Operator, s.Root)); err != nil || !has {
				return invariant("%s has no seat in the key set of %s", h.Operator, s.Root)
			}
		}
	}
	if err := sameCount(ctx, "key seats", len(seats), walkKeys(k.seats)); err != nil {
		return err
	}
	for at, operator := range gs.Willing {
		if slot, err := k.willingSlot.Get(ctx, operator); err != nil || slot != uint64(at) {
			return invariant("willing %s is not in slot %d", operator, at)
		}
	}
	if count, err := k.countWilling(ctx); err != nil || count != uint64(len(gs.Willing)) {
		return invariant("%d are willing, counted as %d", len(gs.Willing), count)
	}
	return sameCount(ctx, "willing slots", len(gs.Willing), k.willingSlot.Walk)
}
