package keeper_test

import (
	"bytes"
	"cmp"
	"maps"
	"slices"

	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/streamchain/streamchain/x/subscription/types"
)

// graceOf is the part of a period that a renewal has: a tenth at most.
func (o *oracle) graceOf(p *oraclePlan) int64 { return min(o.grace, p.period/10) }

// until is when access ends.
func (o *oracle) until(s *oracleSub, p *oraclePlan) int64 {
	if s.renewals > 0 {
		return s.end + o.graceOf(p)
	}
	return s.end
}

// settle shares out the periods that have ended, one by one.
func (o *oracle) settle(s *oracleSub, p *oraclePlan) {
	for len(s.periods) > 0 && s.periods[0].to <= o.now {
		o.share(s.periods[0].price, p.creator, p.creator)
		s.periods = s.periods[1:]
		if s.due = s.end; len(s.periods) > 0 {
			s.due = s.periods[0].to
		}
	}
}

// pay adds periods to the end.
func (s *oracleSub) pay(payer string, price, length, periods int64) {
	for range periods {
		s.periods = append(s.periods, oraclePeriod{payer, price, s.end, s.end + length})
		s.end += length
	}
	s.due, s.attempts = s.periods[0].to, 0
}

// payments counts runs of periods that one account paid at one price.
func (s *oracleSub) payments() int {
	n := 0
	for i, p := range s.periods {
		if i == 0 || p.payer != s.periods[i-1].payer || p.price != s.periods[i-1].price {
			n++
		}
	}
	return n
}

func (o *oracle) subscribers(id string) (n uint32) {
	for key := range o.subs {
		if key[1] == id {
			n++
		}
	}
	return n
}

func (o *oracle) subscribe(buyer, viewer, id string, most, periods int64, renewals uint32) error {
	p, key := o.plan(id), [2]string{viewer, id}
	switch {
	case p == nil:
		return types.ErrPlanNotFound
	case p.closed:
		return types.ErrPlanClosed
	case p.price > most:
		return types.ErrPriceAboveMax
	}
	old := o.subs[key]
	// what it would become is tried on a copy, since a refusal changes nothing
	gross := maps.Clone(o.gross)
	undo := func(err error) error { o.gross = gross; return err }
	var s oracleSub
	if old != nil {
		s = *old
		s.periods = slices.Clone(old.periods)
		o.settle(&s, p)
	}
	trial := false
	if old == nil || o.until(&s, p) <= o.now {
		if old == nil && p.seats > 0 && o.subscribers(id) >= p.seats {
			return undo(types.ErrPlanFull)
		}
		s = oracleSub{from: o.now, end: o.now}
		if trial = p.trial > 0 && buyer == viewer && !o.tried[key]; trial {
			s.end += p.trial
		}
	}
	if renewals > 0 {
		if s.renewals > 0 && s.payer != buyer && buyer != viewer {
			return undo(types.ErrForeignMandate)
		}
		s.payer, s.most, s.renewals = buyer, most, renewals
	}
	first := s.end
	if len(s.periods) > 0 {
		first = s.periods[0].from
	}
	s.pay(buyer, p.price, p.period, periods)
	switch {
	case s.payments() > 12:
		return undo(types.ErrTooManyPayments)
	case s.end-max(o.now, first) > 12*366*86400:
		return undo(types.ErrTooFarAhead)
	case o.purse[buyer] < periods*p.price:
		return undo(sdkerrors.ErrInsufficientFunds)
	}
	o.purse[buyer] -= periods * p.price
	if trial {
		o.tried[key] = true
	}
	o.subs[key] = &s
	return nil
}

func (o *oracle) setRenewal(payer, viewer, id string, most int64, renewals uint32) error {
	p := o.plan(id)
	if p == nil {
		return types.ErrPlanNotFound
	}
	s := o.subs[[2]string{viewer, id}]
	switch {
	case s == nil || o.until(s, p) <= o.now:
		return types.ErrNotSubscribed
	case renewals > 0 && p.closed:
		return types.ErrPlanClosed
	case renewals > 0 && p.price > most:
		return types.ErrPriceAboveMax
	case s.renewals > 0 && s.payer != payer && payer != viewer:
		return types.ErrForeignMandate
	}
	o.settle(s, p)
	s.payer, s.most, s.renewals = payer, most, renewals
	if renewals == 0 {
		s.payer, s.most = "", 0
	}
	return nil
}

func (o *oracle) cancel(viewer, id string) error {
	p, key := o.plan(id), [2]string{viewer, id}
	if p == nil {
		return types.ErrPlanNotFound
	}
	s := o.subs[key]
	if s == nil || o.until(s, p) <= o.now {
		return types.ErrNotSubscribed
	}
	o.settle(s, p)
	for _, period := range s.periods {
		back := period.price
		if o.now >= period.from {
			used := max(o.now-period.from, p.least)
			back = period.price * (p.period - used) / p.period
		}
		o.leaving[period.payer] += back
		if kept := period.price - back; kept > 0 {
			o.share(kept, p.creator, p.creator)
		}
	}
	delete(o.subs, key)
	return nil
}

// endPeriods deals with what is due, first due first, of equals in the order of their keys: an account
// that cannot pay for all renews the first ones.
func (o *oracle) endPeriods() {
	due := slices.DeleteFunc(slices.Collect(maps.Keys(o.subs)), func(key [2]string) bool { return o.subs[key].due > o.now })
	slices.SortFunc(due, func(a, b [2]string) int {
		return cmp.Or(cmp.Compare(o.subs[a].due, o.subs[b].due), bytes.Compare(sortKey(a), sortKey(b)))
	})
	for _, key := range due {
		s, p := o.subs[key], o.plan(key[1])
		if o.settle(s, p); len(s.periods) > 0 {
			continue
		}
		if s.renewals == 0 || p.closed || p.price > s.most {
			delete(o.subs, key)
			continue
		}
		if o.purse[s.payer] < p.price {
			if s.attempts++; s.attempts > 3 || o.graceOf(p) == 0 {
				delete(o.subs, key)
				continue
			}
			s.due = max(s.end+o.graceOf(p)*s.attempts/3, o.now+1)
			continue
		}
		o.purse[s.payer] -= p.price
		if o.now >= s.end+p.period {
			s.end = o.now
		}
		payer := s.payer
		if s.renewals--; s.renewals == 0 {
			s.payer, s.most = "", 0
		}
		s.pay(payer, p.price, p.period, 1)
	}
}

func sortKey(key [2]string) []byte {
	viewer, err := types.ParseAddress(key[0])
	if err != nil {
		panic(err)
	}
	plan, err := types.ParsePlanID(key[1])
	if err != nil {
		panic(err)
	}
	return append(append(slices.Clone(viewer.Bytes()), plan.Creator...), byte(plan.Number))
}
