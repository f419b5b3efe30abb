package media

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
)

// Info is what a media file holds.
type Info struct {
	Container string
	Seconds   float64    // 0 when the file does not say
	Video     *VideoInfo // nil when there is no moving picture
	Audio     *AudioInfo // nil when there is no sound
	Cover     bool       // a picture is embedded
	Subtitles []Subtitle // those that are text

	cover int // its stream
}

// Subtitle is a stream of text over the picture.
type Subtitle struct {
	Codec    string
	Language string // BCP 47; und where the file does not say
	Forced   bool   // only what is needed by those who understand the sound
	Sounds   bool   // for those who hear nothing

	stream int
}

// VideoInfo is the picture that will be packaged.
type VideoInfo struct {
	Codec, Profile, Pixels string
	Width, Height          int // as shown: turned, with square pixels
	FPS                    float64
	Interlaced, Turned     bool

	stream  int
	seconds float64
	square  bool
}

// AudioInfo is the sound that will be packaged.
type AudioInfo struct {
	Codec, Profile string
	Channels, Rate int

	stream  int
	seconds float64
	bits    int // a second, 0 when the file does not say
}

// entries are all that is asked of ffprobe: what a file says beside that may be megabytes of tags.
const entries = "format=format_name,duration,probe_score,bit_rate:" +
	"stream=index,codec_type,codec_name,codec_tag_string,profile,pix_fmt,width,height,sample_aspect_ratio,field_order,avg_frame_rate,sample_rate,channels,duration,bit_rate:" +
	"stream_tags=DURATION,language:stream_disposition=default,attached_pic,forced,hearing_impaired:stream_side_data=rotation"

// textSubtitles are the codecs of subtitles that are text; others are pictures.
var textSubtitles = []string{"subrip", "srt", "ass", "ssa", "webvtt", "mov_text", "text"}

// Probe looks at a file, which is not trusted. ErrUnreadable, ErrEmpty, ErrNotMedia, ErrUnsupported, ErrTooLarge,
// ErrBroken, ErrStalled, ErrTool.
func Probe(ctx context.Context, path string) (Info, error) {
	file, err := regular(path)
	if err != nil {
		return Info{}, err
	}
	in, err := input(path)
	if err != nil {
		return Info{}, err
	}
	var out bytes.Buffer
	args := append([]string{"-v", "error", "-print_format", "json=compact=1", "-show_entries", entries}, in...)
	said, err := runOn(ctx, nil, "", "ffprobe", probeTimeout, func(line string) bool {
		if out.Len() < maxAnswer {
			out.WriteString(line)
		}
		return false
	}, args...)
	var failed *toolError
	if errors.As(err, &failed) {
		return Info{}, refuse(path, failed)
	}
	if err != nil {
		return Info{}, err
	}
	var p probed
	err = json.Unmarshal(out.Bytes(), &p)
	if out.Len() >= maxAnswer || len(p.Streams) > maxStreams {
		return Info{}, fmt.Errorf("%w: %q has more than %d streams: export it again", ErrTooLarge, path, maxStreams)
	}
	if err != nil {
		return Info{}, fmt.Errorf("%w: ffprobe's answer: %w", ErrTool, err)
	}
	info, err := p.info(path)
	if err == nil {
		err = info.bounded(path, file.Size())
	}
	if errors.Is(err, ErrBroken) && strings.Contains(said, "Picture size") {
		// the stream claims what the container hides
		err = tooManyPixels(path)
	}
	return info, err
}

func tooManyPixels(path string) error {
	return fmt.Errorf("%w: %q has a picture of more than %d pixels: scale it down first", ErrTooLarge, path, maxPixels)
}

// regular refuses what would make a tool wait or read nothing.
func regular(path string) (os.FileInfo, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%w: %q is no regular file: name a file", ErrUnreadable, path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	defer f.Close()
	if info.Size() == 0 {
		return nil, fmt.Errorf("%w: %q", ErrEmpty, path)
	}
	return info, nil
}

// refuse says why ffprobe could not read a file.
func refuse(path string, e *toolError) error {
	if looksLikeMedia(path) {
		return fmt.Errorf("%w: %q is cut off or damaged: copy or export it again (%s)", ErrBroken, path, e.last())
	}
	return notMedia(path)
}

func notMedia(path string) error {
	return fmt.Errorf("%w: %q: to publish it as a file choose the kind document, image, software or other", ErrNotMedia, path)
}

// looksLikeMedia says whether a file begins as audio or video does.
func looksLikeMedia(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, 12)
	n, _ := io.ReadFull(f, head)
	head = head[:n]
	if n >= 8 && slices.Contains([]string{"ftyp", "moov", "mdat", "wide", "free", "skip"}, string(head[4:8])) {
		return true
	}
	for _, magic := range []string{"\x1aE\xdf\xa3", "OggS", "fLaC", "ID3", "FLV\x01", "0&\xb2u\x8ef\xcf\x11", "FORM"} {
		if bytes.HasPrefix(head, []byte(magic)) {
			return true
		}
	}
	return n >= 12 && string(head[:4]) == "RIFF" && (string(head[8:]) == "AVI " || string(head[8:]) == "WAVE")
}

// probed is ffprobe's answer.
type probed struct {
	Format struct {
		Name     string `json:"format_name"`
		Duration string `json:"duration"`
		Score    int    `json:"probe_score"`
		Bits     string `json:"bit_rate"`
	} `json:"format"`
	Streams []probedStream `json:"streams"`
}

type probedStream struct {
	Index       int               `json:"index"`
	Type        string            `json:"codec_type"`
	Codec       string            `json:"codec_name"`
	Tag         string            `json:"codec_tag_string"`
	Profile     string            `json:"profile"`
	Pixels      string            `json:"pix_fmt"`
	Width       int               `json:"width"`
	Height      int               `json:"height"`
	Aspect      string            `json:"sample_aspect_ratio"`
	FieldOrder  string            `json:"field_order"`
	Rate        string            `json:"avg_frame_rate"`
	SampleRate  string            `json:"sample_rate"`
	Channels    int               `json:"channels"`
	Duration    string            `json:"duration"`
	Bits        string            `json:"bit_rate"`
	Tags        map[string]string `json:"tags"`
	Disposition map[string]int    `json:"disposition"`
	SideData    []struct {
		Rotation float64 `json:"rotation"`
	} `json:"side_data_list"`
}

func (p *probed) info(path string) (Info, error) {
	if p.Format.Score <= 1 {
		return Info{}, notMedia(path) // a guess about noise
	}
	info := Info{Container: p.Format.Name, Seconds: seconds(p.Format.Duration)}
	var video, audio *probedStream
	for i := range p.Streams {
		s := &p.Streams[i]
		switch {
		case s.Type == "video" && s.Disposition["attached_pic"] == 1:
			if !info.Cover {
				info.Cover, info.cover = true, s.Index
			}
		case s.Type == "video" && better(s, video):
			video = s
		case s.Type == "audio" && better(s, audio):
			audio = s
		case s.Type == "subtitle" && slices.Contains(textSubtitles, s.Codec):
			info.Subtitles = append(info.Subtitles, Subtitle{
				Codec: s.Codec, Language: language(s.Tags["language"]), Forced: s.Disposition["forced"] == 1, Sounds: s.Disposition["hearing_impaired"] == 1, stream: s.Index,
			})
		}
	}
	if video == nil && audio == nil {
		subtitle := func(s probedStream) bool { return s.Type == "subtitle" }
		if looksLikeMedia(path) && !slices.ContainsFunc(p.Streams, subtitle) {
			return Info{}, fmt.Errorf("%w: %q is cut off before its first frame: copy or export it again", ErrBroken, path)
		}
		return Info{}, notMedia(path)
	}
	for _, s := range []*probedStream{video, audio} {
		if s != nil && (s.Codec == "" || s.Codec == "unknown" || s.Codec == "none") {
			return Info{}, fmt.Errorf("%w: %q has the unknown %s codec %q: convert it to H.264 and AAC first", ErrUnsupported, path, s.Type, s.Tag)
		}
	}
	var err error
	if info.Video, err = p.video(path, video); err == nil {
		info.Audio, err = p.audio(path, audio)
	}
	return info, err
}

// better says whether a stream is preferred to the one found before: the first, but a default one before others.
func better(s, found *probedStream) bool {
	return found == nil || (found.Disposition["default"] == 0 && s.Disposition["default"] == 1)
}

func (p *probed) video(path string, s *probedStream) (*VideoInfo, error) {
	if s == nil {
		return nil, nil
	}
	if s.Width <= 0 || s.Height <= 0 {
		return nil, fmt.Errorf("%w: %q has no whole picture: copy or export it again", ErrBroken, path)
	}
	if s.Width > maxPixels || s.Height > maxPixels || s.Width*s.Height > maxPixels {
		return nil, fmt.Errorf("%w: %q has a picture of %d × %d: scale it to at most %d pixels", ErrTooLarge, path, s.Width, s.Height, maxPixels)
	}
	v := &VideoInfo{Codec: s.Codec, Profile: s.Profile, Pixels: s.Pixels, Width: s.Width, Height: s.Height, FPS: ratio(s.Rate, "/"),
		stream: s.Index, seconds: p.streamSeconds(s), square: true}
	if a := ratio(s.Aspect, ":"); a > 0 && a != 1 {
		v.square = false
		v.Width = int(math.Round(float64(v.Width) * min(max(a, 0.1), 10)))
	}
	for _, d := range s.SideData {
		if turn := int(math.Round(d.Rotation)) % 360; turn != 0 {
			v.Turned = true
			if turn%180 != 0 {
				v.Width, v.Height = v.Height, v.Width
			}
		}
	}
	switch s.FieldOrder {
	case "tt", "bb", "tb", "bt":
		v.Interlaced = true
	}
	return v, nil
}

func (p *probed) audio(path string, s *probedStream) (*AudioInfo, error) {
	if s == nil {
		return nil, nil
	}
	rate, _ := strconv.Atoi(s.SampleRate)
	if rate <= 0 || s.Channels <= 0 {
		return nil, fmt.Errorf("%w: %q has no whole sound: copy or export it again", ErrBroken, path)
	}
	bits := seconds(s.Bits)
	beside := func(s probedStream) bool { return s.Type != "audio" && s.Disposition["attached_pic"] != 1 }
	if bits == 0 && !slices.ContainsFunc(p.Streams, beside) {
		bits = seconds(p.Format.Bits)
	}
	return &AudioInfo{Codec: s.Codec, Profile: s.Profile, Channels: s.Channels, Rate: rate, stream: s.Index, seconds: p.streamSeconds(s), bits: int(bits)}, nil
}

// streamSeconds is what the file says of a stream's length: the other streams may be longer.
func (p *probed) streamSeconds(s *probedStream) float64 {
	if d := seconds(s.Duration); d > 0 {
		return d
	}
	// Matroska: hours:minutes:seconds
	if parts := strings.Split(s.Tags["DURATION"], ":"); len(parts) == 3 {
		if d := seconds(parts[0])*3600 + seconds(parts[1])*60 + seconds(parts[2]); d > 0 {
			return d
		}
	}
	return seconds(p.Format.Duration)
}

func seconds(s string) float64 {
	d, err := strconv.ParseFloat(s, 64)
	if err != nil || !(d > 0 && d < 1e15) {
		return 0
	}
	return d
}

func ratio(s, sep string) float64 {
	a, b, _ := strings.Cut(s, sep)
	x, y := seconds(a), seconds(b)
	if x == 0 || y == 0 {
		return 0
	}
	return x / y
}
