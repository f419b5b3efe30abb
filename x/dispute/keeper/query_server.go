package keeper

import (
	"context"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/streamchain/streamchain/x/dispute/types"
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

// Dispute returns a dispute, with what an appeal would need.
func (q queryServer) Dispute(ctx context.Context, req *types.QueryDisputeRequest) (*types.QueryDisputeResponse, error) {
	d, err := q.k.GetDispute(ctx, req.Id)
	if err != nil {
		return nil, err
	}
	res := &types.QueryDisputeResponse{Dispute: d, AppealBond: math.ZeroInt()}
	if d.Status != types.STATUS_APPEAL {
		return res, nil
	}
	r, err := q.k.nextRound(ctx, d)
	if err != nil {
		return nil, err
	}
	res.AppealBond = r.Bond
	return res, nil
}

// Disputes lists disputes, newest first.
func (q queryServer) Disputes(ctx context.Context, req *types.QueryDisputesRequest) (*types.QueryDisputesResponse, error) {
	if req.Status != types.STATUS_UNSPECIFIED && !req.Status.Known() {
		return nil, errorsmod.Wrapf(types.ErrInvalidStatus, "%d", req.Status)
	}
	if req.Kind != types.KIND_UNSPECIFIED && !req.Kind.Known() {
		return nil, errorsmod.Wrapf(types.ErrInvalidKind, "%d", req.Kind)
	}
	p := page(req.Pagination)
	p.Reverse = !p.Reverse
	disputes, next, err := query.CollectionFilteredPaginate(ctx, q.k.disputes, p,
		func(_ uint64, d types.Dispute) (bool, error) {
			return (req.Status == types.STATUS_UNSPECIFIED || req.Status == d.Status) && (req.Kind == types.KIND_UNSPECIFIED || req.Kind == d.Kind), nil
		},
		func(_ uint64, d types.Dispute) (types.Dispute, error) { return d, nil })
	if err != nil {
		return nil, err
	}
	return &types.QueryDisputesResponse{Disputes: disputes, Pagination: next}, nil
}

// DisputesOf lists disputes against a respondent.
func (q queryServer) DisputesOf(ctx context.Context, req *types.QueryDisputesOfRequest) (*types.QueryDisputesOfResponse, error) {
	disputes, next, err := query.CollectionPaginate(ctx, q.k.byRespondent, page(req.Pagination),
		func(key workKey, _ collections.NoValue) (types.Dispute, error) { return q.k.GetDispute(ctx, key.K2()) },
		query.WithCollectionPaginationPairPrefix[string, uint64](req.Respondent))
	if err != nil {
		return nil, err
	}
	return &types.QueryDisputesOfResponse{Disputes: disputes, Pagination: next}, nil
}

// Ballots lists a round's jury.
func (q queryServer) Ballots(ctx context.Context, req *types.QueryBallotsRequest) (*types.QueryBallotsResponse, error) {
	if _, err := q.k.GetDispute(ctx, req.Dispute); err != nil {
		return nil, err
	}
	ballots, err := q.k.ballotsOf(ctx, req.Dispute, req.Round)
	return &types.QueryBallotsResponse{Ballots: ballots}, err
}

// Juror returns a juror.
func (q queryServer) Juror(ctx context.Context, req *types.QueryJurorRequest) (*types.QueryJurorResponse, error) {
	addr, err := types.ParseAddress(req.Address)
	if err != nil {
		return nil, err
	}
	j, err := q.k.GetJuror(ctx, addr)
	if err != nil {
		return nil, err
	}
	total, err := q.k.treeTotal(ctx)
	return &types.QueryJurorResponse{Juror: j, Total: total}, err
}

// Jurors lists jurors.
func (q queryServer) Jurors(ctx context.Context, req *types.QueryJurorsRequest) (*types.QueryJurorsResponse, error) {
	jurors, next, err := query.CollectionPaginate(ctx, q.k.jurors, page(req.Pagination),
		func(_ []byte, j types.Juror) (types.Juror, error) { return j, nil })
	if err != nil {
		return nil, err
	}
	return &types.QueryJurorsResponse{Jurors: jurors, Pagination: next}, nil
}

// Duties lists the juries that a juror sits on.
func (q queryServer) Duties(ctx context.Context, req *types.QueryDutiesRequest) (*types.QueryDutiesResponse, error) {
	addr, err := types.ParseAddress(req.Address)
	if err != nil {
		return nil, err
	}
	duties, next, err := query.CollectionPaginate(ctx, q.k.duties, page(req.Pagination),
		func(key dutyKey, _ collections.NoValue) (types.Duty, error) {
			d, err := q.k.GetDispute(ctx, key.K2())
			if err != nil {
				return types.Duty{}, err
			}
			b, err := q.k.GetBallot(ctx, key.K2(), key.K3(), addr)
			return types.Duty{Ballot: b, Status: d.Status, DueAt: d.DueAt, Current: key.K3() == d.LastIndex()}, err
		},
		func(o *query.CollectionsPaginateOptions[dutyKey]) {
			prefix := collections.TriplePrefix[[]byte, uint64, uint32](addr.Bytes())
			o.Prefix = &prefix
		})
	if err != nil {
		return nil, err
	}
	return &types.QueryDutiesResponse{Duties: duties, Pagination: next}, nil
}

// Owed says what an account can claim now.
func (q queryServer) Owed(ctx context.Context, req *types.QueryOwedRequest) (*types.QueryOwedResponse, error) {
	addr, err := types.ParseAddress(req.Account)
	if err != nil {
		return nil, err
	}
	amount, err := q.k.Claimable(ctx, addr)
	if err != nil {
		return nil, err
	}
	return &types.QueryOwedResponse{Amount: amount}, nil
}

// Notices lists the public log.
func (q queryServer) Notices(ctx context.Context, req *types.QueryNoticesRequest) (*types.QueryNoticesResponse, error) {
	most := int(req.Limit)
	if most == 0 || most > MaxPage {
		most = MaxPage
	}
	notices, err := q.k.Notices(ctx, req.After, most)
	return &types.QueryNoticesResponse{Notices: notices}, err
}

// Remedies lists what is still to be carried out.
func (q queryServer) Remedies(ctx context.Context, req *types.QueryRemediesRequest) (*types.QueryRemediesResponse, error) {
	disputes, next, err := query.CollectionPaginate(ctx, q.k.remedies, page(req.Pagination),
		func(key timeKey, _ collections.NoValue) (types.Dispute, error) { return q.k.GetDispute(ctx, key.K2()) })
	if err != nil {
		return nil, err
	}
	return &types.QueryRemediesResponse{Disputes: disputes, Pagination: next}, nil
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
