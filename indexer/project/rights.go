package project

import (
	"encoding/json"

	sdk "github.com/cosmos/cosmos-sdk/types"

	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

var rightEvents = table{}.
	add(on((*run).purchased)).
	add(on((*run).rented)).
	add(on((*run).rentalExpired)).
	add(on((*run).entitlementRevoked)).
	add(on((*run).templatePurchased)).
	add(on((*run).templateRefunded)).
	add(on((*run).subscribed)).
	add(on((*run).renewalSet)).
	add(on((*run).renewed)).
	add(on((*run).cancelled)).
	add(on((*run).subscriptionExpired)).
	add(on((*run).passSubscribed)).
	add(on((*run).passCancelled)).
	add(on((*run).passRenewed)).
	add(on((*run).passRenewalEnded)).
	add(on((*run).passPeriodClosed))

// right is access that was bought.
type right struct {
	viewer, work, kind string
	at, until          int64
	hold, buyer        string
	price              sdk.Coin
	collection         uint64
	template           string
}

func (r *run) putRight(e right) error {
	_, err := r.tx.Exec(`INSERT INTO entitlements (viewer, work, right, at, until, hold, buyer, denom, price, collection_version, template, purchases, counted)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, 0)
		ON CONFLICT (viewer, work, right) DO UPDATE SET at = excluded.at, until = excluded.until, hold = excluded.hold, buyer = excluded.buyer, denom = excluded.denom,
		price = excluded.price, collection_version = excluded.collection_version, template = excluded.template, purchases = purchases + 1`,
		e.viewer, e.work, e.kind, e.at, e.until, e.hold, e.buyer, e.price.Denom, amount(e.price.Amount), seconds(e.collection), e.template)
	return err
}

func (r *run) purchased(e *subscriptiontypes.EventPurchased) error {
	if err := r.putEntitlement(e.Entitlement, e.Buyer); err != nil {
		return err
	}
	var held bool
	if err := r.held(e.Entitlement.HoldId, &held); err != nil || held {
		return err
	}
	return r.bought(e.Entitlement.Viewer, e.Entitlement.Work) // nothing can be refunded
}

func (r *run) putEntitlement(e subscriptiontypes.Entitlement, buyer string) error {
	return r.putRight(right{
		viewer: e.Viewer, work: e.Work, kind: "purchase", at: e.BoughtAt, hold: e.HoldId, buyer: buyer, price: e.Price, collection: e.CollectionVersion,
	})
}

func (r *run) rented(e *subscriptiontypes.EventRented) error { return r.putRental(e.Rental, e.Renter) }

func (r *run) putRental(e subscriptiontypes.Rental, buyer string) error {
	return r.putRight(right{
		viewer: e.Viewer, work: e.Work, kind: "rental", at: e.RentedAt, until: e.ExpiresAt, hold: e.HoldId, buyer: buyer, price: e.Price, collection: e.CollectionVersion,
	})
}

func (r *run) rentalExpired(e *subscriptiontypes.EventRentalExpired) error {
	// one that was bought anew meanwhile has another end
	_, err := r.tx.Exec("DELETE FROM entitlements WHERE viewer = ? AND work = ? AND right = 'rental' AND until <= ?", e.Viewer, e.Work, e.ExpiresAt)
	return err
}

func (r *run) entitlementRevoked(e *subscriptiontypes.EventEntitlementRevoked) error {
	_, err := r.tx.Exec("DELETE FROM entitlements WHERE viewer = ? AND work = ? AND right IN ('purchase', 'rental') AND hold = ?", e.Viewer, e.Work, e.HoldId)
	return err
}

func (r *run) templatePurchased(e *subscriptiontypes.EventTemplatePurchased) error {
	return r.putRight(right{
		viewer: e.Viewer, work: e.Work, kind: "template", at: r.live, hold: e.HoldId, buyer: e.Buyer, price: e.Paid, template: e.Template,
	})
}

func (r *run) templateRefunded(e *subscriptiontypes.EventTemplateRefunded) error {
	if err := r.one("purchase by template of", e.Work)(r.tx.Exec("UPDATE entitlements SET purchases = purchases - 1, hold = CASE hold WHEN ?3 THEN '' ELSE hold END WHERE viewer = ?1 AND work = ?2 AND right = 'template'",
		e.Viewer, e.Work, e.HoldId)); err != nil {
		return err
	}
	_, err := r.tx.Exec("DELETE FROM entitlements WHERE viewer = ? AND work = ? AND right = 'template' AND purchases = 0", e.Viewer, e.Work)
	return err
}

// maxShared bounds how many of a viewer's works one purchase is counted with.
const maxShared = 32

// bought counts a purchase that stays with the viewer's others.
func (r *run) bought(viewer, work string) error {
	if !isWork(work) {
		return nil
	}
	n, err := r.tx.Exec("UPDATE entitlements SET counted = 1 WHERE viewer = ? AND work = ? AND right = 'purchase' AND counted = 0", viewer, work)
	if err != nil || n == 0 {
		return err
	}
	others, err := r.tx.Strings(`SELECT work FROM entitlements WHERE viewer = ? AND right = 'purchase' AND counted = 1 AND work <> ? ORDER BY at DESC, work LIMIT ?`, viewer, work, maxShared)
	if err != nil {
		return err
	}
	for _, other := range others {
		for _, pair := range [][2]string{{work, other}, {other, work}} {
			if _, err := r.tx.Exec("INSERT INTO copurchases (a, b, n) VALUES (?, ?, 1) ON CONFLICT (a, b) DO UPDATE SET n = n + 1", pair[0], pair[1]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *run) subscribed(e *subscriptiontypes.EventSubscribed) error {
	return r.putSubscription(e.Subscription)
}

func (r *run) putSubscription(s subscriptiontypes.Subscription) error {
	var renewals uint32
	payer, denom, price := "", "", ""
	if m := s.Mandate; m != nil {
		renewals, payer, denom, price = m.Renewals, m.Payer, m.MaxPrice.Denom, amount(m.MaxPrice.Amount)
	}
	return r.putSubscriptionRow(s.Viewer, s.Plan, s.StartedAt, s.ExpiresAt, renewals, payer, denom, price, "[]")
}

func (r *run) putSubscriptionRow(viewer, plan string, started, expires int64, renewals uint32, payer, denom, price, periods string) error {
	_, err := r.tx.Exec(`INSERT INTO subscriptions (viewer, plan, started_at, expires_at, renewals, payer, max_denom, max_price, periods) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (viewer, plan) DO UPDATE SET started_at = excluded.started_at, expires_at = excluded.expires_at, renewals = excluded.renewals, payer = excluded.payer,
		max_denom = excluded.max_denom, max_price = excluded.max_price, periods = excluded.periods`, viewer, plan, started, expires, renewals, payer, denom, price, periods)
	return err
}

func (r *run) renewalSet(e *subscriptiontypes.EventRenewalSet) error {
	var renewals uint32
	payer, denom, price := "", "", ""
	if m := e.Mandate; m != nil {
		renewals, payer, denom, price = m.Renewals, m.Payer, m.MaxPrice.Denom, amount(m.MaxPrice.Amount)
	}
	return r.one("subscription to", e.Plan)(r.tx.Exec("UPDATE subscriptions SET renewals = ?, payer = ?, max_denom = ?, max_price = ? WHERE viewer = ? AND plan = ?",
		renewals, payer, denom, price, e.Viewer, e.Plan))
}

func (r *run) renewed(e *subscriptiontypes.EventRenewed) error {
	return r.putSubscription(e.Subscription)
}

func (r *run) cancelled(e *subscriptiontypes.EventCancelled) error {
	return r.dropSubscription(e.Viewer, e.Plan)
}

func (r *run) subscriptionExpired(e *subscriptiontypes.EventSubscriptionExpired) error {
	return r.dropSubscription(e.Viewer, e.Plan)
}

func (r *run) dropSubscription(viewer, plan string) error {
	return r.one("subscription to", plan)(r.tx.Exec("DELETE FROM subscriptions WHERE viewer = ? AND plan = ?", viewer, plan))
}

func (r *run) passSubscribed(e *subscriptiontypes.EventPassSubscribed) error {
	return r.putPassSubscription(e.Subscription)
}

func (r *run) putPassSubscription(s subscriptiontypes.PassSubscription) error {
	starts := []int64{}
	for _, p := range s.Periods {
		starts = append(starts, p.StartedAt)
	}
	raw, err := marshal(starts)
	if err != nil || len(starts) == 0 {
		return err
	}
	payer, denom, price := "", "", ""
	if s.Renewals > 0 {
		payer, denom, price = s.Viewer, "ustream", amount(s.MaxPrice)
	}
	return r.putSubscriptionRow(s.Viewer, s.Pass, starts[0], s.ExpiresAt(), s.Renewals, payer, denom, price, raw)
}

// periods reads the starts of a pass's open periods.
func (r *run) periods(viewer, pass string) (starts []int64, err error) {
	var raw string
	found, err := r.tx.Row("SELECT periods FROM subscriptions WHERE viewer = ? AND plan = ?", []any{viewer, pass}, &raw)
	if err != nil || !found {
		return nil, err
	}
	return starts, json.Unmarshal([]byte(raw), &starts)
}

// setPeriods writes them, with what follows; a subscription without any is gone.
func (r *run) setPeriods(viewer, pass string, starts []int64) error {
	if len(starts) == 0 {
		_, err := r.tx.Exec("DELETE FROM subscriptions WHERE viewer = ? AND plan = ?", viewer, pass)
		return err
	}
	raw, err := marshal(starts)
	if err != nil {
		return err
	}
	return r.one("subscription to", pass)(r.tx.Exec(`UPDATE subscriptions SET periods = ?, expires_at = ? + (SELECT period_seconds FROM plans WHERE id = subscriptions.plan) WHERE viewer = ? AND plan = ?`,
		raw, starts[len(starts)-1], viewer, pass))
}

const endRenewals = "UPDATE subscriptions SET renewals = 0, payer = '', max_denom = '', max_price = '' WHERE viewer = ? AND plan = ?"

func (r *run) passCancelled(e *subscriptiontypes.EventPassCancelled) error {
	starts, err := r.periods(e.Viewer, e.Pass)
	if err != nil {
		return err
	}
	begun := starts[:0:0]
	for _, s := range starts {
		if s <= r.live {
			begun = append(begun, s)
		}
	}
	if _, err := r.tx.Exec(endRenewals, e.Viewer, e.Pass); err != nil {
		return err
	}
	return r.setPeriods(e.Viewer, e.Pass, begun)
}

func (r *run) passRenewed(e *subscriptiontypes.EventPassRenewed) error {
	starts, err := r.periods(e.Viewer, e.Pass)
	if err != nil {
		return err
	}
	var length int64
	if _, err := r.tx.Row("SELECT period_seconds FROM plans WHERE id = ?", []any{e.Pass}, &length); err != nil {
		return err
	}
	if err := r.setPeriods(e.Viewer, e.Pass, append(starts, e.ExpiresAt-length)); err != nil {
		return err
	}
	_, err = r.tx.Exec("UPDATE subscriptions SET renewals = renewals - 1 WHERE viewer = ? AND plan = ? AND renewals > 0", e.Viewer, e.Pass)
	return err
}

func (r *run) passRenewalEnded(e *subscriptiontypes.EventPassRenewalEnded) error {
	_, err := r.tx.Exec(endRenewals, e.Viewer, e.Pass)
	return err
}

// passPeriodClosed takes the oldest period off, and keeps for its payer what it cost in all: not for which works.
func (r *run) passPeriodClosed(e *subscriptiontypes.EventPassPeriodClosed) error {
	if err := r.payPass(e); err != nil {
		return err
	}
	starts, err := r.periods(e.Viewer, e.Pass)
	if err != nil {
		return err
	}
	return r.setPeriods(e.Viewer, e.Pass, starts[min(1, len(starts)):])
}
