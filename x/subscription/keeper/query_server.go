package keeper

import (
	"context"

	"cosmossdk.io/collections"

	"github.com/cosmos/cosmos-sdk/types/query"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
	"github.com/streamchain/streamchain/x/subscription/types"
)

// MaxPage is the most rows of one page.
const MaxPage = 100

var _ types.QueryServer = queryServer{}

type queryServer struct{ k *Keeper }

// NewQueryServer serves the queries.
func NewQueryServer(k *Keeper) types.QueryServer { return queryServer{k: k} }

// Params returns the parameters.
func (q queryServer) Params(ctx context.Context, _ *types.QueryParamsRequest) (*types.QueryParamsResponse, error) {
	params, err := q.k.Params(ctx)
	if err != nil {
		return nil, err
	}
	return &types.QueryParamsResponse{Params: params}, nil
}

// Access decides whether a viewer may have a work's bytes.
func (q queryServer) Access(ctx context.Context, req *types.QueryAccessRequest) (*types.QueryAccessResponse, error) {
	decision, err := q.k.Access(ctx, req.Viewer, req.Work)
	if err != nil {
		return nil, err
	}
	return &types.QueryAccessResponse{Decision: decision}, nil
}

// Offers returns what a work or a collection offers.
func (q queryServer) Offers(ctx context.Context, req *types.QueryOffersRequest) (*types.QueryOffersResponse, error) {
	list, err := q.k.Offers(ctx, req.Work)
	if err != nil {
		return nil, err
	}
	return &types.QueryOffersResponse{List: list}, nil
}

// Plan returns a plan by id.
func (q queryServer) Plan(ctx context.Context, req *types.QueryPlanRequest) (*types.QueryPlanResponse, error) {
	plan, err := q.k.GetPlan(ctx, req.Plan)
	if err != nil {
		return nil, err
	}
	return &types.QueryPlanResponse{Plan: plan}, nil
}

// PlanWorks lists the works that a plan lists.
func (q queryServer) PlanWorks(ctx context.Context, req *types.QueryPlanWorksRequest) (*types.QueryPlanWorksResponse, error) {
	if _, err := q.k.GetPlan(ctx, req.Plan); err != nil {
		return nil, err
	}
	key, err := types.ParsePlanID(req.Plan)
	if err != nil {
		return nil, err
	}
	prefix := collections.TripleSuperPrefix[[]byte, uint64, []byte](key.Creator, key.Number)
	works, next, err := query.CollectionPaginate(ctx, q.k.coverage, page(req.Pagination),
		func(row planWork, _ collections.NoValue) (string, error) { return types.WorkID(row.K3()) },
		func(o *query.CollectionsPaginateOptions[planWork]) { o.Prefix = &prefix })
	if err != nil {
		return nil, err
	}
	return &types.QueryPlanWorksResponse{Works: works, Pagination: next}, nil
}

// PlansByCreator lists a creator's plans.
func (q queryServer) PlansByCreator(ctx context.Context, req *types.QueryPlansByCreatorRequest) (*types.QueryPlansByCreatorResponse, error) {
	creator, err := contenttypes.ParseCreatorID(req.Creator)
	if err != nil {
		return nil, err
	}
	plans, next, err := query.CollectionPaginate(ctx, q.k.plans, page(req.Pagination),
		func(_ planKey, plan types.Plan) (types.Plan, error) { return plan, nil },
		query.WithCollectionPaginationPairPrefix[[]byte, uint64](creator))
	if err != nil {
		return nil, err
	}
	return &types.QueryPlansByCreatorResponse{Plans: plans, Pagination: next}, nil
}

// Subscriptions lists a viewer's running subscriptions; ended ones wait unseen to be removed.
func (q queryServer) Subscriptions(ctx context.Context, req *types.QuerySubscriptionsRequest) (*types.QuerySubscriptionsResponse, error) {
	viewer, err := types.ParseAddress(req.Viewer)
	if err != nil {
		return nil, err
	}
	now, err := q.k.clock.Now(ctx)
	if err != nil {
		return nil, err
	}
	params, err := q.k.Params(ctx)
	if err != nil {
		return nil, err
	}
	running := func(s types.Subscription) (bool, error) {
		plan, err := q.k.GetPlan(ctx, s.Plan)
		return err == nil && s.Running(now, params.GraceOf(plan)), err
	}
	prefix := collections.TriplePrefix[[]byte, []byte, uint64](viewer)
	subs, next, err := query.CollectionFilteredPaginate(ctx, q.k.subscriptions, page(req.Pagination),
		func(_ viewerPlan, s types.Subscription) (bool, error) { return running(s) },
		func(_ viewerPlan, s types.Subscription) (types.Subscription, error) { return s, nil },
		func(o *query.CollectionsPaginateOptions[viewerPlan]) { o.Prefix = &prefix })
	if err != nil {
		return nil, err
	}
	return &types.QuerySubscriptionsResponse{Subscriptions: subs, Pagination: next}, nil
}

// Purchases lists what a viewer owns.
func (q queryServer) Purchases(ctx context.Context, req *types.QueryPurchasesRequest) (*types.QueryPurchasesResponse, error) {
	viewer, err := types.ParseAddress(req.Viewer)
	if err != nil {
		return nil, err
	}
	purchases, next, err := query.CollectionPaginate(ctx, q.k.entitlements, page(req.Pagination),
		func(_ viewerItem, e types.Entitlement) (types.Entitlement, error) { return e, nil },
		query.WithCollectionPaginationPairPrefix[[]byte, []byte](viewer))
	if err != nil {
		return nil, err
	}
	return &types.QueryPurchasesResponse{Purchases: purchases, Pagination: next}, nil
}

// Rentals lists a viewer's running rentals; ended ones wait unseen to be removed.
func (q queryServer) Rentals(ctx context.Context, req *types.QueryRentalsRequest) (*types.QueryRentalsResponse, error) {
	viewer, err := types.ParseAddress(req.Viewer)
	if err != nil {
		return nil, err
	}
	now, err := q.k.clock.Now(ctx)
	if err != nil {
		return nil, err
	}
	rentals, next, err := query.CollectionFilteredPaginate(ctx, q.k.rentals, page(req.Pagination),
		func(_ viewerItem, r types.Rental) (bool, error) { return r.Running(now), nil },
		func(_ viewerItem, r types.Rental) (types.Rental, error) { return r, nil },
		query.WithCollectionPaginationPairPrefix[[]byte, []byte](viewer))
	if err != nil {
		return nil, err
	}
	return &types.QueryRentalsResponse{Rentals: rentals, Pagination: next}, nil
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
