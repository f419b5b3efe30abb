package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/revenue/types"
)

// InitGenesis loads the state and derives the queue. It checks everything before the first
// write, and that the bank's genesis, which must come first, covers what custody owes.
func (k *Keeper) InitGenesis(ctx context.Context, gs types.GenesisState) error {
	if err := gs.Validate(); err != nil {
		return err
	}
	if err := k.requireCovered(ctx, gs.Liabilities(), nil); err != nil {
		return err
	}
	if err := k.params.Set(ctx, gs.Params); err != nil {
		return err
	}
	if err := k.importLedgers(ctx, gs); err != nil {
		return err
	}
	for _, h := range gs.Holds {
		if err := k.setHold(ctx, h); err != nil {
			return err
		}
	}
	for _, s := range gs.Sequences {
		if err := k.sequences.Set(ctx, s.Payer, s.Last); err != nil {
			return err
		}
	}
	for _, s := range gs.Splits {
		if err := k.splits.Set(ctx, s.Subject, s); err != nil {
			return err
		}
	}
	for _, p := range gs.PendingSplits {
		if err := k.pending.Set(ctx, p.Subject, p); err != nil {
			return err
		}
	}
	return k.importMore(ctx, gs)
}

func (k *Keeper) importLedgers(ctx context.Context, gs types.GenesisState) error {
	for _, c := range gs.Claimables {
		if err := k.claimables.Set(ctx, collections.Join(c.Recipient, c.Coin.Denom), c.Coin.Amount); err != nil {
			return err
		}
	}
	for _, t := range gs.Totals {
		earned := types.Earned{Gross: t.Gross, CreatorPart: t.CreatorPart, Royalties: t.Royalties}
		if err := k.totals.Set(ctx, collections.Join(t.Subject, t.Denom), earned); err != nil {
			return err
		}
	}
	for _, c := range gs.Pools {
		if err := k.pools.Set(ctx, c.Denom, c.Amount); err != nil {
			return err
		}
	}
	for _, p := range gs.Unswept {
		if err := k.unswept.Set(ctx, collections.Join(p.Coin.Denom, uint32(p.Kind)), p.Coin.Amount); err != nil {
			return err
		}
	}
	for _, p := range gs.Swept {
		if err := k.swept.Set(ctx, collections.Join(p.Coin.Denom, uint32(p.Kind)), p.Coin.Amount); err != nil {
			return err
		}
	}
	return nil
}

// ExportGenesis returns the whole state in the order of its keys. What the current block has
// in flight is not in it: between blocks there is nothing.
func (k *Keeper) ExportGenesis(ctx context.Context) (*types.GenesisState, error) {
	params, err := k.Params(ctx)
	if errors.Is(err, collections.ErrNotFound) {
		params = types.DefaultParams()
	} else if err != nil {
		return nil, err
	}
	gs := &types.GenesisState{Params: params}
	for _, export := range []func(context.Context, *types.GenesisState) error{k.exportLedgers, k.exportHolds, k.exportSplits, k.exportMore} {
		if err := export(ctx, gs); err != nil {
			return nil, err
		}
	}
	return gs, nil
}

func (k *Keeper) exportLedgers(ctx context.Context, gs *types.GenesisState) (err error) {
	type pair = collections.Pair[string, string]
	gs.Claimables, err = collect(ctx, k.claimables, func(key pair, amount math.Int) types.Claimable {
		return types.Claimable{Recipient: key.K1(), Coin: sdk.Coin{Denom: key.K2(), Amount: amount}}
	})
	if err != nil {
		return err
	}
	gs.Totals, err = collect(ctx, k.totals, totalOf)
	if err != nil {
		return err
	}
	if gs.Pools, err = k.participation(ctx); err != nil {
		return err
	}
	if gs.Unswept, err = collect(ctx, k.unswept, partOf); err != nil {
		return err
	}
	gs.Swept, err = collect(ctx, k.swept, partOf)
	return err
}

func (k *Keeper) exportHolds(ctx context.Context, gs *types.GenesisState) (err error) {
	gs.Holds, err = collect(ctx, k.holds, func(_ collections.Pair[string, uint64], h types.Hold) types.Hold { return h })
	if err != nil {
		return err
	}
	gs.Sequences, err = collect(ctx, k.sequences, func(payer string, last uint64) types.Sequence {
		return types.Sequence{Payer: payer, Last: last}
	})
	return err
}

func (k *Keeper) exportSplits(ctx context.Context, gs *types.GenesisState) (err error) {
	gs.Splits, err = collect(ctx, k.splits, func(_ string, s types.Split) types.Split { return s })
	if err != nil {
		return err
	}
	gs.PendingSplits, err = collect(ctx, k.pending, func(_ string, p types.PendingSplit) types.PendingSplit { return p })
	return err
}

func (k *Keeper) participation(ctx context.Context) (sdk.Coins, error) {
	return collect(ctx, k.pools, func(denom string, amount math.Int) sdk.Coin { return sdk.Coin{Denom: denom, Amount: amount} })
}

func totalOf(key collections.Pair[string, string], e types.Earned) types.Total {
	return types.Total{Subject: key.K1(), Denom: key.K2(), Gross: e.Gross, CreatorPart: e.CreatorPart, Royalties: e.Royalties}
}

func partOf(key partKey, amount math.Int) types.Part {
	return types.Part{Kind: types.PartKind(key.K2()), Coin: sdk.Coin{Denom: key.K1(), Amount: amount}}
}

// collect reads a whole map in the order of its keys.
func collect[K, V, T any](ctx context.Context, m collections.Map[K, V], row func(K, V) T) ([]T, error) {
	var rows []T
	err := m.Walk(ctx, nil, func(key K, value V) (bool, error) {
		rows = append(rows, row(key, value))
		return false, nil
	})
	return rows, err
}
