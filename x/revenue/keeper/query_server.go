package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
	"github.com/streamchain/streamchain/x/revenue/types"
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

// Claimable returns what a recipient can claim.
func (q queryServer) Claimable(ctx context.Context, req *types.QueryClaimableRequest) (*types.QueryClaimableResponse, error) {
	if err := types.ValidateRecipient(req.Recipient); err != nil {
		return nil, err
	}
	coins, next, err := query.CollectionPaginate(ctx, q.k.claimables, page(req.Pagination),
		func(key collections.Pair[string, string], amount math.Int) (sdk.Coin, error) {
			return sdk.Coin{Denom: key.K2(), Amount: amount}, nil
		}, query.WithCollectionPaginationPairPrefix[string, string](req.Recipient))
	if err != nil {
		return nil, err
	}
	return &types.QueryClaimableResponse{Coins: coins, Pagination: next}, nil
}

// Split returns the sheet in force and a pending one.
func (q queryServer) Split(ctx context.Context, req *types.QuerySplitRequest) (*types.QuerySplitResponse, error) {
	subject, err := q.k.content.ResolveSubject(ctx, req.Subject)
	if err != nil {
		return nil, err
	}
	inForce, err := q.k.splitInForce(ctx, subject)
	if err != nil {
		return nil, err
	}
	res := &types.QuerySplitResponse{Split: inForce}
	p, err := q.k.pending.Get(ctx, subjectKey(subject))
	if errors.Is(err, collections.ErrNotFound) {
		return res, nil
	}
	if err != nil {
		return nil, err
	}
	res.Pending, res.Missing = &p, p.Missing(inForce, subject.Creator)
	res.Lapsed = q.k.lapsed(ctx, p, inForce, subject.Creator)
	return res, nil
}

// Hold returns a payment in its refund window.
func (q queryServer) Hold(ctx context.Context, req *types.QueryHoldRequest) (*types.QueryHoldResponse, error) {
	h, err := q.k.GetHold(ctx, req.HoldId)
	if err != nil {
		return nil, err
	}
	return &types.QueryHoldResponse{Hold: h}, nil
}

// HoldsByPayer lists an account's payments in their refund window.
func (q queryServer) HoldsByPayer(ctx context.Context, req *types.QueryHoldsByPayerRequest) (*types.QueryHoldsByPayerResponse, error) {
	if _, err := types.ParseAddress(req.Payer); err != nil {
		return nil, err
	}
	holds, next, err := query.CollectionPaginate(ctx, q.k.holds, page(req.Pagination),
		func(_ collections.Pair[string, uint64], h types.Hold) (types.Hold, error) { return h, nil },
		query.WithCollectionPaginationPairPrefix[string, uint64](req.Payer))
	if err != nil {
		return nil, err
	}
	return &types.QueryHoldsByPayerResponse{Holds: holds, Pagination: next}, nil
}

// Totals returns what a work or a creator has earned.
func (q queryServer) Totals(ctx context.Context, req *types.QueryTotalsRequest) (*types.QueryTotalsResponse, error) {
	if err := types.ValidateSubject(req.Subject); err != nil {
		return nil, err
	}
	totals, next, err := query.CollectionPaginate(ctx, q.k.totals, page(req.Pagination),
		func(key collections.Pair[string, string], e types.Earned) (types.Total, error) {
			return totalOf(key, e), nil
		},
		query.WithCollectionPaginationPairPrefix[string, string](req.Subject))
	if err != nil {
		return nil, err
	}
	return &types.QueryTotalsResponse{Totals: totals, Pagination: next}, nil
}

// Pools returns what belongs to the protocol. Its rows are as many as there are kinds and denoms.
func (q queryServer) Pools(ctx context.Context, _ *types.QueryPoolsRequest) (res *types.QueryPoolsResponse, err error) {
	res = &types.QueryPoolsResponse{}
	if res.Participation, err = q.k.participation(ctx); err != nil {
		return nil, err
	}
	if res.Unswept, err = collect(ctx, q.k.unswept, partOf); err != nil {
		return nil, err
	}
	if res.Swept, err = collect(ctx, q.k.swept, partOf); err != nil {
		return nil, err
	}
	return res, nil
}

// Preview returns how a payment would be shared out. Without a subject it takes some work of
// nobody, and then there are no credits.
func (q queryServer) Preview(ctx context.Context, req *types.QueryPreviewRequest) (*types.QueryPreviewResponse, error) {
	params, err := q.k.Params(ctx)
	if err != nil {
		return nil, err
	}
	subject := contenttypes.Subject{Work: "any"}
	if req.Subject != "" {
		if subject, err = q.k.content.ResolveSubject(ctx, req.Subject); err != nil {
			return nil, err
		}
	}
	p := types.Payment{
		Rail: req.Rail, Subject: req.Subject, Payer: "preview", Gross: req.Gross, Server: req.Server,
		DiscountBps: req.DiscountBps, RoyaltyTo: req.RoyaltyTo, RoyaltyBps: req.RoyaltyBps,
	}
	if err := p.Validate(); err != nil {
		return nil, err
	}
	shares, err := params.Shares(p.Rail)
	if err != nil {
		return nil, err
	}
	d, err := q.k.cut(ctx, shares, p, subject, shares.Charged(p))
	if err != nil {
		return nil, err
	}
	if d.Payer = ""; req.Subject == "" {
		d.Subject, d.Credits = "", nil
	}
	return &types.QueryPreviewResponse{Distribution: d, Charged: sdk.Coin{Denom: d.Gross.Denom, Amount: d.Charged()}}, nil
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
