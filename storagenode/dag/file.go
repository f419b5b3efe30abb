package dag

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"github.com/ipfs/go-cid"
)

// WriteRange writes the bytes [off, off+n) of a file to w. The range must lie within the file.
// It stops at the first block that cannot be read; what was written before is right.
func WriteRange(ctx context.Context, g Getter, file *Node, off, n uint64, w io.Writer) error {
	if file.Kind != File || off > file.Size || n > file.Size-off {
		return fmt.Errorf("%w: range %d+%d of %s", ErrMalformed, off, n, file.Cid)
	}
	return writeRange(ctx, g, file, off, n, w, 0)
}

func writeRange(ctx context.Context, g Getter, file *Node, off, n uint64, w io.Writer, depth int) error {
	if depth > MaxDepth {
		return fmt.Errorf("%w: a file deeper than %d", ErrLimit, MaxDepth)
	}
	if off < uint64(len(file.Data)) && n > 0 {
		part := file.Data[off:min(uint64(len(file.Data)), off+n)]
		if _, err := w.Write(part); err != nil {
			return err
		}
		n -= uint64(len(part))
		off += uint64(len(part))
	}
	start := uint64(len(file.Data))
	for _, l := range file.Links {
		if n == 0 {
			return nil
		}
		end := start + l.Size
		if off < end {
			child, err := loadPart(ctx, g, l)
			if err != nil {
				return err
			}
			part := min(end-off, n)
			if err := writeRange(ctx, g, child, off-start, part, w, depth+1); err != nil {
				return err
			}
			off, n = off+part, n-part
		}
		start = end
	}
	return nil
}

// loadPart loads a part of a file, which must have the size that its parent claims.
func loadPart(ctx context.Context, g Getter, l Link) (*Node, error) {
	child, err := Load(ctx, g, l.Cid)
	if err != nil {
		return nil, err
	}
	if child.Kind != File || child.Size != l.Size {
		return nil, fmt.Errorf("%w: %s is not the %d bytes that its parent claims", ErrMalformed, l.Cid, l.Size)
	}
	return child, nil
}

// ReadFile returns a whole file of at most limit bytes.
func ReadFile(ctx context.Context, g Getter, c cid.Cid, limit uint64) ([]byte, error) {
	n, err := Load(ctx, g, c)
	if err != nil {
		return nil, err
	}
	if n.Kind != File || n.Size > limit {
		return nil, fmt.Errorf("%w: %s is no file of at most %d bytes", ErrLimit, c, limit)
	}
	var out bytes.Buffer
	if err := WriteRange(ctx, g, n, 0, n.Size, &out); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// Walk calls f once for each block at or beneath the roots, depth first in the order of links, and
// stops at f's first error. Only the branch in hand is in memory, and the set of CIDs seen.
func Walk(ctx context.Context, g Getter, roots []cid.Cid, f func(*Node, []byte) error) error {
	w := walker{Getter: g, seen: map[string]bool{}, f: f}
	for _, r := range roots {
		if err := w.walk(ctx, r, 0); err != nil {
			return err
		}
	}
	return nil
}

// WalkEach is Walk from one root that calls f again whenever it comes to a block again. A small DAG can make it go on
// for as long as f lets it.
func WalkEach(ctx context.Context, g Getter, root cid.Cid, f func(*Node, []byte) error) error {
	w := walker{Getter: g, f: f}
	return w.walk(ctx, root, 0)
}

type walker struct {
	Getter
	seen map[string]bool // nil where a block counts each time
	f    func(*Node, []byte) error
}

func (w *walker) walk(ctx context.Context, c cid.Cid, depth int) error {
	if w.seen[c.KeyString()] {
		return nil
	}
	if w.seen != nil {
		w.seen[c.KeyString()] = true
	}
	if depth > MaxDepth {
		return fmt.Errorf("%w: deeper than %d", ErrLimit, MaxDepth)
	}
	data, err := w.Get(ctx, c)
	if err != nil {
		return err
	}
	n, err := Decode(c, data)
	if err != nil {
		return err
	}
	if err := w.f(n, data); err != nil {
		return err
	}
	for _, l := range n.Links {
		if err := w.walk(ctx, l.Cid, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// WalkRange calls f for each block that proves the bytes [off, off+n) of the file at c, depth first; with n = 0 for its
// root alone. Blocks beside the range are not read.
func WalkRange(ctx context.Context, g Getter, c cid.Cid, off, n uint64, f func(*Node, []byte) error) error {
	return walkRange(ctx, g, Link{Cid: c}, off, n, f, 0)
}

func walkRange(ctx context.Context, g Getter, at Link, off, n uint64, f func(*Node, []byte) error, depth int) error {
	if depth > MaxDepth {
		return fmt.Errorf("%w: a file deeper than %d", ErrLimit, MaxDepth)
	}
	data, err := g.Get(ctx, at.Cid)
	if err != nil {
		return err
	}
	file, err := Decode(at.Cid, data)
	if err != nil {
		return err
	}
	switch {
	case file.Kind != File || depth > 0 && file.Size != at.Size:
		return fmt.Errorf("%w: %s is not the %d bytes that its parent claims", ErrMalformed, at.Cid, at.Size)
	case off > file.Size || n > file.Size-off:
		return fmt.Errorf("%w: range %d+%d of %s", ErrMalformed, off, n, at.Cid)
	}
	if err := f(file, data); err != nil {
		return err
	}
	start := uint64(len(file.Data))
	for _, l := range file.Links {
		from, to := max(off, start), min(off+n, start+l.Size)
		if from < to {
			if err := walkRange(ctx, g, l, from-start, to-from, f, depth+1); err != nil {
				return err
			}
		}
		start += l.Size
	}
	return nil
}
