package storagenode

import (
	"context"

	storagetypes "github.com/streamchain/streamchain/x/storage/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
)

// Serving is a work's serving budget.
func (c *Chain) Serving(ctx context.Context, work string) (storagetypes.ServingState, error) {
	res, err := storagetypes.NewQueryClient(c.Conn()).WorkEscrow(ctx, &storagetypes.QueryWorkEscrowRequest{Root: work})
	if err != nil {
		return storagetypes.ServingState{}, err
	}
	return res.Serving, nil
}

// Duration is that of a work's first version, in seconds.
func (c *Chain) Duration(ctx context.Context, root string) (uint64, error) {
	w, err := c.Work(ctx, root)
	return w.DurationSeconds, err
}

// ReportUse submits what viewers watched.
func (c *Chain) ReportUse(ctx context.Context, items []streamtypes.Settlement) ([]streamtypes.UseResult, error) {
	var out streamtypes.MsgReportUseResponse
	_, err := c.send(ctx, &out, &streamtypes.MsgReportUse{Agent: c.Agent(), Items: items})
	return out.Results, err
}
