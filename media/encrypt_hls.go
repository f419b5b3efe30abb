package media

import (
	"bytes"
	"context"
	"crypto/aes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// rendition encrypts a rendition, unless an earlier run did.
func (e *encryption) rendition(ctx context.Context, r Rendition) error {
	list, err := readPlaylist(e.path(r.Name))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNotPackaged, err)
	}
	sums := make([][32]byte, len(list))
	for k, s := range list {
		plain, ok := e.files[r.Name+"/"+s.name]
		if !ok || s.name != filepath.Base(s.name) {
			return fmt.Errorf("%w: %q is missing", ErrNotPackaged, s.name)
		}
		sums[k] = plain.sum
		e.done[r.Name+"/"+s.name] = true
	}
	name := r.Name + suffix(e.keys.WindowSeconds, sums...)
	if !keyName(name) {
		return fmt.Errorf("%w: a rendition called %q", ErrNotPackaged, r.Name)
	}
	for _, beside := range []string{"init.mp4", "index.m3u8"} {
		e.done[r.Name+"/"+beside] = true
	}
	e.done["master.m3u8"] = true
	if e.mark.did(name) {
		return nil
	}
	if err := e.segments(ctx, r.Name, name, list); err != nil {
		return err
	}
	dir := filepath.Join(e.mark.work(), name)
	if _, err := copyFile(filepath.Join(dir, "init.mp4"), e.path(r.Name+"/init.mp4")); err != nil {
		return err
	}
	if err := e.playlist(r.Name, name, dir); err != nil {
		return err
	}
	measured, err := readRendition(dir) // padding counts
	if err != nil {
		return err
	}
	r.Name, r.Bandwidth, r.Average = name, measured.Bandwidth, measured.Average
	made := e.mark.Made
	made.Renditions = append(made.Renditions, r)
	return e.mark.step(name, made)
}

// window is the one in which a segment starts, in microseconds.
func (e *encryption) window(start int64) uint32 {
	return uint32(start / (int64(e.keys.WindowSeconds) * 1e6))
}

func (e *encryption) segments(ctx context.Context, from, to string, list []entry) error {
	var key [16]byte
	var clock int64
	for k, s := range list {
		if err := ctx.Err(); err != nil {
			return err
		}
		e.progress(Progress{Step: "encrypting", Rendition: from, Done: float64(k) / float64(len(list))})
		if w := e.window(clock); k == 0 || w != e.window(clock-list[k-1].micros) {
			out, err := e.keys.Key(to, w)
			if err != nil {
				return err
			}
			key = out.AES128()
		}
		clock += s.micros
		plain := e.files[from+"/"+s.name].size
		err := e.transform(from+"/"+s.name, to+"/"+s.name, func(w io.Writer, r io.Reader) error {
			n, err := encryptSegment(w, r, key, SegmentIV(uint64(k)), e.buf)
			if err == nil && n != plain+aes.BlockSize-plain%aes.BlockSize {
				err = fmt.Errorf("%w: %q", ErrChanged, s.name)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// playlist writes a rendition's playlist with its keys: the init segment comes before the first, so it is clear; a segment has the last key before it.
func (e *encryption) playlist(from, name, dir string) error {
	list, err := os.ReadFile(e.path(from + "/index.m3u8"))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNotPackaged, err)
	}
	out, mapped, last, clock := []byte(nil), false, int64(-1), int64(0)
	for line := range strings.Lines(string(list)) {
		line = strings.TrimRight(line, "\r\n")
		switch {
		case IsKeyTag(line), strings.HasPrefix(line, "#EXT-X-MEDIA-SEQUENCE:") && line != "#EXT-X-MEDIA-SEQUENCE:0", strings.HasPrefix(line, "#EXT-X-BYTERANGE"), strings.HasPrefix(line, "#EXT-X-MAP:") && mapped:
			return fmt.Errorf("%w: its playlist says %.100q", ErrNotPackaged, line)
		case strings.HasPrefix(line, "#EXT-X-MAP:"):
			mapped = true
		case strings.HasPrefix(line, extInf):
			if w := int64(e.window(clock)); w != last {
				out, last = append(out, KeyTag{Rendition: name, Window: uint32(w)}.String()+"\n"...), w
			}
			clock += micros(line)
		}
		out = append(append(out, line...), '\n')
	}
	if !mapped || !bytes.HasPrefix(out, []byte("#EXTM3U\n")) {
		return fmt.Errorf("%w: its playlist names no init segment", ErrNotPackaged)
	}
	if err := os.WriteFile(filepath.Join(dir, "index.m3u8"), out, 0o640); err != nil {
		return fmt.Errorf("the output folder: %w", err)
	}
	return nil
}
