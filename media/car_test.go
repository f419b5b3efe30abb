package media

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/ipfs/go-cid"
	carv2 "github.com/ipld/go-car/v2"
	"github.com/stretchr/testify/require"
	"lukechampine.com/blake3"
)

func work(t testing.TB) (dir string, x *Index, roots []cid.Cid) {
	ctx := context.Background()
	dir = t.TempDir()
	write(t, filepath.Join(dir, "v0", "a"), randomBytes(3<<20+5))
	write(t, filepath.Join(dir, "v0", "b"), randomBytes(3<<20+5))
	write(t, filepath.Join(dir, "poster.jpg"), []byte("poster"))
	x = NewIndex()
	media, _, err := BuildDAG(ctx, dir, x)
	require.NoError(t, err)
	cover, _, err := BuildDAG(ctx, filepath.Join(dir, "poster.jpg"), x)
	require.NoError(t, err)
	return dir, x, []cid.Cid{media, cover}
}

// The CAR is what go-car reads: the roots, then depth first, each block once; its root is its BLAKE3.
func TestCAR(t *testing.T) {
	ctx := context.Background()
	dir, x, roots := work(t)
	var car bytes.Buffer
	root, size, err := WriteCAR(ctx, &car, roots, x)
	require.NoError(t, err)
	require.Equal(t, blake3.Sum256(car.Bytes()), root)
	require.EqualValues(t, car.Len(), size)

	r, err := carv2.NewBlockReader(bytes.NewReader(car.Bytes()))
	require.NoError(t, err)
	require.EqualValues(t, 1, r.Version)
	require.Equal(t, roots, r.Roots)
	var order []cid.Cid
	for {
		b, err := r.Next() // verifies the block's hash
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		order = append(order, b.Cid())
	}
	v0, _, err := BuildDAG(ctx, filepath.Join(dir, "v0"), mem{})
	require.NoError(t, err)
	a, _, err := BuildDAG(ctx, filepath.Join(dir, "v0", "a"), mem{})
	require.NoError(t, err)
	require.Len(t, order, 1+1+1+1+4, "folder, poster, folder, file, its chunks; nothing twice")
	require.Equal(t, []cid.Cid{roots[0], roots[1], v0, a}, order[:4])

	full := mem{}
	_, _, err = BuildDAG(ctx, dir, full)
	require.NoError(t, err)
	again, _, err := WriteCAR(ctx, io.Discard, roots, full)
	require.NoError(t, err)
	require.Equal(t, root, again, "whatever the source")
	only, _, err := WriteCAR(ctx, io.Discard, []cid.Cid{roots[0], cid.Undef}, x)
	require.NoError(t, err)
	require.NotEqual(t, root, only)
}

func TestCARsThatAreRefused(t *testing.T) {
	ctx := context.Background()
	dir, x, roots := work(t)
	_, _, err := WriteCAR(ctx, io.Discard, nil, x)
	require.ErrorIs(t, err, ErrRoots)
	_, _, err = WriteCAR(ctx, io.Discard, []cid.Cid{cid.Undef}, x)
	require.ErrorIs(t, err, ErrRoots)
	_, _, err = WriteCAR(ctx, io.Discard, []cid.Cid{sumCID(cid.Raw, []byte("other"))}, x)
	require.ErrorIs(t, err, ErrNotFound)
	stopped, stop := context.WithCancel(ctx)
	stop()
	_, _, err = WriteCAR(stopped, io.Discard, roots, x)
	require.ErrorIs(t, err, context.Canceled)

	changed := randomBytes(3<<20 + 5)
	changed[2<<20] ^= 1
	write(t, filepath.Join(dir, "v0", "b"), changed)
	_, _, err = WriteCAR(ctx, io.Discard, roots, x)
	require.ErrorIs(t, err, ErrMismatch, "a changed file does not enter a piece")
	write(t, filepath.Join(dir, "v0", "b"), changed[:1000])
	_, _, err = WriteCAR(ctx, io.Discard, roots, x)
	require.ErrorIs(t, err, ErrChanged)
	require.NoError(t, os.Remove(filepath.Join(dir, "v0", "b")))
	_, _, err = WriteCAR(ctx, io.Discard, roots, x)
	require.ErrorIs(t, err, ErrChanged)
}

const benchSize = 64 << 20

// BenchmarkPiece makes a piece of a folder: DAG, CAR and piece root.
func BenchmarkPiece(b *testing.B) {
	ctx, dir := context.Background(), b.TempDir()
	for i := range 8 {
		write(b, filepath.Join(dir, string(rune('a'+i))), randomBytes(benchSize/8+i))
	}
	b.SetBytes(benchSize)
	b.ReportAllocs()
	for b.Loop() {
		x := NewIndex()
		root, _, err := BuildDAG(ctx, dir, x)
		if err != nil {
			b.Fatal(err)
		}
		if _, _, err := WriteCAR(ctx, io.Discard, []cid.Cid{root}, x); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSHA256 is the peer of BenchmarkPiece: one core that only hashes.
func BenchmarkSHA256(b *testing.B) {
	data := randomBytes(benchSize)
	b.SetBytes(benchSize)
	for b.Loop() {
		sha256.Sum256(data)
	}
}
