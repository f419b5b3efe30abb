package media

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/ipfs/boxo/ipld/merkledag"
	"github.com/ipfs/go-cid"

	"github.com/streamchain/streamchain/piece"
)

// BlockSource gives blocks. What it returns is verified by its reader, who does not change it.
type BlockSource interface {
	Get(ctx context.Context, c cid.Cid) ([]byte, error)
}

// WriteCAR writes the CARv1 of everything at and beneath the roots, depth first in the order of links, each
// block once: with a work's media and cover as roots, the work's piece. It returns the piece's
// BLAKE3 root and its size in bytes. A root that is cid.Undef (a work without cover) is left out. Two
// calls with the same roots write the same bytes. ErrRoots, ErrNotFound, ErrMismatch.
func WriteCAR(ctx context.Context, w io.Writer, roots []cid.Cid, source BlockSource) (pieceRoot [32]byte, size uint64, err error) {
	defined := make([]cid.Cid, 0, len(roots))
	for _, r := range roots {
		if r.Defined() {
			defined = append(defined, r)
		}
	}
	if len(defined) == 0 || len(defined) > 23 {
		return pieceRoot, 0, fmt.Errorf("%w: got %d", ErrRoots, len(defined))
	}
	var sum piece.Builder
	c := carWriter{w: bufio.NewWriterSize(io.MultiWriter(w, &sum), 256<<10), source: source, seen: map[string]bool{}}
	if err := c.section(carHeader(defined)); err != nil {
		return pieceRoot, 0, err
	}
	for _, r := range defined {
		if err := c.tree(ctx, r); err != nil {
			return pieceRoot, 0, err
		}
	}
	if err := c.w.Flush(); err != nil {
		return pieceRoot, 0, err
	}
	return sum.Root(), sum.Size(), nil
}

// carHeader is canonical DAG-CBOR of {"roots": [...], "version": 1}.
func carHeader(roots []cid.Cid) []byte {
	h := append([]byte("\xa2\x65roots"), 0x80|byte(len(roots)))
	for _, r := range roots {
		h = append(h, 0xd8, 0x2a, 0x58, byte(r.ByteLen()+1), 0)
		h = append(h, r.Bytes()...)
	}
	return append(h, "\x67version\x01"...)
}

type carWriter struct {
	w      *bufio.Writer
	source BlockSource
	seen   map[string]bool
}

func (c *carWriter) tree(ctx context.Context, id cid.Cid) error {
	if c.seen[id.KeyString()] {
		return nil
	}
	c.seen[id.KeyString()] = true
	if err := ctx.Err(); err != nil {
		return err
	}
	data, err := c.source.Get(ctx, id)
	if err != nil {
		return err
	}
	// a piece with one wrong block is refused by every node, after it was paid for
	if !sumCID(id.Type(), data).Equals(id) {
		return fmt.Errorf("%w: %s", ErrMismatch, id)
	}
	if err := c.section(id.Bytes(), data); err != nil {
		return err
	}
	if id.Type() == cid.Raw {
		return nil
	}
	n, err := merkledag.DecodeProtobuf(data)
	if err != nil {
		return fmt.Errorf("%w: %s: %w", ErrTree, id, err)
	}
	for _, l := range n.Links() {
		if err := c.tree(ctx, l.Cid); err != nil {
			return err
		}
	}
	return nil
}

func (c *carWriter) section(parts ...[]byte) error {
	n := 0
	for _, p := range parts {
		n += len(p)
	}
	if _, err := c.w.Write(binary.AppendUvarint(nil, uint64(n))); err != nil {
		return err
	}
	for _, p := range parts {
		if _, err := c.w.Write(p); err != nil {
			return err
		}
	}
	return nil
}
