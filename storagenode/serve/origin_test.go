package serve_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/ipfs/go-cid"
	ipld "github.com/ipfs/go-ipld-format"
	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/storagenode/catalog"
	"github.com/streamchain/streamchain/storagenode/serve"
)

const script = "<script>alert(document.domain)</script>"

// polyglots are files that some browser has run as code, by name and bytes.
var polyglots = map[string]string{
	"index.html": "<!doctype html>" + script, "x.HTML": script, "x.htm": script, "x.xhtml": `<html xmlns="http://www.w3.org/1999/xhtml"><script>alert(1)</script></html>`,
	"x.svg": `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`, "x.SvG": `<svg onload="alert(1)">`, "x.xml": `<?xml version="1.0"?><?xml-stylesheet href="x.xsl" type="text/xsl"?><a/>`,
	"x.xsl": `<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"/>`, "x.rdf": "<rdf/>", "x.atom": "<feed/>",
	"x.js": "alert(1)", "x.mjs": "alert(1)", "x.css": "body{background:url(javascript:alert(1))}", "x.json": `{"a":"` + script + `"}`, "x.wasm": "\x00asm\x01\x00\x00\x00",
	"x.pdf": "%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj", "x.swf": "CWS\x09", "x.jar": "PK\x03\x04", "x.mht": "MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n" + script,
	"x.hta": script, "x.appcache": "CACHE MANIFEST\n", "x.webmanifest": `{"start_url":"."}`, "x.txt": script, "x": script, "x.": script, ".htaccess": "AddType text/html .jpg", "x.eml": script, "x.ics": script,
	// media by name, code by bytes
	"gif.gif": "GIF89a/*" + script + "*/=1;alert(1)", "page.jpg": script, "page.png": "\x89PNG\r\n\x1a\n" + script, "page.mp4": "<!doctype html>" + script, "page.mp3": script, "page.webp": "RIFF\x00\x00\x00\x00WEBP" + script,
	"page.vtt": "WEBVTT\n\n00:00.000 --> 00:01.000\n" + script, "page.m3u8": "#EXTM3U\n" + script, "page.ts": "G" + script, "page.wav": "RIFF\x00\x00\x00\x00WAVE" + script, "page.ogg": "OggS" + script, "page.flac": "fLaC" + script,
	// names that try to be another
	"x.jpg.html": script, "x.html.jpg": script, "x.jpg;.html": script, "x.jpg .html": script, "x.html;Content-Type: text": script, "x.jpg?.html": script, `x".html`: script, "x\u202egpj.html": script,
}

// inert are the types under which bytes may be shown: none of them is ever run.
var inert = []string{
	"application/vnd.apple.mpegurl", "video/mp4", "video/webm", "video/mp2t", "audio/mp4", "audio/aac", "audio/mpeg", "audio/ogg", "audio/flac", "audio/wav",
	"image/jpeg", "image/png", "image/webp", "image/avif", "image/gif", "text/vtt; charset=utf-8", "application/x-subrip",
}

// stranger serves polyglots out of a work.
func stranger(t *testing.T) (h http.Handler, media cid.Cid, covers map[string]cid.Cid) {
	t.Helper()
	f := setup(t)
	entries := map[string]ipld.Node{}
	for name, data := range polyglots {
		entries[name] = f.File([]byte(data), 1<<20, 174)
	}
	media = f.Dir(entries).Cid()
	cat, err := catalog.Open(t.TempDir())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, cat.Close()) })
	ix, err := catalog.BuildIndex(context.Background(), f.Store, media, cid.Undef)
	require.NoError(t, err)
	require.NoError(t, cat.Add(catalog.Entry{ID: "w", Live: true, Root: "w"}, ix))
	covers = map[string]cid.Cid{}
	for name, data := range polyglots {
		c := f.File([]byte(data+strings.Repeat(" ", 600)), 1<<20, 174).Cid()
		ix, err := catalog.BuildIndex(context.Background(), f.Store, f.media, c)
		require.NoError(t, err)
		require.NoError(t, cat.Add(catalog.Entry{ID: "cover " + name, Live: true, Root: "c" + name}, ix))
		covers[name] = c
	}
	return serve.Common(&serve.Server{Blocks: f.Store, Catalog: cat, Gate: freely{}}), media, covers
}

// safe holds an answer to what keeps a stranger's bytes from running in the node's origin, or reading another's.
func safe(t *testing.T, res *http.Response, what string) {
	t.Helper()
	h := res.Header
	require.Equal(t, []string{"nosniff"}, h.Values("X-Content-Type-Options"), what)
	require.Equal(t, []string{"sandbox; default-src 'none'"}, h.Values("Content-Security-Policy"), what)
	require.Equal(t, []string{"cross-origin"}, h.Values("Cross-Origin-Resource-Policy"), what)
	require.Equal(t, []string{"no-referrer"}, h.Values("Referrer-Policy"), what)
	require.Empty(t, h.Values("Set-Cookie"), what)
	require.Empty(t, h.Values("Content-Encoding"), what)
	require.LessOrEqual(t, len(h.Values("Content-Type")), 1, what)
	if res.StatusCode >= 300 {
		return
	}
	ct, attached := h.Get("Content-Type"), strings.HasPrefix(h.Get("Content-Disposition"), "attachment")
	switch ct {
	case "application/octet-stream", "application/vnd.ipld.raw", "application/vnd.ipld.car; version=1; order=dfs; dups=n":
		require.True(t, attached, what)
	default:
		require.Contains(t, inert, ct, what)
	}
}

func ask(t *testing.T, h http.Handler, method, target string, header ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, target, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	return rec.Result()
}

func TestNothingRunsInTheNodesOrigin(t *testing.T) {
	h, media, covers := stranger(t)
	require.GreaterOrEqual(t, len(polyglots), 30)
	queries := []string{"", "?format=raw", "?format=car", "?download=true", "?filename=evil.html", "?filename=a%22%0d%0aContent-Type:text/html", "?format=html", "?content-type=text/html"}
	for name := range polyglots {
		for _, target := range []string{"/ipfs/" + media.String() + "/" + url.PathEscape(name), "/ipfs/" + covers[name].String()} {
			for _, q := range queries {
				for _, method := range []string{http.MethodGet, http.MethodHead} {
					for _, accept := range []string{"", "text/html", "image/svg+xml,*/*", "application/vnd.ipld.raw"} {
						what := fmt.Sprintf("%s %s%s, accept %s", method, target, q, accept)
						res := ask(t, h, method, target+q, "Accept", accept)
						safe(t, res, what)
						if res.StatusCode == http.StatusOK && accept == "" && !strings.Contains(q, "format=") && strings.HasSuffix(strings.ToLower(name), "html") {
							require.True(t, strings.HasPrefix(res.Header.Get("Content-Disposition"), "attachment"), what)
						}
					}
				}
			}
			safe(t, ask(t, h, http.MethodGet, target, "Range", "bytes=0-4"), target)
			safe(t, ask(t, h, http.MethodPost, target), target)
		}
	}
	for _, target := range []string{"/ipfs/" + media.String(), "/ipfs/<script>", "/ipfs/" + media.String() + "/<script>alert(1)<%2fscript>", "/ipfs/../x"} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.URL = &url.URL{Path: target}
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, r)
		safe(t, rec.Result(), target)
		require.Equal(t, "application/problem+json", rec.Header().Get("Content-Type"), target)
	}
}

// origins are pages that could ask; the answer is the same for all.
var origins = []string{
	"", "null", "https://app.streamchain.example", "https://app.streamchain.example:8443", "http://app.streamchain.example", "https://evil.example", "https://streamchain.example.evil.example",
	"https://evilstreamchain.example", "https://streamchain.example%60.evil.example", "https://streamchain.example_.evil.example", "https://streamchain.example@evil.example", "http://localhost",
	"http://localhost:3000", "http://127.0.0.1", "http://127.0.0.1:8080", "http://[::1]:8080", "http://0.0.0.0", "http://192.168.0.1", "https://10.0.0.1", "file://", "file:///etc", "data:", "blob:https://evil.example/1",
	"about:blank", "javascript:alert(1)", "chrome-extension://abcdefghijklmnop", "moz-extension://abcdef", "safari-web-extension://x", "capacitor://localhost", "ionic://localhost", "app://streamchain", "tauri://localhost",
	"vscode-webview://x", "https://xn--80ak6aa92e.example", "https://EVIL.example", "https://evil.example/path", "https://a.example https://b.example", "https://a.example, https://b.example", "*", "https://*", "https://evil.example.",
	"wss://evil.example", strings.Repeat("a", 4000),
}

// Anybody's page may read what anybody may read; nobody's page does so as somebody.
func TestCORS(t *testing.T) {
	require.GreaterOrEqual(t, len(origins), 40)
	f := setup(t)
	h := f.Config.Handler
	for _, origin := range origins {
		for _, target := range []string{"/ipfs/" + f.cover.String(), "/ipfs/" + f.media.String() + "/v0/seg1.m4s", "/ipfs/nonsense", "/nowhere", "/../x"} {
			for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodDelete} {
				what := method + " " + target + " from " + origin
				res := ask(t, h, method, target, "Origin", origin, "Cookie", "session=1", "Authorization", "Basic eDp5",
					"Access-Control-Request-Method", "PUT", "Access-Control-Request-Headers", "x-evil", "Access-Control-Request-Private-Network", "true")
				require.Equal(t, []string{"*"}, res.Header.Values("Access-Control-Allow-Origin"), what)
				require.Empty(t, res.Header.Values("Access-Control-Allow-Credentials"), what)
				require.Empty(t, res.Header.Values("Access-Control-Allow-Private-Network"), what)
				require.Empty(t, res.Header.Values("Set-Cookie"), what)
				require.NotContains(t, res.Header.Get("Access-Control-Allow-Headers"), "x-evil", what)
				require.NotContains(t, res.Header.Get("Access-Control-Allow-Headers"), "*", what)
			}
		}
	}
}
