package keyclient

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/streamchain/streamchain/keyshare"
	"github.com/streamchain/streamchain/storagenode/wire"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
)

// round is one attempt to get windows.
type round struct {
	c       *Client
	w       *work
	windows []Window
	pay     *wire.KeyPay
	raised  bool // the holders have said what is due, and it was asked for

	replies chan reply
	queue   []storagetypes.KeyHolder // who was not asked yet
	pending int
	good    []reply
	failed  map[string]error         // by operator
	asked   map[string]int           // times, by operator
	due     map[string]*wire.Problem // refusals for want of ticks, by operator
}

// fetch asks holders until enough have answered rightly.
func (c *Client) fetch(ctx context.Context, w *work, windows []Window) (map[Window]keyshare.Output, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r := &round{
		c: c, w: w, windows: windows, replies: make(chan reply, 2*len(w.set.Holders)), queue: c.order(w.set.Holders),
		failed: map[string]error{}, asked: map[string]int{}, due: map[string]*wire.Problem{},
	}
	if err := r.getPay(ctx, 0); err != nil {
		return nil, err
	}
	for range w.commitments.Threshold() {
		r.next(ctx)
	}
	hedge := time.NewTicker(c.cfg.Hedge)
	defer hedge.Stop()
	for {
		out, done, err := r.settle(ctx)
		if done {
			return out, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-hedge.C:
			r.next(ctx)
		case got := <-r.replies:
			r.take(ctx, got)
		}
	}
}

// order puts the holders that were quick first, and those that lied last.
func (c *Client) order(holders []storagetypes.KeyHolder) []storagetypes.KeyHolder {
	out := slices.Clone(holders)
	// those that nobody knows anything of share the work
	rand.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	c.mu.Lock()
	defer c.mu.Unlock()
	rank := func(h storagetypes.KeyHolder) time.Duration {
		if c.liars[h.Operator] {
			return time.Hour
		}
		return c.scores[h.Operator]
	}
	slices.SortStableFunc(out, func(a, b storagetypes.KeyHolder) int {
		return int(rank(a)/time.Millisecond) - int(rank(b)/time.Millisecond)
	})
	return out
}

func (r *round) getPay(ctx context.Context, due uint32) (err error) {
	if r.c.cfg.Pay != nil {
		r.pay, err = r.c.cfg.Pay(ctx, r.windows, due)
	}
	return err
}

// next asks the next holder, if one is left.
func (r *round) next(ctx context.Context) {
	if len(r.queue) == 0 {
		return
	}
	h := r.queue[0]
	r.queue = r.queue[1:]
	r.pending++
	r.asked[h.Operator]++
	pay := r.pay
	go func() { r.replies <- r.c.ask(ctx, r.w, h, r.windows, pay) }()
}

func (r *round) take(ctx context.Context, got reply) {
	r.pending--
	var p *wire.Problem
	switch {
	case got.err == nil:
		r.good = append(r.good, got)
		return
	case errors.As(got.err, &p) && p.Slug == wire.PaymentRequired && p.Terms != nil && p.Terms.Due > 0:
		r.due[got.holder.Operator] = p
		// it was asked before more was paid
		if r.raised && r.pay != nil && p.Terms.Due <= r.pay.N && r.asked[got.holder.Operator] < 2 {
			delete(r.due, got.holder.Operator)
			r.queue = append([]storagetypes.KeyHolder{got.holder}, r.queue...)
			r.next(ctx)
			return
		}
	default:
		r.failed[got.holder.Operator] = got.err
	}
	if len(r.due) < r.missing() || r.raised {
		r.next(ctx)
	}
}

// missing is how many right answers are still needed.
func (r *round) missing() int { return r.w.commitments.Threshold() - len(r.good) }

// settle ends the round when it can: with keys, or because nothing more can come.
func (r *round) settle(ctx context.Context) (map[Window]keyshare.Output, bool, error) {
	if r.missing() <= 0 {
		out, liars, err := r.combine()
		if err == nil || !errors.Is(err, keyshare.ErrTooFew) {
			return out, true, err
		}
		for range liars {
			r.next(ctx)
		}
	}
	if len(r.due) >= r.missing() && !r.raised {
		if done, err := r.raise(ctx); done || err != nil {
			return nil, done, err
		}
	}
	if r.pending > 0 {
		return nil, false, nil
	}
	if len(r.queue) > 0 {
		r.next(ctx)
		return nil, false, nil
	}
	return nil, true, r.verdict()
}

// raise pays what is due and asks again who refused for want of it. done says that the round ends with err.
func (r *round) raise(ctx context.Context) (done bool, err error) {
	due := r.ticks()
	// where they do not agree, the others are heard before anything is paid
	if due.Due > r.fewest() && r.pending+len(r.queue) > 0 {
		return false, nil
	}
	if r.c.cfg.Pay == nil {
		return true, due
	}
	r.raised = true
	if err := r.getPay(ctx, due.Due); err != nil {
		return true, err
	}
	if r.pay == nil || r.pay.N < due.Due {
		return true, due
	}
	for _, h := range r.w.set.Holders {
		if r.due[h.Operator] != nil {
			r.queue = append([]storagetypes.KeyHolder{h}, r.queue...)
		}
	}
	again := len(r.due)
	clear(r.due)
	for range again {
		r.next(ctx)
	}
	return false, nil
}

// ticks is the fewest that enough holders would answer for: a holder that asks for more than the others is passed over.
func (r *round) ticks() *PayMoreError {
	var all []*wire.Problem
	for _, operator := range sorted(r.due) {
		all = append(all, r.due[operator])
	}
	slices.SortStableFunc(all, func(a, b *wire.Problem) int { return int(int64(a.Terms.Due) - int64(b.Terms.Due)) })
	t := all[max(r.missing(), 1)-1].Terms
	return &PayMoreError{t.Due, t}
}

// fewest is the smallest number of ticks that a holder asks for.
func (r *round) fewest() uint32 {
	least := uint32(math.MaxUint32)
	for _, p := range r.due {
		least = min(least, p.Terms.Due)
	}
	return least
}

// verdict says why nothing more can come.
func (r *round) verdict() error {
	refused := 0
	var first error
	for _, operator := range sorted(r.failed) {
		var p *wire.Problem
		if err := r.failed[operator]; errors.As(err, &p) && (p.Slug == wire.PaymentRequired || p.Slug == wire.KeyNotGranted || p.Slug == wire.Blocked) {
			refused++
			first = err
		}
	}
	if refused > 0 && refused >= r.missing() {
		return fmt.Errorf("%w: %w", ErrNotEntitled, first)
	}
	if len(r.due) > 0 && len(r.due) >= r.missing() {
		return r.ticks()
	}
	for operator, p := range r.due {
		r.failed[operator] = p
	}
	return &HoldersError{r.failed}
}

// combine makes the keys out of the good replies. Who lied about any window is out, with the proof told.
func (r *round) combine() (map[Window]keyshare.Output, []uint16, error) {
	out := map[Window]keyshare.Output{}
	var lied []uint16
	var short error
	for i, win := range r.windows {
		name := keyshare.Window{Work: r.w.keyID, Rendition: win.Rendition, Number: win.Number}
		answers := make([]keyshare.Answer, len(r.good))
		for j, g := range r.good {
			answers[j] = g.answers[i]
		}
		key, liars, err := keyshare.Combine(r.w.commitments, name, answers)
		for _, index := range liars {
			if !slices.Contains(lied, index) {
				lied = append(lied, index)
				r.name(index, win, answers)
			}
		}
		switch {
		case err == nil:
			out[win] = key
		case errors.Is(err, keyshare.ErrTooFew):
			short = err
		default:
			return nil, nil, err
		}
	}
	r.good = slices.DeleteFunc(r.good, func(g reply) bool { return slices.Contains(lied, uint16(g.holder.Index)) })
	if short == nil {
		r.count()
	}
	return out, lied, short
}

// count notes whose answers opened the windows.
func (r *round) count() {
	r.c.mu.Lock()
	defer r.c.mu.Unlock()
	r.c.opened += len(r.windows)
	for _, g := range r.good[:r.w.commitments.Threshold()] {
		r.c.used[g.holder.Operator] += len(r.windows)
	}
}

func (r *round) name(index uint16, w Window, answers []keyshare.Answer) {
	for j, g := range r.good {
		if g.holder.Index != uint32(index) {
			continue
		}
		operator := g.holder.Operator
		r.failed[operator] = &keyshare.LiarsError{Indexes: []uint16{index}}
		r.c.mu.Lock()
		r.c.liars[operator] = true
		r.c.mu.Unlock()
		if r.c.cfg.Lied != nil {
			r.c.cfg.Lied(operator, w, answers[j].Bytes())
		}
	}
}
