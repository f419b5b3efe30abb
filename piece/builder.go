package piece

import (
	"encoding/binary"
	"io"

	"lukechampine.com/blake3/guts"
)

// Builder computes root, size and outboard of what is written to it. Its zero value is ready. It keeps 32
// bytes for each 16 KiB written. It is not safe for concurrent use.
type Builder struct {
	done []hash // of whole groups
	buf  []byte // what follows them; never empty once something was written, since the last group may be the root
}

// Write never fails.
func (b *Builder) Write(p []byte) (int, error) {
	n := len(p)
	if b.buf == nil {
		b.buf = make([]byte, 0, GroupSize)
	}
	for len(p) > 0 {
		if len(b.buf) == GroupSize {
			b.push(b.buf)
			b.buf = b.buf[:0]
		}
		// straight from the caller's bytes, as long as more follow
		for len(b.buf) == 0 && len(p) > GroupSize {
			b.push(p[:GroupSize])
			p = p[GroupSize:]
		}
		take := min(GroupSize-len(b.buf), len(p))
		b.buf = append(b.buf, p[:take]...)
		p = p[take:]
	}
	return n, nil
}

func (b *Builder) push(group []byte) {
	b.done = append(b.done, hashGroup(group, uint64(len(b.done))*GroupSize, 0))
}

// Size is how many bytes were written.
func (b *Builder) Size() uint64 { return uint64(len(b.done))*GroupSize + uint64(len(b.buf)) }

// Root is the BLAKE3 hash of what was written.
func (b *Builder) Root() [32]byte {
	root, _ := b.tree(false)
	return root
}

// Outboard is the tree above the groups in Bao's outboard format: the size as 8 bytes little-endian, then the
// nodes in pre-order, 64 bytes each.
func (b *Builder) Outboard() []byte {
	_, out := b.tree(true)
	return out
}

// OutboardSize is the length of the outboard of a piece of size bytes.
func OutboardSize(size uint64) uint64 { return headerSize + nodeSize*(max(groups(size), 1)-1) }

func (b *Builder) tree(outboard bool) (root [32]byte, out []byte) {
	size := b.Size()
	if outboard {
		out = make([]byte, OutboardSize(size))
		binary.LittleEndian.PutUint64(out, size)
	}
	var node func(pos, n uint64, flags uint32, out []byte) hash
	node = func(pos, n uint64, flags uint32, out []byte) hash {
		if n <= GroupSize {
			if i := pos / GroupSize; i < uint64(len(b.done)) {
				return b.done[i]
			}
			return hashGroup(b.buf, pos, flags)
		}
		left := split(n)
		var lo, ro []byte
		if outboard {
			lo, ro = out[nodeSize:], out[nodeSize*groups(left):]
		}
		l, r := node(pos, left, 0, lo), node(pos+left, n-left, 0, ro)
		if outboard {
			lb, rb := toBytes(l), toBytes(r)
			copy(out, lb[:])
			copy(out[32:], rb[:])
		}
		return hashParent(l, r, flags)
	}
	if outboard {
		return toBytes(node(0, size, guts.FlagRoot, out[headerSize:])), out
	}
	return toBytes(node(0, size, guts.FlagRoot, nil)), nil
}

// Sum reads all of r and returns the root and size of it. Its only error is r's.
func Sum(r io.Reader) (root [32]byte, size uint64, err error) {
	var b Builder
	buf := make([]byte, 16*GroupSize)
	if _, err := io.CopyBuffer(struct{ io.Writer }{&b}, struct{ io.Reader }{r}, buf); err != nil {
		return root, 0, err
	}
	return b.Root(), b.Size(), nil
}
