package api_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	verrors "github.com/pb33f/libopenapi-validator/errors"
	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/indexer/api"
)

// contract holds answers to openapi.yaml.
type contract struct {
	*town
	v    validator.Validator
	seen map[string]bool
}

func newContract(t *testing.T) *contract {
	raw, err := os.ReadFile("openapi.yaml")
	require.NoError(t, err)
	doc, err := libopenapi.NewDocument(raw)
	require.NoError(t, err)
	v, errs := validator.NewValidator(doc)
	require.Empty(t, errs)
	ok, invalid := v.ValidateDocument()
	require.True(t, ok, "%v", reasons(invalid))
	return &contract{town: newTown(t), v: v, seen: map[string]bool{}}
}

func reasons(errs []*verrors.ValidationError) string {
	var out []string
	for _, e := range errs {
		out = append(out, e.Message+": "+e.Reason)
		for _, s := range e.SchemaValidationErrors {
			out = append(out, "  "+s.FieldPath+": "+s.Reason)
		}
	}
	return strings.Join(out, "\n")
}

// call sends a request that the document allows, and requires an answer that it allows.
func (c *contract) call(operation, method, path string, status int, body string, headers ...string) answer {
	c.Helper()
	request := func() *http.Request {
		r := httptest.NewRequest(method, "/api/v1"+path, strings.NewReader(body))
		if body != "" {
			r.Header.Set("Content-Type", "application/json")
		}
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		return r
	}
	ok, errs := c.v.ValidateHttpRequest(request())
	require.True(c, ok, "%s %s is no request of the document:\n%s", method, path, reasons(errs))
	a := c.do(method, "/api/v1"+path, []byte(body), append(headers, "Content-Type", "application/json")...)
	require.Equal(c, status, a.status, "%s %s: %s", method, path, a.body)
	c.valid(request(), a)
	c.seen[operation] = true
	return a
}

func (c *contract) valid(r *http.Request, a answer) {
	c.Helper()
	res := &http.Response{StatusCode: a.status, Header: a.header, Body: io.NopCloser(bytes.NewReader(a.body)), Request: r}
	ok, errs := c.v.ValidateHttpResponse(r, res)
	require.True(c, ok, "%s %s answers %d %s\n%s", r.Method, r.URL, a.status, a.body, reasons(errs))
}

func (c *contract) ok(operation, path string) answer {
	c.Helper()
	return c.call(operation, http.MethodGet, path, http.StatusOK, "")
}

// Every operation is called, and every answer has the form that the document says.
func TestContract(t *testing.T) {
	c := newContract(t)
	seg := url.PathEscape
	for _, op := range [][2]string{
		{"getStatus", "/status"}, {"getConfig", "/config"},
		{"listWorks", "/works"}, {"listWorks", "/works?sort=trending&limit=1"}, {"listWorks", "/works?sort=underground"}, {"listWorks", "/works?sort=title&limit=100"},
		{"listWorks", "/works?kind=audio&language=en&licence=CC-BY-4.0&tag=night&price=free&level=0"}, {"listWorks", "/works?creator=alice&level=2"}, {"listWorks", "/works?price=template"},
		{"search", "/search?q=midnight"}, {"search", "/search?q=midnigth"}, {"search", "/search?q=ali"}, {"search", "/search?q=nothing+like+it"}, {"search", "/search?q=night&kind=audio&limit=1"},
		{"getWork", "/works/" + c.film}, {"getWork", "/works/" + c.song}, {"getWork", "/works/" + c.derived}, {"getWork", "/works/" + c.retired},
		{"relatedWorks", "/works/" + c.film + "/related"}, {"proveWork", "/works/" + c.film + "/proof"},
		{"listCreators", "/creators"}, {"listCreators", "/creators?sort=trending&limit=1"}, {"listCreators", "/creators?sort=handle&level=1"},
		{"getCreator", "/creators/alice"}, {"getCreator", "/creators/" + creatorID("bob")}, {"getCreator", "/creators/" + addr("carol")},
		{"getStatement", "/creators/alice/statement"}, {"getStatement", "/creators/alice/statement?from=1&to=2"}, {"getStatement", "/creators/carol/statement?format=csv"},
		{"getCollection", "/collections/" + seg(c.collection)},
		{"listPlans", "/plans"}, {"listPlans", "/plans?creator=" + creatorID("alice") + "&limit=1"}, {"listPlans", "/plans?creator=bob"},
		{"listTemplates", "/templates"},
		{"listReceipts", "/accounts/" + addr("viewer") + "/receipts"}, {"listReceipts", "/accounts/" + addr("nobody") + "/receipts"},
		{"getLibrary", "/accounts/" + addr("viewer") + "/library"}, {"getLibrary", "/accounts/" + addr("nobody") + "/library"},
		{"getReceipt", "/receipts/" + c.sale}, {"getReceipt", "/receipts/" + c.failed},
		{"listFeeds", "/feeds"}, {"getFeedItems", "/feeds/trending/items"}, {"getFeedItems", "/feeds/" + seg(addr("x")+"/niche") + "/items?limit=2&language=en"},
		{"listProposals", "/proposals"}, {"listProposals", "/proposals?status=voting"}, {"getProposal", "/proposals/1"}, {"getProposal", "/proposals/2"},
		{"listDisputes", "/disputes"}, {"listDisputes", "/disputes?ruled=true"}, {"listDisputes", "/disputes?ruled=false&work=" + c.song},
		{"getNetwork", "/network"}, {"getEconomics", "/economics"}, {"getEconomics", "/economics?days=366"},
		{"listEvents", "/events"}, {"listEvents", "/events?after=2.1&limit=3"}, {"listEvents", "/events?type=streamchain.content.v1.EventWorkPublished&type=streamchain.content.v1.EventFeedRegistered"},
	} {
		c.ok(op[0], op[1])
	}
	made := c.call("createWebhook", http.MethodPost, "/webhooks", http.StatusCreated, `{"url":"http://127.0.0.1:1/hook","types":["streamchain.content.v1.EventWorkPublished"]}`)
	id, secret := field(t, made, "id"), field(t, made, "secret")
	c.call("getWebhook", http.MethodGet, "/webhooks/"+id, http.StatusOK, "", "Authorization", "Bearer "+secret)
	c.call("deleteWebhook", http.MethodDelete, "/webhooks/"+id, http.StatusNoContent, "", "Authorization", "Bearer "+secret)
	c.seen["streamEvents"] = true // TestStream
	for _, op := range operations(t) {
		require.True(t, c.seen[op], "operation %s was not called", op)
	}
}

// operations are the ids of the document.
func operations(t *testing.T) (all []string) {
	raw, err := os.ReadFile("openapi.yaml")
	require.NoError(t, err)
	for line := range strings.Lines(string(raw)) {
		if _, rest, ok := strings.Cut(line, "operationId: "); ok {
			id, _, _ := strings.Cut(strings.TrimSpace(rest), ",")
			all = append(all, id)
		}
	}
	require.Greater(t, len(all), 25)
	return all
}

// Whatever is asked, the answer is a problem of the document's form, with a stable slug.
func TestRefusals(t *testing.T) {
	c := newContract(t)
	long := strings.Repeat("x", 5000)
	for _, r := range []struct {
		path, slug string
		status     int
	}{
		{"/nothing", "no-such-path", 404}, {"/works/", "no-such-path", 404}, {"", "no-such-path", 404},
		{"/works/" + fileCID("unknown"), "not-found", 404}, {"/works/unknown", "not-found", 404}, {"/works/" + fileCID("unknown") + "/related", "not-found", 404},
		{"/works/" + fileCID("unknown") + "/proof", "not-found", 404}, {"/creators/nobody", "not-found", 404}, {"/creators/nobody/statement", "not-found", 404},
		{"/collections/none", "not-found", 404}, {"/receipts/" + strings.Repeat("0", 64), "not-found", 404}, {"/receipts/xyz", "bad-parameter", 400}, {"/feeds/none/items", "not-found", 404},
		{"/proposals/99", "not-found", 404}, {"/proposals/x", "bad-parameter", 400}, {"/proposals/-1", "bad-parameter", 400},
		{"/works?kind=book", "bad-parameter", 400}, {"/works?sort=best", "bad-parameter", 400}, {"/works?price=cheap", "bad-parameter", 400}, {"/works?level=4", "bad-parameter", 400},
		{"/works?limit=0", "bad-parameter", 400}, {"/works?limit=1000", "bad-parameter", 400}, {"/works?limit=x", "bad-parameter", 400}, {"/works?limit=-1", "bad-parameter", 400},
		{"/works?cursor=x", "bad-cursor", 400}, {"/works?cursor=" + url.QueryEscape("' OR 1=1 --"), "bad-cursor", 400}, {"/works?cursor=WyJ3b3Jrcy90aXRsZSIsMV0", "bad-cursor", 400},
		{"/creators?cursor=e30", "bad-cursor", 400}, {"/plans?cursor=x", "bad-cursor", 400}, {"/templates?cursor=x", "bad-cursor", 400}, {"/proposals?cursor=x", "bad-cursor", 400},
		{"/disputes?cursor=x", "bad-cursor", 400}, {"/accounts/a/receipts?cursor=x", "bad-cursor", 400}, {"/search?q=night&cursor=x", "bad-cursor", 400}, {"/feeds/trending/items?cursor=x", "bad-cursor", 400},
		{"/works?unknown=1", "bad-parameter", 400}, {"/works?kind=audio&kind=video", "bad-parameter", 400}, {"/works?tag=" + long, "query-too-long", 414}, {"/works?tag=%FF", "bad-parameter", 400}, {"/works?tag=%zz", "bad-query", 400},
		{"/search", "bad-parameter", 400}, {"/search?q=", "bad-parameter", 400}, {"/search?q=" + strings.Repeat("a", 201), "bad-parameter", 400}, {"/search?q=a%00b", "bad-parameter", 400},
		{"/events?after=x", "bad-parameter", 400}, {"/events?after=1", "bad-parameter", 400}, {"/events?after=-1.0", "bad-parameter", 400}, {"/events?after=99999999999999999999.0", "bad-parameter", 400},
		{"/events?type=" + strings.Repeat("a", 300), "bad-parameter", 400}, {"/events/stream?after=x", "bad-parameter", 400},
		{"/economics?days=0", "bad-parameter", 400}, {"/economics?days=367", "bad-parameter", 400}, {"/creators/alice/statement?format=pdf", "bad-parameter", 400}, {"/creators/alice/statement?from=9&to=1", "bad-parameter", 400},
		{"/disputes?ruled=maybe", "bad-parameter", 400}, {"/proposals?status=odd", "bad-parameter", 400}, {"/webhooks/none", "unauthorized", 401},
	} {
		a := c.get("/api/v1" + r.path)
		require.Equal(t, r.slug, field(t, a, "slug"), r.path)
		c.refused(a, r.status, r.slug)
	}
	for _, r := range []struct {
		method, path, slug string
		status             int
	}{
		{"POST", "/works", "method-not-allowed", 405}, {"DELETE", "/works/x", "method-not-allowed", 405}, {"PUT", "/webhooks", "method-not-allowed", 405}, {"PATCH", "/none", "no-such-path", 404},
	} {
		a := c.do(r.method, "/api/v1"+r.path, nil)
		c.refused(a, r.status, r.slug)
		if r.status == 405 {
			require.NotEmpty(t, a.header.Get("Allow"))
		}
	}
	for body, slug := range map[string]string{
		``: "bad-body", `{}`: "bad-url", `[]`: "bad-body", `{"url":"https://a.example.org","types":[]}`: "bad-types", `{"url":"https://a.example.org","types":["x"],"more":1}`: "bad-body",
		`{"url":"ftp://a.example.org","types":["x"]}`: "bad-url", `{"url":"https://u:p@a.example.org","types":["x"]}`: "bad-url",
		`{"url":"https://a.example.org","types":[""]}`: "bad-types", `{"url":"https://a.example.org","types":["` + long + `"]}`: "bad-body",
	} {
		c.refused(c.do(http.MethodPost, "/api/v1/webhooks", []byte(body), "Content-Type", "application/json"), 400, slug)
	}
	c.refused(c.do(http.MethodPost, "/api/v1/webhooks", []byte(`{}`), "Content-Type", "text/plain"), 415, "unsupported-media-type")
	public := newWorld(t, func(c *api.Config) { c.App.AllowPrivateNodes = false })
	for _, to := range []string{"http://169.254.169.254/latest", "http://127.0.0.1:9/x", "https://10.0.0.1/x", "https://[::1]/x", "https://localhost/x", "https://2130706433/x"} {
		public.refused(public.do(http.MethodPost, "/api/v1/webhooks", []byte(`{"url":"`+to+`","types":["x"]}`), "Content-Type", "application/json"), 400, "bad-url")
	}
}

// Nothing that is asked is read as a language: of SQL, of FTS5, of paths.
func TestNothingAskedIsCode(t *testing.T) {
	c := newContract(t)
	before, err := c.store.Digest(t.Context())
	require.NoError(t, err)
	for _, q := range []string{
		`'`, `"`, `''`, `""`, `'; DROP TABLE works; --`, `" OR 1=1 --`, `title:x`, `{title} : midnight`, `midnight AND`, `AND`, `OR`, `NOT`, `NEAR(a b, 3)`, `NEAR/3`, `a NOT b`, `(`, `)`, `((((`, `*`, `a*`, `^midnight`, `-a`, `+a`,
		`a:b:c`, `works_fts:x`, `\`, `%`, `_`, `%' OR 'x'='x`, "\t", "a\nb", `🎵`, `🎵🎵🎵`, `"; ATTACH DATABASE '/tmp/x' AS y; --`, `midnight" "serenade`, strings.Repeat(`"`, 200), strings.Repeat(`(`, 200), strings.Repeat(`a `, 100),
		"\u0000"[:0] + "\u202e", "\ufeff", "ﬁlm", "STRASSE", "e\u0301", strings.Repeat("\u0301", 200), `<script>alert(1)</script>`, `{{7*7}}`, `${x}`, `../../etc/passwd`, `rank MATCH 'x'`,
	} {
		c.ok("search", "/search?q="+url.QueryEscape(q))
		if len(q) <= 32 {
			c.ok("listWorks", "/works?tag="+url.QueryEscape(q))
			c.ok("listWorks", "/works?language="+url.QueryEscape(q))
			c.ok("listWorks", "/works?licence="+url.QueryEscape(q))
			c.ok("listWorks", "/works?creator="+url.QueryEscape(q))
			require.Contains(t, []int{200, 404}, c.get("/api/v1/plans?creator="+url.QueryEscape(q)).status)
			c.ok("listDisputes", "/disputes?work="+url.QueryEscape(q))
			c.ok("listEvents", "/events?type="+url.QueryEscape(q))
			if q != "" && !strings.ContainsAny(q, "\n\t") {
				for _, path := range []string{"/works/%s", "/works/%s/related", "/creators/%s", "/creators/%s/statement", "/collections/%s"} {
					a := c.get("/api/v1" + strings.Replace(path, "%s", url.PathEscape(q), 1))
					require.Equal(t, "not-found", field(t, a, "slug"), "%s of %q: %s", path, q, a.body)
				}
				c.ok("getLibrary", "/accounts/"+url.PathEscape(q)+"/library")
				c.ok("listReceipts", "/accounts/"+url.PathEscape(q)+"/receipts")
			}
		}
	}
	after, err := c.store.Digest(t.Context())
	require.NoError(t, err)
	require.Equal(t, before, after)
}
