package media

import (
	"bufio"
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// entry is a segment that a playlist names.
type entry struct {
	name   string
	micros int64
}

// readPlaylist reads a finished playlist that ffmpeg made.
func readPlaylist(dir string) ([]entry, error) {
	list, err := os.ReadFile(filepath.Join(dir, "index.m3u8"))
	if err != nil {
		return nil, fmt.Errorf("%w: it wrote no playlist", ErrTool)
	}
	var out []entry
	s, extinf, ended := bufio.NewScanner(bytes.NewReader(list)), int64(0), false
	for s.Scan() {
		line := s.Text()
		if strings.HasPrefix(line, extInf) {
			extinf = micros(line)
			continue
		}
		ended = ended || line == "#EXT-X-ENDLIST"
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if extinf <= 0 {
			return nil, fmt.Errorf("%w: the segment %s has no duration", ErrTool, line)
		}
		out = append(out, entry{line, extinf})
		extinf = 0
	}
	if len(out) == 0 || !ended {
		return nil, fmt.Errorf("%w: its playlist is not whole", ErrTool)
	}
	return out, nil
}

const extInf = "#EXTINF:"

// micros is how long the segment lasts that an EXTINF announces.
func micros(line string) int64 {
	v, _, _ := strings.Cut(strings.TrimPrefix(line, extInf), ",")
	return int64(math.Round(seconds(v) * 1e6))
}

// aligned says whether two renditions change segments at the same times, to two milliseconds.
func aligned(a, b string) (bool, error) {
	x, err := readPlaylist(a)
	if err != nil {
		return false, err
	}
	y, err := readPlaylist(b)
	if err != nil {
		return false, err
	}
	if len(x) != len(y) {
		return false, nil
	}
	var drift int64
	for i := range x[:len(x)-1] {
		if drift += x[i].micros - y[i].micros; drift > 2000 || drift < -2000 {
			return false, nil
		}
	}
	return true, nil
}

// readRendition measures what ffmpeg made and holds it whole: every segment that the playlist names is there.
func readRendition(dir string) (Rendition, error) {
	r := Rendition{Name: filepath.Base(dir)}
	list, err := readPlaylist(dir)
	if err != nil {
		return r, err
	}
	if err := nonEmpty(filepath.Join(dir, "init.mp4")); err != nil {
		return r, err
	}
	var total, playing int64 // bytes, microseconds
	for _, e := range list {
		path := filepath.Join(dir, e.name)
		if err := nonEmpty(path); err != nil {
			return r, err
		}
		info, err := os.Stat(path)
		if err != nil {
			return r, fmt.Errorf("%w: %w", ErrTool, err)
		}
		length := float64(e.micros) / 1e6
		r.Segments++
		total, playing = total+info.Size(), playing+e.micros
		r.Longest = math.Max(r.Longest, length)
		// a last segment of a few frames says nothing about the line that is needed
		r.Bandwidth = max(r.Bandwidth, int(float64(info.Size())*8/math.Max(length, 1)))
	}
	r.Seconds = float64(playing) / 1e6
	r.Average = int(float64(total) * 8 / r.Seconds)
	r.Bandwidth = max(r.Bandwidth, r.Average)
	return r, nil
}

func nonEmpty(path string) error {
	if info, err := os.Stat(path); err != nil || info.Size() == 0 {
		return fmt.Errorf("%w: %s is missing", ErrTool, filepath.Base(path))
	}
	return nil
}

// masterPlaylist names the renditions and captions.
func masterPlaylist(rs []Rendition, captions []Track) []byte {
	b := []byte("#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n")
	extra := 0
	for _, c := range captions {
		b = fmt.Appendf(b, "#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"captions\",NAME=%q,LANGUAGE=%q,DEFAULT=NO,AUTOSELECT=YES", c.Name, c.Language)
		if c.Forced {
			b = append(b, ",FORCED=YES"...)
		}
		if c.Sounds {
			b = append(b, ",CHARACTERISTICS=\"public.accessibility.transcribes-spoken-dialog,public.accessibility.describes-music-and-sound\""...)
		}
		b = fmt.Appendf(b, ",URI=%q\n", strings.TrimSuffix(c.File, ".vtt")+".m3u8")
		extra = max(extra, int(float64(c.Bytes)*8/math.Max(rs[0].Seconds, 1)))
	}
	for _, r := range rs {
		b = fmt.Appendf(b, "#EXT-X-STREAM-INF:BANDWIDTH=%d,AVERAGE-BANDWIDTH=%d,CODECS=%q", r.Bandwidth+extra, r.Average+extra, r.Codecs)
		if r.Width > 0 {
			b = fmt.Appendf(b, ",RESOLUTION=%dx%d", r.Width, r.Height)
		}
		if r.FPS > 0 {
			b = append(b, ",FRAME-RATE="+strconv.FormatFloat(r.FPS, 'f', 3, 64)...)
		}
		if len(captions) > 0 {
			b = append(b, ",SUBTITLES=\"captions\""...)
		}
		b = fmt.Appendf(b, "\n%s/index.m3u8\n", r.Name)
	}
	return b
}

// avcCodec reads the profile and level of an init segment's H.264 track: {avcC, version, profile, flags, level}.
func avcCodec(dir string) (string, error) {
	data, err := os.ReadFile(filepath.Join(dir, "init.mp4"))
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrTool, err)
	}
	at := bytes.Index(data, []byte("avcC\x01"))
	if at < 0 || at+8 > len(data) {
		return "", fmt.Errorf("%w: its init segment has no H.264 configuration", ErrTool)
	}
	return fmt.Sprintf("avc1.%x", data[at+5:at+8]), nil
}
