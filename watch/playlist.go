package watch

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"math"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/streamchain/streamchain/media"
)

// ErrPlaylist says that a work's playlist is broken: the content, not the network, is at fault.
var ErrPlaylist = errors.New("the work's playlist is broken")

// Segment is one file of a rendition, and when it plays, in milliseconds from the start.
type Segment struct {
	Path       []string
	Start, End int64
	Sequence   uint64        // its media sequence number
	Key        *media.KeyTag // what encrypts it; nil where it is clear
}

// rendition is the folder that the segment lies in: nodes count ticks of each apart.
func (s Segment) rendition() string { return strings.Join(s.Path[:len(s.Path)-1], "/") }

// Seconds is how long the segment plays.
func (s Segment) Seconds() float64 { return float64(s.End-s.Start) / 1000 }

// Ticks are those that the segment touches, as nodes count them: from the first to before the second.
func (s Segment) Ticks(tickSeconds uint32) (from, to uint32) {
	t := int64(tickSeconds) * 1000
	return uint32(s.Start / t), uint32(max((s.End+t-1)/t, s.Start/t+1))
}

// Rendition is one quality of a work.
type Rendition struct {
	Init     []string
	Segments []Segment
}

// windowOf are the segments, from the first to before the second, that lie in the key window of segment i.
func (r Rendition) windowOf(i int) (first, end int) {
	same := func(j int) bool {
		k := r.Segments[j].Key
		return k != nil && k.Window == r.Segments[i].Key.Window
	}
	for first = i; first > 0 && same(first-1); first-- {
	}
	for end = i + 1; end < len(r.Segments) && same(end); end++ {
	}
	return first, end
}

// Seconds is the rendition's playing time.
func (r Rendition) Seconds() float64 {
	if len(r.Segments) == 0 {
		return 0
	}
	return float64(r.Segments[len(r.Segments)-1].End) / 1000
}

// Quality says which rendition of a work is watched: one of the constants, or a number of lines that it has at most (of
// a picture that stands upright: columns).
type Quality int

const (
	// QualityBest is the rendition with the most data.
	QualityBest Quality = 0
	// QualityAuto is the best one that a household's line carries as fast as it plays.
	QualityAuto Quality = -1

	autoLine = 5_000_000 // bits a second
	maxLines = 16384
)

// ErrQuality says that a text names no quality.
var ErrQuality = errors.New("a quality is best, auto, or a number of lines as in 720")

// ParseQuality reads what people write. ErrQuality.
func ParseQuality(s string) (Quality, error) {
	switch s {
	case "", "best":
		return QualityBest, nil
	case "auto":
		return QualityAuto, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > maxLines {
		return 0, fmt.Errorf("%w: %q", ErrQuality, s)
	}
	return Quality(n), nil
}

// variant is one that a master playlist names; what it does not say is 0.
type variant struct {
	path                      []string
	bandwidth, average, lines int
}

// fits says whether a variant is within a quality. What has no picture fits any number of lines.
func (v variant) fits(q Quality) bool {
	switch q {
	case QualityBest:
		return true
	case QualityAuto:
		return max(v.average, 0) <= autoLine && (v.average > 0 || v.bandwidth <= autoLine)
	}
	return v.lines <= int(q)
}

// pickVariant returns the path of the master playlist's variant with the most bandwidth of those that fit, of the one
// with the least where none does.
func pickVariant(master []byte, q Quality) ([]string, error) {
	list, err := variants(master)
	if err != nil {
		return nil, err
	}
	var best, least *variant
	for i := range list {
		v := &list[i]
		if v.fits(q) && (best == nil || v.bandwidth > best.bandwidth) {
			best = v
		}
		if least == nil || v.bandwidth < least.bandwidth {
			least = v
		}
	}
	if best == nil {
		best = least
	}
	if best == nil {
		return nil, fmt.Errorf("%w: no variant", ErrPlaylist)
	}
	return best.path, nil
}

// OneVariant is a master playlist with the one variant that Watch would play. ErrPlaylist.
func OneVariant(master []byte, q Quality) ([]byte, error) {
	chosen, err := pickVariant(master, q)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	about, done := "", false
	err = lines(master, func(line string) error {
		switch {
		case strings.HasPrefix(line, "#EXT-X-STREAM-INF:"):
			about = line
			return nil
		case strings.HasPrefix(line, "#"):
		default:
			at, err := inside("", line)
			if err != nil {
				return err
			}
			if about == "" || done || !slices.Equal(at, chosen) {
				about = ""
				return nil
			}
			line, about, done = about+"\n"+line, "", true
		}
		out.WriteString(line + "\n")
		return nil
	})
	return out.Bytes(), err
}

func variants(master []byte) (list []variant, err error) {
	var next *variant
	err = lines(master, func(line string) error {
		if attrs, ok := strings.CutPrefix(line, "#EXT-X-STREAM-INF:"); ok {
			next = &variant{}
			for _, a := range strings.Split(attrs, ",") {
				name, value, _ := strings.Cut(a, "=")
				switch name {
				case "BANDWIDTH":
					next.bandwidth, _ = strconv.Atoi(value)
				case "AVERAGE-BANDWIDTH":
					next.average, _ = strconv.Atoi(value)
				case "RESOLUTION":
					w, h, _ := strings.Cut(value, "x")
					x, _ := strconv.Atoi(w)
					y, _ := strconv.Atoi(h)
					next.lines = min(x, y)
				}
			}
			return nil
		}
		if strings.HasPrefix(line, "#") || next == nil {
			return nil
		}
		if next.path, err = inside("", line); err != nil {
			return err
		}
		list = append(list, *next)
		next = nil
		return nil
	})
	return list, err
}

// parseRendition reads a media playlist that lies at at. windowSeconds is what one key opens; 0 where the work is not encrypted.
func parseRendition(at []string, playlist []byte, windowSeconds uint32) (Rendition, error) {
	p := playlistReader{dir: strings.Join(at[:len(at)-1], "/"), windowSeconds: windowSeconds, seconds: -1}
	err := lines(playlist, p.line)
	if err == nil && len(p.r.Segments) == 0 {
		err = fmt.Errorf("%w: no segment", ErrPlaylist)
	}
	return p.r, err
}

// playlistReader reads a media playlist by its lines.
type playlistReader struct {
	dir           string
	windowSeconds uint32
	r             Rendition
	clock         int64   // milliseconds, each segment rounded, as nodes count
	micros        int64   // microseconds, each segment rounded, as windows are counted
	seconds       float64 // of the next segment; negative before its EXTINF
	sequence      uint64
	key           *media.KeyTag
}

func (p *playlistReader) line(line string) (err error) {
	if attrs, ok := strings.CutPrefix(line, `#EXT-X-MAP:URI="`); ok {
		if p.key != nil {
			return fmt.Errorf("%w: its init segment is encrypted", ErrPlaylist)
		}
		uri, _, _ := strings.Cut(attrs, `"`)
		p.r.Init, err = inside(p.dir, uri)
		return err
	}
	if v, ok := strings.CutPrefix(line, "#EXTINF:"); ok {
		v, _, _ = strings.Cut(v, ",")
		p.seconds, err = strconv.ParseFloat(v, 64)
		if err != nil || !(p.seconds > 0 && p.seconds <= 3600) {
			return fmt.Errorf("%w: a segment of %q seconds", ErrPlaylist, v)
		}
		return nil
	}
	if v, ok := strings.CutPrefix(line, "#EXT-X-MEDIA-SEQUENCE:"); ok {
		if p.sequence, err = strconv.ParseUint(v, 10, 32); err != nil || len(p.r.Segments) > 0 {
			return fmt.Errorf("%w: %.100q", ErrPlaylist, line)
		}
		return nil
	}
	switch {
	case media.IsKeyTag(line):
		if p.key, err = media.ParseKeyTag(line); err != nil {
			return fmt.Errorf("%w: %w", ErrPlaylist, err)
		}
		return nil
	case strings.HasPrefix(line, "#EXT-X-BYTERANGE"):
		return fmt.Errorf("%w: %.100q", ErrPlaylist, line)
	case strings.HasPrefix(line, "#"):
		return nil
	}
	return p.segment(line)
}

func (p *playlistReader) segment(line string) error {
	if p.seconds < 0 {
		return fmt.Errorf("%w: a segment without a duration", ErrPlaylist)
	}
	path, err := inside(p.dir, line)
	if err != nil {
		return err
	}
	if err := p.checkKey(path); err != nil {
		return err
	}
	end := p.clock + int64(math.Round(p.seconds*1000))
	p.r.Segments = append(p.r.Segments, Segment{Path: path, Start: p.clock, End: end, Sequence: p.sequence, Key: p.key})
	p.micros += int64(math.Round(p.seconds * 1e6))
	p.clock, p.seconds, p.sequence = end, -1, p.sequence+1
	return nil
}

// edge is how far from a window's border its number may be either, in microseconds.
const edge = 2000

// checkKey holds a segment's key to what its place says: a playlist that named other windows would have its viewers pay for those.
func (p *playlistReader) checkKey(path []string) error {
	if p.key == nil {
		return nil
	}
	if p.windowSeconds == 0 || len(path) < 2 || p.key.Rendition != path[len(path)-2] {
		return fmt.Errorf("%w: %s under a key of %s", ErrPlaylist, strings.Join(path, "/"), p.key.Rendition)
	}
	length := int64(p.windowSeconds) * 1e6
	least, most := max(p.micros-edge, 0)/length, (p.micros+edge)/length
	if w := int64(p.key.Window); w < least || w > most {
		return fmt.Errorf("%w: %s under the key of window %d", ErrPlaylist, strings.Join(path, "/"), w)
	}
	return nil
}

func lines(playlist []byte, f func(string) error) error {
	if !bytes.HasPrefix(playlist, []byte("#EXTM3U")) {
		return fmt.Errorf("%w: it does not begin with #EXTM3U", ErrPlaylist)
	}
	s := bufio.NewScanner(bytes.NewReader(playlist))
	for s.Scan() {
		if line := strings.TrimSpace(s.Text()); line != "" {
			if err := f(line); err != nil {
				return err
			}
		}
	}
	return s.Err()
}

// inside resolves a playlist's reference and refuses whatever leaves the work: URLs, absolute paths, `..`.
func inside(dir, ref string) ([]string, error) {
	if strings.ContainsAny(ref, ":\\?#%\x00") || strings.HasPrefix(ref, "/") {
		return nil, fmt.Errorf("%w: it points outside the work: %q", ErrPlaylist, ref)
	}
	p := path.Clean(path.Join(dir, ref))
	if p == "." || p == ".." || strings.HasPrefix(p, "../") {
		return nil, fmt.Errorf("%w: it points outside the work: %q", ErrPlaylist, ref)
	}
	return strings.Split(p, "/"), nil
}
