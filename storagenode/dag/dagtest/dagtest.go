// Package dagtest makes DAGs with boxo's own importer, for tests: an implementation that is not ours.
package dagtest

import (
	"bytes"
	"context"
	"fmt"
	"math/rand"
	"testing"

	chunk "github.com/ipfs/boxo/chunker"
	"github.com/ipfs/boxo/ipld/merkledag"
	"github.com/ipfs/boxo/ipld/unixfs/importer/balanced"
	"github.com/ipfs/boxo/ipld/unixfs/importer/helpers"
	uio "github.com/ipfs/boxo/ipld/unixfs/io"
	"github.com/ipfs/go-cid"
	ipld "github.com/ipfs/go-ipld-format"
	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/piece"
	"github.com/streamchain/streamchain/storagenode/blob"
	"github.com/streamchain/streamchain/storagenode/dag"
)

// Builder imports files and directories into Store.
type Builder struct {
	T     testing.TB
	Store *blob.Mem
}

// New starts with an empty store in memory.
func New(t testing.TB) Builder { return Builder{t, blob.NewMem(1 << 30)} }

// Add implements ipld.DAGService.
func (b Builder) Add(ctx context.Context, n ipld.Node) error {
	return b.Store.Put(ctx, n.Cid(), n.RawData())
}

// AddMany implements ipld.DAGService.
func (b Builder) AddMany(ctx context.Context, ns []ipld.Node) error {
	for _, n := range ns {
		if err := b.Add(ctx, n); err != nil {
			return err
		}
	}
	return nil
}

// Get implements ipld.DAGService.
func (b Builder) Get(ctx context.Context, c cid.Cid) (ipld.Node, error) {
	data, err := b.Store.Get(ctx, c)
	if err != nil {
		return nil, err
	}
	if c.Type() == cid.Raw {
		return merkledag.NewRawNodeWPrefix(data, c.Prefix())
	}
	n, err := merkledag.DecodeProtobuf(data)
	if err != nil {
		return nil, err
	}
	return n, n.SetCidBuilder(c.Prefix())
}

// GetMany implements ipld.DAGService.
func (b Builder) GetMany(context.Context, []cid.Cid) <-chan *ipld.NodeOption { panic("unused") }

// Remove implements ipld.DAGService.
func (b Builder) Remove(context.Context, cid.Cid) error { return nil }

// RemoveMany implements ipld.DAGService.
func (b Builder) RemoveMany(context.Context, []cid.Cid) error { return nil }

// File imports data in chunks of chunkSize bytes, with at most links links a node.
func (b Builder) File(data []byte, chunkSize int64, links int) ipld.Node {
	b.T.Helper()
	p := helpers.DagBuilderParams{Maxlinks: links, RawLeaves: true, CidBuilder: merkledag.V1CidPrefix(), Dagserv: b}
	db, err := p.New(chunk.NewSizeSplitter(bytes.NewReader(data), chunkSize))
	require.NoError(b.T, err)
	n, err := balanced.Layout(db)
	require.NoError(b.T, err)
	return n
}

// Dir makes a directory.
func (b Builder) Dir(entries map[string]ipld.Node, opts ...uio.DirectoryOption) ipld.Node {
	b.T.Helper()
	ctx := context.Background()
	d, err := uio.NewDirectory(b, append(opts, uio.WithCidBuilder(merkledag.V1CidPrefix()))...)
	require.NoError(b.T, err)
	for name, n := range entries {
		require.NoError(b.T, d.AddChild(ctx, name, n))
	}
	n, err := d.GetNode()
	require.NoError(b.T, err)
	require.NoError(b.T, b.Add(ctx, n))
	return n
}

// Bytes are n random bytes, the same for the same n.
func Bytes(n int) []byte {
	data := make([]byte, n)
	_, _ = rand.New(rand.NewSource(int64(n))).Read(data)
	return data
}

// Segments is how many segments of four seconds a Presentation has in each rendition.
const Segments = 5

// Presentation is a small HLS presentation: master.m3u8, two renditions v0 and v1 of Segments segments of
// four seconds with an init segment, a poster. Segment i of a rendition r is v<r>/seg<i>.m4s.
func (b Builder) Presentation(seed int) (media, cover cid.Cid) {
	root := map[string]ipld.Node{
		"master.m3u8": b.File([]byte("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nv0/index.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=2\nv1/index.m3u8\n"), 1<<20, 174),
		"poster.jpg":  b.File(Bytes(seed+31), 1<<20, 174),
	}
	for r := range 2 {
		list := "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXT-X-MAP:URI=\"init.mp4\"\n"
		dir := map[string]ipld.Node{"init.mp4": b.File(Bytes(seed+500+r), 1<<20, 174)}
		for i := range Segments {
			name := fmt.Sprintf("seg%d.m4s", i)
			list += "#EXTINF:4.000,\n" + name + "\n"
			dir[name] = b.File(Bytes(seed+3000+100*r+i), 1000, 174)
		}
		dir["index.m3u8"] = b.File([]byte(list+"#EXT-X-ENDLIST\n"), 1<<20, 174)
		root[fmt.Sprintf("v%d", r)] = b.Dir(dir)
	}
	png := append([]byte("\x89PNG\r\n\x1a\n"), Bytes(seed+77)...)
	return b.Dir(root).Cid(), b.File(png, 1<<20, 174).Cid()
}

// Piece is the CAR of roots with its root.
func (b Builder) Piece(roots ...cid.Cid) (car []byte, root [32]byte) {
	b.T.Helper()
	var out bytes.Buffer
	require.NoError(b.T, dag.WriteCAR(context.Background(), b.Store, roots, &out))
	root, _, err := piece.Sum(bytes.NewReader(out.Bytes()))
	require.NoError(b.T, err)
	return out.Bytes(), root
}
