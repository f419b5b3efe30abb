package blob_test

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/ipfs/go-cid"
	mh "github.com/multiformats/go-multihash"
	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/piece"
	"github.com/streamchain/streamchain/storagenode/blob"
)

const flips = 100_000

// mebibyte is a file of 1 MiB as 64 blocks, and the blocks' CIDs.
func mebibyte(t *testing.T) (file []byte, ids []cid.Cid) {
	t.Helper()
	file = make([]byte, 1<<20)
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range file {
		file[i] = byte(rng.Uint32())
	}
	for at := 0; at < len(file); at += blockSize {
		hash, err := mh.Sum(file[at:at+blockSize], mh.SHA2_256, -1)
		require.NoError(t, err)
		ids = append(ids, cid.NewCidV1(cid.Raw, hash))
	}
	return file, ids
}

const blockSize = 16 << 10

// Of a hundred thousand single bits that flip in a stored file of 1 MiB, none is served: each read says ErrCorrupt, and once
// the bit is right again the block is as well.
func TestFlippedBitsInTheStore(t *testing.T) {
	ctx := context.Background()
	file, ids := mebibyte(t)
	store := blob.NewMem(1 << 30)
	for i, c := range ids {
		require.NoError(t, store.Put(ctx, c, file[i*blockSize:(i+1)*blockSize]))
	}
	rng := rand.New(rand.NewPCG(3, 4))
	detected := 0
	for range flips {
		bit := rng.IntN(8 * len(file))
		i := bit / 8 / blockSize
		block := file[i*blockSize : (i+1)*blockSize]
		at, mask := bit/8%blockSize, byte(1)<<(bit%8)
		block[at] ^= mask
		store.Corrupt(ids[i], block)
		if _, err := store.Get(ctx, ids[i]); err != nil {
			require.ErrorIs(t, err, blob.ErrCorrupt)
			detected++
		}
		block[at] ^= mask
	}
	require.Equal(t, flips, detected)
	for i, c := range ids {
		store.Corrupt(c, file[i*blockSize:(i+1)*blockSize])
		_, err := store.Get(ctx, c)
		require.NoError(t, err)
	}
}

// The same on disk, for a sample: flips in the files beneath a running store.
func TestFlippedBitsOnDisk(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	file, ids := mebibyte(t)
	store, err := blob.OpenDisk(dir, 1<<30)
	require.NoError(t, err)
	defer store.Close()
	for i, c := range ids {
		require.NoError(t, store.Put(ctx, c, file[i*blockSize:(i+1)*blockSize]))
	}
	files, err := filepath.Glob(filepath.Join(dir, "*", "*.data"))
	require.NoError(t, err)
	require.Len(t, files, len(ids))
	rng := rand.New(rand.NewPCG(5, 6))
	for range 400 {
		name := files[rng.IntN(len(files))]
		data, err := os.ReadFile(name)
		require.NoError(t, err)
		bit := rng.IntN(8 * len(data))
		data[bit/8] ^= 1 << (bit % 8)
		require.NoError(t, os.WriteFile(name, data, 0o600))
		damaged := 0
		for _, c := range ids {
			if _, err := store.Get(ctx, c); err != nil {
				require.ErrorIs(t, err, blob.ErrCorrupt)
				damaged++
			}
			if damaged == 1 {
				break
			}
		}
		require.Equal(t, 1, damaged)
		data[bit/8] ^= 1 << (bit % 8)
		require.NoError(t, os.WriteFile(name, data, 0o600))
	}
}

// The same of what proves storage to the chain: no flipped leaf or node of a proof passes for the piece.
func TestFlippedBitsInProofs(t *testing.T) {
	file, _ := mebibyte(t)
	b := &piece.Builder{}
	_, err := b.Write(file)
	require.NoError(t, err)
	root, tree := b.Root(), b.Outboard()
	rng := rand.New(rand.NewPCG(7, 8))
	detected, size := 0, uint64(len(file))
	var slice []byte
	var offset uint64
	for i := range flips {
		if i%100 == 0 {
			offset = rng.Uint64N(size)
			slice, err = piece.Prove(byteReader(file), size, tree, offset)
			require.NoError(t, err)
			_, err = piece.Verify(root, size, offset, slice)
			require.NoError(t, err)
		}
		bit := rng.IntN(8 * len(slice))
		slice[bit/8] ^= 1 << (bit % 8)
		if _, err := piece.Verify(root, size, offset, slice); err != nil {
			detected++
		}
		slice[bit/8] ^= 1 << (bit % 8)
	}
	require.Equal(t, flips, detected)
}

type byteReader []byte

func (b byteReader) ReadAt(p []byte, off int64) (int, error) { return copy(p, b[off:]), nil }
