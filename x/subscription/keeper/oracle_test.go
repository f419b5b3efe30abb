package keeper_test

import (
	"maps"
	"slices"
	"strings"

	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	"github.com/streamchain/streamchain/x/subscription/types"
)

// oracle is the module's promise in plain Go, written apart from its code: accounts are their
// text, amounts int64, periods are written out one by one, and every method says which error the
// message must meet, or nil.
type oracle struct {
	controls map[string]string // creator id -> account
	works    map[string]*oracleWork
	root     map[string]string // cid of any version -> root
	sets     map[string]*oracleSet
	lists    map[string]oracleList
	plans    []*oraclePlan // oldest first
	owned    map[[2]string]oracleOwned
	rented   map[[2]string]oracleRented
	subs     map[[2]string]*oracleSub
	tried    map[[2]string]bool // trials that were had
	holds    map[string]oracleHold
	tiers    map[string]streamtypes.Tier
	sequence map[string]int // holds that a payer ever had
	purse    map[string]int64
	leaving  map[string]int64 // refunds of this block
	gross    map[string]int64 // shared out, by work and by creator

	now, window, grace int64
}

type oracleWork struct {
	creator             string
	versions            int64
	retired, restricted bool
}

// oracleSet is a collection: what was in it after each of its versions, from version 1.
type oracleSet struct {
	creator string
	history [][]string
}

func (s *oracleSet) version() int64 { return int64(len(s.history)) }
func (s *oracleSet) in() []string   { return s.history[len(s.history)-1] }

// grants says whether who bought the version has the work: it was in it then, or at some time later.
func (s *oracleSet) grants(version int64, work string) bool {
	return slices.ContainsFunc(s.history[version-1:], func(in []string) bool { return slices.Contains(in, work) })
}

// oracleList is what an item offers; a zero price, tick, least, tier or token is no such offer.
type oracleList struct {
	version                   uint64
	at                        int64
	kinds                     []types.OfferKind
	price, tick, least, token int64
	tier                      streamtypes.Tier
	rentals                   map[int64]int64 // length -> price
	lengths                   []int64         // in their order
	plans                     []string
}

type oraclePlan struct {
	id, creator, title   string
	price, period, since int64
	closed               bool
	works                []string // nil: all
	trial, least         int64
	seats                uint32
}

type oracleOwned struct {
	hold               string
	at, price, version int64
}

type oracleRented struct {
	hold                    string
	at, end, price, version int64
}

// oraclePeriod is one paid period that was not shared out yet.
type oraclePeriod struct {
	payer           string
	price, from, to int64
}

type oracleSub struct {
	from, end int64
	periods   []oraclePeriod
	payer     string // of the mandate; renewals is zero without one
	most      int64
	renewals  uint32
	attempts  int64
	due       int64
}

type oracleHold struct {
	payer, reference, subject, creator string
	viewer, item                       string
	amount, due                        int64
}

func newOracle() *oracle {
	return &oracle{
		controls: map[string]string{}, works: map[string]*oracleWork{}, root: map[string]string{}, lists: map[string]oracleList{},
		owned: map[[2]string]oracleOwned{}, subs: map[[2]string]*oracleSub{}, holds: map[string]oracleHold{}, sequence: map[string]int{},
		purse: map[string]int64{}, leaving: map[string]int64{}, gross: map[string]int64{}, window: 48 * 3600, grace: 3 * 86400,
		sets: map[string]*oracleSet{}, rented: map[[2]string]oracleRented{}, tried: map[[2]string]bool{}, tiers: map[string]streamtypes.Tier{},
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

func (o *oracle) setOffers(signer, id string, list oracleList) error {
	var creator string
	if set := o.sets[id]; set != nil {
		creator = set.creator
	} else if w := o.works[o.root[id]]; w == nil {
		return contenttypes.ErrWorkNotFound
	} else if creator = w.creator; o.root[id] != id {
		return types.ErrNotRoot
	}
	if o.controls[creator] != signer {
		return contenttypes.ErrNotController
	}
	if w := o.works[id]; w != nil && !w.active() {
		return types.ErrWorkNotActive
	}
	for _, plan := range list.plans {
		switch p := o.plan(plan); {
		case !strings.HasPrefix(plan, creator+"/"):
			return types.ErrForeignPlan
		case p == nil:
			return types.ErrPlanNotFound
		case p.closed:
			return types.ErrPlanClosed
		}
	}
	list.version, list.at = o.lists[id].version+1, o.now
	o.lists[id] = list
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

// item is who is paid for an id, under which root it is kept, and in which version.
func (o *oracle) item(id string) (key, subject, creator string, version int64, err error) {
	if set := o.sets[id]; set != nil {
		if len(set.in()) == 0 {
			err = types.ErrNotForSale
		}
		return id, set.creator, set.creator, set.version(), err
	}
	key = o.root[id]
	w := o.works[key]
	switch {
	case w == nil:
		return "", "", "", 0, contenttypes.ErrWorkNotFound
	case !w.active():
		err = types.ErrWorkNotActive
	}
	return key, key, w.creator, 0, err
}

// take lets buyer pay for what viewer gets; without a window it is shared out at once.
func (o *oracle) take(buyer, viewer, key, subject, creator string, amount int64, hold string) string {
	o.purse[buyer] -= amount
	if o.window == 0 {
		o.share(amount, subject, creator)
		return ""
	}
	reference := viewer
	if o.sets[key] != nil {
		reference += " " + key
	}
	o.sequence[buyer]++
	o.holds[hold] = oracleHold{buyer, reference, subject, creator, viewer, key, amount, o.now + o.window}
	return hold
}

// purchase answers for a payment whose hold, where there is a window, will be called hold. pay is zero
// where the price is paid.
func (o *oracle) purchase(buyer, viewer, id string, most, pay int64, hold string) error {
	key, subject, creator, version, err := o.item(id)
	if err != nil {
		return err
	}
	price := o.lists[key].price
	if pay > 0 {
		switch least := o.lists[key].least; {
		case least == 0:
			return types.ErrNotForSale
		case pay < least:
			return types.ErrBelowMinimum
		}
		price = pay
	}
	_, owned := o.owned[[2]string{viewer, key}]
	switch {
	case price == 0:
		return types.ErrNotForSale
	case price > most:
		return types.ErrPriceAboveMax
	case owned:
		return types.ErrAlreadyOwned
	case o.purse[buyer] < price:
		return sdkerrors.ErrInsufficientFunds
	}
	hold = o.take(buyer, viewer, key, subject, creator, price, hold)
	o.owned[[2]string{viewer, key}] = oracleOwned{hold, o.now, price, version}
	return nil
}

func (o *oracle) rent(buyer, viewer, id string, length, most int64, hold string) error {
	key, subject, creator, version, err := o.item(id)
	if err != nil {
		return err
	}
	price, offered := o.lists[key].rentals[length]
	_, owned := o.owned[[2]string{viewer, key}]
	switch {
	case !offered:
		return types.ErrNotForSale
	case price > most:
		return types.ErrPriceAboveMax
	case owned:
		return types.ErrAlreadyOwned
	case o.rented[[2]string{viewer, key}].end > o.now:
		return types.ErrAlreadyRented
	case o.purse[buyer] < price:
		return sdkerrors.ErrInsufficientFunds
	}
	hold = o.take(buyer, viewer, key, subject, creator, price, hold)
	o.rented[[2]string{viewer, key}] = oracleRented{hold, o.now, o.now + length, price, version}
	return nil
}

func (o *oracle) share(amount int64, subject, creator string) {
	o.gross[creator] += amount
	if subject != creator {
		o.gross[subject] += amount
	}
}

func (o *oracle) refund(signer, hold string) error {
	h := o.holds[hold]
	if o.controls[h.creator] != signer {
		return contenttypes.ErrNotController
	}
	o.leaving[h.payer] += h.amount
	delete(o.holds, hold)
	key := [2]string{h.viewer, h.item}
	if o.owned[key].hold == hold {
		delete(o.owned, key)
	}
	if o.rented[key].hold == hold {
		delete(o.rented, key)
	}
	return nil
}

// end ends a block: due payments are shared out, refunds arrive, ended periods and rentals are dealt with.
func (o *oracle) end() {
	for id, h := range o.holds {
		if h.due <= o.now {
			o.share(h.amount, h.subject, h.creator)
			delete(o.holds, id)
		}
	}
	for who, amount := range o.leaving {
		o.purse[who] += amount
	}
	clear(o.leaving)
	o.endPeriods()
	maps.DeleteFunc(o.rented, func(_ [2]string, r oracleRented) bool { return r.end <= o.now })
}

func (o *oracle) covers(p *oraclePlan, work string) bool {
	if p.creator != o.works[work].creator {
		return false
	}
	if p.works == nil || slices.Contains(p.works, work) || slices.Contains(o.lists[work].plans, p.id) {
		return true
	}
	for id, set := range o.sets {
		if slices.Contains(set.in(), work) && slices.Contains(o.lists[id].plans, p.id) {
			return true
		}
	}
	return false
}

// offering are the ids that offer the work now: itself, then the collections that it is in.
func (o *oracle) offering(work string) []string {
	ids := []string{work}
	for _, id := range slices.Sorted(maps.Keys(o.sets)) {
		if slices.Contains(o.sets[id].in(), work) {
			ids = append(ids, id)
		}
	}
	return ids
}

// access says who grants viewer the work, and until when.
func (o *oracle) access(viewer, work string) (by types.AccessBy, until int64) {
	w := o.works[work]
	if w.restricted {
		return types.ACCESS_BY_UNSPECIFIED, 0
	}
	if o.controls[w.creator] == viewer {
		return types.ACCESS_BY_CREATOR, 0
	}
	for _, id := range o.offering(work) {
		if slices.Contains(o.lists[id].kinds, types.OFFER_KIND_FREE) {
			return types.ACCESS_BY_FREE, 0
		}
	}
	if o.holding(viewer, work) != types.ACCESS_BY_UNSPECIFIED {
		return o.holding(viewer, work), 0
	}
	for _, p := range o.plans {
		if s := o.subs[[2]string{viewer, p.id}]; s != nil && o.until(s, p) > o.now && o.until(s, p) > until && o.covers(p, work) {
			by, until = types.ACCESS_BY_PLAN, o.until(s, p)
		}
	}
	for key, r := range o.rented {
		set := o.sets[key[1]]
		if key[0] == viewer && r.end > o.now && r.end > until && (key[1] == work || set != nil && set.grants(r.version, work)) {
			by, until = types.ACCESS_BY_RENTAL, r.end
		}
	}
	return by, until
}

// holding says whether viewer owns the work, or has what is asked for it.
func (o *oracle) holding(viewer, work string) types.AccessBy {
	for key, owned := range o.owned {
		if set := o.sets[key[1]]; key[0] == viewer && (key[1] == work || set != nil && set.grants(owned.version, work)) {
			return types.ACCESS_BY_PURCHASE
		}
	}
	if viewer == "" {
		return types.ACCESS_BY_UNSPECIFIED
	}
	for _, id := range o.offering(work) {
		if t := o.lists[id].tier; t > 0 && o.tiers[viewer] >= t {
			return types.ACCESS_BY_TIER
		}
	}
	for _, id := range o.offering(work) {
		if t := o.lists[id].token; t > 0 && o.purse[viewer] >= t {
			return types.ACCESS_BY_TOKEN
		}
	}
	return types.ACCESS_BY_UNSPECIFIED
}
