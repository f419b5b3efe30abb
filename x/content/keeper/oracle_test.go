package keeper_test

import (
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/streamchain/streamchain/x/content/types"
)

// oracle is the module's promise in plain Go, written apart from its code: people are
// numbers, amounts int64, and every method says which error the message must meet, or nil.
type oracle struct {
	creators map[int]*oracleCreator
	works    map[string]*oracleWork // by cid
	known    map[oracleName]bool    // what was ever published
	commits  map[string]oracleCommit
	reserved map[int]oracleReservation // by look
	purse    map[int]int64
	donated  int64
	minted   int64

	workDeposit, handleDeposit, ttl, reserve int64
	now, height                              int64
}

type oracleCreator struct {
	handle  string
	deposit int64
	since   int64
}

// oracleReservation is a handle that somebody gave up.
type oracleReservation struct {
	handle  string
	by      int
	deposit int64
	until   int64
}

// oracleName is all that tells two works of the model apart.
type oracleName struct {
	creator         int
	media, previous string
}

type oracleWork struct {
	name                   oracleName
	root, head             string
	version                uint32
	retired                bool
	deposit                int64
	publishedAt, committed int64
}

type oracleCommit struct{ at, height, end int64 }

// looks are handles by what they look like; two of the same look are never held by two.
var looks = map[string]int{
	"alice": 1, "al1ce": 1, "4_lice": 1, "bobby": 2, "8obby": 2, "b0bb_y": 2, "warm": 3, "vvarrn": 3, "carol": 4,
}

func newOracle() *oracle {
	return &oracle{
		creators: map[int]*oracleCreator{}, works: map[string]*oracleWork{}, known: map[oracleName]bool{},
		commits: map[string]oracleCommit{}, purse: map[int]int64{}, reserved: map[int]oracleReservation{},
		workDeposit: stream, handleDeposit: stream, ttl: 7 * 24 * 3600, reserve: modelReserve,
	}
}

func (o *oracle) register(who int, handle string) error {
	if o.creators[who] != nil {
		return types.ErrCreatorExists
	}
	o.creators[who] = &oracleCreator{since: o.now}
	if handle == "" {
		return nil
	}
	err := o.setHandle(who, who, handle)
	if err != nil {
		delete(o.creators, who)
	}
	return err
}

func (o *oracle) setHandle(signer, creator int, handle string) error {
	c := o.creators[creator]
	switch {
	case c == nil:
		return types.ErrCreatorNotFound
	case signer != creator:
		return types.ErrNotController
	case c.handle == handle:
		return types.ErrHandleUnchanged
	}
	for other, d := range o.creators {
		if other != creator && handle != "" && d.handle != "" && looks[d.handle] == looks[handle] {
			return types.ErrHandleTaken
		}
	}
	before := looks[c.handle]
	back, deposit := int64(0), int64(0)
	if before == looks[handle] {
		back = c.deposit
	}
	old, reserved := o.reserved[looks[handle]]
	if reserved && old.by != creator && o.now < old.until {
		return types.ErrHandleReserved
	}
	if handle != "" {
		deposit = o.handleDeposit
	}
	if reserved && old.by == signer {
		back += old.deposit
	}
	if o.purse[signer]+back < deposit {
		return sdkerrors.ErrInsufficientFunds
	}
	if reserved {
		o.purse[old.by] += old.deposit
		delete(o.reserved, looks[handle])
		if old.by == signer {
			back -= old.deposit
		}
	}
	if before > 0 && before != looks[handle] {
		o.reserved[before] = oracleReservation{c.handle, creator, c.deposit, o.now + o.reserve}
	}
	o.purse[signer] += back - deposit
	c.handle, c.deposit = handle, deposit
	return nil
}

func (o *oracle) commit(hash string) {
	if c, ok := o.commits[hash]; ok && o.now < c.end {
		return
	}
	o.commits[hash] = oracleCommit{o.now, o.height, o.now + o.ttl}
}

// publish answers for a work that will be called cid; hash is its commitment, where it has one.
func (o *oracle) publish(signer int, name oracleName, cid, hash string) error {
	switch {
	case o.creators[name.creator] == nil:
		return types.ErrCreatorNotFound
	case signer != name.creator:
		return types.ErrNotController
	case o.known[name]:
		return types.ErrWorkExists
	}
	w := &oracleWork{name: name, root: cid, head: cid, version: 1, deposit: o.workDeposit, publishedAt: o.now}
	if c, ok := o.commits[hash]; ok && o.now < c.end && c.height < o.height {
		w.committed = c.at
	}
	if name.previous != "" {
		if err := o.follow(w); err != nil {
			return err
		}
	}
	if o.purse[signer] < o.workDeposit {
		return sdkerrors.ErrInsufficientFunds
	}
	o.purse[signer] -= o.workDeposit
	o.works[cid], o.known[name] = w, true
	if w.version > 1 {
		o.works[w.root].head = cid
	}
	return nil
}

func (o *oracle) follow(w *oracleWork) error {
	previous := o.works[w.name.previous]
	if previous == nil {
		return types.ErrWorkNotFound
	}
	root := o.works[previous.root]
	switch {
	case root.name.creator != w.name.creator:
		return types.ErrPreviousForeign
	case root.retired:
		return types.ErrWorkNotActive
	case root.head != w.name.previous:
		return types.ErrPreviousNotHead
	}
	w.root, w.head, w.version = previous.root, "", previous.version+1
	return nil
}

func (o *oracle) retire(signer int, cid string) error {
	w := o.works[cid]
	switch {
	case w == nil:
		return types.ErrWorkNotFound
	case w.name.creator != signer:
		return types.ErrNotController
	case w.retired:
		return types.ErrAlreadyRetired
	}
	for _, v := range o.works {
		if v.root == w.root {
			o.purse[signer] += v.deposit
			v.retired, v.deposit = true, 0
		}
	}
	return nil
}

// end ends a block: what expired by now is gone.
func (o *oracle) end() {
	for hash, c := range o.commits {
		if c.end <= o.now {
			delete(o.commits, hash)
		}
	}
	for look, r := range o.reserved {
		if r.until <= o.now {
			o.purse[r.by] += r.deposit
			delete(o.reserved, look)
		}
	}
}

// deposits is what the module owes its creators.
func (o *oracle) deposits() int64 {
	sum := int64(0)
	for _, c := range o.creators {
		sum += c.deposit
	}
	for _, w := range o.works {
		sum += w.deposit
	}
	for _, r := range o.reserved {
		sum += r.deposit
	}
	return sum
}
