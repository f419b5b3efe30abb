package ledger

import (
	"time"

	"github.com/streamchain/streamchain/storagenode/wire"
	"github.com/streamchain/streamchain/voucher"
)

// Payment is the word that pays N ticks in all.
type Payment struct {
	N    uint32
	Word voucher.Word
}

// Use takes a payment, where it is newer than what is known, and marks ticks as used, all or none; it returns
// when that is on stable storage. For no ticks it only pays. A payment that was taken stays so when the
// ticks are refused. now is live time. Errors: ErrNoSession, ErrClosed, ErrExpired, ErrExhausted,
// ErrDue, ErrKnown, ErrFailed, and those of voucher.Meter but ErrClosed: a wrong word changes nothing, since
// a stranger could end anybody's session with one.
func (l *Ledger) Use(id wire.SessionID, pay Payment, ticks Ticks, now int64) (State, error) {
	st, seq, err := l.use(id, pay, ticks, now)
	if seq != 0 {
		if werr := l.j.wait(seq); werr != nil {
			return st, werr
		}
	}
	return st, err
}

// use is Use without the wait; seq is 0 when nothing changed. It allocates nothing.
func (l *Ledger) use(id wire.SessionID, pay Payment, ticks Ticks, now int64) (st State, seq uint64, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.sessions[id]
	if s == nil {
		return st, 0, ErrNoSession
	}
	if err := l.usable(s, now); err != nil {
		return s.state(), 0, err
	}
	before := s.meter.N()
	if pay.N <= before && !s.knows(pay) {
		st = s.state()
		st.Due = before
		return st, 0, ErrKnown
	}
	if pay.N > before {
		if err := l.pay(s, pay); err != nil {
			return s.state(), 0, err
		}
	}
	fresh := uint32(0)
	if ticks.To > ticks.From {
		fresh = s.ticks.missing(ticks)
	}
	due := uint64(s.used) + uint64(fresh)
	if due > uint64(s.meter.N()) {
		ticks, err = Ticks{}, ErrDue
	} else {
		s.ticks.add(ticks)
		s.used = uint32(due)
	}
	if s.meter.N() != before || err == nil && fresh > 0 {
		rec := useRecord(id, s.meter.N(), s.meter.Last(), ticks)
		seq = l.j.append(rec[:])
	}
	s.touched = time.Now()
	st = s.state()
	st.Due = uint32(min(due, 1<<32-1))
	return st, seq, err
}

func (l *Ledger) usable(s *session, now int64) error {
	switch {
	case !s.open:
		return ErrClosed
	case now >= s.terms.Expires || now >= s.lane.Expires-l.margin:
		return ErrExpired
	}
	return l.j.failed()
}

// pay holds the lane to its cap before it looks at the word.
func (l *Ledger) pay(s *session, p Payment) error {
	more, ok := voucher.Amount(p.N-s.meter.N(), s.terms.PricePerTick)
	taken := s.lane.Spent + s.lane.sum
	if p.N <= s.terms.MaxTicks && (!ok || taken > s.lane.Cap || more > s.lane.Cap-taken) {
		return ErrExhausted
	}
	if p.N <= s.terms.MaxTicks && p.N-s.meter.N() > voucher.MaxGap {
		return voucher.ErrGap
	}
	// like Accept, which a wrong word closes for good
	if err := s.meter.Restore(p.N, p.Word); err != nil {
		return err
	}
	s.lane.sum += more
	return nil
}
