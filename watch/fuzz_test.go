package watch

import (
	"strings"
	"testing"
)

// hostile are playlists that make some player open what it should not, or work for ever.
var hostile = []string{
	"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", "#EXTM3U\n#EXTINF:1,\nhttp://169.254.169.254/latest/meta-data\n", "#EXTM3U\n#EXTINF:1,\nhttps://127.0.0.1:8080/\n", "#EXTM3U\n#EXTINF:1,\n//127.0.0.1/x\n",
	"#EXTM3U\n#EXTINF:1,\ndata:text/plain,x\n", "#EXTM3U\n#EXTINF:1,\n/etc/passwd\n", "#EXTM3U\n#EXTINF:1,\n../../../etc/passwd\n", "#EXTM3U\n#EXTINF:1,\n..\\..\\x\n", "#EXTM3U\n#EXTINF:1,\n%2e%2e/%2e%2e/x\n",
	"#EXTM3U\n#EXTINF:1,\nconcat:/etc/passwd|x\n", "#EXTM3U\n#EXTINF:1,\npipe:0\n", "#EXTM3U\n#EXTINF:1,\ngopher://x\n", "#EXTM3U\n#EXTINF:1,\nsubfile,,start,0,end,0,,:/etc/passwd\n", "#EXTM3U\n#EXTINF:1,\nx?y=http://z\n",
	"#EXTM3U\n#EXT-X-MAP:URI=\"file:///etc/passwd\"\n#EXTINF:1,\nx\n", "#EXTM3U\n#EXT-X-MAP:URI=\"../../x\"\n#EXTINF:1,\nx\n", "#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI=\"http://127.0.0.1/key\"\n#EXTINF:1,\nx\n",
	"#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,URI=\"http://127.0.0.1/\"\n#EXTINF:1,\nx\n", "#EXTM3U\n#EXT-X-DEFINE:NAME=\"a\",VALUE=\"file:\"\n#EXTINF:1,\n{$a}///etc/passwd\n", "#EXTM3U\n#EXT-X-SESSION-DATA:URI=\"http://127.0.0.1\"\n#EXTINF:1,\nx\n",
	"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nhttp://127.0.0.1/x.m3u8\n", "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=99999999999999999999\nx\n", "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=-1,RESOLUTION=99999999999x-1\nx\n",
	"#EXTM3U\n#EXTINF:1e308,\nx\n", "#EXTM3U\n#EXTINF:Inf,\nx\n", "#EXTM3U\n#EXTINF:NaN,\nx\n", "#EXTM3U\n#EXTINF:-0,\nx\n", "#EXTM3U\n#EXTINF:0x1p4,\nx\n", "#EXTM3U\n#EXTINF:1e-400,\nx\n", "#EXTM3U\n#EXTINF:3600,\nx\n",
	"\ufeff#EXTM3U\n#EXTINF:1,\nx\n", "#EXTM3U\r\n#EXTINF:1,\r\nx\r\n", "#EXTM3U\n#EXTINF:1,\nx\x00y\n", "#EXTM3U\n#EXTINF:1,\n\xff\xfe\n", "#EXTM3U\n#EXTINF:1,\n.\n", "#EXTM3U\n#EXTINF:1,\na/..\n", "#EXTM3U\n#EXTINF:1,\na//b/./c\n",
	"#EXTM3U\n" + strings.Repeat("#EXTINF:1,\nx\n", 2000), "#EXTM3U\n#EXTINF:1,\n" + strings.Repeat("a/", 30000) + "\n", "#EXTM3U\n" + strings.Repeat("#", 70000) + "\n", "#EXTM3U\n#EXTINF:1,\n" + strings.Repeat("../", 1000) + "x\n",
}

// within says whether a path names something beneath a work: no address, no other folder, nothing that an operating system
// reads as more than names.
func within(path []string) bool {
	if len(path) == 0 {
		return false
	}
	for _, p := range path {
		if p == "" || p == "." || p == ".." || strings.ContainsAny(p, "/\\:\x00") {
			return false
		}
	}
	return true
}

// Whatever a playlist says, what it leads to lies in the work, in order, and costs a number of ticks that is one.
func FuzzPlaylist(f *testing.F) {
	for _, p := range hostile {
		f.Add([]byte(p))
	}
	f.Fuzz(func(t *testing.T, playlist []byte) {
		if variant, err := pickVariant(playlist, QualityBest); err == nil && !within(variant) {
			t.Fatalf("a variant at %q", variant)
		}
		r, err := parseRendition([]string{"v0-00aa11bb", "index.m3u8"}, playlist, 20)
		if err != nil {
			return
		}
		if r.Init != nil && !within(r.Init) {
			t.Fatalf("an init segment at %q", r.Init)
		}
		if len(r.Segments) > len(playlist) {
			t.Fatalf("%d segments out of %d bytes", len(r.Segments), len(playlist))
		}
		last := int64(0)
		for _, s := range r.Segments {
			if !within(s.Path) {
				t.Fatalf("a segment at %q", s.Path)
			}
			if s.Start != last || s.End < s.Start || s.End-s.Start > 3600_000 {
				t.Fatalf("a segment from %d to %d after %d", s.Start, s.End, last)
			}
			last = s.End
			for _, tick := range []uint32{1, 10, 3600} {
				if from, to := s.Ticks(tick); to <= from {
					t.Fatalf("ticks %d to %d", from, to)
				}
			}
		}
	})
}

// None of the hostile ones that lead outside is taken at all.
func TestPlaylistsThatLeadOutside(t *testing.T) {
	refused := 0
	for _, p := range hostile[:16] {
		if _, err := parseRendition([]string{"v0", "index.m3u8"}, []byte(p), 0); err == nil {
			t.Errorf("taken: %q", p)
		}
		refused++
	}
	if refused != 16 {
		t.Fatal("some were not tried")
	}
}
