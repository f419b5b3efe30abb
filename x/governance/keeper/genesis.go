package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/governance/types"
)

// InitGenesis loads the state and derives the queues. It checks everything before the first
// write. Queued messages are checked again when they run.
func (k *Keeper) InitGenesis(ctx context.Context, gs types.GenesisState) error {
	if err := gs.Validate(); err != nil {
		return err
	}
	if err := k.params.Set(ctx, gs.Params); err != nil {
		return err
	}
	if err := k.sequence.Set(ctx, gs.NextId); err != nil {
		return err
	}
	for _, e := range gs.Enactments {
		if err := k.setEnactment(ctx, e); err != nil {
			return err
		}
	}
	for _, d := range gs.Delegations {
		if err := k.setDelegation(ctx, d); err != nil {
			return err
		}
	}
	for _, p := range gs.Pauses {
		if err := k.pauses.Set(ctx, p.TypeUrl, p); err != nil {
			return err
		}
	}
	for _, s := range gs.Seats {
		if err := k.setSeat(ctx, s); err != nil {
			return err
		}
	}
	if len(gs.Council.Members) == 0 {
		return nil
	}
	return k.council.Set(ctx, gs.Council)
}

// ExportGenesis returns the whole state in the order of its keys.
func (k *Keeper) ExportGenesis(ctx context.Context) (*types.GenesisState, error) {
	params, err := k.params.Get(ctx)
	if errors.Is(err, collections.ErrNotFound) {
		return types.DefaultGenesis(), nil
	} else if err != nil {
		return nil, err
	}
	next, err := k.sequence.Peek(ctx)
	if err != nil {
		return nil, err
	}
	gs := &types.GenesisState{Params: params, NextId: next}
	err = k.enactments.Walk(ctx, nil, func(_ uint64, e types.Enactment) (bool, error) {
		gs.Enactments = append(gs.Enactments, e)
		return false, nil
	})
	if err != nil {
		return nil, err
	}
	if gs.Council, err = k.Council(ctx); err != nil {
		return nil, err
	}
	err = k.delegations.Walk(ctx, nil, func(at lent, delegate string) (bool, error) {
		gs.Delegations = append(gs.Delegations, types.Delegation{Delegator: sdk.AccAddress(at.K1()).String(), Track: types.Track(at.K2()), Delegate: delegate})
		return false, nil
	})
	if err != nil {
		return nil, err
	}
	if gs.Pauses, err = k.Pauses(ctx); err != nil {
		return nil, err
	}
	err = k.seats.Walk(ctx, nil, func(_ []byte, s types.Seat) (bool, error) {
		gs.Seats = append(gs.Seats, s)
		return false, nil
	})
	return gs, err
}

// Pauses returns where every message stands that was ever voted on.
func (k *Keeper) Pauses(ctx context.Context) (out []types.Pause, err error) {
	err = k.pauses.Walk(ctx, nil, func(_ string, p types.Pause) (bool, error) {
		out = append(out, p)
		return false, nil
	})
	return out, err
}
