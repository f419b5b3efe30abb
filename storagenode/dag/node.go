package dag

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/ipfs/boxo/ipld/merkledag"
	"github.com/ipfs/boxo/ipld/unixfs"
	"github.com/ipfs/go-cid"
)

// Getter gives verified blocks; blob.Store is one.
type Getter interface {
	Get(ctx context.Context, c cid.Cid) ([]byte, error)
}

var (
	// ErrMalformed says that a block is no valid part of a UnixFS tree.
	ErrMalformed = errors.New("the DAG is malformed")
	// ErrUnsupported says that a block is of a kind that is not served: only UnixFS files and directories are.
	ErrUnsupported = errors.New("the DAG has an unsupported kind of node")
	// ErrNoLink says that a directory has no entry of that name.
	ErrNoLink = errors.New("no such entry")
	// ErrLimit says that a tree is deeper or wider than allowed.
	ErrLimit = errors.New("the DAG exceeds a limit")
)

const (
	// MaxDepth bounds the levels beneath a root: four of 1024 links each hold a tebibyte.
	MaxDepth = 32
	// MaxLinks bounds the links of one node.
	MaxLinks = 16384
)

// Kind is what a node is.
type Kind uint8

// The kinds of nodes that are served.
const (
	File  Kind = iota // a file, or a part of one
	Dir               // a directory, or a part of a sharded one
	Shard             // a sharded directory's root or part
)

// Link leads to a child: by name from a directory, as the next Size bytes of a file.
type Link struct {
	Name string
	Cid  cid.Cid
	Size uint64
}

// Node is one decoded block.
type Node struct {
	Cid   cid.Cid
	Kind  Kind
	Size  uint64 // of a file, in bytes
	Links []Link
	Data  []byte // a file's bytes that stand before those of its links

	proto *merkledag.ProtoNode
}

// Load gets and decodes a block.
func Load(ctx context.Context, g Getter, c cid.Cid) (*Node, error) {
	data, err := g.Get(ctx, c)
	if err != nil {
		return nil, err
	}
	return Decode(c, data)
}

// Decode reads a block. ErrMalformed, ErrUnsupported, ErrLimit.
func Decode(c cid.Cid, data []byte) (*Node, error) {
	switch c.Type() {
	case cid.Raw:
		return &Node{Cid: c, Kind: File, Size: uint64(len(data)), Data: data}, nil
	case cid.DagProtobuf:
	default:
		return nil, fmt.Errorf("%w: %s has codec %#x", ErrUnsupported, c, c.Type())
	}
	pn, err := merkledag.DecodeProtobuf(data)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrMalformed, c, err)
	}
	if len(pn.Links()) > MaxLinks {
		return nil, fmt.Errorf("%w: %s has %d links", ErrLimit, c, len(pn.Links()))
	}
	fs, err := unixfs.FSNodeFromBytes(pn.Data())
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrMalformed, c, err)
	}
	n := &Node{Cid: c, proto: pn}
	switch fs.Type() {
	case unixfs.TDirectory, unixfs.THAMTShard:
		n.Kind = Dir
		if fs.Type() == unixfs.THAMTShard {
			n.Kind = Shard
		}
		for _, l := range pn.Links() {
			n.Links = append(n.Links, Link{Name: l.Name, Cid: l.Cid})
		}
		return n, nil
	case unixfs.TFile, unixfs.TRaw:
		return n, n.decodeFile(pn, fs)
	}
	return nil, fmt.Errorf("%w: %s is a %s", ErrUnsupported, c, fs.Type())
}

// decodeFile holds the sizes that a file claims to its own sum; those of its links are
// compared when they are loaded.
func (n *Node) decodeFile(pn *merkledag.ProtoNode, fs *unixfs.FSNode) error {
	n.Kind, n.Data = File, fs.Data()
	sizes := fs.BlockSizes()
	if len(sizes) != len(pn.Links()) {
		return fmt.Errorf("%w: %s has %d sizes and %d links", ErrMalformed, n.Cid, len(sizes), len(pn.Links()))
	}
	total := uint64(len(n.Data))
	for i, l := range pn.Links() {
		if sizes[i] > math.MaxInt64-total {
			return fmt.Errorf("%w: %s claims more bytes than there are", ErrMalformed, n.Cid)
		}
		total += sizes[i]
		n.Links = append(n.Links, Link{Cid: l.Cid, Size: sizes[i]})
	}
	if total != fs.FileSize() {
		return fmt.Errorf("%w: %s claims %d bytes, its parts %d", ErrMalformed, n.Cid, fs.FileSize(), total)
	}
	n.Size = total
	return nil
}
