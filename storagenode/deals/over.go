package deals

import (
	"context"
	"errors"
	"fmt"

	"github.com/ipfs/go-cid"

	"github.com/streamchain/streamchain/storagenode/blob"
	"github.com/streamchain/streamchain/storagenode/catalog"
	"github.com/streamchain/streamchain/storagenode/dag"
	"github.com/streamchain/streamchain/storagenode/outboard"
)

// afterEnd is how many periods a work stays after its deal was seen to be over: the set of the next period was frozen
// before that, and whoever ended the deal himself is still asked for proofs of it.
const afterEnd = 2

// over stops serving works that no deal names, and removes them when the chain cannot ask for proofs of them any more.
func (k *Keeper) over(ctx context.Context, r *Report, wanted map[string]bool) error {
	var rest []*catalog.Entry
	for _, e := range k.Catalog.All() {
		if !e.Waiting() && !wanted[e.ID] {
			rest = append(rest, e)
		}
	}
	var failed error
	if len(rest) > 0 {
		p, err := k.Chain.Period(ctx)
		if err != nil {
			return fmt.Errorf("period: %w", err)
		}
		for _, e := range rest {
			switch {
			case e.Live && k.held(ctx, e):
				r.Kept++
			case e.Live:
				r.Ended++
				failed = errors.Join(failed, k.Catalog.End(e.ID, p.Period.Number+afterEnd))
			case p.Period.Number >= e.Until:
				r.Removed++
				failed = errors.Join(failed, k.Catalog.Drop(ctx, k.Blocks, e.ID))
			}
		}
	}
	if k.Trees != nil && (r.Removed > 0 || !k.trimmed) {
		k.trimmed = true
		failed = errors.Join(failed, k.trim())
	}
	return failed
}

// trim removes the trees of pieces that are gone.
func (k *Keeper) trim() error {
	kept := map[string]bool{}
	for _, e := range k.Catalog.All() {
		if !e.Waiting() {
			kept[string(e.Piece)] = true
		}
	}
	return k.Trees.Retain(func(root [32]byte) bool { return kept[string(root[:])] })
}

// Piece is a work's piece as its entry has it.
func Piece(e *catalog.Entry) (outboard.Piece, error) {
	media, cover, err := e.Roots()
	if err == nil && len(e.Piece) != 32 {
		err = fmt.Errorf("%w: its root has %d bytes", outboard.ErrPiece, len(e.Piece))
	}
	if err != nil {
		return outboard.Piece{}, err
	}
	p := outboard.Piece{Root: [32]byte(e.Piece), Size: e.PieceSize, Roots: []cid.Cid{media}}
	if cover.Defined() {
		p.Roots = append(p.Roots, cover)
	}
	return p, nil
}

// tree has what proofs of a work need beside its blocks.
func (k *Keeper) tree(ctx context.Context, e *catalog.Entry) error {
	if k.Trees == nil {
		return nil
	}
	p, err := Piece(e)
	if err != nil || k.Trees.Has(p.Root) {
		return err
	}
	if !k.due("tree/" + e.ID) {
		return errWaiting
	}
	if err := k.BuildTree(ctx, e); err != nil {
		k.later("tree/" + e.ID)
		return fmt.Errorf("the piece's tree: %w", err)
	}
	return nil
}

// BuildTree reads a whole work and writes what proofs need beside its blocks. Damaged blocks are fetched again on the way.
// A *dag.BlockError names a block that is lost.
func (k *Keeper) BuildTree(ctx context.Context, e *catalog.Entry) error {
	p, err := Piece(e)
	if err != nil {
		return err
	}
	var repaired cid.Cid
	for {
		err := k.Trees.Build(ctx, cold(k.Blocks), p)
		var block *dag.BlockError
		if !errors.As(err, &block) || block.Cid.Equals(repaired) || ctx.Err() != nil {
			return err
		}
		repaired = block.Cid
		if failed := k.Repair(ctx, repaired); failed != nil {
			return fmt.Errorf("%w: %w", err, failed)
		}
	}
}

// cold is the store beneath a cache: who reads a whole work must not drive out what viewers watch, and wants to know what
// is on the disk.
func cold(s blob.Store) blob.Store {
	if c, ok := s.(*blob.Cache); ok {
		return c.Store
	}
	return s
}
