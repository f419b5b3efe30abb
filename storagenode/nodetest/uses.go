package nodetest

import (
	"context"

	"cosmossdk.io/math"

	storagetypes "github.com/streamchain/streamchain/x/storage/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
)

// Uses is what the chain was told of use, and what it says of budgets.
type Uses struct {
	Budgets  map[string]storagetypes.ServingState // by root
	Proved   map[string]uint32                    // by owner and session
	Items    []streamtypes.Settlement             // that were accepted
	Refuse   error                                // what the next reports are refused with
	Duration uint64                               // of all works
}

// Budget makes a serving budget that pays so much more today, in ustream, an ustream a second.
func Budget(left int64) storagetypes.ServingState {
	n := storagetypes.Nano(math.NewInt(left))
	return storagetypes.ServingState{
		Balance: n.MulRaw(10), PaidToday: math.ZeroInt(), CapToday: n, ProviderCapToday: n, Rate: math.NewInt(storagetypes.NanoPerUstream), PaidIn: n.MulRaw(10),
	}
}

// Serving answers like x/storage.
func (c *Chain) Serving(_ context.Context, work string) (storagetypes.ServingState, error) {
	done, err := c.begin("serving")
	defer done()
	if s, ok := c.Uses.Budgets[work]; ok || err != nil {
		return s, err
	}
	return Budget(0), nil
}

// Duration is the same for all works.
func (c *Chain) Duration(context.Context, string) (uint64, error) {
	done, err := c.begin("duration")
	defer done()
	if c.Uses.Duration == 0 {
		return 3600, err
	}
	return c.Uses.Duration, err
}

// ReportUse checks words, and pays an ustream a second while the budget lasts.
func (c *Chain) ReportUse(_ context.Context, items []streamtypes.Settlement) ([]streamtypes.UseResult, error) {
	done, err := c.begin("report")
	defer done()
	if err != nil {
		return nil, err
	}
	c.Txs++
	out := make([]streamtypes.UseResult, len(items))
	for i, it := range items {
		out[i] = c.reportUse(it)
	}
	return out, nil
}

func (c *Chain) reportUse(it streamtypes.Settlement) streamtypes.UseResult {
	err := c.Uses.Refuse
	if err == nil {
		err = it.ValidateUse()
	}
	v, verr := it.Session.Voucher()
	if err == nil && (verr != nil || !v.Verify(it.Session.Pubkey, it.Session.Signature)) {
		err = streamtypes.ErrInvalidSignature
	}
	salt := v.Salt()
	row := it.Session.EscrowOwner + string(salt[:])
	if err == nil && it.N < c.Uses.Proved[row] {
		err = streamtypes.ErrStale
	}
	if err != nil {
		return streamtypes.UseResultOf(0, math.ZeroInt(), err)
	}
	if c.Uses.Proved == nil {
		c.Uses.Proved = map[string]uint32{}
	}
	seconds := uint64(it.N-c.Uses.Proved[row]) * uint64(it.Session.TickSeconds)
	c.Uses.Proved[row] = it.N
	c.Uses.Items = append(c.Uses.Items, it)
	paid := math.ZeroInt()
	if b, ok := c.Uses.Budgets[it.Session.Work]; ok {
		paid = math.MinInt(b.Rate.MulRaw(int64(seconds)), b.CapToday.Sub(b.PaidToday))
		b.PaidToday, b.Balance = b.PaidToday.Add(paid), b.Balance.Sub(paid)
		c.Uses.Budgets[it.Session.Work] = b
	}
	return streamtypes.UseResultOf(seconds, paid, nil)
}
