package catalog

import (
	"path"
	"strings"
	"testing"
)

// Whatever a playlist says, what it classifies lies in its work, and the times are in order.
func FuzzPlaylist(f *testing.F) {
	for _, p := range []string{
		"#EXTM3U\n#EXT-X-MAP:URI=\"init.mp4\"\n#EXTINF:4,\nseg0.m4s\n#EXTINF:4,\nseg1.m4s\n", "#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", "#EXTM3U\n#EXTINF:1,\n../../../x\n", "#EXTM3U\n#EXTINF:1,\n/x\n",
		"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1/x\n", "#EXTM3U\n#EXTINF:1,\ndata:,x\n", "#EXTM3U\n#EXTINF:1,\n..\\x\n", "#EXTM3U\n#EXT-X-MAP:URI=\"../../x\"\n#EXTINF:1,\nx\n", "#EXTM3U\n#EXT-X-MAP:URI=\"/cover\"\n#EXTINF:1,\nx\n",
		"#EXTM3U\n#EXTINF:1e308,\nx\n", "#EXTM3U\n#EXTINF:NaN,\nx\n", "#EXTM3U\n#EXTINF:-1,\nx\n", "#EXTM3U\n#EXTINF:86400,\nx\n#EXTINF:86400,\ny\n", "#EXTM3U\n#EXTINF:1,\n.\n", "#EXTM3U\n#EXTINF:1,\n..\n", "#EXTM3U\n#EXTINF:1,\nx\x00\n",
		"#EXTM3U\n" + strings.Repeat("#EXTINF:1,\nx\n", 1000), "#EXTM3U\n#EXTINF:1,\n" + strings.Repeat("../", 100) + "x\n", "\ufeff#EXTM3U\n", "#EXTM3U",
	} {
		f.Add("v0/index.m3u8", []byte(p))
		f.Add("index.m3u8", []byte(p))
	}
	within := func(p string) bool {
		return p != "" && p != "." && p != ".." && p[0] != '/' && !strings.HasPrefix(p, "../") && path.Clean(p) == p && !strings.ContainsAny(p, ":\\\x00")
	}
	f.Fuzz(func(t *testing.T, at string, playlist []byte) {
		if !within(at) {
			return // the catalog's own paths are
		}
		inits, segments, ok := parsePlaylist(at, playlist)
		if !ok {
			return
		}
		for _, p := range inits {
			if !within(p) {
				t.Fatalf("an init segment at %q", p)
			}
		}
		last := int64(0)
		for _, s := range segments {
			if !within(s.path) {
				t.Fatalf("a segment at %q", s.path)
			}
			if s.start != last || s.end < s.start || s.end-s.start > maxSegmentMillis {
				t.Fatalf("a segment from %d to %d after %d", s.start, s.end, last)
			}
			last = s.end
		}
	})
}
