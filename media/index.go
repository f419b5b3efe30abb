package media

import (
	"bytes"
	"context"
	"fmt"
	"os"

	"github.com/ipfs/go-cid"
)

// Index is a BlockSink and BlockSource that does not copy the files: BuildDAG leaves in it the inner nodes and
// where in which file each chunk lies, about 100 bytes for each MiB. The files must stay as they
// are; WriteCAR notices when they do not. It may be read, but not written, concurrently.
type Index struct {
	blocks map[string][]byte
	places map[string]place
}

type place struct {
	path   string
	offset uint64
	size   int
}

// NewIndex returns an empty index.
func NewIndex() *Index { return &Index{blocks: map[string][]byte{}, places: map[string]place{}} }

// Put keeps a copy of a block.
func (x *Index) Put(_ context.Context, c cid.Cid, data []byte) error {
	x.blocks[c.KeyString()] = bytes.Clone(data)
	return nil
}

func (x *Index) putPlace(c cid.Cid, p place) { x.places[c.KeyString()] = p }

// Get reads a block, from its file where it is a chunk; the bytes are not verified. ErrNotFound, ErrChanged.
func (x *Index) Get(_ context.Context, c cid.Cid) ([]byte, error) {
	if data, ok := x.blocks[c.KeyString()]; ok {
		return data, nil
	}
	p, ok := x.places[c.KeyString()]
	if !ok {
		return nil, fmt.Errorf("%w: %s", ErrNotFound, c)
	}
	f, err := os.Open(p.path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrChanged, err)
	}
	defer f.Close()
	data := make([]byte, p.size)
	if n, err := f.ReadAt(data, int64(p.offset)); n < len(data) {
		return nil, fmt.Errorf("%w: %q: %w", ErrChanged, p.path, err)
	}
	return data, nil
}
