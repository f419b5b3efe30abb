package admit

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/streamchain/streamchain/storagenode/wire"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	subtypes "github.com/streamchain/streamchain/x/subscription/types"
)

// Chain is what the gate asks the chain. Where something is not there, it returns the module's sentinel error.
type Chain interface {
	Access(ctx context.Context, viewer, work string) (subtypes.AccessDecision, error)
	SessionKey(ctx context.Context, owner string, pubkey []byte) (streamtypes.SessionKey, error)
	StreamParams(ctx context.Context) (streamtypes.Params, error)
	// NextGeneration is that of the owner's next lane with this node's provider.
	NextGeneration(ctx context.Context, owner string) (uint64, error)
	Deal(ctx context.Context, work, operator string) (storagetypes.Deal, error)
	Provider(ctx context.Context, operator string) (storagetypes.Provider, error)
	// Repairs lists the copies of a version that are wanted.
	Repairs(ctx context.Context, work string) ([]storagetypes.Repair, error)
	// Now is live time in Unix seconds.
	Now() int64
	// Age is how old the newest known block is.
	Age() time.Duration
}

// Node is who this node is.
type Node struct {
	ChainID  string
	Operator string // address
	Bytes    []byte // of the address
}

const (
	// MaxAge is how old the newest block may be for the chain's word to count.
	MaxAge = 60 * time.Second
	// keepYes and keepNo are how long answers of the chain are remembered. A refusal is short: who has just paid
	// does not want to wait.
	keepYes = 10 * time.Second
	keepNo  = time.Second
	// maxRemembered bounds the answers in memory, maxQueries those that are asked at once.
	maxRemembered = 1 << 14
	maxQueries    = 32
	// patience is how long a request for bytes waits for the chain: a client gives up on a silent node after 5 s.
	patience = 3 * time.Second
	// briefly is how long where an older answer is there.
	briefly = time.Second
)

// Reader asks the chain and remembers answers for seconds. It is safe for concurrent use.
type Reader struct {
	Chain
	slots chan struct{}

	mu   sync.Mutex
	kept map[string]answer
}

type answer struct {
	value any
	err   error
	asked time.Time
	until time.Time
}

// NewReader returns a reader of c.
func NewReader(c Chain) *Reader {
	return &Reader{Chain: c, slots: make(chan struct{}, maxQueries), kept: map[string]answer{}}
}

// ask returns the remembered answer or a new one; good says whether a value is worth remembering longer.
func ask[T any](ctx context.Context, r *Reader, key string, good func(T) bool, f func(context.Context) (T, error)) (T, error) {
	r.mu.Lock()
	a, ok := r.kept[key]
	r.mu.Unlock()
	if ok && time.Now().Before(a.until) {
		v, _ := a.value.(T)
		return v, a.err
	}
	var zero T
	select {
	case r.slots <- struct{}{}:
		defer func() { <-r.slots }()
	case <-ctx.Done():
		return zero, ctx.Err()
	case <-time.After(time.Second):
		return zero, wire.NewProblem(http.StatusTooManyRequests, wire.TooManyRequests, "the node asks the chain as much as it can; try again")
	}
	stale := ok && time.Since(a.asked) < MaxAge
	wait := patience
	if stale {
		wait = briefly
	}
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	v, err := f(ctx)
	if err != nil && !known(err) {
		// a chain that restarts interrupts nobody: what it said lately still counts
		if stale {
			a.until = time.Now().Add(keepNo)
			r.keep(key, a)
			v, _ := a.value.(T)
			return v, a.err
		}
		return zero, wire.NewProblem(http.StatusServiceUnavailable, wire.ChainBehind, "the chain does not answer: %w", err)
	}
	now, keep := time.Now(), keepNo
	if err == nil && good(v) {
		keep = keepYes
	}
	r.keep(key, answer{v, err, now, now.Add(keep)})
	return v, err
}

func (r *Reader) keep(key string, a answer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.kept) >= maxRemembered {
		clear(r.kept)
	}
	r.kept[key] = a
}

// known says whether err is an answer rather than a failure to answer.
func known(err error) bool {
	return errors.Is(err, streamtypes.ErrKeyNotFound) || errors.Is(err, storagetypes.ErrDealNotFound) || errors.Is(err, storagetypes.ErrProviderNotFound)
}

func always[T any](T) bool { return true }

// Decision is Access for viewer, empty for nobody.
func (r *Reader) Decision(ctx context.Context, viewer, root string) (subtypes.AccessDecision, error) {
	return r.decision(ctx, "", viewer, root)
}

// DecisionAt is Decision as of the block of that height, which is the newest one that the node knows, or a later one: a refund counts from the
// next block on. What was remembered before does not stand in for a chain that does not answer.
func (r *Reader) DecisionAt(ctx context.Context, height int64, viewer, root string) (subtypes.AccessDecision, error) {
	return r.decision(ctx, at(height), viewer, root)
}

func at(height int64) string { return fmt.Sprintf("at %d/", height) }

func (r *Reader) decision(ctx context.Context, since, viewer, root string) (subtypes.AccessDecision, error) {
	good := func(d subtypes.AccessDecision) bool {
		// nobody's decision is asked for each request and changes for nobody in particular
		return d.Granted && (d.Until == 0 || d.Until > r.Now()+int64(keepYes/time.Second)) || viewer == ""
	}
	return ask(ctx, r, since+"access/"+viewer+"/"+root, good, func(ctx context.Context) (subtypes.AccessDecision, error) { return r.Chain.Access(ctx, viewer, root) })
}

// Key returns a session key that may be used now for all of scope. It refuses with *wire.Problem.
func (r *Reader) Key(ctx context.Context, owner string, pubkey []byte, scope streamtypes.SessionKeyScope) error {
	return r.key(ctx, "", owner, pubkey, scope)
}

// KeyAt is Key as DecisionAt is Decision.
func (r *Reader) KeyAt(ctx context.Context, height int64, owner string, pubkey []byte, scope streamtypes.SessionKeyScope) error {
	return r.key(ctx, at(height), owner, pubkey, scope)
}

func (r *Reader) key(ctx context.Context, since, owner string, pubkey []byte, scope streamtypes.SessionKeyScope) error {
	// by scope, and only what is granted is remembered for long: a key that could show who asks may have been allowed to pay since
	usable := func(k streamtypes.SessionKey) bool { return !k.Revoked && k.Expires > r.Now() && k.Scope.Has(scope) }
	k, err := ask(ctx, r, since+fmt.Sprintf("key/%s/%d/%s", owner, scope, pubkey), usable, func(ctx context.Context) (streamtypes.SessionKey, error) {
		return r.Chain.SessionKey(ctx, owner, pubkey)
	})
	if errors.Is(err, streamtypes.ErrKeyNotFound) {
		return wire.NewProblem(http.StatusForbidden, wire.KeyNotGranted, "%s has not granted this key", owner)
	}
	if err != nil {
		return err
	}
	if !usable(k) {
		return wire.NewProblem(http.StatusForbidden, wire.KeyNotGranted, "the key of %s is revoked, expired or not granted for this", owner)
	}
	return nil
}

// Params are x/stream's.
func (r *Reader) Params(ctx context.Context) (streamtypes.Params, error) {
	return ask(ctx, r, "params", always, func(ctx context.Context) (streamtypes.Params, error) { return r.Chain.StreamParams(ctx) })
}

func (r *Reader) deal(ctx context.Context, work, operator string) (storagetypes.Deal, error) {
	return ask(ctx, r, "deal/"+work+"/"+operator, always, func(ctx context.Context) (storagetypes.Deal, error) { return r.Chain.Deal(ctx, work, operator) })
}

func (r *Reader) repairs(ctx context.Context, work string) ([]storagetypes.Repair, error) {
	return ask(ctx, r, "repairs/"+work, func([]storagetypes.Repair) bool { return false }, func(ctx context.Context) ([]storagetypes.Repair, error) {
		return r.Chain.Repairs(ctx, work)
	})
}

// ProviderOf is a provider as x/storage has it.
func (r *Reader) ProviderOf(ctx context.Context, operator string) (storagetypes.Provider, error) {
	return ask(ctx, r, "provider/"+operator, always, func(ctx context.Context) (storagetypes.Provider, error) { return r.Chain.Provider(ctx, operator) })
}

// Fresh refuses when the chain's word is too old to count.
func (r *Reader) Fresh() error {
	if age := r.Age(); age > MaxAge {
		return wire.NewProblem(http.StatusServiceUnavailable, wire.ChainBehind, "the newest block is %s old", age.Round(time.Second))
	}
	return nil
}
