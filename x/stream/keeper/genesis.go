package keeper

import (
	"context"

	"cosmossdk.io/collections"

	"github.com/streamchain/streamchain/x/stream/types"
)

// InitGenesis loads a genesis state, with the indexes and the queue that follow from it.
// Errors: those of GenesisState.Validate.
func (k *Keeper) InitGenesis(ctx context.Context, gs types.GenesisState) error {
	if err := gs.Validate(); err != nil {
		return err
	}
	if err := k.params.Set(ctx, gs.Params); err != nil {
		return err
	}
	if err := k.initAccounts(ctx, gs); err != nil {
		return err
	}
	for _, lane := range gs.Lanes {
		at, err := placeOf(lane.Owner, lane.Denom, lane.Provider)
		if err != nil {
			return err
		}
		set := k.setNewLane
		if lane.Closing() {
			set = k.setClosing
		}
		if err := set(ctx, at, lane); err != nil {
			return err
		}
	}
	for _, s := range gs.Sessions {
		if err := k.sessions.Set(ctx, collections.Join(s.LaneId, s.Session), s.Row); err != nil {
			return err
		}
	}
	for _, c := range gs.Cleanups {
		if err := k.cleanups.Set(ctx, collections.Join(c.Since, c.LaneId)); err != nil {
			return err
		}
	}
	if err := k.initUse(ctx, gs); err != nil {
		return err
	}
	return k.initMoney(ctx, gs)
}

// initAccounts loads what owners have: keys, escrows and generations.
func (k *Keeper) initAccounts(ctx context.Context, gs types.GenesisState) error {
	for _, key := range gs.SessionKeys {
		owner, err := types.ParseAddress(key.Owner)
		if err != nil {
			return err
		}
		if err := k.setKey(ctx, owner, key); err != nil {
			return err
		}
	}
	for _, escrow := range gs.Escrows {
		owner, err := types.ParseAddress(escrow.Owner)
		if err != nil {
			return err
		}
		if err := k.setEscrow(ctx, owner, escrow); err != nil {
			return err
		}
	}
	for _, g := range gs.Generations {
		at, err := placeOf(g.Owner, "", g.Provider)
		if err != nil {
			return err
		}
		if err := k.generations.Set(ctx, at.pair(), g.Generation); err != nil {
			return err
		}
	}
	return nil
}

// ExportGenesis returns the whole state, in the order of its keys.
func (k *Keeper) ExportGenesis(ctx context.Context) (*types.GenesisState, error) {
	params, err := k.Params(ctx)
	if err != nil {
		return nil, err
	}
	gs := &types.GenesisState{Params: params}
	gs.SessionKeys, err = collect(ctx, k.keys, func(_ collections.Pair[[]byte, []byte], key types.SessionKey) types.SessionKey { return key })
	if err != nil {
		return nil, err
	}
	gs.Escrows, err = collect(ctx, k.escrows, func(_ collections.Pair[[]byte, string], e types.Escrow) types.Escrow { return e })
	if err != nil {
		return nil, err
	}
	if gs.Lanes, err = collect(ctx, k.lanes, func(_ laneKey, lane types.Lane) types.Lane { return lane }); err != nil {
		return nil, err
	}
	closing, err := collect(ctx, k.closing, func(_ []byte, lane types.Lane) types.Lane { return lane })
	if err != nil {
		return nil, err
	}
	gs.Lanes = append(gs.Lanes, closing...)
	if gs.Generations, err = collect(ctx, k.generations, generationOf); err != nil {
		return nil, err
	}
	if gs.Sessions, err = collect(ctx, k.sessions, sessionOf); err != nil {
		return nil, err
	}
	if err := k.exportUse(ctx, gs); err != nil {
		return nil, err
	}
	err = k.cleanups.Walk(ctx, nil, func(key cleanupKey) (bool, error) {
		gs.Cleanups = append(gs.Cleanups, types.Cleanup{Since: key.K1(), LaneId: key.K2()})
		return false, nil
	})
	if err != nil {
		return nil, err
	}
	return gs, k.exportMoney(ctx, gs)
}

func generationOf(key collections.Pair[[]byte, []byte], generation uint64) types.Generation {
	return types.Generation{Owner: text(key.K1()), Provider: text(key.K2()), Generation: generation}
}

func sessionOf(key collections.Pair[[]byte, uint64], row types.SessionRow) types.GenesisSession {
	return types.GenesisSession{LaneId: key.K1(), Session: key.K2(), Row: row}
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
