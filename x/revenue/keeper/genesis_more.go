package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	"github.com/streamchain/streamchain/x/revenue/types"
)

// importMore loads payouts, derivations and rebates.
func (k *Keeper) importMore(ctx context.Context, gs types.GenesisState) error {
	for _, p := range gs.Payouts {
		if err := k.payouts.Set(ctx, collections.Join(p.Recipient, p.Threshold.Denom), p); err != nil {
			return err
		}
		if p.QueuedAt == 0 {
			continue
		}
		if err := k.payoutQueue.Set(ctx, payoutKeyOf(p)); err != nil {
			return err
		}
	}
	for _, t := range gs.Terms {
		if err := k.terms.Set(ctx, t.Work, t); err != nil {
			return err
		}
	}
	for _, a := range gs.Acceptances {
		if err := k.acceptances.Set(ctx, collections.Join(a.Work, a.Parent), a.AcceptedAt); err != nil {
			return err
		}
	}
	for _, s := range gs.Spending {
		if err := k.spending.Set(ctx, collections.Join(s.Period, s.Payer), s.Left); err != nil {
			return err
		}
	}
	if gs.RebatePeriod != nil {
		if err := k.open.Set(ctx, *gs.RebatePeriod); err != nil {
			return err
		}
	}
	if gs.ClosedPeriod == nil {
		return nil
	}
	return k.closed.Set(ctx, *gs.ClosedPeriod)
}

// exportMore reads payouts, derivations and rebates.
func (k *Keeper) exportMore(ctx context.Context, gs *types.GenesisState) (err error) {
	type pair = collections.Pair[string, string]
	if gs.Payouts, err = collect(ctx, k.payouts, func(_ pair, p types.Payout) types.Payout { return p }); err != nil {
		return err
	}
	gs.Terms, err = collect(ctx, k.terms, func(_ string, t types.DerivationTerms) types.DerivationTerms { return t })
	if err != nil {
		return err
	}
	gs.Acceptances, err = collect(ctx, k.acceptances, func(key pair, at int64) types.Acceptance {
		return types.Acceptance{Work: key.K1(), Parent: key.K2(), AcceptedAt: at}
	})
	if err != nil {
		return err
	}
	gs.Spending, err = collect(ctx, k.spending, func(key collections.Pair[uint64, string], left math.Int) types.Spending {
		return types.Spending{Period: key.K1(), Payer: key.K2(), Left: left}
	})
	if err != nil {
		return err
	}
	if gs.RebatePeriod, err = optional(ctx, k.open); err != nil {
		return err
	}
	gs.ClosedPeriod, err = optional(ctx, k.closed)
	return err
}

// optional reads a row that may not be there.
func optional[T any](ctx context.Context, item collections.Item[T]) (*T, error) {
	value, err := item.Get(ctx)
	if errors.Is(err, collections.ErrNotFound) {
		return nil, nil
	}
	return &value, err
}
