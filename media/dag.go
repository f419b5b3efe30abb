package media

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"unicode/utf8"

	"github.com/ipfs/go-cid"
)

// maxDepth is how deep folders may be nested: a node walks 32 levels, of which a file may need four.
const maxDepth = 24

// BuildDAG stores the UnixFS DAG of a folder, or of one file, by the profile unixfs-v1-2025, and returns its
// root and the bytes of its files. It reads one file at a time, one chunk at a time. Names,
// contents and nothing else of the folder count: no times, no modes. ErrTree.
func BuildDAG(ctx context.Context, dir string, sink BlockSink) (root cid.Cid, size uint64, err error) {
	path, err := filepath.Abs(dir)
	if err != nil {
		return cid.Undef, 0, fmt.Errorf("%w: %w", ErrTree, err)
	}
	b := builder{sink: sink, buf: make([]byte, chunkSize)}
	k, err := b.entry(ctx, path, 0)
	return k.cid, k.size, err
}

type builder struct {
	sink BlockSink
	buf  []byte
}

func (b *builder) entry(ctx context.Context, path string, depth int) (link, error) {
	info, err := os.Lstat(path)
	switch {
	case err != nil:
		return link{}, fmt.Errorf("%w: %w", ErrTree, err)
	case depth > maxDepth:
		return link{}, fmt.Errorf("%w: %q is deeper than %d folders", ErrTree, path, maxDepth)
	case info.Mode().IsRegular():
		return b.file(ctx, path)
	case info.IsDir():
		return b.folder(ctx, path, depth)
	}
	// following a link would publish what lies outside of the folder
	return link{}, fmt.Errorf("%w: %q is neither a file nor a folder: copy what it leads to, or remove it", ErrTree, path)
}

func (b *builder) folder(ctx context.Context, path string, depth int) (link, error) {
	list, err := os.ReadDir(path)
	if err != nil {
		return link{}, fmt.Errorf("%w: %w", ErrTree, err)
	}
	entries := make([]link, 0, len(list))
	for _, e := range list {
		if !utf8.ValidString(e.Name()) {
			return link{}, fmt.Errorf("%w: the name %q in %q is not UTF-8: rename it", ErrTree, e.Name(), path)
		}
		k, err := b.entry(ctx, filepath.Join(path, e.Name()), depth+1)
		if err != nil {
			return link{}, err
		}
		k.name = e.Name()
		entries = append(entries, k)
	}
	return putDir(ctx, b.sink, entries)
}

func (b *builder) file(ctx context.Context, path string) (link, error) {
	f, err := os.Open(path)
	if err != nil {
		return link{}, fmt.Errorf("%w: %w", ErrTree, err)
	}
	defer f.Close()
	leaf := func(c cid.Cid, data []byte, _ uint64) error { return b.sink.Put(ctx, c, data) }
	if index, ok := b.sink.(*Index); ok {
		leaf = func(c cid.Cid, data []byte, offset uint64) error {
			index.putPlace(c, place{path: path, offset: offset, size: len(data)})
			return nil
		}
	}
	return importFile(ctx, f, b.buf, &layout{sink: b.sink, width: fileLinks}, leaf)
}
