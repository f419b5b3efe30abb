package media

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

const (
	segmentSeconds = 4
	// maxSegment is what a segment may last: a viewer pays and waits for whole segments. It is one key window.
	maxSegment = 20.0
	maxLong    = 1920 // of a picture's longer side
	maxShort   = 1080
)

// mode says what is copied; the rest is encoded.
type mode struct{ video, audio bool }

// rendition makes the rendition's folder: what can be streamed is copied, the rest encoded, and all of it when
// copying went wrong.
func (j *job) rendition(ctx context.Context) (Rendition, error) {
	first := mode{video: j.info.Video != nil && j.copyVideo(), audio: j.info.Audio != nil && j.copyAudio()}
	var failed *toolError
	if first.video || first.audio {
		r, err := j.attempt(ctx, first)
		if err == nil && r.Longest <= maxSegment {
			return r, nil
		}
		if err != nil && !errors.As(err, &failed) && !errors.Is(err, ErrTool) {
			return r, err
		}
	}
	r, err := j.attempt(ctx, mode{})
	if errors.As(err, &failed) {
		return r, j.failure(failed)
	}
	if err == nil && r.Longest > maxSegment {
		return r, fmt.Errorf("%w: %q has a still picture for more than %.0f s: export it with a steady frame rate, or publish it as audio", ErrUnsupported, j.in, maxSegment)
	}
	return r, err
}

// failure says whose fault it is that ffmpeg failed.
func (j *job) failure(e *toolError) error {
	switch {
	case e.says("No space left on device"):
		return fmt.Errorf("%w: the disk is full: free some space and run again, finished steps are kept", ErrTool)
	case e.says("Cannot allocate memory"):
		return fmt.Errorf("%w: too little memory: close other programs and run again", ErrTool)
	case e.says("Unknown encoder"):
		return fmt.Errorf("%w: this ffmpeg lacks libx264 or aac: install your system's package ffmpeg", ErrTool)
	case e.says("Decoder (codec", "Unknown decoder", "not currently supported", "Picture size"):
		return fmt.Errorf("%w: %q: convert it to H.264 and AAC first (%s)", ErrUnsupported, j.in, e.last())
	}
	return fmt.Errorf("%w: %q: copy or export it again (%s)", ErrBroken, j.in, e.last())
}

// copyVideo says whether players take the picture as it is.
func (j *job) copyVideo() bool {
	v := j.info.Video
	w, h := fit(v.Width, v.Height, maxLong, maxShort)
	return !j.opt.Encode && v.Codec == "h264" && (v.Pixels == "yuv420p" || v.Pixels == "yuvj420p") &&
		slices.Contains([]string{"Constrained Baseline", "Baseline", "Main", "High"}, v.Profile) &&
		w == v.Width && h == v.Height && v.square && !v.Turned && !v.Interlaced
}

func (j *job) copyAudio() bool {
	a := j.info.Audio
	return !j.opt.Encode && a.Codec == "aac" && a.Channels <= 2 && aacCodec(a.Profile) != ""
}

func aacCodec(profile string) string {
	return map[string]string{"LC": "mp4a.40.2", "HE-AAC": "mp4a.40.5", "HE-AACv2": "mp4a.40.29"}[profile]
}

// attempt runs ffmpeg once, in a fresh folder, and judges what it made.
func (j *job) attempt(ctx context.Context, m mode) (Rendition, error) {
	name, step := "v0", "encoding"
	if j.info.Video == nil {
		name = "audio"
	}
	if j.copies(m) {
		step = "copying"
	}
	dir := filepath.Join(j.mark.work(), name)
	if err := os.RemoveAll(dir); err != nil {
		return Rendition{}, fmt.Errorf("the output folder: %w", err)
	}
	if err := os.Mkdir(dir, 0o750); err != nil {
		return Rendition{}, fmt.Errorf("the output folder: %w", err)
	}
	args, err := j.args(m)
	if err != nil {
		return Rendition{}, err
	}
	last := int64(-1)
	err = run(ctx, dir, "ffmpeg", stallTimeout, func(line string) bool {
		v, ok := strings.CutPrefix(line, "out_time_us=")
		us, err := strconv.ParseInt(v, 10, 64)
		if !ok || err != nil || us <= last {
			return false
		}
		last = us
		j.progress(j.share(step, float64(us)/1e6))
		return true
	}, args...)
	if err != nil {
		return Rendition{}, err
	}
	return j.judge(dir, m)
}

// copies says whether the mode copies what takes long to encode.
func (j *job) copies(m mode) bool { return m.video || (j.info.Video == nil && m.audio) }

// judge measures a rendition and compares its length with what the input promised.
func (j *job) judge(dir string, m mode) (Rendition, error) {
	r, err := readRendition(dir)
	if err != nil {
		return r, err
	}
	if want := j.playing(); want-r.Seconds > math.Max(1, want/50) {
		return r, fmt.Errorf("%w: %q says it lasts %.1f s but only %.1f s are there: copy or export it again", ErrBroken, j.in, want, r.Seconds)
	}
	r.Copied = j.copies(m)
	var codecs []string
	if v := j.info.Video; v != nil {
		c, err := avcCodec(dir)
		if err != nil {
			return r, err
		}
		codecs = append(codecs, c)
		r.Width, r.Height = fit(v.Width, v.Height, maxLong, maxShort)
		r.FPS = math.Min(v.FPS, 60)
		if m.video {
			r.FPS = v.FPS
		}
	}
	if a := j.info.Audio; a != nil {
		c := "mp4a.40.2"
		if m.audio {
			c = aacCodec(a.Profile)
		}
		codecs = append(codecs, c)
	}
	r.Codecs = strings.Join(codecs, ",")
	return r, nil
}

// args are ffmpeg's. Outputs are named relative to its working folder, since it reads patterns in names.
func (j *job) args(m mode) ([]string, error) {
	in, err := input(j.in)
	if err != nil {
		return nil, err
	}
	args := append([]string{"-nostdin", "-hide_banner", "-v", "error", "-nostats", "-progress", "pipe:1"}, in...)
	if v := j.info.Video; v != nil {
		args = append(args, "-map", fmt.Sprintf("0:%d", v.stream))
		args = append(args, videoArgs(v, m.video)...)
	}
	if a := j.info.Audio; a != nil {
		args = append(args, "-map", fmt.Sprintf("0:%d", a.stream))
		if m.audio {
			args = append(args, "-c:a", "copy", "-bsf:a", "aac_adtstoasc")
		} else {
			args = append(args, audioArgs(a, j.info.Video != nil)...)
		}
	}
	if j.opt.Threads > 0 {
		args = append(args, "-threads", strconv.Itoa(j.opt.Threads))
	}
	// no metadata: it holds places, names and dates that nobody means to publish
	return append(args, "-map_metadata", "-1", "-map_chapters", "-1", "-bitexact",
		"-f", "hls", "-hls_time", strconv.Itoa(segmentSeconds), "-hls_playlist_type", "vod", "-hls_list_size", "0",
		"-hls_segment_type", "fmp4", "-hls_fmp4_init_filename", "init.mp4", "-hls_segment_filename", "seg%05d.m4s",
		"-hls_flags", "independent_segments", "index.m3u8"), nil
}

func videoArgs(v *VideoInfo, copied bool) []string {
	if copied {
		return []string{"-c:v", "copy", "-tag:v", "avc1"}
	}
	w, h := fit(v.Width, v.Height, maxLong, maxShort)
	filter := fmt.Sprintf("scale=%d:%d,setsar=1", w, h)
	if v.Interlaced {
		filter = "yadif," + filter
	}
	return []string{"-c:v", "libx264", "-preset", "veryfast", "-crf", "21", "-maxrate", "6M", "-bufsize", "12M", "-profile:v", "high",
		"-pix_fmt", "yuv420p", "-fpsmax", "60", "-sc_threshold", "0", "-force_key_frames", fmt.Sprintf("expr:gte(t,n_forced*%d)", segmentSeconds), "-vf", filter}
}

func audioArgs(a *AudioInfo, film bool) []string {
	rate, bits := 48000, "192k"
	if a.Rate == 44100 {
		rate = a.Rate
	}
	if film {
		bits = "128k"
	}
	return []string{"-c:a", "aac", "-b:a", bits, "-ac", "2", "-ar", strconv.Itoa(rate)}
}

// fit is the largest even size of the same shape within long × short, turned or not, that is not larger than the
// picture.
func fit(w, h, long, short int) (int, int) {
	scale := math.Min(1, math.Min(float64(long)/float64(max(w, h)), float64(short)/float64(min(w, h))))
	even := func(n int) int { return max(2, int(math.Round(float64(n)*scale))&^1) }
	return even(w), even(h)
}
