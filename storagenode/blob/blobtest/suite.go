package blobtest

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/ipfs/go-cid"
	mh "github.com/multiformats/go-multihash"
	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/storagenode/blob"
)

// Block returns data's CID with the given codec.
func Block(t testing.TB, codec uint64, data []byte) cid.Cid {
	t.Helper()
	sum, err := mh.Sum(data, mh.SHA2_256, -1)
	require.NoError(t, err)
	return cid.NewCidV1(codec, sum)
}

// Run holds the stores that open makes to the contract of blob.Store. open returns an empty
// store with the given capacity.
func Run(t *testing.T, open func(t *testing.T, capacity uint64) blob.Store) {
	ctx := context.Background()
	hello := []byte("hello")
	c := Block(t, cid.Raw, hello)

	t.Run("put then get", func(t *testing.T) {
		s := open(t, 1<<20)
		_, err := s.Get(ctx, c)
		require.ErrorIs(t, err, blob.ErrNotFound)
		_, err = s.Size(ctx, c)
		require.ErrorIs(t, err, blob.ErrNotFound)
		has, err := s.Has(ctx, c)
		require.NoError(t, err)
		require.False(t, has)

		require.NoError(t, s.Put(ctx, c, hello))
		require.NoError(t, s.Put(ctx, c, hello), "twice is no error")
		require.EqualValues(t, len(hello), s.Used(), "and is counted once")
		got, err := s.Get(ctx, c)
		require.NoError(t, err)
		require.Equal(t, hello, got)
		n, err := s.Size(ctx, c)
		require.NoError(t, err)
		require.Equal(t, len(hello), n)
		has, err = s.Has(ctx, c)
		require.NoError(t, err)
		require.True(t, has)
		// the same digest under another codec is the same block
		got, err = s.Get(ctx, cid.NewCidV1(cid.DagProtobuf, c.Hash()))
		require.NoError(t, err)
		require.Equal(t, hello, got)
	})
	t.Run("delete", func(t *testing.T) {
		s := open(t, 1<<20)
		require.NoError(t, s.Delete(ctx, c), "what is not there")
		require.NoError(t, s.Put(ctx, c, hello))
		_, err := s.Get(ctx, c)
		require.NoError(t, err)
		require.NoError(t, s.Delete(ctx, c))
		_, err = s.Get(ctx, c)
		require.ErrorIs(t, err, blob.ErrNotFound)
		require.Zero(t, s.Used())
	})
	t.Run("refuses what does not hash", func(t *testing.T) {
		s := open(t, 1<<20)
		for bit := range 8 * len(hello) {
			bad := bytes.Clone(hello)
			bad[bit/8] ^= 1 << (bit % 8)
			require.ErrorIs(t, s.Put(ctx, c, bad), blob.ErrMismatch)
		}
		require.ErrorIs(t, s.Put(ctx, c, nil), blob.ErrMismatch)
		require.Zero(t, s.Used())
	})
	t.Run("refuses other hashes and sizes", func(t *testing.T) {
		s := open(t, 1<<30)
		for _, code := range []uint64{mh.IDENTITY, mh.SHA1, mh.SHA2_512} {
			sum, err := mh.Sum(hello, code, -1)
			require.NoError(t, err)
			require.ErrorIs(t, s.Put(ctx, cid.NewCidV1(cid.Raw, sum), hello), blob.ErrUnsupported)
		}
		short, err := mh.Sum(hello, mh.SHA2_256, 20)
		require.NoError(t, err)
		require.ErrorIs(t, s.Put(ctx, cid.NewCidV1(cid.Raw, short), hello), blob.ErrUnsupported)
		require.ErrorIs(t, s.Put(ctx, cid.Undef, hello), blob.ErrUnsupported)
		big := make([]byte, blob.MaxBlock+1)
		require.ErrorIs(t, s.Put(ctx, Block(t, cid.Raw, big), big), blob.ErrUnsupported)
		require.NoError(t, s.Put(ctx, Block(t, cid.Raw, big[1:]), big[1:]))
		require.NoError(t, s.Put(ctx, Block(t, cid.Raw, nil), nil), "the empty block is a block")
	})
	t.Run("quota", func(t *testing.T) {
		s := open(t, 10)
		require.EqualValues(t, 10, s.Capacity())
		require.NoError(t, s.Put(ctx, c, hello))
		other := []byte("worlds")
		oc := Block(t, cid.Raw, other)
		require.ErrorIs(t, s.Put(ctx, oc, other), blob.ErrDiskFull)
		has, err := s.Has(ctx, oc)
		require.NoError(t, err)
		require.False(t, has, "nothing half written")
		require.EqualValues(t, 5, s.Used())
		require.NoError(t, s.Put(ctx, c, hello), "what is there already needs no room")
		require.NoError(t, s.Delete(ctx, c))
		require.NoError(t, s.Put(ctx, oc, other))
	})
	t.Run("concurrent", func(t *testing.T) {
		s := open(t, 1<<20)
		var wg sync.WaitGroup
		for w := range 8 {
			wg.Go(func() {
				for i := range 20 {
					data := fmt.Appendf(nil, "block %d", (i+w)%20)
					id := Block(t, cid.Raw, data)
					if err := s.Put(ctx, id, data); err != nil {
						t.Error(err)
					}
					if got, err := s.Get(ctx, id); err != nil || !bytes.Equal(got, data) {
						t.Error(got, err)
					}
				}
			})
		}
		wg.Wait()
		var want uint64
		for i := range 20 {
			want += uint64(len(fmt.Sprintf("block %d", i)))
		}
		require.Equal(t, want, s.Used(), "each block is counted once")
	})
}
