package nodeclient

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/ipfs/go-cid"
	carv2 "github.com/ipld/go-car/v2"

	"github.com/streamchain/streamchain/storagenode/dag"
)

var (
	// ErrCorrupt says that a node answered with bytes that do not match the CID asked for.
	ErrCorrupt = errors.New("the node sent bytes that do not match the content's id")
	// ErrNoSuchFile says that the work has no file of that name: a fact, proved by its directory.
	ErrNoSuchFile = errors.New("the work has no such file")
	// ErrUnsupportedDAG says that the content is laid out in a way that this client does not read.
	ErrUnsupportedDAG = errors.New("the content's layout is not supported")
	// ErrTooLarge says that a file is larger than the caller allows.
	ErrTooLarge = errors.New("the file is larger than expected")
)

// FileFromCAR reads the CAR of a trustless gateway's answer for root/path, verifies every block against its
// CID and returns the file's bytes. limit bounds what is read, in bytes.
func FileFromCAR(r io.Reader, root cid.Cid, path []string, limit int64) ([]byte, error) {
	blocks, err := readBlocks(r, limit)
	if err != nil {
		return nil, err
	}
	ctx := context.Background()
	file, err := dag.Resolve(ctx, blocks, root, path)
	if err != nil {
		return nil, layoutError(err)
	}
	if file.Kind == dag.File && file.Size > uint64(limit) {
		return nil, ErrTooLarge
	}
	data, err := dag.ReadFile(ctx, blocks, file.Cid, uint64(limit))
	return data, layoutError(err)
}

// layoutError says in this package's words what a verified DAG is found to be.
func layoutError(err error) error {
	switch {
	case errors.Is(err, dag.ErrNoLink):
		return fmt.Errorf("%w: %w", ErrNoSuchFile, err)
	case errors.Is(err, dag.ErrMalformed), errors.Is(err, dag.ErrUnsupported), errors.Is(err, dag.ErrLimit):
		return fmt.Errorf("%w: %w", ErrUnsupportedDAG, err)
	}
	return err
}

// blockMap holds verified blocks by the binary form of their CID.
type blockMap map[string][]byte

// Get implements dag.Getter.
func (m blockMap) Get(_ context.Context, c cid.Cid) ([]byte, error) {
	data, ok := m[c.KeyString()]
	if !ok {
		return nil, fmt.Errorf("%w: block %s is missing", ErrCorrupt, c)
	}
	return data, nil
}

func readBlocks(r io.Reader, limit int64) (blockMap, error) {
	// directories and framing come on top of the file
	limited := &io.LimitedReader{R: r, N: limit + limit/8 + 4<<20}
	br, err := carv2.NewBlockReader(limited)
	if err != nil {
		return nil, fmt.Errorf("%w: no CAR: %w", ErrCorrupt, err)
	}
	blocks := blockMap{}
	for {
		// NewBlockReader checks each block's hash unless told to trust
		b, err := br.Next()
		if errors.Is(err, io.EOF) {
			return blocks, nil
		}
		if err != nil {
			if limited.N <= 0 {
				return nil, ErrTooLarge
			}
			return nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
		}
		blocks[b.Cid().KeyString()] = b.RawData()
	}
}
