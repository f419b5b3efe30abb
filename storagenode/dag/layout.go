package dag

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"sort"

	"github.com/ipfs/go-cid"
)

// Section is one block of a CAR: where its section begins, how long the block is, and which it is.
type Section struct {
	Off uint64 // of the section's length prefix, in bytes
	Len uint32 // of the block, in bytes
	Cid cid.Cid
}

// prefix is what stands before the block's bytes.
func (s Section) prefix() []byte {
	id := s.Cid.Bytes()
	return append(binary.AppendUvarint(nil, uint64(len(id))+uint64(s.Len)), id...)
}

// Layout says what a CAR consists of, without the bytes of its blocks: with the blocks, any part of the CAR
// can be read without the rest of it.
type Layout struct {
	Size     uint64
	Header   []byte // with its length prefix
	Sections []Section
}

// WriteLaidCAR is WriteCAR, and returns the layout of what it wrote.
func WriteLaidCAR(ctx context.Context, g Getter, roots []cid.Cid, w io.Writer) (*Layout, error) {
	var head bytes.Buffer
	h, err := NewCARWriter(&head, roots)
	if err == nil {
		err = h.Close()
	}
	if err != nil {
		return nil, err
	}
	l := &Layout{Header: head.Bytes(), Size: uint64(head.Len())}
	c, err := NewCARWriter(w, roots)
	if err != nil {
		return nil, err
	}
	err = Walk(ctx, g, roots, func(n *Node, data []byte) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		s := Section{Off: l.Size, Len: uint32(len(data)), Cid: n.Cid}
		l.Sections = append(l.Sections, s)
		l.Size += uint64(len(s.prefix())) + uint64(len(data))
		return c.Block(n.Cid, data)
	})
	if err != nil {
		return nil, err
	}
	return l, c.Close()
}

// BlockError says which block could not be read.
type BlockError struct {
	Cid cid.Cid
	Err error
}

// Error implements error.
func (e *BlockError) Error() string { return fmt.Sprintf("block %s: %v", e.Cid, e.Err) }

// Unwrap implements errors.
func (e *BlockError) Unwrap() error { return e.Err }

// Naming makes g name the block in each of its errors.
func Naming(g Getter) Getter { return naming{g} }

type naming struct{ Getter }

func (n naming) Get(ctx context.Context, c cid.Cid) ([]byte, error) {
	data, err := n.Getter.Get(ctx, c)
	if err != nil {
		return nil, &BlockError{c, err}
	}
	return data, nil
}

// Open reads the CAR out of g's blocks, those that a read touches. A block that cannot be read is a
// *BlockError; one that is not as long as the layout says is ErrCAR.
func (l *Layout) Open(ctx context.Context, g Getter) io.ReaderAt {
	return &laidCAR{ctx, Naming(g), l}
}

type laidCAR struct {
	ctx context.Context // of one read: io.ReaderAt has no place for it
	g   Getter
	*Layout
}

// ReadAt implements io.ReaderAt.
func (r *laidCAR) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, fmt.Errorf("%w: read at %d", ErrCAR, off)
	}
	done, at := 0, uint64(off)
	for done < len(p) {
		part, start, err := r.part(at)
		if err != nil {
			return done, err
		}
		n := copy(p[done:], part[at-start:])
		done, at = done+n, at+uint64(n)
	}
	return done, nil
}

// part is what the byte at lies in, and where it begins: the header, or the prefix or block of a section.
func (r *laidCAR) part(at uint64) (part []byte, start uint64, err error) {
	if at >= r.Size {
		return nil, 0, io.EOF
	}
	if at < uint64(len(r.Header)) {
		return r.Header, 0, nil
	}
	i := sort.Search(len(r.Sections), func(i int) bool { return r.Sections[i].Off > at }) - 1
	if i < 0 {
		return nil, 0, fmt.Errorf("%w: the layout has no byte %d", ErrCAR, at)
	}
	s := r.Sections[i]
	head := s.prefix()
	if start = s.Off + uint64(len(head)); at < start {
		return head, s.Off, nil
	}
	if part, err = r.g.Get(r.ctx, s.Cid); err != nil {
		return nil, 0, err
	}
	if uint64(len(part)) != uint64(s.Len) || at-start >= uint64(len(part)) {
		return nil, 0, fmt.Errorf("%w: block %s is not as the layout says", ErrCAR, s.Cid)
	}
	return part, start, nil
}

const (
	// maxCID is the length of the CIDs that are stored; shorter ones are padded.
	maxCID      = 36
	sectionSize = 8 + 4 + maxCID
)

// MarshalBinary implements encoding.BinaryMarshaler.
func (l *Layout) MarshalBinary() ([]byte, error) {
	out := make([]byte, 0, 16+len(l.Header)+sectionSize*len(l.Sections))
	out = binary.BigEndian.AppendUint64(out, l.Size)
	out = binary.BigEndian.AppendUint32(out, uint32(len(l.Header)))
	out = binary.BigEndian.AppendUint32(out, uint32(len(l.Sections)))
	out = append(out, l.Header...)
	for _, s := range l.Sections {
		id := s.Cid.Bytes()
		if len(id) > maxCID {
			return nil, fmt.Errorf("%w: %s is longer than %d bytes", ErrCAR, s.Cid, maxCID)
		}
		out = binary.BigEndian.AppendUint64(out, s.Off)
		out = binary.BigEndian.AppendUint32(out, s.Len)
		out = append(append(out, id...), make([]byte, maxCID-len(id))...)
	}
	return out, nil
}

// UnmarshalBinary implements encoding.BinaryUnmarshaler. ErrCAR.
func (l *Layout) UnmarshalBinary(b []byte) error {
	bad := fmt.Errorf("%w: no layout", ErrCAR)
	if len(b) < 16 {
		return bad
	}
	size, head, count := binary.BigEndian.Uint64(b), uint64(binary.BigEndian.Uint32(b[8:])), uint64(binary.BigEndian.Uint32(b[12:]))
	if b = b[16:]; uint64(len(b)) != head+count*sectionSize || size > math.MaxInt64 {
		return bad
	}
	*l = Layout{Size: size, Header: b[:head:head], Sections: make([]Section, count)}
	b = b[head:]
	for i := range l.Sections {
		_, id, err := cid.CidFromBytes(b[12:sectionSize])
		if err != nil {
			return fmt.Errorf("%w: section %d: %w", ErrCAR, i, err)
		}
		l.Sections[i] = Section{Off: binary.BigEndian.Uint64(b), Len: binary.BigEndian.Uint32(b[8:]), Cid: id}
		b = b[sectionSize:]
	}
	return nil
}
