package serve_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ipfs/go-cid"
	ipld "github.com/ipfs/go-ipld-format"
	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/nodeclient"
	"github.com/streamchain/streamchain/storagenode/catalog"
	"github.com/streamchain/streamchain/storagenode/dag"
	"github.com/streamchain/streamchain/storagenode/dag/dagtest"
	"github.com/streamchain/streamchain/storagenode/serve"
	"github.com/streamchain/streamchain/storagenode/wire"
)

// gate refuses what is not free, unless open.
type gate struct {
	open  bool
	asked atomic.Int32 // a client asks again where an answer was cut
}

func (g *gate) Admit(_ context.Context, a serve.Ask) (serve.Grant, error) {
	if a.Method == http.MethodHead || a.Refs[0].Free() && !a.Whole {
		return serve.Grant{}, nil
	}
	g.asked.Add(1)
	if !g.open {
		return serve.Grant{}, wire.NewProblem(http.StatusPaymentRequired, wire.PaymentRequired, "pay")
	}
	return serve.Grant{Private: true, Paid: "4:4"}, nil
}

type fixture struct {
	dagtest.Builder
	*httptest.Server
	gate         *gate
	server       *serve.Server
	media, cover cid.Cid
	mu           sync.Mutex // guards corrupt: an answer that is cut ends before its handler
	corrupt      []cid.Cid
}

func setup(t *testing.T) *fixture {
	t.Helper()
	b := dagtest.New(t)
	f := &fixture{Builder: b, gate: &gate{}}
	f.media, f.cover = b.Presentation(1)
	cat, err := catalog.Open(t.TempDir())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, cat.Close()) })
	ix, err := catalog.BuildIndex(context.Background(), b.Store, f.media, f.cover)
	require.NoError(t, err)
	require.NoError(t, cat.Add(catalog.Entry{ID: "w", Live: true, Root: "w"}, ix))
	s := &serve.Server{Blocks: b.Store, Catalog: cat, Gate: f.gate, Corrupt: f.noteCorrupt}
	f.server, f.Server = s, httptest.NewServer(serve.Common(s))
	t.Cleanup(f.Server.Close)
	return f
}

func (f *fixture) noteCorrupt(c cid.Cid) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.corrupt = append(f.corrupt, c)
}

func (f *fixture) do(method, path string, header ...string) (*http.Response, []byte) {
	f.T.Helper()
	req, err := http.NewRequest(method, f.URL+path, nil)
	require.NoError(f.T, err)
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	require.NoError(f.T, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	require.NoError(f.T, err)
	return res, body
}

func (f *fixture) segment(name ...string) (cid.Cid, []byte) {
	f.T.Helper()
	n, err := dag.Resolve(context.Background(), f.Store, f.media, name)
	require.NoError(f.T, err)
	data, err := dag.ReadFile(context.Background(), f.Store, n.Cid, 1<<20)
	require.NoError(f.T, err)
	return n.Cid, data
}

func TestFilesAndRanges(t *testing.T) {
	f := setup(t)
	f.gate.open = true
	c, data := f.segment("v0", "seg1.m4s")
	p := "/ipfs/" + f.media.String() + "/v0/seg1.m4s"
	etag := `"` + c.String() + `"`
	size := len(data)
	for name, tc := range map[string]struct {
		header []string
		status int
		want   []byte
	}{
		"whole":               {nil, 200, data},
		"range":               {[]string{"Range", "bytes=10-1999"}, 206, data[10:2000]},
		"open end":            {[]string{"Range", "bytes=3000-"}, 206, data[3000:]},
		"suffix":              {[]string{"Range", "bytes=-7"}, 206, data[size-7:]},
		"suffix too long":     {[]string{"Range", "bytes=-99999"}, 206, data},
		"end too far":         {[]string{"Range", "bytes=1-99999"}, 206, data[1:]},
		"if-range":            {[]string{"Range", "bytes=1-2", "If-Range", etag}, 206, data[1:3]},
		"if-range of another": {[]string{"Range", "bytes=1-2", "If-Range", `"x"`}, 200, data},
		"another unit":        {[]string{"Range", "lines=1-2"}, 200, data},
		"not modified":        {[]string{"If-None-Match", `"x", ` + etag}, 304, []byte{}},
	} {
		res, body := f.do("GET", p, tc.header...)
		require.Equal(t, tc.status, res.StatusCode, name)
		require.Equal(t, tc.want, body, name)
		require.Equal(t, etag, res.Header.Get("ETag"))
		if tc.status != 304 {
			require.Equal(t, "video/mp4", res.Header.Get("Content-Type"))
			require.Equal(t, "private, max-age=29030400, immutable", res.Header.Get("Cache-Control"))
			require.Equal(t, "4:4", res.Header.Get(wire.HeaderPaid))
		}
	}
	res, _ := f.do("GET", p, "Range", "bytes=10-19")
	require.Equal(t, "bytes 10-19/"+itoa(size), res.Header.Get("Content-Range"))
	for spec, slug := range map[string]string{
		"bytes=0-1,3-4": wire.MultipleRanges, "bytes=99999-": wire.RangeUnsatisfiable, "bytes=5-4": wire.RangeUnsatisfiable, "bytes=-0": wire.RangeUnsatisfiable,
		"bytes=a-b": wire.RangeUnsatisfiable, "bytes=-": wire.RangeUnsatisfiable,
	} {
		asked := f.gate.asked.Load()
		res, body := f.do("GET", p, "Range", spec)
		require.Equal(t, 416, res.StatusCode, spec)
		require.Equal(t, slug, wire.ReadProblem(416, body).Slug)
		require.Equal(t, asked, f.gate.asked.Load(), "nobody pays for a range that is not there")
	}
	res, body := f.do("HEAD", p)
	require.Equal(t, 200, res.StatusCode)
	require.Empty(t, body)
	require.EqualValues(t, size, res.ContentLength)
}

func itoa(n int) string { b, _ := json.Marshal(n); return string(b) }

func TestHeadersAndTypes(t *testing.T) {
	f := setup(t)
	for p, ct := range map[string]string{
		"/" + f.media.String() + "/master.m3u8": "application/vnd.apple.mpegurl",
		"/" + f.media.String() + "/poster.jpg":  "image/jpeg",
		"/" + f.cover.String():                  "image/png",
	} {
		res, _ := f.do("GET", "/ipfs"+p)
		require.Equal(t, 200, res.StatusCode)
		require.Equal(t, ct, res.Header.Get("Content-Type"))
		require.Equal(t, "public, max-age=29030400, immutable", res.Header.Get("Cache-Control"))
		require.Equal(t, "nosniff", res.Header.Get("X-Content-Type-Options"))
		require.Equal(t, "sandbox; default-src 'none'", res.Header.Get("Content-Security-Policy"))
		require.Equal(t, "*", res.Header.Get("Access-Control-Allow-Origin"))
		require.Empty(t, res.Header.Get("Access-Control-Allow-Credentials"))
	}
	res, _ := f.do("OPTIONS", "/ipfs/"+f.media.String())
	require.Equal(t, 204, res.StatusCode)
	require.Contains(t, res.Header.Get("Access-Control-Allow-Headers"), wire.HeaderAuth)
	require.Contains(t, res.Header.Get("Access-Control-Expose-Headers"), wire.HeaderPaid)
}

func TestRefusals(t *testing.T) {
	f := setup(t)
	elsewhere := f.File([]byte("<script>"), 1<<20, 174).Cid() // in the store, in no work
	m := f.media.String()
	for _, tc := range []struct {
		method, path, slug string
		status             int
	}{
		{"GET", "/ipfs/nonsense", wire.BadCID, 400},
		{"GET", "/ipfs/", wire.BadCID, 400},
		{"GET", "/ipfs/" + m + "/../x", wire.BadPath, 400},
		{"GET", "/ipfs/" + m + "/v0//seg0.m4s", wire.BadPath, 400},
		{"GET", "/ipfs/" + m + "/v0%2Fseg0.m4s", wire.BadPath, 400},
		{"GET", "/ipfs/" + m + "/none.mp4", wire.NotFound, 404},
		{"GET", "/ipfs/" + m + "/v0", wire.NotAFile, 404},
		{"GET", "/ipfs/" + elsewhere.String(), wire.NotFound, 404},
		{"GET", "/ipfs/" + elsewhere.String() + "?format=raw", wire.NotFound, 404},
		{"GET", "/ipfs/" + m + "?format=tar", wire.UnsupportedFormat, 406},
		{"GET", "/ipfs/" + m + "?format=car&dag-scope=some", wire.BadRequest, 400},
		{"GET", "/ipfs/" + m + "/v0/seg0.m4s", wire.PaymentRequired, 402},
		{"GET", "/ipfs/" + m + "?format=car", wire.PaymentRequired, 402},
		{"GET", "/ipfs/" + m + "/v0?format=car", wire.PaymentRequired, 402},
		{"POST", "/ipfs/" + m, wire.MethodNotAllowed, 405},
	} {
		req, err := http.NewRequest(tc.method, f.URL, nil)
		require.NoError(t, err)
		req.URL.Opaque = "//" + req.URL.Host + tc.path // as it stands, without cleaning
		res, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		body, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		res.Body.Close()
		require.Equal(t, tc.status, res.StatusCode, tc.path)
		require.Equal(t, wire.ContentTypeProblem, res.Header.Get("Content-Type"))
		require.Equal(t, "no-store", res.Header.Get("Cache-Control"))
		require.Equal(t, tc.slug, wire.ReadProblem(res.StatusCode, body).Slug, tc.path)
	}
}

func blocksOf(t *testing.T, car []byte) (roots []cid.Cid, ids []cid.Cid) {
	t.Helper()
	roots, err := dag.ReadCAR(bytes.NewReader(car), func(c cid.Cid, _ []byte) error { ids = append(ids, c); return nil })
	require.NoError(t, err)
	return roots, ids
}

func TestCARs(t *testing.T) {
	f := setup(t)
	f.gate.open = true
	res, whole := f.do("GET", "/ipfs/"+f.media.String()+"?format=car")
	require.Equal(t, 200, res.StatusCode)
	want, _ := f.Piece(f.media)
	require.Equal(t, want, whole, "the CAR of media is the one that makes the piece")

	_, car := f.do("GET", "/ipfs/"+f.media.String()+"/v0/seg1.m4s", "Accept", "application/vnd.ipld.car")
	roots, ids := blocksOf(t, car)
	require.Equal(t, []cid.Cid{f.media}, roots)
	seg, data := f.segment("v0", "seg1.m4s")
	require.Contains(t, ids, seg)
	require.Len(t, ids, 2+1+4, "root, v0, the file's root and its four leaves")
	got, err := nodeclient.FileFromCAR(bytes.NewReader(car), f.media, []string{"v0", "seg1.m4s"}, 1<<20)
	require.NoError(t, err)
	require.Equal(t, data, got)

	f.gate.open = false
	for scope, n := range map[string]int{"block": 2, "entity": 2} {
		_, car = f.do("GET", "/ipfs/"+f.media.String()+"/v0?format=car&dag-scope="+scope)
		_, ids = blocksOf(t, car)
		require.Len(t, ids, n, scope)
	}
	c := nodeclient.New(http.DefaultClient, f.URL)
	got, _, err = c.File(context.Background(), f.media, []string{"v0", "index.m3u8"}, 1<<20, nodeclient.Credentials{})
	require.NoError(t, err)
	require.Contains(t, string(got), "seg4.m4s")
}

func TestRawBlocks(t *testing.T) {
	f := setup(t)
	res, body := f.do("GET", "/ipfs/"+f.media.String()+"?format=raw")
	require.Equal(t, 200, res.StatusCode)
	require.Equal(t, "application/vnd.ipld.raw", res.Header.Get("Content-Type"))
	want, err := f.Store.Get(context.Background(), f.media)
	require.NoError(t, err)
	require.Equal(t, want, body)
	seg, _ := f.segment("v0", "seg1.m4s")
	n, err := dag.Load(context.Background(), f.Store, seg)
	require.NoError(t, err)
	res, _ = f.do("GET", "/ipfs/"+n.Links[0].Cid.String()+"?format=raw")
	require.Equal(t, 402, res.StatusCode, "a leaf is gated like its file")
}

// A damaged block is never sent, reported, and never paid for when it is found in time.
func TestDamage(t *testing.T) {
	f := setup(t)
	f.gate.open = true
	seg, _ := f.segment("v0", "seg1.m4s")
	n, err := dag.Load(context.Background(), f.Store, seg)
	require.NoError(t, err)
	bad := n.Links[2].Cid
	f.Store.Corrupt(bad, []byte("damage"))
	res, body := f.do("GET", "/ipfs/"+f.media.String()+"/v0/seg1.m4s")
	require.Equal(t, 500, res.StatusCode)
	require.Equal(t, wire.CorruptBlock, wire.ReadProblem(500, body).Slug)
	require.Zero(t, f.gate.asked.Load())
	f.mu.Lock()
	require.Contains(t, f.corrupt, bad)
	f.mu.Unlock()

	res, _ = f.do("GET", "/ipfs/"+f.media.String()+"/v0/seg1.m4s?format=car")
	require.Equal(t, 500, res.StatusCode)
	require.Zero(t, f.gate.asked.Load())

	stream, err := http.Get(f.URL + "/ipfs/" + f.media.String() + "?format=car")
	if err == nil {
		_, err = io.ReadAll(stream.Body)
		stream.Body.Close()
	}
	require.Error(t, err, "a CAR that is cut short is aborted, never ended")
}

// A directory whose file is a page is sent as bytes to keep, never to run.
func TestPagesDoNotRun(t *testing.T) {
	f := setup(t)
	page := f.Dir(map[string]ipld.Node{"index.html": f.File([]byte("<script>alert(1)</script>"), 1<<20, 174)}).Cid()
	cat, err := catalog.Open(t.TempDir())
	require.NoError(t, err)
	defer cat.Close()
	ix, err := catalog.BuildIndex(context.Background(), f.Store, page, cid.Undef)
	require.NoError(t, err)
	require.NoError(t, cat.Add(catalog.Entry{ID: "p", Live: true}, ix))
	rec := httptest.NewRecorder()
	s := &serve.Server{Blocks: f.Store, Catalog: cat, Gate: &gate{open: true}}
	serve.Common(s).ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/ipfs/"+page.String()+"/index.html", nil))
	require.Equal(t, 200, rec.Code)
	require.Equal(t, "application/octet-stream", rec.Header().Get("Content-Type"))
	require.Equal(t, `attachment; filename="index.html"`, rec.Header().Get("Content-Disposition"))
}

func TestConnectionsOfAnAddress(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	srv := serve.NewHTTPServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") }))
	go func() { _ = srv.Serve(serve.Limit(l, 2)) }()
	defer srv.Close()
	dial := func() net.Conn {
		c, err := net.Dial("tcp", l.Addr().String())
		require.NoError(t, err)
		return c
	}
	answers := func(c net.Conn) bool {
		_, _ = io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		_ = c.SetReadDeadline(time.Now().Add(2 * time.Second))
		n, _ := c.Read(make([]byte, 16))
		return n > 0
	}
	a, b := dial(), dial()
	require.True(t, answers(a))
	require.True(t, answers(b))
	c := dial()
	require.False(t, answers(c))
	require.NoError(t, a.Close())
	require.Eventually(t, func() bool { d := dial(); defer d.Close(); return answers(d) }, 5*time.Second, 20*time.Millisecond)
}
