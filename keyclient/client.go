package keyclient

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"errors"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/keyshare"
	"github.com/streamchain/streamchain/storagenode/wire"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
)

// Chain is what is asked of the chain. OnChain is the real one.
type Chain interface {
	ChainID() string
	// Work returns a version of a work.
	Work(ctx context.Context, cid string) (contenttypes.Work, error)
	// ActiveKeySet returns the set that answers for a root work. ErrNoKeySet.
	ActiveKeySet(ctx context.Context, root string) (storagetypes.KeySet, error)
	// Endpoints are a provider's URLs.
	Endpoints(ctx context.Context, operator string) ([]string, error)
}

// Config is what a client is made of.
type Config struct {
	Chain Chain
	HTTP  *http.Client // nodeclient.NewHTTP
	Work  string       // any version
	// Owner and Key say who asks: an account, and a session key that it granted. Without, only what is open to all is got.
	Owner sdk.AccAddress
	Key   ed25519.PrivateKey
	// Pay gives the session and word that pay for windows, nil where the viewer has a right to the work or it is free. due is how many ticks the session
	// must pay in all, as far as holders have said, 0 at first: a caller that counts itself gives what pays for these windows. A nil result asks without
	// paying. The session is signed by Key.
	Pay func(ctx context.Context, windows []Window, due uint32) (*wire.KeyPay, error)
	// Hedge is how long the first holders have before another is asked; 0 for DefaultHedge.
	Hedge time.Duration
	// Lied, where set, is told of each false answer: the holder, the window, and the answer, which is the proof.
	Lied func(operator string, w Window, answer []byte)
}

// DefaultHedge is how long the first holders have before another is asked.
const DefaultHedge = 400 * time.Millisecond

// Window names a window of the work's keys.
type Window = wire.KeyWindow

// Client gets the keys of one work. It is safe for concurrent use.
type Client struct {
	cfg Config

	mu     sync.Mutex
	work   *work // nil until it is known
	keys   map[Window]keyshare.Output
	scores map[string]time.Duration // how long holders took lately, by operator
	liars  map[string]bool          // operators
	used   map[string]int           // windows whose keys an operator's answer is in
	opened int                      // windows
}

// work is what the chain says.
type work struct {
	root        string
	digest      [32]byte
	keyID       [32]byte
	c0          [keyshare.PointLen]byte
	set         storagetypes.KeySet
	commitments keyshare.Commitments
	endpoints   map[string][]string
}

// Report says what a client got from whom. Until the chain was asked it is empty.
type Report struct {
	Set       uint64 // version of the key set
	Threshold int    // answers that a window takes
	Holders   int    // of the set
	Windows   int    // whose keys were got
	// Used counts, by operator, the windows that a holder's answer helped to open; of those, Threshold each.
	Used  map[string]int
	Liars []string // operators
}

// Report says what was got so far.
func (c *Client) Report() Report {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := Report{Windows: c.opened, Used: maps.Clone(c.used), Liars: sorted(c.liars)}
	if c.work != nil {
		r.Set, r.Threshold, r.Holders = c.work.set.Version, c.work.commitments.Threshold(), len(c.work.set.Holders)
	}
	return r
}

// Liars are the operators of holders whose answers were false.
func (c *Client) Liars() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return sorted(c.liars)
}

// New returns a client without keys.
func New(cfg Config) *Client {
	if cfg.Hedge == 0 {
		cfg.Hedge = DefaultHedge
	}
	return &Client{cfg: cfg, keys: map[Window]keyshare.Output{}, scores: map[string]time.Duration{}, liars: map[string]bool{}, used: map[string]int{}}
}

// maxKeys bounds the windows in memory.
const maxKeys = 1 << 14

// Windows returns the keys of windows, at most wire.MaxKeyWindows that are not known yet; those that are known cost nothing. All or none are returned.
// Errors: ErrNotEncrypted, ErrNoKeySet, ErrNotEntitled, ErrPayMore, ErrTooFewHolders, *wire.Problem, the chain's.
func (c *Client) Windows(ctx context.Context, windows []Window) (map[Window]keyshare.Output, error) {
	out, missing := c.known(windows)
	if len(missing) == 0 {
		return out, nil
	}
	if len(missing) > wire.MaxKeyWindows {
		return nil, wire.NewProblem(http.StatusBadRequest, wire.BadRequest, "at most %d windows at a time", wire.MaxKeyWindows)
	}
	for again := false; ; again = true {
		w, err := c.look(ctx, again)
		if err != nil {
			return nil, err
		}
		got, err := c.fetch(ctx, w, missing)
		// the holders may have changed since the chain was asked
		if errors.Is(err, ErrTooFewHolders) && !again {
			continue
		}
		if err != nil {
			return nil, err
		}
		c.remember(got)
		maps.Copy(out, got)
		return out, nil
	}
}

// known splits windows, without doubles, into those with keys and those without.
func (c *Client) known(windows []Window) (map[Window]keyshare.Output, []Window) {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := map[Window]keyshare.Output{}
	var missing []Window
	for _, w := range windows {
		if key, ok := c.keys[w]; ok {
			out[w] = key
		} else if !slices.Contains(missing, w) {
			missing = append(missing, w)
		}
	}
	return out, missing
}

func (c *Client) remember(got map[Window]keyshare.Output) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.keys)+len(got) > maxKeys {
		clear(c.keys)
	}
	maps.Copy(c.keys, got)
}

func sorted[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
