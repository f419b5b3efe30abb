package media

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io"
	"slices"

	"github.com/ipfs/go-cid"
)

// The profile unixfs-v1-2025 (IPIP-499).
const (
	chunkSize      = 1 << 20
	fileLinks      = 1024
	shardThreshold = 256 << 10
	shardWidth     = 256
)

// BlockSink takes blocks. It must not keep data after it returned.
type BlockSink interface {
	Put(ctx context.Context, c cid.Cid, data []byte) error
}

// link leads to a finished subtree.
type link struct {
	name  string
	cid   cid.Cid
	tsize uint64 // bytes of all blocks beneath and of itself, as UnixFS counts them: repeated ones again
	size  uint64 // bytes of the file
}

func sumCID(codec uint64, data []byte) cid.Cid {
	sum := sha256.Sum256(data)
	return cid.NewCidV1(codec, append([]byte{0x12, 0x20}, sum[:]...))
}

// field appends a protobuf field of bytes.
func field[T string | []byte](out []byte, tag byte, v T) []byte {
	out = append(out, tag)
	out = binary.AppendUvarint(out, uint64(len(v)))
	return append(out, v...)
}

// node is a dag-pb block: links before data, as the profile says.
func node(links []link, data []byte) []byte {
	out := make([]byte, 0, len(links)*64+len(data)+8)
	var l []byte
	for _, k := range links {
		l = field(l[:0], 0x0a, k.cid.Bytes())
		l = field(l, 0x12, k.name)
		l = binary.AppendUvarint(append(l, 0x18), k.tsize)
		out = field(out, 0x12, l)
	}
	return field(out, 0x0a, data)
}

// putNode stores a node of the links and returns what leads to it.
func putNode(ctx context.Context, sink BlockSink, links []link, data []byte) (link, error) {
	block := node(links, data)
	out := link{cid: sumCID(cid.DagProtobuf, block), tsize: uint64(len(block))}
	for _, k := range links {
		out.tsize += k.tsize
		out.size += k.size
	}
	return out, sink.Put(ctx, out.cid, block)
}

// layout is a file's balanced tree while it grows: per level, the links of the node not yet full.
type layout struct {
	sink   BlockSink
	width  int
	levels [][]link
}

// add puts a subtree into a level. A full node is stored only when more follows, since it may be the root.
func (t *layout) add(ctx context.Context, level int, k link) error {
	if level == len(t.levels) {
		t.levels = append(t.levels, nil)
	}
	if len(t.levels[level]) == t.width {
		if err := t.commit(ctx, level); err != nil {
			return err
		}
	}
	t.levels[level] = append(t.levels[level], k)
	return nil
}

func (t *layout) commit(ctx context.Context, level int) error {
	k, err := t.part(ctx, t.levels[level])
	if err != nil {
		return err
	}
	t.levels[level] = t.levels[level][:0]
	return t.add(ctx, level+1, k)
}

// part stores an inner node of a file: {type: file, filesize, blocksizes}.
func (t *layout) part(ctx context.Context, links []link) (link, error) {
	var size uint64
	var sizes []byte
	for _, k := range links {
		size += k.size
		sizes = binary.AppendUvarint(append(sizes, 0x20), k.size)
	}
	data := binary.AppendUvarint([]byte{0x08, 0x02, 0x18}, size)
	return putNode(ctx, t.sink, links, append(data, sizes...))
}

// finish returns the root.
func (t *layout) finish(ctx context.Context) (link, error) {
	for level := 0; ; level++ {
		links := t.levels[level]
		top := level == len(t.levels)-1
		if top && len(links) == 1 {
			return links[0], nil
		}
		if top {
			return t.part(ctx, links)
		}
		if err := t.commit(ctx, level); err != nil {
			return link{}, err
		}
	}
}

// importFile stores a file read from r. leaf stores one chunk, which lies at offset.
func importFile(ctx context.Context, r io.Reader, buf []byte, t *layout, leaf func(c cid.Cid, data []byte, offset uint64) error) (link, error) {
	for offset := uint64(0); ; {
		if err := ctx.Err(); err != nil {
			return link{}, err
		}
		n, err := io.ReadFull(r, buf)
		last := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !last {
			return link{}, err
		}
		if n > 0 || offset == 0 {
			k := link{cid: sumCID(cid.Raw, buf[:n]), tsize: uint64(n), size: uint64(n)}
			if err := leaf(k.cid, buf[:n], offset); err != nil {
				return link{}, err
			}
			if err := t.add(ctx, 0, k); err != nil {
				return link{}, err
			}
			offset += uint64(n)
		}
		if last {
			return t.finish(ctx)
		}
	}
}

// putDir stores a directory, sharded where the profile wants it.
func putDir(ctx context.Context, sink BlockSink, entries []link) (link, error) {
	slices.SortFunc(entries, func(a, b link) int {
		if a.name < b.name {
			return -1
		}
		return 1
	})
	data := []byte{0x08, 0x01}
	if len(node(entries, data)) > shardThreshold {
		return putShard(ctx, sink, entries)
	}
	return putNode(ctx, sink, entries, data)
}
