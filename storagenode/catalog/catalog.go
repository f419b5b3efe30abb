package catalog

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"sync"

	"github.com/ipfs/go-cid"
	"github.com/syndtr/goleveldb/leveldb"
	"github.com/syndtr/goleveldb/leveldb/opt"
	"github.com/syndtr/goleveldb/leveldb/util"
)

// Entry is a set of blocks that the node keeps: a work by a deal, or an upload that waits
// for one.
type Entry struct {
	ID      string `json:"id"`   // the version's CID, or UploadID
	Live    bool   `json:"live"` // served; an upload is not
	Work    string `json:"work,omitempty"`
	Root    string `json:"root,omitempty"`
	Creator string `json:"creator"` // who brought the bytes
	Media   string `json:"media"`
	Cover   string `json:"cover,omitempty"`
	Piece   []byte `json:"piece"`
	// PieceSize is the CAR's, Size the sum of blocks, in bytes.
	PieceSize uint64 `json:"piece_size"`
	Size      uint64 `json:"size"`
	Duration  uint64 `json:"duration"` // seconds, from the chain
	Added     int64  `json:"added"`    // unix seconds
	// Until is not zero for a work whose deal is over: before the period of that number opens, the chain may still ask for
	// proofs of it. It is not served.
	Until uint64 `json:"until,omitempty"`
	Items []Item `json:"items"`

	num uint32
}

// Waiting says whether it is an upload that no deal has come for.
func (e Entry) Waiting() bool { return !e.Live && e.Until == 0 }

// Ref is a block's or file's part in a served work.
type Ref struct {
	*Entry
	// Item is nil for blocks of directories, which are free.
	Item *Item
}

// Free says whether anybody may read it.
func (r Ref) Free() bool { return r.Item == nil || r.Item.Class == Free }

// UploadID names an upload's entry.
func UploadID(piece []byte, creator string) string {
	return fmt.Sprintf("upload/%x/%s", piece, creator)
}

// ErrExists says that an entry of that id is there.
var ErrExists = errors.New("the catalog has this entry already")

// Catalog is the node's list of entries. It is safe for concurrent use.
//
// Keys on disk: 'e' ‖ num → entry; 'b' ‖ multihash ‖ num → its items; 'm' ‖ name → value. Numbers are
// never used again, so that what a crash left of an old entry cannot be taken for a new one's.
type Catalog struct {
	db *leveldb.DB
	// keeping orders Ingest, Promote and Drop: what one brings in, the other must not take for orphaned
	keeping sync.Mutex

	mu      sync.RWMutex
	entries map[string]*Entry
	byNum   map[uint32]*Entry
	next    uint32
}

var synced = &opt.WriteOptions{Sync: true}

// Open opens or creates the catalog in dir. Close it.
func Open(dir string) (*Catalog, error) {
	db, err := leveldb.OpenFile(filepath.Join(dir, "catalog"), nil)
	if err != nil {
		return nil, fmt.Errorf("catalog %s: %w", dir, err)
	}
	c := &Catalog{db: db, entries: map[string]*Entry{}, byNum: map[uint32]*Entry{}}
	if raw, err := c.Meta("next"); err == nil && len(raw) == 4 {
		c.next = binary.BigEndian.Uint32(raw)
	}
	it := db.NewIterator(util.BytesPrefix([]byte{'e'}), nil)
	defer it.Release()
	for it.Next() {
		e := &Entry{num: binary.BigEndian.Uint32(it.Key()[1:])}
		if err := json.Unmarshal(it.Value(), e); err != nil {
			return nil, errors.Join(fmt.Errorf("catalog %s: %w", dir, err), db.Close())
		}
		c.entries[e.ID], c.byNum[e.num] = e, e
	}
	return c, it.Error()
}

// Close ends the use of the catalog.
func (c *Catalog) Close() error { return c.db.Close() }

// Meta returns a stored value; nil where there is none.
func (c *Catalog) Meta(name string) ([]byte, error) {
	v, err := c.db.Get(append([]byte{'m'}, name...), nil)
	if errors.Is(err, leveldb.ErrNotFound) {
		return nil, nil
	}
	return v, err
}

// SetMeta stores a value.
func (c *Catalog) SetMeta(name string, value []byte) error {
	return c.db.Put(append([]byte{'m'}, name...), value, synced)
}

func entryKey(num uint32) []byte { return binary.BigEndian.AppendUint32([]byte{'e'}, num) }

func blockKey(hash string, num uint32) []byte {
	return binary.BigEndian.AppendUint32(append([]byte{'b'}, hash...), num)
}

// Add stores an entry with its index. From then on its blocks are kept. ErrExists.
func (c *Catalog) Add(e Entry, ix *Index) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.entries[e.ID]; ok {
		return fmt.Errorf("%w: %s", ErrExists, e.ID)
	}
	e.num, e.Items, e.Size = c.next, ix.Items, ix.Size
	raw, err := json.Marshal(e)
	if err != nil {
		return err
	}
	b := new(leveldb.Batch)
	for hash, items := range ix.Blocks {
		v := make([]byte, 0, 4*len(items))
		for _, i := range items {
			v = binary.BigEndian.AppendUint32(v, i)
		}
		b.Put(blockKey(hash, e.num), v)
	}
	b.Put(entryKey(e.num), raw)
	b.Put(append([]byte{'m'}, "next"...), binary.BigEndian.AppendUint32(nil, c.next+1))
	if err := c.db.Write(b, synced); err != nil {
		return err
	}
	c.next++
	c.entries[e.ID], c.byNum[e.num] = &e, &e
	return nil
}

// End stops serving a work, which stays kept until the period of that number.
func (c *Catalog) End(id string, until uint64) error {
	return c.change(id, func(e *Entry) { e.Live, e.Until = false, until })
}

// Revive serves a work again whose deal was over.
func (c *Catalog) Revive(id string) error {
	return c.change(id, func(e *Entry) { e.Live, e.Until = true, 0 })
}

// change replaces an entry by a changed copy: readers may still hold the old one.
func (c *Catalog) change(id string, f func(*Entry)) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	old, ok := c.entries[id]
	if !ok {
		return nil
	}
	e := *old
	f(&e)
	raw, err := json.Marshal(e)
	if err != nil {
		return err
	}
	if err := c.db.Put(entryKey(e.num), raw, synced); err != nil {
		return err
	}
	c.entries[id], c.byNum[e.num] = &e, &e
	return nil
}

// Remove forgets an entry and returns the blocks that no entry names any more: the caller deletes
// them. A block that is lost in a crash between the two is only wasted room.
func (c *Catalog) Remove(id string) (orphans []cid.Cid, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.entries[id]
	if !ok {
		return nil, nil
	}
	b := new(leveldb.Batch)
	b.Delete(entryKey(e.num))
	it := c.db.NewIterator(util.BytesPrefix([]byte{'b'}), nil)
	defer it.Release()
	var hash []byte
	mine, others := false, false
	flush := func() {
		if mine && !others {
			orphans = append(orphans, cid.NewCidV1(cid.Raw, append([]byte{}, hash...)))
		}
		mine, others = false, false
	}
	for it.Next() {
		k := it.Key()
		h, num := k[1:len(k)-4], binary.BigEndian.Uint32(k[len(k)-4:])
		if string(h) != string(hash) {
			flush()
			hash = append(hash[:0], h...)
		}
		if num == e.num {
			mine = true
			b.Delete(append([]byte{}, k...))
		} else {
			others = true
		}
	}
	flush()
	if err := it.Error(); err != nil {
		return nil, err
	}
	if err := c.db.Write(b, synced); err != nil {
		return nil, err
	}
	delete(c.entries, id)
	delete(c.byNum, e.num)
	return orphans, nil
}

// Kept says whether any entry names the block.
func (c *Catalog) Kept(id cid.Cid) bool {
	it := c.db.NewIterator(util.BytesPrefix(append([]byte{'b'}, id.Hash()...)), nil)
	defer it.Release()
	return it.Next()
}

// Find returns what the block is in the works that are served.
func (c *Catalog) Find(id cid.Cid) []Ref {
	it := c.db.NewIterator(util.BytesPrefix(append([]byte{'b'}, id.Hash()...)), nil)
	defer it.Release()
	c.mu.RLock()
	defer c.mu.RUnlock()
	var refs []Ref
	for it.Next() {
		k, v := it.Key(), it.Value()
		e := c.byNum[binary.BigEndian.Uint32(k[len(k)-4:])]
		if e == nil || !e.Live {
			continue
		}
		if len(v) == 0 {
			refs = append(refs, Ref{Entry: e})
		}
		for ; len(v) >= 4; v = v[4:] {
			if i := binary.BigEndian.Uint32(v); int(i) < len(e.Items) {
				refs = append(refs, Ref{Entry: e, Item: &e.Items[i]})
			}
		}
	}
	return refs
}

// Keepers are the works, served or over, that a block is kept for.
func (c *Catalog) Keepers(id cid.Cid) []*Entry {
	it := c.db.NewIterator(util.BytesPrefix(append([]byte{'b'}, id.Hash()...)), nil)
	defer it.Release()
	c.mu.RLock()
	defer c.mu.RUnlock()
	var out []*Entry
	for it.Next() {
		k := it.Key()
		if e := c.byNum[binary.BigEndian.Uint32(k[len(k)-4:])]; e != nil && !e.Waiting() {
			out = append(out, e)
		}
	}
	return out
}

// Get returns an entry.
func (c *Catalog) Get(id string) (*Entry, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	e, ok := c.entries[id]
	return e, ok
}

// Brought returns an entry with the piece that the creator itself brought, live or waiting.
func (c *Catalog) Brought(piece []byte, creator string) (*Entry, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	for _, e := range c.entries {
		if e.Creator == creator && string(e.Piece) == string(piece) {
			return e, true
		}
	}
	return nil, false
}

// All returns all entries.
func (c *Catalog) All() []*Entry {
	c.mu.RLock()
	defer c.mu.RUnlock()
	out := make([]*Entry, 0, len(c.entries))
	for _, e := range c.entries {
		out = append(out, e)
	}
	return out
}
