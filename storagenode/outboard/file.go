package outboard

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/streamchain/streamchain/storagenode/dag"
)

// A file is: magic, length of the layout as u32, layout, SHA-256 of all before, outboard. The outboard needs no
// checksum: each of its nodes is a hash that is compared when it is read.
var magic = []byte("strmtre1")

const maxLayout = 1 << 28

var errFile = errors.New("no file of a piece")

func encodeHead(p Piece, l *dag.Layout) ([]byte, error) {
	raw, err := l.MarshalBinary()
	if err != nil {
		return nil, err
	}
	if len(raw) > maxLayout {
		return nil, fmt.Errorf("%w: %d blocks are too many", dag.ErrLimit, len(l.Sections))
	}
	head := append(append([]byte{}, magic...), p.Root[:]...)
	head = binary.BigEndian.AppendUint32(head, uint32(len(raw)))
	head = append(head, raw...)
	sum := sha256.Sum256(head)
	return append(head, sum[:]...), nil
}

// decodeHead reads all but the outboard, and returns where that begins.
func decodeHead(r io.Reader, root [32]byte, size uint64) (*dag.Layout, int64, error) {
	fixed := make([]byte, len(magic)+len(root)+4)
	if _, err := io.ReadFull(r, fixed); err != nil {
		return nil, 0, err
	}
	n := binary.BigEndian.Uint32(fixed[len(fixed)-4:])
	if !bytes.HasPrefix(fixed, magic) || !bytes.Equal(fixed[len(magic):len(magic)+len(root)], root[:]) || n > maxLayout {
		return nil, 0, errFile
	}
	rest := make([]byte, int(n)+sha256.Size)
	if _, err := io.ReadFull(r, rest); err != nil {
		return nil, 0, err
	}
	h := sha256.New()
	_, _ = h.Write(fixed)
	_, _ = h.Write(rest[:n])
	if !bytes.Equal(h.Sum(nil), rest[n:]) {
		return nil, 0, fmt.Errorf("%w: its checksum is wrong", errFile)
	}
	l := new(dag.Layout)
	if err := l.UnmarshalBinary(rest[:n]); err != nil {
		return nil, 0, err
	}
	if l.Size != size {
		return nil, 0, fmt.Errorf("%w: it is of %d bytes, not %d", errFile, l.Size, size)
	}
	return l, int64(len(fixed) + len(rest)), nil
}

// offsetReader reads what begins at an offset.
type offsetReader struct {
	r  io.ReaderAt
	at int64
}

// ReadAt implements io.ReaderAt.
func (o offsetReader) ReadAt(p []byte, off int64) (int, error) { return o.r.ReadAt(p, o.at+off) }
