package play

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/media"
	"github.com/streamchain/streamchain/nodeclient"
	"github.com/streamchain/streamchain/watch"
)

const rendition = "v0-00aa11bb"

// fake is a session of a work with two renditions.
type fake struct {
	by    string
	limit bool // it is reached
	files map[string]string
}

func newFake(by string) *fake {
	f := &fake{by: by, files: map[string]string{
		"master.m3u8": "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=9\n" + rendition + "/index.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=1\nv1-00aa11bb/index.m3u8\n",
		"poster.jpg":  "poster", "evil.html": "<script>", rendition + "/init.mp4": "init", "captions/en.m3u8": "#EXTM3U\n", "captions/en.vtt": "WEBVTT\n",
	}}
	for _, r := range []string{rendition, "v1-00aa11bb"} {
		f.files[r+"/index.m3u8"] = "#EXTM3U\n#EXT-X-MAP:URI=\"init.mp4\"\n" + media.KeyTag{Rendition: r, Window: 0}.String() + "\n#EXTINF:4,\na.m4s\n"
	}
	return f
}

func (f *fake) File(_ context.Context, path []string) ([]byte, error) {
	if data, ok := f.files[strings.Join(path, "/")]; ok {
		return []byte(data), nil
	}
	return nil, fmt.Errorf("%w: %v", nodeclient.ErrNoSuchFile, path)
}

func (f *fake) Rendition(_ context.Context, path []string) (watch.Rendition, error) {
	key := &media.KeyTag{Rendition: path[0]}
	return watch.Rendition{Segments: []watch.Segment{{Path: []string{path[0], "a.m4s"}, End: 4000, Key: key}}}, nil
}

func (f *fake) Segment(_ context.Context, r watch.Rendition, i int) ([]byte, error) {
	if f.limit {
		return nil, fmt.Errorf("%w: by much", watch.ErrSpendLimit)
	}
	return []byte("sealed " + r.Segments[i].Path[0]), nil
}

func (f *fake) Key(context.Context, watch.Rendition, int) ([16]byte, error) {
	if f.limit {
		return [16]byte{}, watch.ErrSpendLimit
	}
	return [16]byte{1, 2, 3}, nil
}

func (f *fake) GrantedBy() string            { return f.by }
func (f *fake) Spent() (spent, limit uint64) { return 7, 1000 }
func (f *fake) Blamed() []string             { return nil }
func get(p *Player, target string, change func(*http.Request)) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1:4999"+target, nil)
	if change != nil {
		change(r)
	}
	rec := httptest.NewRecorder()
	p.ServeHTTP(rec, r)
	return rec
}

func newPlayer(t *testing.T, f *fake) *Player {
	p, err := New(f, "127.0.0.1:4999", watch.QualityBest)
	require.NoError(t, err)
	return p
}

func TestPlayer(t *testing.T) {
	p := newPlayer(t, newFake("metered"))
	at := "/" + p.token + "/"
	body := func(name string) string {
		t.Helper()
		rec := get(p, at+name, nil)
		require.Equal(t, http.StatusOK, rec.Code, name)
		require.Contains(t, rec.Header().Get("Content-Security-Policy"), "default-src 'none'")
		return rec.Body.String()
	}
	require.Contains(t, body(""), "<video")
	for _, name := range []string{"app.js", "style.css", "hls.light.min.js"} {
		require.NotEmpty(t, body(name))
	}
	require.JSONEq(t, `{"granted_by":"metered","spent":"7","limit":"1000","blamed":null}`, body("state"))
	require.Equal(t, "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=9\n"+rendition+"/index.m3u8\n", body("media/master.m3u8"), "each quality is paid for itself")
	require.Equal(t, http.StatusNotFound, get(p, at+"key/"+rendition+"/0", nil).Code, "before its playlist was read nobody knows what it costs")
	require.Contains(t, body("media/"+rendition+"/index.m3u8"), `URI="../../key/`+rendition+`/0"`)
	require.Equal(t, "sealed "+rendition, body("media/"+rendition+"/a.m4s"))
	require.Equal(t, "init", body("media/"+rendition+"/init.mp4"))
	require.Len(t, body("key/"+rendition+"/0"), 16)
	require.Equal(t, "WEBVTT\n", body("media/captions/en.vtt"))
	for _, name := range []string{"key/" + rendition + "/1", "key/x", "key/../x/0", "media/none", "media/" + rendition + "/b.m4s", "media/../page/app.js", "page/app.js", "server.go", "x/app.js"} {
		require.NotEqual(t, http.StatusOK, get(p, at+name, nil).Code, name)
	}
	rec := get(p, at+"media/evil.html", nil)
	require.Equal(t, "application/octet-stream", rec.Header().Get("Content-Type"), "nothing of a work is a page here")

	p = newPlayer(t, newFake("purchase"))
	rec = get(p, "/"+p.token+"/media/master.m3u8", nil)
	require.Contains(t, rec.Body.String(), "v1-00aa11bb", "who owns it changes quality as he likes")
}

// Who cannot know the token, other pages in the same browser, and pages whose name points here get nothing.
func TestPlayerIsNobodyElses(t *testing.T) {
	p := newPlayer(t, newFake("free"))
	at := "/" + p.token + "/state"
	require.Equal(t, http.StatusOK, get(p, at, func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-origin") }).Code)
	for why, change := range map[string]func(*http.Request){
		"another host":     func(r *http.Request) { r.Host = "evil.example:4999" },
		"another port":     func(r *http.Request) { r.Host = "127.0.0.1:1" },
		"a name of it":     func(r *http.Request) { r.Host = "localhost:4999" },
		"another site":     func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") },
		"the same site":    func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-site") },
		"another origin":   func(r *http.Request) { r.Header.Set("Origin", "http://127.0.0.1:1") },
		"no token":         func(r *http.Request) { r.URL.Path = "/state" },
		"a token too much": func(r *http.Request) { r.URL.Path = "/" + p.token + "x/state" },
		"a token too short": func(r *http.Request) {
			r.URL.Path = "/" + p.token[:len(p.token)-1] + "/state"
		},
	} {
		require.Equal(t, http.StatusForbidden, get(p, at, change).Code, why)
	}
	require.Equal(t, http.StatusMethodNotAllowed, get(p, at, func(r *http.Request) { r.Method = http.MethodPost }).Code)
	other := newPlayer(t, newFake("free"))
	require.NotEqual(t, p.token, other.token)
	for _, address := range []string{"0.0.0.0:0", ":0", "192.0.2.1:0", "example.com:0", "[::]:0", "127.0.0.1"} {
		_, err := Listen(t.Context(), address)
		require.ErrorIs(t, err, ErrListen, address)
	}
	l, err := Listen(t.Context(), "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
}

func TestPlayerSaysWhy(t *testing.T) {
	f := newFake("metered")
	f.limit = true
	p := newPlayer(t, f)
	at := "/" + p.token + "/"
	get(p, at+"media/"+rendition+"/index.m3u8", nil)
	for _, name := range []string{"media/" + rendition + "/a.m4s", "key/" + rendition + "/0"} {
		rec := get(p, at+name, nil)
		require.Equal(t, http.StatusPaymentRequired, rec.Code)
		require.Equal(t, watch.ErrSpendLimit.Error()+"\n", rec.Body.String())
	}
	status, _ := explain(errors.New("other"))
	require.Equal(t, http.StatusBadGateway, status)
}
