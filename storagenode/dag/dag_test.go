package dag_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/ipfs/boxo/ipld/merkledag"
	"github.com/ipfs/boxo/ipld/unixfs"
	uio "github.com/ipfs/boxo/ipld/unixfs/io"
	"github.com/ipfs/go-cid"
	ipld "github.com/ipfs/go-ipld-format"
	carv2 "github.com/ipld/go-car/v2"
	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/storagenode/blob"
	"github.com/streamchain/streamchain/storagenode/dag"
	"github.com/streamchain/streamchain/storagenode/dag/dagtest"
)

func newBuilder(t *testing.T) dagtest.Builder { return dagtest.New(t) }

func TestRanges(t *testing.T) {
	ctx, b := context.Background(), newBuilder(t)
	data := dagtest.Bytes(1003)
	for _, shape := range []struct {
		chunk int64
		links int
	}{{2000, 4}, {100, 174}, {10, 3}, {7, 2}} {
		c := b.File(data, shape.chunk, shape.links).Cid()
		n, err := dag.Load(ctx, b.Store, c)
		require.NoError(t, err)
		require.EqualValues(t, len(data), n.Size)
		for _, r := range [][2]int{{0, 1003}, {0, 0}, {0, 1}, {1002, 1}, {1003, 0}, {9, 2}, {10, 10}, {99, 702}, {500, 503}} {
			var out bytes.Buffer
			require.NoError(t, dag.WriteRange(ctx, b.Store, n, uint64(r[0]), uint64(r[1]), &out))
			require.Equal(t, data[r[0]:r[0]+r[1]], append([]byte{}, out.Bytes()...))
		}
		require.ErrorIs(t, dag.WriteRange(ctx, b.Store, n, 1, 1003, &bytes.Buffer{}), dag.ErrMalformed)
		require.ErrorIs(t, dag.WriteRange(ctx, b.Store, n, 1<<63, 1<<63, &bytes.Buffer{}), dag.ErrMalformed)
		got, err := dag.ReadFile(ctx, b.Store, c, 1003)
		require.NoError(t, err)
		require.Equal(t, data, got)
		_, err = dag.ReadFile(ctx, b.Store, c, 1002)
		require.ErrorIs(t, err, dag.ErrLimit)
	}
}

func TestResolve(t *testing.T) {
	ctx, b := context.Background(), newBuilder(t)
	leaf := b.File([]byte("hello"), 100, 10)
	inner := b.Dir(map[string]ipld.Node{"ü%2f.m4s": leaf})
	many := map[string]ipld.Node{}
	for i := range 2000 {
		many[fmt.Sprintf("seg%05d.m4s", i)] = b.File(fmt.Appendf(nil, "segment %d", i), 100, 10)
	}
	sharded := b.Dir(many, uio.WithMaxLinks(100), uio.WithMaxHAMTFanout(16))
	root := b.Dir(map[string]ipld.Node{"inner": inner, "sharded": sharded, "f": leaf})

	r, err := dag.Resolve(ctx, b.Store, root.Cid(), []string{"inner", "ü%2f.m4s"})
	require.NoError(t, err)
	require.Equal(t, leaf.Cid(), r.Cid)
	require.Equal(t, []cid.Cid{root.Cid(), inner.Cid()}, r.Via)

	r, err = dag.Resolve(ctx, b.Store, root.Cid(), []string{"sharded", "seg01234.m4s"})
	require.NoError(t, err)
	require.Equal(t, many["seg01234.m4s"].Cid(), r.Cid)
	require.Greater(t, len(r.Via), 2, "the parts of a sharded directory prove the way")

	r, err = dag.Resolve(ctx, b.Store, root.Cid(), []string{"sharded"})
	require.NoError(t, err)
	require.Equal(t, dag.Shard, r.Kind)
	n := 0
	parts, err := dag.Entries(ctx, b.Store, r.Node, func(l dag.Link) error {
		require.Equal(t, many[l.Name].Cid(), l.Cid)
		n++
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, 2000, n)
	require.Greater(t, len(parts), 16)

	for _, bad := range [][]string{{"x"}, {"f", "x"}, {"inner", ".."}, {"inner", "..", "f"}, {""}, {"."}, {"sharded", "seg9"}, {"sharded", "00"}} {
		_, err = dag.Resolve(ctx, b.Store, root.Cid(), bad)
		require.ErrorIs(t, err, dag.ErrNoLink, "%q", bad)
	}
	_, err = dag.Resolve(ctx, b.Store, root.Cid(), make([]string, 40))
	require.ErrorIs(t, err, dag.ErrLimit)
}

// A CAR that we write is what go-car reads, in the order of a walk, and reads back.
func TestCAR(t *testing.T) {
	ctx, b := context.Background(), newBuilder(t)
	f := b.File(dagtest.Bytes(5000), 100, 7)
	root := b.Dir(map[string]ipld.Node{"a": f, "b": f, "c": b.File([]byte("c"), 100, 7)})
	cover := b.File([]byte("cover"), 100, 7)
	roots := []cid.Cid{root.Cid(), cover.Cid()}
	var car bytes.Buffer
	require.NoError(t, dag.WriteCAR(ctx, b.Store, roots, &car))

	br, err := carv2.NewBlockReader(bytes.NewReader(car.Bytes()))
	require.NoError(t, err)
	require.Equal(t, roots, br.Roots)
	var order []cid.Cid
	require.NoError(t, dag.Walk(ctx, b.Store, roots, func(n *dag.Node, _ []byte) error {
		order = append(order, n.Cid)
		blk, err := br.Next()
		require.NoError(t, err)
		require.Equal(t, n.Cid, blk.Cid())
		return nil
	}))
	require.Equal(t, root.Cid(), order[0])
	require.Equal(t, f.Cid(), order[1])
	require.Equal(t, cover.Cid(), order[len(order)-1])

	var got []cid.Cid
	back, err := dag.ReadCAR(bytes.NewReader(car.Bytes()), func(c cid.Cid, _ []byte) error {
		got = append(got, c)
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, roots, back)
	require.Equal(t, order, got)
}

// Every truncation and every flipped byte of a CAR is an error or still gives only right blocks.
func TestCARDamage(t *testing.T) {
	ctx, b := context.Background(), newBuilder(t)
	root := b.Dir(map[string]ipld.Node{"a": b.File(dagtest.Bytes(500), 100, 7)})
	var buf bytes.Buffer
	require.NoError(t, dag.WriteCAR(ctx, b.Store, []cid.Cid{root.Cid()}, &buf))
	car := buf.Bytes()
	read := func(data []byte) (n int, err error) {
		_, err = dag.ReadCAR(bytes.NewReader(data), func(c cid.Cid, block []byte) error {
			n++
			return blob.Check(c, block)
		})
		return n, err
	}
	whole, err := read(car)
	require.NoError(t, err)
	for i := range car {
		n, err := read(car[:i])
		if err == nil {
			require.Less(t, n, whole, "only a cut between blocks goes unnoticed here; the walk finds it")
		} else {
			require.ErrorIs(t, err, dag.ErrCAR)
		}
		for bit := range 8 {
			bad := bytes.Clone(car)
			bad[i] ^= 1 << bit
			if _, err := read(bad); err != nil && !errors.Is(err, dag.ErrCAR) && !errors.Is(err, blob.ErrUnsupported) {
				t.Fatalf("byte %d: %v", i, err)
			}
		}
	}
}

func TestHostileNodes(t *testing.T) {
	ctx, b := context.Background(), newBuilder(t)
	leaf := b.File([]byte("12345"), 100, 10)
	put := func(fs *unixfs.FSNode, links ...ipld.Node) cid.Cid {
		data, err := fs.GetBytes()
		require.NoError(t, err)
		n := merkledag.NodeWithData(data)
		require.NoError(t, n.SetCidBuilder(merkledag.V1CidPrefix()))
		for _, l := range links {
			require.NoError(t, n.AddNodeLink("", l))
		}
		require.NoError(t, b.Add(ctx, n))
		return n.Cid()
	}
	lying := unixfs.NewFSNode(unixfs.TFile)
	lying.AddBlockSize(500) // the leaf has 5
	c := put(lying, leaf)
	n, err := dag.Load(ctx, b.Store, c)
	require.NoError(t, err)
	require.ErrorIs(t, dag.WriteRange(ctx, b.Store, n, 0, 500, &bytes.Buffer{}), dag.ErrMalformed)

	short := unixfs.NewFSNode(unixfs.TFile)
	_, err = dag.Load(ctx, b.Store, put(short, leaf))
	require.ErrorIs(t, err, dag.ErrMalformed, "links without sizes")

	huge := unixfs.NewFSNode(unixfs.TFile)
	huge.AddBlockSize(1 << 62)
	huge.AddBlockSize(1 << 62)
	huge.AddBlockSize(1 << 62)
	_, err = dag.Load(ctx, b.Store, put(huge, leaf, leaf, leaf))
	require.ErrorIs(t, err, dag.ErrMalformed, "more bytes than a range can say")

	link := unixfs.NewFSNode(unixfs.TSymlink)
	link.SetData([]byte("/etc/passwd"))
	_, err = dag.Load(ctx, b.Store, put(link))
	require.ErrorIs(t, err, dag.ErrUnsupported)

	_, err = dag.Decode(cid.NewCidV1(cid.DagCBOR, leaf.Cid().Hash()), []byte("12345"))
	require.ErrorIs(t, err, dag.ErrUnsupported)
	_, err = dag.Decode(cid.NewCidV1(cid.DagProtobuf, leaf.Cid().Hash()), []byte("12345"))
	require.ErrorIs(t, err, dag.ErrMalformed)

	// a tree that is only deep
	c = leaf.Cid()
	for range dag.MaxDepth + 2 {
		fs := unixfs.NewFSNode(unixfs.TFile)
		fs.AddBlockSize(5)
		data, err := b.Get(ctx, c)
		require.NoError(t, err)
		c = put(fs, data)
	}
	n, err = dag.Load(ctx, b.Store, c)
	require.NoError(t, err)
	require.ErrorIs(t, dag.WriteRange(ctx, b.Store, n, 0, 5, &bytes.Buffer{}), dag.ErrLimit)
	require.ErrorIs(t, dag.Walk(ctx, b.Store, []cid.Cid{c}, func(*dag.Node, []byte) error { return nil }), dag.ErrLimit)
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte("\x0a\x02\x08\x01"), true)
	f.Fuzz(func(_ *testing.T, data []byte, pb bool) {
		codec := uint64(cid.Raw)
		if pb {
			codec = cid.DagProtobuf
		}
		c, err := cid.Prefix{Version: 1, Codec: codec, MhType: 0x12, MhLength: 32}.Sum(data)
		if err != nil {
			return
		}
		if n, err := dag.Decode(c, data); err == nil && n.Kind == dag.File && n.Size < uint64(len(n.Data)) {
			panic("a file smaller than its data")
		}
	})
}

func FuzzReadCAR(f *testing.F) {
	f.Fuzz(func(_ *testing.T, data []byte) {
		_, _ = dag.ReadCAR(bytes.NewReader(data), func(c cid.Cid, block []byte) error { return nil })
	})
}
