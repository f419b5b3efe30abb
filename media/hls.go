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

// readRendition measures what ffmpeg made and holds it whole: every segment that the playlist names is there.
func readRendition(dir string) (Rendition, error) {
	r := Rendition{Name: filepath.Base(dir)}
	list, err := os.ReadFile(filepath.Join(dir, "index.m3u8"))
	if err != nil {
		return r, fmt.Errorf("%w: it wrote no playlist", ErrTool)
	}
	if err := nonEmpty(filepath.Join(dir, "init.mp4")); err != nil {
		return r, err
	}
	var total, playing int64 // bytes, microseconds
	s, extinf, ended := bufio.NewScanner(bytes.NewReader(list)), 0.0, false
	for s.Scan() {
		line := s.Text()
		if v, ok := strings.CutPrefix(line, "#EXTINF:"); ok {
			v, _, _ = strings.Cut(v, ",")
			extinf = seconds(v)
			continue
		}
		ended = ended || line == "#EXT-X-ENDLIST"
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		path := filepath.Join(dir, line)
		if err := nonEmpty(path); err != nil {
			return r, err
		}
		info, err := os.Stat(path)
		if err != nil || extinf <= 0 {
			return r, fmt.Errorf("%w: the segment %s has no duration", ErrTool, line)
		}
		r.Segments++
		total, playing = total+info.Size(), playing+int64(math.Round(extinf*1e6))
		r.Longest = math.Max(r.Longest, extinf)
		// a last segment of a few frames says nothing about the line that is needed
		r.Bandwidth = max(r.Bandwidth, int(float64(info.Size())*8/math.Max(extinf, 1)))
		extinf = 0
	}
	if r.Segments == 0 || !ended {
		return r, fmt.Errorf("%w: its playlist is not whole", ErrTool)
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

// masterPlaylist names the renditions.
func masterPlaylist(rs ...Rendition) []byte {
	b := []byte("#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n")
	for _, r := range rs {
		b = fmt.Appendf(b, "#EXT-X-STREAM-INF:BANDWIDTH=%d,AVERAGE-BANDWIDTH=%d,CODECS=%q", r.Bandwidth, r.Average, r.Codecs)
		if r.Width > 0 {
			b = fmt.Appendf(b, ",RESOLUTION=%dx%d", r.Width, r.Height)
		}
		if r.FPS > 0 {
			b = append(b, ",FRAME-RATE="+strconv.FormatFloat(r.FPS, 'f', 3, 64)...)
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
