package keeper

import (
	"context"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"

	"github.com/cosmos/cosmos-sdk/types/query"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
	"github.com/streamchain/streamchain/x/storage/types"
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

// Provider returns a provider by its operator.
func (q queryServer) Provider(ctx context.Context, req *types.QueryProviderRequest) (*types.QueryProviderResponse, error) {
	if _, err := types.ParseAddress(req.Operator); err != nil {
		return nil, err
	}
	p, err := q.k.GetProvider(ctx, req.Operator)
	if err != nil {
		return nil, err
	}
	claims, err := q.k.claimsOf(ctx, p.Operator)
	return &types.QueryProviderResponse{Provider: p, BondClaims: claims}, err
}

// Providers lists providers of one status, or of any.
func (q queryServer) Providers(ctx context.Context, req *types.QueryProvidersRequest) (*types.QueryProvidersResponse, error) {
	if req.Status != types.PROVIDER_STATUS_UNSPECIFIED && !req.Status.Known() {
		return nil, errorsmod.Wrapf(types.ErrInvalidStatus, "%d", req.Status)
	}
	providers, next, err := query.CollectionFilteredPaginate(ctx, q.k.providers, page(req.Pagination),
		func(_ string, p types.Provider) (bool, error) {
			return req.Status == types.PROVIDER_STATUS_UNSPECIFIED || req.Status == p.Status, nil
		},
		func(_ string, p types.Provider) (types.Provider, error) { return p, nil })
	if err != nil {
		return nil, err
	}
	return &types.QueryProvidersResponse{Providers: providers, Pagination: next}, nil
}

// ProviderByAgent returns the provider that an account acts for.
func (q queryServer) ProviderByAgent(ctx context.Context, req *types.QueryProviderByAgentRequest) (*types.QueryProviderByAgentResponse, error) {
	agent, err := types.ParseAddress(req.Agent)
	if err != nil {
		return nil, err
	}
	p, err := q.k.ProviderByAgent(ctx, agent)
	if err != nil {
		return nil, err
	}
	return &types.QueryProviderByAgentResponse{Provider: p}, nil
}

// Deal returns one live deal and what it has earned since it was last settled.
func (q queryServer) Deal(ctx context.Context, req *types.QueryDealRequest) (*types.QueryDealResponse, error) {
	if _, err := contenttypes.ParseWorkID(req.Work); err != nil {
		return nil, err
	}
	if _, err := types.ParseAddress(req.Operator); err != nil {
		return nil, err
	}
	d, err := q.k.GetDeal(ctx, req.Work, req.Operator)
	if err != nil {
		return nil, err
	}
	e, _, err := q.k.touch(ctx, d.Root)
	if err != nil {
		return nil, err
	}
	pay, _, err := q.k.payOf(ctx, e, d)
	if err != nil {
		return nil, err
	}
	return &types.QueryDealResponse{Deal: d, Accrued: pay.Total()}, nil
}

// DealsByWork lists the live deals of one version and counts its copies.
func (q queryServer) DealsByWork(ctx context.Context, req *types.QueryDealsByWorkRequest) (*types.QueryDealsByWorkResponse, error) {
	if _, err := contenttypes.ParseWorkID(req.Work); err != nil {
		return nil, err
	}
	params, err := q.k.Params(ctx)
	if err != nil {
		return nil, err
	}
	deals, err := q.k.dealsOf(ctx, req.Work)
	if err != nil {
		return nil, err
	}
	copies, err := q.k.countCopies(ctx, params, deals)
	if err != nil {
		return nil, err
	}
	return &types.QueryDealsByWorkResponse{Deals: deals, Copies: copies, TargetCopies: params.TargetCopies}, nil
}

// DealsByProvider lists a provider's live deals.
func (q queryServer) DealsByProvider(ctx context.Context, req *types.QueryDealsByProviderRequest) (*types.QueryDealsByProviderResponse, error) {
	if _, err := types.ParseAddress(req.Operator); err != nil {
		return nil, err
	}
	deals, next, err := query.CollectionPaginate(ctx, q.k.byProvider, page(req.Pagination),
		func(at dealKey, _ collections.NoValue) (types.Deal, error) { return q.k.GetDeal(ctx, at.K2(), at.K1()) },
		query.WithCollectionPaginationPairPrefix[string, string](req.Operator))
	if err != nil {
		return nil, err
	}
	return &types.QueryDealsByProviderResponse{Deals: deals, Pagination: next}, nil
}

// WorkEscrow returns the escrow that pays for a work, counted up to now.
func (q queryServer) WorkEscrow(ctx context.Context, req *types.QueryWorkEscrowRequest) (*types.QueryWorkEscrowResponse, error) {
	root, err := q.k.content.RootWork(ctx, req.Root)
	if err != nil {
		return nil, err
	}
	e, _, err := q.k.touch(ctx, root.Cid)
	if err != nil {
		return nil, err
	}
	serving, err := q.k.servingState(ctx, root.Cid)
	if err != nil {
		return nil, err
	}
	return &types.QueryWorkEscrowResponse{Escrow: e, DryAt: e.DryAt(), Serving: serving}, nil
}

// Claimable returns what is settled and a page of what deals have earned since.
func (q queryServer) Claimable(ctx context.Context, req *types.QueryClaimableRequest) (*types.QueryClaimableResponse, error) {
	if _, err := types.ParseAddress(req.Operator); err != nil {
		return nil, err
	}
	settled, err := q.k.earned(ctx, req.Operator)
	if err != nil {
		return nil, err
	}
	accruals, next, err := query.CollectionFilteredPaginate(ctx, q.k.byProvider, page(req.Pagination),
		func(at dealKey, _ collections.NoValue) (bool, error) {
			d, err := q.k.GetDeal(ctx, at.K2(), at.K1())
			return d.Status == types.DEAL_STATUS_ACTIVE, err
		},
		func(at dealKey, _ collections.NoValue) (types.Accrual, error) {
			res, err := q.Deal(ctx, &types.QueryDealRequest{Work: at.K2(), Operator: at.K1()})
			if err != nil {
				return types.Accrual{}, err
			}
			return types.Accrual{Work: at.K2(), Amount: res.Accrued}, nil
		},
		query.WithCollectionPaginationPairPrefix[string, string](req.Operator))
	if err != nil {
		return nil, err
	}
	total := settled
	for _, a := range accruals {
		total = total.Add(a.Amount)
	}
	return &types.QueryClaimableResponse{
		Settled: settled, Accruals: accruals, Claimable: total.QuoRaw(types.NanoPerUstream), Pagination: next,
	}, nil
}

// Period returns where the clock of proofs stands.
func (q queryServer) Period(ctx context.Context, _ *types.QueryPeriodRequest) (*types.QueryPeriodResponse, error) {
	p, err := q.k.Period(ctx)
	if err != nil {
		return nil, err
	}
	params, err := q.k.Params(ctx)
	if err != nil {
		return nil, err
	}
	return &types.QueryPeriodResponse{Period: p, ClosesAt: p.OpenedAt + params.WindowSeconds, NextAt: p.OpenedAt + params.PeriodSeconds}, nil
}

// Proofs returns a provider's standing and, while the window is open, its challenges.
func (q queryServer) Proofs(ctx context.Context, req *types.QueryProofsRequest) (*types.QueryProofsResponse, error) {
	if _, err := types.ParseAddress(req.Operator); err != nil {
		return nil, err
	}
	return q.k.Proofs(ctx, req.Operator)
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
