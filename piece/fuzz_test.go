package piece_test

import (
	"bytes"
	"testing"

	"lukechampine.com/blake3/bao"

	"github.com/streamchain/streamchain/piece"
)

// What Verify accepts is what is there, and the reference agrees.
func FuzzVerify(f *testing.F) {
	data := pattern(40_000)
	b := build(data)
	root, size, outboard := b.Root(), b.Size(), b.Outboard()
	for _, offset := range []uint64{0, 1024, 20_000, 39_999} {
		slice, err := piece.Prove(bytes.NewReader(data), size, outboard, offset)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(size, offset, slice)
	}
	f.Fuzz(func(t *testing.T, n, offset uint64, slice []byte) {
		leaf, err := piece.Verify(root, n, offset, slice)
		if err != nil {
			return
		}
		start := offset / piece.LeafSize * piece.LeafSize
		if n != size || !bytes.Equal(leaf, data[start:min(start+piece.LeafSize, size)]) {
			t.Fatalf("accepted a leaf at %d of %d that is not there", offset, n)
		}
		if _, ok := bao.VerifySlice(slice, 0, start, uint64(len(leaf)), root); !ok {
			t.Fatal("the reference refuses it")
		}
	})
}

// Whatever the bytes, every leaf can be proved from its outboard.
func FuzzProve(f *testing.F) {
	f.Add([]byte("x"), uint16(0), uint64(0))
	f.Add(pattern(1025), uint16(40), uint64(20_000))
	f.Fuzz(func(t *testing.T, seed []byte, times uint16, offset uint64) {
		data := bytes.Repeat(append(seed, 1), 1+int(times)%64)
		b := build(data)
		offset %= b.Size()
		slice, err := piece.Prove(bytes.NewReader(data), b.Size(), b.Outboard(), offset)
		if err != nil {
			t.Fatal(err)
		}
		leaf, err := piece.Verify(b.Root(), b.Size(), offset, slice)
		start := offset / piece.LeafSize * piece.LeafSize
		if err != nil || !bytes.Equal(leaf, data[start:min(start+piece.LeafSize, b.Size())]) {
			t.Fatalf("leaf at %d of %d: %v", offset, b.Size(), err)
		}
	})
}
