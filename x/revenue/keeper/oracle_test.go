package keeper_test

import (
	"math/big"
	"slices"

	"github.com/streamchain/streamchain/token"
	"github.com/streamchain/streamchain/x/revenue/types"
)

// oracle is the module's promise in plain big integers, written apart from its code.
type oracle struct {
	claimable map[[2]string]*big.Int // recipient, denom
	totals    map[[2]string][2]*big.Int
	holds     map[string]oracleHold
	splits    map[string][]types.Share // in force, by subject
	placed    map[[2]string]*big.Int   // what arrived at: stakers, treasury, participation, burn, endowment, storage_pool
	waiting   map[[2]string]*big.Int   // what has still to arrive there, with this block's
	leaving   []oraclePayout
	paid      map[[2]string]*big.Int // what left custody to accounts
	donated   map[string]*big.Int
	escrow    map[string]*big.Int
	left      map[string]*big.Int // by work
	holders   map[string]*big.Int // what went to those who hold a work's keys
	keyed     map[string]bool     // works whose keys somebody holds
	parents   map[string][]oracleParent
	royalties map[[2]string]*big.Int // subject, denom
	payouts   map[[2]string]oracleAutomatic
	pool      *big.Int            // participation, in STREAM
	spending  map[string]*big.Int // of the open period, by payer
	endsAt    int64               // of the open period
	claims    map[string]*big.Int // of the closed period, by viewer
	reserved  *big.Int            // what is set aside and not claimed
	period    int64
}

type oracleParent struct {
	work, creator string
	bps           int
}

type oracleAutomatic struct {
	to        string
	threshold *big.Int
}

type oracleHold struct {
	payment types.Payment
	charged *big.Int
	due     int64
	order   int
}

type oraclePayout struct {
	to, recipient, denom string
	amount               *big.Int
}

// table is CHAIN's: bps of creator, server, key holders, endowment, storage pool, stakers,
// treasury, participation, burn.
var table = map[types.Rail][9]int64{
	types.RAIL_PURCHASE: {9000, 0, 50, 200, 150, 200, 200, 100, 100},
	types.RAIL_RENTAL:   {9000, 0, 50, 200, 150, 200, 200, 100, 100},
	types.RAIL_PLAN:     {9000, 0, 50, 200, 150, 200, 200, 100, 100},
	types.RAIL_METERED:  {9000, 300, 100, 100, 0, 150, 150, 100, 100},
	types.RAIL_TIP:      {9700, 0, 0, 0, 0, 100, 100, 50, 50},
}

var places = []string{"stakers", "treasury", "participation", "burn", "endowment", "storage_pool"}

func newOracle() *oracle {
	return &oracle{
		claimable: map[[2]string]*big.Int{}, totals: map[[2]string][2]*big.Int{}, holds: map[string]oracleHold{},
		splits: map[string][]types.Share{}, placed: map[[2]string]*big.Int{}, waiting: map[[2]string]*big.Int{},
		paid: map[[2]string]*big.Int{}, donated: map[string]*big.Int{}, escrow: map[string]*big.Int{},
		left: map[string]*big.Int{}, holders: map[string]*big.Int{}, keyed: map[string]bool{},
		parents: map[string][]oracleParent{}, royalties: map[[2]string]*big.Int{}, payouts: map[[2]string]oracleAutomatic{},
		pool: new(big.Int), spending: map[string]*big.Int{}, claims: map[string]*big.Int{}, reserved: new(big.Int),
	}
}

func plus[K comparable](m map[K]*big.Int, key K, amount *big.Int) {
	if m[key] == nil {
		m[key] = new(big.Int)
	}
	m[key].Add(m[key], amount)
}

func bps(amount *big.Int, n int64) *big.Int {
	x := new(big.Int).Mul(amount, big.NewInt(n))
	return x.Quo(x, big.NewInt(10_000))
}

// distribute shares out a payment for a work (or "") of creator.
func (o *oracle) distribute(p types.Payment, work, creator string) {
	gross, denom, row := p.Gross.Amount.BigInt(), p.Gross.Denom, table[p.Rail]
	rest := new(big.Int).Set(gross)
	take := func(n int64) *big.Int { x := bps(gross, n); rest.Sub(rest, x); return x }
	if p.Server != "" {
		plus(o.claimable, [2]string{p.Server, denom}, take(row[1]))
	}
	treasury, burn := take(row[6]), new(big.Int)
	if denom == token.BaseDenom {
		if work != "" {
			plus(o.waiting, [2]string{"endowment", denom}, take(row[3]))
			if o.keyed[work] {
				holders := take(row[2])
				plus(o.holders, work, holders)
				plus(o.waiting, [2]string{"endowment", denom}, holders)
			}
		}
		plus(o.waiting, [2]string{"storage_pool", denom}, take(row[4]))
		burn = take(row[8])
	} else {
		treasury.Add(treasury, take(row[8]))
	}
	stakers, participation := take(row[5]), take(row[7])
	// what lowers them, in this order
	lower := func(amount *big.Int) *big.Int {
		taken := new(big.Int)
		for _, part := range []*big.Int{treasury, burn, stakers, participation} {
			n := new(big.Int).Sub(amount, taken)
			if n.Cmp(part) > 0 {
				n.Set(part)
			}
			part.Sub(part, n)
			taken.Add(taken, n)
		}
		return taken
	}
	lower(discountOf(p))
	if p.RoyaltyTo != "" {
		plus(o.claimable, [2]string{p.RoyaltyTo, denom}, lower(bps(gross, int64(p.RoyaltyBps))))
	}
	plus(o.waiting, [2]string{"treasury", denom}, treasury)
	plus(o.waiting, [2]string{"burn", denom}, burn)
	plus(o.waiting, [2]string{"stakers", denom}, stakers)
	plus(o.waiting, [2]string{"participation", denom}, participation)
	if denom == token.BaseDenom {
		left := new(big.Int).Add(treasury, burn)
		if work != "" {
			plus(o.left, work, left)
		}
		plus(o.spending, p.Payer, left)
	}
	o.share(rest, denom, gross, work, creator)
}

// share gives the creator part to parents, by their sheets, and the rest by the sheet in force.
func (o *oracle) share(part *big.Int, denom string, gross *big.Int, work, creator string) {
	rest := new(big.Int).Set(part)
	for _, p := range o.parents[work] {
		royalty := bps(part, int64(p.bps))
		rest.Sub(rest, royalty)
		o.bySheet(royalty, denom, p.work, p.creator)
		plus(o.royalties, [2]string{p.work, denom}, royalty)
		plus(o.royalties, [2]string{p.creator, denom}, royalty)
	}
	o.bySheet(rest, denom, work, creator)
	for _, subject := range slices.Compact([]string{creator, work}) {
		if subject == "" {
			continue
		}
		key := [2]string{subject, denom}
		old, ok := o.totals[key]
		if !ok {
			old = [2]*big.Int{new(big.Int), new(big.Int)}
		}
		o.totals[key] = [2]*big.Int{old[0].Add(old[0], gross), old[1].Add(old[1], part)}
	}
}

func (o *oracle) bySheet(amount *big.Int, denom, work, creator string) {
	shares, ok := o.splits[work]
	if !ok {
		shares, ok = o.splits[creator]
	}
	if !ok {
		shares = []types.Share{{Recipient: creator, Bps: 10_000}}
	}
	for i, n := range divide(amount, shares) {
		plus(o.claimable, [2]string{shares[i].Recipient, denom}, n)
	}
}

// discountOf is what the payer does not pay: a part of the rounded discountable parts.
func discountOf(p types.Payment) *big.Int {
	row, sum := table[p.Rail], new(big.Int)
	for _, n := range row[5:] {
		sum.Add(sum, bps(p.Gross.Amount.BigInt(), n))
	}
	return bps(sum, int64(p.DiscountBps))
}

func charged(p types.Payment) *big.Int {
	return new(big.Int).Sub(p.Gross.Amount.BigInt(), discountOf(p))
}

// divide gives one unit at a time to whoever is furthest below its exact share.
func divide(amount *big.Int, shares []types.Share) []*big.Int {
	out, left := make([]*big.Int, len(shares)), new(big.Int).Set(amount)
	for i, s := range shares {
		out[i] = bps(amount, int64(s.Bps))
		left.Sub(left, out[i])
	}
	for ; left.Sign() > 0; left.Sub(left, big.NewInt(1)) {
		best, most := -1, new(big.Int)
		for i, s := range shares {
			lack := new(big.Int).Mul(amount, big.NewInt(int64(s.Bps)))
			lack.Sub(lack, new(big.Int).Mul(out[i], big.NewInt(10_000)))
			if lack.Cmp(most) > 0 {
				best, most = i, lack
			}
		}
		out[best].Add(out[best], big.NewInt(1))
	}
	return out
}

// claim empties what recipient can claim.
func (o *oracle) claim(recipient, to string) bool {
	found := false
	for _, denom := range modelDenoms {
		key := [2]string{recipient, denom}
		if amount := o.claimable[key]; amount != nil && amount.Sign() > 0 {
			o.leaving = append(o.leaving, oraclePayout{to, recipient, denom, amount})
			delete(o.claimable, key)
			found = true
		}
	}
	return found
}

// end ends a block: holds due by now are shared out, parts move unless their place is broken,
// and payouts leave unless their account is blocked.
func (o *oracle) end(now int64, ownerOf func(types.Payment) (work, creator string), broken func(place string) bool, blocked string) {
	for id, h := range o.holds {
		if h.due <= now {
			work, creator := ownerOf(h.payment)
			o.distribute(h.payment, work, creator)
			delete(o.holds, id)
		}
	}
	o.turn(now)
	o.automatic(blocked)
	for key, amount := range o.waiting {
		if !broken(key[0]) {
			plus(o.placed, key, amount)
			if key == [2]string{"participation", token.BaseDenom} {
				o.pool.Add(o.pool, amount)
			}
			delete(o.waiting, key)
		}
	}
	for _, p := range o.leaving {
		if p.to == blocked {
			plus(o.claimable, [2]string{p.recipient, p.denom}, p.amount)
		} else {
			plus(o.paid, [2]string{p.to, p.denom}, p.amount)
		}
	}
	o.leaving = nil
}

// turn closes the open period at its end: everybody gets 40 % of what was left back, and less
// where half of the pool is less.
func (o *oracle) turn(now int64) {
	if o.endsAt == 0 {
		o.endsAt = now + o.period
		return
	}
	if now < o.endsAt {
		return
	}
	o.pool.Add(o.pool, o.reserved)
	sum := new(big.Int)
	for _, left := range o.spending {
		sum.Add(sum, left)
	}
	o.reserved = bps(sum, 4000)
	if half := bps(o.pool, 5000); half.Cmp(o.reserved) < 0 {
		o.reserved = half
	}
	o.pool.Sub(o.pool, o.reserved)
	o.claims = map[string]*big.Int{}
	for payer, left := range o.spending {
		if sum.Sign() > 0 {
			share := new(big.Int).Mul(left, o.reserved)
			o.claims[payer] = share.Quo(share, sum)
		}
	}
	o.spending, o.endsAt = map[string]*big.Int{}, now+o.period
}

// automatic pays what has passed its threshold.
func (o *oracle) automatic(blocked string) {
	for key, p := range o.payouts {
		have := o.claimable[key]
		if have == nil || have.Cmp(p.threshold) < 0 {
			continue
		}
		if p.to == blocked {
			delete(o.payouts, key)
			continue
		}
		plus(o.paid, [2]string{p.to, key[1]}, have)
		delete(o.claimable, key)
	}
}

// owed is all that custody owes in denom by the module's ledgers.
func (o *oracle) owed(denom string) *big.Int {
	sum := new(big.Int)
	for key, amount := range o.claimable {
		if key[1] == denom {
			sum.Add(sum, amount)
		}
	}
	for _, h := range o.holds {
		if h.payment.Gross.Denom == denom {
			sum.Add(sum, h.charged)
		}
	}
	for key, amount := range o.waiting {
		if key[1] == denom {
			sum.Add(sum, amount)
		}
	}
	for _, p := range o.leaving {
		if p.denom == denom {
			sum.Add(sum, p.amount)
		}
	}
	if denom == token.BaseDenom {
		return sum.Add(sum.Add(sum, o.pool), o.reserved)
	}
	if pool := o.placed[[2]string{"participation", denom}]; pool != nil {
		sum.Add(sum, pool)
	}
	return sum
}
