package repair

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/streamchain/streamchain/storagenode/catalog"
	"github.com/streamchain/streamchain/storagenode/denylist"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
)

// Chain is what repairing takes.
type Chain interface {
	// AllRepairs returns a page of the copies that are wanted, from a key on, and the key of the next; the last has none.
	AllRepairs(ctx context.Context, page []byte) (rows []storagetypes.Repair, next []byte, err error)
	Repairs(ctx context.Context, work string) ([]storagetypes.Repair, error)
	DealsOf(ctx context.Context, work string) ([]storagetypes.Deal, error)
	Provider(ctx context.Context, operator string) (storagetypes.Provider, error)
	StorageParams(ctx context.Context) (storagetypes.Params, error)
	Work(ctx context.Context, id string) (contenttypes.Work, error)
	RepairWork(ctx context.Context, work, operator string, pieceRoot []byte, pieceSize uint64) error
	// Now is live time in Unix seconds.
	Now() int64
}

// Store is where bytes come in and go.
type Store interface {
	// Fetch brings in an entry from other nodes, verified.
	Fetch(ctx context.Context, e catalog.Entry) error
	// Entry returns what is kept under an id, or whatever entry has a work's piece.
	Entry(id string) (*catalog.Entry, bool)
	// Check reads a whole work and gets damaged blocks back. Its error says that the work is not whole.
	Check(ctx context.Context, e *catalog.Entry) error
	Drop(ctx context.Context, id string) error
	// Free is how many bytes there is room for.
	Free() uint64
}

const (
	// maxPages bounds what one step reads of the list; the next one goes on.
	maxPages = 20
	// maxJudged bounds the works that one step asks the chain about.
	maxJudged = 200
	// maxResting bounds the works that are remembered as left alone, lookAgain is how long one that is not for this node is.
	maxResting = 1 << 14
	lookAgain  = time.Minute
)

// Repairer takes copies. Its fields are set before the first step.
type Repairer struct {
	Operator string
	Chain    Chain
	Store    Store
	Denied   *denylist.Guard
	Log      *slog.Logger
	// Parallel is how many works are fetched at a time.
	Parallel int
	// MaxPrice is the share of what a copy may cost at most up to which the node takes it, in percent: 100 is all.
	MaxPrice uint32
	// Spread is the longest that the node waits before it takes a copy.
	Spread time.Duration
	// Closed says that nothing is taken; nil is never.
	Closed func() bool
	// Done is told that there are hands again, perhaps with a new copy; may be nil.
	Done func()

	step    sync.Mutex // orders steps
	mu      sync.Mutex
	running map[string]uint64 // bytes that are being fetched, by work
	failed  map[string]failure
	page    []byte
	report  Report
	wg      sync.WaitGroup
}

type failure struct {
	times int
	at    time.Time
}

// Report is what has been done since the start.
type Report struct {
	Taken  uint64 // copies that the node has promised
	Lost   uint64 // races to other nodes
	Failed uint64
	Wanted int // works on the list of which the node could afford a copy, at the last look
}

// Report returns it.
func (r *Repairer) Report() Report {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.report
}

// Step looks at the list once and begins to take what is due, as much at a time as Parallel allows. It does not wait for
// what it began: Wait does. next is how long until something is due, where it is known; it may be zero.
func (r *Repairer) Step(ctx context.Context) (next time.Duration, err error) {
	r.step.Lock()
	defer r.step.Unlock()
	if r.Closed != nil && r.Closed() {
		return 0, nil
	}
	me, err := r.Chain.Provider(ctx, r.Operator)
	if errors.Is(err, storagetypes.ErrProviderNotFound) || err == nil && me.Status != storagetypes.PROVIDER_STATUS_ACTIVE {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("provider: %w", err)
	}
	rows, err := r.list(ctx)
	if err != nil {
		return 0, fmt.Errorf("repairs: %w", err)
	}
	if len(rows) == 0 {
		r.wanted(0)
		return 0, nil
	}
	params, err := r.Chain.StorageParams(ctx)
	if err != nil {
		return 0, fmt.Errorf("parameters of x/storage: %w", err)
	}
	wishes := r.wishes(me, params, rows)
	r.wanted(len(wishes))
	return r.grant(ctx, me, params, wishes)
}

// grant begins to take what is due, as long as there are hands. What this node may not take is not looked at again for a
// while: one node's end can make thousands of copies wanted. A work that cannot be judged does not keep the others from it;
// the error joins all.
func (r *Repairer) grant(ctx context.Context, me storagetypes.Provider, params storagetypes.Params, wishes []wish) (next time.Duration, failed error) {
	judged := 0
	for _, w := range wishes {
		if wait := time.Duration(w.due-r.Chain.Now()) * time.Second; wait > 0 {
			return sooner(next, wait), failed
		}
		if !r.hands() || judged == maxJudged {
			return next, failed // who ends calls again
		}
		if r.resting(w.id) {
			continue
		}
		judged++
		c, ok, err := r.judge(ctx, me, params, w)
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("work %s: %w", w.id, err))
			continue
		}
		if !ok {
			r.rest(w.id, lookAgain)
			continue
		}
		if wait := time.Duration(c.due-r.Chain.Now()) * time.Second; wait > 0 {
			next = sooner(next, wait)
			continue
		}
		if r.begin(c) {
			r.wg.Go(func() {
				err := r.take(ctx, c)
				r.end(c)
				r.finish(c, err)
			})
		}
	}
	return next, failed
}

func sooner(a, b time.Duration) time.Duration {
	if a == 0 || b < a {
		return b
	}
	return a
}

// hands says whether one more work may be fetched.
func (r *Repairer) hands() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.running) < r.Parallel
}

// resting says whether a work is left alone for now.
func (r *Repairer) resting(work string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, ok := r.running[work]
	return ok || time.Now().Before(r.failed[work].at)
}

// rest leaves a work alone for a while.
func (r *Repairer) rest(work string, pause time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pause(work, failure{r.failed[work].times, time.Now().Add(pause)})
}

// pause needs mu.
func (r *Repairer) pause(work string, f failure) {
	if r.failed == nil {
		r.failed = map[string]failure{}
	}
	if len(r.failed) >= maxResting {
		clear(r.failed) // most are of works that nobody wants any more
	}
	r.failed[work] = f
}

func (r *Repairer) wanted(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.report.Wanted = n
}

// Wait waits for all that steps have begun.
func (r *Repairer) Wait() { r.wg.Wait() }

// list reads the copies that are wanted: all of them, or as many as a step may, beginning where the last one stopped.
func (r *Repairer) list(ctx context.Context) (out []storagetypes.Repair, err error) {
	for range maxPages {
		var rows []storagetypes.Repair
		rows, r.page, err = r.Chain.AllRepairs(ctx, r.page)
		if err != nil {
			r.page = nil
			return nil, err
		}
		out = append(out, rows...)
		if len(r.page) == 0 {
			break
		}
	}
	return out, nil
}

// begin says whether the work may be fetched now.
func (r *Repairer) begin(c choice) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, ok := r.running[c.work.Cid]; ok || len(r.running) >= r.Parallel {
		return false
	}
	taken := uint64(0)
	for _, n := range r.running {
		taken += n
	}
	// what is under way is not in the store yet
	if free := r.Store.Free(); c.work.PieceSize+taken > free {
		return false
	}
	if r.running == nil {
		r.running = map[string]uint64{}
	}
	r.running[c.work.Cid] = c.work.PieceSize
	return true
}

func (r *Repairer) end(c choice) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.running, c.work.Cid)
}

// maxPause is how long a work that failed is left alone at most.
const maxPause = 10 * time.Minute

// finish counts what came of it.
func (r *Repairer) finish(c choice, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case err == nil:
		r.report.Taken++
		delete(r.failed, c.work.Cid)
		r.Log.Info("a copy was repaired", "work", c.work.Cid, "bytes", c.work.PieceSize, "was", c.row.Operator, "reason", c.row.Reason.String())
	case errors.Is(err, errRace):
		r.report.Lost++
		r.Log.Debug("another node was quicker", "work", c.work.Cid)
	case errors.Is(err, context.Canceled):
	default:
		r.report.Failed++
		f := r.failed[c.work.Cid]
		r.pause(c.work.Cid, failure{f.times + 1, time.Now().Add(min(5*time.Second<<min(f.times, 7), maxPause))})
		r.Log.Warn("a copy could not be repaired; it is tried again", "work", c.work.Cid, "err", err)
	}
	if r.Done != nil {
		r.Done()
	}
}

// errRace says that another node, or the creator, was quicker.
var errRace = errors.New("the copy is not wanted any more")

// EntryID names what is fetched until it is promised: it is served only then.
func EntryID(work string) string { return "repair/" + work }

// take fetches the work unless its bytes are here, and promises it. Bytes that were fetched for nothing go again.
func (r *Repairer) take(ctx context.Context, c choice) error {
	w := c.work
	e := catalog.Entry{
		ID: EntryID(w.Cid), Work: w.Cid, Root: w.Root, Creator: w.Creator, Media: w.Media, Cover: w.Cover,
		Piece: w.PieceRoot, PieceSize: w.PieceSize, Duration: w.DurationSeconds, Added: time.Now().Unix(),
	}
	kept, here := r.Store.Entry(w.Cid)
	if here {
		// its deal ended, perhaps because the bytes are not what they were
		here = r.Store.Check(ctx, kept) == nil
	}
	if !here {
		if _, begun := r.Store.Entry(e.ID); !begun {
			if err := r.Store.Fetch(ctx, e); err != nil {
				return err
			}
		}
	}
	err := r.promise(ctx, c)
	if err != nil {
		// its own context: also when the node stops, what no deal names goes
		err = errors.Join(err, r.Store.Drop(context.WithoutCancel(ctx), e.ID))
	}
	return err
}

// promise takes the first of the work's rows that is still there.
func (r *Repairer) promise(ctx context.Context, c choice) error {
	rows, err := r.Chain.Repairs(ctx, c.work.Cid)
	if err != nil {
		return err
	}
	mine := r.order(rows)
	for i, row := range mine {
		if c.rate.GT(row.MaxRate) {
			continue
		}
		err := r.Chain.RepairWork(ctx, row.Work, row.Operator, c.work.PieceRoot, c.work.PieceSize)
		switch {
		case errors.Is(err, storagetypes.ErrRepairNotFound) && i+1 < len(mine):
			continue
		case errors.Is(err, storagetypes.ErrRepairNotFound), errors.Is(err, storagetypes.ErrSameNetwork), errors.Is(err, storagetypes.ErrTooManyDeals),
			errors.Is(err, storagetypes.ErrWorkNotActive):
			return fmt.Errorf("%w: %w", errRace, err)
		case errors.Is(err, storagetypes.ErrDealExists):
			return nil // an answer that got lost
		}
		return err
	}
	return errRace
}
