package blob_test

import (
	"context"
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/ipfs/go-cid"
	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/storagenode/blob"
	"github.com/streamchain/streamchain/storagenode/blob/blobtest"
)

// Many write at once into a store that has room for some: what was acknowledged is there after a restart, whole; what was
// refused is not there in part; and the quota was never exceeded.
func TestQuotaUnderFire(t *testing.T) {
	const size, room, writers, each = 1000, 20, 16, 10
	ctx, dir := context.Background(), t.TempDir()
	d, err := blob.OpenDisk(dir, size*room)
	require.NoError(t, err)
	var mu sync.Mutex
	acknowledged, refused := map[cid.Cid]bool{}, []cid.Cid{}
	var over atomic.Bool
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			for range each {
				data := make([]byte, size)
				_, _ = rand.Read(data)
				c := blobtest.Block(t, cid.Raw, data)
				err := d.Put(ctx, c, data)
				mu.Lock()
				if err == nil {
					acknowledged[c] = true
				} else {
					refused = append(refused, c)
				}
				mu.Unlock()
				if d.Used() > d.Capacity() {
					over.Store(true)
				}
				if err != nil && !assertFull(err) {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	require.False(t, over.Load())
	require.Len(t, acknowledged, room)
	require.NoError(t, d.Close())
	d, err = blob.OpenDisk(dir, size*room)
	require.NoError(t, err)
	defer d.Close()
	require.EqualValues(t, size*room, d.Used())
	for c := range acknowledged {
		data, err := d.Get(ctx, c)
		require.NoError(t, err)
		require.Len(t, data, size)
	}
	for _, c := range refused {
		has, err := d.Has(ctx, c)
		require.NoError(t, err)
		require.False(t, has)
	}
	listed := 0
	require.NoError(t, d.Each(ctx, func(c cid.Cid) error {
		require.True(t, acknowledged[c])
		listed++
		return nil
	}))
	require.Equal(t, room, listed)
}

func assertFull(err error) bool { return strings.Contains(err.Error(), blob.ErrDiskFull.Error()) }

// A block that a crash cut short is not served, and is replaced when it comes again.
func TestCutShort(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	d, err := blob.OpenDisk(dir, 1<<20)
	require.NoError(t, err)
	defer d.Close()
	data := []byte(strings.Repeat("x", 1000))
	c := blobtest.Block(t, cid.Raw, data)
	require.NoError(t, d.Put(ctx, c, data))
	files, err := filepath.Glob(filepath.Join(dir, "*", "*.data"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	require.NoError(t, os.Truncate(files[0], 500))
	_, err = d.Get(ctx, c)
	require.ErrorIs(t, err, blob.ErrCorrupt)
	require.NoError(t, d.Put(ctx, c, data))
	got, err := d.Get(ctx, c)
	require.NoError(t, err)
	require.Equal(t, data, got)
	require.LessOrEqual(t, d.Used(), uint64(1500))
}
