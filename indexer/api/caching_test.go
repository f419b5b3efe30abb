package api_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/indexer/api"
	"github.com/streamchain/streamchain/indexer/store"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
)

func field(t testing.TB, a answer, name string) string {
	t.Helper()
	var all map[string]any
	require.NoError(t, json.Unmarshal(a.body, &all), "%s", a.body)
	s, _ := all[name].(string)
	return s
}

// An answer that has not changed is not sent again; a block that changes it makes another tag.
func TestNotModified(t *testing.T) {
	w := newTown(t)
	for _, path := range []string{"/works", "/works/" + w.film, "/search?q=midnight", "/creators", "/creators/alice", "/creators/alice/statement?to=1795600000", "/network", "/economics", "/disputes", "/proposals", "/events", "/openapi.json", "/openapi.yaml", "/receipts/" + w.sale} {
		first := w.get("/api/v1" + path)
		require.Equal(t, http.StatusOK, first.status)
		tag := first.header.Get("ETag")
		require.Regexp(t, `^"[^"]+"$`, tag, "%s: strong", path)
		again := w.get("/api/v1"+path, "If-None-Match", `"other", `+tag)
		require.Equal(t, http.StatusNotModified, again.status, path)
		require.Empty(t, again.body)
		require.Equal(t, tag, again.header.Get("ETag"))
		require.Equal(t, http.StatusOK, w.get("/api/v1"+path, "If-None-Match", `"other"`).status)
		zipped := w.get("/api/v1"+path, "Accept-Encoding", "gzip")
		if zipped.header.Get("Content-Encoding") == "gzip" {
			require.NotEqual(t, tag, zipped.header.Get("ETag"), "other bytes have another strong tag")
			require.Equal(t, http.StatusNotModified, w.get("/api/v1"+path, "Accept-Encoding", "gzip", "If-None-Match", zipped.header.Get("ETag")).status)
			z, err := gzip.NewReader(bytes.NewReader(zipped.body))
			require.NoError(t, err)
			raw, err := io.ReadAll(z)
			require.NoError(t, err)
			require.Equal(t, first.body, raw)
		}
	}
	before := w.get("/api/v1/works/" + w.film)
	w.tx(nil, paid(revenuetypes.RAIL_TIP, w.film, "alice", "viewer", 50_000))
	w.commit()
	after := w.get("/api/v1/works/"+w.film, "If-None-Match", before.header.Get("ETag"))
	require.Equal(t, http.StatusOK, after.status)
	require.NotEqual(t, before.header.Get("ETag"), after.header.Get("ETag"))
}

func TestHeaders(t *testing.T) {
	w := newTown(t)
	for _, path := range []string{"/api/v1/works", "/api/v1/none", "/api/", "/rss/creators/alice.xml", "/oembed?url=x"} {
		h := w.get(path).header
		require.Equal(t, "*", h.Get("Access-Control-Allow-Origin"), path)
		require.Empty(t, h.Get("Access-Control-Allow-Credentials"), path)
		require.Equal(t, "nosniff", h.Get("X-Content-Type-Options"), path)
		require.Contains(t, h.Get("Content-Security-Policy"), "default-src 'none'", path)
		require.Contains(t, h.Get("Content-Security-Policy"), "frame-ancestors 'none'", path)
		require.Empty(t, h.Get("Set-Cookie"), path)
	}
	pre := w.do(http.MethodOptions, "/api/v1/webhooks", nil, "Origin", "https://a.example.org", "Access-Control-Request-Method", "POST")
	require.Equal(t, http.StatusNoContent, pre.status)
	require.Contains(t, pre.header.Get("Access-Control-Allow-Methods"), "POST")
	require.Contains(t, pre.header.Get("Access-Control-Allow-Headers"), "Last-Event-ID")
	page := w.get("/api/")
	require.Equal(t, http.StatusOK, page.status)
	require.Contains(t, string(page.body), "/api/v1/works/{root}/proof")
	require.NotContains(t, string(page.body), "<script")
	require.Equal(t, http.StatusOK, w.get("/api/docs.css").status, "the page's own style is there")
	require.Equal(t, http.StatusOK, w.do(http.MethodHead, "/api/v1/works", nil).status)
}

// Who asks too often waits; another does not, and nobody gets more by naming proxies.
func TestRates(t *testing.T) {
	w := newTown(t, func(c *api.Config) { c.Rate, c.Burst = 0.001, 3 })
	for range 3 {
		require.Equal(t, http.StatusOK, w.get("/api/v1/status", "X-Forwarded-For", "9.9.9.9").status)
	}
	a := w.get("/api/v1/status", "X-Forwarded-For", "8.8.8.8")
	w.refused(a, http.StatusTooManyRequests, "too-many-requests")
	require.Regexp(t, `^[1-9]\d*$`, a.header.Get("Retry-After"))

	behind := newTown(t, func(c *api.Config) {
		c.Rate, c.Burst, c.TrustedProxies = 0.001, 2, []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	})
	for _, from := range []string{"9.9.9.9", "9.9.9.8", "2001:db8:1:2::1"} {
		for i := range 2 {
			require.Equal(t, http.StatusOK, behind.get("/api/v1/status", "X-Forwarded-For", from).status, "%s %d", from, i)
		}
		require.Equal(t, http.StatusTooManyRequests, behind.get("/api/v1/status", "X-Forwarded-For", "1.2.3.4, "+from).status, "what the caller itself put there does not count")
	}
	require.Equal(t, http.StatusTooManyRequests, behind.get("/api/v1/status", "X-Forwarded-For", "2001:db8:1:2:ffff::9").status, "a caller has a whole /64")
}

// walk reads all pages of a list.
func walk(w *world, path string) (all []string) {
	cursor, sep := "", "?"
	if strings.Contains(path, "?") {
		sep = "&"
	}
	for range 100 {
		var page struct {
			Items []struct {
				Root, ID any
				Work     struct{ Root string }
			}
			Cursor string
		}
		w.json(path+sep+"limit=2"+cursor, &page)
		require.LessOrEqual(w, len(page.Items), 2)
		for _, i := range page.Items {
			switch {
			case i.Root != nil:
				all = append(all, fmt.Sprint(i.Root))
			case i.ID != nil:
				all = append(all, fmt.Sprint(i.ID))
			default:
				all = append(all, i.Work.Root)
			}
		}
		if page.Cursor == "" {
			return all
		}
		cursor = "&cursor=" + page.Cursor
	}
	require.Fail(w, "the list does not end")
	return nil
}

// Pages fit together: nothing twice, nothing left out, whatever is published between them.
func TestPages(t *testing.T) {
	w := newTown(t)
	for i := range 9 {
		w.publish(work{by: "bob", title: fmt.Sprintf("Night number %d", i), kind: "audio", tags: []string{"night"}})
	}
	w.commit()
	for _, path := range []string{
		"/api/v1/works", "/api/v1/works?sort=trending", "/api/v1/works?sort=title", "/api/v1/works?kind=audio", "/api/v1/works?tag=night", "/api/v1/works?creator=bob", "/api/v1/search?q=night",
		"/api/v1/creators", "/api/v1/creators?sort=trending", "/api/v1/creators?sort=handle", "/api/v1/plans", "/api/v1/disputes", "/api/v1/proposals", "/api/v1/feeds/trending/items",
	} {
		all := walk(w.world, path)
		require.NotEmpty(t, all, path)
		seen := map[string]bool{}
		for _, id := range all {
			require.False(t, seen[id], "%s has %s twice", path, id)
			seen[id] = true
		}
		require.NotContains(t, all, w.retired)
	}
	require.Len(t, walk(w.world, "/api/v1/works"), 12)
	require.Len(t, walk(w.world, "/api/v1/search?q=night"), 11)

	// a work that is published between two pages is on neither
	for _, path := range []string{"/api/v1/works", "/api/v1/search?q=night"} {
		whole := walk(w.world, path)
		var first struct {
			Items  []struct{ Root string }
			Cursor string
		}
		sep := "?"
		if strings.Contains(path, "?") {
			sep = "&"
		}
		w.json(path+sep+"limit=5", &first)
		w.publish(work{by: "bob", title: "Night night " + path, kind: "audio", tags: []string{"night"}})
		w.publish(work{by: "bob", title: "Late " + path, kind: "audio", description: "at night"})
		w.commit()
		for i := range 1100 { // nothing of the first page is remembered any more
			_, err := w.store.Search(t.Context(), fmt.Sprintf("other%d", i), store.Filter{}, store.Page{Limit: 1})
			require.NoError(t, err)
		}
		var rest struct{ Items []struct{ Root string } }
		w.json(path+sep+"limit=100&cursor="+first.Cursor, &rest)
		var got []string
		for _, i := range append(first.Items, rest.Items...) {
			got = append(got, i.Root)
		}
		require.Equal(t, whole, got, path)
	}
}
