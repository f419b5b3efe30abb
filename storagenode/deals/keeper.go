package deals

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/streamchain/streamchain/storagenode/admit"
	"github.com/streamchain/streamchain/storagenode/blob"
	"github.com/streamchain/streamchain/storagenode/catalog"
	"github.com/streamchain/streamchain/storagenode/denylist"
	"github.com/streamchain/streamchain/storagenode/outboard"
	"github.com/streamchain/streamchain/storagenode/wire"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
)

// Chain is what deals take.
type Chain interface {
	// Deals lists all deals of this node's provider.
	Deals(ctx context.Context) ([]storagetypes.Deal, error)
	// DealsOf lists all deals of a version of a work.
	DealsOf(ctx context.Context, work string) ([]storagetypes.Deal, error)
	Work(ctx context.Context, id string) (contenttypes.Work, error)
	Provider(ctx context.Context, operator string) (storagetypes.Provider, error)
	AcceptDeal(ctx context.Context, work string, pieceRoot []byte, pieceSize uint64) error
	// RefuseWork ends the deal or request of a work that the denylist of that name names.
	RefuseWork(ctx context.Context, work, denylist string) error
	// Repairs lists the copies of a version that are wanted.
	Repairs(ctx context.Context, work string) ([]storagetypes.Repair, error)
	// Period is where the clock of proofs stands.
	Period(ctx context.Context) (storagetypes.QueryPeriodResponse, error)
	// Now is live time in Unix seconds.
	Now() int64
}

// Keeper does what deals ask for. Its fields are set before the first step.
type Keeper struct {
	Node    admit.Node
	Chain   Chain
	Blocks  blob.Store
	Catalog *catalog.Catalog
	// Trees has what proofs need beside the blocks; nil keeps none.
	Trees *outboard.Store
	HTTP  *http.Client
	Dir   string // for what is being fetched
	// Sign makes the value of Stream-Replica for a node and work, as package wire describes.
	Sign func(server []byte, work [32]byte) (wire.Replica, error)
	// Wait is how long a requested work waits for its creator's upload before it is fetched from other nodes.
	Wait time.Duration
	// Room is asked before a work is fetched; nil has no end.
	Room *blob.Room
	// Denied says which works are neither kept nor fetched; nil is none.
	Denied *denylist.Guard
	// Closed says that nothing is accepted; nil is never.
	Closed func() bool
	// Hold says that a work without deal is served on; nil is none.
	Hold func(work string) bool

	step     sync.Mutex
	accepted map[string]bool // in this step, by work
	trimmed  bool            // trees of works that are gone were removed since the start
	mu       sync.Mutex
	next     map[string]retry // what failed, by work
}

type retry struct {
	times  int
	at     time.Time
	nobody bool // gave the bytes
}

// Report is what a step did.
type Report struct {
	Kept     int // works that the node serves
	Accepted int
	Ended    int // works that are no longer served, and kept as long as the chain may ask for proofs of them
	Removed  int
	Refused  int // works that a denylist names
	Waiting  int // requested, and the bytes are not here yet
}

// Sync makes what the node keeps agree with its deals. A work that fails does not keep the others from being done;
// the error joins all.
func (k *Keeper) Sync(ctx context.Context) (Report, error) {
	k.step.Lock()
	defer k.step.Unlock()
	k.accepted = map[string]bool{}
	var r Report
	rows, err := k.Chain.Deals(ctx)
	if err != nil {
		return r, fmt.Errorf("deals: %w", err)
	}
	wanted := map[string]bool{}
	rows, failed := k.refuse(ctx, &r, rows, wanted)
	// what is here is accepted before the first slow peer is asked
	for _, fetch := range []bool{false, true} {
		r.Waiting = 0
		for _, d := range rows {
			wanted[d.Work] = true
			if err := k.deal(ctx, &r, d, fetch); err != nil {
				failed = errors.Join(failed, fmt.Errorf("work %s: %w", d.Work, err))
			}
			if ctx.Err() != nil {
				return r, errors.Join(failed, ctx.Err())
			}
		}
	}
	for _, e := range k.Catalog.All() {
		if e.Live && wanted[e.ID] {
			r.Kept++
		}
	}
	failed = errors.Join(failed, k.over(ctx, &r, wanted))
	k.forget(wanted)
	return r, failed
}

// deal has the bytes of one deal and accepts it.
func (k *Keeper) deal(ctx context.Context, r *Report, d storagetypes.Deal, fetch bool) error {
	requested := d.Status == storagetypes.DEAL_STATUS_REQUESTED
	if requested && (d.ExpiresAt <= k.Chain.Now() || k.Closed != nil && k.Closed()) {
		return nil
	}
	e, here := k.Catalog.Get(d.Work)
	if here && e.Until > 0 {
		err := k.revive(ctx, e, requested)
		if errors.Is(err, errWaiting) {
			r.Waiting++
			return nil
		}
		if err != nil {
			return err
		}
	}
	if here && !requested {
		if err := k.tree(ctx, e); !errors.Is(err, errWaiting) {
			return err
		}
		return nil
	}
	if k.accepted[d.Work] {
		return nil
	}
	work, err := k.Chain.Work(ctx, d.Work)
	if err == nil {
		err = k.have(ctx, d, work, fetch)
	}
	if e, ok := k.Catalog.Get(d.Work); ok && err == nil {
		// what was promised must be provable from the first challenge on
		err = k.tree(ctx, e)
	}
	if errors.Is(err, errWaiting) {
		r.Waiting++
		return nil
	}
	if err != nil || !requested || !k.due("accept/"+d.Work) {
		return err
	}
	if err := k.Chain.AcceptDeal(ctx, work.Cid, work.PieceRoot, work.PieceSize); err != nil {
		k.later("accept/" + d.Work)
		return fmt.Errorf("accepting: %w", err)
	}
	k.accepted[d.Work] = true
	r.Accepted++
	return nil
}

// revive serves a work again whose deal was over. Before it is promised anew, all of it is read: the deal may have ended because
// the bytes are not what they were.
func (k *Keeper) revive(ctx context.Context, e *catalog.Entry, requested bool) error {
	if requested && k.Trees != nil {
		if !k.due("tree/" + e.ID) {
			return errWaiting
		}
		if err := k.BuildTree(ctx, e); err != nil {
			k.later("tree/" + e.ID)
			return fmt.Errorf("what is here is not whole: %w", err)
		}
	}
	return k.Catalog.Revive(e.ID)
}

// errWaiting says that the creator's upload may still come, or that what failed is not tried again yet.
var errWaiting = errors.New("the upload is not here yet")

// have makes the work an entry that is served: out of the creator's upload, or of what other nodes have.
func (k *Keeper) have(ctx context.Context, d storagetypes.Deal, work contenttypes.Work, fetch bool) error {
	if _, ok := k.Catalog.Get(work.Cid); ok {
		return nil
	}
	e := catalog.Entry{
		ID: work.Cid, Live: true, Work: work.Cid, Root: work.Root, Creator: work.Creator, Media: work.Media, Cover: work.Cover,
		Piece: work.PieceRoot, PieceSize: work.PieceSize, Duration: work.DurationSeconds, Added: time.Now().Unix(),
	}
	err := k.Catalog.Promote(ctx, k.Blocks, e)
	if !errors.Is(err, catalog.ErrForeign) {
		return err
	}
	early := d.Status == storagetypes.DEAL_STATUS_REQUESTED && k.Chain.Now() < d.RequestedAt+int64(k.Wait/time.Second)
	if early || !fetch || !k.due(work.Cid) {
		return errWaiting
	}
	if err := k.Fetch(ctx, e); err != nil {
		k.later(work.Cid)
		k.note(work.Cid, errors.Is(err, ErrNobody))
		return err
	}
	return nil
}

func (k *Keeper) note(work string, nobody bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	r := k.next[work]
	r.nobody = nobody
	k.next[work] = r
}

// Unfetchable says that a work whose bytes should be here is not, and that no node gave it when it was last fetched.
func (k *Keeper) Unfetchable(work string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.next[work].nobody
}

// due says whether a work that failed may be tried again.
func (k *Keeper) due(work string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return !time.Now().Before(k.next[work].at)
}

func (k *Keeper) later(work string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.next == nil {
		k.next = map[string]retry{}
	}
	times := k.next[work].times + 1
	k.next[work] = retry{times: times, at: time.Now().Add(5 * time.Second << min(times-1, 7))}
}

func (k *Keeper) forget(wanted map[string]bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for id := range k.next {
		if work := id[strings.LastIndexByte(id, '/')+1:]; !wanted[work] {
			delete(k.next, id)
		}
	}
}
