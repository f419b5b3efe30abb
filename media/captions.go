package media

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	lang "golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

const (
	maxCaptions = 4 << 20 // bytes of one track
	maxTracks   = 32
)

// Sidecar is a file of captions, WebVTT or SubRip.
type Sidecar struct {
	Language string // BCP 47
	Path     string
}

// Track is captions in one language.
type Track struct {
	Language string // BCP 47, und where the file did not say
	Name     string // for people, in that language
	File     string // its WebVTT inside Dir, with slashes; its playlist stands beside it
	Bytes    int
	Cues     int
	Forced   bool // only what is needed by those who understand the sound
	Sounds   bool // for those who hear nothing
	Embedded bool // it was in the input
}

// sidecar is what was read of one.
type sidecar struct {
	language, path string
	data           []byte
	cues           []cue
}

// readSidecars reads and judges the captions that come with an input. ErrCaptions.
func readSidecars(list []Sidecar) ([]sidecar, error) {
	if len(list) > maxTracks {
		return nil, fmt.Errorf("%w: %d files: give at most %d", ErrCaptions, len(list), maxTracks)
	}
	var out []sidecar
	for _, c := range list {
		s := sidecar{language: language(c.Language), path: c.Path}
		if s.language == undetermined {
			return nil, fmt.Errorf("%w: %q is no language: use its tag as in en or pt-BR", ErrCaptions, c.Language)
		}
		var err error
		if s.data, err = readCaptions(c.Path); err != nil {
			return nil, err
		}
		if s.cues, err = parseCaptions(s.data); err == nil && len(s.cues) == 0 {
			err = fmt.Errorf("%w: there are none", ErrCaptions)
		}
		if err != nil {
			return nil, fmt.Errorf("%q: %w", c.Path, err)
		}
		out = append(out, s)
	}
	return out, nil
}

// readCaptions reads a file of bounded size, never waiting for one that is no file.
func readCaptions(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%w: %q is no file that can be read", ErrCaptions, path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCaptions, err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxCaptions+1))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCaptions, err)
	}
	if len(data) > maxCaptions {
		return nil, fmt.Errorf("%w: %q has more than %d bytes", ErrCaptions, path, maxCaptions)
	}
	return data, nil
}

const undetermined = "und"

// language is a language's tag in its one form, which is made of letters, digits and hyphens only.
func language(s string) string {
	t, err := lang.Parse(s)
	if err != nil || len(t.String()) > 35 {
		return undetermined
	}
	return t.String()
}

func languageName(tag string) string {
	if name := display.Self.Name(lang.Make(tag)); name != "" && tag != undetermined && !strings.ContainsAny(name, "\"\n\r") {
		return name
	}
	return tag
}

// subtitles makes the tracks: those that came beside the input, then those inside it.
func (j *job) subtitles(ctx context.Context) error {
	if j.mark.did("captions") || len(j.captions)+len(j.info.Subtitles) == 0 {
		return nil
	}
	j.progress(Progress{Step: "captions"})
	made := j.mark.Made
	made.Captions, made.LeftOut = nil, nil
	dir := filepath.Join(j.mark.work(), "captions")
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("the output folder: %w", err)
	}
	if err := os.Mkdir(dir, 0o750); err != nil {
		return fmt.Errorf("the output folder: %w", err)
	}
	beside := map[string]bool{}
	for _, c := range j.captions {
		t := Track{Language: c.language}
		beside[c.language] = true
		ok, err := j.track(&made, t, c.cues)
		if err != nil {
			return err
		}
		if !ok {
			return fmt.Errorf("%w: %q: all of them come after the end, at %.0f s", ErrCaptions, c.path, made.Seconds)
		}
	}
	if err := j.embedded(ctx, &made, beside); err != nil {
		return err
	}
	if len(made.Captions) == 0 {
		if err := os.Remove(dir); err != nil {
			return fmt.Errorf("the output folder: %w", err)
		}
	}
	j.progress(Progress{Step: "captions", Done: 1})
	return j.mark.step("captions", made)
}

// embedded takes the text subtitles that the input holds. One that cannot be read is left out, and said so: a film is
// worth publishing without it.
func (j *job) embedded(ctx context.Context, made *Presentation, beside map[string]bool) error {
	scratch, err := os.MkdirTemp("", "captions-")
	if err != nil {
		return fmt.Errorf("%w: %w", ErrTool, err)
	}
	defer os.RemoveAll(scratch)
	for i, s := range j.info.Subtitles {
		name := fmt.Sprintf("the subtitles in stream %d (%s)", s.stream, s.Language)
		switch {
		case beside[s.Language]:
			continue
		case len(made.Captions) >= maxTracks:
			made.LeftOut = append(made.LeftOut, name+fmt.Sprintf(": there are more than %d", maxTracks))
			continue
		}
		cues, err := j.extract(ctx, filepath.Join(scratch, strconv.Itoa(i)), s)
		if ctx.Err() != nil {
			return context.Cause(ctx) // what was not read yet is not left out
		}
		ok := false
		if err == nil {
			ok, err = j.track(made, Track{Language: s.Language, Forced: s.Forced, Sounds: s.Sounds, Embedded: true}, cues)
			if err != nil {
				return err
			}
		}
		if !ok {
			reason := "there are none"
			if err != nil {
				reason = err.Error()
			}
			made.LeftOut = append(made.LeftOut, name+": "+reason)
		}
	}
	return nil
}

// extract converts one subtitle stream. What comes out is read as any other file of captions: nothing of it is
// believed.
func (j *job) extract(ctx context.Context, to string, s Subtitle) ([]cue, error) {
	in, err := input(j.in)
	if err != nil {
		return nil, err
	}
	args := append(quiet(), in...)
	args = append(args, "-map", fmt.Sprintf("0:%d", s.stream), "-map_metadata", "-1", "-map_chapters", "-1", "-bitexact",
		"-t", strconv.Itoa(maxPlaying+1), "-fs", strconv.Itoa(maxCaptions), "-c:s", "webvtt", "-f", "webvtt", "file:"+to)
	err = run(ctx, "", "ffmpeg", stallTimeout, func(string) bool { return false }, args...)
	var failed *toolError
	if errors.As(err, &failed) {
		return nil, errors.New(failed.last())
	}
	if err != nil {
		return nil, err
	}
	data, err := readCaptions(to)
	if err != nil {
		return nil, err
	}
	return parseCaptions(data)
}

// track writes cues that begin before the end; false when there is none.
func (j *job) track(made *Presentation, t Track, cues []cue) (bool, error) {
	end := int64(math.Ceil(made.Seconds * 1000))
	var kept []cue
	for _, c := range cues {
		if c.start < end {
			c.end = min(c.end, end)
			kept = append(kept, c)
		}
	}
	if len(kept) == 0 {
		return false, nil
	}
	same := 1
	for _, other := range made.Captions {
		if other.Language == t.Language {
			same++
		}
	}
	base, data := "captions/"+strings.ToLower(t.Language), writeVTT(kept)
	t.Name, t.Bytes, t.Cues = languageName(t.Language), len(data), len(kept)
	if same > 1 {
		// names differ within a group, and a player shows them
		base, t.Name = fmt.Sprintf("%s.%d", base, same), fmt.Sprintf("%s (%d)", t.Name, same)
	}
	t.File = base + ".vtt"
	list := fmt.Appendf(nil, "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:%d\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXTINF:%.6f,\n%s\n#EXT-X-ENDLIST\n",
		int(math.Ceil(made.Seconds)), made.Seconds, filepath.Base(t.File))
	for name, content := range map[string][]byte{base + ".vtt": data, base + ".m3u8": list} {
		if err := os.WriteFile(filepath.Join(j.mark.work(), filepath.FromSlash(name)), content, 0o640); err != nil {
			return false, fmt.Errorf("the output folder: %w", err)
		}
	}
	made.Captions = append(made.Captions, t)
	return true, nil
}
