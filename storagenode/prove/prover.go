package prove

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/ipfs/go-cid"

	"github.com/streamchain/streamchain/storagenode/blob"
	"github.com/streamchain/streamchain/storagenode/catalog"
	"github.com/streamchain/streamchain/storagenode/outboard"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
)

// Chain is what proving takes. All of it is of this node's provider.
type Chain interface {
	// Proofs is the provider's standing and what the newest period asks of it.
	Proofs(ctx context.Context) (storagetypes.QueryProofsResponse, error)
	Period(ctx context.Context) (storagetypes.QueryPeriodResponse, error)
	// Prove returns the works whose deals ended because their challenges were not answered.
	Prove(ctx context.Context, period uint64, reveal []byte, answers []storagetypes.ProofAnswer) (lost []string, err error)
	// SetBeacon returns the first period that reveals of the new chain.
	SetBeacon(ctx context.Context, root []byte) (from uint64, err error)
	ReportLoss(ctx context.Context, works []string) error
	Deals(ctx context.Context) ([]storagetypes.Deal, error)
	// Now is live time in Unix seconds.
	Now() int64
}

// Keeper has bytes brought back; *deals.Keeper is one.
type Keeper interface {
	// Repair fetches a block from the nodes that keep one of its works.
	Repair(ctx context.Context, c cid.Cid) error
	// BuildTree reads a whole work and writes its tree. A *dag.BlockError names a block that is lost.
	BuildTree(ctx context.Context, e *catalog.Entry) error
	// Unfetchable says that a work is not here and that no node gave it when it was last fetched.
	Unfetchable(work string) bool
}

// Disk is the store of blocks.
type Disk interface {
	blob.Store
	// Check says whether the disk is still there: a disk that is not mounted has lost nothing.
	Check() error
}

// Prover proves for one provider. Its fields are set before the first step.
type Prover struct {
	Chain   Chain
	Catalog *catalog.Catalog
	// Disk is read beneath any cache: a block that is only in memory is lost with the next restart.
	Disk   Disk
	Trees  *outboard.Store
	Keeper Keeper
	Seeds  *Seeds
	// Damaged is told of a work of which a block had to be fetched again; may be nil.
	Damaged func(work string)

	step    sync.Mutex
	period  uint64             // that built and mending are of
	built   map[string][]byte  // slices, by challenge
	mending map[string]*mended // by block, and by work for its tree
	commits backoff
	audits  time.Time
	losses  losses

	mu   sync.Mutex
	last Standing
}

// Standing is what the chain said when it was last asked.
type Standing struct {
	Proofs storagetypes.QueryProofsResponse
	Period storagetypes.QueryPeriodResponse
}

// Report is what a step did.
type Report struct {
	Period    uint64   // the newest
	Proved    bool     // a proof was sent
	Answered  int      // challenges in it
	Lost      []string // works whose challenges were left out
	Reported  []string // works whose loss was reported
	Committed bool     // a beacon was set
	Waiting   int      // challenges whose bytes are missing or damaged, while the window still has time
	Again     time.Duration
}

const (
	idle = 5 * time.Second
	soon = 250 * time.Millisecond
)

// Step does what the chain asks for now. It may be repeated at any time; Report.Again says when to do so at the latest.
func (p *Prover) Step(ctx context.Context) (Report, error) {
	p.step.Lock()
	defer p.step.Unlock()
	r := Report{Again: idle}
	s, err := p.ask(ctx)
	if err != nil {
		return r, err
	}
	r.Period = s.Proofs.Period
	failed := p.commit(ctx, &r, s.Proofs)
	if s.open() {
		if err := p.prove(ctx, &r, s); err != nil {
			failed = errors.Join(failed, fmt.Errorf("period %d: %w", s.Proofs.Period, err))
		}
	}
	return r, errors.Join(failed, p.audit(ctx, &r, s.Period))
}

// Standing is what the chain said at the newest step.
func (p *Prover) Standing() Standing {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.last
}

func (p *Prover) ask(ctx context.Context) (s Standing, err error) {
	if s.Proofs, err = p.Chain.Proofs(ctx); err != nil {
		return s, fmt.Errorf("what the chain asks for: %w", err)
	}
	if s.Period, err = p.Chain.Period(ctx); err != nil {
		return s, fmt.Errorf("period: %w", err)
	}
	p.mu.Lock()
	p.last = s
	p.mu.Unlock()
	return s, nil
}

// open says whether a proof is owed now. A provider without works owes none, and pays no gas for one.
func (s Standing) open() bool {
	return s.Proofs.Open && s.Proofs.State.SetSize > 0 && s.Period.Period.Open() && s.Period.Period.Number == s.Proofs.Period
}

// beaconAt is the value whose preimage the period takes.
func beaconAt(s storagetypes.ProofState, period uint64) []byte {
	if len(s.NextBeacon) > 0 && period >= s.BeaconFrom {
		return s.NextBeacon
	}
	return s.Beacon
}

// commit sets a beacon where the chain has none of this node's, or its values run out.
func (p *Prover) commit(ctx context.Context, r *Report, proofs storagetypes.QueryProofsResponse) error {
	newest := proofs.State.Beacon
	if len(proofs.State.NextBeacon) > 0 {
		newest = proofs.State.NextBeacon
	}
	if _, enough, ok := p.Seeds.Next(newest); ok && enough || !p.commits.due() {
		return nil
	}
	root, err := p.Seeds.Fresh(newest)
	if err == nil {
		_, err = p.Chain.SetBeacon(ctx, root)
	}
	if errors.Is(err, storagetypes.ErrProviderNotFound) {
		// the operator may register later; there is nothing to prove before
		p.commits.failed()
		return nil
	}
	if err != nil {
		p.commits.failed()
		return fmt.Errorf("setting the beacon: %w", err)
	}
	p.commits = backoff{}
	r.Committed = true
	return nil
}

// backoff spaces tries of what fails.
type backoff struct {
	times int
	again time.Time
}

func (b *backoff) due() bool { return !time.Now().Before(b.again) }

func (b *backoff) failed() {
	b.again = time.Now().Add(time.Second << min(b.times, 6))
	b.times++
}
