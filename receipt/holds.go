package receipt

import (
	"github.com/cosmos/gogoproto/proto"

	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
)

// holds are payments that wait, by the id of their hold.
type holds map[string]Pending

func (h holds) held(e *revenuetypes.EventHeld) {
	p := Pending{Hold: e.HoldId, Subject: e.Subject, Payer: e.Payer, Gross: e.Gross.Amount, Charged: e.Charged.Amount, Denom: e.Gross.Denom, ReleaseAt: e.ReleaseAt}
	h[e.HoldId] = p
}

// changed takes out what has ended, and parts what was contested or given back in part.
func (h holds) changed(e proto.Message) {
	switch e := e.(type) {
	case *revenuetypes.EventReleased:
		delete(h, e.HoldId)
	case *revenuetypes.EventRefunded:
		delete(h, e.HoldId)
	case *revenuetypes.EventHoldContested:
		whole, ok := h[e.HoldId]
		if !ok {
			return
		}
		part := whole
		part.Hold, part.ReleaseAt = e.ContestedId, e.ReleaseAt
		if e.ContestedId != e.HoldId {
			part.Charged = e.Amount.Amount
			// as x/revenue parts it: the discount goes with what was charged
			part.Gross = part.Charged.Add(whole.Gross.Sub(whole.Charged).Mul(part.Charged).Quo(whole.Charged))
			whole.Gross, whole.Charged = whole.Gross.Sub(part.Gross), whole.Charged.Sub(part.Charged)
			h[e.HoldId] = whole
		}
		h[e.ContestedId] = part
	}
}
