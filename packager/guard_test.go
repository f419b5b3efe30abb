package packager

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const page = "http://127.0.0.1:8080"

// helper is a service without a chain behind a real listener.
type helper struct {
	t     *testing.T
	s     *Service
	srv   *httptest.Server
	code  string
	token string
}

func newHelper(t *testing.T, home string) *helper {
	t.Helper()
	h := &helper{t: t}
	c := DefaultConfig()
	c.Home, c.Limits.MaxBytes, c.Limits.MaxJobs = home, 1<<20, 2
	var err error
	h.s, err = New(c, nil, slog.New(slog.DiscardHandler), func(code string) { h.code = code })
	require.NoError(t, err)
	h.s.pairs.wait = time.Millisecond
	h.srv = httptest.NewServer(h.s.Handler())
	h.s.addr = h.srv.Listener.Addr().String()
	t.Cleanup(func() { h.srv.Close(); h.s.Close() })
	return h
}

// call makes one request; headers override what a paired page of the list sends, an empty one leaves it out.
func (h *helper) call(method, path string, body any, headers ...string) (int, http.Header, []byte) {
	h.t.Helper()
	var r io.Reader
	all := map[string]string{"Origin": page, "Authorization": "Bearer " + h.token}
	switch b := body.(type) {
	case nil:
	case []byte:
		r = bytes.NewReader(b)
	default:
		raw, err := json.Marshal(b)
		require.NoError(h.t, err)
		r, all["Content-Type"] = bytes.NewReader(raw), "application/json"
	}
	req, err := http.NewRequestWithContext(h.t.Context(), method, h.srv.URL+path, r)
	require.NoError(h.t, err)
	for i := 0; i < len(headers); i += 2 {
		all[headers[i]] = headers[i+1]
	}
	for k, v := range all {
		switch {
		case k == "Host":
			req.Host = v
		case v != "":
			req.Header.Set(k, v)
		}
	}
	res, err := http.DefaultClient.Do(req)
	require.NoError(h.t, err)
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	require.NoError(h.t, err)
	return res.StatusCode, res.Header, raw
}

func (h *helper) slug(raw []byte) string {
	h.t.Helper()
	var p Problem
	require.NoError(h.t, json.Unmarshal(raw, &p), "%s", raw)
	return p.Slug
}

func (h *helper) pair() {
	h.t.Helper()
	status, _, raw := h.call("POST", "/v1/pair", map[string]string{"code": h.code})
	require.Equal(h.t, 200, status, "%s", raw)
	var out struct{ Token string }
	require.NoError(h.t, json.Unmarshal(raw, &out))
	h.token = out.Token
}

func TestWhoMayCall(t *testing.T) {
	h := newHelper(t, t.TempDir())
	h.pair()
	_, port, _ := strings.Cut(h.s.addr, ":")
	for name, tc := range map[string]struct {
		headers []string
		status  int
		slug    string
	}{
		"a paired page":                 {nil, 200, ""},
		"a program with the token":      {[]string{"Origin", ""}, 200, ""},
		"localhost":                     {[]string{"Host", "localhost:" + port}, 200, ""},
		"a name that resolves here":     {[]string{"Host", "evil.example:" + port}, 421, "wrong-host"},
		"the same, as its own page":     {[]string{"Host", "evil.example:" + port, "Origin", ""}, 421, "wrong-host"},
		"a name that looks like it":     {[]string{"Host", "127.0.0.1.evil.example:" + port}, 421, "wrong-host"},
		"another port":                  {[]string{"Host", "127.0.0.1:1"}, 421, "wrong-host"},
		"no port":                       {[]string{"Host", "127.0.0.1"}, 421, "wrong-host"},
		"another page":                  {[]string{"Origin", "https://evil.example"}, 403, "wrong-origin"},
		"another port's page":           {[]string{"Origin", "http://127.0.0.1:8081"}, 403, "wrong-origin"},
		"a page in a sandbox":           {[]string{"Origin", "null"}, 403, "wrong-origin"},
		"an origin that begins so":      {[]string{"Origin", page + ".evil.example"}, 403, "wrong-origin"},
		"no token":                      {[]string{"Authorization", ""}, 401, "not-paired"},
		"another token":                 {[]string{"Authorization", "Bearer " + strings.Repeat("A", 43)}, 401, "not-paired"},
		"a token of another kind":       {[]string{"Authorization", "Basic " + h.token}, 401, "not-paired"},
		"the token's hash, as the disk": {[]string{"Authorization", "Bearer " + firstLine(t, filepath.Join(h.s.cfg.Home, "tokens"))}, 401, "not-paired"},
	} {
		status, header, raw := h.call("GET", "/v1/jobs", nil, tc.headers...)
		require.Equal(t, tc.status, status, name)
		if tc.slug != "" {
			require.Equal(t, tc.slug, h.slug(raw), name)
		}
		if status == 403 || status == 421 {
			require.Empty(t, header.Get("Access-Control-Allow-Origin"), name)
		}
		for _, path := range []string{"/v1/info", "/v1/pair", "/nothing"} {
			got, _, _ := h.call("GET", path, nil, tc.headers...)
			blocked := tc.status == 421 || tc.status == 403
			require.Equal(t, blocked, got == 421 || got == 403, "%s %s", name, path)
		}
	}

	status, header, _ := h.call("OPTIONS", "/v1/jobs", nil, "Authorization", "", "Access-Control-Request-Private-Network", "true")
	require.Equal(t, 204, status)
	require.Equal(t, page, header.Get("Access-Control-Allow-Origin"))
	require.Equal(t, "true", header.Get("Access-Control-Allow-Private-Network"))
	require.Equal(t, "Origin", header.Get("Vary"))
	require.Empty(t, header.Get("Access-Control-Allow-Credentials"))
	_, header, _ = h.call("OPTIONS", "/v1/jobs", nil, "Origin", "https://evil.example")
	require.Empty(t, header.Get("Access-Control-Allow-Private-Network"))

	status, _, raw := h.call("POST", "/v1/jobs", []byte(`{"name":"a","size":1}`), "Content-Type", "text/plain")
	require.Equal(t, 415, status, "what a form could send")
	require.Equal(t, "not-json", h.slug(raw))
}

func firstLine(t *testing.T, path string) string {
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	line, _, _ := strings.Cut(string(raw), "\n")
	return line
}

func TestPairing(t *testing.T) {
	home := t.TempDir()
	h := newHelper(t, home)
	first := h.code
	require.Len(t, first, 8)
	require.Equal(t, first, firstLine(t, filepath.Join(home, "code")))
	for range maxWrong - 1 {
		status, _, raw := h.call("POST", "/v1/pair", map[string]string{"code": "AAAAAAAA"})
		require.Equal(t, 403, status)
		require.Equal(t, "wrong-code", h.slug(raw))
	}
	status, _, raw := h.call("POST", "/v1/pair", map[string]string{"code": ""})
	require.Equal(t, 429, status)
	require.Equal(t, "too-many-codes", h.slug(raw))
	require.NotEqual(t, first, h.code)
	status, _, _ = h.call("POST", "/v1/pair", map[string]string{"code": first})
	require.Equal(t, 403, status, "the old one is worth nothing")

	used := h.code
	status, _, _ = h.call("POST", "/v1/pair", map[string]string{"code": strings.ToLower(used[:4]) + " - " + used[4:]})
	require.Equal(t, 200, status, "as people type it")
	status, _, _ = h.call("POST", "/v1/pair", map[string]string{"code": used})
	require.Equal(t, 403, status, "once")
	h.pair()

	again := newHelper(t, home)
	again.token = h.token
	status, _, _ = again.call("GET", "/v1/jobs", nil)
	require.Equal(t, 200, status, "a restart forgets nobody")
	raw, err := os.ReadFile(filepath.Join(home, "tokens"))
	require.NoError(t, err)
	require.NotContains(t, string(raw), h.token)
	require.NoError(t, os.WriteFile(filepath.Join(home, "tokens"), []byte("x\n"), 0o600))
	_, err = New(h.s.cfg, nil, slog.New(slog.DiscardHandler), func(string) {})
	require.ErrorContains(t, err, "damaged")
}

func TestOnlyLoopback(t *testing.T) {
	for listen, ok := range map[string]bool{"127.0.0.1:0": true, "[::1]:8195": true, "0.0.0.0:8195": false, ":8195": false, "192.168.1.2:8195": false, "localhost:8195": false, "x": false} {
		c := DefaultConfig()
		c.HTTP.Listen = listen
		require.Equal(t, ok, c.Validate() == nil, listen)
	}
	for _, origin := range []string{"", "*", "null", "https://app.example.org/", "app.example.org", "ftp://x"} {
		c := DefaultConfig()
		c.HTTP.Origins = []string{origin}
		require.ErrorIs(t, c.Validate(), ErrConfig, origin)
	}
	path := filepath.Join(t.TempDir(), "config.toml")
	c := DefaultConfig()
	c.HTTP.Origins = []string{"https://a.example", "https://b.example:8"}
	require.NoError(t, os.WriteFile(path, []byte(c.Text()), 0o600))
	got, err := LoadConfig(path)
	require.NoError(t, err)
	require.Equal(t, c, got)
}
