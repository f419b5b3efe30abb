package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/token"
	"github.com/streamchain/streamchain/x/stream/types"
)

// initMoney loads flows and emission, and checks the allocation of a main network.
func (k *Keeper) initMoney(ctx context.Context, gs types.GenesisState) error {
	for _, f := range gs.Flows {
		if err := k.setNewFlow(ctx, f); err != nil {
			return err
		}
	}
	for _, s := range gs.FlowSequences {
		sender, err := types.ParseAddress(s.Sender)
		if err != nil {
			return err
		}
		if err := k.flowSequences.Set(ctx, sender, s.Last); err != nil {
			return err
		}
	}
	if gs.Emission != nil {
		if err := k.emission.Set(ctx, *gs.Emission); err != nil {
			return err
		}
	}
	if gs.Allocation == nil {
		return nil
	}
	return k.checkAllocation(ctx, gs)
}

// checkAllocation refuses a genesis whose supply is not what the allocation says, to the unit:
// every account has its part, the team's is nothing but flows out of the treasury that begin a
// year after the genesis, and there is nothing else.
func (k *Keeper) checkAllocation(ctx context.Context, gs types.GenesisState) error {
	if err := gs.Allocation.Validate(k.authority); err != nil {
		return err
	}
	if supply := k.bank.GetSupply(ctx, token.BaseDenom).Amount; !supply.Equal(math.NewInt(types.GenesisSupply)) || gs.Emission != nil {
		return errorsmod.Wrapf(types.ErrInvalidGenesis, "allocation: the supply is %s, not %d, or some was emitted", supply, types.GenesisSupply)
	}
	genesis := sdk.UnwrapSDKContext(ctx).BlockTime().Unix()
	flows := make(map[string]types.Flow, len(gs.Flows))
	for _, f := range gs.Flows {
		flows[f.Recipient] = f
	}
	members := 0
	for _, s := range gs.Allocation.Shares {
		addr, err := types.ParseAddress(s.Address)
		if err != nil {
			return err
		}
		have := k.bank.GetBalance(ctx, addr, token.BaseDenom).Amount
		if s.Name != types.Team {
			if !have.Equal(s.Amount) {
				return errorsmod.Wrapf(types.ErrInvalidGenesis, "allocation: %s has %s, not %s", s.Address, have, s.Amount)
			}
			continue
		}
		members++
		f := flows[s.Address]
		if want := types.TeamFlow(k.authority, s.Address, token.BaseDenom, f.Sequence, s.Amount, genesis); !f.Equal(want) || !have.IsZero() {
			return errorsmod.Wrapf(types.ErrInvalidGenesis, "allocation: the team's share of %s is not the flow that it must be", s.Address)
		}
	}
	if len(gs.Flows) != members {
		return errorsmod.Wrap(types.ErrInvalidGenesis, "allocation: there are other flows than the team's")
	}
	return nil
}

// exportMoney reads flows and emission. The allocation was of the first day, so it is not there.
func (k *Keeper) exportMoney(ctx context.Context, gs *types.GenesisState) (err error) {
	gs.Flows, err = collect(ctx, k.flows, func(_ collections.Pair[[]byte, uint64], f types.Flow) types.Flow { return f })
	if err != nil {
		return err
	}
	gs.FlowSequences, err = collect(ctx, k.flowSequences, func(sender []byte, last uint64) types.FlowSequence {
		return types.FlowSequence{Sender: text(sender), Last: last}
	})
	if err != nil {
		return err
	}
	e, err := k.emission.Get(ctx)
	if errors.Is(err, collections.ErrNotFound) {
		return nil
	}
	gs.Emission = &e
	return err
}
