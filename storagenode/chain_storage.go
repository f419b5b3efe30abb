package storagenode

import (
	"context"

	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/streamchain/streamchain/storagenode/drain"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
)

// StorageParams asks x/storage.
func (c *Chain) StorageParams(ctx context.Context) (storagetypes.Params, error) {
	res, err := storagetypes.NewQueryClient(c.Conn()).Params(ctx, &storagetypes.QueryParamsRequest{})
	if err != nil {
		return storagetypes.Params{}, err
	}
	return res.Params, nil
}

// Repairs asks x/storage for the copies of a work that are wanted.
func (c *Chain) Repairs(ctx context.Context, work string) ([]storagetypes.Repair, error) {
	rows, _, err := c.repairs(ctx, work, nil)
	return rows, err
}

// AllRepairs asks x/storage for a page of the copies that are wanted, and for the key of the next; the last has none.
func (c *Chain) AllRepairs(ctx context.Context, page []byte) ([]storagetypes.Repair, []byte, error) {
	return c.repairs(ctx, "", page)
}

func (c *Chain) repairs(ctx context.Context, work string, page []byte) ([]storagetypes.Repair, []byte, error) {
	res, err := storagetypes.NewQueryClient(c.Conn()).Repairs(ctx, &storagetypes.QueryRepairsRequest{Work: work, Pagination: &query.PageRequest{Key: page, Limit: 100}})
	if err != nil {
		return nil, nil, err
	}
	if res.Pagination == nil {
		return res.Repairs, nil, nil
	}
	return res.Repairs, res.Pagination.NextKey, nil
}

// Copies asks x/storage how many copies of a work count, and how many are wanted.
func (c *Chain) Copies(ctx context.Context, work string) (drain.Copies, error) {
	res, err := storagetypes.NewQueryClient(c.Conn()).DealsByWork(ctx, &storagetypes.QueryDealsByWorkRequest{Work: work})
	if err != nil {
		return drain.Copies{}, err
	}
	return drain.Copies{Have: res.Copies, Target: res.TargetCopies}, nil
}

// RefuseWork ends the deal of a work that a denylist names.
func (c *Chain) RefuseWork(ctx context.Context, work, denylist string) error {
	_, err := c.send(ctx, nil, &storagetypes.MsgRefuseWork{Agent: c.Agent(), Work: work, Denylist: denylist})
	return err
}

// RepairWork takes a copy that operator had.
func (c *Chain) RepairWork(ctx context.Context, work, operator string, root []byte, size uint64) error {
	_, err := c.send(ctx, nil, &storagetypes.MsgRepairWork{Agent: c.Agent(), Work: work, Operator: operator, PieceRoot: root, PieceSize: size})
	return err
}

// EndDeal ends a deal of this provider, or declines a request.
func (c *Chain) EndDeal(ctx context.Context, work string) error {
	_, err := c.send(ctx, nil, &storagetypes.MsgEndDeal{Signer: c.Agent(), Work: work, Operator: c.operator})
	return err
}
