package storagenode

import (
	"context"
	"errors"
	"time"

	"github.com/ipfs/go-cid"

	"github.com/streamchain/streamchain/storagenode/dag"
	"github.com/streamchain/streamchain/storagenode/prove"
)

// Prove answers what the chain asks for now.
func (n *Node) Prove(ctx context.Context) (prove.Report, error) {
	r, err := n.prover.Step(ctx)
	n.metrics.proved(r)
	if r.Committed {
		n.log.Info("a beacon was set")
	}
	if r.Proved {
		n.log.Info("proved", "period", r.Period, "answers", r.Answered)
	}
	if len(r.Lost)+len(r.Reported) > 0 {
		n.log.Error("works are lost; their deals ended", "unproved", r.Lost, "reported", r.Reported)
		poke(n.syncNow)
	}
	return r, err
}

// proving calls Prove at each poke, and as soon as its report asks for. What keeps failing in the same way is said once.
func (n *Node) proving(ctx context.Context) {
	said := ""
	for {
		r, err := n.Prove(ctx)
		switch {
		case err == nil:
			said = ""
		case err.Error() != said:
			said = err.Error()
			_ = n.stepped("prove", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-n.proveNow:
		case <-time.After(r.Again):
		}
	}
}

// corrupt has a damaged block fetched again.
func (n *Node) corrupt(c cid.Cid) {
	n.metrics.corrupt.Inc()
	n.log.Error("a stored block is damaged", "cid", c.String())
	select {
	case n.broken <- c:
	default: // it is found again when it is read again
	}
}

// whole has a work read as a whole: where one block has rotted, others have, and now there may be nodes to get them from.
func (n *Node) whole(work string) {
	select {
	case n.damaged <- work:
	default: // it is told of again with its next damaged block
	}
}

// wholeEvery is how often a work is read as a whole at most.
const wholeEvery = time.Hour

// mending gets back what is damaged.
func (n *Node) mending(ctx context.Context) {
	read := map[string]time.Time{}
	for {
		select {
		case <-ctx.Done():
			return
		case c := <-n.broken:
			if err := n.deals.Repair(ctx, c); n.stepped("repair", err) != nil {
				n.prover.Suspect(c)
				continue
			}
			n.log.Info("a damaged block was fetched again", "cid", c.String())
			for _, e := range n.catalog.Keepers(c) {
				n.whole(e.ID)
			}
		case work := <-n.damaged:
			if time.Since(read[work]) < wholeEvery {
				continue
			}
			read[work] = time.Now()
			n.mend(ctx, work)
		}
	}
}

// mend reads a work as a whole; damaged blocks are fetched again on the way.
func (n *Node) mend(ctx context.Context, work string) {
	e, ok := n.catalog.Get(work)
	if !ok {
		return
	}
	err := n.deals.BuildTree(ctx, e)
	var block *dag.BlockError
	if errors.As(err, &block) && ctx.Err() == nil {
		n.prover.Suspect(block.Cid)
	}
	if n.stepped("repair", err) == nil {
		n.log.Info("a work with a damaged block was read, and is whole", "work", work)
	}
}
