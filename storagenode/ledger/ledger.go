package ledger

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/streamchain/streamchain/storagenode/wire"
	"github.com/streamchain/streamchain/voucher"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
)

// LaneID names a lane of this node's provider.
type LaneID struct {
	Owner, Denom string
	Generation   uint64
}

// Lane is what the chain has reserved for this node. Amounts are base units of Denom, times are live
// time in Unix seconds.
type Lane struct {
	LaneID
	Cap      uint64
	Spent    uint64 // when the node first heard of the lane
	PubKey   []byte
	Expires  int64
	ClosesAt int64
}

// State is a session's.
type State struct {
	ID      wire.SessionID
	Paid    uint32
	Used    uint32
	Settled uint32
	Due     uint32 // what must be paid in all, for what was asked
	Open    bool
}

type lane struct {
	Lane
	sum      uint64 // price of what its sessions have paid; with Spent at most Cap
	sessions map[uint64]*session
	touched  time.Time
	sealed   bool // about to be closed on the chain
}

type session struct {
	id      wire.SessionID
	lane    *lane
	terms   streamtypes.Session
	meter   *voucher.Meter
	ticks   spans
	used    uint32
	settled uint32
	public  uint32 // words up to it may stand on the chain; see shown
	open    bool
	touched time.Time
}

func (s *session) state() State {
	return State{ID: s.id, Paid: s.meter.N(), Used: s.used, Settled: s.settled, Open: s.open}
}

// Ledger is safe for concurrent use.
type Ledger struct {
	margin int64
	j      *journal

	mu       sync.Mutex
	lanes    map[LaneID]*lane
	sessions map[wire.SessionID]*session
}

// compactAt is the size from which the journal is written anew while the node runs, in bytes.
const compactAt = 64 << 20

// Open reads the ledger at path, or begins one. A session is not served from margin seconds before its
// lane expires. Close it.
func Open(path string, margin int64) (*Ledger, error) {
	l := &Ledger{margin: margin, lanes: map[LaneID]*lane{}, sessions: map[wire.SessionID]*session{}}
	whole, err := read(path, l.apply)
	if err != nil {
		return nil, err
	}
	if !whole {
		// what a crash tore off was never acknowledged; kept aside for whoever wants to look
		if err := errors.Join(ignoreMissing(os.Remove(path+".torn")), os.Link(path, path+".torn")); err != nil {
			return nil, err
		}
	}
	records, err := l.snapshot()
	if err != nil {
		return nil, err
	}
	f, err := create(path, records)
	if err != nil {
		return nil, err
	}
	l.j = &journal{path: path, f: f, size: int64(len(records)), done: make(chan struct{})}
	l.j.wake, l.j.synced = sync.NewCond(&l.j.mu), sync.NewCond(&l.j.mu)
	go l.j.run()
	return l, nil
}

func ignoreMissing(err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

// Close writes what is buffered.
func (l *Ledger) Close() error { return l.j.close() }

// SetMargin changes how long before a lane's end serving stops, in seconds.
func (l *Ledger) SetMargin(margin int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.margin = margin
}

// Compact writes the journal anew when it has grown.
func (l *Ledger) Compact() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.j.mu.Lock()
	size := l.j.size
	l.j.mu.Unlock()
	if size < compactAt {
		return nil
	}
	return l.compact()
}

func (l *Ledger) compact() error {
	records, err := l.snapshot()
	if err != nil {
		return err
	}
	return l.j.replace(records)
}

func (l *Ledger) putLane(in Lane) {
	if _, ok := l.lanes[in.LaneID]; !ok {
		l.lanes[in.LaneID] = &lane{Lane: in, sessions: map[uint64]*session{}, touched: time.Now()}
	}
}

func (l *Ledger) dropLane(id LaneID) {
	ln := l.lanes[id]
	if ln == nil {
		return
	}
	for _, s := range ln.sessions {
		delete(l.sessions, s.id)
	}
	delete(l.lanes, id)
}

// AddLane notes a lane that the chain has opened; one that is known stays as it is.
func (l *Ledger) AddLane(in Lane) error {
	l.mu.Lock()
	if _, ok := l.lanes[in.LaneID]; ok {
		l.mu.Unlock()
		return nil
	}
	l.putLane(in)
	seq := l.j.append(jsonRecord(recordLane, in))
	l.mu.Unlock()
	return l.j.wait(seq)
}

// EndLane forgets a lane and its sessions: the chain pays nothing of them any more.
func (l *Ledger) EndLane(id LaneID) error {
	l.mu.Lock()
	if _, ok := l.lanes[id]; !ok {
		l.mu.Unlock()
		return nil
	}
	l.dropLane(id)
	seq := l.j.append(jsonRecord(recordEnd, id))
	l.mu.Unlock()
	return l.j.wait(seq)
}

// Lane returns a lane and what of its cap is taken.
func (l *Ledger) Lane(id LaneID) (Lane, uint64, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	ln, ok := l.lanes[id]
	if !ok {
		return Lane{}, 0, false
	}
	return ln.Lane, ln.Spent + ln.sum, true
}

func sessionID(s streamtypes.Session) (wire.SessionID, voucher.Session, error) {
	v, err := s.Voucher()
	if err != nil {
		return wire.SessionID{}, v, err
	}
	return v.Salt(), v, nil
}

// putSession needs the session's lane.
func (l *Ledger) putSession(terms streamtypes.Session) (*session, error) {
	id, v, err := sessionID(terms)
	if err != nil {
		return nil, err
	}
	ln := l.lanes[LaneID{terms.EscrowOwner, terms.Denom, terms.Generation}]
	if ln == nil {
		return nil, ErrNoLane
	}
	s := &session{id: id, lane: ln, terms: terms, meter: voucher.NewMeter(v), open: true, touched: time.Now()}
	ln.sessions[terms.Session] = s
	l.sessions[id] = s
	return s, nil
}

// OpenSession begins a session whose signature and terms were checked; again is true when it was there
// already. ErrNoLane, ErrExpired, ErrNumber, ErrTooMany, ErrFailed.
func (l *Ledger) OpenSession(terms streamtypes.Session, now int64) (st State, again bool, err error) {
	id, _, err := sessionID(terms)
	if err != nil {
		return st, false, err
	}
	l.mu.Lock()
	if s := l.sessions[id]; s != nil {
		defer l.mu.Unlock()
		if string(s.terms.Root) != string(terms.Root) {
			return st, false, ErrNumber
		}
		return s.state(), true, nil
	}
	if err := l.mayOpen(terms, now); err != nil {
		l.mu.Unlock()
		return st, false, err
	}
	rec, err := sessionRecord(terms)
	var s *session
	if err == nil {
		s, err = l.putSession(terms)
	}
	if err != nil {
		l.mu.Unlock()
		return st, false, err
	}
	s.lane.touched = time.Now()
	st = s.state()
	seq := l.j.append(rec)
	l.mu.Unlock()
	return st, false, l.j.wait(seq)
}

func (l *Ledger) mayOpen(terms streamtypes.Session, now int64) error {
	ln := l.lanes[LaneID{terms.EscrowOwner, terms.Denom, terms.Generation}]
	switch {
	case ln == nil || ln.sealed:
		return ErrNoLane
	case now >= terms.Expires || now >= ln.Expires-l.margin:
		return ErrExpired
	case ln.sessions[terms.Session] != nil:
		return ErrNumber
	case len(ln.sessions) >= streamtypes.MaxSessions:
		return ErrTooMany
	}
	return l.j.failed()
}

// Session returns a session's state and signed terms. ErrNoSession.
func (l *Ledger) Session(id wire.SessionID) (State, streamtypes.Session, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.sessions[id]
	if s == nil {
		return State{}, streamtypes.Session{}, ErrNoSession
	}
	return s.state(), s.terms, nil
}

// shown is up to which n everybody may know the words.
func (s *session) shown() uint32 { return max(s.settled, s.public) }

// knows says whether p is a word that only the viewer has: the newest, or one of the last that are not shown. The
// session's id proves nothing: it stands in URLs and, once it is settled, on the chain.
func (s *session) knows(p Payment) bool {
	n, salt := s.meter.N(), [16]byte(s.id)
	return n == 0 || p.N > s.shown() && p.N <= n && n-p.N <= voucher.MaxGap && voucher.Check(&salt, p.Word, s.meter.Last(), n-p.N)
}

// Knows says whether who shows p is the session's viewer.
func (l *Ledger) Knows(id wire.SessionID, p Payment) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.sessions[id]
	return s != nil && s.knows(p)
}

// CloseSession ends a session; what it has paid is settled.
func (l *Ledger) CloseSession(id wire.SessionID) error {
	l.mu.Lock()
	s := l.sessions[id]
	if s == nil || !s.open {
		l.mu.Unlock()
		if s == nil {
			return ErrNoSession
		}
		return nil
	}
	seq := l.closeLocked(s)
	l.mu.Unlock()
	return l.j.wait(seq)
}

func (l *Ledger) closeLocked(s *session) uint64 {
	s.open = false
	s.lane.touched = time.Now()
	return l.j.append(closeRecord(s.id))
}

func (id LaneID) String() string { return fmt.Sprintf("%s %s/%d", id.Owner, id.Denom, id.Generation) }
