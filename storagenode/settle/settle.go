package settle

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/streamchain/streamchain/storagenode/ledger"
	"github.com/streamchain/streamchain/storagenode/wire"
	"github.com/streamchain/streamchain/voucher"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
)

// Chain is what settling takes.
type Chain interface {
	// Settle submits at most streamtypes.MaxItems and returns a result for each, in order.
	Settle(ctx context.Context, items []streamtypes.Settlement) ([]streamtypes.ItemResult, error)
	// CloseLanes closes all or none.
	CloseLanes(ctx context.Context, lanes []ledger.LaneID) error
	// Lane is like in package sessions.
	Lane(ctx context.Context, owner, denom string) (streamtypes.Lane, error)
	// Now is live time in Unix seconds.
	Now() int64
}

// Settler settles one ledger. Its fields are set before the first step.
type Settler struct {
	Chain  Chain
	Ledger *ledger.Ledger
	// Min is what an open session must owe to be settled before it ends, in base units: less is not worth the gas.
	Min uint64
	// Idle is after how long an unused session ends, Linger after how long an unused lane is closed.
	Idle, Linger time.Duration

	step    sync.Mutex
	refused map[wire.SessionID]refusal
}

// refusal keeps an item that the chain refuses from being sent with each step.
type refusal struct {
	times int
	again time.Time
}

// Report is what a step did.
type Report struct {
	Settled int    // sessions
	Paid    uint64 // base units
	Refused int    // sessions
	Closed  int    // lanes
	Lost    int    // sessions whose lane ended before they were settled
}

// maxClose is the most lanes that one transaction closes.
const maxClose = 50

// Step closes idle sessions, settles, and closes finished lanes. What one of these cannot do does not keep the others
// from being done; the error joins all.
func (s *Settler) Step(ctx context.Context) (Report, error) {
	s.step.Lock()
	defer s.step.Unlock()
	var r Report
	now := s.Chain.Now()
	err := s.Ledger.CloseIdle(s.Idle, now)
	err = errors.Join(err, s.settle(ctx, &r, now))
	err = errors.Join(err, s.endLost(&r, now))
	err = errors.Join(err, s.close(ctx, &r))
	return r, errors.Join(err, s.Ledger.Compact())
}

// due is what is worth settling now.
func (s *Settler) due(now int64) []ledger.Pending {
	var out []ledger.Pending
	for _, p := range s.Ledger.Pending() {
		if !holdBack(&p) {
			continue
		}
		owed, ok := voucher.Amount(p.Settlement.N-p.From, p.Settlement.Session.PricePerTick)
		soon := now >= p.Lane.Expires-streamtypes.DefaultServeMarginSeconds
		if !p.Open || soon || !ok || owed >= s.Min {
			if time.Now().After(s.refused[p.ID].again) {
				out = append(out, p)
			}
		}
	}
	return out
}

func (s *Settler) settle(ctx context.Context, r *Report, now int64) error {
	due := s.due(now)
	for len(due) > 0 {
		batch, hashes := 0, uint32(0)
		for ; batch < min(len(due), streamtypes.MaxItems); batch++ {
			shorten(&due[batch])
			if hashes += due[batch].Settlement.N - due[batch].From; hashes > streamtypes.MaxHashes {
				break
			}
		}
		if err := s.submit(ctx, r, due[:batch]); err != nil {
			return err
		}
		due = due[batch:]
	}
	return nil
}

// holdBack leaves an open session's newest tick for later, and says whether there are others: its word is what the viewer
// is known by, and what is settled everybody can read.
func holdBack(p *ledger.Pending) bool {
	if !p.Open {
		return true
	}
	v, err := p.Settlement.Session.Voucher()
	if err != nil || p.Settlement.N-1 <= p.From {
		return false
	}
	salt, w := v.Salt(), voucher.Word(p.Settlement.Word)
	w = voucher.Step(&salt, &w)
	p.Settlement.N, p.Settlement.Word = p.Settlement.N-1, w[:]
	return true
}

// shorten makes a settlement that takes more hashes than a message may need one of fewer ticks: earlier words
// follow from the last. The next step settles on.
func shorten(p *ledger.Pending) {
	n := p.Settlement.N
	if n-p.From <= streamtypes.MaxHashes {
		return
	}
	v, err := p.Settlement.Session.Voucher()
	if err != nil {
		return
	}
	salt := v.Salt()
	p.Settlement.N = p.From + streamtypes.MaxHashes
	w := voucher.Forward(&salt, voucher.Word(p.Settlement.Word), n-p.Settlement.N)
	p.Settlement.Word = w[:]
}

func (s *Settler) submit(ctx context.Context, r *Report, batch []ledger.Pending) error {
	items := make([]streamtypes.Settlement, len(batch))
	for i, p := range batch {
		items[i] = p.Settlement
		s.Ledger.Reveal(p.ID, p.Settlement.N)
	}
	results, err := s.Chain.Settle(ctx, items)
	if err != nil {
		return fmt.Errorf("settling %d sessions: %w", len(batch), err)
	}
	if len(results) != len(batch) {
		return fmt.Errorf("settling: %d results for %d sessions", len(results), len(batch))
	}
	for i, p := range batch {
		if err := s.result(ctx, r, p, results[i]); err != nil {
			return err
		}
	}
	return nil
}

func is(res streamtypes.ItemResult, codes ...interface{ ABCICode() uint32 }) bool {
	for _, c := range codes {
		if res.Codespace == streamtypes.ModuleName && res.Code == c.ABCICode() {
			return true
		}
	}
	return false
}

func (s *Settler) result(ctx context.Context, r *Report, p ledger.Pending, res streamtypes.ItemResult) error {
	switch {
	case res.Code == 0 || is(res, streamtypes.ErrStale):
		r.Settled++
		r.Paid += res.Paid
		delete(s.refused, p.ID)
		return s.Ledger.Settled(p.ID, p.Settlement.N)
	case is(res, streamtypes.ErrLaneEnded, streamtypes.ErrLaneNotFound):
		return s.gone(ctx, r, p.Lane)
	}
	r.Refused++
	if s.refused == nil {
		s.refused = map[wire.SessionID]refusal{}
	}
	times := s.refused[p.ID].times + 1
	s.refused[p.ID] = refusal{times, time.Now().Add(time.Minute << min(times, 6))}
	return nil
}

// gone forgets a lane if the chain has no such lane.
func (s *Settler) gone(ctx context.Context, r *Report, lane ledger.Lane) error {
	ln, err := s.Chain.Lane(ctx, lane.Owner, lane.Denom)
	if err == nil && ln.Generation == lane.Generation {
		return nil
	}
	if err != nil && !errors.Is(err, streamtypes.ErrLaneNotFound) {
		return err
	}
	return s.forget(r, lane.LaneID)
}

func (s *Settler) forget(r *Report, id ledger.LaneID) error {
	for _, p := range s.Ledger.Pending() {
		if p.Lane.LaneID == id {
			r.Lost++
			delete(s.refused, p.ID)
		}
	}
	return s.Ledger.EndLane(id)
}

// endLost forgets lanes that the chain has ended by now.
func (s *Settler) endLost(r *Report, now int64) error {
	var err error
	for _, ln := range s.Ledger.Lanes() {
		if now > ln.ClosesAt {
			err = errors.Join(err, s.forget(r, ln.LaneID))
		}
	}
	return err
}

// close closes finished lanes: many in one transaction, and one by one where that is refused.
func (s *Settler) close(ctx context.Context, r *Report) error {
	var failed error
	lanes := s.Ledger.Finished(s.Linger)
	for len(lanes) > 0 {
		n := min(len(lanes), maxClose)
		ids := make([]ledger.LaneID, n)
		for i, ln := range lanes[:n] {
			ids[i] = ln.LaneID
		}
		lanes = lanes[n:]
		err := s.Chain.CloseLanes(ctx, ids)
		if err == nil || n == 1 {
			failed = errors.Join(failed, s.closed(r, ids, err))
			continue
		}
		for _, id := range ids {
			failed = errors.Join(failed, s.closed(r, []ledger.LaneID{id}, s.Chain.CloseLanes(ctx, []ledger.LaneID{id})))
		}
	}
	return failed
}

func (s *Settler) closed(r *Report, ids []ledger.LaneID, err error) error {
	var failed error
	ended := err == nil || errors.Is(err, streamtypes.ErrLaneNotFound) || errors.Is(err, streamtypes.ErrLaneEnded) || errors.Is(err, streamtypes.ErrLaneClosing)
	for _, id := range ids {
		if !ended {
			s.Ledger.Unseal(id)
			failed = errors.Join(failed, fmt.Errorf("closing lane %s: %w", id, err))
			continue
		}
		r.Closed++
		failed = errors.Join(failed, s.Ledger.EndLane(id))
	}
	return failed
}
