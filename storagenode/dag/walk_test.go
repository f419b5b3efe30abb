package dag_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/ipfs/boxo/ipld/merkledag"
	"github.com/ipfs/boxo/ipld/unixfs"
	uio "github.com/ipfs/boxo/ipld/unixfs/io"
	"github.com/ipfs/go-cid"
	ipld "github.com/ipfs/go-ipld-format"
	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/storagenode/dag"
	"github.com/streamchain/streamchain/storagenode/dag/dagtest"
)

// A range's blocks are those that hold a byte of it and what leads to them, for every range of trees of several shapes.
func TestWalkRange(t *testing.T) {
	ctx, b := context.Background(), newBuilder(t)
	for _, shape := range []struct {
		chunk int64
		links int
	}{{200, 4}, {10, 3}, {7, 2}} {
		root := b.File(dagtest.Bytes(103), shape.chunk, shape.links).Cid()
		for off := range uint64(104) {
			for n := range 104 - off {
				var got []cid.Cid
				require.NoError(t, dag.WalkRange(ctx, b.Store, root, off, n, func(n *dag.Node, _ []byte) error {
					got = append(got, n.Cid)
					return nil
				}))
				want := []cid.Cid{root}
				overlap(t, b, root, 0, off, off+n, &want)
				require.Equal(t, want, got, "%d+%d", off, n)
			}
		}
		require.ErrorIs(t, dag.WalkRange(ctx, b.Store, root, 4, 100, func(*dag.Node, []byte) error { return nil }), dag.ErrMalformed)
	}
}

// overlap appends the parts beneath c, which begins at start, that share a byte with [from, to), depth first.
func overlap(t *testing.T, b dagtest.Builder, c cid.Cid, start, from, to uint64, out *[]cid.Cid) {
	t.Helper()
	n, err := b.Get(context.Background(), c)
	require.NoError(t, err)
	for _, l := range n.Links() {
		child, err := dag.Load(context.Background(), b.Store, l.Cid)
		require.NoError(t, err)
		shared := 0
		for i := start; i < start+child.Size; i++ {
			if i >= from && i < to {
				shared++
			}
		}
		if shared > 0 {
			*out = append(*out, l.Cid)
			overlap(t, b, l.Cid, start, from, to, out)
		}
		start += child.Size
	}
}

// WalkEach comes to a block as often as links lead to it, and ends when it is told to.
func TestWalkEach(t *testing.T) {
	ctx, b := context.Background(), newBuilder(t)
	leaf := b.File([]byte("x"), 10, 2)
	inner := b.Dir(map[string]ipld.Node{"1": leaf, "2": leaf, "3": leaf})
	root := b.Dir(map[string]ipld.Node{"a": inner, "b": inner}).Cid()
	count := map[cid.Cid]int{}
	require.NoError(t, dag.WalkEach(ctx, b.Store, root, func(n *dag.Node, _ []byte) error { count[n.Cid]++; return nil }))
	require.Equal(t, map[cid.Cid]int{root: 1, inner.Cid(): 2, leaf.Cid(): 6}, count)
	calls := 0
	require.ErrorIs(t, dag.WalkEach(ctx, b.Store, root, func(*dag.Node, []byte) error { calls++; return context.Canceled }), context.Canceled)
	require.Equal(t, 1, calls)
}

// A parent that lies about its parts is found out by a range that needs them.
func TestWalkRangeOfLies(t *testing.T) {
	ctx, b := context.Background(), newBuilder(t)
	put := func(fs *unixfs.FSNode, child ipld.Node) cid.Cid {
		data, err := fs.GetBytes()
		require.NoError(t, err)
		n := merkledag.NodeWithData(data)
		require.NoError(t, n.SetCidBuilder(merkledag.V1CidPrefix()))
		require.NoError(t, n.AddNodeLink("", child))
		require.NoError(t, b.Add(ctx, n))
		return n.Cid()
	}
	nothing := func(*dag.Node, []byte) error { return nil }
	lying := unixfs.NewFSNode(unixfs.TFile)
	lying.AddBlockSize(500)
	c := put(lying, b.File([]byte("12345"), 100, 10))
	require.ErrorIs(t, dag.WalkRange(ctx, b.Store, c, 0, 5, nothing), dag.ErrMalformed)
	require.NoError(t, dag.WalkRange(ctx, b.Store, c, 0, 0, nothing))

	c = b.File([]byte("12345"), 100, 10).Cid()
	for range dag.MaxDepth + 2 {
		fs := unixfs.NewFSNode(unixfs.TFile)
		fs.AddBlockSize(5)
		child, err := b.Get(ctx, c)
		require.NoError(t, err)
		c = put(fs, child)
	}
	require.ErrorIs(t, dag.WalkRange(ctx, b.Store, c, 0, 5, nothing), dag.ErrLimit)
	require.ErrorIs(t, dag.WalkEach(ctx, b.Store, c, nothing), dag.ErrLimit)
}

// uneven takes longer for some blocks than for others, as a disk does.
type uneven struct{ dag.Getter }

func (u uneven) Get(ctx context.Context, c cid.Cid) ([]byte, error) {
	time.Sleep(time.Duration(c.Hash()[10]) * 20 * time.Microsecond)
	return u.Getter.Get(ctx, c)
}

// The parts of a sharded directory come depth first, however they were read.
func TestOrderOfParts(t *testing.T) {
	ctx, b := context.Background(), newBuilder(t)
	entries := map[string]ipld.Node{}
	for i := range 400 {
		entries[fmt.Sprintf("%d.txt", i)] = b.File(dagtest.Bytes(i+1), 1000, 10)
	}
	root := b.Dir(entries, uio.WithMaxLinks(50), uio.WithMaxHAMTFanout(8)).Cid()
	var want []cid.Cid
	var walk func(c cid.Cid)
	walk = func(c cid.Cid) {
		n, err := b.Get(ctx, c)
		require.NoError(t, err)
		for _, l := range n.Links() {
			if len(l.Name) == 1 { // a place alone
				want = append(want, l.Cid)
				walk(l.Cid)
			}
		}
	}
	walk(root)
	require.Greater(t, len(want), 50)
	n, err := dag.Load(ctx, b.Store, root)
	require.NoError(t, err)
	got, err := dag.Entries(ctx, uneven{b.Store}, n, func(dag.Link) error { return nil })
	require.NoError(t, err)
	require.Equal(t, want, got)
}
