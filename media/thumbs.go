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
)

const (
	thumbSeconds = 10
	thumbSide    = 160 // pixels of the longer side
	sheetSide    = 5   // thumbnails a row, and rows
)

// thumbnails makes small pictures of every ten seconds, in sheets, and the track that says which part of which
// sheet shows when. They are made of the smallest rendition: it is packaged, and its keyframes are enough.
func (j *job) thumbnails(ctx context.Context) error {
	if j.info.Video == nil || j.mark.did("thumbnails") {
		return nil
	}
	j.progress(Progress{Step: "thumbnails"})
	made := j.mark.Made
	dir := filepath.Join(j.mark.work(), "thumbnails")
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("the output folder: %w", err)
	}
	if err := os.Mkdir(dir, 0o750); err != nil {
		return fmt.Errorf("the output folder: %w", err)
	}
	r := made.Renditions[len(made.Renditions)-1]
	w, h := fit(r.Width, r.Height, thumbSide, thumbSide)
	count := max(1, int(math.Ceil(made.Seconds/thumbSeconds)))
	rows := min(sheetSide, (count+sheetSide-1)/sheetSide)
	columns := min(sheetSide, count)
	sheets := (count + rows*columns - 1) / (rows * columns)
	err := j.sheets(ctx, r, dir, fmt.Sprintf("fps=fps=1/%d:start_time=0:round=up,%s,tpad=stop=-1:stop_mode=clone,tile=%dx%d", thumbSeconds, scale(size{w, h}), columns, rows), sheets)
	var failed *toolError
	if errors.As(err, &failed) || errors.Is(err, ErrTool) && ctx.Err() == nil {
		// a film is worth publishing without them
		made.LeftOut = append(made.LeftOut, "thumbnails: "+err.Error())
		if err := os.RemoveAll(dir); err != nil {
			return fmt.Errorf("the output folder: %w", err)
		}
		return j.mark.step("thumbnails", made)
	}
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "index.vtt"), thumbTrack(made.Seconds, count, columns, rows, size{w, h}), 0o640); err != nil {
		return fmt.Errorf("the output folder: %w", err)
	}
	made.Thumbnails = "thumbnails/index.vtt"
	j.progress(Progress{Step: "thumbnails", Done: 1})
	return j.mark.step("thumbnails", made)
}

func thumbTrack(seconds float64, count, columns, rows int, s size) []byte {
	b := []byte("WEBVTT\n")
	end := int64(math.Ceil(seconds * 1000))
	for i := range count {
		from, at := int64(i)*thumbSeconds*1000, i%(columns*rows)
		b = fmt.Appendf(b, "\n%s --> %s\n%05d.jpg#xywh=%d,%d,%d,%d\n", vttMoment(from), vttMoment(min(from+thumbSeconds*1000, end)),
			i/(columns*rows), at%columns*s.w, at/columns*s.h, s.w, s.h)
	}
	return b
}

// sheets reads a rendition's keyframes. The last picture stands for what comes after it.
func (j *job) sheets(ctx context.Context, r Rendition, dir, filter string, sheets int) error {
	from := filepath.Join(j.mark.work(), r.Name)
	list, err := readPlaylist(from)
	if err != nil {
		return err
	}
	parts := &files{paths: []string{filepath.Join(from, "init.mp4")}}
	defer parts.close()
	for _, e := range list {
		parts.paths = append(parts.paths, filepath.Join(from, e.name))
	}
	args := append(quiet(), bounds()...)
	args = append(args, "-protocol_whitelist", "pipe", "-skip_frame", "nokey", "-f", "mp4", "-i", "pipe:0", "-map", "0:v:0", "-vf", filter,
		"-frames:v", strconv.Itoa(sheets), "-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-q:v", "6", "-threads", "1", "-map_metadata", "-1", "-bitexact",
		"-f", "image2", "-start_number", "0", "%05d.jpg")
	ctx, cancel := context.WithTimeoutCause(ctx, j.allowance(), ErrStalled)
	defer cancel()
	if _, err := runOn(ctx, parts, dir, "ffmpeg", stallTimeout, func(string) bool { return false }, args...); err != nil {
		return err
	}
	for i := range sheets {
		if err := nonEmpty(filepath.Join(dir, fmt.Sprintf("%05d.jpg", i))); err != nil {
			return err
		}
	}
	return nil
}

// files reads files one after the other, one open at a time.
type files struct {
	paths []string
	open  *os.File
}

func (f *files) Read(p []byte) (int, error) {
	for {
		if f.open == nil {
			if len(f.paths) == 0 {
				return 0, io.EOF
			}
			var err error
			if f.open, err = os.Open(f.paths[0]); err != nil {
				return 0, err
			}
			f.paths = f.paths[1:]
		}
		n, err := f.open.Read(p)
		if n > 0 || !errors.Is(err, io.EOF) {
			return n, err
		}
		f.close()
	}
}

func (f *files) close() {
	if f.open != nil {
		f.open.Close()
		f.open = nil
	}
}
