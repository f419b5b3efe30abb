package media

import (
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

// store makes a presentation that is the file itself.
func (j *job) store(kind Kind) error {
	if err := j.mark.begin(); err != nil {
		return err
	}
	name := filepath.Join("files", storedName(j.in))
	if err := os.Mkdir(filepath.Join(j.mark.work(), "files"), 0o750); err != nil {
		return fmt.Errorf("the output folder: %w", err)
	}
	from, err := os.Open(j.in)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	defer from.Close()
	to, err := os.Create(filepath.Join(j.mark.work(), name))
	if err != nil {
		return fmt.Errorf("the output folder: %w", err)
	}
	defer to.Close()
	j.progress(Progress{"copying", 0})
	if _, err := io.Copy(to, from); err != nil {
		return fmt.Errorf("copying the file: %w", err)
	}
	if err := to.Close(); err != nil {
		return fmt.Errorf("copying the file: %w", err)
	}
	return j.mark.step(Presentation{Kind: kind, File: filepath.ToSlash(name)})
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
