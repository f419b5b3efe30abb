package keeper

import (
	"context"

	"github.com/streamchain/streamchain/x/clock/types"
)

var _ types.QueryServer = queryServer{}

type queryServer struct{ Keeper }

// NewQueryServer serves live time.
func NewQueryServer(k Keeper) types.QueryServer { return queryServer{k} }

// Now returns live time beside the block's.
func (q queryServer) Now(ctx context.Context, _ *types.QueryNowRequest) (*types.QueryNowResponse, error) {
	c, err := q.get(ctx)
	if err != nil {
		return nil, err
	}
	return &types.QueryNowResponse{
		LiveSeconds:  c.LiveNanos / 1_000_000_000,
		BlockSeconds: c.BlockNanos / 1_000_000_000,
	}, nil
}
