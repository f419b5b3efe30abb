package deals

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/streamchain/streamchain/storagenode/catalog"
	"github.com/streamchain/streamchain/storagenode/denylist"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
)

const (
	// longestName bounds what the chain is told of a denylist, in bytes.
	longestName = 128
	// longestHold is how long a copy that nobody takes over is served for others to fetch, in seconds of live time.
	longestHold = 7 * 86_400
)

// refuse ends the deals and requests of works that a denylist names, with their bytes: a refused slot is never challenged
// again. It returns the rows that stand; one that the chain has not let go of stays wanted, for its proofs, and is neither
// fetched nor served.
func (k *Keeper) refuse(ctx context.Context, r *Report, rows []storagetypes.Deal, wanted map[string]bool) (rest []storagetypes.Deal, failed error) {
	if k.Denied.Empty() {
		return rows, nil
	}
	for _, d := range rows {
		v, err := k.verdict(ctx, d.Work)
		if err != nil {
			// unknown is not allowed: it is neither accepted nor removed now
			failed = errors.Join(failed, fmt.Errorf("work %s: %w", d.Work, err))
			wanted[d.Work] = true
			continue
		}
		if !v.Denied {
			rest = append(rest, d)
			continue
		}
		wanted[d.Work] = true
		if !k.due("refuse/" + d.Work) {
			continue
		}
		if err := k.Chain.RefuseWork(ctx, d.Work, listName(v.List)); err != nil {
			k.later("refuse/" + d.Work)
			failed = errors.Join(failed, fmt.Errorf("refusing %s: %w", d.Work, err))
			continue
		}
		r.Refused++
		if _, ok := k.Catalog.Get(d.Work); ok {
			r.Removed++
			failed = errors.Join(failed, k.Catalog.Drop(ctx, k.Blocks, d.Work))
		}
	}
	for _, e := range k.Catalog.All() {
		if e.Waiting() && (k.Denied.Work(denylist.Work{ID: e.Work, Root: e.Root, Media: e.Media, Cover: e.Cover}).Denied || k.Denied.Piece(e.Piece).Denied) {
			r.Removed++
			failed = errors.Join(failed, k.Catalog.Drop(ctx, k.Blocks, e.ID))
		}
	}
	return rest, failed
}

// listName is a list's name as the chain takes it.
func listName(name string) string {
	name = strings.ToValidUTF8(name[:min(len(name), longestName)], "")
	if name == "" {
		return "denylist"
	}
	return name
}

// verdict is that of a work that is kept or asked for, remembered where it is denied.
func (k *Keeper) verdict(ctx context.Context, id string) (denylist.Verdict, error) {
	var w denylist.Work
	if e, ok := k.Catalog.Get(id); ok {
		w = denylist.Work{ID: e.Work, Root: e.Root, Media: e.Media, Cover: e.Cover, Piece: e.Piece}
	} else {
		work, err := k.Chain.Work(ctx, id)
		if err != nil {
			return denylist.Verdict{}, err
		}
		w = Denial(work)
	}
	v := k.Denied.Work(w)
	if !v.Denied {
		return v, nil
	}
	return v, k.Denied.Remember(w)
}

// Denial is what a denylist may name a work by.
func Denial(w contenttypes.Work) denylist.Work {
	return denylist.Work{ID: w.Cid, Root: w.Root, Media: w.Media, Cover: w.Cover, Piece: w.PieceRoot}
}

// mayHave says whether a provider whose deal ended so may have the bytes still.
func mayHave(end storagetypes.DealEnd) bool {
	return end == storagetypes.DEAL_END_PROVIDER || end == storagetypes.DEAL_END_TERMINATED
}

// held says whether a work that no deal names is served on: others may have to fetch it from here, and from nowhere else.
func (k *Keeper) held(ctx context.Context, e *catalog.Entry) bool {
	if k.Denied.Work(denylist.Work{ID: e.Work, Root: e.Root, Media: e.Media, Cover: e.Cover}).Denied {
		return false
	}
	if k.Hold != nil && k.Hold(e.ID) {
		return true
	}
	repairs, err := k.Chain.Repairs(ctx, e.ID)
	if err != nil {
		return true // until the chain says otherwise
	}
	for _, row := range repairs {
		if row.Operator == k.Node.Operator && mayHave(row.Reason) && k.Chain.Now() < row.OpenedAt+longestHold {
			return true
		}
	}
	return false
}
