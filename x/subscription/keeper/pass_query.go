package keeper

import (
	"context"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"

	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/streamchain/streamchain/x/subscription/types"
)

// Pass returns a pass by id.
func (q queryServer) Pass(ctx context.Context, req *types.QueryPassRequest) (*types.QueryPassResponse, error) {
	_, pass, err := q.k.pass(ctx, req.Pass)
	if err != nil {
		return nil, err
	}
	return &types.QueryPassResponse{Pass: pass}, nil
}

// Passes lists passes: all, or those that a creator is in.
func (q queryServer) Passes(ctx context.Context, req *types.QueryPassesRequest) (*types.QueryPassesResponse, error) {
	res := &types.QueryPassesResponse{}
	if req.Creator == "" {
		var err error
		res.Passes, res.Pagination, err = query.CollectionPaginate(ctx, q.k.passes, page(req.Pagination),
			func(_ uint64, pass types.Pass) (types.Pass, error) { return pass, nil })
		return res, err
	}
	in, err := q.k.joinedBy(ctx, req.Creator)
	if err != nil {
		return nil, err
	}
	for _, number := range in {
		pass, err := q.k.passes.Get(ctx, number)
		if err != nil {
			return nil, err
		}
		res.Passes = append(res.Passes, pass)
	}
	return res, nil
}

// PassMembers lists the creators that a pass lists.
func (q queryServer) PassMembers(ctx context.Context, req *types.QueryPassMembersRequest) (*types.QueryPassMembersResponse, error) {
	number, _, err := q.k.pass(ctx, req.Pass)
	if err != nil {
		return nil, err
	}
	members, next, err := query.CollectionPaginate(ctx, q.k.members, page(req.Pagination),
		func(_ passMember, m types.PassMember) (types.PassMember, error) { return m, nil },
		query.WithCollectionPaginationPairPrefix[uint64, []byte](number))
	if err != nil {
		return nil, err
	}
	return &types.QueryPassMembersResponse{Members: members, Pagination: next}, nil
}

// PassSubscriptions lists a viewer's subscriptions to passes.
func (q queryServer) PassSubscriptions(ctx context.Context, req *types.QueryPassSubscriptionsRequest) (*types.QueryPassSubscriptionsResponse, error) {
	viewer, err := types.ParseAddress(req.Viewer)
	if err != nil {
		return nil, err
	}
	subs, err := q.k.passesOf(ctx, viewer)
	if err != nil {
		return nil, err
	}
	return &types.QueryPassSubscriptionsResponse{Subscriptions: subs}, nil
}

// PassPreview returns who would get what if a viewer's first period closed now.
func (q queryServer) PassPreview(ctx context.Context, req *types.QueryPassPreviewRequest) (*types.QueryPassPreviewResponse, error) {
	key, err := passKey(req.Viewer, req.Pass)
	if err != nil {
		return nil, err
	}
	sub, err := q.k.passSubs.Get(ctx, key)
	if errorsmod.IsOf(err, collections.ErrNotFound) {
		return nil, errorsmod.Wrapf(types.ErrNotSubscribed, "%s to %s", req.Viewer, req.Pass)
	}
	if err != nil {
		return nil, err
	}
	uses, err := q.k.usesOf(ctx, key)
	if err != nil {
		return nil, err
	}
	shares, rest := types.SharePass(sub.PassPot(), uses)
	return &types.QueryPassPreviewResponse{Subscription: sub, Uses: uses, Shares: shares, Rest: types.Coin(rest)}, nil
}
