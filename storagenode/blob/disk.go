package blob

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"github.com/ipfs/go-cid"
	"github.com/ipfs/go-datastore"
	"github.com/ipfs/go-datastore/query"
	flatfs "github.com/ipfs/go-ds-flatfs"
	"github.com/multiformats/go-base32"
)

// Disk is a store of one file per block.
type Disk struct {
	dir      string
	fs       *flatfs.Datastore
	capacity uint64
	// writing serialises the writers of one block, so that the quota counts it once; taken before mu
	writing [256]sync.Mutex

	mu   sync.Mutex // guards used
	used uint64
}

func (d *Disk) writer(c cid.Cid) *sync.Mutex {
	h := c.Hash()
	return &d.writing[h[len(h)-1]]
}

// OpenDisk opens or creates the store in dir, which may grow to capacity bytes. Close it.
func OpenDisk(dir string, capacity uint64) (*Disk, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	fs, err := flatfs.CreateOrOpen(dir, flatfs.NextToLast(2), true)
	if err != nil {
		return nil, fmt.Errorf("block store %s: %w", dir, err)
	}
	d := &Disk{dir: dir, fs: fs, capacity: capacity}
	// flatfs keeps its own estimate, which a crash makes stale: the quota counts what is there
	res, err := fs.Query(context.Background(), query.Query{KeysOnly: true, ReturnsSizes: true})
	if err != nil {
		return nil, errors.Join(err, fs.Close())
	}
	for r := range res.Next() {
		if r.Error != nil {
			return nil, errors.Join(r.Error, res.Close(), fs.Close())
		}
		size, err := fs.GetSize(context.Background(), datastore.NewKey(r.Key))
		if err != nil {
			return nil, errors.Join(err, res.Close(), fs.Close())
		}
		d.used += uint64(size)
	}
	return d, nil
}

// Close ends the use of the store.
func (d *Disk) Close() error { return d.fs.Close() }

var keyEncoding = base32.RawStdEncoding

// fileKey is the block's name in the way of IPFS: base32 of the multihash.
func fileKey(c cid.Cid) datastore.Key {
	return datastore.NewKey(keyEncoding.EncodeToString(c.Hash()))
}

// Check says whether the folder is still the store: one that is not mounted any more is empty, and has lost nothing.
func (d *Disk) Check() error {
	if _, err := os.Stat(filepath.Join(d.dir, flatfs.SHARDING_FN)); err != nil {
		return fmt.Errorf("block store: %w", err)
	}
	return nil
}

// Get implements Store.
func (d *Disk) Get(ctx context.Context, c cid.Cid) ([]byte, error) {
	if err := checkCID(c); err != nil {
		return nil, err
	}
	data, err := d.fs.Get(ctx, fileKey(c))
	if errors.Is(err, datastore.ErrNotFound) {
		return nil, fmt.Errorf("%w: %s", ErrNotFound, c)
	}
	if err != nil {
		return nil, fmt.Errorf("reading block %s: %w", c, err)
	}
	if err := Check(c, data); err != nil {
		return nil, fmt.Errorf("%w: %s", ErrCorrupt, c)
	}
	return data, nil
}

// Has implements Store.
func (d *Disk) Has(ctx context.Context, c cid.Cid) (bool, error) {
	return d.fs.Has(ctx, fileKey(c))
}

// Size implements Store.
func (d *Disk) Size(ctx context.Context, c cid.Cid) (int, error) {
	n, err := d.fs.GetSize(ctx, fileKey(c))
	if errors.Is(err, datastore.ErrNotFound) {
		return 0, fmt.Errorf("%w: %s", ErrNotFound, c)
	}
	return n, err
}

// Put implements Store.
func (d *Disk) Put(ctx context.Context, c cid.Cid, data []byte) error {
	if err := Check(c, data); err != nil {
		return err
	}
	w := d.writer(c)
	w.Lock()
	defer w.Unlock()
	// a corrupt copy is replaced, so that fetching a block again repairs it
	old, err := d.fs.Get(ctx, fileKey(c))
	if err == nil && Check(c, old) == nil {
		return nil
	}
	if err != nil && !errors.Is(err, datastore.ErrNotFound) {
		return fmt.Errorf("reading block %s: %w", c, err)
	}
	if err == nil {
		if err := d.delete(ctx, c); err != nil {
			return err
		}
	}
	if !d.reserve(uint64(len(data))) {
		return fmt.Errorf("%w: %d of %d bytes used", ErrDiskFull, d.Used(), d.capacity)
	}
	if err := d.fs.Put(ctx, fileKey(c), data); err != nil {
		d.release(uint64(len(data)))
		if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
			return fmt.Errorf("%w: %w", ErrDiskFull, err)
		}
		return fmt.Errorf("writing block %s: %w", c, err)
	}
	return nil
}

// Delete implements Store.
func (d *Disk) Delete(ctx context.Context, c cid.Cid) error {
	if err := checkCID(c); err != nil {
		return err
	}
	w := d.writer(c)
	w.Lock()
	defer w.Unlock()
	return d.delete(ctx, c)
}

func (d *Disk) delete(ctx context.Context, c cid.Cid) error {
	size, err := d.fs.GetSize(ctx, fileKey(c))
	if errors.Is(err, datastore.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := d.fs.Delete(ctx, fileKey(c)); err != nil {
		return fmt.Errorf("deleting block %s: %w", c, err)
	}
	d.release(uint64(size))
	return nil
}

// Each calls f with the CID of each block, as a raw one, until it fails. Blocks that come or go meanwhile may be left out.
func (d *Disk) Each(ctx context.Context, f func(cid.Cid) error) error {
	res, err := d.fs.Query(ctx, query.Query{KeysOnly: true})
	if err != nil {
		return err
	}
	defer res.Close()
	for r := range res.Next() {
		if r.Error != nil {
			return r.Error
		}
		hash, err := keyEncoding.DecodeString(strings.TrimPrefix(r.Key, "/"))
		if err != nil {
			continue // no block of ours
		}
		if err := f(cid.NewCidV1(cid.Raw, hash)); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (d *Disk) reserve(n uint64) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.used+n > d.capacity {
		return false
	}
	d.used += n
	return true
}

func (d *Disk) release(n uint64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.used -= min(n, d.used)
}

// Used implements Store.
func (d *Disk) Used() uint64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.used
}

// Capacity implements Store.
func (d *Disk) Capacity() uint64 { return d.capacity }
