package feeds

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"time"

	"github.com/streamchain/streamchain/indexer/feeds/wire"
)

// ErrNotFound is returned for a feed that is neither built in nor registered.
var ErrNotFound = errors.New("no such feed")

// ErrCursor is returned for a cursor that no page gave.
var ErrCursor = errors.New("not a cursor of this feed")

// Slugs of why the trending works stand in for a generator's answer, as openapi.yaml names them.
const (
	Timeout      = "timeout"       // no whole answer in time
	Unreachable  = "unreachable"   // no connection, or its address is not public
	BadResponse  = "bad-response"  // not as the specification says
	BadSignature = "bad-signature" // not signed by the feed's key
	TooLarge     = "too-large"     // more than 256 KiB
	UnknownWorks = "unknown-works" // nothing but works that do not exist or may not be shown
	Refused      = "refused"       // it answered with a status of 400 or above
)

// Registered is a feed generator as the chain has it.
type Registered struct {
	ID, Owner, Title, Description string
	// Endpoint is the URL that requests go below.
	Endpoint string
	// Key is the key of its answers.
	Key ed25519.PublicKey
}

// Registry knows the registered feeds.
type Registry interface {
	// Feeds lists all of them, oldest first.
	Feeds(ctx context.Context) ([]Registered, error)
	// Feed returns one, or ErrNotFound.
	Feed(ctx context.Context, id string) (Registered, error)
}

// Works knows which works may be shown.
type Works interface {
	// Shown returns those of roots that are indexed roots of active works that this index does not deny, in any order.
	Shown(ctx context.Context, roots []string) ([]string, error)
}

// Query is what a viewer asks.
type Query struct {
	// Cursor is that of the page before, or empty.
	Cursor string
	// Limit is how many items are wanted at most, 1 to 100.
	Limit int
	// Language is a BCP 47 tag, or empty.
	Language string
	// Seeds are roots that the viewer chose to tell about.
	Seeds []string
}

// Page is a page of a feed.
type Page struct {
	Items []wire.Item
	// Cursor asks for the next page; empty at the end.
	Cursor string
	// Fallback says why these are not the generator's works; empty where they are.
	Fallback string
}

// BuiltIn is a feed of the index's own.
type BuiltIn struct {
	// ID is its name: trending, newest, underground, recommended. It has no slash, which ids of registered feeds have.
	ID, Title, Description string
	// Items gives a page. Its cursors have only letters, digits, - and _.
	Items func(ctx context.Context, q Query) (Page, error)
}

// Trending is the built-in feed that stands in for generators.
const Trending = "trending"

// Feed is one row of the list of feeds.
type Feed struct {
	Registered
	BuiltIn bool
	// Healthy says whether the last answer held; nil for a generator that was not asked lately.
	Healthy *bool
}

// Config is what New needs.
type Config struct {
	ChainID  string
	Registry Registry
	Works    Works
	// BuiltIn are the index's own feeds; one is Trending.
	BuiltIn []BuiltIn
	// AllowNear allows generators on this machine and in private networks: for local networks.
	AllowNear bool
	// Now is the clock; nil is time.Now.
	Now func() time.Time
	// Log gets failures of generators, never requests; nil keeps none.
	Log *slog.Logger
}

// Service gives pages of feeds. It is safe for concurrent use.
type Service struct {
	cfg   Config
	asker *asker
}

// New returns a service. It panics without a feed to fall back to: that is the program's mistake, not a stranger's.
func New(cfg Config) *Service {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	s := &Service{cfg: cfg, asker: newAsker(cfg)}
	if s.builtIn(Trending) == nil {
		panic("feeds: no built-in feed " + Trending)
	}
	return s
}

// List returns the built-in feeds, then the registered ones.
func (s *Service) List(ctx context.Context) ([]Feed, error) {
	registered, err := s.cfg.Registry.Feeds(ctx)
	if err != nil {
		return nil, err
	}
	var out []Feed
	for _, b := range s.cfg.BuiltIn {
		out = append(out, Feed{Registered: Registered{ID: b.ID, Title: b.Title, Description: b.Description}, BuiltIn: true})
	}
	for _, r := range registered {
		out = append(out, Feed{Registered: r, Healthy: s.asker.healthy(r)})
	}
	return out, nil
}

// Items returns a page of a feed. A generator's failure is no error: the page then has the trending works, and Fallback.
// Errors: ErrNotFound, ErrCursor, and those of the index.
func (s *Service) Items(ctx context.Context, id string, q Query) (Page, error) {
	q.Limit = min(max(q.Limit, 1), wire.MaxItems)
	if b := s.builtIn(id); b != nil {
		return b.Items(ctx, q)
	}
	feed, err := s.cfg.Registry.Feed(ctx, id)
	if err != nil {
		return Page{}, err
	}
	if next, why, ok := standIn(q); ok {
		// the pages after a stand-in go on with it: the generator knows nothing of its cursor
		return s.fallBack(ctx, next, why)
	}
	cursor, ok := strings.CutPrefix(q.Cursor, ownCursor)
	if !ok && q.Cursor != "" {
		return Page{}, ErrCursor
	}
	asked := q
	asked.Cursor = cursor
	res, why := s.asker.ask(ctx, feed, asked)
	if err := ctx.Err(); err != nil {
		return Page{}, err // the viewer is gone
	}
	if why == "" {
		// again, though asking did: an answer serves for a while, and works are restricted meanwhile
		items, err := shown(ctx, s.cfg.Works, res.Items)
		if err != nil {
			return Page{}, err
		}
		if len(items) > 0 || len(res.Items) == 0 {
			page := Page{Items: items}
			if res.Cursor != "" {
				page.Cursor = ownCursor + res.Cursor
			}
			return page, nil
		}
		why = UnknownWorks
	}
	q.Cursor = ""
	return s.fallBack(ctx, q, why)
}

func (s *Service) builtIn(id string) *BuiltIn {
	for i := range s.cfg.BuiltIn {
		if s.cfg.BuiltIn[i].ID == id {
			return &s.cfg.BuiltIn[i]
		}
	}
	return nil
}

// fallBack gives a page of the trending works: in all languages, where the viewer's has none.
func (s *Service) fallBack(ctx context.Context, q Query, why string) (Page, error) {
	trending := s.builtIn(Trending)
	page, err := trending.Items(ctx, q)
	if err == nil && len(page.Items) == 0 && q.Language != "" && q.Cursor == "" {
		q.Language = ""
		page, err = trending.Items(ctx, q)
	}
	if err != nil {
		return Page{}, fmt.Errorf("falling back to %s: %w", Trending, err)
	}
	if page.Cursor != "" {
		mark := "."
		if q.Language == "" {
			mark = allLanguages
		}
		page.Cursor = why + mark + page.Cursor
	}
	page.Fallback = why
	return page, nil
}

const (
	// ownCursor stands before a generator's cursors, and the slug with a mark before those of a stand-in.
	ownCursor = "feed."
	// allLanguages is the mark of a stand-in in whatever language.
	allLanguages = ".any."
)

var standInCursor = regexp.MustCompile(`^(timeout|unreachable|bad-response|bad-signature|too-large|unknown-works|refused)(\.any)?\.([A-Za-z0-9_-]+)$`)

// standIn reads a stand-in's cursor into the question for its next page.
func standIn(q Query) (next Query, why string, ok bool) {
	m := standInCursor.FindStringSubmatch(q.Cursor)
	if m == nil {
		return q, "", false
	}
	if m[2] != "" {
		q.Language = ""
	}
	q.Cursor = m[3]
	return q, m[1], true
}

// shown leaves out what may not be shown and what was named before.
func shown(ctx context.Context, works Works, items []wire.Item) ([]wire.Item, error) {
	if len(items) == 0 {
		return nil, nil
	}
	roots := make([]string, len(items))
	for i, item := range items {
		roots[i] = item.Work
	}
	known, err := works.Shown(ctx, roots)
	if err != nil {
		return nil, err
	}
	left := make(map[string]bool, len(known))
	for _, root := range known {
		left[root] = true
	}
	var out []wire.Item
	for _, item := range items {
		if left[item.Work] {
			left[item.Work] = false
			out = append(out, item)
		}
	}
	return out, nil
}
