package blob_test

import (
	"context"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ipfs/go-cid"
	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/storagenode/blob"
	"github.com/streamchain/streamchain/storagenode/blob/blobtest"
)

func openDisk(t *testing.T, dir string, capacity uint64) *blob.Disk {
	t.Helper()
	d, err := blob.OpenDisk(dir, capacity)
	require.NoError(t, err)
	t.Cleanup(func() { _ = d.Close() })
	return d
}

func TestMem(t *testing.T) {
	blobtest.Run(t, func(_ *testing.T, capacity uint64) blob.Store { return blob.NewMem(capacity) })
}

func TestDisk(t *testing.T) {
	blobtest.Run(t, func(t *testing.T, capacity uint64) blob.Store { return openDisk(t, t.TempDir(), capacity) })
}

func TestCache(t *testing.T) {
	blobtest.Run(t, func(_ *testing.T, capacity uint64) blob.Store { return blob.NewCache(blob.NewMem(capacity), 64) })
}

// blockFile finds the only block on disk.
func blockFile(t *testing.T, dir string) string {
	t.Helper()
	var found string
	require.NoError(t, filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".data") {
			found = path
		}
		return err
	}))
	require.NotEmpty(t, found)
	return found
}

func TestDiskReopensAndCounts(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	data := []byte("kept")
	c := blobtest.Block(t, cid.Raw, data)
	d := openDisk(t, dir, 100)
	require.NoError(t, d.Put(ctx, c, data))
	require.NoError(t, d.Close())

	d = openDisk(t, dir, 100)
	require.EqualValues(t, len(data), d.Used())
	got, err := d.Get(ctx, c)
	require.NoError(t, err)
	require.Equal(t, data, got)
}

// Each flipped bit and each truncation on disk is found on reading, and a good copy repairs it.
func TestDiskFindsCorruption(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	data := []byte("some bytes that rot")
	c := blobtest.Block(t, cid.Raw, data)
	d := openDisk(t, dir, 1000)
	require.NoError(t, d.Put(ctx, c, data))
	file := blockFile(t, dir)
	for bit := range 8 * len(data) {
		bad := []byte(string(data))
		bad[bit/8] ^= 1 << (bit % 8)
		require.NoError(t, os.WriteFile(file, bad, 0o644))
		_, err := d.Get(ctx, c)
		require.ErrorIs(t, err, blob.ErrCorrupt)
	}
	for n := range data {
		require.NoError(t, os.WriteFile(file, data[:n], 0o644))
		_, err := d.Get(ctx, c)
		require.ErrorIs(t, err, blob.ErrCorrupt)
	}
	require.NoError(t, d.Put(ctx, c, data), "a good copy replaces the bad one")
	got, err := d.Get(ctx, c)
	require.NoError(t, err)
	require.Equal(t, data, got)
}

// A disk that is really full: a typed error, nothing half written, usable again after deleting.
func TestDiskFull(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", dir).CombinedOutput(); err != nil {
		t.Skipf("a small file system cannot be mounted here: %s", out)
	}
	t.Cleanup(func() { _ = exec.Command("umount", dir).Run() })
	d, err := blob.OpenDisk(filepath.Join(dir, "blocks"), 1<<30)
	require.NoError(t, err)
	defer d.Close()
	var stored []cid.Cid
	for i := range 100 {
		data := make([]byte, 64<<10)
		data[0] = byte(i)
		c := blobtest.Block(t, cid.Raw, data)
		err := d.Put(ctx, c, data)
		if err == nil {
			stored = append(stored, c)
			continue
		}
		require.ErrorIs(t, err, blob.ErrDiskFull)
		has, err := d.Has(ctx, c)
		require.NoError(t, err)
		require.False(t, has)
		require.EqualValues(t, len(stored)*64<<10, d.Used())
		break
	}
	require.NotEmpty(t, stored)
	for _, c := range stored {
		_, err := d.Get(ctx, c)
		require.NoError(t, err)
	}
	require.NoError(t, d.Delete(ctx, stored[0]))
	small := []byte("fits again")
	require.NoError(t, d.Put(ctx, blobtest.Block(t, cid.Raw, small), small))
}

func TestCacheServesFromMemoryWithinItsLimit(t *testing.T) {
	ctx := context.Background()
	m := blob.NewMem(1 << 20)
	c := blob.NewCache(m, 10)
	one, two := []byte("12345678"), []byte("abcdefgh")
	id1, id2 := blobtest.Block(t, cid.Raw, one), blobtest.Block(t, cid.Raw, two)
	require.NoError(t, c.Put(ctx, id1, one))
	require.NoError(t, c.Put(ctx, id2, two))
	_, err := c.Get(ctx, id1)
	require.NoError(t, err)
	m.Corrupt(id1, []byte("x"))
	_, err = c.Get(ctx, id1)
	require.NoError(t, err, "read once, hashed once")
	_, err = c.Get(ctx, id2)
	require.NoError(t, err)
	_, err = c.Get(ctx, id1)
	require.ErrorIs(t, err, blob.ErrCorrupt, "the limit let the first one go")
}
