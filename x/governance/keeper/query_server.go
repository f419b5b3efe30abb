package keeper

import (
	"context"

	errorsmod "cosmossdk.io/errors"

	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/streamchain/streamchain/x/governance/types"
)

// MaxPage is the most rows of one page.
const MaxPage = 100

var _ types.QueryServer = queryServer{}

type queryServer struct{ k *Keeper }

// NewQueryServer serves the queries.
func NewQueryServer(k *Keeper) types.QueryServer { return queryServer{k} }

// Params returns the parameters.
func (q queryServer) Params(ctx context.Context, _ *types.QueryParamsRequest) (*types.QueryParamsResponse, error) {
	params, err := q.k.Params(ctx)
	if err != nil {
		return nil, err
	}
	return &types.QueryParamsResponse{Params: params}, nil
}

// Enactment returns an enactment by id.
func (q queryServer) Enactment(ctx context.Context, req *types.QueryEnactmentRequest) (*types.QueryEnactmentResponse, error) {
	e, err := q.k.GetEnactment(ctx, req.Id)
	if err != nil {
		return nil, err
	}
	return &types.QueryEnactmentResponse{Enactment: e}, nil
}

// Enactments lists enactments of one status, or of any.
func (q queryServer) Enactments(ctx context.Context, req *types.QueryEnactmentsRequest) (*types.QueryEnactmentsResponse, error) {
	any := req.Status == types.ENACTMENT_STATUS_UNSPECIFIED
	if !any && !req.Status.Known() {
		return nil, errorsmod.Wrapf(types.ErrInvalidStatus, "%d", req.Status)
	}
	enactments, next, err := query.CollectionFilteredPaginate(ctx, q.k.enactments, page(req.Pagination),
		func(_ uint64, e types.Enactment) (bool, error) { return any || e.Status == req.Status, nil },
		func(_ uint64, e types.Enactment) (types.Enactment, error) { return e, nil })
	if err != nil {
		return nil, err
	}
	return &types.QueryEnactmentsResponse{Enactments: enactments, Pagination: next}, nil
}

// page caps a page, and serves no totals: counting walks the whole list.
func page(req *query.PageRequest) *query.PageRequest {
	if req == nil {
		return &query.PageRequest{Limit: MaxPage}
	}
	capped := *req
	capped.CountTotal = false
	if capped.Limit == 0 || capped.Limit > MaxPage {
		capped.Limit = MaxPage
	}
	return &capped
}
