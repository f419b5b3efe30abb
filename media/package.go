package media

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"syscall"
)

// Kind says how a file is packaged.
type Kind string

// Video and audio become HLS; the others are stored as they are.
const (
	KindVideo    Kind = "video"
	KindAudio    Kind = "audio"
	KindDocument Kind = "document"
	KindImage    Kind = "image"
	KindSoftware Kind = "software"
	KindOther    Kind = "other"
)

// Options change what Package makes; equal options and bytes give a finished run's result again.
type Options struct {
	// Kind: empty decides by the file. KindAudio takes only the sound of a film. The kinds that are not media
	// store any file as it is, what stands in its metadata included.
	Kind Kind
	// Renditions: RenditionsAuto (or empty), RenditionsSource, or a list as in "source,720,360": numbers of lines, of
	// a picture that stands upright of columns. None is larger than the source.
	Renditions string
	// Captions from files of their own. They replace those of the same language that the input holds.
	Captions []Sidecar
	// Encode never copies picture and sound, even when they are streamable.
	Encode bool
	// Threads that the encoder uses instead of four. Another number may give other bytes.
	Threads int
}

// Progress is sent while Package works, from other goroutines, in order.
type Progress struct {
	Step      string  // "reading", "copying", "encoding", "captions", "cover", "thumbnails", "done"
	Rendition string  // what is copied or encoded, as in "720p"
	Done      float64 // of this step, 0 to 1; -1 when the file does not say how long it is
}

// Presentation is a packaged work on disk.
type Presentation struct {
	Dir        string // give it to BuildDAG
	Kind       Kind
	Seconds    float64     // playing time; 0 for what does not play
	Cover      string      // path of the poster or cover inside Dir, empty without; give it to BuildDAG as well
	Renditions []Rendition // the best first; none for what does not play
	Captions   []Track
	Thumbnails string   // path of their WebVTT track inside Dir, with slashes; empty without
	File       string   // for what does not play: its path inside Dir, with slashes
	Size       int64    // of File
	Type       string   // of File, as in RFC 6838
	LeftOut    []string // what of the input could not be used, for people
	Reused     bool     // an earlier run had made it
	// WindowSeconds is how much one key opens where Encrypt made it; 0 where it is clear. Size is that of the clear file even so.
	WindowSeconds uint32
}

// Rendition is one playlist of a presentation.
type Rendition struct {
	Name        string // its folder inside Dir
	Codecs      string // as in RFC 6381
	Width       int
	Height      int
	FPS         float64
	Seconds     float64
	Segments    int
	Longest     float64 // seconds of the longest segment
	Bandwidth   int     // bits a second at the densest segment
	Average     int
	Copied      bool // the picture (the sound, without picture) was not encoded again
	SoundCopied bool
}

// Package makes the presentation of the file in, beneath outDir, which may hold many: each has a folder named
// after the input's bytes and the options. A finished one is used again, and an interrupted one goes on
// after its last finished step (the encoding of one rendition begins anew). progress may be nil.
//
// ErrUnreadable, ErrEmpty, ErrNotMedia, ErrUnsupported, ErrTooLarge, ErrRenditions, ErrCaptions, ErrBroken, ErrChanged,
// ErrBusy, ErrStalled, ErrTool; their texts say what to do.
func Package(ctx context.Context, in, outDir string, opt Options, progress func(Progress)) (Presentation, error) {
	if progress == nil {
		progress = func(Progress) {}
	}
	before, err := regular(in)
	if err != nil {
		return Presentation{}, err
	}
	// said before hours of encoding, not after
	if _, _, err := parseRenditions(opt.Renditions); err != nil {
		return Presentation{}, err
	}
	captions, err := readSidecars(opt.Captions)
	if err != nil {
		return Presentation{}, err
	}
	key, err := inputKey(ctx, in, before.Size(), opt, captions, progress)
	if err != nil {
		return Presentation{}, err
	}
	if err := os.MkdirAll(outDir, 0o750); err != nil {
		return Presentation{}, fmt.Errorf("the output folder: %w", err)
	}
	unlock, err := lock(filepath.Join(outDir, key+".lock"))
	if err != nil {
		return Presentation{}, err
	}
	defer unlock()
	m := openMarker(outDir, key)
	if m.whole(in) {
		progress(Progress{Step: "done", Done: 1})
		return m.presentation(true), nil
	}
	j := job{in: in, opt: opt, captions: captions, progress: progress, mark: m}
	if err := j.run(ctx); err != nil {
		return Presentation{}, err
	}
	after, err := os.Stat(in)
	if err != nil || after.Size() != before.Size() || !after.ModTime().Equal(before.ModTime()) {
		return Presentation{}, fmt.Errorf("%w: %q", ErrChanged, in)
	}
	if err := m.finish(); err != nil {
		return Presentation{}, err
	}
	progress(Progress{Step: "done", Done: 1})
	return m.presentation(false), nil
}

// lock is given back by the system when a process is killed.
func lock(path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("the output folder: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("%w: %w", ErrBusy, err)
	}
	return func() {
		// by name: a process that is just being started may hold the file for a moment
		_ = syscall.Flock(int(f.Fd()), syscall.LOCK_UN)
		_ = f.Close()
	}, nil
}

// job makes one presentation in its marker's working folder.
type job struct {
	in       string
	opt      Options
	captions []sidecar
	progress func(Progress)
	mark     *marker
	info     Info
}

func (j *job) run(ctx context.Context) error {
	if slices.Contains([]Kind{KindDocument, KindImage, KindSoftware, KindOther}, j.opt.Kind) {
		return j.store(j.opt.Kind)
	}
	var err error
	if j.info, err = Probe(ctx, j.in); err != nil {
		if kind := fileKind(j.in); j.opt.Kind == "" && kind != "" {
			return j.store(kind)
		}
		return err
	}
	kind, err := j.mediaKind()
	if err != nil {
		return err
	}
	resumed, err := j.mark.resume()
	if err != nil {
		return err
	}
	if !resumed {
		if err := j.mark.begin(Presentation{Kind: kind}); err != nil {
			return err
		}
	}
	for _, step := range []func(context.Context) error{j.renditions, j.subtitles, j.cover, j.thumbnails, j.master} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// master writes the playlist that names all others.
func (j *job) master(context.Context) error {
	made := j.mark.Made
	if err := os.WriteFile(filepath.Join(j.mark.work(), "master.m3u8"), masterPlaylist(made.Renditions, made.Captions), 0o640); err != nil {
		return fmt.Errorf("the master playlist: %w", err)
	}
	return j.mark.step("master", made)
}

// mediaKind holds what was asked to what is there, and drops the picture when only the sound is wanted.
func (j *job) mediaKind() (Kind, error) {
	switch j.opt.Kind {
	case KindAudio:
		j.info.Video = nil
		if j.info.Audio == nil {
			return "", fmt.Errorf("%w: %q has no sound: publish it as video", ErrUnsupported, j.in)
		}
	case KindVideo:
		if j.info.Video == nil {
			return "", fmt.Errorf("%w: %q has no picture: publish it as audio", ErrUnsupported, j.in)
		}
	case "":
	default:
		return "", fmt.Errorf("%w: no kind %q: use video, audio, document, image, software or other", ErrUnsupported, j.opt.Kind)
	}
	if j.info.Video == nil {
		return KindAudio, nil
	}
	return KindVideo, nil
}

// playing is how long the packaged stream should be, 0 when the file does not say.
func (j *job) playing() float64 {
	if j.info.Video != nil {
		return j.info.Video.seconds
	}
	return j.info.Audio.seconds
}

// share makes progress of a playing time.
func (j *job) share(step, rendition string, at float64) Progress {
	whole := j.playing()
	if whole == 0 {
		return Progress{step, rendition, -1}
	}
	return Progress{step, rendition, math.Min(1, math.Max(0, at/whole))}
}
