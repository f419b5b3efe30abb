package uses

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"cosmossdk.io/math"

	"github.com/streamchain/streamchain/storagenode/ledger"
	"github.com/streamchain/streamchain/storagenode/wire"
	"github.com/streamchain/streamchain/voucher"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
)

// Reporter proves to the chain what viewers watched. Its fields are set before the first step.
type Reporter struct {
	Book *Book
	// Min is what a report of one session must be worth, in ustream: less is not worth its gas.
	Min uint64
	// Idle is after how long an unused session ends.
	Idle time.Duration

	step  sync.Mutex
	again map[wire.SessionID]time.Time // when one that was refused is tried again
}

// Report is what a step did.
type Report struct {
	Reported int      // sessions
	Seconds  uint64   // that were proved
	Paid     math.Int // nano-ustream
	Refused  int      // sessions
	Dropped  int      // sessions that ended without being worth a report
}

const (
	// retry is when a report that came too early is tried again, and wait one that is refused for another reason.
	retry = 10 * time.Second
	wait  = 5 * time.Minute
	// early is how long before a session can be reported no more it is reported in any case, in seconds.
	early = 1800
)

// Step ends idle sessions, reports what is worth it and forgets what is over.
func (r *Reporter) Step(ctx context.Context) (Report, error) {
	r.step.Lock()
	defer r.step.Unlock()
	out := Report{Paid: math.ZeroInt()}
	l, now := r.Book.Ledger, r.Book.Chain.Now()
	err := l.CloseIdle(r.Idle, now)
	var due []ledger.Pending
	hashes := uint32(0)
	for _, p := range l.Pending() {
		switch {
		case r.over(ctx, p, now):
			out.Dropped++
			err = errors.Join(err, l.Settled(p.ID, p.Settlement.N))
			delete(r.again, p.ID)
		case time.Now().Before(r.again[p.ID]) || !r.worth(ctx, &p, now):
		case len(due) < streamtypes.MaxItems && hashes+p.Settlement.N-p.From <= streamtypes.MaxHashes:
			hashes += p.Settlement.N - p.From
			due = append(due, p)
		}
	}
	if len(due) > 0 {
		err = errors.Join(err, r.submit(ctx, &out, due))
	}
	for _, lane := range l.Finished(r.Idle) {
		err = errors.Join(err, l.EndLane(lane.LaneID))
	}
	return out, errors.Join(err, l.Compact())
}

// over says whether a session will never be reported: it is too late, or it is closed and worth too little.
func (r *Reporter) over(ctx context.Context, p ledger.Pending, now int64) bool {
	s := p.Settlement.Session
	return now > s.Expires+streamtypes.UseGraceSeconds || !p.Open && s.Subscription == "" && r.value(ctx, p).LT(r.least())
}

func (r *Reporter) least() math.Int {
	return storagetypes.Nano(math.NewIntFromUint64(r.Min))
}

// value is what a report would be worth if the budget paid all of it, in nano-ustream. Where the chain does not say what
// a second is worth, it is worth reporting.
func (r *Reporter) value(ctx context.Context, p ledger.Pending) math.Int {
	s, err := r.Book.Serving(ctx, p.Settlement.Session.Work)
	if err != nil || s.Rate.IsNil() {
		return r.least()
	}
	return s.Rate.MulRaw(int64(p.Settlement.N-p.From) * int64(p.Settlement.Session.TickSeconds))
}

// worth says whether to report a session now, and leaves an open one's newest tick for later: its word is what the viewer
// is known by. What names a subscription is for who is subscribed to, whatever this node gets.
func (r *Reporter) worth(ctx context.Context, p *ledger.Pending, now int64) bool {
	s := p.Settlement.Session
	if p.Open && !holdBack(p) {
		return false
	}
	if s.Subscription == "" && !r.Book.Pays(ctx, s.Work) {
		return false
	}
	if s.Subscription != "" && (!p.Open || now >= s.Expires-early) {
		return true
	}
	return r.value(ctx, *p).GTE(r.least())
}

func holdBack(p *ledger.Pending) bool {
	v, err := p.Settlement.Session.Voucher()
	if err != nil || p.Settlement.N-1 <= p.From {
		return false
	}
	salt, w := v.Salt(), voucher.Word(p.Settlement.Word)
	w = voucher.Step(&salt, &w)
	p.Settlement.N, p.Settlement.Word = p.Settlement.N-1, w[:]
	return true
}

func (r *Reporter) submit(ctx context.Context, out *Report, due []ledger.Pending) error {
	items := make([]streamtypes.Settlement, len(due))
	for i, p := range due {
		items[i] = p.Settlement
		r.Book.Ledger.Reveal(p.ID, p.Settlement.N)
	}
	results, err := r.Book.Chain.ReportUse(ctx, items)
	if err != nil {
		return fmt.Errorf("reporting %d sessions: %w", len(due), err)
	}
	if len(results) != len(due) {
		return fmt.Errorf("reporting: %d results for %d sessions", len(results), len(due))
	}
	for i, p := range due {
		err = errors.Join(err, r.result(out, p, results[i]))
	}
	return err
}

func (r *Reporter) result(out *Report, p ledger.Pending, res streamtypes.UseResult) error {
	stale := res.Codespace == streamtypes.ModuleName && res.Code == streamtypes.ErrStale.ABCICode()
	if res.Ok() || stale {
		out.Reported++
		out.Seconds += res.Seconds
		if !res.Paid.IsNil() {
			out.Paid = out.Paid.Add(res.Paid)
		}
		delete(r.again, p.ID)
		return r.Book.Ledger.Settled(p.ID, p.Settlement.N)
	}
	out.Refused++
	if r.again == nil {
		r.again = map[wire.SessionID]time.Time{}
	}
	later := wait
	if res.Codespace == streamtypes.ModuleName && res.Code == streamtypes.ErrUseTooFast.ABCICode() {
		later = retry
	}
	r.again[p.ID] = time.Now().Add(later)
	return nil
}
