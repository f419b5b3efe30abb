package watch

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"math"
	"path"
	"strconv"
	"strings"
)

// ErrPlaylist says that a work's playlist is broken: the content, not the network, is at fault.
var ErrPlaylist = errors.New("the work's playlist is broken")

// Segment is one file of a rendition, and when it plays, in milliseconds from the start.
type Segment struct {
	Path       []string
	Start, End int64
}

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

// Seconds is the rendition's playing time.
func (r Rendition) Seconds() float64 {
	if len(r.Segments) == 0 {
		return 0
	}
	return float64(r.Segments[len(r.Segments)-1].End) / 1000
}

// bestVariant returns the path of the master playlist's variant with the most bandwidth.
func bestVariant(master []byte) ([]string, error) {
	var best []string
	most, bandwidth := -1, -1
	err := lines(master, func(line string) error {
		if attrs, ok := strings.CutPrefix(line, "#EXT-X-STREAM-INF:"); ok {
			bandwidth = 0
			for _, a := range strings.Split(attrs, ",") {
				if v, ok := strings.CutPrefix(a, "BANDWIDTH="); ok {
					bandwidth, _ = strconv.Atoi(v)
				}
			}
			return nil
		}
		if strings.HasPrefix(line, "#") || bandwidth < 0 {
			return nil
		}
		p, err := inside("", line)
		if err != nil {
			return err
		}
		if bandwidth > most {
			best, most = p, bandwidth
		}
		bandwidth = -1
		return nil
	})
	if err == nil && best == nil {
		err = fmt.Errorf("%w: no variant", ErrPlaylist)
	}
	return best, err
}

// parseRendition reads a media playlist that lies at at.
func parseRendition(at []string, playlist []byte) (Rendition, error) {
	dir := strings.Join(at[:len(at)-1], "/")
	var r Rendition
	var clock int64
	seconds := -1.0
	err := lines(playlist, func(line string) error {
		var err error
		if attrs, ok := strings.CutPrefix(line, `#EXT-X-MAP:URI="`); ok {
			uri, _, _ := strings.Cut(attrs, `"`)
			r.Init, err = inside(dir, uri)
			return err
		}
		if v, ok := strings.CutPrefix(line, "#EXTINF:"); ok {
			v, _, _ = strings.Cut(v, ",")
			seconds, err = strconv.ParseFloat(v, 64)
			if err != nil || !(seconds > 0 && seconds <= 3600) {
				return fmt.Errorf("%w: a segment of %q seconds", ErrPlaylist, v)
			}
			return nil
		}
		if strings.HasPrefix(line, "#") {
			return nil
		}
		if seconds < 0 {
			return fmt.Errorf("%w: a segment without a duration", ErrPlaylist)
		}
		p, err := inside(dir, line)
		if err != nil {
			return err
		}
		end := clock + int64(math.Round(seconds*1000))
		r.Segments = append(r.Segments, Segment{Path: p, Start: clock, End: end})
		clock, seconds = end, -1
		return nil
	})
	if err == nil && len(r.Segments) == 0 {
		err = fmt.Errorf("%w: no segment", ErrPlaylist)
	}
	return r, err
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
