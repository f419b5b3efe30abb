package piece

import (
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
	if offset >= size {
		return nil, fmt.Errorf("%w: %d of %d", ErrOffset, offset, size)
	}
	if uint64(len(outboard)) != OutboardSize(size) || binary.LittleEndian.Uint64(outboard) != size {
		return nil, fmt.Errorf("%w: the outboard is not of %d bytes", ErrCorrupt, size)
	}
	slice := binary.LittleEndian.AppendUint64(make([]byte, 0, ProofSize(size, offset)), size)
	want, flags := hash{}, uint32(guts.FlagRoot)
	pos, n := uint64(0), size
	for nodes := outboard[headerSize:]; n > GroupSize; flags = 0 {
		node := nodes[:nodeSize]
		l, r := children(node)
		if flags == 0 && hashParent(l, r, 0) != want {
			return nil, fmt.Errorf("%w: a node above byte %d", ErrCorrupt, pos)
		}
		slice = append(slice, node...)
		left := groups(split(n))
		var right bool
		if pos, n, right = step(pos, n, offset); right {
			nodes, want = nodes[nodeSize*left:], r
		} else {
			nodes, want = nodes[nodeSize:], l
		}
	}
	group := make([]byte, n)
	if _, err := r.ReadAt(group, int64(pos)); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("the piece at byte %d: %w", pos, err)
	}
	if flags == 0 && hashGroup(group, pos, 0) != want {
		return nil, fmt.Errorf("%w: bytes %d to %d", ErrCorrupt, pos, pos+n)
	}
	return appendInside(slice, group, pos, offset), nil
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
