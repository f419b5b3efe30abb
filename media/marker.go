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
	"slices"
)

// inputKey names a presentation: the hash of the input's bytes, the options and the captions.
func inputKey(ctx context.Context, in string, size int64, opt Options, captions []sidecar, progress func(Progress)) (string, error) {
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
			progress(Progress{Step: "reading", Done: min(1, float64(done)/float64(size))})
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return "", fmt.Errorf("%w: %w", ErrUnreadable, err)
		}
	}
	progress(Progress{Step: "reading", Done: 1})
	all := sha256.New()
	fmt.Fprintf(all, "streamchain/package/v2\n%x\n%q %t %d %q\n", sum.Sum(nil), opt.Kind, opt.Encode, opt.Threads, opt.Renditions)
	for _, c := range captions {
		fmt.Fprintf(all, "%q %x\n", c.language, sha256.Sum256(c.data))
	}
	return hex.EncodeToString(all.Sum(nil)[:16]), nil
}

// marker is outDir/<key>.json: what of a presentation is done. It lies beside the folder, not in it, so that it
// does not become part of the work.
type marker struct {
	Done  bool             `json:"done"`
	Made  Presentation     `json:"presentation"`
	Steps []string         `json:"steps"`
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

// resume says that the working folder holds finished steps of an interrupted run, and clears what an unfinished one
// left there.
func (m *marker) resume() (bool, error) {
	if m.Done || len(m.Files) == 0 {
		return false, nil
	}
	got, err := sizes(m.work())
	if err != nil {
		return false, nil
	}
	for path, size := range m.Files {
		if found, ok := got[path]; !ok || found != size {
			return false, nil
		}
	}
	for path := range got {
		if _, ok := m.Files[path]; ok {
			continue
		}
		if err := os.Remove(filepath.Join(m.work(), filepath.FromSlash(path))); err != nil {
			return false, fmt.Errorf("the output folder: %w", err)
		}
	}
	return true, nil
}

// did says that a step is finished.
func (m *marker) did(step string) bool { return slices.Contains(m.Steps, step) }

// begin makes the working folder anew.
func (m *marker) begin(p Presentation) error {
	m.Done, m.Made, m.Steps, m.Files = false, p, nil, nil
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

// step remembers that a step is finished, and what the working folder holds now.
func (m *marker) step(name string, p Presentation) error {
	m.Made, m.Steps = p, append(m.Steps, name)
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
