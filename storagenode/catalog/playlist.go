package catalog

import (
	"bufio"
	"bytes"
	"math"
	"path"
	"strconv"
	"strings"
)

// maxPlaylist bounds a playlist that is read, in bytes; a day of 2 s segments fits.
const maxPlaylist = 8 << 20

// maxSegmentMillis bounds one segment's duration.
const maxSegmentMillis = 24 * 3600 * 1000

type segment struct {
	path       string
	start, end int64 // milliseconds in the rendition
}

// parsePlaylist reads a media playlist at at. ok is false for what is none: a master playlist or a
// broken file, whose references stay unclassified and so need access.
func parsePlaylist(at string, body []byte) (inits []string, segments []segment, ok bool) {
	if !bytes.HasPrefix(body, []byte("#EXTM3U")) {
		return nil, nil, false
	}
	var clock, duration int64 = 0, -1
	lines := bufio.NewScanner(bytes.NewReader(body))
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		switch {
		case strings.HasPrefix(line, "#EXTINF:"):
			v, _, _ := strings.Cut(line[len("#EXTINF:"):], ",")
			duration, ok = millis(v)
			if !ok {
				return nil, nil, false
			}
		case strings.HasPrefix(line, "#EXT-X-MAP:"):
			if p, ok := resolveRef(at, attribute(line, "URI")); ok {
				inits = append(inits, p)
			}
		case line == "" || line[0] == '#':
		case duration >= 0:
			p, ok := resolveRef(at, line)
			if !ok {
				return nil, nil, false
			}
			segments = append(segments, segment{path: p, start: clock, end: clock + duration})
			clock, duration = clock+duration, -1
		}
	}
	return inits, segments, lines.Err() == nil && len(segments) > 0
}

// millis reads an EXTINF duration, rounded to milliseconds.
func millis(s string) (int64, bool) {
	f, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	if err != nil || !(f >= 0 && f*1000 <= maxSegmentMillis) {
		return 0, false
	}
	return int64(math.Round(f * 1000)), true
}

// attribute returns a quoted attribute of a tag.
func attribute(line, name string) string {
	_, rest, _ := strings.Cut(line, name+`="`)
	v, _, _ := strings.Cut(rest, `"`)
	return v
}

// resolveRef resolves a reference in the playlist at at, inside the work.
func resolveRef(at, ref string) (string, bool) {
	if ref == "" || strings.ContainsAny(ref, ":\\?#\x00") || ref[0] == '/' {
		return "", false
	}
	p := path.Join(path.Dir(at), ref)
	if p == "." || p == ".." || strings.HasPrefix(p, "../") {
		return "", false
	}
	return p, true
}
