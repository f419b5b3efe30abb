package keeper_test

import (
	"cmp"
	"maps"
	"math/big"
	"slices"

	"github.com/streamchain/streamchain/x/storage/types"
)

// oracle says what each deal earns by counting every second by itself, in big integers and
// without the code under test.
type oracle struct {
	now       int64
	ttl       int64
	least     int64
	period    int64
	roots     map[string]*oracleRoot
	providers map[string]*oracleProvider // by operator
	rootOf    map[string]string          // work -> root
	sizes     map[string]int64
	retired   map[string]bool
	repairs   map[[2]string]*oracleRepair // work, operator
	pool      *big.Int
	serving   *big.Int // of all works: nothing of it is spent here
	median    int64
}

type oracleRoot struct {
	balance          *big.Int
	endowed, granted *big.Int
	checkAt          int64
	deals            map[[2]string]*oracleDeal // work, operator
}

type oracleDeal struct {
	active         bool
	rate, most     *big.Int
	seconds        int64 // that were paid since it was settled
	missed         int64 // its provider's, then
	bounty, left   *big.Int
	until, started int64
}

type oracleProvider struct {
	price   int64
	network string
	bond    int64
	least   int64
	leaving bool
	missed  int64
	bits    []bool // the newest periods, at most 14
	earned  *big.Int
	paid    int64
}

type oracleRepair struct {
	most, bounty *big.Int
	network      string
	opened       int64
}

var billion = big.NewInt(1_000_000_000)

func newOracle(now, ttl, least, period int64) *oracle {
	return &oracle{
		now: now, ttl: ttl, least: least, period: period, roots: map[string]*oracleRoot{}, providers: map[string]*oracleProvider{},
		rootOf: map[string]string{}, sizes: map[string]int64{}, retired: map[string]bool{}, repairs: map[[2]string]*oracleRepair{},
		pool: new(big.Int), serving: new(big.Int),
	}
}

func (o *oracle) addWork(work, root string, size int64) {
	o.rootOf[work], o.sizes[work] = root, size
	if o.roots[root] == nil {
		o.roots[root] = &oracleRoot{balance: new(big.Int), endowed: new(big.Int), granted: new(big.Int), deals: map[[2]string]*oracleDeal{}}
	}
}

func (o *oracle) root(work string) *oracleRoot { return o.roots[o.rootOf[work]] }

func (o *oracle) deal(work, operator string) *oracleDeal {
	return o.root(work).deals[[2]string{work, operator}]
}

func times(a *big.Int, b int64) *big.Int { return new(big.Int).Mul(a, big.NewInt(b)) }

func smaller(a, b *big.Int) *big.Int {
	if a.Cmp(b) <= 0 {
		return new(big.Int).Set(a)
	}
	return new(big.Int).Set(b)
}

// rateOf is ⌈price × 10⁹ × size / (GiB × a day)⌉.
func rateOf(price, size int64) *big.Int {
	rate := times(times(billion, price), size)
	unit := big.NewInt(types.GiB * types.DaySeconds)
	rate, rest := new(big.Int).QuoRem(rate, unit, new(big.Int))
	if rest.Sign() > 0 {
		rate.Add(rate, big.NewInt(1))
	}
	return rate
}

// tick passes one second: a root pays all of its active deals, or none.
func (o *oracle) tick() {
	o.now++
	for _, r := range o.roots {
		if need := r.need(); r.balance.Cmp(need) >= 0 && need.Sign() > 0 {
			r.balance.Sub(r.balance, need)
			for _, d := range r.deals {
				if d.active {
					d.seconds++
				}
			}
		}
	}
}

func (r *oracleRoot) need() *big.Int {
	sum := new(big.Int)
	for _, d := range r.deals {
		if d.active {
			sum.Add(sum, d.rate)
		}
	}
	return sum
}

func (r *oracleRoot) dry() bool { return r.need().Sign() > 0 && r.balance.Cmp(r.need()) < 0 }

// dryAt is when the balance is spent; zero where nothing is.
func (o *oracle) dryAt(r *oracleRoot) int64 {
	need := r.need()
	if need.Sign() == 0 {
		return 0
	}
	return o.now + new(big.Int).Quo(r.balance, need).Int64()
}

// wrote is called wherever an escrow changes: the pool looks at it no later than when it is dry.
func (o *oracle) wrote(work string) {
	r := o.root(work)
	if at := o.dryAt(r); at > 0 && (r.checkAt == 0 || at < r.checkAt) {
		r.checkAt = at
	}
}

// endBlock drops requests that are due, ends the deals of who was terminated, and pays dry works.
func (o *oracle) endBlock() {
	for _, name := range slices.Sorted(maps.Keys(o.roots)) {
		for _, key := range slices.SortedFunc(maps.Keys(o.roots[name].deals), byKey) {
			d := o.roots[name].deals[key]
			if !d.active && d.until <= o.now {
				o.close(key[0], key[1], nil)
			}
		}
	}
	o.terminate()
	names := slices.SortedFunc(maps.Keys(o.roots), func(a, b string) int {
		return cmp.Or(cmp.Compare(o.roots[a].checkAt, o.roots[b].checkAt), cmp.Compare(a, b))
	})
	for _, name := range names {
		if r := o.roots[name]; r.checkAt > 0 && r.checkAt <= o.now {
			o.keep(name, r)
		}
	}
}

func byKey(a, b [2]string) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) }

// keep pays for 30 days of a dry work: no more than its deals cost, than they would at the median
// price, than twice what its revenue endowed, than there is.
func (o *oracle) keep(name string, r *oracleRoot) {
	if !r.dry() {
		r.checkAt = o.dryAt(r)
		return
	}
	grant := new(big.Int)
	if !o.retired[name] {
		var size int64
		for key, d := range r.deals {
			if d.active {
				size += o.sizes[key[0]]
			}
		}
		grant = times(smaller(r.need(), rateOf(o.median, size)), 30*types.DaySeconds)
		grant = smaller(smaller(grant, new(big.Int).Sub(times(r.endowed, 2), r.granted)), o.pool)
	}
	if new(big.Int).Add(r.balance, grant).Cmp(r.need()) < 0 {
		r.checkAt = o.now + types.DaySeconds
		return
	}
	o.pool.Sub(o.pool, grant)
	r.balance.Add(r.balance, grant)
	r.granted = new(big.Int).Add(r.granted, grant)
	r.checkAt = o.dryAt(r)
}

func (o *oracle) pay(work string, ustream int64) {
	r := o.root(work)
	r.balance.Add(r.balance, times(billion, ustream))
	o.wrote(work)
}

// endow keeps what ten years of the deals cost; whole ustream above go to the pool.
func (o *oracle) endow(work string, ustream int64) {
	r := o.root(work)
	r.endowed.Add(r.endowed, times(billion, ustream))
	excess := int64(0)
	if need := r.need(); need.Sign() > 0 {
		for enough := times(need, 3650*types.DaySeconds); excess < ustream; excess++ {
			if new(big.Int).Add(r.balance, times(billion, ustream-excess-1)).Cmp(enough) < 0 {
				break
			}
		}
	}
	o.serving.Add(o.serving, times(billion, excess/2))
	o.pool.Add(o.pool, times(billion, excess-excess/2))
	o.pay(work, ustream-excess)
}

// place says why a provider may not have one more live deal of a work.
func (o *oracle) place(work, operator string) error {
	p := o.providers[operator]
	switch {
	case o.deal(work, operator) != nil:
		return types.ErrDealExists
	case p.bond < p.least:
		return types.ErrBondTooSmall
	case o.neighbour(work, operator, false):
		return types.ErrSameNetwork
	}
	return nil
}

func (o *oracle) neighbour(work, operator string, activeOnly bool) bool {
	for key, d := range o.root(work).deals {
		if key[0] == work && key[1] != operator && (d.active || !activeOnly) && o.providers[key[1]].network == o.providers[operator].network {
			return true
		}
	}
	return false
}

func (o *oracle) request(work, operator string) error {
	switch p := o.providers[operator]; {
	case o.retired[o.rootOf[work]]:
		return types.ErrWorkNotActive
	case p.leaving:
		return types.ErrProviderInactive
	}
	if err := o.place(work, operator); err != nil {
		return err
	}
	bounty := new(big.Int)
	var oldest [2]string
	for _, key := range slices.SortedFunc(maps.Keys(o.repairs), byKey) {
		if key[0] == work && (oldest[0] == "" || o.repairs[key].opened < o.repairs[oldest].opened) {
			oldest = key
		}
	}
	if oldest[0] != "" {
		bounty = o.takeBounty(oldest, operator)
	}
	rate := rateOf(o.providers[operator].price, o.sizes[work])
	o.root(work).deals[[2]string{work, operator}] = &oracleDeal{rate: rate, most: rateOf(max(o.providers[operator].price, 1), o.sizes[work]), bounty: bounty, left: bounty, until: o.now + o.ttl}
	return nil
}

// takeBounty closes a repair: its bounty goes to another provider in another network, or to the pool.
func (o *oracle) takeBounty(key [2]string, operator string) *big.Int {
	r := o.repairs[key]
	delete(o.repairs, key)
	if key[1] != operator && r.network != o.providers[operator].network {
		return r.bounty
	}
	o.pool.Add(o.pool, r.bounty)
	return new(big.Int)
}

func (o *oracle) accept(work, operator string) error {
	d, p := o.deal(work, operator), o.providers[operator]
	switch {
	case p.leaving:
		return types.ErrProviderInactive
	case d == nil:
		return types.ErrDealNotFound
	case d.active:
		return types.ErrDealNotRequested
	case o.now >= d.until:
		return types.ErrRequestExpired
	case p.bond < p.least:
		return types.ErrBondTooSmall
	case o.neighbour(work, operator, true):
		return types.ErrSameNetwork
	}
	d.active, d.started, d.missed = true, o.now, p.missed
	o.wrote(work)
	return nil
}

func (o *oracle) repair(work, operator, had string) error {
	key, p := [2]string{work, had}, o.providers[operator]
	r := o.repairs[key]
	rate := rateOf(p.price, o.sizes[work])
	switch {
	case p.leaving:
		return types.ErrProviderInactive
	case r == nil:
		return types.ErrRepairNotFound
	case rate.Cmp(r.most) > 0:
		return types.ErrPriceAboveMax
	}
	if err := o.place(work, operator); err != nil {
		return err
	}
	bounty := o.takeBounty(key, operator)
	o.root(work).deals[[2]string{work, operator}] = &oracleDeal{
		active: true, rate: rate, most: r.most, bounty: bounty, left: bounty, started: o.now, missed: p.missed,
	}
	o.wrote(work)
	return nil
}

func (o *oracle) end(work, operator string, provider bool) error {
	d, r := o.deal(work, operator), o.root(work)
	switch {
	case d == nil:
		return types.ErrDealNotFound
	case provider && d.active && !r.dry() && o.now < d.started+o.least:
		return types.ErrDealTooYoung
	}
	var bounty *big.Int
	if provider {
		bounty = new(big.Int)
	}
	o.close(work, operator, bounty)
	return nil
}

// close ends a deal. Where a bounty is given, even of nothing, an active deal is to be repaired.
func (o *oracle) close(work, operator string, bounty *big.Int) {
	d, r, key := o.deal(work, operator), o.root(work), [2]string{work, operator}
	o.settle(work, operator)
	o.pool.Add(o.pool, d.left)
	delete(r.deals, key)
	o.wrote(work)
	switch {
	case bounty == nil:
	case !d.active || o.retired[o.rootOf[work]]:
		o.pool.Add(o.pool, bounty)
	case o.repairs[key] == nil:
		o.repairs[key] = &oracleRepair{most: d.most, bounty: new(big.Int).Set(bounty), network: o.providers[operator].network, opened: o.now}
	default:
		row := o.repairs[key]
		row.bounty = new(big.Int).Add(row.bounty, bounty)
		if d.most.Cmp(row.most) > 0 {
			row.most = d.most
		}
	}
}

// pays is what settling a deal would pay, and what of its seconds missed proofs have voided.
func (o *oracle) pays(work, operator string) (rate, bounty *big.Int, voided int64) {
	d := o.deal(work, operator)
	voided = min(d.seconds, o.providers[operator].missed-d.missed)
	if !d.active {
		voided = 0
	}
	proven := d.seconds - voided
	bounty = new(big.Int).Quo(times(d.bounty, proven), big.NewInt(90*o.period))
	return times(d.rate, proven), smaller(bounty, d.left), voided
}

func (o *oracle) settle(work, operator string) {
	d, p, r := o.deal(work, operator), o.providers[operator], o.root(work)
	rate, bounty, voided := o.pays(work, operator)
	r.balance.Add(r.balance, times(d.rate, voided))
	p.earned = new(big.Int).Add(p.earned, new(big.Int).Add(rate, bounty))
	d.seconds, d.missed, d.left = 0, p.missed, new(big.Int).Sub(d.left, bounty)
}

func (o *oracle) claim(operator string, works []string) error {
	p := o.providers[operator]
	total := new(big.Int).Set(p.earned)
	seen := map[string]bool{}
	for _, w := range works {
		d := o.deal(w, operator)
		if d == nil {
			return types.ErrDealNotFound
		}
		if !d.active {
			return types.ErrDealNotActive
		}
		if !seen[w] {
			rate, bounty, _ := o.pays(w, operator)
			total.Add(total, rate).Add(total, bounty)
		}
		seen[w] = true
	}
	whole := new(big.Int).Quo(total, billion)
	if whole.Sign() == 0 {
		return types.ErrNothingToClaim
	}
	for _, w := range works {
		o.settle(w, operator)
		o.wrote(w)
	}
	p.paid += whole.Int64()
	p.earned = new(big.Int).Sub(p.earned, new(big.Int).Mul(whole, billion))
	return nil
}

// refuse pays 30 days of the deal out of what was earned, then out of the bond.
func (o *oracle) refuse(work, operator string) error {
	d, p := o.deal(work, operator), o.providers[operator]
	if d == nil {
		return types.ErrDealNotFound
	}
	if !d.active {
		o.close(work, operator, nil)
		return nil
	}
	o.settle(work, operator) // close would; what it pays counts already
	due := times(d.rate, 30*types.DaySeconds)
	all := new(big.Int).Add(p.earned, times(billion, p.bond))
	due = smaller(due, all)
	if p.earned.Cmp(due) >= 0 {
		p.earned = new(big.Int).Sub(p.earned, due)
	} else {
		all.Sub(all, due)
		// the fewest whole ustream of the bond that are enough; change is earned
		whole, change := new(big.Int).QuoRem(all, billion, new(big.Int))
		p.bond, p.earned = whole.Int64(), change
	}
	o.close(work, operator, due)
	return nil
}

// miss voids a period, and slashes a hundredth of the bond from the third of 14 on.
func (o *oracle) miss(operator string, lost []string) {
	p := o.providers[operator]
	p.missed += o.period
	p.bits = append(p.bits, true)
	p.bits = p.bits[max(0, len(p.bits)-14):]
	share := new(big.Int)
	if len(p.bits) > 2 {
		amount := p.bond / 100
		p.bond -= amount
		rest := times(billion, amount)
		if len(lost) > 0 {
			share = new(big.Int).Quo(rest, big.NewInt(int64(len(lost))))
		}
		o.pool.Add(o.pool, new(big.Int).Sub(rest, times(share, int64(len(lost)))))
	}
	if len(p.bits) >= 7 && !p.leaving {
		p.leaving, p.bits = true, nil
	}
	for _, w := range lost {
		o.close(w, operator, share)
	}
}

// terminate ends all deals of who is leaving.
func (o *oracle) terminate() {
	for _, operator := range slices.Sorted(maps.Keys(o.providers)) {
		if !o.providers[operator].leaving {
			continue
		}
		for _, work := range slices.Sorted(maps.Keys(o.rootOf)) {
			if o.deal(work, operator) != nil {
				o.close(work, operator, new(big.Int))
			}
		}
	}
}

func (o *oracle) retire(root string) {
	o.retired[root] = true
	for _, key := range slices.SortedFunc(maps.Keys(o.roots[root].deals), byKey) {
		if !o.roots[root].deals[key].active {
			o.close(key[0], key[1], nil)
		}
	}
	for _, key := range slices.SortedFunc(maps.Keys(o.repairs), byKey) {
		if o.rootOf[key[0]] == root {
			o.pool.Add(o.pool, o.repairs[key].bounty)
			delete(o.repairs, key)
		}
	}
}

// total is all that there is, in nano-ustream.
func (o *oracle) total() *big.Int {
	sum := new(big.Int).Add(o.pool, o.serving)
	for _, r := range o.roots {
		sum.Add(sum, r.balance)
		for _, d := range r.deals {
			sum.Add(sum, times(d.rate, d.seconds)).Add(sum, d.left)
		}
	}
	for _, r := range o.repairs {
		sum.Add(sum, r.bounty)
	}
	for _, p := range o.providers {
		sum.Add(sum, p.earned).Add(sum, times(billion, p.bond))
	}
	return sum
}
