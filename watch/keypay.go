package watch

import (
	"context"
	"errors"
	"fmt"

	"github.com/streamchain/streamchain/nodeclient"
	"github.com/streamchain/streamchain/storagenode/wire"
	"github.com/streamchain/streamchain/token"
)

// keyPay gives the session and the word that pay for a window, starting a session where none fits. due is how many ticks holders say that the session must
// pay in all, 0 where they said nothing yet. The word pays the window whole, and what the node asks for it: who may not spend that does not begin it.
func (p *payer) keyPay(ctx context.Context, w want, t keyTerms, due uint32) (*wire.KeyPay, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ticks = max(w.rest, w.to-w.from) + 2
	if p.session == nil || p.through(w, t, due) > p.session.MaxTicks {
		need := max(t.ticks(w.Window), w.to-w.from)
		err := p.start(ctx, need)
		var problem *wire.Problem
		if errors.As(err, &problem) && ended(problem) {
			// the lane of an earlier run is over for the node: the next one is not
			if err = p.end(); err != nil {
				return nil, nodeclient.Final(err)
			}
			err = p.start(ctx, need)
		}
		if err != nil {
			return nil, err
		}
	}
	n := p.through(w, t, due)
	if n > p.session.MaxTicks {
		return nil, fmt.Errorf("%s: the session does not reach the end of the window", p.node.Endpoint())
	}
	if err := p.afford(n); err != nil {
		return nil, err
	}
	if p.session.Keyed == nil {
		p.session.Keyed = map[string]uint32{}
	}
	p.session.Keyed[windowName(w.Window)] = t.ticks(w.Window)
	if err := p.record(n); err != nil {
		return nil, nodeclient.Final(err)
	}
	word := p.words.Word(n)
	return &wire.KeyPay{Session: *p.signed(), N: n, Word: word[:]}, nil
}

// through is how many ticks the session pays in all once the window is paid: all windows by the holders' count, and all ticks by the node's.
func (p *payer) through(w want, t keyTerms, due uint32) uint32 {
	s, name := p.session, windowName(w.Window)
	ticks, windows := s.keyed(), uint32(len(s.Keyed))
	if _, asked := s.Keyed[name]; !asked {
		ticks, windows = ticks+t.ticks(w.Window), windows+1
	}
	// holders may count otherwise at a work's end, but no window costs more than a whole one
	if due <= windows*t.whole() {
		ticks = max(ticks, due)
	}
	return max(ticks, p.used+p.bought.missing(w.rendition, w.from, w.to), s.N)
}

// afford refuses what would pass the viewer's limit.
func (p *payer) afford(n uint32) error {
	more := uint64(n-p.session.N) * p.price
	if left := p.budget.left(); more > left {
		return nodeclient.Final(fmt.Errorf("%w: %s more than %s", ErrSpendLimit, token.Format(token.Coin(int64(more-left))), token.Format(token.Coin(int64(p.budget.limit)))))
	}
	return nil
}

// leave gives up a session that holders take no more: the next one is in another lane.
func (p *payer) leave() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.end()
}

// end forgets the session and its lane, for whatever reason it has ended: what was paid stays paid, the rest returns to the escrow.
func (p *payer) end() error {
	p.session, p.bought = nil, nil
	if p.lane == nil {
		return nil
	}
	p.lane.Expires = 0
	return p.device.saveLane(p.operator, p.lane)
}

// bought are the ticks of each rendition whose bytes came under a session.
type bought map[string]map[uint32]bool

func (b bought) missing(rendition string, from, to uint32) (n uint32) {
	for t := from; t < to; t++ {
		if !b[rendition][t] {
			n++
		}
	}
	return n
}

func (b *bought) add(rendition string, from, to uint32) {
	if *b == nil {
		*b = bought{}
	}
	if (*b)[rendition] == nil {
		(*b)[rendition] = map[uint32]bool{}
	}
	for t := from; t < to; t++ {
		(*b)[rendition][t] = true
	}
}
