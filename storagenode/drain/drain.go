package drain

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	storagetypes "github.com/streamchain/streamchain/x/storage/types"
)

// Copies are those of a work that count, and how many are wanted.
type Copies struct{ Have, Target uint32 }

// Chain is what draining takes.
type Chain interface {
	// Deals lists all deals of this node's provider.
	Deals(ctx context.Context) ([]storagetypes.Deal, error)
	Copies(ctx context.Context, work string) (Copies, error)
	// EndDeal ends a deal of this provider, or declines a request. storagetypes.ErrDealNotFound, ErrDealTooYoung.
	EndDeal(ctx context.Context, work string) error
	StorageParams(ctx context.Context) (storagetypes.Params, error)
	Proofs(ctx context.Context) (storagetypes.QueryProofsResponse, error)
	// Repairs lists the copies of a work that are wanted.
	Repairs(ctx context.Context, work string) ([]storagetypes.Repair, error)
	// Now is live time in Unix seconds.
	Now() int64
}

const (
	// maxMoving is how many works may be without their copy at a time: others have to fetch them first.
	maxMoving = 8
	// patience is how long a work that nobody takes keeps others from being moved, in seconds of live time.
	patience = 600
)

// Drainer moves works. It is safe for concurrent use.
type Drainer struct {
	Operator string
	Chain    Chain
	Files    Files

	step sync.Mutex
	mu   sync.RWMutex
	on   bool
	work map[string]Work // the state, by work
}

// Draining says whether the node drains.
func (d *Drainer) Draining() bool {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.on
}

// Hold says whether a work is served although its deal is over.
func (d *Drainer) Hold(work string) bool {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.on && d.work[work].State == Moving
}

// Look reads whether the operator wants to drain, and what was done. It is cheap.
func (d *Drainer) Look() error {
	asked, err := d.Files.Asked()
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if !asked {
		d.on, d.work = false, nil
		return d.Files.forget()
	}
	if d.on {
		return nil
	}
	st, err := d.Files.Read()
	if err != nil {
		return err
	}
	d.on, d.work = true, map[string]Work{}
	for _, w := range st.Works {
		d.work[w.ID] = w
	}
	return nil
}

// Step does what can be done now, writes down how it stands and returns it. A work that fails does not keep the others from
// being moved; the error joins all. Where the node does not drain it does nothing.
func (d *Drainer) Step(ctx context.Context) (State, error) {
	d.step.Lock()
	defer d.step.Unlock()
	if err := d.Look(); err != nil {
		return State{}, err
	}
	if !d.Draining() {
		return State{}, nil
	}
	rows, err := d.Chain.Deals(ctx)
	if err != nil {
		return State{}, fmt.Errorf("deals: %w", err)
	}
	params, err := d.Chain.StorageParams(ctx)
	if err != nil {
		return State{}, fmt.Errorf("parameters of x/storage: %w", err)
	}
	failed := d.follow(ctx, rows)
	failed = errors.Join(failed, d.move(ctx, params, rows))
	st, err := d.state(ctx)
	if err == nil {
		err = d.Files.write(st)
	}
	return st, errors.Join(failed, err)
}

// set replaces a work's state.
func (d *Drainer) set(w Work) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.work[w.ID] = w
}

func (d *Drainer) all() []Work {
	d.mu.RLock()
	defer d.mu.RUnlock()
	out := make([]Work, 0, len(d.work))
	for _, w := range d.work {
		out = append(out, w)
	}
	slices.SortFunc(out, func(a, b Work) int { return cmp.Or(cmp.Compare(a.Since, b.Since), cmp.Compare(a.ID, b.ID)) })
	return out
}

// follow looks what has become of works that have no deal here any more.
func (d *Drainer) follow(ctx context.Context, rows []storagetypes.Deal) (failed error) {
	live := map[string]bool{}
	for _, r := range rows {
		live[r.Work] = true
	}
	for _, w := range d.all() {
		switch {
		case w.State == Moved, live[w.ID]:
			continue
		case w.State == Kept:
			// ended by its creator, or by this node in a step whose answer got lost
			w.State, w.Since = Moving, d.Chain.Now()
		}
		c, err := d.Chain.Copies(ctx, w.ID)
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("work %s: %w", w.ID, err))
			continue
		}
		w.Copies, w.Target = c.Have, c.Target
		wanted, err := d.wanted(ctx, w.ID)
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("work %s: %w", w.ID, err))
			continue
		}
		if !wanted || c.Have >= min(w.Before, c.Target) {
			w.State = Moved
		}
		d.set(w)
	}
	return failed
}

// wanted says whether anybody may still take this node's copy over. Nobody may where the work was retired, its creator
// ended the deal, or chose another node himself.
func (d *Drainer) wanted(ctx context.Context, work string) (bool, error) {
	rows, err := d.Chain.Repairs(ctx, work)
	for _, r := range rows {
		if r.Operator == d.Operator && r.Reason != storagetypes.DEAL_END_REFUSED {
			return true, err
		}
	}
	return false, err
}

// move ends deals: of requests all, of active ones as many as may be on the way.
func (d *Drainer) move(ctx context.Context, params storagetypes.Params, rows []storagetypes.Deal) (failed error) {
	now, moving := d.Chain.Now(), 0
	for _, w := range d.all() {
		if w.State == Moving && now < w.Since+patience {
			moving++
		}
	}
	slices.SortFunc(rows, func(a, b storagetypes.Deal) int { return cmp.Compare(a.AcceptedAt, b.AcceptedAt) })
	for _, r := range rows {
		if r.Status == storagetypes.DEAL_STATUS_REQUESTED {
			if err := d.Chain.EndDeal(ctx, r.Work); err != nil && !errors.Is(err, storagetypes.ErrDealNotFound) {
				failed = errors.Join(failed, fmt.Errorf("declining %s: %w", r.Work, err))
			}
			continue
		}
		c, err := d.Chain.Copies(ctx, r.Work)
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("work %s: %w", r.Work, err))
			continue
		}
		w := Work{ID: r.Work, State: Kept, Until: r.AcceptedAt + params.MinDealSeconds, Before: c.Have, Copies: c.Have, Target: c.Target}
		d.set(w)
		if moving >= maxMoving {
			continue
		}
		// an escrow that is dry frees a deal earlier than its time: the chain knows
		err = d.Chain.EndDeal(ctx, r.Work)
		if errors.Is(err, storagetypes.ErrDealTooYoung) {
			continue
		}
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("ending %s: %w", r.Work, err))
			continue
		}
		moving++
		w.State, w.Since = Moving, now
		d.set(w)
	}
	return failed
}

// state is how it stands now.
func (d *Drainer) state(ctx context.Context) (State, error) {
	proofs, err := d.Chain.Proofs(ctx)
	if err != nil {
		return State{}, fmt.Errorf("proofs: %w", err)
	}
	return State{Works: d.all(), ProofSet: proofs.State.SetSize, At: time.Now().Unix()}, nil
}
