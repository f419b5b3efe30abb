package catalog_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/ipfs/go-cid"
	ipld "github.com/ipfs/go-ipld-format"
	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/storagenode/blob"
	"github.com/streamchain/streamchain/storagenode/catalog"
	"github.com/streamchain/streamchain/storagenode/dag"
	"github.com/streamchain/streamchain/storagenode/dag/dagtest"
)

func open(t *testing.T, dir string) *catalog.Catalog {
	t.Helper()
	c, err := catalog.Open(dir)
	require.NoError(t, err)
	return c
}

func build(t *testing.T, b dagtest.Builder, media, cover cid.Cid) *catalog.Index {
	t.Helper()
	ix, err := catalog.BuildIndex(context.Background(), b.Store, media, cover)
	require.NoError(t, err)
	return ix
}

func TestClassify(t *testing.T) {
	b := dagtest.New(t)
	media, cover := b.Presentation(1)
	ix := build(t, b, media, cover)
	got := map[string]catalog.Item{}
	for _, it := range ix.Items {
		got[it.Path] = it
	}
	for _, free := range []string{"master.m3u8", "poster.jpg", "v0/index.m3u8", "v1/index.m3u8", "v0/init.mp4", "/cover"} {
		require.Equal(t, catalog.Free, got[free].Class, free)
	}
	for r := range uint16(2) {
		for i := range int64(dagtest.Segments) {
			p := fmt.Sprintf("v%d/seg%d.m4s", r, i)
			require.Equal(t, catalog.Item{Path: p, Class: catalog.Timed, Rendition: r, Start: 4000 * i, End: 4000 * (i + 1)}, got[p])
		}
	}
	require.Len(t, got, 2+4+2*dagtest.Segments+1)
	require.Equal(t, b.Store.Used(), ix.Size, "every block is indexed once")
}

// A creator must not free or cheapen bytes by accident, nor a playlist those of others.
func TestPlaylistsThatLie(t *testing.T) {
	text := func(b dagtest.Builder, s string) ipld.Node { return b.File([]byte(s), 1<<20, 174) }
	for name, tc := range map[string]struct {
		list string
		want catalog.Class
	}{
		"an init segment that is media too": {"#EXTM3U\n#EXT-X-MAP:URI=\"a.m4s\"\n#EXTINF:4,\na.m4s\n", catalog.Timed},
		"no playlist":                       {"a.m4s\n", catalog.Gated},
		"a negative duration":               {"#EXTM3U\n#EXTINF:-4,\na.m4s\n", catalog.Gated},
		"not a number":                      {"#EXTM3U\n#EXTINF:NaN,\na.m4s\n", catalog.Gated},
		"endless":                           {"#EXTM3U\n#EXTINF:1e300,\na.m4s\n", catalog.Gated},
		"outside of the work":               {"#EXTM3U\n#EXTINF:4,\n../a.m4s\n", catalog.Gated},
		"elsewhere":                         {"#EXTM3U\n#EXTINF:4,\nhttps://example.org/a.m4s\n", catalog.Gated},
	} {
		b := dagtest.New(t)
		media := b.Dir(map[string]ipld.Node{"a.m4s": b.File(dagtest.Bytes(99), 1<<20, 174), "l.m3u8": text(b, tc.list)}).Cid()
		ix := build(t, b, media, cid.Undef)
		require.Equal(t, "a.m4s", ix.Items[0].Path)
		require.Equal(t, tc.want, ix.Items[0].Class, name)
	}
	b := dagtest.New(t)
	ix := build(t, b, b.Dir(map[string]ipld.Node{"photo.jpg": b.File(dagtest.Bytes(10), 1<<20, 174)}).Cid(), cid.Undef)
	require.Equal(t, catalog.Gated, ix.Items[0].Class, "pictures may be the work")
}

// Captions, pictures and lists cost nothing and take no rendition's number; nothing else is freed by its name or by a
// line that says so.
func TestWhatStandsBesideMedia(t *testing.T) {
	const list, film = "#EXTM3U\n#EXT-X-MAP:URI=\"init.mp4\"\n#EXTINF:4,\nseg.m4s\n", "captions/en.m3u8"
	large := func(head string, n int) string { return head + string(dagtest.Bytes(n)) }
	for name, tc := range map[string]struct {
		files map[string]string
		want  map[string]catalog.Class
	}{
		"captions in a playlist": {
			map[string]string{"captions/en.m3u8": "#EXTM3U\n#EXTINF:3600,\nen.vtt\n", "captions/en.vtt": "WEBVTT\n", "v0/index.m3u8": list, "v0/init.mp4": "i", "v0/seg.m4s": "s"},
			map[string]catalog.Class{film: catalog.Free, "captions/en.vtt": catalog.Free, "v0/init.mp4": catalog.Free, "v0/seg.m4s": catalog.Timed},
		},
		"captions with a mark": {
			map[string]string{"a.m3u8": "#EXTM3U\n#EXTINF:4,\na.VTT\n", "a.VTT": "\ufeffWEBVTT\n"},
			map[string]catalog.Class{"a.VTT": catalog.Free},
		},
		"a film called captions": {
			map[string]string{"a.m3u8": "#EXTM3U\n#EXTINF:4,\na.vtt\n", "a.vtt": large("film", 3000)},
			map[string]catalog.Class{"a.vtt": catalog.Timed},
		},
		"a film that begins as captions do": {
			map[string]string{"a.m3u8": "#EXTM3U\n#EXTINF:4,\na.vtt\n", "a.vtt": large("WEBVTT", 9<<20)},
			map[string]catalog.Class{"a.vtt": catalog.Timed},
		},
		"a film called an init segment": {
			map[string]string{"v0/index.m3u8": list, "v0/init.mp4": large("", 2<<20), "v0/seg.m4s": "s"},
			map[string]catalog.Class{"v0/init.mp4": catalog.Gated},
		},
		"a film called a picture": {
			map[string]string{"v0/index.m3u8": list, "v0/seg.m4s": "s", "poster.jpg": "p", "film.jpg": large("", 9<<20)},
			map[string]catalog.Class{"poster.jpg": catalog.Free, "film.jpg": catalog.Gated},
		},
		"a picture that is listed as media": {
			map[string]string{"a.m3u8": "#EXTM3U\n#EXTINF:4,\na.jpg\n", "a.jpg": "p"},
			map[string]catalog.Class{"a.jpg": catalog.Timed},
		},
		"only captions": {
			map[string]string{"en.m3u8": "#EXTM3U\n#EXTINF:4,\nen.vtt\n", "en.vtt": "WEBVTT\n", "photo.jpg": "p"},
			map[string]catalog.Class{"en.vtt": catalog.Free, "photo.jpg": catalog.Gated},
		},
		"thumbnails": {
			map[string]string{"v0/index.m3u8": list, "v0/seg.m4s": "s", "thumbnails/00000.jpg": "p", "thumbnails/index.vtt": "WEBVTT\n"},
			map[string]catalog.Class{"thumbnails/00000.jpg": catalog.Free, "thumbnails/index.vtt": catalog.Free},
		},
		"an index": {
			map[string]string{"index.json": `{"version":1,"files":[{"path":"files/a.pdf","size":1,"type":"application/pdf"}]}`, "files/a.pdf": "p"},
			map[string]catalog.Class{"index.json": catalog.Free, "files/a.pdf": catalog.Gated},
		},
		"an index with more in it": {
			map[string]string{"index.json": `{"version":1,"files":[{"path":"files/a.pdf","size":1,"type":"","text":"all of it"}]}`, "files/a.pdf": "p"},
			map[string]catalog.Class{"index.json": catalog.Gated},
		},
		"an index of nothing": {
			map[string]string{"index.json": `{"version":1,"files":[{"path":"files/b.pdf","size":1,"type":""}]}`, "files/a.pdf": "p"},
			map[string]catalog.Class{"index.json": catalog.Gated},
		},
		"an index of itself": {
			map[string]string{"index.json": `{"version":1,"files":[{"path":"index.json","size":1,"type":""}]}`},
			map[string]catalog.Class{"index.json": catalog.Gated},
		},
		"a work that is JSON": {
			map[string]string{"index.json": `{"recipes":[]}`, "files/index.json": "{}"},
			map[string]catalog.Class{"index.json": catalog.Gated, "files/index.json": catalog.Gated},
		},
		"a large index": {
			map[string]string{"index.json": `{"version":1,"files":[{"path":"a","size":1,"type":""}]}` + strings.Repeat(" ", 1<<16), "a": "p"},
			map[string]catalog.Class{"index.json": catalog.Gated},
		},
	} {
		b := dagtest.New(t)
		root := map[string]ipld.Node{}
		dirs := map[string]map[string]ipld.Node{}
		for p, text := range tc.files {
			f := b.File([]byte(text), 1<<20, 174)
			dir, base, nested := strings.Cut(p, "/")
			if !nested {
				root[p] = f
				continue
			}
			if dirs[dir] == nil {
				dirs[dir] = map[string]ipld.Node{}
			}
			dirs[dir][base] = f
		}
		for dir, files := range dirs {
			root[dir] = b.Dir(files)
		}
		for _, it := range build(t, b, b.Dir(root).Cid(), cid.Undef).Items {
			if want, ok := tc.want[it.Path]; ok {
				require.Equal(t, want, it.Class, "%s: %s", name, it.Path)
			}
			require.Zero(t, it.Rendition, "%s: captions are no rendition", name)
		}
	}
}

func TestIndexRefusesWhatIsNotWhole(t *testing.T) {
	ctx, b := context.Background(), dagtest.New(t)
	media, cover := b.Presentation(1)
	n, err := dag.Resolve(ctx, b.Store, media, []string{"v0", "seg3.m4s"})
	require.NoError(t, err)
	require.NoError(t, b.Store.Delete(ctx, n.Links[1].Cid))
	_, err = catalog.BuildIndex(ctx, b.Store, media, cover)
	require.ErrorIs(t, err, blob.ErrNotFound)
}

func TestCatalogSurvivesAndShares(t *testing.T) {
	ctx, b, dir := context.Background(), dagtest.New(t), t.TempDir()
	c := open(t, dir)
	media, cover := b.Presentation(1)
	other, _ := b.Presentation(1000)
	both := b.Dir(map[string]ipld.Node{"poster.jpg": b.File(dagtest.Bytes(32), 1<<20, 174)}).Cid() // shares a block with media
	entry := func(id string, m cid.Cid, live bool) catalog.Entry {
		return catalog.Entry{ID: id, Live: live, Creator: "alice", Media: m.String(), Piece: []byte(id)}
	}
	require.NoError(t, c.Add(entry("one", media, true), build(t, b, media, cover)))
	require.NoError(t, c.Add(entry("two", both, true), build(t, b, both, cid.Undef)))
	require.NoError(t, c.Add(entry("waits", other, false), build(t, b, other, cid.Undef)))
	require.ErrorIs(t, c.Add(entry("one", media, true), build(t, b, media, cover)), catalog.ErrExists)

	check := func(c *catalog.Catalog) {
		require.Len(t, c.Find(media), 1)
		require.True(t, c.Find(media)[0].Free())
		require.Empty(t, c.Find(other), "what waits for a deal is not served")
		seg, err := dag.Resolve(ctx, b.Store, media, []string{"v1", "seg2.m4s"})
		require.NoError(t, err)
		for _, id := range []cid.Cid{seg.Cid, seg.Links[0].Cid} {
			refs := c.Find(id)
			require.Len(t, refs, 1)
			require.False(t, refs[0].Free())
			require.EqualValues(t, 8000, refs[0].Item.Start)
		}
		poster := b.File(dagtest.Bytes(32), 1<<20, 174).Cid()
		require.Len(t, c.Find(poster), 2)
		_, ok := c.Brought([]byte("waits"), "alice")
		require.True(t, ok)
		_, ok = c.Brought([]byte("waits"), "bob")
		require.False(t, ok)
	}
	check(c)
	require.NoError(t, c.Close())
	c = open(t, dir)
	check(c)

	orphans, err := c.Remove("one")
	require.NoError(t, err)
	poster := b.File(dagtest.Bytes(32), 1<<20, 174).Cid()
	require.Len(t, c.Find(poster), 1, "the other work still has it")
	var size uint64
	for _, o := range orphans {
		require.NotEqual(t, poster.Hash(), o.Hash())
		n, err := b.Store.Size(ctx, o)
		require.NoError(t, err)
		size += uint64(n)
	}
	require.Greater(t, size, uint64(20000))
	require.NoError(t, c.Close())
	c = open(t, dir)
	require.Empty(t, c.Find(media))
	require.NoError(t, c.Close())
}
