package dag

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/ipfs/go-cid"
	carv2 "github.com/ipld/go-car/v2"
)

// ErrCAR says that a CAR is malformed, truncated, too large, or has a block that does not match its CID.
var ErrCAR = errors.New("the CAR is corrupt")

// CARWriter writes a CARv1. Each block is written once, or as often as it is given.
type CARWriter struct {
	Duplicates bool

	w    *bufio.Writer
	seen map[string]bool
}

// NewCARWriter writes the header with the roots.
func NewCARWriter(w io.Writer, roots []cid.Cid) (*CARWriter, error) {
	c := &CARWriter{w: bufio.NewWriterSize(w, 64<<10), seen: map[string]bool{}}
	if len(roots) == 0 || len(roots) > 23 {
		return nil, fmt.Errorf("%w: %d roots", ErrCAR, len(roots))
	}
	// canonical DAG-CBOR of {"roots": [...], "version": 1}
	var h bytes.Buffer
	h.WriteString("\xa2\x65roots")
	h.WriteByte(0x80 | byte(len(roots)))
	for _, r := range roots {
		h.WriteString("\xd8\x2a")
		if n := byte(r.ByteLen() + 1); n < 24 {
			h.WriteByte(0x40 | n)
		} else {
			h.Write([]byte{0x58, n})
		}
		h.WriteByte(0)
		h.Write(r.Bytes())
	}
	h.WriteString("\x67version\x01")
	return c, c.section(h.Bytes())
}

// Block writes a block, where Duplicates is not set unless it was written before.
func (c *CARWriter) Block(id cid.Cid, data []byte) error {
	if c.Duplicates {
		return c.section(id.Bytes(), data)
	}
	if c.seen[id.KeyString()] {
		return nil
	}
	c.seen[id.KeyString()] = true
	return c.section(id.Bytes(), data)
}

// Close writes what is buffered.
func (c *CARWriter) Close() error { return c.w.Flush() }

func (c *CARWriter) section(parts ...[]byte) error {
	n := 0
	for _, p := range parts {
		n += len(p)
	}
	var buf [binary.MaxVarintLen64]byte
	if _, err := c.w.Write(buf[:binary.PutUvarint(buf[:], uint64(n))]); err != nil {
		return err
	}
	for _, p := range parts {
		if _, err := c.w.Write(p); err != nil {
			return err
		}
	}
	return nil
}

// WriteCAR writes the CAR of everything at and beneath the roots, depth first, each block once: with
// a work's media and cover as roots, the work's piece.
func WriteCAR(ctx context.Context, g Getter, roots []cid.Cid, w io.Writer) error {
	c, err := NewCARWriter(w, roots)
	if err != nil {
		return err
	}
	if err := Walk(ctx, g, roots, func(n *Node, data []byte) error { return c.Block(n.Cid, data) }); err != nil {
		return err
	}
	return c.Close()
}

const (
	maxCARHeader = 4 << 10
	maxCARBlock  = 2<<20 + 128
)

// MaxBlocks is how many blocks a work may have: a terabyte in chunks of a mebibyte four times over.
const MaxBlocks = 4 << 20

// CARFile reads the blocks of a CAR by their CID. It is a Getter.
type CARFile struct {
	Roots []cid.Cid
	r     io.ReaderAt
	at    map[string]carSpan
}

type carSpan struct{ off, n int64 }

// OpenCAR reads a CARv1 of size bytes once and verifies each block. ErrCAR; ErrLimit for more than MaxBlocks blocks.
func OpenCAR(r io.ReaderAt, size int64) (*CARFile, error) { return openCAR(r, size, MaxBlocks) }

// openCAR takes at most most blocks: each is remembered, and a stranger can make them of a few bytes.
func openCAR(r io.ReaderAt, size int64, most int) (*CARFile, error) {
	f := &CARFile{r: r, at: map[string]carSpan{}}
	in := &position{r: bufio.NewReaderSize(io.NewSectionReader(r, 0, size), 1<<20)}
	roots, err := ReadCAR(in, func(c cid.Cid, data []byte) error {
		n := int64(len(data))
		f.at[c.KeyString()] = carSpan{in.n - n, n}
		if len(f.at) > most {
			return fmt.Errorf("%w: a CAR of more than %d blocks", ErrLimit, most)
		}
		return nil
	})
	f.Roots = roots
	return f, err
}

// CIDs are those of all blocks, in no order.
func (f *CARFile) CIDs() []cid.Cid {
	out := make([]cid.Cid, 0, len(f.at))
	for key := range f.at {
		if c, err := cid.Cast([]byte(key)); err == nil {
			out = append(out, c)
		}
	}
	return out
}

// position counts what was read; it must never be read ahead of, so it has ReadByte.
type position struct {
	r *bufio.Reader
	n int64
}

func (p *position) Read(b []byte) (int, error) {
	n, err := p.r.Read(b)
	p.n += int64(n)
	return n, err
}

func (p *position) ReadByte() (byte, error) {
	b, err := p.r.ReadByte()
	if err == nil {
		p.n++
	}
	return b, err
}

// Get returns a block.
func (f *CARFile) Get(_ context.Context, c cid.Cid) ([]byte, error) {
	s, ok := f.at[c.KeyString()]
	if !ok {
		return nil, fmt.Errorf("%w: block %s is missing", ErrCAR, c)
	}
	data := make([]byte, s.n)
	_, err := f.r.ReadAt(data, s.off)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return data, err
}

// ReadCAR reads a CARv1 and calls f with each block, whose bytes were verified. ErrCAR.
func ReadCAR(r io.Reader, f func(c cid.Cid, data []byte) error) (roots []cid.Cid, err error) {
	br, err := carv2.NewBlockReader(r, carv2.MaxAllowedHeaderSize(maxCARHeader), carv2.MaxAllowedSectionSize(maxCARBlock))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCAR, err)
	}
	if br.Version != 1 {
		return nil, fmt.Errorf("%w: version %d, wanted 1", ErrCAR, br.Version)
	}
	for {
		b, err := br.Next()
		if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return br.Roots, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrCAR, err)
		}
		if err := f(b.Cid(), b.RawData()); err != nil {
			return nil, err
		}
	}
}
