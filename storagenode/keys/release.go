package keys

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/streamchain/streamchain/storagenode/sessions"
	"github.com/streamchain/streamchain/storagenode/wire"
	"github.com/streamchain/streamchain/voucher"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
)

// release is what a viewer asks of a session.
type release struct {
	terms   wire.Session
	n       uint32
	word    voucher.Word
	windows map[wire.KeyWindow]uint32 // ticks that each costs
	lane    streamtypes.Lane          // as the chain has it
}

// standing is what a session has paid here.
type standing struct {
	Due, Paid, Used uint32
}

func newAccount(path string, w wire.Session) (*account, error) {
	terms := sessions.SessionOf(w)
	v, err := terms.Voucher()
	if err != nil {
		return nil, err
	}
	a := &account{terms: terms, root: v.Root, salt: v.Salt(), path: path, word: v.Root, released: map[wire.KeyWindow]bool{}}
	a.id = a.salt
	return a, nil
}

// Release takes a session's word and books windows on it: those that it has paid for already cost nothing. It is on disk when Release returns. The
// terms are checked by the caller. Errors: ErrDue, ErrOverCap, ErrClosed, ErrFull, voucher.ErrStale, voucher.ErrWord, voucher.ErrBeyond.
func (b *Book) Release(r release) (standing, error) {
	fresh, err := newAccount("", r.terms)
	if err != nil {
		return standing{}, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	a, known := b.sessions[fresh.id]
	if !known {
		if a = fresh; len(b.sessions) >= maxSessions || len(b.lanes[laneOf(a.terms)]) >= maxOfLane {
			return standing{}, ErrFull
		}
		a.path = filepath.Join(b.dir, a.id.String()+".session")
	}
	st := standing{Due: a.n, Paid: a.n, Used: a.ticks}
	// what is hashed is bounded by what the lane has reserved
	if err := b.covered(a, r.n, r.lane); err != nil {
		return st, err
	}
	n, word, err := a.check(r.n, r.word)
	if err != nil {
		return st, err
	}
	st.Paid = n
	var windows []wire.KeyWindow
	var ticks uint64
	for w, t := range r.windows {
		if !a.released[w] {
			windows, ticks = append(windows, w), ticks+uint64(t)
		}
	}
	due := uint64(a.ticks) + ticks
	if due > uint64(a.terms.MaxTicks) {
		return st, voucher.ErrBeyond
	}
	if st.Due = uint32(due); st.Due > n {
		return st, ErrDue
	}
	if n == a.n && len(windows) == 0 && known {
		return st, nil
	}
	if !known {
		if err := a.append(entry{Terms: &r.terms}); err != nil {
			return st, err
		}
		a.markedAt = time.Now()
		b.add(a)
	}
	if err := a.append(entry{N: n, Word: word[:], Windows: windows, Ticks: uint32(ticks)}); err != nil {
		return st, err
	}
	a.apply(n, word, windows, uint32(ticks))
	st.Used = a.ticks
	return st, nil
}

// check holds a word to the session's hash chain and returns the newest n with its word. A wrong word closes the session.
func (a *account) check(n uint32, word voucher.Word) (uint32, voucher.Word, error) {
	switch {
	case a.closed:
		return 0, word, ErrClosed
	case n > a.terms.MaxTicks:
		return 0, word, voucher.ErrBeyond
	case n < a.n && a.n-n > voucher.MaxGap:
		return 0, word, voucher.ErrStale // an honest viewer shows its newest: nothing is hashed for an old one
	case n >= a.n && voucher.Check(&a.salt, a.word, word, n-a.n):
		return n, word, nil
	case n < a.n && voucher.Forward(&a.salt, a.word, a.n-n) == word:
		return a.n, a.word, nil
	}
	a.closed = true
	return 0, word, voucher.ErrWord
}

// covered says whether the lane can pay n of the session beside what its other sessions have shown here, and what the chain has paid.
func (b *Book) covered(a *account, n uint32, l streamtypes.Lane) error {
	owed, ok := unsettled(a, n)
	for _, o := range b.lanes[laneOf(a.terms)] {
		if o == a || !ok {
			continue
		}
		more, fits := unsettled(o, o.n)
		ok = fits && owed+more >= owed
		owed += more
	}
	if !ok || owed > l.Remaining() {
		return fmt.Errorf("%w: %d left", ErrOverCap, l.Remaining())
	}
	return nil
}

// refreshEvery is how often the chain is asked anew what it has paid of a lane's sessions.
const refreshEvery = 5 * time.Second

// Refresh asks the chain what it has paid of the lane's sessions, and says whether it did: not twice within refreshEvery.
func (b *Book) Refresh(ctx context.Context, t streamtypes.Session, settled func(context.Context, streamtypes.Session) (uint32, error)) (bool, error) {
	b.mu.Lock()
	rows := slices.Clone(b.lanes[laneOf(t)])
	ask := len(rows) > 0 && time.Since(rows[0].refreshed) >= refreshEvery
	if ask {
		rows[0].refreshed = time.Now()
	}
	b.mu.Unlock()
	if !ask {
		return false, nil
	}
	for _, a := range rows {
		n, err := settled(ctx, a.terms)
		if err != nil {
			return false, err
		}
		b.mu.Lock()
		a.settled = max(a.settled, n)
		b.mu.Unlock()
	}
	return true, nil
}

func unsettled(a *account, n uint32) (uint64, bool) {
	if n <= a.settled {
		return 0, true
	}
	return voucher.Amount(n-a.settled, a.terms.PricePerTick)
}
