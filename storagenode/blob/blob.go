package blob

import (
	"context"
	"errors"
	"fmt"

	"github.com/ipfs/go-cid"
	mh "github.com/multiformats/go-multihash"
)

var (
	// ErrNotFound says that the store has no such block.
	ErrNotFound = errors.New("no such block")
	// ErrMismatch says that bytes offered for a CID do not hash to it.
	ErrMismatch = errors.New("the bytes do not hash to the CID")
	// ErrCorrupt says that the stored bytes no longer hash to their CID.
	ErrCorrupt = errors.New("the stored block is corrupt")
	// ErrDiskFull says that the disk or the quota is full; nothing was written.
	ErrDiskFull = errors.New("the disk or its quota is full")
	// ErrUnsupported says that a CID's hash or a block's size is not accepted.
	ErrUnsupported = errors.New("unsupported CID or block size")
)

// MaxBlock is the largest block accepted, in bytes: what IPFS nodes exchange.
const MaxBlock = 2 << 20

// Store keeps blocks. It is safe for concurrent use. Two CIDs with the same multihash name
// the same block.
type Store interface {
	// Get returns the block's bytes, which the caller must not change. ErrNotFound,
	// ErrCorrupt.
	Get(ctx context.Context, c cid.Cid) ([]byte, error)
	// Has says whether the block is there, without reading it.
	Has(ctx context.Context, c cid.Cid) (bool, error)
	// Size returns the block's length in bytes, without verifying it. ErrNotFound.
	Size(ctx context.Context, c cid.Cid) (int, error)
	// Put verifies data and returns when it is on stable storage. Writing a block that is
	// there already is no error. ErrMismatch, ErrUnsupported, ErrDiskFull.
	Put(ctx context.Context, c cid.Cid, data []byte) error
	// Delete removes the block; one that is not there is no error.
	Delete(ctx context.Context, c cid.Cid) error
	// Used returns how many bytes the store takes, and Capacity how many it may take.
	Used() uint64
	Capacity() uint64
}

// Check says whether data is the block of c. Only SHA-256 in full length is accepted: the
// DAG profile names it, and an identity or truncated hash would let unverified bytes in.
func Check(c cid.Cid, data []byte) error {
	if err := checkCID(c); err != nil {
		return err
	}
	if len(data) > MaxBlock {
		return fmt.Errorf("%w: %s has %d bytes, at most %d", ErrUnsupported, c, len(data), MaxBlock)
	}
	sum, err := mh.Sum(data, mh.SHA2_256, -1)
	if err != nil {
		return fmt.Errorf("hashing %s: %w", c, err)
	}
	if string(sum) != string(c.Hash()) {
		return fmt.Errorf("%w: %s", ErrMismatch, c)
	}
	return nil
}

func checkCID(c cid.Cid) error {
	if !c.Defined() {
		return fmt.Errorf("%w: no CID", ErrUnsupported)
	}
	if p := c.Prefix(); p.MhType != mh.SHA2_256 || p.MhLength != 32 {
		return fmt.Errorf("%w: %s: only sha2-256 is stored", ErrUnsupported, c)
	}
	return nil
}

// key names a block by its digest.
func key(c cid.Cid) string { return string(c.Hash()) }
