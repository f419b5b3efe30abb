package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
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

// Outlook says what a proposal needs and where its votes stand.
func (q queryServer) Outlook(ctx context.Context, req *types.QueryOutlookRequest) (*types.QueryOutlookResponse, error) {
	p, err := q.k.votes.Proposals.Get(ctx, req.ProposalId)
	if errors.Is(err, collections.ErrNotFound) {
		return nil, errorsmod.Wrapf(types.ErrProposalNotFound, "%d", req.ProposalId)
	} else if err != nil {
		return nil, err
	}
	votes, err := ballots(ctx, q.k.votes, p.Id)
	if err != nil {
		return nil, err
	}
	rule := q.k.RuleOf(ctx, p)
	c, err := q.k.CountVotes(ctx, votes, rule.Track)
	if err != nil {
		return nil, err
	}
	met, house, err := q.k.met(ctx, rule, c, votes)
	if err != nil {
		return nil, err
	}
	params, err := q.k.Params(ctx)
	if err != nil {
		return nil, err
	}
	rule.TimelockSeconds = params.Scale(rule.TimelockSeconds)
	whole := func(d math.LegacyDec) string { return d.TruncateInt().String() }
	return &types.QueryOutlookResponse{Rule: rule, Met: met, House: house.House(), Tally: types.Tally{
		Yes: whole(c.Yes), No: whole(c.No), Veto: whole(c.Veto), Abstain: whole(c.Abstain), Bonded: c.Bonded.String(), Delegated: whole(c.Delegated),
	}}, nil
}

// Rules lists what each track needs.
func (q queryServer) Rules(ctx context.Context, _ *types.QueryRulesRequest) (*types.QueryRulesResponse, error) {
	params, err := q.k.Params(ctx)
	if err != nil {
		return nil, err
	}
	res := &types.QueryRulesResponse{}
	for _, t := range types.Tracks() {
		rule := t.Rule()
		rule.TimelockSeconds = params.Scale(rule.TimelockSeconds)
		res.Rules = append(res.Rules, rule)
	}
	return res, nil
}

// Delegations lists to whom an account lends its vote.
func (q queryServer) Delegations(ctx context.Context, req *types.QueryDelegationsRequest) (*types.QueryDelegationsResponse, error) {
	addr, err := types.ParseAddress(req.Delegator)
	if err != nil {
		return nil, err
	}
	out, err := q.k.Delegations(ctx, addr)
	return &types.QueryDelegationsResponse{Delegations: out}, err
}

// Delegators lists who lends a vote to a delegate.
func (q queryServer) Delegators(ctx context.Context, req *types.QueryDelegatorsRequest) (*types.QueryDelegatorsResponse, error) {
	addr, err := types.ParseAddress(req.Delegate)
	if err != nil {
		return nil, err
	}
	out, next, err := query.CollectionPaginate(ctx, q.k.delegators, page(req.Pagination),
		func(s seat, _ collections.NoValue) (types.Delegation, error) {
			return types.Delegation{Delegator: sdk.AccAddress(s.K3()).String(), Track: types.Track(s.K2()), Delegate: req.Delegate}, nil
		}, func(o *query.CollectionsPaginateOptions[seat]) {
			prefix := collections.TriplePrefix[[]byte, uint32, []byte](addr.Bytes())
			o.Prefix = &prefix
		})
	if err != nil {
		return nil, err
	}
	return &types.QueryDelegatorsResponse{Delegations: out, Pagination: next}, nil
}

// Council returns the council and what is paused or voted on.
func (q queryServer) Council(ctx context.Context, _ *types.QueryCouncilRequest) (*types.QueryCouncilResponse, error) {
	council, err := q.k.Council(ctx)
	if err != nil {
		return nil, err
	}
	pauses, err := q.k.Pauses(ctx)
	return &types.QueryCouncilResponse{Council: council, Pauses: pauses}, err
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
