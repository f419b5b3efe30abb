package storagenode

import (
	"context"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/types/query"

	storagetypes "github.com/streamchain/streamchain/x/storage/types"
)

// Period asks x/storage.
func (c *Chain) Period(ctx context.Context) (storagetypes.QueryPeriodResponse, error) {
	res, err := storagetypes.NewQueryClient(c.Conn()).Period(ctx, &storagetypes.QueryPeriodRequest{})
	if err != nil {
		return storagetypes.QueryPeriodResponse{}, err
	}
	return *res, nil
}

// Proofs asks x/storage for this provider's; one that is not registered yet owes none.
func (c *Chain) Proofs(ctx context.Context) (storagetypes.QueryProofsResponse, error) {
	res, err := storagetypes.NewQueryClient(c.Conn()).Proofs(ctx, &storagetypes.QueryProofsRequest{Operator: c.operator})
	if status.Code(err) == codes.NotFound {
		return storagetypes.QueryProofsResponse{State: storagetypes.NewProofState(c.operator)}, nil
	}
	if err != nil {
		return storagetypes.QueryProofsResponse{}, err
	}
	return *res, nil
}

// Claimable is what MsgClaimStorage would pay for all deals, in ustream.
func (c *Chain) Claimable(ctx context.Context) (math.Int, error) {
	total, page := math.ZeroInt(), &query.PageRequest{Limit: 100}
	var settled math.Int
	for {
		res, err := storagetypes.NewQueryClient(c.Conn()).Claimable(ctx, &storagetypes.QueryClaimableRequest{Operator: c.operator, Pagination: page})
		if err != nil {
			return math.Int{}, is(err, storagetypes.ErrProviderNotFound)
		}
		settled = res.Settled
		for _, a := range res.Accruals {
			total = total.Add(a.Amount)
		}
		if res.Pagination == nil || len(res.Pagination.NextKey) == 0 {
			return total.Add(settled).QuoRaw(storagetypes.NanoPerUstream), nil
		}
		page = &query.PageRequest{Key: res.Pagination.NextKey, Limit: 100}
	}
}

// Prove answers the challenges of a period.
func (c *Chain) Prove(ctx context.Context, period uint64, reveal []byte, answers []storagetypes.ProofAnswer) ([]string, error) {
	var out storagetypes.MsgProveResponse
	_, err := c.send(ctx, &out, &storagetypes.MsgProve{Agent: c.Agent(), Period: period, Reveal: reveal, Answers: answers})
	return out.Lost, err
}

// SetBeacon commits to a hash chain.
func (c *Chain) SetBeacon(ctx context.Context, root []byte) (uint64, error) {
	var out storagetypes.MsgSetBeaconResponse
	_, err := c.send(ctx, &out, &storagetypes.MsgSetBeacon{Agent: c.Agent(), Root: root})
	return out.From, err
}

// ReportLoss ends deals whose bytes are gone.
func (c *Chain) ReportLoss(ctx context.Context, works []string) error {
	_, err := c.send(ctx, nil, &storagetypes.MsgReportLoss{Agent: c.Agent(), Works: works})
	return err
}
