package catalog_test

import (
	"context"
	"fmt"
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
