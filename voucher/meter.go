package voucher

import "errors"

// MaxGap is how many ticks one word may pay at once: what a meter hashes to check it is bounded.
const MaxGap = 64

var (
	// ErrGap says that a word is more than MaxGap ticks ahead: send a word that lies between.
	ErrGap = errors.New("the word is too far ahead: send one that lies between")
	// ErrWord says that a word is not of this session; the meter is closed from then on.
	ErrWord = errors.New("the word does not belong to this session")
	// ErrStale says that a newer word is known already.
	ErrStale = errors.New("a newer word is known already")
	// ErrBeyond says that the session has no such tick.
	ErrBeyond = errors.New("the session has no such tick: start a new one")
	// ErrClosed says that a wrong word has closed the session.
	ErrClosed = errors.New("a wrong word has closed the session")
)

// Meter is the paid side: it keeps the newest word of a session. It is not safe for concurrent use.
//
// Invariant: Last is Root hashed back N times, so whoever holds (N, Last) can settle N ticks.
type Meter struct {
	salt   [16]byte
	max    uint32
	n      uint32
	last   Word
	closed bool
}

// NewMeter starts a meter at the session's root; resume it from a later (n, word) with Restore.
func NewMeter(s Session) *Meter { return &Meter{salt: s.Salt(), max: s.MaxTicks, last: s.Root} }

// Restore continues from a word that was accepted before. It checks the word against the root.
func (m *Meter) Restore(n uint32, word Word) error {
	if n > m.max {
		return ErrBeyond
	}
	if n < m.n || !Check(&m.salt, m.last, word, n-m.n) {
		return ErrWord
	}
	m.n, m.last = n, word
	return nil
}

// Accept takes the word that pays n ticks in all. The same word again is no error; a wrong word
// closes the meter. It allocates nothing.
func (m *Meter) Accept(n uint32, word Word) error {
	switch {
	case m.closed:
		return ErrClosed
	case n > m.max:
		return ErrBeyond
	case n < m.n:
		return ErrStale
	case n-m.n > MaxGap:
		return ErrGap
	}
	w := word
	for range n - m.n {
		w = Step(&m.salt, &w)
	}
	if w != m.last {
		m.closed = true
		return ErrWord
	}
	m.n, m.last = n, word
	return nil
}

// N is the number of ticks paid.
func (m *Meter) N() uint32 { return m.n }

// Last is the newest word.
func (m *Meter) Last() Word { return m.last }

// Closed says whether a wrong word has closed the session.
func (m *Meter) Closed() bool { return m.closed }
