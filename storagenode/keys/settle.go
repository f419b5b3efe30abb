package keys

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/streamchain/streamchain/voucher"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
)

// Settler has the chain pay what the servers of viewers left. Servers settle themselves; it waits for them, and comes in where they
// did not and before a lane ends. Its fields are set before the first step.
type Settler struct {
	Chain Chain
	Book  *Book
	// Min is what a session must owe to be settled before its lane ends, in base units.
	Min uint64
	// Patience is how old ticks are before they are settled: a server has that long to do it, and a word that the viewer still pays it with is not
	// published. A lane that ends within Margin seconds, or is closing, is settled in full.
	Patience time.Duration
	Margin   int64
	// Clock is wall time; nil for time.Now.
	Clock func() time.Time

	step sync.Mutex
}

// Settled is what a step did.
type Settled struct {
	Sessions int
	Paid     uint64 // base units
	Refused  int
	Lost     int // sessions whose lane ended before all was settled
}

// claim is a session that is settled now, up to n.
type claim struct {
	a    *account
	item streamtypes.Settlement
}

// Step settles what is due and forgets sessions whose lanes have ended. The error joins all that failed; the next step does the rest.
func (s *Settler) Step(ctx context.Context) (Settled, error) {
	s.step.Lock()
	defer s.step.Unlock()
	var r Settled
	var failed error
	var claims []claim
	hashes := uint32(0)
	for _, a := range s.Book.accounts() {
		c, err := s.look(ctx, &r, a)
		if err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		if c == nil || len(claims) == streamtypes.MaxItems {
			continue
		}
		if hashes += c.item.N - a.settled; hashes > streamtypes.MaxHashes {
			break
		}
		claims = append(claims, *c)
	}
	if len(claims) == 0 {
		return r, failed
	}
	return r, errors.Join(failed, s.submit(ctx, &r, claims))
}

func (b *Book) accounts() []*account {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []*account
	for _, a := range b.sessions {
		out = append(out, a)
	}
	return out
}

// look says what of a session is to be settled, and forgets it when its lane is over.
func (s *Settler) look(ctx context.Context, r *Settled, a *account) (*claim, error) {
	t := a.terms // never changes
	lane, err := s.Chain.LaneOf(ctx, t.EscrowOwner, t.Denom, t.Provider, t.Generation)
	gone := errors.Is(err, streamtypes.ErrLaneNotFound) || err == nil && s.Chain.Now() > lane.ClosesAt
	if err != nil && !gone {
		return nil, fmt.Errorf("lane of session %s: %w", a.id, err)
	}
	if gone {
		return nil, s.forget(r, a)
	}
	settled, err := s.Chain.SettledTicks(ctx, t)
	if err != nil {
		return nil, fmt.Errorf("session %s: %w", a.id, err)
	}
	now := time.Now()
	if s.Clock != nil {
		now = s.Clock()
	}
	// a provider that closes a lane right after its viewer was shown windows must not give the coins back to him
	urgent := lane.Closing() || s.Chain.Now() >= lane.Expires-s.Margin
	s.Book.mu.Lock()
	defer s.Book.mu.Unlock()
	a.settled = max(a.settled, settled)
	if now.Sub(a.markedAt) >= s.Patience {
		a.before, a.marked, a.markedAt = a.marked, a.n, now
	}
	n := a.before
	if urgent {
		n = a.n
	}
	if n <= a.settled {
		return nil, nil
	}
	if owed, ok := voucher.Amount(n-a.settled, t.PricePerTick); !urgent && ok && owed < s.Min {
		return nil, nil
	}
	n = min(n, a.settled+streamtypes.MaxHashes)
	w := voucher.Forward(&a.salt, a.word, a.n-n)
	return &claim{a, streamtypes.Settlement{Session: t, N: n, Word: w[:]}}, nil
}

func (s *Settler) forget(r *Settled, a *account) error {
	s.Book.mu.Lock()
	defer s.Book.mu.Unlock()
	if a.n > a.settled {
		r.Lost++
	}
	return s.Book.drop(a)
}

func (s *Settler) submit(ctx context.Context, r *Settled, claims []claim) error {
	items := make([]streamtypes.Settlement, len(claims))
	for i, c := range claims {
		items[i] = c.item
	}
	results, err := s.Chain.Settle(ctx, items)
	if err != nil {
		return fmt.Errorf("settling %d sessions: %w", len(items), err)
	}
	if len(results) != len(items) {
		return fmt.Errorf("settling: %d results for %d sessions", len(results), len(items))
	}
	s.Book.mu.Lock()
	defer s.Book.mu.Unlock()
	for i, res := range results {
		stale := res.Codespace == streamtypes.ModuleName && res.Code == streamtypes.ErrStale.ABCICode()
		if res.Code != 0 && !stale {
			r.Refused++
			continue
		}
		r.Sessions++
		r.Paid += res.Paid
		claims[i].a.settled = max(claims[i].a.settled, items[i].N)
	}
	return nil
}
