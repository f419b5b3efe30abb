package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"

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
	return nil
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
	return gs, err
}
