package denylist

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ipfs/go-cid"
)

const (
	// Poll is how often files are looked at.
	Poll = 5 * time.Second
	// settled is how old a change must be to be read: who writes in place needs a moment.
	settled = time.Second
	// maxFile bounds a file, in bytes.
	maxFile = 256 << 20
)

// source is one file.
type source struct {
	path   string
	own    bool // the operator's, which need not be there
	list   *list
	seen   os.FileInfo // when it was last read, well or not; nil where it was not there
	broken error
}

func (s *source) verdict(line int) Verdict {
	name := s.list.name
	if name == "" {
		name = filepath.Base(s.path)
	}
	return Verdict{Denied: true, List: name, File: s.path, Line: line}
}

// Lists are the files of a node, kept up to date by Run. They are safe for concurrent use.
type Lists struct {
	keep string
	log  *slog.Logger

	mu      sync.Mutex // guards sources
	sources []*source
	rules   atomic.Pointer[rules]
}

// Open reads the files, of which own is the operator's, and may be missing. Copies of what was read lie in the folder keep,
// for the time when a file is broken; a file that was never read whole is an error. ErrSyntax.
func Open(keep, own string, files []string, log *slog.Logger) (*Lists, error) {
	if err := os.MkdirAll(keep, 0o700); err != nil {
		return nil, err
	}
	l := &Lists{keep: keep, log: log}
	for _, f := range append(slices.Clone(files), own) {
		l.sources = append(l.sources, &source{path: f, own: f == own})
	}
	for _, s := range l.sources {
		l.read(s)
		if s.broken == nil {
			continue
		}
		raw, err := os.ReadFile(l.copyOf(s))
		if err == nil {
			s.list, err = parse(bytes.NewReader(raw))
		}
		if err != nil {
			return nil, fmt.Errorf("denylist %s: %w", s.path, s.broken)
		}
		log.Error("a denylist is broken; what it last said counts", "file", s.path, "err", s.broken)
	}
	l.rules.Store(compile(l.sources))
	return l, nil
}

// copyOf is where what a file last said is kept.
func (l *Lists) copyOf(s *source) string {
	return filepath.Join(l.keep, fmt.Sprintf("%x.deny", sha256.Sum256([]byte(s.path))))
}

// read reads a file. Where that fails, what was read before stays.
func (l *Lists) read(s *source) {
	fi, err := os.Stat(s.path)
	s.seen = fi
	if errors.Is(err, os.ErrNotExist) && s.own && s.list == nil {
		// one that was there and is gone is no empty list: it is emptied with `denylist remove`
		if _, kept := os.Stat(l.copyOf(s)); errors.Is(kept, os.ErrNotExist) {
			s.list, s.broken = &list{}, nil
			return
		}
	}
	var raw []byte
	if err == nil {
		raw, err = readFile(s.path)
	}
	var got *list
	if err == nil {
		got, err = parse(bytes.NewReader(raw))
	}
	if err == nil {
		err = replace(l.copyOf(s), raw)
	}
	if s.broken = err; err == nil {
		s.list = got
	}
}

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(raw) > maxFile {
		err = fmt.Errorf("%w: more than %d bytes", ErrSyntax, maxFile)
	}
	return raw, err
}

// replace writes a file so that a crash leaves the old or the new one.
func replace(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(data)
	if err == nil {
		err = f.Chmod(0o644)
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// Run reads files again that have changed, and calls changed after, until ctx ends.
func (l *Lists) Run(ctx context.Context, changed func()) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(Poll):
			if l.Reload(time.Now()) {
				changed()
			}
		}
	}
}

// Reload reads files that have changed and says whether rules may have.
func (l *Lists) Reload(now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	again := false
	for _, s := range l.sources {
		fi, _ := os.Stat(s.path) // read says what is wrong
		// a file that could not be read may be readable now; one that is no list has to change first
		unread := fi != nil && s.broken != nil && !errors.Is(s.broken, ErrSyntax)
		if same(s.seen, fi) && !unread {
			continue
		}
		if fi != nil {
			if age := now.Sub(fi.ModTime()); age >= 0 && age < settled {
				continue
			}
		}
		before := s.list
		l.read(s)
		switch {
		case s.broken != nil:
			l.log.Error("a denylist is broken; what it last said counts", "file", s.path, "err", s.broken)
		case s.list != before:
			again = true
			l.log.Info("denylist read", "file", s.path, "rules", len(s.list.items))
		}
	}
	if again {
		l.rules.Store(compile(l.sources))
	}
	return again
}

func same(a, b os.FileInfo) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return os.SameFile(a, b) && a.ModTime().Equal(b.ModTime()) && a.Size() == b.Size()
}

// State is what is known of one file.
type State struct {
	File   string `json:"file"`
	Name   string `json:"name,omitempty"`
	Own    bool   `json:"own,omitempty"`
	Rules  int    `json:"rules"`
	Broken string `json:"broken,omitempty"`
}

// States are those of all files, the operator's last.
func (l *Lists) States() []State {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]State, len(l.sources))
	for i, s := range l.sources {
		out[i] = State{File: s.path, Name: s.list.name, Own: s.own, Rules: len(s.list.items)}
		if s.broken != nil {
			out[i].Broken = s.broken.Error()
		}
	}
	return out
}

// Broken is how many files could not be read when they last changed.
func (l *Lists) Broken() (n int) {
	for _, s := range l.States() {
		if s.Broken != "" {
			n++
		}
	}
	return n
}

// Rules is how many rules count now.
func (l *Lists) Rules() int { return l.rules.Load().total }

// Empty says that nothing at all is denied.
func (l *Lists) Empty() bool { return l.rules.Load().empty() }

// CID says whether bytes may be read by their CID.
func (l *Lists) CID(c cid.Cid) Verdict { return l.Path(c, nil) }

// Path says whether what lies at path under root may be read.
func (l *Lists) Path(root cid.Cid, path []string) Verdict {
	r := l.rules.Load()
	if r.empty() || !root.Defined() {
		return Verdict{}
	}
	return r.verdict(root, strings.Join(path, "/"))
}
