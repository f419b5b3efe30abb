package keeper_test

import (
	"maps"
	"math/big"
	"slices"

	"github.com/streamchain/streamchain/x/storage/types"
)

// oracle says what each deal earns by counting every second by itself, in big integers and
// without the code under test.
type oracle struct {
	now     int64
	ttl     int64
	least   int64
	roots   map[string]*oracleRoot
	earned  map[string]*big.Int // operator -> settled nano-ustream
	paid    map[string]int64    // operator -> ustream
	rootOf  map[string]string   // work -> root
	sizes   map[string]int64
	prices  map[string]int64
	retired map[string]bool
}

type oracleRoot struct {
	balance *big.Int
	deals   map[[2]string]*oracleDeal // work, operator
}

type oracleDeal struct {
	active         bool
	rate, accrued  *big.Int
	until, started int64
}

var billion = big.NewInt(1_000_000_000)

func newOracle(now, ttl, least int64) *oracle {
	return &oracle{
		now: now, ttl: ttl, least: least, roots: map[string]*oracleRoot{}, earned: map[string]*big.Int{}, paid: map[string]int64{},
		rootOf: map[string]string{}, sizes: map[string]int64{}, prices: map[string]int64{}, retired: map[string]bool{},
	}
}

func (o *oracle) addWork(work, root string, size int64) {
	o.rootOf[work], o.sizes[work] = root, size
	if o.roots[root] == nil {
		o.roots[root] = &oracleRoot{balance: new(big.Int), deals: map[[2]string]*oracleDeal{}}
	}
}

func (o *oracle) root(work string) *oracleRoot { return o.roots[o.rootOf[work]] }

func (o *oracle) deal(work, operator string) *oracleDeal {
	return o.root(work).deals[[2]string{work, operator}]
}

// tick passes one second: a root pays all of its active deals, or none.
func (o *oracle) tick() {
	o.now++
	for _, name := range slices.Sorted(maps.Keys(o.roots)) {
		r := o.roots[name]
		need := r.need()
		if r.balance.Cmp(need) < 0 {
			continue
		}
		r.balance.Sub(r.balance, need)
		for _, d := range r.deals {
			if d.active {
				d.accrued.Add(d.accrued, d.rate)
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

// expire drops requests that are due, as the end of a block does.
func (o *oracle) expire() {
	for _, r := range o.roots {
		maps.DeleteFunc(r.deals, func(_ [2]string, d *oracleDeal) bool { return !d.active && d.until <= o.now })
	}
}

func (o *oracle) pay(work string, ustream int64) {
	r := o.root(work)
	r.balance.Add(r.balance, new(big.Int).Mul(big.NewInt(ustream), billion))
}

func (o *oracle) request(work, operator string) error {
	switch {
	case o.retired[o.rootOf[work]]:
		return types.ErrWorkNotActive
	case o.deal(work, operator) != nil:
		return types.ErrDealExists
	}
	// ⌈price × 10⁹ × size / (GiB × a day)⌉
	rate := new(big.Int).Mul(big.NewInt(o.prices[operator]), billion)
	rate.Mul(rate, big.NewInt(o.sizes[work]))
	unit := big.NewInt(types.GiB * types.DaySeconds)
	rate, rest := new(big.Int).QuoRem(rate, unit, new(big.Int))
	if rest.Sign() > 0 {
		rate.Add(rate, big.NewInt(1))
	}
	o.root(work).deals[[2]string{work, operator}] = &oracleDeal{rate: rate, accrued: new(big.Int), until: o.now + o.ttl}
	return nil
}

func (o *oracle) accept(work, operator string) error {
	d := o.deal(work, operator)
	switch {
	case d == nil:
		return types.ErrDealNotFound
	case d.active:
		return types.ErrDealNotRequested
	case o.now >= d.until:
		return types.ErrRequestExpired
	}
	d.active, d.started = true, o.now
	return nil
}

func (o *oracle) end(work, operator string, provider bool) error {
	d, r := o.deal(work, operator), o.root(work)
	if d == nil {
		return types.ErrDealNotFound
	}
	need := r.need()
	dry := need.Sign() > 0 && r.balance.Cmp(need) < 0
	if provider && d.active && !dry && o.now < d.started+o.least {
		return types.ErrDealTooYoung
	}
	o.settle(operator, d)
	delete(r.deals, [2]string{work, operator})
	return nil
}

func (o *oracle) settle(operator string, d *oracleDeal) {
	o.earning(operator).Add(o.earning(operator), d.accrued)
	d.accrued = new(big.Int)
}

func (o *oracle) earning(operator string) *big.Int {
	if o.earned[operator] == nil {
		o.earned[operator] = new(big.Int)
	}
	return o.earned[operator]
}

func (o *oracle) claim(operator string, works []string) error {
	total := new(big.Int).Set(o.earning(operator))
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
			total.Add(total, d.accrued)
		}
		seen[w] = true
	}
	whole := new(big.Int).Quo(total, billion)
	if whole.Sign() == 0 {
		return types.ErrNothingToClaim
	}
	for _, w := range works {
		o.settle(operator, o.deal(w, operator))
	}
	o.paid[operator] += whole.Int64()
	o.earning(operator).Sub(o.earning(operator), new(big.Int).Mul(whole, billion))
	return nil
}

func (o *oracle) retire(root string) {
	o.retired[root] = true
	maps.DeleteFunc(o.roots[root].deals, func(_ [2]string, d *oracleDeal) bool { return !d.active })
}
