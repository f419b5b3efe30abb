package piece_test

import (
	"bytes"
	"errors"
	"io"
	"math"
	"slices"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
	"lukechampine.com/blake3"
	"lukechampine.com/blake3/bao"
	"pgregory.net/rapid"

	"github.com/streamchain/streamchain/piece"
)

// group is the exponent of GroupSize for package bao.
const group = 4

// pattern is the input of BLAKE3's own test vectors.
func pattern(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i % 251)
	}
	return b
}

func build(data []byte) *piece.Builder {
	b := new(piece.Builder)
	_, _ = b.Write(data)
	return b
}

// edges are the sizes at which the tree's shape changes.
func edges() []int {
	sizes := []int{1, 2, 63, 64, 65}
	for _, base := range []int{1, 2, 3, 4, 8, 15, 16, 17, 31, 32, 33, 48, 63, 64, 65, 100, 128, 129, 256} {
		sizes = append(sizes, base*piece.LeafSize-1, base*piece.LeafSize, base*piece.LeafSize+1)
	}
	return sizes
}

// The root is BLAKE3's and the outboard is Bao's, whatever the size.
func TestRootAndOutboardEqualTheReference(t *testing.T) {
	for _, n := range append(edges(), 0) {
		data := pattern(n)
		b := build(data)
		require.Equal(t, blake3.Sum256(data), b.Root(), "%d bytes", n)
		require.EqualValues(t, n, b.Size())
		want, root := bao.EncodeBuf(data, group, true)
		require.Equal(t, root, b.Root())
		require.Equal(t, want, b.Outboard(), "%d bytes", n)
		require.EqualValues(t, len(want), piece.OutboardSize(uint64(n)))
	}
}

// However the bytes are cut into writes, the result is the same; asking between writes changes nothing.
func TestWritesCanBeCutAnywhere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		data := pattern(rapid.IntRange(0, 200_000).Draw(t, "size"))
		want := blake3.Sum256(data)
		b := new(piece.Builder)
		for rest := data; len(rest) > 0; {
			n := min(rapid.IntRange(0, 70_000).Draw(t, "write"), len(rest))
			_, _ = b.Write(rest[:n])
			rest = rest[n:]
			if rapid.Bool().Draw(t, "ask") {
				require.Equal(t, blake3.Sum256(data[:len(data)-len(rest)]), b.Root())
			}
		}
		require.Equal(t, want, b.Root())
		root, size, err := piece.Sum(iotest.HalfReader(bytes.NewReader(data)))
		require.NoError(t, err)
		require.Equal(t, want, root)
		require.EqualValues(t, len(data), size)
	})
}

func TestSumPassesTheReadersError(t *testing.T) {
	broken := errors.New("broken")
	_, _, err := piece.Sum(io.MultiReader(bytes.NewReader(pattern(5000)), iotest.ErrReader(broken)))
	require.ErrorIs(t, err, broken)
}

// Every leaf of every edge size can be proved, and the proof is the Bao slice of that leaf.
func TestProofs(t *testing.T) {
	for _, n := range edges() {
		data := pattern(n)
		b := build(data)
		root, outboard := b.Root(), b.Outboard()
		combined, _ := bao.EncodeBuf(data, 0, false)
		for start := 0; start < n; start += piece.LeafSize {
			end := min(start+piece.LeafSize, n)
			slice, err := piece.Prove(bytes.NewReader(data), uint64(n), outboard, uint64(start))
			require.NoError(t, err)
			last, err := piece.Prove(bytes.NewReader(data), uint64(n), outboard, uint64(end-1))
			require.NoError(t, err)
			require.Equal(t, slice, last, "one proof for each leaf")
			require.Len(t, slice, piece.ProofSize(uint64(n), uint64(start)))

			leaf, err := piece.Verify(root, uint64(n), uint64(start), slice)
			require.NoError(t, err)
			require.Equal(t, data[start:end], leaf)

			var want bytes.Buffer
			require.NoError(t, bao.ExtractSlice(&want, bytes.NewReader(combined), nil, 0, uint64(start), uint64(end-start)))
			require.Equal(t, want.Bytes(), slice, "%d bytes, leaf at %d", n, start)
			same, ok := bao.VerifySlice(slice, 0, uint64(start), uint64(end-start), root)
			require.True(t, ok)
			require.Equal(t, leaf, same)
		}
	}
}

func TestVerifyRefuses(t *testing.T) {
	data := pattern(100_000)
	b := build(data)
	root, size, outboard := b.Root(), b.Size(), b.Outboard()
	const offset = 50_000
	slice, err := piece.Prove(bytes.NewReader(data), size, outboard, offset)
	require.NoError(t, err)
	_, err = piece.Verify(root, size, offset, slice)
	require.NoError(t, err)

	for i := range len(slice) * 8 {
		bad := slices.Clone(slice)
		bad[i/8] ^= 1 << (i % 8)
		_, err := piece.Verify(root, size, offset, bad)
		require.ErrorIs(t, err, piece.ErrProof, "bit %d", i)
	}
	for i := range 256 {
		bad := root
		bad[i/8] ^= 1 << (i % 8)
		_, err := piece.Verify(bad, size, offset, slice)
		require.ErrorIs(t, err, piece.ErrProof)
	}
	for n := range len(slice) {
		_, err := piece.Verify(root, size, offset, slice[:n])
		require.ErrorIs(t, err, piece.ErrProof, "cut to %d bytes", n)
	}
	_, err = piece.Verify(root, size, offset, append(slices.Clone(slice), 0))
	require.ErrorIs(t, err, piece.ErrProof)
	for at := uint64(0); at < size; at += piece.LeafSize {
		if at/piece.LeafSize != offset/piece.LeafSize {
			_, err := piece.Verify(root, size, at, slice)
			require.ErrorIs(t, err, piece.ErrProof, "another leaf's challenge, at %d", at)
		}
	}
	for _, other := range []uint64{size - 1, size + 1, size * 2, piece.LeafSize * 98, math.MaxUint64} {
		_, err := piece.Verify(root, other, offset, slice)
		require.ErrorIs(t, err, piece.ErrProof, "another size")
	}
	for _, beyond := range []uint64{size, size + 1, math.MaxUint64} {
		_, err := piece.Verify(root, size, beyond, slice)
		require.ErrorIs(t, err, piece.ErrOffset)
		_, err = piece.Prove(bytes.NewReader(data), size, outboard, beyond)
		require.ErrorIs(t, err, piece.ErrOffset)
	}
	_, err = piece.Verify(root, 0, 0, nil)
	require.ErrorIs(t, err, piece.ErrOffset)
}

// A node hands out no proof that would fail: it learns of damage from Prove.
func TestProveNoticesDamage(t *testing.T) {
	data := pattern(100_000)
	b := build(data)
	root, size, outboard := b.Root(), b.Size(), b.Outboard()
	const offset = 70_000
	rapid.Check(t, func(t *rapid.T) {
		bad, ob := slices.Clone(data), slices.Clone(outboard)
		if rapid.Bool().Draw(t, "data") {
			bad[rapid.IntRange(0, len(bad)-1).Draw(t, "at")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		} else {
			ob[rapid.IntRange(0, len(ob)-1).Draw(t, "at")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		}
		slice, err := piece.Prove(bytes.NewReader(bad), size, ob, offset)
		if err != nil {
			require.ErrorIs(t, err, piece.ErrCorrupt)
			return
		}
		// the damage was elsewhere, or in the topmost node, which only the root can tell
		if !bytes.Equal(ob[8:72], outboard[8:72]) {
			return
		}
		_, err = piece.Verify(root, size, offset, slice)
		require.NoError(t, err)
	})
	_, err := piece.Prove(bytes.NewReader(data), size, outboard[:len(outboard)-1], offset)
	require.ErrorIs(t, err, piece.ErrCorrupt)
	_, err = piece.Prove(bytes.NewReader(data), size, nil, offset)
	require.ErrorIs(t, err, piece.ErrCorrupt)
	_, err = piece.Prove(bytes.NewReader(data[:50_000]), size, outboard, offset)
	require.ErrorIs(t, err, piece.ErrCorrupt, "a file cut short")
}

func TestVerifyAllocatesNothing(t *testing.T) {
	data := pattern(1 << 20)
	b := build(data)
	root, size := b.Root(), b.Size()
	slice, err := piece.Prove(bytes.NewReader(data), size, b.Outboard(), 700_000)
	require.NoError(t, err)
	require.Zero(t, testing.AllocsPerRun(100, func() {
		if _, err := piece.Verify(root, size, 700_000, slice); err != nil {
			t.Fatal(err)
		}
	}))
}

// A piece of a tebibyte has a proof below 3 KiB.
func TestProofsStaySmall(t *testing.T) {
	require.LessOrEqual(t, piece.ProofSize(1<<40, 1<<39), 3<<10)
	require.Zero(t, piece.ProofSize(10, 10))
}
