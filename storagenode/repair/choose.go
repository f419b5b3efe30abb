package repair

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"cosmossdk.io/math"

	"github.com/streamchain/streamchain/storagenode/deals"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
)

// wish is a work of which copies are wanted, some of which this node could afford.
type wish struct {
	id   string
	rows []storagetypes.Repair // as this node would take them
	due  int64                 // live time in Unix seconds before which the node takes none, wherever the others are
}

// choice is a copy that this node may take.
type choice struct {
	work contenttypes.Work
	row  storagetypes.Repair
	rate math.Int // what the node would earn, in nano-ustream a second
	due  int64    // live time in Unix seconds
}

// wishes are the works of which the node could afford a copy, what is due first first. The chain is not asked.
func (r *Repairer) wishes(me storagetypes.Provider, params storagetypes.Params, rows []storagetypes.Repair) (out []wish) {
	works := map[string][]storagetypes.Repair{}
	for _, row := range rows {
		if row.Operator != r.Operator && r.affords(me, params, row) {
			works[row.Work] = append(works[row.Work], row)
		}
	}
	for id, rows := range works {
		rows = r.order(rows)
		out = append(out, wish{id, rows, rows[0].OpenedAt + int64(r.delay(rows[0], false)/time.Second)})
	}
	slices.SortFunc(out, func(a, b wish) int { return cmp.Or(cmp.Compare(a.due, b.due), cmp.Compare(a.id, b.id)) })
	return out
}

// affords says whether price, room and bond allow a copy.
func (r *Repairer) affords(me storagetypes.Provider, params storagetypes.Params, row storagetypes.Repair) bool {
	if me.Bond.LT(params.RequiredBond(me.CapacityBytes)) {
		return false
	}
	rate := storagetypes.Rate(me.PricePerGibDay, row.PieceSize)
	left := me.CapacityBytes - min(me.CommittedBytes, me.CapacityBytes)
	return rate.MulRaw(100).LTE(row.MaxRate.MulRaw(int64(r.MaxPrice))) && row.PieceSize <= left && row.PieceSize <= r.Store.Free()
}

// judge says whether the node may take one of the work's rows, and when.
func (r *Repairer) judge(ctx context.Context, me storagetypes.Provider, params storagetypes.Params, w wish) (c choice, ok bool, err error) {
	live, err := r.Chain.DealsOf(ctx, w.id)
	if err != nil {
		return c, false, err
	}
	near := false
	for _, d := range live {
		if d.Operator == r.Operator {
			return c, false, nil
		}
		p, err := r.Chain.Provider(ctx, d.Operator)
		if err != nil {
			return c, false, err
		}
		if !params.RelaxedNetworkRules && p.NetworkPrefix == me.NetworkPrefix {
			return c, false, nil
		}
		near = near || p.Region == me.Region && d.Status == storagetypes.DEAL_STATUS_ACTIVE
	}
	if c.work, err = r.Chain.Work(ctx, w.id); err != nil {
		return c, false, err
	}
	if v := r.Denied.Work(deals.Denial(c.work)); v.Denied {
		return c, false, r.Denied.Remember(deals.Denial(c.work))
	}
	c.row = w.rows[0]
	c.rate = storagetypes.Rate(me.PricePerGibDay, c.row.PieceSize)
	c.due = c.row.OpenedAt + int64(r.delay(c.row, near)/time.Second)
	return c, true, nil
}

// order sorts a work's rows as this node takes them: each node begins with another.
func (r *Repairer) order(rows []storagetypes.Repair) []storagetypes.Repair {
	mine := slices.DeleteFunc(slices.Clone(rows), func(row storagetypes.Repair) bool { return row.Operator == r.Operator })
	slices.SortFunc(mine, func(a, b storagetypes.Repair) int { return cmp.Compare(r.delay(a, false), r.delay(b, false)) })
	return mine
}

// delay is how long after a copy was wanted this node takes it, in whole seconds: the same for the same copy, another for
// every node. Where a copy is left in the node's own region, nodes elsewhere come first.
func (r *Repairer) delay(row storagetypes.Repair, near bool) time.Duration {
	spread := uint64(r.Spread/time.Second) + 1
	if spread == 1 {
		return 0
	}
	h := sha256.New()
	_, _ = fmt.Fprintf(h, "streamchain/repair/v1\n%s\n%s\n%s\n%d", r.Operator, row.Work, row.Operator, row.OpenedAt)
	half := spread/2 + 1
	drawn := binary.BigEndian.Uint64(h.Sum(nil)) % half
	if near {
		drawn += spread - half
	}
	return time.Duration(drawn) * time.Second
}
