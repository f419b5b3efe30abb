package receipt

import (
	"slices"

	"cosmossdk.io/math"

	"github.com/streamchain/streamchain/chainclient"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

// ahead is periods of a plan that one transaction paid. They are followed to where each was shared out, but not where
// they came after others of the same subscription: which payment a period is of could then not be told by events.
type ahead struct {
	Pending
	viewer  string
	told    bool
	started bool
}

func newAhead(e *subscriptiontypes.EventSubscribed) *ahead {
	return &ahead{viewer: e.Subscription.Viewer, told: !e.Extended, Pending: Pending{
		Subject: e.Subscription.Plan, Payer: e.Subscriber, Gross: e.Paid.Amount, Charged: e.Paid.Amount, Denom: e.Paid.Denom, ReleaseAt: e.Subscription.ExpiresAt,
	}}
}

// follows says whether something of it is still to come, and can be told.
func (a *ahead) follows() bool { return a.told && a.Charged.IsPositive() }

// ended returns what of it was shared out in the block. What was paid back is pending no more.
func (a *ahead) ended(b chainclient.Block) []Payment {
	events := slices.Clone(b.Events)
	for _, tx := range b.Txs {
		events = append(events, tx.Events...)
	}
	var out []Payment
	var last *revenuetypes.EventDistributed
	for _, e := range events {
		switch e := e.(type) {
		case *subscriptiontypes.EventSubscribed:
			a.started = a.started || a.is(e.Subscription.Viewer, e.Subscription.Plan)
		case *revenuetypes.EventDistributed:
			last = e
		case *subscriptiontypes.EventPeriodsEnded:
			if a.started && a.is(e.Viewer, e.Plan) && last != nil && last.Payer == a.Payer {
				a.Charged = a.Charged.Sub(last.Gross.Amount.Sub(last.Discount))
				a.Gross = a.Charged
				out = append(out, payment(last, b.Height))
			}
		case *subscriptiontypes.EventCancelled:
			if a.started && a.is(e.Viewer, e.Plan) {
				if e.Kept.IsPositive() && last != nil && last.Payer == a.Payer {
					out = append(out, payment(last, b.Height))
				}
				a.Gross, a.Charged = math.ZeroInt(), math.ZeroInt()
			}
		}
	}
	return out
}

func (a *ahead) is(viewer, plan string) bool {
	return a.follows() && a.viewer == viewer && a.Subject == plan
}
