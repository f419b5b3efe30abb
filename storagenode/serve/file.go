package serve

import (
	"bytes"
	"io"
	"net/http"
	"path"
	"strconv"
	"strings"

	"github.com/streamchain/streamchain/storagenode/dag"
	"github.com/streamchain/streamchain/storagenode/wire"
)

// contentTypes are the only types that content is sent as. None of them runs as code.
var contentTypes = map[string]string{
	".m3u8": "application/vnd.apple.mpegurl", ".mp4": "video/mp4", ".m4s": "video/mp4", ".m4v": "video/mp4", ".webm": "video/webm", ".ts": "video/mp2t",
	".m4a": "audio/mp4", ".aac": "audio/aac", ".mp3": "audio/mpeg", ".ogg": "audio/ogg", ".opus": "audio/ogg", ".flac": "audio/flac", ".wav": "audio/wav",
	".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".webp": "image/webp", ".avif": "image/avif", ".gif": "image/gif",
	".vtt": "text/vtt; charset=utf-8", ".srt": "application/x-subrip",
}

const octets = "application/octet-stream"

// sniffed are the types by which a file without a name, as a cover is, may be known.
var sniffed = []string{"image/jpeg", "image/png", "image/webp", "image/gif"}

func (s *Server) contentType(r *http.Request, t target) string {
	if ct, ok := contentTypes[strings.ToLower(path.Ext(t.name()))]; ok {
		return ct
	}
	if t.refs[0].Item == nil || t.refs[0].Item.Path != "/cover" {
		return octets
	}
	var head bytes.Buffer
	if err := dag.WriteRange(r.Context(), s.store(), t.Node, 0, min(t.Size, 512), &head); err != nil {
		return octets
	}
	got := http.DetectContentType(head.Bytes())
	for _, ct := range sniffed {
		if got == ct {
			return ct
		}
	}
	return octets
}

// name is the file's in the work, as the request says it or, without a path, as the catalog does.
func (t target) name() string {
	if len(t.path) > 0 {
		return t.path[len(t.path)-1]
	}
	if t.refs[0].Item != nil {
		return path.Base(t.refs[0].Item.Path)
	}
	return ""
}

// file sends a file or one range of it.
func (s *Server) file(w http.ResponseWriter, r *http.Request, t target) error {
	if t.Kind != dag.File {
		return wire.NewProblem(http.StatusNotFound, wire.NotAFile, "%s is a directory; ask for a file in it, or with ?format=car", t.Cid)
	}
	h := w.Header()
	etag := `"` + t.Cid.String() + `"`
	h.Set("ETag", etag)
	if matches(r.Header.Get("If-None-Match"), etag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	off, n, partial, err := parseRange(r, etag, t.Size)
	if err != nil {
		if p := s.problem(err); p.Slug == wire.RangeUnsatisfiable {
			h.Set("Content-Range", "bytes */"+strconv.FormatUint(t.Size, 10))
		}
		return err
	}
	if err := s.probe(r, t, off, n); err != nil {
		return err
	}
	ct := s.contentType(r, t)
	if err := s.admit(w, r, t, false, t.Size, n); err != nil {
		return err
	}
	h.Set("Content-Type", ct)
	switch {
	case ct == octets || r.URL.Query().Get("download") == "true":
		h.Set("Content-Disposition", disposition("attachment", r, t.name()))
	case r.URL.Query().Has("filename"):
		h.Set("Content-Disposition", disposition("inline", r, ""))
	}
	h.Set("Accept-Ranges", "bytes")
	h.Set("Content-Length", strconv.FormatUint(n, 10))
	status := http.StatusOK
	if partial {
		h.Set("Content-Range", contentRange(off, n, t.Size))
		status = http.StatusPartialContent
	}
	w.WriteHeader(status)
	if r.Method == http.MethodGet {
		cut(dag.WriteRange(r.Context(), s.store(), t.Node, off, n, s.body(w)))
	}
	return nil
}

// probe reads what is about to be sent, or at least its beginning: nobody pays for damaged bytes that
// could have been noticed.
func (s *Server) probe(r *http.Request, t target, off, n uint64) error {
	if r.Method == http.MethodHead {
		return nil
	}
	if n > probeLimit {
		n = 1
	}
	return dag.WriteRange(r.Context(), s.store(), t.Node, off, n, io.Discard)
}

// raw sends one block, or one range of it.
func (s *Server) raw(w http.ResponseWriter, r *http.Request, t target) error {
	data, err := s.store().Get(r.Context(), t.Cid)
	if err != nil {
		return err
	}
	h := w.Header()
	etag := `"` + t.Cid.String() + `.raw"`
	h.Set("ETag", etag)
	if matches(r.Header.Get("If-None-Match"), etag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	size := uint64(len(data))
	off, n, partial, err := parseRange(r, etag, size)
	switch {
	case err != nil && s.problem(err).Slug == wire.MultipleRanges:
		off, n, partial = 0, size, false // a block is small enough to be sent whole
	case err != nil:
		h.Set("Content-Range", "bytes */"+strconv.FormatUint(size, 10))
		return err
	}
	if err := s.admit(w, r, t, false, size, n); err != nil {
		return err
	}
	h.Set("Content-Type", typeRaw)
	h.Set("Content-Disposition", disposition("attachment", r, t.Cid.String()+".bin"))
	h.Set("Accept-Ranges", "bytes")
	h.Set("Content-Length", strconv.FormatUint(n, 10))
	if partial {
		h.Set("Content-Range", contentRange(off, n, size))
		w.WriteHeader(http.StatusPartialContent)
	}
	if r.Method == http.MethodGet {
		_, err = s.body(w).Write(data[off : off+n])
		cut(err)
	}
	return nil
}

// matches reads If-None-Match.
func matches(header, etag string) bool {
	for _, e := range strings.Split(header, ",") {
		if e = strings.TrimSpace(e); e == "*" || strings.TrimPrefix(e, "W/") == strings.TrimPrefix(etag, "W/") {
			return true
		}
	}
	return false
}

// parseRange reads Range. Without one, or with one that If-Range makes void, it is the whole file.
func parseRange(r *http.Request, etag string, size uint64) (off, n uint64, partial bool, err error) {
	header := r.Header.Get("Range")
	if cond := r.Header.Get("If-Range"); header == "" || r.Method == http.MethodHead || cond != "" && cond != etag {
		return 0, size, false, nil
	}
	spec, ok := strings.CutPrefix(header, "bytes=")
	if !ok {
		return 0, size, false, nil // another unit is ignored
	}
	if strings.Contains(spec, ",") {
		return 0, 0, false, wire.NewProblem(http.StatusRequestedRangeNotSatisfiable, wire.MultipleRanges, "one range a request")
	}
	bad := wire.NewProblem(http.StatusRequestedRangeNotSatisfiable, wire.RangeUnsatisfiable, "range %.50q of %d bytes", spec, size)
	first, last, ok := strings.Cut(strings.TrimSpace(spec), "-")
	if !ok || size == 0 {
		return 0, 0, false, bad
	}
	end := size - 1
	if last != "" && first != "" {
		if end, err = strconv.ParseUint(last, 10, 64); err != nil {
			return 0, 0, false, bad
		}
		end = min(end, size-1)
	}
	if first != "" {
		if off, err = strconv.ParseUint(first, 10, 64); err != nil || off > end {
			return 0, 0, false, bad
		}
		return off, end - off + 1, true, nil
	}
	suffix, err := strconv.ParseUint(last, 10, 64)
	if err != nil || suffix == 0 {
		return 0, 0, false, bad
	}
	n = min(suffix, size)
	return size - n, n, true, nil
}
