package media

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ipfs/boxo/blockservice"
	"github.com/ipfs/boxo/blockstore"
	chunk "github.com/ipfs/boxo/chunker"
	"github.com/ipfs/boxo/exchange/offline"
	"github.com/ipfs/boxo/ipld/merkledag"
	"github.com/ipfs/boxo/ipld/unixfs/importer/balanced"
	"github.com/ipfs/boxo/ipld/unixfs/importer/helpers"
	uio "github.com/ipfs/boxo/ipld/unixfs/io"
	"github.com/ipfs/go-cid"
	ds "github.com/ipfs/go-datastore"
	dssync "github.com/ipfs/go-datastore/sync"
	ipld "github.com/ipfs/go-ipld-format"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// mem is a plain sink and source.
type mem map[string][]byte

func (m mem) Put(_ context.Context, c cid.Cid, data []byte) error {
	m[c.KeyString()] = bytes.Clone(data)
	return nil
}

func (m mem) Get(_ context.Context, c cid.Cid) ([]byte, error) {
	data, ok := m[c.KeyString()]
	if !ok {
		return nil, fmt.Errorf("%w: %s", ErrNotFound, c)
	}
	return data, nil
}

func boxo() ipld.DAGService {
	store := blockstore.NewBlockstore(dssync.MutexWrap(ds.NewMapDatastore()))
	return merkledag.NewDAGService(blockservice.New(store, offline.Exchange(store)))
}

func boxoFile(t require.TestingT, s ipld.DAGService, r io.Reader, size int64, width int) ipld.Node {
	p := helpers.DagBuilderParams{Maxlinks: width, RawLeaves: true, CidBuilder: uio.UnixFS_v1_2025.CidBuilder(), Dagserv: s}
	db, err := p.New(chunk.NewSizeSplitter(r, size))
	require.NoError(t, err)
	n, err := balanced.Layout(db)
	require.NoError(t, err)
	return n
}

func boxoDir(t require.TestingT, s ipld.DAGService) uio.Directory {
	p := uio.UnixFS_v1_2025
	d, err := uio.NewDirectory(s, uio.WithCidBuilder(p.CidBuilder()), uio.WithMaxHAMTFanout(p.HAMTShardWidth), uio.WithSizeEstimationMode(p.HAMTSizeEstimation))
	require.NoError(t, err)
	d.SetHAMTShardingSize(p.HAMTShardingSize)
	return d
}

// boxoTree imports what lies at path with boxo alone.
func boxoTree(t require.TestingT, s ipld.DAGService, path string) ipld.Node {
	ctx := context.Background()
	info, err := os.Stat(path)
	require.NoError(t, err)
	if !info.IsDir() {
		f, err := os.Open(path)
		require.NoError(t, err)
		defer f.Close()
		return boxoFile(t, s, f, uio.UnixFS_v1_2025.ChunkSize, uio.UnixFS_v1_2025.FileDAGWidth)
	}
	d := boxoDir(t, s)
	list, err := os.ReadDir(path)
	require.NoError(t, err)
	rand.New(rand.NewSource(1)).Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	for _, e := range list {
		require.NoError(t, d.AddChild(ctx, e.Name(), boxoTree(t, s, filepath.Join(path, e.Name()))))
	}
	n, err := d.GetNode()
	require.NoError(t, err)
	require.NoError(t, s.Add(ctx, n))
	return n
}

func randomBytes(n int) []byte {
	data := make([]byte, n)
	_, _ = rand.New(rand.NewSource(int64(n))).Read(data)
	return data
}

func write(t require.TestingT, path string, data []byte) string {
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
	require.NoError(t, os.WriteFile(path, data, 0o600))
	return path
}

// sameBlocks holds that boxo has exactly the blocks that we have.
func sameBlocks(t *testing.T, s ipld.DAGService, root cid.Cid, m mem) {
	ctx, n := context.Background(), 0
	seen := cid.NewSet()
	require.NoError(t, merkledag.Walk(ctx, func(ctx context.Context, c cid.Cid) ([]*ipld.Link, error) {
		n++
		node, err := s.Get(ctx, c)
		if err != nil {
			return nil, err
		}
		require.True(t, bytes.Equal(node.RawData(), m[c.KeyString()]), c.String())
		return node.Links(), nil
	}, root, seen.Visit))
	require.Equal(t, n, len(m))
}

// What we import equals what boxo imports: files at the edges, folders in folders, odd names.
func TestEqualsBoxo(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	for _, n := range []int{0, 1, 1<<20 - 1, 1 << 20, 1<<20 + 1, 5 << 20} {
		write(t, filepath.Join(dir, "files", fmt.Sprint(n)), randomBytes(n))
	}
	write(t, filepath.Join(dir, "a", "b", "c", "deep.txt"), []byte("deep"))
	write(t, filepath.Join(dir, "a", "b.txt"), []byte("beside b"))
	write(t, filepath.Join(dir, "a", "Ünï-\n code"), []byte("odd"))
	write(t, filepath.Join(dir, "copies", "1"), []byte("same"))
	write(t, filepath.Join(dir, "copies", "2"), []byte("same"))
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "empty"), 0o700))
	for _, path := range []string{"files/0", "files/1", "files/1048575", "files/1048576", "files/1048577", "files/5242880", "a", "copies", "empty", "."} {
		s, m := boxo(), mem{}
		want := boxoTree(t, s, filepath.Join(dir, path))
		root, _, err := BuildDAG(ctx, filepath.Join(dir, path), m)
		require.NoError(t, err)
		require.Equal(t, want.Cid(), root, path)
		sameBlocks(t, s, root, m)
	}
	_, size, err := BuildDAG(ctx, filepath.Join(dir, "files"), mem{})
	require.NoError(t, err)
	require.EqualValues(t, 1+(1<<20-1)+(1<<20)+(1<<20+1)+(5<<20), size)
}

// The tree has boxo's shape for any number of chunks and any width.
func TestLayoutEqualsBoxo(t *testing.T) {
	ctx := context.Background()
	rapid.Check(t, func(t *rapid.T) {
		data := randomBytes(rapid.IntRange(0, 600).Draw(t, "size"))
		chunk, width := rapid.IntRange(1, 9).Draw(t, "chunk"), rapid.IntRange(2, 6).Draw(t, "width")
		want := boxoFile(t, boxo(), bytes.NewReader(data), int64(chunk), width)
		m := mem{}
		got, err := importFile(ctx, bytes.NewReader(data), make([]byte, chunk), &layout{sink: m, width: width},
			func(c cid.Cid, data []byte, _ uint64) error { return m.Put(ctx, c, data) })
		require.NoError(t, err)
		require.Equal(t, want.Cid(), got.cid)
		require.EqualValues(t, len(data), got.size)
		tsize, err := want.Size()
		require.NoError(t, err)
		require.Equal(t, tsize, got.tsize)
	})
}

// A directory is sharded when its block would pass 256 KiB, not before; both as boxo does it.
func TestDirectoryEqualsBoxo(t *testing.T) {
	ctx := context.Background()
	s, leaf := boxo(), merkledag.NewRawNode([]byte("leaf"))
	entries := func(n, lastName int) (out []link) {
		for i := range n {
			out = append(out, link{name: fmt.Sprintf("%0255d", i), cid: leaf.Cid(), tsize: 4, size: 4})
		}
		return append(out, link{name: strings.Repeat("x", lastName), cid: leaf.Cid(), tsize: 4, size: 4})
	}
	n, edge := 0, 1
	for len(node(entries(n+1, 1), []byte{8, 1})) <= shardThreshold {
		n++
	}
	for len(node(entries(n, edge), []byte{8, 1})) < shardThreshold {
		edge++
	}
	for _, last := range []int{edge, edge + 1} {
		list := entries(n, last)
		d := boxoDir(t, s)
		for _, e := range list {
			require.NoError(t, d.AddChild(ctx, e.name, leaf))
		}
		want, err := d.GetNode()
		require.NoError(t, err)
		m := mem{}
		got, err := putDir(ctx, m, list)
		require.NoError(t, err)
		require.Equal(t, want.Cid(), got.cid)
		require.Equal(t, last > edge, len(m) > 1, "sharded")
		tsize, err := want.Size()
		require.NoError(t, err)
		require.Equal(t, tsize, got.tsize)
	}
}

func TestTreesThatAreRefused(t *testing.T) {
	ctx := context.Background()
	for name, make := range map[string]func(dir string) error{
		"a link":       func(dir string) error { return os.Symlink("/etc/passwd", filepath.Join(dir, "x")) },
		"no UTF-8":     func(dir string) error { return os.WriteFile(filepath.Join(dir, "a\xff"), nil, 0o600) },
		"is not there": os.Remove,
		"too deep": func(dir string) error {
			return os.MkdirAll(filepath.Join(dir, strings.Repeat("d/", maxDepth+1)), 0o700)
		},
	} {
		dir := filepath.Join(t.TempDir(), "work")
		require.NoError(t, os.Mkdir(dir, 0o700))
		require.NoError(t, make(dir))
		_, _, err := BuildDAG(ctx, dir, mem{})
		require.ErrorIs(t, err, ErrTree, name)
	}
}
