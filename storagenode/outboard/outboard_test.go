package outboard_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/ipfs/go-cid"
	ipld "github.com/ipfs/go-ipld-format"
	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/piece"
	"github.com/streamchain/streamchain/storagenode/blob"
	"github.com/streamchain/streamchain/storagenode/dag"
	"github.com/streamchain/streamchain/storagenode/dag/dagtest"
	"github.com/streamchain/streamchain/storagenode/outboard"
)

var ctx = context.Background()

// work imports files of sizes, and two names of one file, as a directory with a cover.
func work(t testing.TB, sizes ...int) (b dagtest.Builder, p outboard.Piece, car []byte) {
	t.Helper()
	b = dagtest.New(t)
	files := map[string]ipld.Node{}
	for i, n := range sizes {
		files[fmt.Sprintf("f%d", i)] = b.File(dagtest.Bytes(n), 5000, 7)
		files[fmt.Sprintf("again%d", i)] = files[fmt.Sprintf("f%d", i)]
	}
	roots := []cid.Cid{b.Dir(files).Cid(), b.File(dagtest.Bytes(99), 1<<20, 174).Cid()}
	car, root := b.Piece(roots...)
	return b, outboard.Piece{Root: root, Size: uint64(len(car)), Roots: roots}, car
}

func open(t testing.TB) (*outboard.Store, string) {
	t.Helper()
	dir := t.TempDir()
	s, err := outboard.Open(dir)
	require.NoError(t, err)
	return s, dir
}

// Each leaf of pieces around the size of a group is proved as the whole file would prove it.
func TestProvesEachLeaf(t *testing.T) {
	for _, sizes := range [][]int{{1}, {700}, {15_500}, {16_384}, {40_000, 3, 90_001}} {
		b, p, car := work(t, sizes...)
		s, _ := open(t)
		require.False(t, s.Has(p.Root))
		_, err := s.Prove(ctx, b.Store, p.Root, p.Size, 0)
		require.ErrorIs(t, err, outboard.ErrMissing)
		require.NoError(t, s.Build(ctx, b.Store, p))
		require.True(t, s.Has(p.Root))
		var whole piece.Builder
		_, _ = whole.Write(car)
		for off := uint64(0); off < p.Size; off += piece.LeafSize {
			got, err := s.Prove(ctx, b.Store, p.Root, p.Size, off)
			require.NoError(t, err)
			want, err := piece.Prove(bytes.NewReader(car), p.Size, whole.Outboard(), off)
			require.NoError(t, err)
			require.Equal(t, want, got)
			leaf, err := piece.Verify(p.Root, p.Size, off, got)
			require.NoError(t, err)
			require.Equal(t, car[off:min(off+piece.LeafSize, p.Size)], leaf)
		}
		_, err = s.Prove(ctx, b.Store, p.Root, p.Size, p.Size)
		require.ErrorIs(t, err, piece.ErrOffset)
	}
}

// The CAR that is read out of the blocks is the CAR that is written of them, wherever it is read.
func TestReadsTheCAR(t *testing.T) {
	b, p, car := work(t, 40_000, 3)
	var out bytes.Buffer
	l, err := dag.WriteLaidCAR(ctx, b.Store, p.Roots, &out)
	require.NoError(t, err)
	require.Equal(t, car, out.Bytes())
	raw, err := l.MarshalBinary()
	require.NoError(t, err)
	var again dag.Layout
	require.NoError(t, again.UnmarshalBinary(raw))
	require.Equal(t, *l, again)
	for _, cut := range []int{0, 15, len(raw) - 1} {
		require.ErrorIs(t, again.UnmarshalBinary(raw[:cut]), dag.ErrCAR)
	}
	r := l.Open(ctx, b.Store)
	for _, n := range []int{1, 7, 1000, len(car)} {
		for off := 0; off < len(car); off += max(n, 313) {
			buf := make([]byte, n)
			got, err := r.ReadAt(buf, int64(off))
			require.Equal(t, car[off:min(off+n, len(car))], buf[:got])
			if off+n > len(car) {
				require.ErrorIs(t, err, io.EOF)
			} else {
				require.NoError(t, err)
			}
		}
	}
}

// A damaged or lost block is named; the others are proved on.
func TestNamesTheBlock(t *testing.T) {
	b, p, car := work(t, 90_000)
	s, _ := open(t)
	require.NoError(t, s.Build(ctx, b.Store, p))
	f, err := dag.OpenCAR(bytes.NewReader(car), int64(len(car)))
	require.NoError(t, err)
	leaf := b.File(dagtest.Bytes(90_000), 5000, 7).Links()[0].Cid
	for {
		n, err := dag.Load(ctx, f, leaf)
		require.NoError(t, err)
		if len(n.Links) == 0 {
			break
		}
		leaf = n.Links[0].Cid
	}
	at := uint64(bytes.Index(car, leaf.Bytes())) + 2000
	good, err := b.Store.Get(ctx, leaf)
	require.NoError(t, err)
	for what, damage := range map[error]func(){
		blob.ErrCorrupt:  func() { b.Store.Corrupt(leaf, []byte("rot")) },
		blob.ErrNotFound: func() { require.NoError(t, b.Store.Delete(ctx, leaf)) },
	} {
		damage()
		var block *dag.BlockError
		_, err = s.Prove(ctx, b.Store, p.Root, p.Size, at)
		require.ErrorAs(t, err, &block)
		require.ErrorIs(t, err, what)
		require.Equal(t, leaf, block.Cid)
		_, err = s.Prove(ctx, b.Store, p.Root, p.Size, p.Size-1)
		require.NoError(t, err)
		other, _ := open(t)
		require.ErrorAs(t, other.Build(ctx, b.Store, p), &block)
		require.False(t, other.Has(p.Root))
		require.NoError(t, b.Store.Put(ctx, leaf, good))
	}
}

// Each flipped byte of the file is found: what is proved is right, or nothing is.
func TestFindsDamage(t *testing.T) {
	b, p, _ := work(t, 60_000)
	s, dir := open(t)
	require.NoError(t, s.Build(ctx, b.Store, p))
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	good, err := os.ReadFile(files[0])
	require.NoError(t, err)
	missed := 0
	for i := range good {
		bad := bytes.Clone(good)
		bad[i] ^= 0x40
		require.NoError(t, os.WriteFile(files[0], bad, 0o600))
		for _, off := range []uint64{0, p.Size - 1} {
			if slice, err := s.Prove(ctx, b.Store, p.Root, p.Size, off); err == nil {
				_, err = piece.Verify(p.Root, p.Size, off, slice)
				require.NoError(t, err)
				missed++
			} else {
				require.ErrorIs(t, err, outboard.ErrMissing)
			}
		}
	}
	require.Less(t, missed, len(good), "a node that is not on the way does not matter, all else does")
	for _, n := range []int{0, 10, 60, len(good) / 2, len(good) - 1} {
		require.NoError(t, os.WriteFile(files[0], good[:n], 0o600))
		_, err := s.Prove(ctx, b.Store, p.Root, p.Size, p.Size-1)
		require.ErrorIs(t, err, outboard.ErrMissing, n)
	}
	require.NoError(t, s.Build(ctx, b.Store, p))
	now, err := os.ReadFile(files[0])
	require.NoError(t, err)
	require.Equal(t, good, now)
}

func TestWrongPieceIsNotBuilt(t *testing.T) {
	b, p, _ := work(t, 60_000)
	s, dir := open(t)
	for _, bad := range []outboard.Piece{{Root: [32]byte{1}, Size: p.Size, Roots: p.Roots}, {Root: p.Root, Size: p.Size + 1, Roots: p.Roots}, {Root: p.Root, Size: p.Size, Roots: p.Roots[:1]}} {
		require.ErrorIs(t, s.Build(ctx, b.Store, bad), outboard.ErrPiece)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	require.NoError(t, err)
	require.Empty(t, files)
}

// What a crash left is gone after the next start, and so is what nobody keeps.
func TestKeepsTheFolder(t *testing.T) {
	b, p, _ := work(t, 60_000)
	s, dir := open(t)
	require.NoError(t, s.Build(ctx, b.Store, p))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "building-1"), []byte("half"), 0o600))
	s, err := outboard.Open(dir)
	require.NoError(t, err)
	require.True(t, s.Has(p.Root))
	require.NoFileExists(t, filepath.Join(dir, "building-1"))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "xyz.tree"), nil, 0o600))
	require.NoError(t, s.Retain(func(root [32]byte) bool { return root == p.Root }))
	require.True(t, s.Has(p.Root))
	require.NoFileExists(t, filepath.Join(dir, "xyz.tree"))
	require.NoError(t, s.Retain(func([32]byte) bool { return false }))
	require.False(t, s.Has(p.Root))
}

// big is a piece of 64 MiB in blocks of 1 MiB on disk.
func big(b *testing.B) (*blob.Disk, outboard.Piece) {
	b.Helper()
	m := dagtest.New(b)
	media := m.Dir(map[string]ipld.Node{"f": m.File(dagtest.Bytes(64<<20), 1<<20, 174)}).Cid()
	d, err := blob.OpenDisk(b.TempDir(), 1<<30)
	require.NoError(b, err)
	b.Cleanup(func() { _ = d.Close() })
	var c piece.Builder
	require.NoError(b, dag.WriteCAR(ctx, m.Store, []cid.Cid{media}, &c))
	require.NoError(b, dag.Walk(ctx, m.Store, []cid.Cid{media}, func(n *dag.Node, data []byte) error { return d.Put(ctx, n.Cid, data) }))
	return d, outboard.Piece{Root: c.Root(), Size: c.Size(), Roots: []cid.Cid{media}}
}

func BenchmarkBuild(b *testing.B) {
	d, p := big(b)
	s, _ := open(b)
	b.SetBytes(int64(p.Size))
	for b.Loop() {
		if err := s.Build(ctx, d, p); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkProve makes and verifies one proof from disk.
func BenchmarkProve(b *testing.B) {
	d, p := big(b)
	s, _ := open(b)
	require.NoError(b, s.Build(ctx, d, p))
	at := uint64(0)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Prove(ctx, d, p.Root, p.Size, at%p.Size); err != nil {
			b.Fatal(err)
		}
		at += 7_000_003
	}
}
