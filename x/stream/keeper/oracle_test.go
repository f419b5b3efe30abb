package keeper_test

import (
	"github.com/streamchain/streamchain/x/stream/types"
)

// oracle is the module's rules over again, in plain integers and without a store. Amounts are
// small enough for 64 bits, and everything is in one denom.
type oracle struct {
	now       int64
	escrows   map[string]*oracleEscrow
	keys      map[string]*oracleKey // by owner: one each
	lanes     map[lanePlace]*oracleLane
	closing   map[lanePlace]map[uint64]*oracleLane // by generation
	last      map[lanePlace]uint64
	fees      map[string]int64 // by provider
	deposited int64
	withdrawn int64
	paid      int64
}

type lanePlace struct{ owner, provider string }

type oracleEscrow struct{ balance, reserved int64 }

type oracleKey struct {
	limit, expires int64
	revoked        bool
	reserved       int64
	spent          []oraclePaid
}

type oraclePaid struct{ at, amount int64 }

type oracleLane struct {
	generation      uint64
	limit, spent    int64
	expires, closes int64
	sessions        map[uint64]uint32
	closing         bool
}

func newOracle() *oracle {
	return &oracle{
		escrows: map[string]*oracleEscrow{}, keys: map[string]*oracleKey{},
		lanes: map[lanePlace]*oracleLane{}, closing: map[lanePlace]map[uint64]*oracleLane{}, last: map[lanePlace]uint64{}, fees: map[string]int64{},
	}
}

func (o *oracle) escrow(owner string) *oracleEscrow {
	if o.escrows[owner] == nil {
		o.escrows[owner] = &oracleEscrow{}
	}
	return o.escrows[owner]
}

func (o *oracle) deposit(owner string, amount int64) error {
	if amount < types.DefaultMinDeposit {
		return types.ErrDepositTooSmall
	}
	o.escrow(owner).balance += amount
	o.deposited += amount
	return nil
}

func (o *oracle) withdraw(owner string, amount int64) error {
	e := o.escrow(owner)
	if amount > e.balance-e.reserved {
		return types.ErrInsufficientEscrow
	}
	e.balance -= amount
	o.withdrawn += amount
	return nil
}

func (o *oracle) grant(owner string, limit, expires int64) {
	k := o.keys[owner]
	if k == nil {
		k = &oracleKey{}
		o.keys[owner] = k
	}
	k.limit, k.expires, k.revoked = limit, expires, false
}

func (o *oracle) revoke(owner string) error {
	k := o.keys[owner]
	switch {
	case k == nil:
		return types.ErrKeyNotFound
	case k.revoked:
		return types.ErrKeyRevoked
	}
	k.revoked = true
	o.forget(owner)
	return nil
}

// forget drops a revoked key that holds nothing.
func (o *oracle) forget(owner string) {
	if k := o.keys[owner]; k != nil && k.revoked && k.reserved == 0 {
		delete(o.keys, owner)
	}
}

// used is what counts against the limit: all that was paid less than 24 hours before the start
// of this hour still does.
func (k *oracleKey) used(now int64) int64 {
	used := k.reserved
	for _, p := range k.spent {
		if (p.at/hour)*hour+hour > now-day {
			used += p.amount
		}
	}
	return used
}

func (o *oracle) open(at lanePlace, generation uint64, limit, expires int64) error {
	k, e, wait := o.keys[at.owner], o.escrow(at.owner), expires-o.now
	switch {
	case k == nil:
		return types.ErrKeyNotFound
	case k.revoked:
		return types.ErrKeyRevoked
	case o.now >= k.expires:
		return types.ErrKeyExpired
	case wait < types.DefaultMinLaneSeconds || wait > types.DefaultMaxLaneSeconds:
		return types.ErrLaneDuration
	case limit < types.DefaultMinLaneCap:
		return types.ErrCapTooSmall
	case generation != o.last[at]+1:
		return types.ErrGeneration
	case o.lanes[at] != nil:
		return types.ErrLaneOpen
	case k.used(o.now)+limit+types.DefaultOpenFee > k.limit:
		return types.ErrKeyLimit
	case limit+types.DefaultOpenFee > e.balance-e.reserved:
		return types.ErrInsufficientEscrow
	}
	e.balance -= types.DefaultOpenFee
	e.reserved += limit
	k.reserved += limit
	k.spent = append(k.spent, oraclePaid{o.now, types.DefaultOpenFee})
	o.fees[at.provider] += types.DefaultOpenFee
	o.last[at] = generation
	o.lanes[at] = &oracleLane{
		generation: generation, limit: limit, expires: expires, closes: expires + types.DefaultGraceSeconds, sessions: map[uint64]uint32{},
	}
	return nil
}

// lane finds a lane as a message names it.
func (o *oracle) lane(at lanePlace, generation uint64) (*oracleLane, error) {
	lane := o.lanes[at]
	switch {
	case lane != nil && lane.generation == generation:
		return lane, nil
	case o.closing[at][generation] != nil:
		return o.closing[at][generation], nil
	case generation <= o.last[at]:
		return nil, types.ErrLaneEnded
	}
	return nil, types.ErrLaneNotFound
}

// settle is told whether the word is the viewer's.
func (o *oracle) settle(at lanePlace, generation, session uint64, n uint32, perTick, expires int64, genuine bool) (int64, error) {
	lane, err := o.lane(at, generation)
	if err != nil {
		return 0, err
	}
	amount := int64(n-min(n, lane.sessions[session])) * perTick
	switch {
	case o.now > lane.closes:
		return 0, types.ErrLaneEnded
	case expires > lane.expires:
		return 0, types.ErrInvalidSession
	case n < lane.sessions[session]:
		return 0, types.ErrStale
	case !genuine:
		return 0, types.ErrWrongWord
	case amount > lane.limit-lane.spent:
		return 0, types.ErrOverCap
	}
	lane.sessions[session] = n
	lane.spent += amount
	o.free(at.owner, amount)
	o.escrow(at.owner).balance -= amount
	if k := o.keys[at.owner]; k != nil && amount > 0 {
		k.spent = append(k.spent, oraclePaid{o.now, amount})
	}
	o.forget(at.owner)
	o.paid += amount
	return amount, nil
}

func (o *oracle) free(owner string, amount int64) {
	o.escrow(owner).reserved -= amount
	if k := o.keys[owner]; k != nil {
		k.reserved -= amount
	}
}

// close returns what became free at once, and until when the lane can be settled otherwise.
func (o *oracle) close(at lanePlace, generation uint64) (returned, closes int64, err error) {
	lane, err := o.lane(at, generation)
	switch {
	case err != nil:
		return 0, 0, err
	case lane.closing:
		return 0, 0, types.ErrLaneClosing
	case lane.spent == lane.limit || o.now > lane.closes:
		return o.end(at, lane), 0, nil
	case len(o.closing[at]) >= types.MaxClosing:
		return 0, 0, types.ErrTooManyClosing
	}
	delete(o.lanes, at)
	lane.closing, lane.closes = true, min(lane.closes, o.now+types.DefaultCloseGraceSeconds)
	if o.closing[at] == nil {
		o.closing[at] = map[uint64]*oracleLane{}
	}
	o.closing[at][generation] = lane
	return 0, lane.closes, nil
}

func (o *oracle) end(at lanePlace, lane *oracleLane) int64 {
	left := lane.limit - lane.spent
	o.free(at.owner, left)
	o.forget(at.owner)
	if lane.closing {
		delete(o.closing[at], lane.generation)
	} else {
		delete(o.lanes, at)
	}
	return left
}

// endBlock ends what is over at the block's time.
func (o *oracle) endBlock() {
	for at, lane := range o.lanes {
		if o.now > lane.closes {
			o.end(at, lane)
		}
	}
	for at, lanes := range o.closing {
		for _, lane := range lanes {
			if o.now > lane.closes {
				o.end(at, lane)
			}
		}
	}
}
