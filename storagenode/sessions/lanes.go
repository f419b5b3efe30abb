package sessions

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"cosmossdk.io/math"

	"github.com/streamchain/streamchain/chainclient"
	"github.com/streamchain/streamchain/storagenode/admit"
	"github.com/streamchain/streamchain/storagenode/ledger"
	"github.com/streamchain/streamchain/storagenode/wire"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
)

// Chain is what opening lanes takes, beside what package admit asks.
type Chain interface {
	// Lane returns the open lane of owner and denom with this node's provider. streamtypes.ErrLaneNotFound.
	Lane(ctx context.Context, owner, denom string) (streamtypes.Lane, error)
	// FreeEscrow is what a new lane can reserve, in base units.
	FreeEscrow(ctx context.Context, owner, denom string) (math.Int, error)
	// OpenLanes submits intents, at most streamtypes.MaxItems, and returns a result for each, in order.
	OpenLanes(ctx context.Context, intents []streamtypes.LaneIntent) (results []streamtypes.ItemResult, tx string, err error)
}

// submitMargin is how long an intent must be valid still, so that a block can hold it, in seconds.
const submitMargin = 3

// submitting is how long one transaction may take.
const submitting = 90 * time.Second

// queries is how long the questions before it may take.
const queries = 10 * time.Second

// Lanes opens lanes. While one transaction is under way, the intents that come meanwhile wait
// for the next and share it. Run must run.
type Lanes struct {
	Node   admit.Node
	Reader *admit.Reader
	Chain  Chain
	Ledger *ledger.Ledger

	mu    sync.Mutex
	jobs  map[ledger.LaneID]*job // waiting or under way
	queue []*job
	wake  chan struct{}
}

type job struct {
	intent streamtypes.LaneIntent
	done   chan struct{}
	state  *wire.LaneState
	err    error
}

// NewLanes returns lanes without jobs.
func NewLanes(node admit.Node, r *admit.Reader, c Chain, l *ledger.Ledger) *Lanes {
	return &Lanes{Node: node, Reader: r, Chain: c, Ledger: l, jobs: map[ledger.LaneID]*job{}, wake: make(chan struct{}, 1)}
}

// Run submits until ctx ends.
func (l *Lanes) Run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.wake:
			for l.Flush(ctx) > 0 && ctx.Err() == nil {
			}
		}
	}
}

// Flush submits what waits, in one transaction, and returns how many intents that were.
func (l *Lanes) Flush(ctx context.Context) int {
	l.mu.Lock()
	n := min(len(l.queue), streamtypes.MaxItems)
	batch := l.queue[:n:n]
	l.queue = l.queue[n:]
	l.mu.Unlock()
	if n == 0 {
		return 0
	}
	ctx, cancel := context.WithTimeout(ctx, submitting)
	defer cancel()
	intents := make([]streamtypes.LaneIntent, n)
	for i, j := range batch {
		intents[i] = j.intent
	}
	results, tx, err := l.Chain.OpenLanes(ctx, intents)
	if err == nil && len(results) != n {
		err = fmt.Errorf("%d intents and %d results", n, len(results))
	}
	for i, j := range batch {
		switch {
		case err != nil:
			j.err = chainProblem(err)
		case results[i].Code != 0:
			// refused perhaps because an earlier transaction, whose answer got lost, opened it
			if j.state, j.err = l.adopt(ctx, j.intent, ""); j.state != nil || j.err != nil {
				break
			}
			j.err = wire.NewProblem(http.StatusConflict, wire.ChainRefused, "the chain refused the lane: %s", results[i].Text)
		default:
			j.state, j.err = l.adopt(ctx, j.intent, tx)
		}
		l.mu.Lock()
		delete(l.jobs, laneID(j.intent))
		l.mu.Unlock()
		close(j.done)
	}
	return n
}

func laneID(i streamtypes.LaneIntent) ledger.LaneID {
	return ledger.LaneID{Owner: i.EscrowOwner, Denom: i.Denom, Generation: i.Generation}
}

// chainProblem tells a refusal from a chain that does not answer.
func chainProblem(err error) error {
	var refused *chainclient.TxError
	if errors.As(err, &refused) {
		return wire.NewProblem(http.StatusConflict, wire.ChainRefused, "%w", err)
	}
	return wire.NewProblem(http.StatusServiceUnavailable, wire.ChainBehind, "the chain does not answer: %w", err)
}

// adopt takes the lane of an intent into the ledger as it stands on the chain.
func (l *Lanes) adopt(ctx context.Context, i streamtypes.LaneIntent, tx string) (*wire.LaneState, error) {
	ln, err := l.Chain.Lane(ctx, i.EscrowOwner, i.Denom)
	if err != nil && !errors.Is(err, streamtypes.ErrLaneNotFound) {
		return nil, chainProblem(err)
	}
	if err != nil || ln.Generation != i.Generation || string(ln.Pubkey) != string(i.Pubkey) {
		return nil, nil
	}
	if err := l.Ledger.AddLane(laneOf(ln)); err != nil {
		return nil, err
	}
	return laneState(laneOf(ln), ln.Spent, tx), nil
}

// Open submits an intent, unless its lane is open already, and waits up to patience for a block that holds it. The
// state is one of a lane that is not open when it took longer.
func (l *Lanes) Open(ctx context.Context, w wire.LaneIntent, patience time.Duration) (*wire.LaneState, error) {
	i := intentOf(w)
	if err := l.valid(i); err != nil {
		return nil, err
	}
	if ln, spent, ok := l.Ledger.Lane(laneID(i)); ok && string(ln.PubKey) == string(i.Pubkey) {
		return laneState(ln, spent, ""), nil
	}
	j, st, err := l.enqueue(ctx, i)
	if err != nil || st != nil {
		return st, err
	}
	select {
	case <-j.done:
		if j.err == nil && j.state == nil {
			return nil, wire.NewProblem(http.StatusConflict, wire.LaneUnusable, "the lane was opened and has ended already")
		}
		return j.state, j.err
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(patience):
		return &wire.LaneState{Generation: i.Generation, Cap: i.Cap, Expires: i.Expires}, nil
	}
}

func (l *Lanes) enqueue(ctx context.Context, i streamtypes.LaneIntent) (*job, *wire.LaneState, error) {
	l.mu.Lock()
	j := l.jobs[laneID(i)]
	l.mu.Unlock()
	if j != nil {
		return j, nil, nil
	}
	ctx, cancel := context.WithTimeout(ctx, queries)
	defer cancel()
	// an answer that got lost: the lane may be open without the ledger knowing
	if st, err := l.adopt(ctx, i, ""); err != nil || st != nil {
		return nil, st, err
	}
	if err := l.acceptable(ctx, i); err != nil {
		return nil, nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if j := l.jobs[laneID(i)]; j != nil {
		return j, nil, nil
	}
	j = &job{intent: i, done: make(chan struct{})}
	l.jobs[laneID(i)] = j
	l.queue = append(l.queue, j)
	select {
	case l.wake <- struct{}{}:
	default:
	}
	return j, nil, nil
}

func badTerms(format string, args ...any) error {
	return wire.NewProblem(http.StatusBadRequest, wire.BadTerms, format, args...)
}

// valid checks what needs no chain: fields and signature.
func (l *Lanes) valid(i streamtypes.LaneIntent) error {
	if err := i.Validate(); err != nil {
		return badTerms("lane: %w", err)
	}
	if i.ChainId != l.Node.ChainID || i.Provider != l.Node.Operator {
		return badTerms("lane: it is for chain %s and provider %s, this is %s and %s", i.ChainId, i.Provider, l.Node.ChainID, l.Node.Operator)
	}
	v, err := i.Voucher()
	if err != nil || !v.Verify(i.Pubkey, i.Signature) {
		return badTerms("lane: the signature does not fit")
	}
	return nil
}

// acceptable holds an intent to what the chain will: what is submitted costs gas.
func (l *Lanes) acceptable(ctx context.Context, i streamtypes.LaneIntent) error {
	if err := l.Reader.Key(ctx, i.EscrowOwner, i.Pubkey, streamtypes.SESSION_KEY_SCOPE_PAYMENT); err != nil {
		return err
	}
	p, err := l.Reader.Params(ctx)
	if err != nil {
		return err
	}
	now := l.Reader.Now()
	limit := math.NewIntFromUint64(i.Cap)
	switch seconds := i.Expires - now; {
	case i.SubmitBy < now+submitMargin:
		return badTerms("lane: submit_by %d is past, or too near: now is %d", i.SubmitBy, now)
	case seconds < p.MinLaneSeconds || seconds > p.MaxLaneSeconds:
		return badTerms("lane: it must expire %d to %d seconds from now, not %d", p.MinLaneSeconds, p.MaxLaneSeconds, seconds)
	case limit.LT(p.MinLaneCap):
		return badTerms("lane: its cap must be at least %s", p.MinLaneCap)
	}
	next, err := l.Reader.NextGeneration(ctx, i.EscrowOwner)
	if err != nil {
		return chainProblem(err)
	}
	if i.Generation != next {
		return wire.NewProblem(http.StatusConflict, wire.LaneUnusable, "open generation %d, not %d", next, i.Generation)
	}
	free, err := l.Chain.FreeEscrow(ctx, i.EscrowOwner, i.Denom)
	if err != nil {
		return chainProblem(err)
	}
	if free.LT(limit.Add(p.OpenFee)) {
		return wire.NewProblem(http.StatusConflict, wire.LaneUnusable, "the escrow has %s free, the lane needs %s and %s for opening: deposit more", free, limit, p.OpenFee)
	}
	return nil
}
