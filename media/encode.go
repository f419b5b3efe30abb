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
	// threads is how many encoders use, on whatever machine: the bytes that they make depend on it.
	threads = 4
	lowBits = 64 // kbit/s of the second rendition of what is only heard
)

// plan says how a rendition is made.
type plan struct {
	name, label  string // its folder, what people call it
	size         size   // of the picture
	quality      quality
	video, audio bool // copied
	follow       bool // a copied rendition stands above: keyframes go where the source has them
	soundBits    int  // kbit/s of sound that is encoded
}

// renditions makes the ladder, and goes on where an interrupted run left it.
func (j *job) renditions(ctx context.Context) error {
	plans, err := j.plans()
	if err != nil {
		return err
	}
	if !j.mark.did(plans[0].label) {
		r, err := j.top(ctx, plans[0])
		if err != nil {
			return err
		}
		made := j.mark.Made
		made.Seconds, made.Renditions = r.Seconds, []Rendition{r}
		if err := j.mark.step(plans[0].label, made); err != nil {
			return err
		}
	}
	for _, p := range plans[1:] {
		if j.mark.did(p.label) {
			continue
		}
		if again, err := j.lower(ctx, p); again || err != nil {
			if err == nil {
				err = j.renditions(ctx)
			}
			return err
		}
	}
	return nil
}

// plans are the renditions to make, the best first.
func (j *job) plans() ([]plan, error) {
	if v := j.info.Video; v != nil {
		sizes, err := ladder(v, j.opt.Renditions)
		if err != nil {
			return nil, err
		}
		var out []plan
		for i, s := range sizes {
			p := plan{name: "v" + strconv.Itoa(i), label: s.label(), size: s, quality: qualityOf(s), soundBits: 128}
			if i == 0 && s == v.within(maxShort) {
				p.quality = qualityOf(size{maxLong, maxShort})
			}
			out = append(out, p)
		}
		return out, nil
	}
	if lines, _, err := parseRenditions(j.opt.Renditions); err != nil {
		return nil, err
	} else if len(lines) > 0 {
		return nil, fmt.Errorf("%w: %q has no picture: use auto or source", ErrRenditions, j.in)
	}
	out := []plan{{name: "audio", label: "sound", soundBits: 192}}
	if j.opt.Renditions != RenditionsSource && (j.info.Audio.bits == 0 || j.info.Audio.bits > 160_000) {
		out = append(out, plan{name: fmt.Sprintf("audio%d", lowBits), label: fmt.Sprintf("sound, %d kbit/s", lowBits), soundBits: lowBits})
	}
	return out, nil
}

// top makes the best rendition: what can be streamed is copied, the rest encoded, and all of it when copying went
// wrong.
func (j *job) top(ctx context.Context, p plan) (Rendition, error) {
	p.video, p.audio = j.info.Video != nil && j.copyVideo(p.size), j.info.Audio != nil && j.copyAudio()
	var failed *toolError
	if p.video || p.audio {
		r, err := j.attempt(ctx, p)
		if err == nil && r.Longest <= maxSegment {
			return r, nil
		}
		// frames at varying times may copy shorter than they play; what is really cut off stays so when it is encoded
		if err != nil && !errors.As(err, &failed) && !errors.Is(err, ErrTool) && !errors.Is(err, ErrBroken) {
			return r, err
		}
	}
	p.video, p.audio = false, false
	return j.encode(ctx, p)
}

// lower makes a rendition beneath the best. again says that it does not fit a copied one above: that was undone,
// and all are to be encoded.
func (j *job) lower(ctx context.Context, p plan) (again bool, err error) {
	made := j.mark.Made
	top, above := made.Renditions[0], made.Renditions[len(made.Renditions)-1]
	film := j.info.Video != nil
	if film {
		// players that change the quality go on with the same sound
		p.name, p.audio, p.follow = "v"+strconv.Itoa(len(made.Renditions)), top.SoundCopied, top.Copied
	}
	dir := j.mark.work()
	r, err := j.encode(ctx, p)
	fits := true
	if err == nil && film {
		fits, err = aligned(filepath.Join(dir, top.Name), filepath.Join(dir, r.Name))
	}
	if p.follow && (!fits || errors.Is(err, ErrBroken)) {
		j.opt.Encode = true
		return true, j.mark.begin(Presentation{Kind: made.Kind})
	}
	if err != nil {
		return false, err
	}
	asked := j.opt.Renditions != "" && j.opt.Renditions != RenditionsAuto
	if !asked && float64(r.Average) > lighter*float64(above.Average) {
		// it would cost storage and save nobody anything
		if err := os.RemoveAll(filepath.Join(dir, r.Name)); err != nil {
			return false, fmt.Errorf("the output folder: %w", err)
		}
	} else {
		made.Renditions = append(slices.Clone(made.Renditions), r)
	}
	return false, j.mark.step(p.label, made)
}

// encode is attempt, with reasons for people when it fails.
func (j *job) encode(ctx context.Context, p plan) (Rendition, error) {
	r, err := j.attempt(ctx, p)
	var failed *toolError
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
		return fmt.Errorf("%w: %q needs more memory than the %d GiB that it may use: scale it down first", ErrTooLarge, j.in, maxMemory>>30)
	case e.says("Picture size"):
		return tooManyPixels(j.in)
	case e.says("Unknown encoder"):
		return fmt.Errorf("%w: this ffmpeg lacks libx264 or aac: install your system's package ffmpeg", ErrTool)
	case e.says("Decoder (codec", "Unknown decoder", "not currently supported"):
		return fmt.Errorf("%w: %q: convert it to H.264 and AAC first (%s)", ErrUnsupported, j.in, e.last())
	}
	return fmt.Errorf("%w: %q: copy or export it again (%s)", ErrBroken, j.in, e.last())
}

// copyVideo says whether players take the picture as it is.
func (j *job) copyVideo(s size) bool {
	v := j.info.Video
	return !j.opt.Encode && v.Codec == "h264" && (v.Pixels == "yuv420p" || v.Pixels == "yuvj420p") &&
		slices.Contains([]string{"Constrained Baseline", "Baseline", "Main", "High"}, v.Profile) &&
		s == size{v.Width, v.Height} && v.square && !v.Turned && !v.Interlaced
}

func (j *job) copyAudio() bool {
	a := j.info.Audio
	return !j.opt.Encode && a.Codec == "aac" && a.Channels <= 2 && aacCodec(a.Profile) != ""
}

func aacCodec(profile string) string {
	return map[string]string{"LC": "mp4a.40.2", "HE-AAC": "mp4a.40.5", "HE-AACv2": "mp4a.40.29"}[profile]
}

// attempt runs ffmpeg once, in a fresh folder, and judges what it made.
func (j *job) attempt(ctx context.Context, p plan) (Rendition, error) {
	step := "encoding"
	if j.copies(p) {
		step = "copying"
	}
	dir := filepath.Join(j.mark.work(), p.name)
	if err := os.RemoveAll(dir); err != nil {
		return Rendition{}, fmt.Errorf("the output folder: %w", err)
	}
	if err := os.Mkdir(dir, 0o750); err != nil {
		return Rendition{}, fmt.Errorf("the output folder: %w", err)
	}
	args, err := j.args(p)
	if err != nil {
		return Rendition{}, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, j.allowance(), ErrStalled)
	defer cancel()
	last := int64(-1)
	err = run(ctx, dir, "ffmpeg", stallTimeout, func(line string) bool {
		v, ok := strings.CutPrefix(line, "out_time_us=")
		us, err := strconv.ParseInt(v, 10, 64)
		if !ok || err != nil || us <= last {
			return false
		}
		last = us
		j.progress(j.share(step, p.label, float64(us)/1e6))
		return true
	}, args...)
	if err != nil {
		return Rendition{}, err
	}
	return j.judge(dir, p)
}

// copies says whether the plan copies what takes long to encode.
func (j *job) copies(p plan) bool { return p.video || (j.info.Video == nil && p.audio) }

// judge measures a rendition and compares its length with what the input promised.
func (j *job) judge(dir string, p plan) (Rendition, error) {
	r, err := readRendition(dir)
	if err != nil {
		return r, err
	}
	if r.Seconds > maxPlaying {
		return r, fmt.Errorf("%w: %q lasts more than 24 hours: cut it into parts", ErrTooLarge, j.in)
	}
	if want := j.playing(); want-r.Seconds > math.Max(1, want/50) {
		return r, fmt.Errorf("%w: %q says it lasts %.1f s but only %.1f s are there: copy or export it again", ErrBroken, j.in, want, r.Seconds)
	}
	r.Copied = j.copies(p)
	var codecs []string
	if v := j.info.Video; v != nil {
		c, err := avcCodec(dir)
		if err != nil {
			return r, err
		}
		codecs = append(codecs, c)
		r.Width, r.Height = p.size.w, p.size.h
		r.FPS = v.FPS
		if !p.video && !p.follow {
			r.FPS = math.Min(v.FPS, 60)
		}
	}
	if a := j.info.Audio; a != nil {
		c := "mp4a.40.2"
		if p.audio {
			c = aacCodec(a.Profile)
		}
		r.SoundCopied = p.audio
		codecs = append(codecs, c)
	}
	r.Codecs = strings.Join(codecs, ",")
	return r, nil
}

// args are ffmpeg's. Outputs are named relative to its working folder, since it reads patterns in names.
func (j *job) args(p plan) ([]string, error) {
	in, err := input(j.in)
	if err != nil {
		return nil, err
	}
	args := append(quiet(), "-progress", "pipe:1")
	args = append(args, in...)
	if v := j.info.Video; v != nil {
		args = append(args, "-map", fmt.Sprintf("0:%d", v.stream))
		args = append(args, videoArgs(v, p)...)
	}
	if a := j.info.Audio; a != nil {
		args = append(args, "-map", fmt.Sprintf("0:%d", a.stream))
		if p.audio {
			args = append(args, "-c:a", "copy", "-bsf:a", "aac_adtstoasc")
		} else {
			args = append(args, audioArgs(a, p.soundBits)...)
		}
	}
	n := threads
	if j.opt.Threads > 0 {
		n = j.opt.Threads
	}
	// no metadata: it holds places, names and dates that nobody means to publish. Times as they are: pushed to
	// where the first decoding time is zero, renditions of different encoders would not fit each other.
	return append(args, "-threads", strconv.Itoa(n), "-t", strconv.Itoa(maxPlaying+1), "-map_metadata", "-1", "-map_chapters", "-1", "-bitexact",
		"-avoid_negative_ts", "disabled",
		"-f", "hls", "-hls_time", strconv.Itoa(segmentSeconds), "-hls_playlist_type", "vod", "-hls_list_size", "0",
		"-hls_segment_type", "fmp4", "-hls_fmp4_init_filename", "init.mp4", "-hls_segment_filename", "seg%05d.m4s",
		"-hls_flags", "independent_segments", "index.m3u8"), nil
}

func videoArgs(v *VideoInfo, p plan) []string {
	if p.video {
		return []string{"-c:v", "copy", "-tag:v", "avc1"}
	}
	filter := scale(p.size)
	if v.Interlaced {
		filter = "yadif," + filter
	}
	args := []string{"-c:v", "libx264", "-preset", "veryfast", "-crf", strconv.Itoa(p.quality.crf),
		"-maxrate", fmt.Sprintf("%dk", p.quality.kbits), "-bufsize", fmt.Sprintf("%dk", 2*p.quality.kbits), "-profile:v", "high",
		"-pix_fmt", "yuv420p", "-sc_threshold", "0", "-x264-params", "cpu-independent=1", "-vf", filter}
	if p.follow {
		// the source's own times and keyframes, and none beside: segments then end where those of the copy do
		return append(args, "-g", "100000", "-force_key_frames", "source", "-fps_mode", "vfr", "-enc_time_base", "1:90000")
	}
	return append(args, "-fpsmax", "60", "-force_key_frames", fmt.Sprintf("expr:gte(t,n_forced*%d)", segmentSeconds))
}

// scale is the filter that makes a size of square pixels, to the bit the same on all processors.
func scale(s size) string {
	return fmt.Sprintf("scale=%d:%d:flags=bicubic+accurate_rnd+bitexact,setsar=1", s.w, s.h)
}

func audioArgs(a *AudioInfo, bits int) []string {
	rate := 48000
	if a.Rate == 44100 {
		rate = a.Rate
	}
	return []string{"-c:a", "aac", "-b:a", fmt.Sprintf("%dk", bits), "-ac", "2", "-ar", strconv.Itoa(rate)}
}

// fit is the largest even size of the same shape within long × short, turned or not, that is not larger than the
// picture.
func fit(w, h, long, short int) (int, int) {
	scale := math.Min(1, math.Min(float64(long)/float64(max(w, h)), float64(short)/float64(min(w, h))))
	even := func(n int) int { return max(2, int(math.Round(float64(n)*scale))&^1) }
	return even(w), even(h)
}
