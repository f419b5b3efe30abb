package catalog_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/ipfs/boxo/ipld/merkledag"
	"github.com/ipfs/boxo/ipld/unixfs"
	"github.com/ipfs/go-cid"
	ipld "github.com/ipfs/go-ipld-format"
	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/storagenode/catalog"
	"github.com/streamchain/streamchain/storagenode/dag"
	"github.com/streamchain/streamchain/storagenode/dag/dagtest"
)

// fan is a node that links to child many times.
func fan(t *testing.T, b dagtest.Builder, fs *unixfs.FSNode, child ipld.Node, names func(int) string, times int) ipld.Node {
	t.Helper()
	data, err := fs.GetBytes()
	require.NoError(t, err)
	n := merkledag.NodeWithData(data)
	require.NoError(t, n.SetCidBuilder(merkledag.V1CidPrefix()))
	for i := range times {
		require.NoError(t, n.AddRawLink(names(i), &ipld.Link{Cid: child.Cid()}))
	}
	require.NoError(t, b.Add(context.Background(), n))
	return n
}

func nameless(int) string { return "" }

// Some kilobytes can describe a tree of more nodes than there are atoms. Whoever uploads one gets an error soon, and the
// node goes on.
func TestBombs(t *testing.T) {
	b := dagtest.New(t)
	file := func(levels int, leaf ipld.Node, size uint64) ipld.Node {
		n := leaf
		for range levels {
			fs := unixfs.NewFSNode(unixfs.TFile)
			for range 100 {
				fs.AddBlockSize(size)
			}
			n = fan(t, b, fs, n, nameless, 100)
			size *= 100
		}
		return n
	}
	dir := func(levels int, leaf ipld.Node, name func(int) string) ipld.Node {
		n := leaf
		for range levels {
			n = fan(t, b, unixfs.NewFSNode(unixfs.TDirectory), n, name, 100)
		}
		return n
	}
	numbered := func(i int) string { return fmt.Sprint(i) }
	empty := b.Dir(nil)
	one := b.File([]byte("x"), 1<<20, 174)
	// a file may repeat itself: it is as large as it says, and walked once
	fine := map[string]bool{"a file of nothing": true, "a file of 10^16 bytes": true, "folders of a file of a bomb": true}
	for name, root := range map[string]ipld.Node{
		"a file of nothing":            file(20, b.File(nil, 1<<20, 174), 0),
		"a file of 10^16 bytes":        file(8, one, 1),
		"folders of nothing":           dir(20, empty, numbered),
		"folders of one name":          dir(20, empty, func(int) string { return "a" }),
		"folders of files":             dir(8, one, numbered),
		"folders deeper than allowed":  dir(40, one, func(int) string { return "a" }),
		"files deeper than allowed":    file(40, b.File(nil, 1<<20, 174), 0),
		"folders of files of nothing":  dir(10, file(10, b.File(nil, 1<<20, 174), 0), numbered),
		"shards that are one another":  shards(t, b, 12),
		"a file that claims too much":  file(3, one, 1<<40),
		"folders of a file of a bomb":  dir(1, file(12, b.File(nil, 1<<20, 174), 0), numbered),
		"a folder in a file":           file(2, empty, 0),
		"a playlist that names itself": b.Dir(map[string]ipld.Node{"a.m3u8": file(7, one, 1)}),
	} {
		start := time.Now()
		_, err := catalog.BuildIndex(context.Background(), b.Store, root.Cid(), cid.Undef)
		if fine[name] {
			require.NoError(t, err, name)
		} else {
			require.Error(t, err, name)
		}
		require.Less(t, time.Since(start), time.Minute, name)
	}
}

// shards are sharded directories whose slots all lead to the same next one.
func shards(t *testing.T, b dagtest.Builder, levels int) ipld.Node {
	t.Helper()
	n := b.File([]byte("x"), 1<<20, 174)
	for level := range levels {
		field := make([]byte, 32)
		for i := range field {
			field[i] = 0xff
		}
		data, err := unixfs.HAMTShardData(field, 256, 0x22)
		require.NoError(t, err)
		p := merkledag.NodeWithData(data)
		require.NoError(t, p.SetCidBuilder(merkledag.V1CidPrefix()))
		for i := range 256 {
			name := fmt.Sprintf("%02X", i)
			if level == 0 {
				name += fmt.Sprint("file", i)
			}
			require.NoError(t, p.AddRawLink(name, &ipld.Link{Cid: n.Cid()}))
		}
		require.NoError(t, b.Add(context.Background(), p))
		n = p
	}
	return n
}

// A block that stands in very many files is looked up as fast as another.
func TestOneBlockInManyFiles(t *testing.T) {
	b := dagtest.New(t)
	one := b.File([]byte("x"), 1<<20, 174)
	entries := map[string]ipld.Node{}
	for i := range 20_000 {
		entries[fmt.Sprint("f", i)] = one
	}
	root := b.Dir(entries)
	start := time.Now()
	ix, err := catalog.BuildIndex(context.Background(), b.Store, root.Cid(), cid.Undef)
	require.NoError(t, err)
	require.Less(t, time.Since(start), time.Minute)
	require.Len(t, ix.Items, 20_000)
	c, err := catalog.Open(t.TempDir())
	require.NoError(t, err)
	defer c.Close()
	require.NoError(t, c.Add(catalog.Entry{ID: "w", Live: true, Root: "w"}, ix))
	require.LessOrEqual(t, len(c.Find(one.Cid())), 256)
	require.NotEmpty(t, c.Find(one.Cid()))
	n, err := dag.Resolve(context.Background(), b.Store, root.Cid(), []string{"f19999"})
	require.NoError(t, err)
	require.Equal(t, one.Cid(), n.Cid)
}
