package keeper_test

import (
	"slices"
	"strings"

	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
	"github.com/streamchain/streamchain/x/subscription/types"
)

// oracle is the module's promise in plain Go, written apart from its code: accounts are their
// text, amounts int64, and every method says which error the message must meet, or nil.
type oracle struct {
	controls map[string]string // creator id -> account
	works    map[string]*oracleWork
	root     map[string]string // cid of any version -> root
	lists    map[string]oracleList
	plans    []*oraclePlan // oldest first
	owned    map[[2]string]oracleOwned
	subs     map[[2]string]oracleSub
	holds    map[string]oracleHold
	sequence map[string]int // holds that a payer ever had
	purse    map[string]int64
	leaving  map[string]int64 // refunds of this block
	gross    map[string]int64 // shared out, by work and by creator

	now, window int64
}

type oracleWork struct {
	creator             string
	versions            int64
	retired, restricted bool
}

// oracleList is what a work offers; a zero price or tick is no such offer.
type oracleList struct {
	version     uint64
	at          int64
	kinds       []types.OfferKind
	price, tick int64
	plans       []string
}

type oraclePlan struct {
	id, creator, title   string
	price, period, since int64
	closed               bool
	works                []string // nil: all
}

type oracleOwned struct {
	hold      string
	at, price int64
}

type oracleSub struct{ from, end int64 }

type oracleHold struct {
	payer, viewer, work string
	amount, due         int64
}

func newOracle() *oracle {
	return &oracle{
		controls: map[string]string{}, works: map[string]*oracleWork{}, root: map[string]string{}, lists: map[string]oracleList{},
		owned: map[[2]string]oracleOwned{}, subs: map[[2]string]oracleSub{}, holds: map[string]oracleHold{}, sequence: map[string]int{},
		purse: map[string]int64{}, leaving: map[string]int64{}, gross: map[string]int64{}, window: 48 * 3600,
	}
}

func (w *oracleWork) active() bool { return !w.retired && !w.restricted }

func (o *oracle) plan(id string) *oraclePlan {
	for _, p := range o.plans {
		if p.id == id {
			return p
		}
	}
	return nil
}

func (o *oracle) setOffers(signer, work string, list oracleList) error {
	w := o.works[o.root[work]]
	switch {
	case w == nil:
		return contenttypes.ErrWorkNotFound
	case o.root[work] != work:
		return types.ErrNotRoot
	case o.controls[w.creator] != signer:
		return contenttypes.ErrNotController
	case !w.active():
		return types.ErrWorkNotActive
	}
	for _, id := range list.plans {
		switch p := o.plan(id); {
		case !strings.HasPrefix(id, w.creator+"/"):
			return types.ErrForeignPlan
		case p == nil:
			return types.ErrPlanNotFound
		case p.closed:
			return types.ErrPlanClosed
		}
	}
	list.version, list.at = o.lists[work].version+1, o.now
	o.lists[work] = list
	return nil
}

func (o *oracle) createPlan(signer string, p oraclePlan) error {
	if o.controls[p.creator] != signer {
		return contenttypes.ErrNotController
	}
	for _, cid := range p.works {
		w := o.works[o.root[cid]]
		switch {
		case w == nil:
			return contenttypes.ErrWorkNotFound
		case o.root[cid] != cid:
			return types.ErrNotRoot
		case w.creator != p.creator:
			return types.ErrForeignWork
		case !w.active():
			return types.ErrWorkNotActive
		}
	}
	p.since = o.now
	o.plans = append(o.plans, &p)
	return nil
}

func (o *oracle) updatePlan(signer, id, title string, price int64, closed bool) error {
	p := o.plan(id)
	switch {
	case p == nil:
		return types.ErrPlanNotFound
	case o.controls[p.creator] != signer:
		return contenttypes.ErrNotController
	}
	p.title, p.price, p.closed = title, price, closed
	return nil
}

// purchase answers for a payment whose hold, where there is a window, will be called hold.
func (o *oracle) purchase(buyer, viewer, cid string, most int64, hold string) error {
	root := o.root[cid]
	w, key := o.works[root], [2]string{viewer, root}
	if w == nil {
		return contenttypes.ErrWorkNotFound
	}
	price := o.lists[root].price
	_, owned := o.owned[key]
	switch {
	case !w.active():
		return types.ErrWorkNotActive
	case price == 0:
		return types.ErrNotForSale
	case price > most:
		return types.ErrPriceAboveMax
	case owned:
		return types.ErrAlreadyOwned
	case o.purse[buyer] < price:
		return sdkerrors.ErrInsufficientFunds
	}
	o.purse[buyer] -= price
	if o.window == 0 {
		hold = ""
		o.share(price, root, w.creator)
	} else {
		o.sequence[buyer]++
		o.holds[hold] = oracleHold{buyer, viewer, root, price, o.now + o.window}
	}
	o.owned[key] = oracleOwned{hold, o.now, price}
	return nil
}

func (o *oracle) share(amount int64, subjects ...string) {
	for _, s := range subjects {
		o.gross[s] += amount
	}
}

func (o *oracle) subscribe(buyer, viewer, id string, most, periods int64) error {
	p := o.plan(id)
	switch {
	case p == nil:
		return types.ErrPlanNotFound
	case p.closed:
		return types.ErrPlanClosed
	case p.price > most:
		return types.ErrPriceAboveMax
	}
	sub, ok := o.subs[[2]string{viewer, id}]
	if !ok || sub.end <= o.now {
		sub = oracleSub{o.now, o.now}
	}
	sub.end += periods * p.period
	switch {
	case sub.end-o.now > 12*366*86400:
		return types.ErrTooFarAhead
	case o.purse[buyer] < periods*p.price:
		return sdkerrors.ErrInsufficientFunds
	}
	o.purse[buyer] -= periods * p.price
	o.share(periods*p.price, p.creator)
	o.subs[[2]string{viewer, id}] = sub
	return nil
}

func (o *oracle) refund(signer, hold string) error {
	h := o.holds[hold]
	if o.controls[o.works[h.work].creator] != signer {
		return contenttypes.ErrNotController
	}
	o.leaving[h.payer] += h.amount
	delete(o.holds, hold)
	delete(o.owned, [2]string{h.viewer, h.work})
	return nil
}

// end ends a block: due payments are shared out, refunds arrive, ended subscriptions go.
func (o *oracle) end() {
	for id, h := range o.holds {
		if h.due <= o.now {
			o.share(h.amount, h.work, o.works[h.work].creator)
			delete(o.holds, id)
		}
	}
	for who, amount := range o.leaving {
		o.purse[who] += amount
	}
	clear(o.leaving)
	for key, s := range o.subs {
		if s.end <= o.now {
			delete(o.subs, key)
		}
	}
}

func (o *oracle) covers(p *oraclePlan, work string) bool {
	return p.creator == o.works[work].creator &&
		(p.works == nil || slices.Contains(p.works, work) || slices.Contains(o.lists[work].plans, p.id))
}

// access says who grants viewer the work, and until when.
func (o *oracle) access(viewer, work string) (by types.AccessBy, until int64) {
	w := o.works[work]
	_, owned := o.owned[[2]string{viewer, work}]
	switch {
	case w.restricted:
		return types.ACCESS_BY_UNSPECIFIED, 0
	case o.controls[w.creator] == viewer:
		return types.ACCESS_BY_CREATOR, 0
	case slices.Contains(o.lists[work].kinds, types.OFFER_KIND_FREE):
		return types.ACCESS_BY_FREE, 0
	case owned:
		return types.ACCESS_BY_PURCHASE, 0
	}
	for _, p := range o.plans {
		if s := o.subs[[2]string{viewer, p.id}]; s.end > o.now && s.end > until && o.covers(p, work) {
			by, until = types.ACCESS_BY_PLAN, s.end
		}
	}
	return by, until
}
