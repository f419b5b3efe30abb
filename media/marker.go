package media

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// inputKey names a presentation: the hash of the input's bytes and the options.
func inputKey(ctx context.Context, in string, size int64, opt Options, progress func(Progress)) (string, error) {
	f, err := os.Open(in)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	defer f.Close()
	sum := sha256.New()
	buf := make([]byte, chunkSize)
	var done int64
	for {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		n, err := f.Read(buf)
		sum.Write(buf[:n])
		done += int64(n)
		if n > 0 && (done>>20)%64 == 0 {
			progress(Progress{"reading", min(1, float64(done)/float64(size))})
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return "", fmt.Errorf("%w: %w", ErrUnreadable, err)
		}
	}
	progress(Progress{"reading", 1})
	all := sha256.New()
	fmt.Fprintf(all, "streamchain/package/v1\n%x\n%+v\n", sum.Sum(nil), opt)
	return hex.EncodeToString(all.Sum(nil)[:16]), nil
}

// marker is outDir/<key>.json: what of a presentation is done. It lies beside the folder, not in it, so that it
// does not become part of the work.
type marker struct {
	Done  bool             `json:"done"`
	Made  Presentation     `json:"presentation"`
	Files map[string]int64 `json:"files"` // path inside the folder → bytes

	outDir, key string
}

func openMarker(outDir, key string) *marker {
	m := &marker{}
	data, err := os.ReadFile(filepath.Join(outDir, key+".json"))
	if err != nil || json.Unmarshal(data, m) != nil {
		m = &marker{} // a half-written marker is none
	}
	m.outDir, m.key = outDir, key
	return m
}

func (m *marker) final() string { return filepath.Join(m.outDir, m.key) }
func (m *marker) work() string  { return filepath.Join(m.outDir, m.key+".part") }

// whole says that the presentation was finished and still has its files, under the name of the input.
func (m *marker) whole(in string) bool {
	return m.Done && m.matches(m.final()) && (m.Made.File == "" || m.Made.File == "files/"+storedName(in))
}

// resume says that the working folder holds finished steps of an interrupted run.
func (m *marker) resume() bool { return !m.Done && len(m.Files) > 0 && m.matches(m.work()) }

// begin makes the working folder anew.
func (m *marker) begin() error {
	m.Done, m.Made, m.Files = false, Presentation{}, nil
	for _, old := range []string{m.work(), m.final()} {
		if err := os.RemoveAll(old); err != nil {
			return fmt.Errorf("the output folder: %w", err)
		}
	}
	if err := os.MkdirAll(m.work(), 0o750); err != nil {
		return fmt.Errorf("the output folder: %w", err)
	}
	return nil
}

// step remembers what the working folder holds now.
func (m *marker) step(p Presentation) error {
	m.Made = p
	var err error
	if m.Files, err = sizes(m.work()); err != nil {
		return err
	}
	return m.save()
}

func (m *marker) finish() error {
	if err := os.RemoveAll(m.final()); err != nil {
		return fmt.Errorf("the output folder: %w", err)
	}
	if err := os.Rename(m.work(), m.final()); err != nil {
		return fmt.Errorf("the output folder: %w", err)
	}
	m.Done = true
	return m.save()
}

func (m *marker) save() error {
	data, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	path := filepath.Join(m.outDir, m.key+".json")
	if err := os.WriteFile(path+".new", data, 0o640); err != nil {
		return fmt.Errorf("the output folder: %w", err)
	}
	return os.Rename(path+".new", path)
}

func (m *marker) presentation(reused bool) Presentation {
	p := m.Made
	p.Dir, p.Reused = m.final(), reused
	if p.Cover != "" {
		p.Cover = filepath.Join(p.Dir, p.Cover)
	}
	return p
}

func (m *marker) matches(dir string) bool {
	got, err := sizes(dir)
	if err != nil || len(got) != len(m.Files) {
		return false
	}
	for path, size := range m.Files {
		if found, ok := got[path]; !ok || found != size {
			return false
		}
	}
	return true
}

func sizes(dir string) (map[string]int64, error) {
	out := map[string]int64{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		out[filepath.ToSlash(rel)] = info.Size()
		return err
	})
	return out, err
}
