package nodeclient

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/ipfs/go-cid"

	"github.com/streamchain/streamchain/storagenode/wire"
)

// Silence is how long a node may stay silent before another is asked beside it.
const Silence = 1500 * time.Millisecond

// ErrNoNode says that no node gives the bytes.
var ErrNoNode = errors.New("no storage node that keeps the work answers: try again later")

// finalError is what asking another node does not change.
type finalError struct{ error }

func (e finalError) Unwrap() error { return e.error }

// Final marks an error of an Admit that is not the node's: no other is asked because of it.
func Final(err error) error { return finalError{err} }

// IsFinal says whether an error is one of Final.
func IsFinal(err error) bool {
	var final finalError
	return errors.As(err, &final)
}

// Admit lets a request in at the leg's node: it calls get with what that takes, again where the node wants something
// else. paid is the node's Stream-Paid header.
type Admit func(ctx context.Context, leg *Leg, get func(Credentials) (paid string, err error)) error

// Open is the Admit of what everybody may have.
func Open(_ context.Context, _ *Leg, get func(Credentials) (string, error)) error {
	_, err := get(Credentials{})
	return err
}

// Request says how a block is asked for.
type Request struct {
	Admit Admit
	// Sole keeps to one node for as long as it does: each that is asked has to be paid.
	Sole bool
	// Within is how long a block may take before another node is asked beside the first; 0 for Silence.
	Within time.Duration
	// Size is how many bytes are expected; 0 where that is not known.
	Size int64
}

// Leg is one node's part in a race for a block.
type Leg struct {
	*Peer
	sent  atomic.Int64 // unix nanoseconds of the request, 0 before
	heard atomic.Int64 // of the last byte, or of what was waited for
	moved atomic.Int64 // bytes
	held  atomic.Int32

	size   int64
	silent bool // noted as such
	late   bool
	slow   bool
	data   []byte
	reply  Reply
	took   time.Duration
}

// Hold runs f, during which the node's silence is not held against it: f waits for something else.
func (l *Leg) Hold(f func() error) error {
	l.held.Add(1)
	defer func() {
		l.heard.Store(time.Now().UnixNano())
		l.held.Add(-1)
	}()
	return f()
}

func (l *Leg) since(at *atomic.Int64) time.Duration {
	return time.Duration(time.Now().UnixNano() - at.Load())
}

// stalls says whether the node has been silent for Silence.
func (l *Leg) stalls() bool { return l.held.Load() == 0 && l.since(&l.heard) >= Silence }

// left is how long the leg still takes if it goes on as it did; false while it is not late.
func (l *Leg) left(within time.Duration) (time.Duration, bool) {
	took := l.since(&l.sent)
	if l.held.Load() > 0 || l.sent.Load() == 0 || took < within {
		return 0, false
	}
	size := l.size
	if size == 0 {
		size = maxBlock / 2
	}
	moved := l.moved.Load()
	return time.Duration(float64(took) * float64(max(size-moved, 0)) / float64(max(moved, 1))), true
}

func (l *Leg) run(ctx context.Context, c cid.Cid, admit Admit) error {
	return admit(ctx, l, func(cred Credentials) (string, error) {
		start := time.Now()
		l.sent.Store(start.UnixNano())
		l.heard.Store(start.UnixNano())
		var err error
		l.data, l.reply, err = l.Block(ctx, c, cred, func(sum int) {
			if l.moved.Swap(int64(sum)) != int64(sum) {
				l.heard.Store(time.Now().UnixNano())
			}
		})
		l.took = time.Since(start)
		return l.reply.Paid, err
	})
}

// race is one block being fetched.
type race struct {
	pool    *Pool
	id      cid.Cid
	req     Request
	tried   map[*Peer]bool
	running map[*Leg]bool
	results chan outcome
	errs    []error
	final   error
}

type outcome struct {
	leg *Leg
	err error
}

const (
	// glance is how often a race looks at its legs.
	glance = 50 * time.Millisecond
	// laneTime is about how long it takes until another node is paid.
	laneTime = 2 * time.Second
)

// Block fetches a block from the pool's nodes. The best is asked first; when it fails, another; when it is silent or
// late, another beside it, and the first that has the block wins. It fails when no node is left: with ErrNoNode and what
// each said, or with what is Final.
func (p *Pool) Block(ctx context.Context, id cid.Cid, req Request) (data []byte, operator string, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if req.Within == 0 {
		req.Within = Silence
	}
	if err := checkID(id); err != nil {
		return nil, "", err
	}
	r := &race{pool: p, id: id, req: req, tried: map[*Peer]bool{}, running: map[*Leg]bool{}, results: make(chan outcome)}
	tick := time.NewTicker(glance)
	defer tick.Stop()
	for {
		if len(r.running) == 0 && (r.final != nil || !r.launch(ctx, true)) {
			return nil, "", r.lost(ctx)
		}
		select {
		case <-ctx.Done():
			return nil, "", ctx.Err()
		case res := <-r.results:
			delete(r.running, res.leg)
			if res.err == nil {
				r.won(res.leg)
				return res.leg.data, res.leg.Info.Operator, nil
			}
			if err := r.fail(ctx, res); err != nil {
				return nil, "", err
			}
		case <-tick.C:
			if r.troubled() && r.final == nil {
				r.launch(ctx, false)
			}
		}
	}
}

// launch starts the next node's leg; false when none is left.
func (r *race) launch(ctx context.Context, wait bool) bool {
	peer, err := r.pool.take(ctx, r.tried, r.req.Sole, wait, r.req.Size)
	if err != nil || peer == nil {
		return false
	}
	r.tried[peer] = true
	leg := &Leg{Peer: peer, size: r.req.Size}
	leg.heard.Store(time.Now().UnixNano())
	r.running[leg] = true
	go func() {
		err := leg.run(ctx, r.id, r.req.Admit)
		r.pool.ended(peer, leg.size)
		select {
		case r.results <- outcome{leg, err}:
		case <-ctx.Done():
		}
	}()
	return true
}

// troubled says whether every leg is silent, or so late that another node would be faster.
func (r *race) troubled() bool {
	for leg := range r.running {
		if leg.stalls() {
			if !leg.silent {
				leg.silent = true
				r.pool.silent(leg.Peer)
			}
			continue
		}
		left, late := leg.left(r.req.Within)
		if late && !leg.late {
			// all that are late at once say so first, or on a slow line each would take the other's node for a fast one
			leg.late = true
			r.pool.sees(leg.Peer, leg.moved.Load(), leg.since(&leg.sent))
			return false
		}
		if !late || left < r.pool.next(r.tried, r.req.Sole, r.req.Size) {
			return false
		}
		leg.slow = true
	}
	return true
}

// next is how long the node that was not tried yet would take.
func (p *Pool) next(tried map[*Peer]bool, sole bool, size int64) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if o := p.best(tried, sole, size); o != nil {
		cost := p.cost(o, size)
		if sole {
			cost += laneTime
		}
		return cost
	}
	return time.Duration(1<<63 - 1)
}

// won notes what the race says of its legs.
func (r *race) won(winner *Leg) {
	r.pool.gave(winner.Peer, len(winner.data), winner.reply.First, winner.took, r.req.Sole)
	for leg := range r.running {
		switch {
		case leg.silent:
			r.pool.failed(leg.Peer, stalled)
		case leg.slow:
			r.pool.slow(leg.Peer, leg.moved.Load(), leg.since(&leg.sent))
		}
	}
}

// fail notes a leg that failed. It returns what no other node can change.
func (r *race) fail(ctx context.Context, res outcome) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if errors.Is(res.err, ErrUnsupportedDAG) {
		return res.err
	}
	var final finalError
	if errors.As(res.err, &final) {
		// who is asked already may still bring it
		r.final = res.err
		return nil
	}
	r.errs = append(r.errs, fmt.Errorf("%s: %w", res.leg.Info.Operator, res.err))
	r.pool.failed(res.leg.Peer, kindOf(res))
	return nil
}

// failure is what a node did instead of giving a block.
type failure int

const (
	broke failure = iota
	stalled
	refused
	corrupt
)

func kindOf(res outcome) failure {
	var p *wire.Problem
	switch {
	case errors.Is(res.err, ErrCorrupt):
		return corrupt
	case res.leg.silent:
		return stalled
	case errors.As(res.err, &p) && (p.Status < http.StatusInternalServerError || p.Status == http.StatusServiceUnavailable):
		return refused
	}
	return broke
}

func (r *race) lost(ctx context.Context) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case r.final != nil:
		return r.final
	}
	return errors.Join(append([]error{ErrNoNode}, r.errs...)...)
}
