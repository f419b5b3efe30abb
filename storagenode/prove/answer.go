package prove

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/streamchain/streamchain/storagenode/blob"
	"github.com/streamchain/streamchain/storagenode/catalog"
	"github.com/streamchain/streamchain/storagenode/dag"
	"github.com/streamchain/streamchain/storagenode/outboard"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
)

var (
	// ErrNoBeacon says that the period takes a reveal of a hash chain that this node does not have: its file of seeds was
	// lost, or none counts yet.
	ErrNoBeacon = errors.New("the period takes a reveal that this node cannot make")
	// ErrNotKept says that the chain asks for a work that the node does not have.
	ErrNotKept = errors.New("the node does not have the work")
	// ErrUncertain says that answers are missing, and not because their bytes are gone: nothing is sent, since a proof
	// without them would end their deals.
	ErrUncertain = errors.New("answers cannot be made, and their bytes may still be there; nothing is sent")
)

// failure is a challenge that cannot be answered now.
type failure struct {
	storagetypes.Challenge
	entry *catalog.Entry // nil where the node does not have the work
	err   error
}

// gone says that the bytes are surely not on the disk: to be left out where no other node gives them.
func (f failure) gone() bool {
	var block *dag.BlockError
	if errors.As(f.err, &block) {
		return errors.Is(block.Err, blob.ErrNotFound) || errors.Is(block.Err, blob.ErrCorrupt)
	}
	return errors.Is(f.err, ErrNotKept)
}

// prove makes what answers there can be and sends them: all at once, or at the end of the window those that there are.
func (p *Prover) prove(ctx context.Context, r *Report, s Standing) error {
	number := s.Proofs.Period
	reveal, _, ok := p.Seeds.Next(beaconAt(s.Proofs.State, number))
	if !ok {
		return fmt.Errorf("%w: the next beacon counts from period %d", ErrNoBeacon, s.Proofs.State.BeaconFrom)
	}
	if p.period != number {
		p.period, p.built, p.mending = number, map[string][]byte{}, map[string]*mended{}
	}
	opened, closes := s.Period.Period.OpenedAt, s.Period.ClosesAt
	late := closes - (closes-opened)/3
	r.Again = min(max(time.Duration(closes-opened)*time.Second/30, soon), idle)

	failures := p.answer(ctx, s.Proofs.Challenges)
	if len(failures) > 0 {
		left := late - p.Chain.Now()
		if left <= 0 {
			left = max((closes-p.Chain.Now())/3, 1)
		}
		failures = p.fix(ctx, s.Proofs.Challenges, failures, time.Duration(left)*time.Second)
	}
	if len(failures) > 0 && p.Chain.Now() < late {
		r.Waiting = len(failures)
		return reasons(failures)
	}
	if err := p.certain(failures); err != nil {
		return err
	}
	return p.send(ctx, r, s, reveal, failures)
}

// send sends what was built. The chain has the last word: a proof that it already has is no error.
func (p *Prover) send(ctx context.Context, r *Report, s Standing, reveal []byte, failures []failure) error {
	var answers []storagetypes.ProofAnswer
	for _, c := range s.Proofs.Challenges {
		if slice, ok := p.built[key(c)]; ok {
			answers = append(answers, storagetypes.ProofAnswer{Index: c.Index, Slice: slice})
		}
	}
	lost, err := p.Chain.Prove(ctx, s.Proofs.Period, reveal, answers)
	if errors.Is(err, storagetypes.ErrAlreadyProved) {
		return nil
	}
	if err != nil {
		return err
	}
	r.Proved, r.Answered, r.Lost, r.Again = true, len(answers), lost, idle
	for _, work := range lost {
		p.losses.clear(work)
	}
	return reasons(failures)
}

func key(c storagetypes.Challenge) string {
	return fmt.Sprintf("%d/%s/%d/%x", c.Index, c.Work, c.Offset, c.PieceRoot)
}

// answer makes the slices that are not made yet, and says which cannot be made.
func (p *Prover) answer(ctx context.Context, challenges []storagetypes.Challenge) []failure {
	var failures []failure
	for _, c := range challenges {
		if _, ok := p.built[key(c)]; ok {
			continue
		}
		f := failure{Challenge: c, err: fmt.Errorf("%w: %s", ErrNotKept, c.Work)}
		e, ok := p.Catalog.Get(c.Work)
		if ok && len(c.PieceRoot) == 32 {
			var slice []byte
			f.entry = e
			if slice, f.err = p.Trees.Prove(ctx, p.Disk, [32]byte(c.PieceRoot), c.PieceSize, c.Offset); f.err == nil {
				p.built[key(c)] = slice
				continue
			}
			if m := p.mending[f.Work]; m != nil && m.err != nil && errors.Is(f.err, outboard.ErrMissing) {
				f.err = m.err
			}
		}
		failures = append(failures, f)
	}
	return failures
}

// mended is what came of getting a block or a tree back.
type mended struct {
	backoff
	err error
}

// fix has damaged blocks fetched and trees built again, each now and then, within the time that there is, and answers
// with them. It goes on as long as something came back: behind one damaged block there may be the next.
func (p *Prover) fix(ctx context.Context, challenges []storagetypes.Challenge, failures []failure, within time.Duration) []failure {
	limited, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	for again := true; again && len(failures) > 0; {
		again = false
		for _, f := range failures {
			again = p.mendOne(limited, f) || again
		}
		failures = p.answer(ctx, challenges)
	}
	return failures
}

// mendOne gets back what one challenge lacks, and says whether it did so now.
func (p *Prover) mendOne(ctx context.Context, f failure) bool {
	var block *dag.BlockError
	if p.mending[f.Work] == nil && errors.As(f.err, &block) {
		c := block.Cid
		return p.mend(c.KeyString(), func() error {
			err := p.Keeper.Repair(ctx, c)
			if err != nil {
				p.Suspect(c)
			} else if p.Damaged != nil {
				p.Damaged(f.Work)
			}
			return err
		})
	}
	if f.entry == nil {
		return false
	}
	return p.mend(f.Work, func() error {
		err := p.Keeper.BuildTree(ctx, f.entry)
		if errors.As(err, &block) {
			p.Suspect(block.Cid)
		}
		return err
	})
}

func (p *Prover) mend(what string, f func() error) bool {
	m := p.mending[what]
	if m == nil {
		m = &mended{}
		p.mending[what] = m
	}
	if !m.due() {
		return false
	}
	m.err = f()
	// what came back is not asked for again at once, should it be damaged still
	m.failed()
	return m.err == nil
}

// certain says whether challenges may be left out. ErrUncertain.
func (p *Prover) certain(failures []failure) error {
	if len(failures) == 0 {
		return nil
	}
	if err := p.Disk.Check(); err != nil {
		return fmt.Errorf("%w: %w", ErrUncertain, err)
	}
	for _, f := range failures {
		if !f.gone() {
			return fmt.Errorf("%w: %w", ErrUncertain, reasons(failures))
		}
	}
	return nil
}

func reasons(failures []failure) error {
	var errs []error
	for _, f := range failures {
		errs = append(errs, fmt.Errorf("challenge %d, work %s: %w", f.Index, f.Work, f.err))
	}
	return errors.Join(errs...)
}
