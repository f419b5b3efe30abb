package nodeclient

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/ipfs/boxo/ipld/merkledag"
	"github.com/ipfs/boxo/ipld/unixfs"
	"github.com/ipfs/go-cid"
	carv2 "github.com/ipld/go-car/v2"
)

var (
	// ErrCorrupt says that a node answered with bytes that do not match the CID asked for.
	ErrCorrupt = errors.New("the node sent bytes that do not match the content's id")
	// ErrNoSuchFile says that the work has no file of that name: a fact, proved by its directory.
	ErrNoSuchFile = errors.New("the work has no such file")
	// ErrUnsupportedDAG says that the content is laid out in a way that this client does not read.
	ErrUnsupportedDAG = errors.New("the content's layout is not supported")
	// ErrTooLarge says that a file is larger than the caller allows.
	ErrTooLarge = errors.New("the file is larger than expected")
)

// maxDepth bounds the recursion through a file's tree: 1024 links a node make more than 2^50 bytes.
const maxDepth = 8

// FileFromCAR reads the CAR of a trustless gateway's answer for root/path, verifies every block against its
// CID and returns the file's bytes. limit bounds what is read, in bytes.
func FileFromCAR(r io.Reader, root cid.Cid, path []string, limit int64) ([]byte, error) {
	blocks, err := readBlocks(r, limit)
	if err != nil {
		return nil, err
	}
	file, err := blocks.resolve(root, path)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := blocks.cat(&out, file, limit, 0); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// blockMap holds verified blocks by the binary form of their CID.
type blockMap map[string][]byte

func readBlocks(r io.Reader, limit int64) (blockMap, error) {
	// directories and framing come on top of the file
	limited := &io.LimitedReader{R: r, N: limit + limit/8 + 4<<20}
	br, err := carv2.NewBlockReader(limited)
	if err != nil {
		return nil, fmt.Errorf("%w: no CAR: %w", ErrCorrupt, err)
	}
	blocks := blockMap{}
	for {
		// NewBlockReader checks each block's hash unless told to trust
		b, err := br.Next()
		if errors.Is(err, io.EOF) {
			return blocks, nil
		}
		if err != nil {
			if limited.N <= 0 {
				return nil, ErrTooLarge
			}
			return nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
		}
		blocks[b.Cid().KeyString()] = b.RawData()
	}
}

// get returns a block; raw says whether it is a leaf without structure.
func (m blockMap) get(c cid.Cid) (data []byte, raw bool, err error) {
	data, ok := m[c.KeyString()]
	if !ok {
		return nil, false, fmt.Errorf("%w: block %s is missing", ErrCorrupt, c)
	}
	switch c.Type() {
	case cid.Raw:
		return data, true, nil
	case cid.DagProtobuf:
		return data, false, nil
	}
	return nil, false, fmt.Errorf("%w: codec %#x", ErrUnsupportedDAG, c.Type())
}

func (m blockMap) node(data []byte) (*merkledag.ProtoNode, *unixfs.FSNode, error) {
	node, err := merkledag.DecodeProtobuf(data)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrUnsupportedDAG, err)
	}
	fs, err := unixfs.FSNodeFromBytes(node.Data())
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrUnsupportedDAG, err)
	}
	return node, fs, nil
}

// resolve walks the directories from root along path.
func (m blockMap) resolve(root cid.Cid, path []string) (cid.Cid, error) {
	at := root
	for _, name := range path {
		data, raw, err := m.get(at)
		if err != nil {
			return cid.Undef, err
		}
		if raw {
			return cid.Undef, fmt.Errorf("%w: %s", ErrNoSuchFile, name)
		}
		node, fs, err := m.node(data)
		if err != nil {
			return cid.Undef, err
		}
		if fs.Type() != unixfs.TDirectory {
			return cid.Undef, fmt.Errorf("%w: %s is looked for in something that is no plain directory", ErrUnsupportedDAG, name)
		}
		next := cid.Undef
		for _, l := range node.Links() {
			if l.Name == name {
				next = l.Cid
				break
			}
		}
		if !next.Defined() {
			return cid.Undef, fmt.Errorf("%w: %s", ErrNoSuchFile, name)
		}
		at = next
	}
	return at, nil
}

// cat writes the file under c.
func (m blockMap) cat(out *bytes.Buffer, c cid.Cid, limit int64, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("%w: deeper than %d", ErrUnsupportedDAG, maxDepth)
	}
	data, raw, err := m.get(c)
	if err != nil {
		return err
	}
	if raw {
		if int64(out.Len()+len(data)) > limit {
			return ErrTooLarge
		}
		out.Write(data)
		return nil
	}
	node, fs, err := m.node(data)
	if err != nil {
		return err
	}
	if t := fs.Type(); t != unixfs.TFile && t != unixfs.TRaw {
		return fmt.Errorf("%w: not a file", ErrUnsupportedDAG)
	}
	start := out.Len()
	if int64(start+len(fs.Data())) > limit {
		return ErrTooLarge
	}
	out.Write(fs.Data())
	for _, l := range node.Links() {
		if err := m.cat(out, l.Cid, limit, depth+1); err != nil {
			return err
		}
	}
	if uint64(out.Len()-start) != fs.FileSize() {
		return fmt.Errorf("%w: a node says %d bytes and has %d", ErrUnsupportedDAG, fs.FileSize(), out.Len()-start)
	}
	return nil
}
