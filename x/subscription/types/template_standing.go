package types

import (
	"math"
	"slices"

	errorsmod "cosmossdk.io/errors"

	"github.com/streamchain/streamchain/x/subscription/template"
)

// add takes up one purchase.
func (h *TemplateHistory) add(p TemplatePurchase) {
	if h.Purchases == 0 {
		h.FirstAt = p.At
	}
	h.Purchases++
	h.Paid = plus(h.Paid, p.Price)
	h.LastAt, h.LastPaid = p.At, p.Price
	if p.Begins || h.RunPurchases == 0 {
		h.RunAt, h.RunPurchases, h.RunPaid = p.At, 0, 0
	}
	h.RunPurchases++
	h.RunPaid = plus(h.RunPaid, p.Price)
}

// plus adds without wrapping: a sum beyond 64 bits is the highest.
func plus(a, b uint64) uint64 {
	if a > math.MaxUint64-b {
		return math.MaxUint64
	}
	return a + b
}

// Sum is everything that counts: what is settled and what can still be refunded.
func (s TemplateStanding) Sum() TemplateHistory {
	h := s.History
	for _, p := range s.Recent {
		h.add(p)
	}
	return h
}

// Facts are what expressions know of the standing.
func (s TemplateStanding) Facts() template.ViewerFacts {
	h := s.Sum()
	return template.ViewerFacts{
		Purchases: template.Count(h.Purchases), FirstAt: h.FirstAt, LastAt: h.LastAt, Paid: template.Count(h.Paid), LastPaid: template.Count(h.LastPaid),
		RunAt: h.RunAt, RunPurchases: template.Count(h.RunPurchases), RunPaid: template.Count(h.RunPaid),
		Referred: s.Referrer != "", Referrals: template.Count(s.Referrals),
	}
}

// Add returns s with one more purchase: refundable where it has a hold, else settled at once.
// Errors: ErrTooManyRefundable.
func (s TemplateStanding) Add(p TemplatePurchase) (TemplateStanding, error) {
	s.Recent = slices.Clone(s.Recent)
	if p.HoldId == "" && len(s.Recent) == 0 {
		s.History.add(p)
		return s, nil
	}
	if len(s.Recent) >= MaxRefundable {
		return s, errorsmod.Wrap(ErrTooManyRefundable, s.Work)
	}
	s.Recent = append(s.Recent, p)
	return s, nil
}

// Settle returns s with its oldest purchases in the history, as far as open says that they cannot be refunded any more.
func (s TemplateStanding) Settle(open func(TemplatePurchase) (bool, error)) (TemplateStanding, error) {
	s.Recent = slices.Clone(s.Recent)
	for len(s.Recent) > 0 {
		refundable, err := open(s.Recent[0])
		if err != nil || refundable {
			return s, err
		}
		s.History.add(s.Recent[0])
		s.Recent = s.Recent[1:]
	}
	return s, nil
}

// Remove returns s without the purchase of a hold, and that; false where there is none.
func (s TemplateStanding) Remove(holdID string) (TemplateStanding, TemplatePurchase, bool) {
	i := slices.IndexFunc(s.Recent, func(p TemplatePurchase) bool { return p.HoldId == holdID })
	if i < 0 || holdID == "" {
		return s, TemplatePurchase{}, false
	}
	gone := s.Recent[i]
	s.Recent = slices.Delete(slices.Clone(s.Recent), i, i+1)
	// what went on after it begins now: it must not belong to a run that had ended before
	if gone.Begins && i < len(s.Recent) {
		s.Recent[i].Begins = true
	}
	return s, gone, true
}

// Validate checks one stored standing by itself.
func (s TemplateStanding) Validate() error {
	if _, err := ParseAddress(s.Viewer); err != nil {
		return err
	}
	if _, err := ItemKey(s.Work); err != nil {
		return err
	}
	bad := func(what string) error {
		return errorsmod.Wrapf(ErrInvalidGenesis, "standing of %s in %s: %s", s.Viewer, s.Work, what)
	}
	sum := s.Sum()
	if (sum.Purchases > 0) != (s.Terms != nil) || (sum.Purchases == 0 && (s.Referrals == 0 || s.Referrer != "")) {
		return bad("purchases, terms and referrals")
	}
	if s.Terms != nil {
		if err := s.Terms.Validate(); err != nil {
			return bad(err.Error())
		}
	}
	if IsCollection(s.Work) != (s.CollectionVersion > 0) && sum.Purchases > 0 {
		return bad("collection_version")
	}
	if s.Referrer != "" {
		if _, err := ParseAddress(s.Referrer); err != nil || s.Referrer == s.Viewer {
			return bad("referrer")
		}
	}
	if len(s.Recent) > MaxRefundable {
		return bad("too many recent purchases")
	}
	if err := s.History.validate(); err != nil {
		return bad(err.Error())
	}
	last := s.History.LastAt
	for _, p := range s.Recent {
		if p.At < max(1, last) || len(p.HoldId) > MaxHoldIDLen || (p.HoldId == "") != (p.ReleaseAt == 0) || p.ReleaseAt < 0 {
			return bad("recent purchases")
		}
		last = p.At
	}
	return nil
}

func (h TemplateHistory) validate() error {
	if h.Purchases == 0 {
		if h != (TemplateHistory{}) {
			return ErrInvalidGenesis
		}
		return nil
	}
	ordered := 0 < h.FirstAt && h.FirstAt <= h.RunAt && h.RunAt <= h.LastAt
	counted := 0 < h.RunPurchases && h.RunPurchases <= h.Purchases && h.RunPaid <= h.Paid && h.LastPaid <= h.RunPaid
	if !ordered || !counted {
		return ErrInvalidGenesis
	}
	return nil
}

// Validate checks one row of totals by itself.
func (t TemplateTotals) Validate() error {
	if _, err := ItemKey(t.Work); err != nil {
		return err
	}
	if t.Buyers > t.Sales || (t.Sales == 0 && t.Gross > 0) {
		return errorsmod.Wrapf(ErrInvalidGenesis, "totals of %s", t.Work)
	}
	return nil
}

// Count adds one purchase, of a viewer who had none before where first.
func (t *TemplateTotals) Count(price uint64, first bool) {
	t.Sales++
	t.Gross = plus(t.Gross, price)
	if first {
		t.Buyers++
	}
}

// Uncount takes one purchase out again, of a viewer who has none any more where last.
func (t *TemplateTotals) Uncount(price uint64, last bool) {
	t.Sales -= min(t.Sales, 1)
	t.Gross -= min(t.Gross, price)
	if last {
		t.Buyers -= min(t.Buyers, 1)
	}
}
