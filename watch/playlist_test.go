package watch

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/media"
)

func TestPlaylists(t *testing.T) {
	best, err := pickVariant([]byte("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=100,CODECS=\"a,b\"\nv1/index.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=900\nv0/index.m3u8\n"), QualityBest)
	require.NoError(t, err)
	require.Equal(t, []string{"v0", "index.m3u8"}, best)

	r, err := parseRendition(best, []byte("#EXTM3U\n#EXT-X-MAP:URI=\"init.mp4\"\n#EXTINF:4.000000,\nseg00000.m4s\n#EXTINF:2.500000,\nseg00001.m4s\n#EXT-X-ENDLIST\n"), 0)
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
		_, err := parseRendition([]string{"v0", "index.m3u8"}, []byte(body), 0)
		require.ErrorIs(t, err, ErrPlaylist, body)
	}
	_, err := pickVariant([]byte("#EXTM3U\n"), QualityBest)
	require.ErrorIs(t, err, ErrPlaylist)
}

// A segment's key is that of its own folder and of the window in which it starts, or the playlist is not played.
func TestKeysInPlaylists(t *testing.T) {
	const name = "v0-00aa11bb"
	key := func(rendition string, window uint32) string {
		return media.KeyTag{Rendition: rendition, Window: window}.String() + "\n"
	}
	list := func(first, second string) []byte {
		return []byte("#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:7\n#EXT-X-MAP:URI=\"init.mp4\"\n" + first + "#EXTINF:4,\na\n#EXTINF:3.9999996,\nb\n" + second + "#EXTINF:4,\nc\n")
	}
	at := []string{name, "index.m3u8"}
	r, err := parseRendition(at, list(key(name, 0), key(name, 1)), 8)
	require.NoError(t, err)
	require.EqualValues(t, 1, r.Segments[2].Key.Window)
	require.EqualValues(t, 9, r.Segments[2].Sequence)
	require.Equal(t, media.SegmentIV(9), r.Segments[2].Key.IVOf(r.Segments[2].Sequence))
	first, end := r.windowOf(1)
	require.Equal(t, []int{0, 2}, []int{first, end})
	r, err = parseRendition(at, list("", ""), 8)
	require.NoError(t, err)
	require.Nil(t, r.Segments[0].Key, "what is clear is clear")
	_, err = parseRendition(at, list(key(name, 0), "#EXT-X-KEY:METHOD=NONE\n"), 8)
	require.NoError(t, err)
	for what, bad := range map[string][]byte{
		"another rendition":      list(key("v1-00aa11bb", 0), ""),
		"another window":         list(key(name, 1), ""),
		"a window too late":      list(key(name, 0), key(name, 2)),
		"an address":             list("#EXT-X-KEY:METHOD=AES-128,URI=\"https://h/key\"\n", ""),
		"another method":         list("#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\""+media.KeyURI(name, 0)+"\"\n", ""),
		"an encrypted beginning": append([]byte("#EXTM3U\n"+key(name, 0)), list("", "")[8:]...),
		"a part of a file":       list(key(name, 0), "#EXT-X-BYTERANGE:5@0\n"),
	} {
		_, err := parseRendition(at, bad, 8)
		require.ErrorIs(t, err, ErrPlaylist, what)
	}
	_, err = parseRendition(at, list(key(name, 0), ""), 7)
	require.ErrorIs(t, err, ErrPlaylist, "a window that goes on after its end")
	_, err = parseRendition(at, list(key(name, 0), key(name, 1)), 0)
	require.ErrorIs(t, err, ErrPlaylist, "the chain says that the work is clear")
}

func TestQuality(t *testing.T) {
	film := "#EXTM3U\n#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"captions\",NAME=\"English\",LANGUAGE=\"en\",URI=\"captions/en.m3u8\"\n" +
		"#EXT-X-STREAM-INF:BANDWIDTH=9000000,AVERAGE-BANDWIDTH=5900000,CODECS=\"avc1.640028,mp4a.40.2\",RESOLUTION=1920x1080,FRAME-RATE=24.000,SUBTITLES=\"captions\"\nv0/index.m3u8\n" +
		"#EXT-X-STREAM-INF:BANDWIDTH=7000000,AVERAGE-BANDWIDTH=3000000,RESOLUTION=1280x720\nv1/index.m3u8\n" +
		"#EXT-X-STREAM-INF:BANDWIDTH=900000,AVERAGE-BANDWIDTH=700000,RESOLUTION=640x360\nv2/index.m3u8\n"
	upright := "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=6000000,RESOLUTION=1080x1920\nv0/index.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=900000,RESOLUTION=360x640\nv1/index.m3u8\n"
	song := "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=200000,CODECS=\"mp4a.40.2\"\naudio/index.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=70000\naudio64/index.m3u8\n"
	for _, c := range []struct{ master, asked, want string }{
		{film, "", "v0"}, {film, "best", "v0"}, {film, "auto", "v1"}, {film, "1080", "v0"}, {film, "2160", "v0"}, {film, "1079", "v1"}, {film, "720", "v1"}, {film, "480", "v2"},
		{film, "144", "v2"}, // nothing is that small
		{upright, "1080", "v0"}, {upright, "720", "v1"}, {upright, "auto", "v1"},
		{song, "best", "audio"}, {song, "auto", "audio"}, {song, "360", "audio"},
	} {
		q, err := ParseQuality(c.asked)
		require.NoError(t, err)
		got, err := pickVariant([]byte(c.master), q)
		require.NoError(t, err)
		require.Equal(t, []string{c.want, "index.m3u8"}, got, "%q %s", c.asked, c.master)
	}
	for _, bad := range []string{"0", "-1", "720p", "worst", "1e3", "99999"} {
		_, err := ParseQuality(bad)
		require.ErrorIs(t, err, ErrQuality, bad)
	}
	_, err := pickVariant([]byte("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nhttp://h/x.m3u8\n"), QualityBest)
	require.ErrorIs(t, err, ErrPlaylist)
}
