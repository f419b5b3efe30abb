package indexer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/streamchain/streamchain/chainclient"
	"github.com/streamchain/streamchain/indexer/config"
	"github.com/streamchain/streamchain/indexer/follow"
	"github.com/streamchain/streamchain/indexer/project"
	"github.com/streamchain/streamchain/indexer/store"
)

// Version is what the program says of itself; the build may set it.
var Version = "dev"

// stopPatience is how long answers that are under way may take when the program stops.
const stopPatience = 10 * time.Second

// Run follows the chain and serves until ctx ends or the index cannot go on. ready is told the address once it listens; it may be nil.
func Run(ctx context.Context, cfg config.Config, log *slog.Logger, ready func(net.Addr)) error {
	if err := cfg.Validate(); err != nil {
		return err
	}
	s, err := store.Open(ctx, cfg.Dir())
	if err != nil {
		return err
	}
	defer s.Close()
	client, err := dial(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer client.Close()
	f, done, err := newFollower(cfg, s, client, log, 0)
	if err != nil {
		return err
	}
	defer done()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	m := newMetrics(f)
	handler, work, err := handler(cfg, s, client, f, log)
	if err != nil {
		return err
	}
	errs := make(chan error, 3)
	go func() { errs <- f.Run(ctx) }()
	go func() { errs <- work(ctx) }()
	go func() { errs <- serve(ctx, cfg.HTTP.Listen, routes(f, m, handler), ready) }()
	err = <-errs
	cancel()
	for range 2 {
		if e := <-errs; err == nil || errors.Is(err, context.Canceled) && e != nil {
			err = e
		}
	}
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// Reindex makes the index anew up to a height; zero: the chain's newest block.
func Reindex(ctx context.Context, cfg config.Config, log *slog.Logger, until int64) (follow.State, error) {
	s, err := store.Rebuild(ctx, cfg.Dir())
	if err != nil {
		return follow.State{}, err
	}
	defer s.Close()
	client, err := dial(ctx, cfg, log)
	if err != nil {
		return follow.State{}, err
	}
	defer client.Close()
	if until == 0 {
		st, err := client.Status(ctx)
		if err != nil {
			return follow.State{}, err
		}
		until = st.Height
	}
	f, done, err := newFollower(cfg, s, client, log, until)
	if err != nil {
		return follow.State{}, err
	}
	defer done()
	err = f.Run(ctx)
	return f.State(), err
}

// dial waits for the chain: an indexer that starts with the machine may be there first.
func dial(ctx context.Context, cfg config.Config, log *slog.Logger) (*chainclient.Client, error) {
	for {
		client, err := chainclient.Dial(ctx, chainclient.Config{GRPC: cfg.Chain.GRPC, RPC: cfg.Chain.RPC, ChainID: cfg.Chain.ID, Register: project.Modules})
		if err == nil || errors.Is(err, chainclient.ErrChainID) || ctx.Err() != nil {
			return client, err
		}
		log.Warn("the chain does not answer; trying again", "rpc", cfg.Chain.RPC, "err", err)
	}
}

func newFollower(cfg config.Config, s *store.Store, source follow.Source, log *slog.Logger, until int64) (*follow.Follower, func(), error) {
	var texts project.Texts
	done := func() {}
	if cfg.Chain.Manifests != "" {
		m, err := follow.OpenManifests(cfg.Chain.Manifests)
		if err != nil {
			return nil, nil, err
		}
		texts, done = m, func() { _ = m.Close() } // read only
	}
	p, err := project.New(texts)
	if err != nil {
		done()
		return nil, nil, err
	}
	return follow.New(follow.Config{
		Store: s, Source: source, Projector: p, Log: log, Temp: cfg.Dir(), Batch: cfg.Index.Batch, Fetch: cfg.Index.Fetch, Until: until,
	}), done, nil
}

// Health is what /health says.
type Health struct {
	OK          bool   `json:"ok"`
	Height      int64  `json:"height"`
	ChainHeight int64  `json:"chain_height"`
	Reason      string `json:"reason,omitempty"`
}

// maxLag is how many blocks an index may be behind and be called healthy.
const maxLag = 20

func health(f *follow.Follower) Health {
	st := f.State()
	h := Health{OK: true, Height: st.Height, ChainHeight: st.ChainHeight}
	switch {
	case st.Failed != nil:
		h.OK, h.Reason = false, "the node of the chain does not answer"
	case st.ChainHeight-st.Height > maxLag:
		h.OK, h.Reason = false, fmt.Sprintf("%d blocks behind", st.ChainHeight-st.Height)
	}
	return h
}

// routes adds what operators ask to what everybody asks.
func routes(f *follow.Follower, m *metrics, public http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", m.handler())
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) {
		h := health(f)
		w.Header().Set("Content-Type", "application/json")
		if !h.OK {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		_ = json.NewEncoder(w).Encode(h) // the caller went away
	})
	mux.HandleFunc("GET /live", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	mux.Handle("/", public)
	return m.watch(mux)
}

// writePatience is how long a caller may take to read an answer: who asks and does not read would keep it in memory. The app's largest file is
// read in that time at 10 KB a second. Tests shorten it.
var writePatience = 2 * time.Minute

func serve(ctx context.Context, listen string, h http.Handler, ready func(net.Addr)) error {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", listen)
	if err != nil {
		return fmt.Errorf("http.listen: %w", err)
	}
	if ready != nil {
		ready(l.Addr())
	}
	// streams of events set a later end for each write
	srv := &http.Server{
		Handler: h, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: writePatience, IdleTimeout: 60 * time.Second, MaxHeaderBytes: 16 << 10,
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(l) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopPatience)
	defer cancel()
	if err := srv.Shutdown(stop); err != nil {
		return errors.Join(ctx.Err(), srv.Close())
	}
	return ctx.Err()
}
