package indexer

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"

	"google.golang.org/grpc"

	"github.com/streamchain/streamchain/chainclient"
	"github.com/streamchain/streamchain/indexer/api"
	"github.com/streamchain/streamchain/indexer/config"
	"github.com/streamchain/streamchain/indexer/feeds"
	"github.com/streamchain/streamchain/indexer/feeds/wire"
	"github.com/streamchain/streamchain/indexer/follow"
	"github.com/streamchain/streamchain/indexer/store"
	"github.com/streamchain/streamchain/token"
	"github.com/streamchain/streamchain/web"
)

// handler is what everybody asks, and work what it does beside answering.
func handler(cfg config.Config, s *store.Store, client *chainclient.Client, f *follow.Follower, log *slog.Logger) (h http.Handler, work func(context.Context) error, err error) {
	proxies := make([]netip.Prefix, len(cfg.HTTP.TrustedProxy))
	for i, p := range cfg.HTTP.TrustedProxy {
		if proxies[i], err = netip.ParsePrefix(p); err != nil {
			return nil, nil, fmt.Errorf("http.trusted_proxies: %w", err)
		}
	}
	index := view{s}
	a, err := api.New(api.Config{
		Store: s, Chain: chain{client}, URL: strings.TrimSuffix(cfg.HTTP.URL, "/"), Version: Version, Changed: f.Changed,
		ChainHeight: func() int64 { return f.State().ChainHeight }, TrustedProxies: proxies, Log: log,
		Feeds: feeds.New(feeds.Config{ChainID: client.ChainID(), Registry: index, Works: index, BuiltIn: index.builtIn(), AllowNear: cfg.Apps.AllowPrivateNodes, Log: log}),
		App: api.App{
			ChainID: client.ChainID(), RPC: cfg.Apps.RPC, REST: cfg.Apps.REST, GasPrice: cfg.Apps.GasPrice, Denom: token.BaseDenom, Sponsor: cfg.Apps.Sponsor,
			Packager: cfg.Apps.Packager, AllowPrivateNodes: cfg.Apps.AllowPrivateNodes,
		},
	})
	if err != nil {
		return nil, nil, err
	}
	dist, built := web.Dist()
	app, err := newSite(dist, built, strings.TrimSuffix(cfg.HTTP.URL, "/"), s, log)
	if err != nil {
		return nil, nil, err
	}
	mux := http.NewServeMux()
	public := a.Handler()
	mux.Handle("/api/", public)
	mux.Handle("/rss/", public)
	mux.Handle("/oembed", public)
	mux.Handle("/", app)
	return mux, a.Run, nil
}

// chain is what the API asks of the chain.
type chain struct{ *chainclient.Client }

// Conn carries queries.
func (c chain) Conn() grpc.ClientConnInterface { return c.Client.Conn() }

// Prove reads a row with a proof.
func (c chain) Prove(ctx context.Context, module string, key []byte) (api.Proof, error) {
	p, err := c.Client.Prove(ctx, module, key)
	if err != nil {
		return api.Proof{}, err
	}
	out := api.Proof{Height: p.Height, AppHash: p.AppHash, Value: p.Value}
	for _, op := range p.Ops {
		out.Ops = append(out.Ops, api.ProofOp{Type: op.Type, Key: base64.StdEncoding.EncodeToString(op.Key), Data: base64.StdEncoding.EncodeToString(op.Data)})
	}
	return out, nil
}

// view is the index as feeds see it.
type view struct{ *store.Store }

// Feeds lists the registered feed generators.
func (v view) Feeds(ctx context.Context) ([]feeds.Registered, error) { return v.registered(ctx, "") }

// Feed returns one.
func (v view) Feed(ctx context.Context, id string) (feeds.Registered, error) {
	found, err := v.registered(ctx, id)
	if err == nil && len(found) == 0 {
		err = feeds.ErrNotFound
	}
	if err != nil {
		return feeds.Registered{}, err
	}
	return found[0], nil
}

func (v view) registered(ctx context.Context, id string) ([]feeds.Registered, error) {
	rows, err := v.FeedRows(ctx, id)
	if err != nil {
		return nil, err
	}
	var out []feeds.Registered
	for _, r := range rows {
		key, err := hex.DecodeString(r.Pubkey)
		if err != nil {
			return nil, fmt.Errorf("index: key of feed %s: %w", r.ID, err)
		}
		out = append(out, feeds.Registered{ID: r.ID, Owner: r.Owner, Title: r.Title, Description: r.Description, Endpoint: r.Endpoint, Key: key})
	}
	return out, nil
}

// Shown returns those of roots that are active works.
func (v view) Shown(ctx context.Context, roots []string) ([]string, error) {
	works, err := v.WorksOf(ctx, roots)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, w := range works {
		out = append(out, w.Root)
	}
	return out, nil
}

// builtIn are the index's own feeds.
func (v view) builtIn() []feeds.BuiltIn {
	sorted := func(sort, reason string) func(context.Context, feeds.Query) (feeds.Page, error) {
		return func(ctx context.Context, q feeds.Query) (feeds.Page, error) {
			works, cursor, err := v.Works(ctx, store.Filter{Language: q.Language}, sort, store.Page{Cursor: q.Cursor, Limit: q.Limit})
			if errors.Is(err, store.ErrCursor) {
				err = feeds.ErrCursor
			}
			page := feeds.Page{Cursor: cursor}
			for _, w := range works {
				page.Items = append(page.Items, wire.Item{Work: w.Root, Reason: reason})
			}
			return page, err
		}
	}
	return []feeds.BuiltIn{
		{ID: feeds.Trending, Title: "Trending", Description: "What people paid for this week, each counted to a limit; the price of faking it is published.", Items: sorted(store.Trending, "people pay for it this week")},
		{ID: "newest", Title: "New", Description: "Newest works first.", Items: sorted(store.Newest, "published lately")},
		{ID: "underground", Title: "Underground", Description: "Works that few have paid for so far, those with a first payer before the rest.", Items: sorted(store.Underground, "hardly anybody knows it yet")},
		{ID: "recommended", Title: "For you", Description: "Like the works that you choose to tell about; without any the trending ones. Nothing of it is kept.", Items: v.recommended},
	}
}

// recommended are works like those that the viewer told about.
func (v view) recommended(ctx context.Context, q feeds.Query) (feeds.Page, error) {
	if len(q.Seeds) == 0 || q.Cursor != "" {
		return v.builtIn()[0].Items(ctx, feeds.Query{Cursor: q.Cursor, Limit: q.Limit, Language: q.Language})
	}
	var page feeds.Page
	seen := map[string]bool{}
	for _, s := range q.Seeds {
		seen[s] = true
	}
	for _, seed := range q.Seeds {
		like, err := v.RelatedTo(ctx, seed, q.Limit)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return feeds.Page{}, err
		}
		for _, r := range like {
			if !seen[r.Work.Root] && len(page.Items) < q.Limit {
				seen[r.Work.Root] = true
				page.Items = append(page.Items, wire.Item{Work: r.Work.Root, Reason: r.Reason})
			}
		}
	}
	if len(page.Items) == 0 {
		return v.builtIn()[0].Items(ctx, feeds.Query{Limit: q.Limit, Language: q.Language})
	}
	return page, nil
}
