package api

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"google.golang.org/grpc"

	"github.com/streamchain/streamchain/indexer/feeds"
	"github.com/streamchain/streamchain/indexer/store"
)

// App is what GET /config tells an app.
type App struct {
	ChainID           string `json:"chain_id"`
	RPC               string `json:"rpc"`
	REST              string `json:"rest"`
	GasPrice          string `json:"gas_price"`
	Denom             string `json:"denom"`
	Sponsor           string `json:"sponsor,omitempty"`
	Packager          string `json:"packager,omitempty"`
	AllowPrivateNodes bool   `json:"allow_private_nodes,omitempty"`
}

// Chain is what the API asks of the chain itself.
type Chain interface {
	// Conn carries queries.
	Conn() grpc.ClientConnInterface
	// Prove reads a row of a store with a proof of it at the newest height that has one.
	Prove(ctx context.Context, store string, key []byte) (Proof, error)
}

// Feeds gives pages of feeds.
type Feeds interface {
	List(ctx context.Context) ([]feeds.Feed, error)
	Items(ctx context.Context, id string, q feeds.Query) (feeds.Page, error)
}

// Config is what New needs.
type Config struct {
	Store *store.Store
	Chain Chain
	Feeds Feeds
	App   App
	// URL is at which the public reaches this service, without a slash at its end.
	URL     string
	Version string
	// Changed returns a channel that is closed when the index has grown.
	Changed func() <-chan struct{}
	// ChainHeight is the newest block of the chain as its node last said.
	ChainHeight func() int64
	// Rate is how many requests an address may make a second on the long run, Burst how many at once; zero: 20 and 200.
	Rate, Burst float64
	// TrustedProxies are networks whose X-Forwarded-For counts.
	TrustedProxies []netip.Prefix
	Log            *slog.Logger
}

// API answers requests. It is safe for concurrent use.
type API struct {
	cfg   Config
	spec  []byte // the document, as JSON
	rates *rates
	hooks *hooks
	live  *live
	open  opened // streams
}

// New makes the API.
func New(cfg Config) (*API, error) {
	if cfg.Rate == 0 {
		cfg.Rate, cfg.Burst = 20, 200
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.App.Denom == "" {
		cfg.App.Denom = "ustream"
	}
	if _, err := url.Parse(cfg.URL); err != nil {
		return nil, err
	}
	spec, err := specJSON()
	if err != nil {
		return nil, err
	}
	a := &API{cfg: cfg, spec: spec, rates: newRates(cfg.Rate, cfg.Burst, time.Now), live: newLive(cfg)}
	a.hooks = newHooks(cfg)
	return a, nil
}

// Run delivers webhooks until ctx ends.
func (a *API) Run(ctx context.Context) error { return a.hooks.run(ctx) }

// patience is how long a question to the index may take.
const patience = 2 * time.Second

// answer is a handler that returns what to say.
type answer func(r *http.Request, q *query) (any, error)

// Handler serves everything under /api/, /rss/ and /oembed.
func (a *API) Handler() http.Handler {
	mux := http.NewServeMux()
	for path, f := range map[string]answer{
		"/status": a.status, "/config": a.config, "/works": a.works, "/search": a.search, "/works/{root}": a.work, "/works/{root}/related": a.related,
		"/works/{root}/proof": a.proof, "/creators": a.creators, "/creators/{creator}": a.creator, "/collections/{collection}": a.collection,
		"/plans": a.plans, "/templates": a.templates, "/accounts/{address}/receipts": a.receipts, "/accounts/{address}/library": a.library, "/receipts/{tx}": a.receipt,
		"/feeds": a.feeds, "/feeds/{feed}/items": a.feedItems, "/proposals": a.proposals, "/proposals/{proposal}": a.proposal, "/disputes": a.disputes,
		"/network": a.network, "/economics": a.economics, "/events": a.events,
	} {
		mux.Handle("GET /api/v1"+path, a.json(f))
	}
	mux.HandleFunc("GET /api/v1/creators/{creator}/statement", a.statement)
	mux.HandleFunc("GET /api/v1/events/stream", a.stream)
	mux.HandleFunc("POST /api/v1/webhooks", a.hooks.create)
	mux.HandleFunc("GET /api/v1/webhooks/{id}", a.hooks.get)
	mux.HandleFunc("DELETE /api/v1/webhooks/{id}", a.hooks.remove)
	mux.HandleFunc("GET /api/v1/openapi.json", a.openapi)
	mux.HandleFunc("GET /api/v1/openapi.yaml", a.openapi)
	mux.HandleFunc("GET /api/{$}", a.docs)
	mux.HandleFunc("GET /api/docs.css", func(w http.ResponseWriter, r *http.Request) { send(w, r, "text/css; charset=utf-8", docsCSS) })
	mux.HandleFunc("GET /rss/creators/{file}", a.creatorFeed)
	mux.HandleFunc("GET /rss/collections/{file}", a.collectionFeed)
	mux.HandleFunc("GET /oembed", a.oembed)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if allowed := allows(mux, r); allowed != "" {
			w.Header().Set("Allow", allowed)
			problem(w, http.StatusMethodNotAllowed, "method-not-allowed", "use "+allowed)
			return
		}
		problem(w, http.StatusNotFound, "no-such-path", "GET /api/v1/openapi.json lists what there is")
	})
	return a.common(mux)
}

// allows are the methods that a path has beside the one asked.
func allows(mux *http.ServeMux, r *http.Request) string {
	out := ""
	for _, m := range []string{http.MethodGet, http.MethodPost, http.MethodDelete} {
		probe := r.Clone(r.Context())
		probe.Method = m
		if _, pattern := mux.Handler(probe); pattern != "/" && pattern != "" {
			if out != "" {
				out += ", "
			}
			out += m
		}
	}
	return out
}

// json answers with JSON, or a problem.
func (a *API) json(f answer) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), patience)
		defer cancel()
		q, err := readQuery(r)
		if err != nil {
			a.fail(w, r, err)
			return
		}
		out, err := f(r.WithContext(ctx), q)
		if err == nil {
			err = q.unread()
		}
		if err != nil {
			a.fail(w, r, err)
			return
		}
		raw, err := json.Marshal(out)
		if err != nil {
			a.fail(w, r, err)
			return
		}
		send(w, r, "application/json", raw)
	})
}

// fail says what went wrong; what is not the caller's mistake is logged and not shown.
func (a *API) fail(w http.ResponseWriter, r *http.Request, err error) {
	var p *Problem
	switch {
	case errors.As(err, &p):
		p.write(w)
	case errors.Is(err, store.ErrNotFound), errors.Is(err, feeds.ErrNotFound):
		problem(w, http.StatusNotFound, "not-found", "the index has nothing by that name; perhaps it is behind: see /api/v1/status")
	case errors.Is(err, store.ErrCursor), errors.Is(err, feeds.ErrCursor):
		problem(w, http.StatusBadRequest, "bad-cursor", "pass a cursor on as it came, with the same parameters, or leave it out")
	case r.Context().Err() != nil: // the caller went away
	case errors.Is(err, context.DeadlineExceeded):
		problem(w, http.StatusServiceUnavailable, "too-slow", "that took too long; narrow the question, or try again")
	default:
		a.cfg.Log.Error("a request failed", "path", r.URL.Path, "err", err)
		problem(w, http.StatusInternalServerError, "internal", "the index could not answer; try again")
	}
}
