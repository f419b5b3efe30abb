package indexer

import (
	"compress/gzip"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/indexer/store"
)

const pageHTML = `<!doctype html><html><head><meta charset="utf-8" /><title>StreamChain</title></head><body></body></html>`

func testSite(t *testing.T, built bool) *site {
	t.Helper()
	s, err := store.Open(t.Context(), t.TempDir())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	require.NoError(t, s.Write(t.Context(), func(tx *store.Tx) error {
		for _, q := range []string{
			`INSERT INTO creators VALUES (1, 'streamcreator1a', 'stream1a', 'al"ice', 1, 0, 1, 0, 0)`,
			`INSERT INTO works VALUES (1, 'bafyroot', 'bafyhead', 2, 'streamcreator1a', 'video', 'A <script>alert(1)</script> "film"', 'a', 'desc & more', 'en', 'CC0', '[]', 1, 'm', 'bafycover', '', '1', 0, '',
				'active', 0, 1, 1, 0, 0, 1, 0, 0)`,
			`INSERT INTO versions VALUES ('bafyroot', 'bafyroot', 1, 1, ''), ('bafyhead', 'bafyroot', 2, 1, '')`,
			`INSERT INTO providers VALUES ('op', 'op', '["https://n.example.org"]', 'r', '', '1', '1', '1', 'active', 1, 0, 1, '1', 0, 0, 0, '0', 0)`,
			`INSERT INTO deals VALUES ('bafyroot', 'op', 'bafyroot', 'active', '1', '1', 1, 1, 1)`,
		} {
			if _, err := tx.Exec(q); err != nil {
				return err
			}
		}
		return nil
	}))
	w, err := newSite(fstest.MapFS{"index.html": {Data: []byte(pageHTML)}, "assets/a-1f.js": {Data: []byte("x()")}, "icon.svg": {Data: []byte("<svg/>")}}, built, "https://w.example.org", s, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	return w
}

func get(h http.Handler, path string, header ...string) *http.Response {
	r := httptest.NewRequest(http.MethodGet, path, http.NoBody)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	raw, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	return string(raw)
}

func TestSite(t *testing.T) {
	s := testSite(t, true)
	for path, want := range map[string]struct {
		status int
		typ    string
		body   string
	}{
		"/":                      {200, "text/html; charset=utf-8", pageHTML},
		"/index.html":            {200, "text/html; charset=utf-8", pageHTML},
		"/studio/works/x":        {200, "text/html; charset=utf-8", pageHTML},
		"/work/unknown":          {200, "text/html; charset=utf-8", pageHTML},
		"/assets/a-1f.js":        {200, "text/javascript; charset=utf-8", "x()"},
		"/icon.svg":              {200, "image/svg+xml", "<svg/>"},
		"/assets/none.js":        {404, "text/plain; charset=utf-8", "404 page not found\n"},
		"/assets/../../../x.db":  {404, "text/plain; charset=utf-8", "404 page not found\n"},
		"/..%2f..%2fetc/passw.d": {404, "text/plain; charset=utf-8", "404 page not found\n"},
	} {
		r := get(s, path)
		require.Equal(t, want.status, r.StatusCode, path)
		require.Equal(t, want.typ, r.Header.Get("Content-Type"), path)
		require.Equal(t, want.body, body(t, r), path)
		require.Equal(t, "nosniff", r.Header.Get("X-Content-Type-Options"), path)
	}
	r := get(s, "/icon.svg")
	require.Equal(t, http.StatusNotModified, get(s, "/icon.svg", "If-None-Match", r.Header.Get("ETag")).StatusCode)
	require.Contains(t, get(s, "/assets/a-1f.js").Header.Get("Cache-Control"), "immutable")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/", http.NoBody))
	require.Equal(t, http.StatusMethodNotAllowed, w.Code)
}

func TestPreviews(t *testing.T) {
	s := testSite(t, true)
	page := body(t, get(s, "/work/bafyhead"))
	require.NotContains(t, page, "<script>")
	for _, want := range []string{
		`<title>A &lt;script&gt;alert(1)&lt;/script&gt; &#34;film&#34; · al&#34;ice – StreamChain</title>`, `<meta property="og:type" content="video.other">`,
		`<meta property="og:url" content="https://w.example.org/work/bafyroot">`, `<meta property="og:image" content="https://n.example.org/ipfs/bafycover">`, `content="desc &amp; more"`,
		`type="application/json+oembed"`,
	} {
		require.Contains(t, page, want)
	}
	for _, path := range []string{"/creator/streamcreator1a", `/creator/al%22ice`} {
		require.Contains(t, body(t, get(s, path)), `href="https://w.example.org/rss/creators/streamcreator1a.xml"`, path)
	}
	_, err := s.db.ExecContext(t.Context(), "PRAGMA query_only(0)")
	require.NoError(t, err)
	_, err = s.db.ExecContext(t.Context(), "UPDATE works SET status = 'restricted'")
	require.NoError(t, err)
	require.Equal(t, pageHTML, body(t, get(s, "/work/bafyhead")), "what is restricted is not advertised")
	require.NotContains(t, get(s, "/embed/bafyroot").Header.Get("Content-Security-Policy"), "frame-ancestors")
	require.Contains(t, get(s, "/").Header.Get("Content-Security-Policy"), "frame-ancestors")
}

func TestSiteWithoutTheApp(t *testing.T) {
	s := testSite(t, false)
	require.True(t, strings.Contains(body(t, get(s, "/")), "/api/v1"))
	require.Equal(t, 404, get(s, "/icon.svg").StatusCode)
}

// A page runs nothing but the app's own code, and only embeds can be framed. What is compressed has a tag of its own.
func TestPolicyAndCoding(t *testing.T) {
	s := testSite(t, true)
	for _, path := range []string{"/", "/work/bafyroot", "/embed/bafyroot", "/assets/a-1f.js"} {
		policy := get(s, path).Header.Get("Content-Security-Policy")
		require.Contains(t, policy, "script-src 'self';", path)
		require.Contains(t, policy, "default-src 'none'", path)
		require.NotContains(t, policy, "unsafe", path)
		require.NotContains(t, policy, "http:", path)
		require.Equal(t, !strings.HasPrefix(path, "/embed/"), strings.Contains(policy, "frame-ancestors 'none'"), path)
	}
	s.url = "http://127.0.0.1:8080"
	require.Contains(t, get(s, "/").Header.Get("Content-Security-Policy"), "connect-src 'self' https: wss: http: ws:")

	long := strings.Repeat("x();\n", 1000)
	s.files = fstest.MapFS{"assets/b-2e.js": {Data: []byte(long)}, "assets/c-3d.js": {Data: []byte(long)}, "assets/c-3d.js.br": {Data: []byte("brotli")}}
	plain := get(s, "/assets/b-2e.js")
	require.Empty(t, plain.Header.Get("Content-Encoding"))
	for range 2 {
		zipped := get(s, "/assets/b-2e.js", "Accept-Encoding", "gzip, br")
		require.Equal(t, "gzip", zipped.Header.Get("Content-Encoding"))
		require.NotEqual(t, plain.Header.Get("ETag"), zipped.Header.Get("ETag"))
		z, err := gzip.NewReader(zipped.Body)
		require.NoError(t, err)
		raw, err := io.ReadAll(z)
		require.NoError(t, err)
		require.Equal(t, long, string(raw))
		require.Equal(t, http.StatusNotModified, get(s, "/assets/b-2e.js", "Accept-Encoding", "gzip", "If-None-Match", zipped.Header.Get("ETag")).StatusCode)
	}
	br := get(s, "/assets/c-3d.js", "Accept-Encoding", "gzip, br")
	require.Equal(t, "br", br.Header.Get("Content-Encoding"))
	require.Equal(t, "brotli", body(t, br))
	require.Equal(t, "text/javascript; charset=utf-8", br.Header.Get("Content-Type"))
}
