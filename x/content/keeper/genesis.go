package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"

	"github.com/streamchain/streamchain/x/content/types"
)

// InitGenesis loads the state and derives indexes and queue. It checks everything before
// the first write, and that the bank's genesis, which must come first, covers the deposits.
func (k *Keeper) InitGenesis(ctx context.Context, gs types.GenesisState) error {
	if err := gs.Validate(); err != nil {
		return err
	}
	if err := k.requireCovered(ctx, gs); err != nil {
		return err
	}
	if err := k.params.Set(ctx, gs.Params); err != nil {
		return err
	}
	for _, c := range gs.Creators {
		if err := k.importCreator(ctx, c); err != nil {
			return err
		}
	}
	for _, w := range gs.Works {
		if err := k.setWork(ctx, w); err != nil {
			return err
		}
	}
	for _, c := range gs.Commits {
		if err := k.setCommit(ctx, c); err != nil {
			return err
		}
	}
	for _, r := range gs.Collections {
		if err := k.importCollection(ctx, r); err != nil {
			return err
		}
	}
	if err := k.importFeeds(ctx, gs.Feeds); err != nil {
		return err
	}
	for _, r := range gs.Reservations {
		if err := k.setReservation(ctx, r); err != nil {
			return err
		}
	}
	return k.importVerification(ctx, gs)
}

func (k *Keeper) importCreator(ctx context.Context, c types.Creator) error {
	id, err := types.ParseCreatorID(c.Id)
	if err != nil {
		return err
	}
	controller, err := types.ParseAddress(c.Controller)
	if err != nil {
		return err
	}
	if err := k.creators.Set(ctx, id, c); err != nil {
		return err
	}
	if err := k.byController.Set(ctx, controller, id); err != nil {
		return err
	}
	if c.Handle == "" {
		return nil
	}
	return k.bySkeleton.Set(ctx, types.Skeleton(c.Handle), id)
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
	err = k.creators.Walk(ctx, nil, func(_ []byte, c types.Creator) (bool, error) {
		gs.Creators = append(gs.Creators, c)
		return false, nil
	})
	if err != nil {
		return nil, err
	}
	err = k.works.Walk(ctx, nil, func(_ []byte, w types.Work) (bool, error) {
		gs.Works = append(gs.Works, w)
		return false, nil
	})
	if err != nil {
		return nil, err
	}
	err = k.commits.Walk(ctx, nil, func(_ []byte, c types.Commit) (bool, error) {
		gs.Commits = append(gs.Commits, c)
		return false, nil
	})
	if err != nil {
		return nil, err
	}
	if gs.Collections, err = k.exportCollections(ctx); err != nil {
		return nil, err
	}
	if gs.Feeds, err = k.exportFeeds(ctx); err != nil {
		return nil, err
	}
	err = k.reservations.Walk(ctx, nil, func(_ string, r types.Reservation) (bool, error) {
		gs.Reservations = append(gs.Reservations, r)
		return false, nil
	})
	if err != nil {
		return nil, err
	}
	return gs, k.exportVerification(ctx, gs)
}
