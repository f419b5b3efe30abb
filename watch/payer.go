package watch

import (
	"context"
	"errors"
	"fmt"
	"sync"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/nodeclient"
	"github.com/streamchain/streamchain/storagenode/wire"
	"github.com/streamchain/streamchain/voucher"
)

// ErrSpendLimit says that going on would cost more than the viewer allowed.
var ErrSpendLimit = errors.New("the spending limit is reached")

// payer pays one node for one work. Requests that run beside each other share what the first of them pays.
type payer struct {
	chain    escrows
	device   *device
	node     nodeclient.Node
	budget   *budget
	root     string
	price    uint64
	tick     uint32
	operator string
	account  sdk.AccAddress // of the operator

	mu      sync.Mutex
	ticks   uint32 // what the rest of the work costs, to size a lane
	lane    *lane
	session *session
	terms   voucher.Session
	words   *voucher.Chain
	id      wire.SessionID
	used    uint32 // ticks whose bytes came
	bought  bought // which those are, as far as this run knows
	shown   uint32 // newest n that the node was sent: holders may have been shown more
	acked   uint32 // newest n that the node has
}

// word is one payment as it was sent.
type word struct {
	header string
	id     wire.SessionID
	n      uint32
	ticks  uint32 // that it pays for the segment
}

// pay returns the word that pays the next ticks, starting a session where none fits.
func (p *payer) pay(ctx context.Context, ticks uint32) (word, error) {
	if p.session == nil || p.used+ticks > p.session.MaxTicks {
		if err := p.start(ctx, ticks); err != nil {
			return word{}, err
		}
	}
	want := max(p.used+ticks, p.shown)
	if want > p.session.N {
		if err := p.afford(want); err != nil {
			return word{}, err
		}
		// on disk before it is sent: a word that a killed run has sent is never forgotten
		if err := p.record(want); err != nil {
			return word{}, nodeclient.Final(err)
		}
	}
	if err := p.catchUp(ctx, want); err != nil {
		return word{}, err
	}
	p.shown = want
	return word{wire.Payment{Session: p.id, N: want, Word: p.words.Word(want)}.String(), p.id, want, ticks}, nil
}

// catchUp sends words between, where n is too far from what the node has.
func (p *payer) catchUp(ctx context.Context, n uint32) error {
	for p.acked+voucher.MaxGap < n {
		step := p.acked + voucher.MaxGap
		w := p.words.Word(step)
		if err := p.send(ctx, wire.PayRequest{N: step, Word: w[:]}); err != nil {
			return err
		}
		p.acked = step
	}
	return nil
}

func (p *payer) send(ctx context.Context, req wire.PayRequest) error {
	ctx, cancel := context.WithTimeout(ctx, nodeclient.Stall)
	defer cancel()
	_, err := p.node.Pay(ctx, p.id, req)
	return err
}

// fetch pays for a segment and gets bytes of it. Where the node counts other ticks as used than this side does (after a
// run that was killed), its count stands as long as it asks for no more than the segment has. What waits for the chain
// or for another request runs in hold.
func (p *payer) fetch(ctx context.Context, hold func(func() error) error, s Segment, rest float64, get func(pay string) (string, error)) error {
	from, to := s.Ticks(p.tick)
	due := uint32(0) // by the node's count, where that counts
	for try := 0; ; try++ {
		var w word
		err := hold(func() (err error) {
			w, err = p.next(ctx, s, due, rest)
			return err
		})
		if err == nil {
			var paid string
			if paid, err = get(w.header); err == nil {
				p.got(w, paid, s.rendition(), from, to)
				return nil
			}
		}
		var problem *wire.Problem
		if !errors.As(err, &problem) || try == 2 {
			return err
		}
		if due, err = p.refused(w, problem, to-from, err); err != nil {
			return err
		}
	}
}

// next is the word for the ticks of a segment that are not bought yet; due of them where it is not zero.
func (p *payer) next(ctx context.Context, s Segment, due uint32, rest float64) (word, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if ctx.Err() != nil {
		// the race was won while another request held the lock: nothing is paid for who came too late
		return word{}, ctx.Err()
	}
	// the first and the last tick may be begun only
	p.ticks = uint32(rest/float64(p.tick)) + 2
	ticks := due
	if due == 0 {
		from, to := s.Ticks(p.tick)
		ticks = p.bought.missing(s.rendition(), from, to)
	}
	return p.pay(ctx, ticks)
}

// refused takes the node's word for how many ticks are due, as far as that can be true, and leaves a session that the
// node has ended.
func (p *payer) refused(w word, problem *wire.Problem, most uint32, err error) (due uint32, _ error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case ended(problem) && p.session != nil && w.header != "" && w.id != p.id:
		// another request has begun the next session meanwhile
		return 0, nil
	case ended(problem) && p.lane != nil:
		// the node has ended it, for its own reasons
		if err := p.end(); err != nil {
			return 0, nodeclient.Final(err)
		}
		return 0, nil
	case problem.Slug == wire.PaymentRequired && problem.Terms != nil && p.session != nil && w.id == p.id &&
		problem.Terms.Used <= p.session.N && problem.Terms.Due-problem.Terms.Used <= most:
		// no node can have used more than was signed: one that says so asks for what it never gave
		p.used, p.acked, p.shown = problem.Terms.Used, problem.Terms.Paid, p.session.N
		return problem.Terms.Due - problem.Terms.Used, nil
	}
	return 0, err
}

// ended says whether a node refuses because a session or its lane is over.
func ended(problem *wire.Problem) bool {
	return problem.Slug == wire.SessionUnknown || problem.Slug == wire.SessionClosed || problem.Slug == wire.LaneUnusable
}

// got notes that the bytes of ticks came, by the node's count where it gives one.
func (p *payer) got(w word, paid, rendition string, from, to uint32) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.session == nil || p.id != w.id {
		return
	}
	p.acked = max(p.acked, w.n)
	var n, used uint32
	if _, err := fmt.Sscanf(paid, "%d:%d", &n, &used); err == nil && used <= p.session.N {
		p.used = max(p.used, used)
	} else if p.bought.missing(rendition, from, to) > 0 {
		p.used += w.ticks
	}
	p.bought.add(rendition, from, to)
}

// record writes down that n ticks are paid, and what for.
func (p *payer) record(n uint32) error {
	p.session.N = n
	if err := p.device.saveLane(p.operator, p.lane); err != nil {
		return err
	}
	return p.budget.change(func(v *view) { v.Paid[p.ref()], v.Ticks[p.ref()] = uint64(n)*p.price, n })
}

// finish tells the node that nothing more comes, so that it settles.
func (p *payer) finish(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.session == nil || p.session.N == 0 {
		return nil
	}
	// not the newest word: that one may have paid for bytes that never came. What holders were paid for is owed, and theirs to settle if the node does not
	n := min(max(p.used, p.session.keyed()), p.session.N)
	if err := p.catchUp(ctx, n); err != nil {
		return err
	}
	w := p.words.Word(n)
	return p.node.CloseSession(ctx, p.id, &wire.PayRequest{N: n, Word: w[:]})
}
