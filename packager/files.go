package packager

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"unicode"
)

const (
	maxChunk    = 64 << 20
	maxCover    = 4 << 20
	maxCaptions = 4 << 20
	maxTracks   = 32
	maxName     = 120
)

// Where a job's cover comes from.
const (
	coverOwn  = "own"
	coverFile = "file"
	coverNone = "none"
)

var ending = regexp.MustCompile(`^\.[A-Za-z0-9]{1,15}$`)

// safeName is a file's name that leads nowhere else and cannot hide.
func safeName(name string) string {
	clean := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || r == '.' || r == '-' {
			return r
		}
		return '_'
	}, strings.ToValidUTF8(name, "_"))
	ext := filepath.Ext(clean)
	if !ending.MatchString(ext) {
		ext = ""
	}
	stem := strings.TrimLeft(strings.TrimSuffix(clean, ext), ".-_")
	for len(stem) > maxName {
		stem = strings.ToValidUTF8(stem[:maxName], "")
	}
	if stem == "" {
		stem = "file"
	}
	return stem + ext
}

// receive takes the next bytes of the file.
func (j *job) receive(r *http.Request) error {
	var first, last, size int64
	if n, err := fmt.Sscanf(r.Header.Get("Content-Range"), "bytes %d-%d/%d", &first, &last, &size); n != 3 || err != nil || first < 0 || last < first {
		return badRequest("Content-Range: wanted bytes <first>-<last>/<size>")
	}
	if last-first >= maxChunk {
		return problem(http.StatusRequestEntityTooLarge, "too-large", "at most %d bytes a request", maxChunk)
	}
	if err := j.beginReceiving(first, last, size); err != nil {
		return err
	}
	n, err := j.write(first, io.LimitReader(r.Body, last-first+1))
	return errors.Join(err, j.endReceiving(n))
}

func (j *job) beginReceiving(first, last, size int64) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := j.idle(); err != nil {
		return err
	}
	switch {
	case size != j.rec.Size || last >= size:
		return badRequest("Content-Range: the file has %d bytes", j.rec.Size)
	case first != j.rec.Received:
		p := problem(http.StatusConflict, "offset", "%d bytes are here", j.rec.Received)
		p.Offset = &j.rec.Received
		return p
	}
	j.busy = true
	return nil
}

// write appends to the file. What was written counts, even where the connection broke.
func (j *job) write(at int64, body io.Reader) (int64, error) {
	if err := os.MkdirAll(filepath.Dir(j.file()), 0o700); err != nil {
		return 0, err
	}
	f, err := os.OpenFile(j.file(), os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, err
	}
	var n int64
	if _, err = f.Seek(at, io.SeekStart); err == nil {
		n, err = io.Copy(f, body)
	}
	var system *os.PathError
	switch {
	case errors.Is(err, syscall.ENOSPC):
		err = problem(http.StatusInsufficientStorage, "disk-full", "the disk is full: make room in %s", j.s.cfg.Home)
	case err != nil && !errors.As(err, &system):
		err = badRequest("the connection broke: go on at %d", at+n)
	}
	return n, errors.Join(err, f.Close())
}

func (j *job) endReceiving(n int64) error {
	return j.change(func(r *record) {
		j.busy = false
		if r.Received += n; r.Received == r.Size {
			r.State = Received
		}
	})
}

// edit changes what belongs to the file, which makes what was prepared worth nothing.
func (j *job) edit(change func(*record) error) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := j.idle(); err != nil {
		return err
	}
	if j.rec.Registers {
		return registered409()
	}
	var err error
	j.tell(func(r *record) {
		if err = change(r); err == nil {
			if r.Quote = nil; r.State == Prepared {
				r.State = Packaged
			}
		}
	})
	return errors.Join(err, j.save())
}

// registered409 refuses to change what may be on the chain.
func registered409() error {
	return problem(http.StatusConflict, "registered", "the work may be on the chain already: finish it, or publish a new version of it")
}

func (j *job) ownCover() string { return filepath.Join(j.dir, "cover") }

func (j *job) putCover(r *http.Request) error {
	raw, err := readAll(r, maxCover)
	if err != nil {
		return err
	}
	if !slices.Contains([]string{"image/jpeg", "image/png", "image/webp"}, http.DetectContentType(raw)) {
		return problem(http.StatusUnsupportedMediaType, "not-a-picture", "a cover is a JPEG, PNG or WebP picture")
	}
	return j.edit(func(r *record) error {
		r.Cover = coverOwn
		return os.WriteFile(j.ownCover(), raw, 0o600)
	})
}

func (j *job) deleteCover() error {
	return j.edit(func(r *record) error {
		if r.Cover = coverNone; r.FileCover != "" {
			r.Cover = coverFile
		}
		return remove(j.ownCover())
	})
}

// coverPath is the picture that will be the cover, empty without.
func (j *job) coverPath() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	switch j.rec.Cover {
	case coverOwn:
		return j.ownCover()
	case coverFile:
		return j.rec.FileCover
	}
	return ""
}

func (j *job) putCaptions(tag string, r *http.Request) error {
	raw, err := readAll(r, maxCaptions)
	if err != nil {
		return err
	}
	return j.edit(func(r *record) error {
		i, has := slices.BinarySearch(r.Captions, tag)
		if !has {
			if len(r.Captions) == maxTracks {
				return badRequest("at most %d captions", maxTracks)
			}
			r.Captions = slices.Insert(r.Captions, i, tag)
		}
		r.State = backToReceived(r.State)
		if err := os.MkdirAll(filepath.Join(j.dir, "captions"), 0o700); err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(j.dir, "captions", tag), raw, 0o600)
	})
}

func (j *job) deleteCaptions(tag string) error {
	return j.edit(func(r *record) error {
		r.Captions = slices.DeleteFunc(r.Captions, func(t string) bool { return t == tag })
		r.State = backToReceived(r.State)
		return remove(filepath.Join(j.dir, "captions", tag))
	})
}

// backToReceived is where a job stands whose packaged files lack something.
func backToReceived(s State) State {
	if s == Receiving {
		return s
	}
	return Received
}

func remove(path string) error {
	if err := os.Remove(path); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

func readAll(r *http.Request, most int64) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(r.Body, most+1))
	switch {
	case err != nil:
		return nil, badRequest("the connection broke")
	case int64(len(raw)) > most:
		return nil, problem(http.StatusRequestEntityTooLarge, "too-large", "at most %d bytes", most)
	case len(raw) == 0:
		return nil, badRequest("there are no bytes")
	}
	return raw, nil
}
