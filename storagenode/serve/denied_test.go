package serve_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ipfs/go-cid"
	ipld "github.com/ipfs/go-ipld-format"
	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/storagenode/blob"
	"github.com/streamchain/streamchain/storagenode/catalog"
	"github.com/streamchain/streamchain/storagenode/dag"
	"github.com/streamchain/streamchain/storagenode/dag/dagtest"
	"github.com/streamchain/streamchain/storagenode/denylist"
	"github.com/streamchain/streamchain/storagenode/nodetest"
	"github.com/streamchain/streamchain/storagenode/serve"
	"github.com/streamchain/streamchain/storagenode/wire"
)

// denied serves two works that share a segment, behind a cache, with a denylist.
type denied struct {
	*fixture
	own   string
	lists *denylist.Lists
	log   bytes.Buffer
	other cid.Cid // media of the other work
}

func setupDenied(t *testing.T) *denied {
	t.Helper()
	b := dagtest.New(t)
	d := &denied{fixture: &fixture{Builder: b, gate: &gate{open: true}}, own: filepath.Join(t.TempDir(), "own.deny")}
	d.media, d.cover = b.Presentation(1)
	shared := d.resolve("v0", "seg1.m4s")
	n, err := b.Get(context.Background(), shared)
	require.NoError(t, err)
	d.other = b.Dir(map[string]ipld.Node{"shared.m4s": n, "mine.m4s": b.File(dagtest.Bytes(5<<20), 1<<18, 174)}).Cid()
	cat, err := catalog.Open(t.TempDir())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, cat.Close()) })
	for name, roots := range map[string][2]cid.Cid{"w": {d.media, d.cover}, "o": {d.other, cid.Undef}} {
		ix, err := catalog.BuildIndex(context.Background(), b.Store, roots[0], roots[1])
		require.NoError(t, err)
		e := catalog.Entry{ID: nodetest.WorkID(name), Live: true, Work: nodetest.WorkID(name), Root: nodetest.WorkID(name + "root"), Media: roots[0].String()}
		if roots[1].Defined() {
			e.Cover = roots[1].String()
		}
		require.NoError(t, cat.Add(e, ix))
	}
	log := slog.New(slog.NewTextHandler(&d.log, nil))
	d.lists, err = denylist.Open(filepath.Join(t.TempDir(), "keep"), d.own, nil, slog.New(slog.NewTextHandler(io.Discard, nil)))
	require.NoError(t, err)
	guard, err := denylist.NewGuard(d.lists, cat, log)
	require.NoError(t, err)
	s := &serve.Server{Blocks: blob.NewCache(b.Store, 1<<20), Catalog: cat, Gate: d.gate, Denied: guard}
	d.Server = httptest.NewServer(serve.Common(s))
	t.Cleanup(d.Server.Close)
	return d
}

func (d *denied) resolve(path ...string) cid.Cid {
	r, err := dag.Resolve(context.Background(), d.Store, d.media, path)
	require.NoError(d.T, err)
	return r.Cid
}

// deny replaces the rules.
func (d *denied) deny(rules ...string) {
	d.T.Helper()
	require.NoError(d.T, os.WriteFile(d.own, []byte(strings.Join(rules, "\n")), 0o600))
	d.lists.Reload(time.Now().Add(time.Hour))
	require.Zero(d.T, d.lists.Broken())
}

// require451 asks and requires a refusal with a problem document and nothing else.
func (d *denied) require451(path string, header ...string) {
	d.T.Helper()
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		res, body := d.do(method, path, header...)
		require.Equal(d.T, 451, res.StatusCode, "%s %s", method, path)
		require.Equal(d.T, wire.ContentTypeProblem, res.Header.Get("Content-Type"))
		require.Empty(d.T, res.Header.Get("Etag"))
		if method == http.MethodGet {
			require.Equal(d.T, wire.Blocked, wire.ReadProblem(res.StatusCode, body).Slug)
		}
	}
}

func (d *denied) require200(path string, header ...string) {
	d.T.Helper()
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		res, _ := d.do(method, path, header...)
		require.Less(d.T, res.StatusCode, 300, "%s %s", method, path)
	}
}

// everyWay are the requests that reach the denied work's bytes.
func (d *denied) everyWay() (out [][]string) {
	m := "/ipfs/" + d.media.String()
	seg2 := d.resolve("v0", "seg2.m4s")
	for _, p := range []string{
		m, m + "?format=car", m + "?format=raw", m + "?format=car&dag-scope=block", m + "?format=car&dag-scope=entity", m + "/master.m3u8", m + "/v0/index.m3u8", m + "/v0/seg1.m4s",
		m + "/v0/seg1.m4s?format=car", m + "/poster.jpg", m + "/v0/init.mp4", m + "/v0?format=car", "/ipfs/" + d.cover.String(), "/ipfs/" + d.cover.String() + "?format=raw",
		"/ipfs/" + seg2.String(), "/ipfs/" + seg2.String() + "?format=raw", "/ipfs/" + cid.NewCidV1(cid.Raw, seg2.Hash()).String() + "?format=raw", "/ipfs/" + d.resolve("v0").String() + "/seg2.m4s",
	} {
		out = append(out, []string{p})
	}
	return append(out, []string{m + "/v0/seg2.m4s", "Range", "bytes=0-1"}, []string{m + "/v0/seg2.m4s", "If-None-Match", "*"},
		[]string{m, "Accept", "application/vnd.ipld.car"}, []string{m + "?format=car", wire.HeaderReplica, "v1.x"})
}

// Every path to a denied work answers 451, whichever of its names a list has; what it shares with another stays served.
func TestDeniedEverywhere(t *testing.T) {
	d := setupDenied(t)
	ways := d.everyWay()
	for _, w := range ways {
		if w[0] != "/ipfs/"+d.media.String() && !strings.Contains(strings.Join(w, " "), "If-None-Match") {
			d.require200(w[0], w[1:]...) // and now it is in the cache
		}
	}
	hidden, err := denylist.Rule(d.media, nil, true, false)
	require.NoError(t, err)
	for _, rule := range []string{"/ipfs/" + nodetest.WorkID("w"), "/ipfs/" + nodetest.WorkID("wroot"), "/ipfs/" + d.media.String(), "/ipfs/" + d.media.String() + "/*", "/ipfs/" + d.cover.String(), hidden} {
		d.deny(rule)
		d.log.Reset()
		for _, w := range ways {
			d.require451(w[0], w[1:]...)
		}
		require.Contains(t, d.log.String(), "refused by denylist")
		require.Contains(t, d.log.String(), d.resolve("v0", "seg2.m4s").String())
		require.NotContains(t, d.log.String(), "127.0.0.1", "nobody who asked is written down")
		shared := d.resolve("v0", "seg1.m4s").String()
		d.require200("/ipfs/" + shared)
		d.require200("/ipfs/" + d.other.String() + "/shared.m4s")
		d.require200("/ipfs/" + d.other.String() + "?format=car")
	}
	d.deny("# nothing")
	d.require200("/ipfs/" + d.media.String() + "/v0/seg2.m4s")
	d.deny("/ipfs/"+d.media.String(), "!/ipfs/"+d.media.String())
	d.require200("/ipfs/" + d.media.String() + "/v0/seg2.m4s")
}

// A rule for a part of a work denies that part, and whatever is sent with it.
func TestDeniedParts(t *testing.T) {
	d := setupDenied(t)
	m, o := "/ipfs/"+d.media.String(), "/ipfs/"+d.other.String()
	d.deny(m + "/v1/*")
	d.require451(m + "/v1/seg1.m4s")
	d.require451(m+"/v1/seg1.m4s", "Range", "bytes=0-0")
	d.require451(m + "?format=car")
	d.require200(m + "/v0/seg1.m4s")
	d.require200(m + "/v0?format=car")

	shared := d.resolve("v0", "seg1.m4s")
	d.deny("/ipfs/" + shared.String())
	for _, p := range []string{"/ipfs/" + shared.String(), m + "/v0/seg1.m4s", m + "/v0?format=car", m + "?format=car", o + "/shared.m4s", o + "?format=car"} {
		d.require451(p)
	}
	d.require200(m + "/v0/seg2.m4s")
	d.require200(o + "/mine.m4s")
	d.require200(o + "?format=car&dag-scope=entity")

	// a leaf of a file, beyond what is read before it is sent
	mine, err := dag.Resolve(context.Background(), d.Store, d.other, []string{"mine.m4s"})
	require.NoError(t, err)
	last := mine.Links[len(mine.Links)-1].Cid
	d.deny("/ipfs/" + last.String())
	d.require451(o + "/mine.m4s")
	d.require451(o + "/mine.m4s?format=car")
	d.require451("/ipfs/" + last.String())
	d.require200(o + "/shared.m4s")
}
