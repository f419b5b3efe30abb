package media

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const maxName = 100

// fileIndex is index.json of a work that does not play: what is in it, for whoever may not read it yet.
type fileIndex struct {
	Version int         `json:"version"`
	Files   []fileEntry `json:"files"`
}

type fileEntry struct {
	Path string `json:"path"` // beside the index, with slashes
	Size int64  `json:"size"` // bytes
	Type string `json:"type"` // as in RFC 6838
}

// store makes a presentation that is the file itself and an index of it.
func (j *job) store(kind Kind) error {
	if len(j.captions) > 0 {
		return fmt.Errorf("%w: %q neither plays nor sounds: leave them out", ErrCaptions, j.in)
	}
	if lines, _, _ := parseRenditions(j.opt.Renditions); len(lines) > 0 {
		return fmt.Errorf("%w: %q has no picture that moves: leave them out", ErrRenditions, j.in)
	}
	name := "files/" + storedName(j.in)
	if err := j.mark.begin(Presentation{Kind: kind, File: name}); err != nil {
		return err
	}
	made := j.mark.Made
	if err := os.Mkdir(filepath.Join(j.mark.work(), "files"), 0o750); err != nil {
		return fmt.Errorf("the output folder: %w", err)
	}
	j.progress(Progress{Step: "copying"})
	var err error
	if made.Size, err = copyFile(filepath.Join(j.mark.work(), filepath.FromSlash(name)), j.in); err != nil {
		return err
	}
	if made.Type, err = fileType(j.in); err != nil {
		return err
	}
	index, err := json.MarshalIndent(fileIndex{1, []fileEntry{{name, made.Size, made.Type}}}, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(j.mark.work(), "index.json"), append(index, '\n'), 0o640); err != nil {
		return fmt.Errorf("the output folder: %w", err)
	}
	return j.mark.step("files", made)
}

func copyFile(to, from string) (int64, error) {
	in, err := os.Open(from)
	if err != nil {
		return 0, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return 0, fmt.Errorf("the output folder: %w", err)
	}
	n, err := io.Copy(out, in)
	if err = errors.Join(err, out.Close()); err != nil {
		return 0, fmt.Errorf("copying the file: %w", err)
	}
	return n, nil
}

// byName are types that a file's first bytes do not tell. The system's list of types is not asked: it would give
// other bytes on another machine.
var byName = map[string]string{
	".epub": "application/epub+zip", ".md": "text/markdown", ".csv": "text/csv", ".json": "application/json", ".svg": "image/svg+xml", ".avif": "image/avif",
	".tif": "image/tiff", ".tiff": "image/tiff", ".odt": "application/vnd.oasis.opendocument.text", ".apk": "application/vnd.android.package-archive",
	".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".tar": "application/x-tar", ".xz": "application/x-xz", ".zst": "application/zstd",
}

// fileType is the type of a file's content, application/octet-stream where nothing tells it.
func fileType(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	defer f.Close()
	head := make([]byte, 512)
	n, _ := io.ReadFull(f, head)
	kind, _, _ := strings.Cut(http.DetectContentType(head[:n]), ";")
	named, ok := byName[strings.ToLower(filepath.Ext(path))]
	if ok && (kind == "text/plain" || kind == "text/xml" || kind == "application/zip" || kind == "application/octet-stream") {
		return named, nil
	}
	return kind, nil
}

// fileKind says what a file is that is no media, empty when nobody would publish it by accident as it is.
func fileKind(path string) Kind {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	head := make([]byte, 512)
	n, _ := io.ReadFull(f, head)
	ext := strings.ToLower(filepath.Ext(path))
	switch kind := http.DetectContentType(head[:n]); {
	case strings.HasPrefix(kind, "image/"):
		return KindImage
	case kind == "application/pdf", kind == "application/zip" && ext == ".epub":
		return KindDocument
	case strings.HasPrefix(kind, "text/") && (ext == ".txt" || ext == ".md" || ext == ".html"):
		return KindDocument
	}
	return ""
}

// storedName is a file's name as it stands in a work: letters, digits and `._-`, so that it needs no escape in an
// address and cannot hide, lead elsewhere or look like an option.
func storedName(path string) string {
	clean := func(s string) string {
		return strings.Map(func(r rune) rune {
			if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || r == '.' || r == '-' {
				return r
			}
			return '_'
		}, norm.NFC.String(strings.ToValidUTF8(s, "_")))
	}
	base := filepath.Base(path)
	ext := filepath.Ext(base)
	stem := strings.TrimLeft(clean(strings.TrimSuffix(base, ext)), ".-_")
	ext = cut(clean(ext), 16)
	if ext == "." {
		ext = ""
	}
	if stem == "" {
		stem = "file"
	}
	return cut(stem, maxName-len(ext)) + ext
}

// cut shortens s to n bytes of whole characters.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
