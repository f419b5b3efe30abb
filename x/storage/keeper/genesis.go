package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	"github.com/streamchain/streamchain/x/storage/types"
)

// InitGenesis loads the state and derives indexes and queue. It checks everything before
// the first write, and that the bank's genesis, which must come first, covers Liabilities.
func (k *Keeper) InitGenesis(ctx context.Context, gs types.GenesisState) error {
	if err := gs.Validate(); err != nil {
		return err
	}
	if err := k.requireCovered(ctx, gs.Liabilities()); err != nil {
		return err
	}
	if err := k.params.Set(ctx, gs.Params); err != nil {
		return err
	}
	for _, p := range gs.Providers {
		if err := k.putProvider(ctx, types.Provider{}, p); err != nil {
			return err
		}
	}
	for _, d := range gs.Deals {
		if err := k.addDeal(ctx, d); err != nil {
			return err
		}
	}
	for _, e := range gs.Escrows {
		if err := k.checkAt(ctx, e, e.CheckAt); err != nil {
			return err
		}
	}
	if err := k.initProofs(ctx, gs); err != nil {
		return err
	}
	if err := k.initRepairs(ctx, gs); err != nil {
		return err
	}
	if err := k.initKeySets(ctx, gs); err != nil {
		return err
	}
	if err := k.initServings(ctx, gs); err != nil {
		return err
	}
	for _, c := range gs.BondClaims {
		if err := k.bondClaims.Set(ctx, collections.Join(c.Operator, c.Reference), c); err != nil {
			return err
		}
	}
	for _, e := range gs.Earnings {
		if err := k.earnings.Set(ctx, e.Operator, e.Amount); err != nil {
			return err
		}
	}
	if gs.Pool.IsZero() {
		return nil
	}
	return k.pool.Set(ctx, gs.Pool)
}

// initRepairs loads the copies that are wanted, and what pool and emission count by.
func (k *Keeper) initRepairs(ctx context.Context, gs types.GenesisState) error {
	for _, r := range gs.Repairs {
		if err := k.putRepair(ctx, r); err != nil {
			return err
		}
	}
	for _, m := range gs.Matches {
		if err := k.matches.Set(ctx, m.Root, m); err != nil {
			return err
		}
	}
	if gs.MedianPrice.IsZero() {
		return nil
	}
	return k.medianPrice.Set(ctx, gs.MedianPrice)
}

// ExportGenesis returns the whole state in the order of its keys.
func (k *Keeper) ExportGenesis(ctx context.Context) (*types.GenesisState, error) {
	params, err := k.Params(ctx)
	if errors.Is(err, collections.ErrNotFound) {
		params = types.DefaultParams()
	} else if err != nil {
		return nil, err
	}
	gs := &types.GenesisState{Params: params}
	if gs.Pool, err = k.Pool(ctx); err != nil {
		return nil, err
	}
	if gs.Providers, err = values(ctx, k.providers); err != nil {
		return nil, err
	}
	if gs.Deals, err = values(ctx, k.deals); err != nil {
		return nil, err
	}
	if gs.Escrows, err = values(ctx, k.escrows); err != nil {
		return nil, err
	}
	if err := k.exportProofs(ctx, gs); err != nil {
		return nil, err
	}
	if gs.Repairs, err = values(ctx, k.repairs); err != nil {
		return nil, err
	}
	if gs.Matches, err = values(ctx, k.matches); err != nil {
		return nil, err
	}
	if gs.MedianPrice, err = k.MedianPrice(ctx); err != nil {
		return nil, err
	}
	if err := k.exportKeySets(ctx, gs); err != nil {
		return nil, err
	}
	if gs.Servings, err = values(ctx, k.servings); err != nil {
		return nil, err
	}
	if gs.ServingDays, err = values(ctx, k.servingDays); err != nil {
		return nil, err
	}
	if gs.BondClaims, err = values(ctx, k.bondClaims); err != nil {
		return nil, err
	}
	err = k.earnings.Walk(ctx, nil, func(operator string, amount math.Int) (bool, error) {
		gs.Earnings = append(gs.Earnings, types.Earning{Operator: operator, Amount: amount})
		return false, nil
	})
	return gs, err
}

// values are all rows of a map in the order of their keys.
func values[K, V any](ctx context.Context, m collections.Map[K, V]) ([]V, error) {
	var out []V
	err := m.Walk(ctx, nil, func(_ K, v V) (bool, error) {
		out = append(out, v)
		return false, nil
	})
	return out, err
}
