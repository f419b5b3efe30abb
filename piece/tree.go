package piece

import (
	"encoding/binary"
	"math/bits"

	"lukechampine.com/blake3/guts"
)

const (
	// LeafSize is what one proof shows, in bytes; the last leaf of a piece may be shorter.
	LeafSize = guts.ChunkSize
	// GroupSize is how much of the piece lies beneath one leaf of the outboard, in bytes.
	GroupSize = LeafSize * guts.MaxSIMD

	headerSize = 8  // the piece's size, little-endian, as Bao has it
	nodeSize   = 64 // the hashes of two children
)

// hash is a chaining value of BLAKE3.
type hash = [8]uint32

// split is the length of the left subtree of n bytes, n > LeafSize: the largest power of two of
// leaves that leaves something for the right one.
func split(n uint64) uint64 { return 1 << (bits.Len64(n-1) - 1) }

func groups(n uint64) uint64 { return (n + GroupSize - 1) / GroupSize }

// hashGroup hashes at most GroupSize bytes that begin at byte offset of the piece.
func hashGroup(p []byte, offset uint64, flags uint32) hash {
	var buf *[GroupSize]byte
	if len(p) == GroupSize {
		buf = (*[GroupSize]byte)(p)
	} else {
		buf = new([GroupSize]byte)
		copy(buf[:], p)
	}
	n := guts.CompressBuffer(buf, len(p), &guts.IV, offset/LeafSize, 0)
	n.Flags |= flags
	return guts.ChainingValue(n)
}

func hashLeaf(p []byte, offset uint64, flags uint32) hash {
	n := guts.CompressChunk(p, &guts.IV, offset/LeafSize, 0)
	n.Flags |= flags
	return guts.ChainingValue(n)
}

func hashParent(l, r hash, flags uint32) hash {
	return guts.ChainingValue(guts.ParentNode(l, r, &guts.IV, flags))
}

func toBytes(h hash) (b [32]byte) {
	for i, w := range h {
		binary.LittleEndian.PutUint32(b[4*i:], w)
	}
	return b
}

func fromBytes(b []byte) (h hash) {
	for i := range h {
		h[i] = binary.LittleEndian.Uint32(b[4*i:])
	}
	return h
}

// children reads a node of an outboard or a proof.
func children(node []byte) (l, r hash) { return fromBytes(node[:32]), fromBytes(node[32:64]) }

// step goes down one level towards offset in a subtree of n bytes that begins at pos, and returns where
// the child begins, its length and whether it is the right one.
func step(pos, n, offset uint64) (childPos, childLen uint64, right bool) {
	left := split(n)
	if offset < pos+left {
		return pos, left, false
	}
	return pos + left, n - left, true
}
