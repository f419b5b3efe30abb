package uses

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/streamchain/streamchain/storagenode/admit"
	"github.com/streamchain/streamchain/storagenode/ledger"
	"github.com/streamchain/streamchain/storagenode/wire"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	subtypes "github.com/streamchain/streamchain/x/subscription/types"
)

// Chain is what the package asks the chain, beside what package admit does.
type Chain interface {
	// Serving is the serving budget of the work that has the version cid.
	Serving(ctx context.Context, work string) (storagetypes.ServingState, error)
	// Duration is that of a work's first version, in seconds; admit.NewReader's chain need not know it.
	Duration(ctx context.Context, root string) (uint64, error)
	// ReportUse submits at most streamtypes.MaxItems and returns a result for each, in order.
	ReportUse(ctx context.Context, items []streamtypes.Settlement) ([]streamtypes.UseResult, error)
	// Now is live time in Unix seconds.
	Now() int64
}

// forever is the end of the lane that stands for a viewer: nothing is reserved, so nothing runs out.
const forever = 1 << 60

// Book opens sessions of price zero.
type Book struct {
	Node   admit.Node
	Reader *admit.Reader
	Chain  Chain
	Ledger *ledger.Ledger

	mu      sync.Mutex
	budgets map[string]budget
}

// budget is what the chain said of a work's serving budget.
type budget struct {
	state storagetypes.ServingState
	until time.Time
}

const (
	// keepBudget is how long that is remembered, maxBudgets of how many works.
	keepBudget = 10 * time.Second
	maxBudgets = 1 << 12
)

func bad(format string, args ...any) error {
	return wire.NewProblem(http.StatusBadRequest, wire.BadTerms, format, args...)
}

// Begin judges a session of price zero as the chain will, and opens it; again is true where it was there already. It
// refuses with *wire.Problem.
func (b *Book) Begin(ctx context.Context, t streamtypes.Session) (st ledger.State, again bool, err error) {
	if err := b.valid(t); err != nil {
		return st, false, err
	}
	if err := b.Reader.Fresh(); err != nil {
		return st, false, err
	}
	if err := b.Reader.Key(ctx, t.EscrowOwner, t.Pubkey, streamtypes.SESSION_KEY_SCOPE_ACCESS); err != nil {
		return st, false, err
	}
	if err := b.granted(ctx, t); err != nil {
		return st, false, err
	}
	lane := ledger.Lane{LaneID: ledger.LaneID{Owner: t.EscrowOwner}, Expires: forever, ClosesAt: forever}
	if err := b.Ledger.AddLane(lane); err != nil {
		return st, false, err
	}
	if st, again, err = b.Ledger.OpenSession(t, b.Chain.Now()); err != nil {
		return st, again, admit.SessionProblem(st, err)
	}
	return st, again, nil
}

// valid checks what needs no chain.
func (b *Book) valid(t streamtypes.Session) error {
	if err := t.ValidateUse(); err != nil {
		return bad("session: %w", err)
	}
	if t.ChainId != b.Node.ChainID || t.Provider != b.Node.Operator {
		return bad("session: it is for chain %s and provider %s, this is %s and %s", t.ChainId, t.Provider, b.Node.ChainID, b.Node.Operator)
	}
	if t.EscrowOwner == b.Node.Operator {
		return bad("session: what a provider watches at itself proves nothing")
	}
	if now := b.Chain.Now(); t.Expires <= now || t.Expires > now+streamtypes.MaxUseSeconds {
		return bad("session: it must expire within %d seconds from now", streamtypes.MaxUseSeconds)
	}
	v, err := t.Voucher()
	if err != nil || !v.Verify(t.Pubkey, t.Signature) {
		return bad("session: the signature does not fit")
	}
	return nil
}

// granted refuses who may not watch the work, or more of it than counts.
func (b *Book) granted(ctx context.Context, t streamtypes.Session) error {
	d, err := b.Reader.Decision(ctx, t.EscrowOwner, t.Work)
	if err != nil {
		return err
	}
	switch {
	case d.Reason == subtypes.ReasonWorkRestricted:
		return wire.NewProblem(http.StatusUnavailableForLegalReasons, wire.Blocked, "a ruling restricts the work")
	case !d.Granted:
		return wire.NewProblem(http.StatusPaymentRequired, wire.PaymentRequired, "%s: only who may watch needs no lane", d.Reason)
	case d.Work != t.Work:
		return bad("session: name the first version, %s", d.Work)
	case d.By == subtypes.ACCESS_BY_CREATOR:
		return bad("session: what a creator watches of its own proves nothing")
	}
	duration, err := b.Chain.Duration(ctx, t.Work)
	if err != nil {
		return wire.NewProblem(http.StatusServiceUnavailable, wire.ChainBehind, "the chain does not answer: %w", err)
	}
	if most := streamtypes.MostUseTicks(duration, t.TickSeconds); uint64(t.MaxTicks) > most {
		return bad("session: max_ticks is at most %d: twice the work", most)
	}
	return nil
}

// Serving is a work's serving budget, remembered for seconds.
func (b *Book) Serving(ctx context.Context, root string) (storagetypes.ServingState, error) {
	b.mu.Lock()
	known, ok := b.budgets[root]
	b.mu.Unlock()
	if ok && time.Now().Before(known.until) {
		return known.state, nil
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	state, err := b.Chain.Serving(ctx, root)
	if err != nil {
		return known.state, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.budgets == nil || len(b.budgets) >= maxBudgets {
		b.budgets = map[string]budget{}
	}
	b.budgets[root] = budget{state, time.Now().Add(keepBudget)}
	return state, nil
}

// Pays says whether the work's serving budget pays for more today. Where the chain does not say, it does: viewers do not
// suffer for that.
func (b *Book) Pays(ctx context.Context, root string) bool {
	s, err := b.Serving(ctx, root)
	return err != nil || Left(s)
}

// Left says whether a serving budget pays for more today.
func Left(s storagetypes.ServingState) bool {
	return !s.Balance.IsNil() && s.Balance.IsPositive() && s.Rate.IsPositive() && s.CapToday.GT(s.PaidToday)
}
