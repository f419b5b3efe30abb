package keeper

import (
	"context"

	"github.com/streamchain/streamchain/token"
	"github.com/streamchain/streamchain/x/stream/types"
)

// Economics returns every fee, share, burn and emission of the chain, from its parameters, its
// constants and its state.
func (k *Keeper) Economics(ctx context.Context) (types.Economics, error) {
	revenue, err := k.revenue.Params(ctx)
	if err != nil {
		return types.Economics{}, err
	}
	params, err := k.Params(ctx)
	if err != nil {
		return types.Economics{}, err
	}
	e, err := k.Emission(ctx)
	if err != nil {
		return types.Economics{}, err
	}
	burned, err := k.Burned(ctx)
	if err != nil {
		return types.Economics{}, err
	}
	yearly, halvesAt := types.YearlyAt(e.LastAt - e.BeganAt)
	if e.BeganAt > 0 {
		halvesAt += e.BeganAt
	} else {
		halvesAt = 0
	}
	return types.Economics{
		Supply: k.bank.GetSupply(ctx, token.BaseDenom).Amount, Minted: e.Minted(), Burned: burned, YearlyEmission: yearly, NextHalvingAt: halvesAt,
		Emission: e, Revenue: revenue, Stream: params, Tiers: types.TierTable(), Allocation: types.GenesisParts(),
		Constants: types.Constants(), Formulas: types.Formulas(),
	}, nil
}
