package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"

	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/streamchain/streamchain/x/storage/types"
)

// KeySet returns who holds the keys of a work.
func (q queryServer) KeySet(ctx context.Context, req *types.QueryKeySetRequest) (*types.QueryKeySetResponse, error) {
	root, err := q.k.content.RootWork(ctx, req.Work)
	if err != nil {
		return nil, err
	}
	res := &types.QueryKeySetResponse{}
	active, err := q.k.ActiveKeySet(ctx, root.Cid)
	if err == nil {
		res.Active = &active
	} else if !errors.Is(err, types.ErrNoKeySet) {
		return nil, err
	}
	pending, err := q.k.pendingKeySet(ctx, root.Cid)
	if err == nil {
		res.Pending = &pending
	} else if !errors.Is(err, types.ErrNoKeySet) {
		return nil, err
	}
	return res, nil
}

// KeySetsByHolder lists the sets that a provider has a seat in: of a work both, where it has a seat in either.
func (q queryServer) KeySetsByHolder(ctx context.Context, req *types.QueryKeySetsByHolderRequest) (*types.QueryKeySetsByHolderResponse, error) {
	if _, err := types.ParseAddress(req.Operator); err != nil {
		return nil, err
	}
	roots, next, err := query.CollectionPaginate(ctx, q.k.seats, page(req.Pagination),
		func(key dealKey, _ collections.NoValue) (string, error) { return key.K2(), nil },
		query.WithCollectionPaginationPairPrefix[string, string](req.Operator))
	if err != nil {
		return nil, err
	}
	res := &types.QueryKeySetsByHolderResponse{Pagination: next}
	for _, root := range roots {
		sets, err := q.KeySet(ctx, &types.QueryKeySetRequest{Work: root})
		if err != nil {
			return nil, err
		}
		for _, s := range []*types.KeySet{sets.Active, sets.Pending} {
			if s != nil {
				res.KeySets = append(res.KeySets, *s)
			}
		}
	}
	return res, nil
}
