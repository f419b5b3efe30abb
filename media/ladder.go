package media

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// What Options.Renditions says beside a list.
const (
	RenditionsAuto   = "auto"   // the source's own quality, and at most two below it
	RenditionsSource = "source" // the source's own quality alone
)

const (
	maxLong  = 1920 // of a picture's longer side
	maxShort = 1080
	minShort = 144
	maxRungs = 6
	// lighter is what a rendition that nobody asked for may have of the data of the one above it.
	lighter = 0.9
)

// size is a picture's.
type size struct{ w, h int }

// label names a size as people do: by its lines, of a picture that stands upright by its columns.
func (s size) label() string { return fmt.Sprintf("%dp", min(s.w, s.h)) }

// within is the largest size of the picture's shape inside 16:9 of so many lines, turned or not, never larger
// than the picture.
func (v *VideoInfo) within(lines int) size {
	w, h := fit(v.Width, v.Height, lines*16/9, lines)
	return size{w, h}
}

// ladder are the sizes to make, the largest first.
func ladder(v *VideoInfo, asked string) ([]size, error) {
	whole := v.within(maxShort)
	lines, source, err := parseRenditions(asked)
	if err != nil {
		return nil, err
	}
	if len(lines) == 0 && !source {
		return autoLadder(v, whole), nil
	}
	var out []size
	if source {
		out = append(out, whole)
	}
	for _, n := range lines {
		// larger than the source is the source: a picture is never scaled up
		if s := v.within(n); !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out, nil
}

// autoLadder is the source's size and at most two that are clearly smaller: more would cost creators encoding and
// storage for a choice that hardly shows.
func autoLadder(v *VideoInfo, whole size) []size {
	var lower []size
	above := whole
	for _, lines := range []int{720, 480, 360} {
		if s := v.within(lines); float64(s.w*s.h) <= 0.7*float64(above.w*above.h) {
			lower, above = append(lower, s), s
		}
	}
	if len(lower) > 2 {
		lower = []size{lower[0], lower[len(lower)-1]}
	}
	return append([]size{whole}, lower...)
}

// parseRenditions reads a list of lines, sorted; none for auto and source. ErrRenditions.
func parseRenditions(asked string) (lines []int, source bool, err error) {
	if asked == "" || asked == RenditionsAuto || asked == RenditionsSource {
		return nil, asked == RenditionsSource, nil
	}
	for _, part := range strings.Split(asked, ",") {
		if part == RenditionsSource {
			source = true
			continue
		}
		n, err := strconv.Atoi(part)
		if err != nil || n < minShort || n > maxShort || n%2 != 0 || strconv.Itoa(n) != part {
			return nil, false, fmt.Errorf("%w: %q: use source, auto, or even numbers of lines from %d to %d as in 720,360", ErrRenditions, part, minShort, maxShort)
		}
		if slices.Contains(lines, n) {
			return nil, false, fmt.Errorf("%w: %d is there twice", ErrRenditions, n)
		}
		lines = append(lines, n)
	}
	if len(lines) > maxRungs {
		return nil, false, fmt.Errorf("%w: %d of them: name at most %d", ErrRenditions, len(lines), maxRungs)
	}
	slices.Sort(lines)
	slices.Reverse(lines)
	return lines, source, nil
}

// quality is how a size is encoded: constant quality, bounded for the line that the size is meant for.
type quality struct{ crf, kbits int }

func qualityOf(s size) quality {
	switch lines := min(s.w, s.h); {
	case lines <= 360:
		return quality{23, 900}
	case lines <= 480:
		return quality{23, 1500}
	case lines <= 720:
		return quality{22, 3000}
	}
	return quality{21, 6000}
}
