package nodetest

import (
	"context"

	"cosmossdk.io/math"

	storagetypes "github.com/streamchain/streamchain/x/storage/types"
)

// WantCopy opens a repair row of a copy that operator had.
func (c *Chain) WantCopy(work, operator string, reason storagetypes.DealEnd) {
	c.Mu.Lock()
	defer c.Mu.Unlock()
	w := c.Works[work]
	c.RepairRows[work+"/"+operator] = storagetypes.Repair{
		Work: work, Operator: operator, Root: w.Root, NetworkPrefix: c.Providers[operator].NetworkPrefix, Region: c.Providers[operator].Region,
		MaxRate: storagetypes.Rate(math.NewInt(1000), w.PieceSize), Bounty: math.ZeroInt(), PieceSize: w.PieceSize, OpenedAt: c.Live, Reason: reason,
	}
}

// StorageParams answers like x/storage.
func (c *Chain) StorageParams(context.Context) (storagetypes.Params, error) {
	done, err := c.begin("storage params")
	defer done()
	return c.Storage, err
}

// Repairs answers like x/storage.
func (c *Chain) Repairs(_ context.Context, work string) ([]storagetypes.Repair, error) {
	done, err := c.begin("repairs")
	defer done()
	var out []storagetypes.Repair
	for _, r := range c.RepairRows {
		if r.Work == work {
			out = append(out, r)
		}
	}
	return out, err
}

// AllRepairs answers like x/storage, on one page.
func (c *Chain) AllRepairs(context.Context, []byte) ([]storagetypes.Repair, []byte, error) {
	done, err := c.begin("all repairs")
	defer done()
	var out []storagetypes.Repair
	for _, r := range c.RepairRows {
		out = append(out, r)
	}
	return out, nil, err
}

// RefuseWork ends a deal as x/storage does.
func (c *Chain) RefuseWork(_ context.Context, work, denylist string) error {
	return c.finish("refuse", work, storagetypes.DEAL_END_REFUSED, func() { c.Refused[work] = denylist })
}

// EndDeal ends a deal as x/storage does.
func (c *Chain) EndDeal(_ context.Context, work string) error {
	return c.finish("end", work, storagetypes.DEAL_END_PROVIDER, func() {})
}

func (c *Chain) finish(name, work string, reason storagetypes.DealEnd, also func()) error {
	done, err := c.begin(name)
	d, ok := c.DealRows[work+"/"+c.Operator]
	young := reason == storagetypes.DEAL_END_PROVIDER && d.Status == storagetypes.DEAL_STATUS_ACTIVE && c.Live < d.AcceptedAt+c.Storage.MinDealSeconds
	switch {
	case err != nil:
	case !ok:
		err = storagetypes.ErrDealNotFound
	case young:
		err = storagetypes.ErrDealTooYoung
	default:
		c.lose(work, reason)
		c.Txs++
		also()
	}
	done()
	if err == nil && d.Status == storagetypes.DEAL_STATUS_ACTIVE {
		c.WantCopy(work, c.Operator, reason)
	}
	return err
}

// RepairWork takes a copy as x/storage does.
func (c *Chain) RepairWork(_ context.Context, work, operator string, root []byte, size uint64) error {
	done, err := c.begin("repair")
	defer done()
	if err != nil {
		return err
	}
	w, row := c.Works[work], work+"/"+operator
	r, ok := c.RepairRows[row]
	p := c.Providers[c.Operator]
	switch {
	case !ok:
		return storagetypes.ErrRepairNotFound
	case string(w.PieceRoot) != string(root) || w.PieceSize != size:
		return storagetypes.ErrPieceMismatch
	case storagetypes.Rate(p.PricePerGibDay, size).GT(r.MaxRate):
		return storagetypes.ErrPriceAboveMax
	}
	if _, ok := c.DealRows[work+"/"+c.Operator]; ok {
		return storagetypes.ErrDealExists
	}
	delete(c.RepairRows, row)
	c.DealRows[work+"/"+c.Operator] = storagetypes.Deal{Work: work, Root: w.Root, Operator: c.Operator, Status: storagetypes.DEAL_STATUS_ACTIVE, PieceSize: size, AcceptedAt: c.Live}
	c.Txs++
	return nil
}
