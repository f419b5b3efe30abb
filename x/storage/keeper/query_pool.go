package keeper

import (
	"context"

	"cosmossdk.io/collections"

	"github.com/cosmos/cosmos-sdk/types/query"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
	"github.com/streamchain/streamchain/x/storage/types"
)

// Repairs lists copies that are wanted, of one version or of all.
func (q queryServer) Repairs(ctx context.Context, req *types.QueryRepairsRequest) (*types.QueryRepairsResponse, error) {
	var options []func(*query.CollectionsPaginateOptions[dealKey])
	if req.Work != "" {
		if _, err := contenttypes.ParseWorkID(req.Work); err != nil {
			return nil, err
		}
		options = append(options, query.WithCollectionPaginationPairPrefix[string, string](req.Work))
	}
	repairs, next, err := query.CollectionPaginate(ctx, q.k.repairs, page(req.Pagination),
		func(_ collections.Pair[string, string], r types.Repair) (types.Repair, error) { return r, nil }, options...)
	if err != nil {
		return nil, err
	}
	return &types.QueryRepairsResponse{Repairs: repairs, Pagination: next}, nil
}

// Pool returns the common pool and the price at which it keeps works.
func (q queryServer) Pool(ctx context.Context, _ *types.QueryPoolRequest) (*types.QueryPoolResponse, error) {
	pool, err := q.k.Pool(ctx)
	if err != nil {
		return nil, err
	}
	median, err := q.k.MedianPrice(ctx)
	if err != nil {
		return nil, err
	}
	return &types.QueryPoolResponse{Pool: pool, MedianPrice: median}, nil
}

// Match returns what emission may be matched against a work's own revenue.
func (q queryServer) Match(ctx context.Context, req *types.QueryMatchRequest) (*types.QueryMatchResponse, error) {
	root, err := q.k.content.RootWork(ctx, req.Root)
	if err != nil {
		return nil, err
	}
	m, err := q.k.match(ctx, root.Cid)
	if err != nil {
		return nil, err
	}
	return &types.QueryMatchResponse{Match: m}, nil
}
