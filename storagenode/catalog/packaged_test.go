package catalog_test

import (
	"context"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ipfs/go-cid"
	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/media"
	"github.com/streamchain/streamchain/storagenode/catalog"
	"github.com/streamchain/streamchain/storagenode/dag/dagtest"
)

// What creators package is priced as it should be: segments of every rendition by their time, from 0 to the end, each
// rendition's apart; all else is free.
func TestPackagedWorks(t *testing.T) {
	dir := t.TempDir()
	film, captions := filepath.Join(dir, "film.mp4"), filepath.Join(dir, "en.srt")
	out, err := exec.Command("ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", "testsrc=d=9:s=320x180:r=5", "-c:v", "libx264", "-g", "20", "-pix_fmt", "yuv420p", film).CombinedOutput()
	require.NoError(t, err, string(out))
	require.NoError(t, os.WriteFile(captions, []byte("1\n00:00:01,000 --> 00:00:02,000\nHello\n"), 0o600))
	paper := filepath.Join(dir, "paper.pdf")
	require.NoError(t, os.WriteFile(paper, []byte("%PDF-1.7"), 0o600))

	classes := func(in string, opt media.Options) (map[string]catalog.Item, media.Presentation) {
		p, err := media.Package(context.Background(), in, filepath.Join(dir, "out"), opt, nil)
		require.NoError(t, err)
		b := dagtest.New(t)
		root, _, err := media.BuildDAG(context.Background(), p.Dir, b.Store)
		require.NoError(t, err)
		got := map[string]catalog.Item{}
		for _, it := range build(t, b, root, cid.Undef).Items {
			got[it.Path] = it
		}
		return got, p
	}
	got, p := classes(film, media.Options{Renditions: "source,144", Captions: []media.Sidecar{{Language: "en", Path: captions}}})
	require.Len(t, p.Renditions, 2)
	ends := map[uint16]int64{}
	for name, it := range got {
		if path.Ext(name) != ".m4s" {
			require.Equal(t, catalog.Free, it.Class, name)
			continue
		}
		require.Equal(t, catalog.Timed, it.Class, name)
		require.Equal(t, strings.HasPrefix(name, "v1/"), it.Rendition == 1, name)
		require.Positive(t, it.End-it.Start)
		ends[it.Rendition] += it.End - it.Start
	}
	require.Equal(t, map[uint16]int64{0: 9000, 1: 9000}, ends)
	for _, name := range []string{"master.m3u8", "captions/en.vtt", "captions/en.m3u8", "poster.jpg", "thumbnails/00000.jpg", "thumbnails/index.vtt", "v1/init.mp4"} {
		require.Contains(t, got, name)
	}
	got, _ = classes(paper, media.Options{})
	require.Equal(t, catalog.Gated, got["files/paper.pdf"].Class)
	require.Equal(t, catalog.Free, got["index.json"].Class)
	require.Len(t, got, 2)
}
