package nodeclient

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/ipfs/go-cid"

	"github.com/streamchain/streamchain/storagenode/dag"
)

// Cache keeps verified blocks. What it returns is verified again. It is safe for concurrent use.
type Cache interface {
	Get(id cid.Cid) ([]byte, bool)
	Put(id cid.Cid, data []byte)
}

const (
	// window is how many blocks of a file are on their way at once, at most.
	window = 12
	// maxDirs bounds the directories that are kept in memory, in bytes.
	maxDirs = 64 << 20
	// rounds is how often all nodes are asked for a block, breath how long is waited between: a node that restarts is
	// back in a moment, and one that has just been told that somebody may not read asks the chain again after a second.
	rounds, breath = 3, 600 * time.Millisecond
)

// Fetcher reads directories and files out of a pool's blocks. It is safe for concurrent use.
type Fetcher struct {
	Pool *Pool
	// Cache may be nil.
	Cache Cache
	// Refresh looks for more nodes, when none that there is gives a block; it may be nil.
	Refresh func(context.Context)

	mu   sync.Mutex
	dirs map[string][]byte
	kept int
}

// block returns a verified block; from is empty where it came from the cache.
func (f *Fetcher) block(ctx context.Context, id cid.Cid, req Request) (data []byte, from string, err error) {
	if f.Cache != nil {
		if data, ok := f.Cache.Get(id); ok && VerifyBlock(id, data) == nil {
			return data, "", nil
		}
	}
	for round := 1; ; round++ {
		data, from, err = f.Pool.Block(ctx, id, req)
		if round == rounds || !errors.Is(err, ErrNoNode) {
			break
		}
		if f.Refresh != nil {
			f.Refresh(ctx)
		}
		select {
		case <-ctx.Done():
			return nil, "", ctx.Err()
		case <-time.After(breath):
		}
	}
	if err == nil && f.Cache != nil {
		f.Cache.Put(id, data)
	}
	return data, from, err
}

// getter reads directories, each block once.
type getter struct {
	*Fetcher
	req Request
}

// Get implements dag.Getter.
func (g getter) Get(ctx context.Context, id cid.Cid) ([]byte, error) {
	g.mu.Lock()
	data, ok := g.dirs[id.KeyString()]
	g.mu.Unlock()
	if ok {
		return data, nil
	}
	data, _, err := g.block(ctx, id, g.req)
	if err != nil {
		return nil, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.kept += len(data); g.dirs == nil || g.kept > maxDirs {
		g.dirs, g.kept = map[string][]byte{}, len(data)
	}
	g.dirs[id.KeyString()] = data
	return data, nil
}

// Find returns where a path beneath a directory leads. ErrNoSuchFile when it leads nowhere; errors like those of
// Pool.Block.
func (f *Fetcher) Find(ctx context.Context, root cid.Cid, path []string, req Request) (cid.Cid, error) {
	g, at := getter{f, req}, root
	for _, name := range path {
		if at.Type() == cid.Raw {
			return cid.Undef, fmt.Errorf("%w: %s is looked for in a file", ErrNoSuchFile, name)
		}
		n, err := dag.Load(ctx, g, at)
		if err != nil {
			return cid.Undef, layoutError(err)
		}
		if at, err = dag.Find(ctx, g, n, name); err != nil {
			return cid.Undef, layoutError(err)
		}
	}
	return at, nil
}

// List returns a directory's entries, in the order of its blocks. ErrUnsupportedDAG where it is none.
func (f *Fetcher) List(ctx context.Context, dir cid.Cid, req Request) ([]dag.Link, error) {
	g := getter{f, req}
	n, err := dag.Load(ctx, g, dir)
	if err != nil {
		return nil, layoutError(err)
	}
	var out []dag.Link
	_, err = dag.Entries(ctx, g, n, func(l dag.Link) error {
		out = append(out, l)
		return nil
	})
	return out, layoutError(err)
}

// Size is how many bytes a file has, by its first block. ErrUnsupportedDAG where it is none.
func (f *Fetcher) Size(ctx context.Context, file cid.Cid, req Request) (uint64, error) {
	data, _, err := f.block(ctx, file, req)
	if err != nil {
		return 0, err
	}
	n, err := dag.Decode(file, data)
	if err != nil {
		return 0, layoutError(err)
	}
	if n.Kind != dag.File {
		return 0, fmt.Errorf("%w: %s is no file", ErrUnsupportedDAG, file)
	}
	return n.Size, nil
}

// Copied says what a file was and who gave it.
type Copied struct {
	Bytes int64
	From  map[string]int // blocks by operator; those of the cache are nobody's
}

// Copy writes a file to w, in order, each block once it is verified; several are on their way at once, from as many
// nodes as there are, with Request.Sole from one. ErrTooLarge beyond limit bytes, before any is written.
func (f *Fetcher) Copy(ctx context.Context, w io.Writer, file cid.Cid, limit int64, req Request) (Copied, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	parallel := perPeer
	if !req.Sole {
		parallel = min(window, max(1, f.Pool.Size())*perPeer)
	}
	t := &tree{Fetcher: f, req: req, limit: limit, parts: make(chan *part, parallel-1), from: map[string]int{}}
	go func() {
		defer close(t.parts)
		if err := t.walk(ctx, file, nil, 0); err != nil {
			t.put(ctx, &part{err: err, done: closed})
		}
	}()
	var sum int64
	for p := range t.parts {
		select {
		case <-p.done:
		case <-ctx.Done():
			return Copied{sum, t.givers()}, ctx.Err()
		}
		if p.err != nil {
			return Copied{sum, t.givers()}, p.err
		}
		n, err := w.Write(p.data)
		if sum += int64(n); err != nil {
			return Copied{sum, t.givers()}, err
		}
	}
	return Copied{sum, t.givers()}, ctx.Err()
}

// part is a stretch of a file, in order.
type part struct {
	data []byte
	err  error
	done chan struct{}
}

var closed = func() chan struct{} { c := make(chan struct{}); close(c); return c }()

// tree walks a file's blocks ahead of who writes them out.
type tree struct {
	*Fetcher
	req   Request
	limit int64
	parts chan *part

	mu   sync.Mutex
	from map[string]int
}

func (t *tree) givers() map[string]int {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := make(map[string]int, len(t.from))
	for operator, n := range t.from {
		out[operator] = n
	}
	return out
}

func (t *tree) put(ctx context.Context, p *part) bool {
	select {
	case t.parts <- p:
		return true
	case <-ctx.Done():
		return false
	}
}

func (t *tree) get(ctx context.Context, id cid.Cid, size int64) ([]byte, error) {
	req := t.req
	req.Size = size
	data, from, err := t.block(ctx, id, req)
	if err == nil && from != "" {
		t.mu.Lock()
		t.from[from]++
		t.mu.Unlock()
	}
	return data, err
}

// walk puts the parts beneath id; want is the size that its parent claims, nil for a file's root.
func (t *tree) walk(ctx context.Context, id cid.Cid, want *uint64, depth int) error {
	if depth > dag.MaxDepth {
		return fmt.Errorf("%w: a file deeper than %d", ErrUnsupportedDAG, dag.MaxDepth)
	}
	if id.Type() == cid.Raw && want != nil {
		p := &part{done: make(chan struct{})}
		if !t.put(ctx, p) {
			return ctx.Err()
		}
		go func() {
			defer close(p.done)
			if p.data, p.err = t.get(ctx, id, int64(*want)); p.err == nil && uint64(len(p.data)) != *want {
				p.err = fmt.Errorf("%w: %s has %d bytes, its parent says %d", ErrUnsupportedDAG, id, len(p.data), *want)
			}
		}()
		return nil
	}
	data, err := t.get(ctx, id, 0)
	if err != nil {
		return err
	}
	n, err := dag.Decode(id, data)
	if err != nil {
		return layoutError(err)
	}
	switch {
	case n.Kind != dag.File:
		return fmt.Errorf("%w: %s is no file", ErrUnsupportedDAG, id)
	case want != nil && n.Size != *want:
		return fmt.Errorf("%w: %s has %d bytes, its parent says %d", ErrUnsupportedDAG, id, n.Size, *want)
	case n.Size > uint64(t.limit):
		return fmt.Errorf("%w: %d bytes, at most %d", ErrTooLarge, n.Size, t.limit)
	}
	if len(n.Data) > 0 && !t.put(ctx, &part{data: n.Data, done: closed}) {
		return ctx.Err()
	}
	for _, l := range n.Links {
		// parts that are empty could be more than there is time to walk, without being more than limit bytes
		if l.Size == 0 {
			return fmt.Errorf("%w: %s has an empty part", ErrUnsupportedDAG, id)
		}
		if err := t.walk(ctx, l.Cid, &l.Size, depth+1); err != nil {
			return err
		}
	}
	return nil
}
