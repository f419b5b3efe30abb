package catalog

import (
	"context"
	"errors"
	"fmt"

	"github.com/ipfs/go-cid"

	"github.com/streamchain/streamchain/storagenode/blob"
	"github.com/streamchain/streamchain/storagenode/dag"
)

// ErrForeign says that the node has no bytes that the work's own creator brought.
var ErrForeign = errors.New("no such bytes were brought for this creator")

// Roots parses an entry's media and cover; cover may be undefined.
func (e Entry) Roots() (media, cover cid.Cid, err error) {
	if media, err = cid.Decode(e.Media); err != nil {
		return media, cover, fmt.Errorf("media %q: %w", e.Media, err)
	}
	if e.Cover != "" {
		if cover, err = cid.Decode(e.Cover); err != nil {
			return media, cover, fmt.Errorf("cover %q: %w", e.Cover, err)
		}
	}
	return media, cover, nil
}

// Ingest copies the DAG of the entry's media and cover from src into s and adds the entry. When it fails, what it
// brought in is gone again. An entry that is there already is no error.
func (c *Catalog) Ingest(ctx context.Context, s blob.Store, src dag.Getter, e Entry) error {
	media, cover, err := e.Roots()
	if err != nil {
		return err
	}
	c.keeping.Lock()
	defer c.keeping.Unlock()
	roots := []cid.Cid{media}
	if cover.Defined() {
		roots = append(roots, cover)
	}
	var brought []cid.Cid
	err = dag.Walk(ctx, src, roots, func(n *dag.Node, data []byte) error {
		if has, err := s.Has(ctx, n.Cid); err != nil {
			return err
		} else if !has {
			brought = append(brought, n.Cid)
		}
		return s.Put(ctx, n.Cid, data)
	})
	var ix *Index
	if err == nil {
		ix, err = BuildIndex(ctx, s, media, cover)
	}
	if err == nil {
		err = c.Add(e, ix)
	}
	if errors.Is(err, ErrExists) {
		return nil
	}
	if err != nil {
		for _, id := range brought {
			if !c.Kept(id) {
				// the first error counts; a block that stays is only wasted room
				_ = s.Delete(context.WithoutCancel(ctx), id)
			}
		}
	}
	return err
}

// Promote makes a work live out of bytes that its own creator uploaded, and forgets the upload. ErrForeign.
func (c *Catalog) Promote(ctx context.Context, s blob.Store, e Entry) error {
	media, cover, err := e.Roots()
	if err != nil {
		return err
	}
	c.keeping.Lock()
	defer c.keeping.Unlock()
	up, ok := c.Brought(e.Piece, e.Creator)
	if !ok || up.Media != e.Media || up.Cover != e.Cover || up.PieceSize != e.PieceSize {
		return fmt.Errorf("%w: %s", ErrForeign, e.ID)
	}
	ix, err := BuildIndex(ctx, s, media, cover)
	if err != nil {
		return err
	}
	if err := c.Add(e, ix); err != nil && !errors.Is(err, ErrExists) {
		return err
	}
	if !up.Waiting() {
		return nil
	}
	return c.drop(ctx, s, up.ID)
}

// Drop removes an entry and the blocks that nothing else keeps.
func (c *Catalog) Drop(ctx context.Context, s blob.Store, id string) error {
	c.keeping.Lock()
	defer c.keeping.Unlock()
	return c.drop(ctx, s, id)
}

func (c *Catalog) drop(ctx context.Context, s blob.Store, id string) error {
	orphans, err := c.Remove(id)
	for _, o := range orphans {
		err = errors.Join(err, s.Delete(ctx, o))
	}
	return err
}

// Blocks is a store whose blocks can be listed.
type Blocks interface {
	blob.Store
	Each(ctx context.Context, f func(cid.Cid) error) error
}

// Collect removes blocks that no entry names: what a crash left of something that was being brought in or removed. It says
// how many those were. What is brought in meanwhile is not taken for orphaned.
func (c *Catalog) Collect(ctx context.Context, s Blocks) (removed int, err error) {
	var orphans []cid.Cid
	if err := s.Each(ctx, func(id cid.Cid) error {
		if !c.Kept(id) {
			orphans = append(orphans, id)
		}
		return nil
	}); err != nil {
		return 0, err
	}
	for _, id := range orphans {
		if err := c.collect(ctx, s, id, &removed); err != nil {
			return removed, err
		}
	}
	return removed, nil
}

func (c *Catalog) collect(ctx context.Context, s blob.Store, id cid.Cid, removed *int) error {
	c.keeping.Lock()
	defer c.keeping.Unlock()
	if c.Kept(id) {
		return nil
	}
	*removed++
	return s.Delete(ctx, id)
}
