package api

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/streamchain/streamchain/indexer/feeds"
	"github.com/streamchain/streamchain/indexer/store"
)

// items is a page of a list.
type items[T any] struct {
	Items  []T    `json:"items"`
	Cursor string `json:"cursor,omitempty"`
}

func page[T any](list []T, cursor string, err error) (any, error) {
	if list == nil {
		list = []T{}
	}
	return items[T]{list, cursor}, err
}

func (a *API) status(r *http.Request, _ *query) (any, error) {
	p, err := a.cfg.Store.Progress(r.Context())
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"chain_id": p.ChainID, "height": p.Height, "time": p.Time, "chain_height": max(a.cfg.ChainHeight(), p.Height), "works": p.Works, "creators": p.CreatorsCount, "version": a.cfg.Version,
	}, nil
}

func (a *API) config(*http.Request, *query) (any, error) { return a.cfg.App, nil }

func (a *API) works(r *http.Request, q *query) (any, error) {
	f := q.filter()
	f.Creator = q.text("creator", 100)
	sort, p := q.one("sort", store.Newest, store.Newest, store.Trending, store.Underground, store.ByTitle), q.page()
	if err := q.unread(); err != nil {
		return nil, err
	}
	return page(a.cfg.Store.Works(r.Context(), f, sort, p))
}

func (a *API) search(r *http.Request, q *query) (any, error) {
	text, f, p := q.text("q", 800), q.filter(), q.page()
	if n := len([]rune(text)); n < 1 || n > 200 {
		q.fail("q", "1 to 200 characters")
	}
	if err := q.unread(); err != nil {
		return nil, err
	}
	return a.cfg.Store.Search(r.Context(), text, f, p)
}

func (a *API) work(r *http.Request, _ *query) (any, error) {
	return a.cfg.Store.Work(r.Context(), r.PathValue("root"))
}

func (a *API) related(r *http.Request, q *query) (any, error) {
	limit := q.number("limit", 1, maxLimit, 12)
	if err := q.unread(); err != nil {
		return nil, err
	}
	root, err := a.cfg.Store.Root(r.Context(), r.PathValue("root"))
	if err != nil {
		return nil, err
	}
	list, err := a.cfg.Store.RelatedTo(r.Context(), root, int(limit))
	return page(list, "", err)
}

func (a *API) creators(r *http.Request, q *query) (any, error) {
	sort, level, p := q.one("sort", store.Newest, store.Newest, store.Trending, "handle"), q.number("level", 0, 3, 0), q.page()
	if err := q.unread(); err != nil {
		return nil, err
	}
	return page(a.cfg.Store.Creators(r.Context(), sort, level, p))
}

func (a *API) creator(r *http.Request, _ *query) (any, error) {
	return a.cfg.Store.Creator(r.Context(), r.PathValue("creator"))
}

func (a *API) collection(r *http.Request, _ *query) (any, error) {
	return a.cfg.Store.Collection(r.Context(), r.PathValue("collection"))
}

func (a *API) plans(r *http.Request, q *query) (any, error) {
	creator, p := q.text("creator", 100), q.page()
	if err := q.unread(); err != nil {
		return nil, err
	}
	return page(a.cfg.Store.Plans(r.Context(), creator, p))
}

func (a *API) templates(r *http.Request, q *query) (any, error) {
	p := q.page()
	if err := q.unread(); err != nil {
		return nil, err
	}
	return page(a.cfg.Store.Templates(r.Context(), p))
}

func (a *API) receipts(r *http.Request, q *query) (any, error) {
	p := q.page()
	if err := q.unread(); err != nil {
		return nil, err
	}
	return page(a.cfg.Store.Receipts(r.Context(), r.PathValue("address"), p))
}

func (a *API) library(r *http.Request, _ *query) (any, error) {
	return a.cfg.Store.Library(r.Context(), r.PathValue("address"))
}

func (a *API) disputes(r *http.Request, q *query) (any, error) {
	work, ruled, p := q.text("work", 200), q.one("ruled", "false", "true", "false") == "true", q.page()
	if err := q.unread(); err != nil {
		return nil, err
	}
	return page(a.cfg.Store.Disputes(r.Context(), work, ruled, p))
}

func (a *API) network(r *http.Request, _ *query) (any, error) {
	return a.cfg.Store.Network(r.Context())
}

func (a *API) economics(r *http.Request, q *query) (any, error) {
	days := q.number("days", 1, 366, 30)
	if err := q.unread(); err != nil {
		return nil, err
	}
	return a.cfg.Store.Economics(r.Context(), days)
}

// feed is a row of the list of feeds.
type feed struct {
	ID          string `json:"id"`
	Title       string `json:"title"`
	Description string `json:"description,omitempty"`
	Owner       string `json:"owner,omitempty"`
	Endpoint    string `json:"endpoint,omitempty"`
	BuiltIn     bool   `json:"builtin"`
	Healthy     *bool  `json:"healthy,omitempty"`
}

func (a *API) feeds(r *http.Request, _ *query) (any, error) {
	all, err := a.cfg.Feeds.List(r.Context())
	var out []feed
	for _, f := range all {
		out = append(out, feed{f.ID, f.Title, f.Description, f.Owner, f.Endpoint, f.BuiltIn, f.Healthy})
	}
	return page(out, "", err)
}

// feedItem is one work of a feed, and why it is there.
type feedItem struct {
	Work   store.Work `json:"work"`
	Reason string     `json:"reason"`
}

func (a *API) feedItems(r *http.Request, q *query) (any, error) {
	p := q.page()
	ask := feeds.Query{Cursor: p.Cursor, Limit: p.Limit, Language: q.text("language", 35), Seeds: q.texts("seed", 20, 100)}
	if err := q.unread(); err != nil {
		return nil, err
	}
	// a generator has its own time, and its failure its own answer
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), 2*patience)
	defer cancel()
	got, err := a.cfg.Feeds.Items(ctx, r.PathValue("feed"), ask)
	if err != nil {
		return nil, err
	}
	roots, reasons := make([]string, len(got.Items)), map[string]string{}
	for i, item := range got.Items {
		roots[i], reasons[item.Work] = item.Work, item.Reason
	}
	works, err := a.cfg.Store.WorksOf(ctx, roots)
	if err != nil {
		return nil, err
	}
	out := []feedItem{}
	for _, w := range works {
		out = append(out, feedItem{w, reasons[w.Root]})
	}
	return struct {
		items[feedItem]
		Fallback string `json:"fallback,omitempty"`
	}{items[feedItem]{out, got.Cursor}, got.Fallback}, nil
}

func (a *API) events(r *http.Request, q *query) (any, error) {
	height, idx, err := place(q.text("after", 40))
	if err != nil {
		q.fail("after", "<height>.<index> of an event")
	}
	types, limit := q.texts("type", 20, 200), q.number("limit", 1, maxLimit, defaultLimit)
	if err := q.unread(); err != nil {
		return nil, err
	}
	list, err := a.cfg.Store.Events(r.Context(), height, idx, types, int(limit))
	return page(list, "", err)
}

// place reads <height>.<index>; empty is before the first event.
func place(s string) (height, idx int64, err error) {
	if s == "" {
		return -1, -1, nil
	}
	h, i, ok := strings.Cut(s, ".")
	if !ok {
		return 0, 0, strconv.ErrSyntax
	}
	if height, err = strconv.ParseInt(h, 10, 64); err != nil || height < 0 {
		return 0, 0, strconv.ErrSyntax
	}
	if idx, err = strconv.ParseInt(i, 10, 64); err != nil || idx < 0 {
		return 0, 0, strconv.ErrSyntax
	}
	return height, idx, nil
}
