package watch

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPlaylists(t *testing.T) {
	best, err := bestVariant([]byte("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=100,CODECS=\"a,b\"\nv1/index.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=900\nv0/index.m3u8\n"))
	require.NoError(t, err)
	require.Equal(t, []string{"v0", "index.m3u8"}, best)

	r, err := parseRendition(best, []byte("#EXTM3U\n#EXT-X-MAP:URI=\"init.mp4\"\n#EXTINF:4.000000,\nseg00000.m4s\n#EXTINF:2.500000,\nseg00001.m4s\n#EXT-X-ENDLIST\n"))
	require.NoError(t, err)
	require.Equal(t, []string{"v0", "init.mp4"}, r.Init)
	require.Len(t, r.Segments, 2)
	require.Equal(t, []string{"v0", "seg00001.m4s"}, r.Segments[1].Path)
	require.EqualValues(t, 4000, r.Segments[1].Start)
	require.InDelta(t, 6.5, r.Seconds(), 1e-9)
	for _, c := range []struct {
		s        Segment
		tick     uint32
		from, to uint32
	}{
		{r.Segments[0], 1, 0, 4}, {r.Segments[1], 1, 4, 7}, {r.Segments[1], 10, 0, 1},
		{Segment{Start: 4004, End: 8008}, 1, 4, 9}, {Segment{Start: 5000, End: 5000}, 1, 5, 6},
	} {
		from, to := c.s.Ticks(c.tick)
		require.Equal(t, []uint32{c.from, c.to}, []uint32{from, to})
	}
}

func TestHostilePlaylists(t *testing.T) {
	for _, ref := range []string{"http://h/x", "file:///etc/passwd", "/etc/passwd", "../../x", "..", "a/../../../x", "data:,x", `\\host\x`, "x%2f..", "x?y", "x\x00"} {
		_, err := inside("v0", ref)
		require.ErrorIs(t, err, ErrPlaylist, ref)
	}
	for _, body := range []string{"", "no playlist", "#EXTM3U\n", "#EXTM3U\nseg.m4s\n", "#EXTM3U\n#EXTINF:-1,\nx\n", "#EXTM3U\n#EXTINF:1e9,\nx\n", "#EXTM3U\n#EXTINF:NaN,\nx\n"} {
		_, err := parseRendition([]string{"v0", "index.m3u8"}, []byte(body))
		require.ErrorIs(t, err, ErrPlaylist, body)
	}
	_, err := bestVariant([]byte("#EXTM3U\n"))
	require.ErrorIs(t, err, ErrPlaylist)
}
