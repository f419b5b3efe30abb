package piece

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"lukechampine.com/blake3/guts"
)

// ProofSize is the length of the proof of the leaf at offset; zero when offset is not inside the piece.
func ProofSize(size, offset uint64) int {
	if offset >= size {
		return 0
	}
	total, pos, n := headerSize, uint64(0), size
	for n > LeafSize {
		pos, n, _ = step(pos, n, offset)
		total += nodeSize
	}
	return total + int(n)
}

// Prove returns the proof of the leaf that holds byte offset: a Bao slice. It reads one group of r and
// checks it and the nodes above against each other. Errors: ErrOffset, ErrCorrupt, those of r.
func Prove(r io.ReaderAt, size uint64, outboard []byte, offset uint64) ([]byte, error) {
	if offset < size && uint64(len(outboard)) != OutboardSize(size) {
		return nil, fmt.Errorf("%w: the outboard is not of %d bytes", ErrCorrupt, size)
	}
	return ProveFrom(r, size, bytes.NewReader(outboard), offset)
}

// ProveFrom is Prove with an outboard that stays on disk: it reads one node for each doubling of the piece above a group.
func ProveFrom(r io.ReaderAt, size uint64, outboard io.ReaderAt, offset uint64) ([]byte, error) {
	if offset >= size {
		return nil, fmt.Errorf("%w: %d of %d", ErrOffset, offset, size)
	}
	var node [nodeSize]byte
	if err := readFull(outboard, node[:headerSize], 0); err != nil || binary.LittleEndian.Uint64(node[:]) != size {
		return nil, fmt.Errorf("%w: the outboard is not of %d bytes", ErrCorrupt, size)
	}
	slice := binary.LittleEndian.AppendUint64(make([]byte, 0, ProofSize(size, offset)), size)
	want, flags := hash{}, uint32(guts.FlagRoot)
	pos, n, at := uint64(0), size, uint64(headerSize)
	for ; n > GroupSize; flags = 0 {
		if err := readFull(outboard, node[:], at); err != nil {
			return nil, fmt.Errorf("%w: the outboard at byte %d: %w", ErrCorrupt, at, err)
		}
		l, r := children(node[:])
		if flags == 0 && hashParent(l, r, 0) != want {
			return nil, fmt.Errorf("%w: a node above byte %d", ErrCorrupt, pos)
		}
		slice = append(slice, node[:]...)
		left := groups(split(n))
		var right bool
		if pos, n, right = step(pos, n, offset); right {
			at, want = at+nodeSize*left, r
		} else {
			at, want = at+nodeSize, l
		}
	}
	group := make([]byte, n)
	err := readFull(r, group, pos)
	if errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%w: it ends before byte %d", ErrCorrupt, pos+n)
	}
	if err != nil {
		return nil, fmt.Errorf("the piece at byte %d: %w", pos, err)
	}
	if flags == 0 && hashGroup(group, pos, 0) != want {
		return nil, fmt.Errorf("%w: bytes %d to %d", ErrCorrupt, pos, pos+n)
	}
	return appendInside(slice, group, pos, offset), nil
}

// readFull reads all of p; the end of r may come with the last byte.
func readFull(r io.ReaderAt, p []byte, at uint64) error {
	n, err := r.ReadAt(p, int64(at))
	if n == len(p) {
		return nil
	}
	return err
}

// appendInside appends the nodes inside a group and the leaf.
func appendInside(slice, group []byte, pos, offset uint64) []byte {
	for n := uint64(len(group)); n > LeafSize; n = uint64(len(group)) {
		left := split(n)
		l, r := toBytes(hashGroup(group[:left], pos, 0)), toBytes(hashGroup(group[left:], pos+left, 0))
		slice = append(append(slice, l[:]...), r[:]...)
		if _, _, right := step(pos, n, offset); right {
			pos, group = pos+left, group[left:]
		} else {
			group = group[:left]
		}
	}
	return append(slice, group...)
}

// Verify checks the proof of the leaf that holds byte offset of the piece, and returns the leaf, which
// shares slice's memory. It hashes about 1 KiB and one node for each doubling of size, allocates nothing
// and starts nothing, whatever slice holds. Errors: ErrOffset, ErrProof.
func Verify(root [32]byte, size, offset uint64, slice []byte) (leaf []byte, err error) {
	if offset >= size {
		return nil, ErrOffset
	}
	if len(slice) != ProofSize(size, offset) || binary.LittleEndian.Uint64(slice) != size {
		return nil, ErrProof
	}
	slice = slice[headerSize:]
	want, flags := fromBytes(root[:]), uint32(guts.FlagRoot)
	pos, n := uint64(0), size
	for ; n > LeafSize; flags = 0 {
		l, r := children(slice)
		if hashParent(l, r, flags) != want {
			return nil, ErrProof
		}
		slice = slice[nodeSize:]
		var right bool
		if pos, n, right = step(pos, n, offset); right {
			want = r
		} else {
			want = l
		}
	}
	if hashLeaf(slice, pos, flags) != want {
		return nil, ErrProof
	}
	return slice, nil
}
