package outboard

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/ipfs/go-cid"

	"github.com/streamchain/streamchain/piece"
	"github.com/streamchain/streamchain/storagenode/dag"
)

var (
	// ErrMissing says that a piece's file is not there or damaged: build it again.
	ErrMissing = errors.New("the piece's tree is missing or damaged")
	// ErrPiece says that the blocks do not make the piece. Its creator published it so.
	ErrPiece = errors.New("the DAG does not make the work's piece")
)

// Piece is what the chain knows of a piece, and the roots of its CAR.
type Piece struct {
	Root  [32]byte
	Size  uint64
	Roots []cid.Cid
}

// Store is a folder of one file a piece. It is safe for concurrent use.
type Store struct{ dir string }

const (
	suffix   = ".tree"
	building = "building-"
)

// Open opens or creates the folder, and removes what a crash left half made.
func Open(dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	left, err := filepath.Glob(filepath.Join(dir, building+"*"))
	for _, f := range left {
		err = errors.Join(err, os.Remove(f))
	}
	return &Store{dir}, err
}

func (s *Store) path(root [32]byte) string {
	return filepath.Join(s.dir, hex.EncodeToString(root[:])+suffix)
}

// Has says whether a piece's file is there, without reading it.
func (s *Store) Has(root [32]byte) bool {
	_, err := os.Stat(s.path(root))
	return err == nil
}

// Build reads all blocks of a piece and writes its file. ErrPiece, a *dag.BlockError for a block that cannot be read.
func (s *Store) Build(ctx context.Context, g dag.Getter, p Piece) error {
	var b piece.Builder
	layout, err := dag.WriteLaidCAR(ctx, dag.Naming(g), p.Roots, &b)
	if err != nil {
		return err
	}
	if root := b.Root(); root != p.Root || b.Size() != p.Size || layout.Size != p.Size {
		return fmt.Errorf("%w: it makes %x of %d bytes", ErrPiece, root, b.Size())
	}
	head, err := encodeHead(p, layout)
	if err != nil {
		return err
	}
	return s.write(s.path(p.Root), head, b.Outboard())
}

// write makes a file appear whole: written beside, synced, renamed, and the folder synced.
func (s *Store) write(path string, parts ...[]byte) error {
	f, err := os.CreateTemp(s.dir, building+"*")
	if err != nil {
		return err
	}
	for _, p := range parts {
		if err == nil {
			_, err = f.Write(p)
		}
	}
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	dir, err := os.Open(s.dir)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// Prove returns the proof of the leaf that holds byte offset; it has been verified against the root. It reads the blocks
// of one group. ErrMissing; a *dag.BlockError for a block that cannot be read.
func (s *Store) Prove(ctx context.Context, g dag.Getter, root [32]byte, size, offset uint64) ([]byte, error) {
	f, err := os.Open(s.path(root))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMissing, err)
	}
	defer f.Close()
	layout, at, err := decodeHead(f, root, size)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMissing, err)
	}
	slice, err := piece.ProveFrom(layout.Open(ctx, g), size, offsetReader{f, at}, offset)
	var block *dag.BlockError
	switch {
	case errors.As(err, &block), errors.Is(err, piece.ErrOffset), ctx.Err() != nil:
		return nil, err
	case err == nil:
		_, err = piece.Verify(root, size, offset, slice)
	}
	if err != nil {
		// each block matches its CID, so it is the file that has changed
		return nil, fmt.Errorf("%w: %w", ErrMissing, err)
	}
	return slice, nil
}

// Retain removes the files of all pieces but those that kept names.
func (s *Store) Retain(kept func(root [32]byte) bool) error {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return err
	}
	var failed error
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), suffix)
		if !ok {
			continue
		}
		raw, err := hex.DecodeString(name)
		if err != nil || len(raw) != sha256.Size || !kept([32]byte(raw)) {
			failed = errors.Join(failed, os.Remove(filepath.Join(s.dir, e.Name())))
		}
	}
	return failed
}
