package keeper

import (
	"context"

	"cosmossdk.io/collections"

	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/streamchain/streamchain/x/stream/types"
)

// Flow returns a flow, counted up to now.
func (q queryServer) Flow(ctx context.Context, req *types.QueryFlowRequest) (*types.QueryFlowResponse, error) {
	f, err := q.k.flowAt(ctx, req.Flow)
	if err != nil {
		return nil, err
	}
	return &types.QueryFlowResponse{Flow: f}, nil
}

// FlowsBySender lists the flows that an account pays.
func (q queryServer) FlowsBySender(ctx context.Context, req *types.QueryFlowsBySenderRequest) (*types.QueryFlowsBySenderResponse, error) {
	sender, err := types.ParseAddress(req.Sender)
	if err != nil {
		return nil, err
	}
	now, err := q.k.clock.Now(ctx)
	if err != nil {
		return nil, err
	}
	flows, next, err := query.CollectionPaginate(ctx, q.k.flows, page(req.Pagination),
		func(_ collections.Pair[[]byte, uint64], f types.Flow) (types.Flow, error) { return f.At(now), nil },
		prefixed(collections.PairPrefix[[]byte, uint64](sender)))
	if err != nil {
		return nil, err
	}
	return &types.QueryFlowsBySenderResponse{Flows: flows, Pagination: next}, nil
}

// FlowsByRecipient lists the flows that an account earns.
func (q queryServer) FlowsByRecipient(ctx context.Context, req *types.QueryFlowsByRecipientRequest) (*types.QueryFlowsByRecipientResponse, error) {
	recipient, err := types.ParseAddress(req.Recipient)
	if err != nil {
		return nil, err
	}
	now, err := q.k.clock.Now(ctx)
	if err != nil {
		return nil, err
	}
	flows, next, err := query.CollectionPaginate(ctx, q.k.byRecipient, page(req.Pagination),
		func(key collections.Triple[[]byte, []byte, uint64], _ collections.NoValue) (types.Flow, error) {
			f, err := q.k.flows.Get(ctx, collections.Join(key.K2(), key.K3()))
			return f.At(now), err
		}, prefixed(collections.TriplePrefix[[]byte, []byte, uint64](recipient)))
	if err != nil {
		return nil, err
	}
	return &types.QueryFlowsByRecipientResponse{Flows: flows, Pagination: next}, nil
}

// Economics returns every fee, share, burn and emission of the chain.
func (q queryServer) Economics(ctx context.Context, _ *types.QueryEconomicsRequest) (*types.QueryEconomicsResponse, error) {
	economics, err := q.k.Economics(ctx)
	if err != nil {
		return nil, err
	}
	return &types.QueryEconomicsResponse{Economics: economics}, nil
}
