package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	"github.com/streamchain/streamchain/x/revenue/types"
)

// Payouts returns the automatic payouts of a recipient.
func (q queryServer) Payouts(ctx context.Context, req *types.QueryPayoutsRequest) (*types.QueryPayoutsResponse, error) {
	if err := types.ValidateRecipient(req.Recipient); err != nil {
		return nil, err
	}
	list, err := q.k.payoutsOf(ctx, req.Recipient)
	if err != nil {
		return nil, err
	}
	return &types.QueryPayoutsResponse{Payouts: list}, nil
}

// Rebate returns what a viewer can claim, and what counts towards the next one.
func (q queryServer) Rebate(ctx context.Context, req *types.QueryRebateRequest) (res *types.QueryRebateResponse, err error) {
	if _, err := types.ParseAddress(req.Viewer); err != nil {
		return nil, err
	}
	res = &types.QueryRebateResponse{Claimable: math.ZeroInt()}
	if amount, _, _, err := q.k.rebateOf(ctx, req.Viewer); err == nil {
		res.Claimable = amount
	} else if !errors.Is(err, types.ErrNoRebate) {
		return nil, err
	}
	open, err := q.k.openPeriod(ctx)
	if err != nil {
		return nil, err
	}
	if res.Left, err = amountAt(ctx, q.k.spending, collections.Join(open.Number, req.Viewer)); err != nil {
		return nil, err
	}
	if res.Open, err = optional(ctx, q.k.open); err != nil {
		return nil, err
	}
	res.Closed, err = optional(ctx, q.k.closed)
	return res, err
}

// Derivation returns what a work asks as a parent and gives as a derived work.
func (q queryServer) Derivation(ctx context.Context, req *types.QueryDerivationRequest) (*types.QueryDerivationResponse, error) {
	subject, err := q.k.workOf(ctx, req.Work)
	if err != nil {
		return nil, err
	}
	terms, err := q.k.termsOf(ctx, subject.Work)
	if err != nil {
		return nil, err
	}
	res := &types.QueryDerivationResponse{Terms: terms}
	for _, p := range subject.Parents {
		granted, err := q.k.acceptances.Has(ctx, collections.Join(subject.Work, p.Work))
		if err != nil {
			return nil, err
		}
		res.Parents = append(res.Parents, types.ParentPart{Parent: p.Work, Bps: p.Bps, Granted: granted})
	}
	return res, nil
}
