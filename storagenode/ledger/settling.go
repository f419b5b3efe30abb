package ledger

import (
	"cmp"
	"slices"
	"time"

	"github.com/streamchain/streamchain/storagenode/wire"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
)

// Pending is what a session has paid and the chain has not.
type Pending struct {
	ID         wire.SessionID
	Lane       Lane
	Settlement streamtypes.Settlement
	// From is what is settled: the chain hashes from there.
	From uint32
	Open bool
}

// Pending returns what can be settled, what expires first in front.
func (l *Ledger) Pending() []Pending {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []Pending
	for _, s := range l.sessions {
		if s.meter.N() <= s.settled {
			continue
		}
		w := s.meter.Last()
		out = append(out, Pending{ID: s.id, Lane: s.lane.Lane, From: s.settled, Open: s.open,
			Settlement: streamtypes.Settlement{Session: s.terms, N: s.meter.N(), Word: w[:]}})
	}
	slices.SortFunc(out, func(a, b Pending) int {
		return cmp.Or(cmp.Compare(a.Lane.ClosesAt, b.Lane.ClosesAt), slices.Compare(a.ID[:], b.ID[:]))
	})
	return out
}

// Reveal notes that the word of n is about to be sent to the chain: from now on it proves nothing here.
func (l *Ledger) Reveal(id wire.SessionID, n uint32) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s := l.sessions[id]; s != nil {
		s.public = max(s.public, n)
	}
}

// Settled notes that the chain has paid n ticks of a session.
func (l *Ledger) Settled(id wire.SessionID, n uint32) error {
	l.mu.Lock()
	s := l.sessions[id]
	if s == nil || s.settled >= n {
		l.mu.Unlock()
		return nil
	}
	s.settled = n
	seq := l.j.append(settledRecord(id, n))
	l.mu.Unlock()
	return l.j.wait(seq)
}

// CloseIdle closes the sessions that were not used for idle, and those that can be served no more.
func (l *Ledger) CloseIdle(idle time.Duration, now int64) error {
	l.mu.Lock()
	var seq uint64
	for _, s := range l.sessions {
		if s.open && (time.Since(s.touched) >= idle || now >= s.terms.Expires || now >= s.lane.Expires-l.margin) {
			seq = l.closeLocked(s)
		}
	}
	l.mu.Unlock()
	if seq == 0 {
		return nil
	}
	return l.j.wait(seq)
}

// Finished returns lanes whose sessions are all closed and settled, and that nobody used for linger: a viewer
// who goes on to the next work keeps the lane. They take no new session from then on, since the chain
// would not pay it: whoever cannot close one says Unseal.
func (l *Ledger) Finished(linger time.Duration) []Lane {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []Lane
	for _, ln := range l.lanes {
		done := time.Since(ln.touched) >= linger
		for _, s := range ln.sessions {
			done = done && !s.open && s.settled >= s.meter.N()
		}
		if done {
			ln.sealed = true
			out = append(out, ln.Lane)
		}
	}
	return out
}

// ShutLane closes a lane's sessions and takes no new ones: the lane was closed on the chain, and what it owes is settled in its grace.
func (l *Ledger) ShutLane(id LaneID) error {
	l.mu.Lock()
	ln := l.lanes[id]
	if ln == nil {
		l.mu.Unlock()
		return nil
	}
	ln.sealed = true
	var seq uint64
	for _, s := range ln.sessions {
		if s.open {
			seq = l.closeLocked(s)
		}
	}
	l.mu.Unlock()
	if seq == 0 {
		return nil
	}
	return l.j.wait(seq)
}

// Unseal lets a lane take sessions again.
func (l *Ledger) Unseal(id LaneID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if ln := l.lanes[id]; ln != nil {
		ln.sealed = false
	}
}

// Lanes returns all lanes that are known.
func (l *Ledger) Lanes() []Lane {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]Lane, 0, len(l.lanes))
	for _, ln := range l.lanes {
		out = append(out, ln.Lane)
	}
	return out
}

// Totals sum up the ledger.
type Totals struct {
	Lanes, Open         int
	Paid, Used, Settled uint64 // ticks
}

// Totals sums up the sessions that are known.
func (l *Ledger) Totals() Totals {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := Totals{Lanes: len(l.lanes)}
	for _, s := range l.sessions {
		if s.open {
			t.Open++
		}
		t.Paid += uint64(s.meter.N())
		t.Used += uint64(s.used)
		t.Settled += uint64(s.settled)
	}
	return t
}
