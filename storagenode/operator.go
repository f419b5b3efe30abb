package storagenode

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/streamchain/streamchain/storagenode/blob"
	"github.com/streamchain/streamchain/storagenode/catalog"
	"github.com/streamchain/streamchain/storagenode/denylist"
	"github.com/streamchain/streamchain/storagenode/drain"
	"github.com/streamchain/streamchain/storagenode/repair"
)

// OwnDenylist is the operator's own denylist, which `storaged denylist` edits.
func (c Config) OwnDenylist() string { return filepath.Join(c.Home, "denylist.deny") }

// Denylists are the files that the operator heeds beside his own.
func (c Config) Denylists() []string {
	out := make([]string, len(c.Denylist.Files))
	for i, f := range c.Denylist.Files {
		if !filepath.IsAbs(f) {
			f = filepath.Join(c.Home, f)
		}
		out[i] = f
	}
	return out
}

// DenylistCopies is where what the files last said is kept.
func (c Config) DenylistCopies() string { return filepath.Join(c.Home, "data", "denylists") }

// DrainFiles are where `storaged drain` and the node meet.
func (c Config) DrainFiles() drain.Files { return drain.Files{Dir: filepath.Join(c.Home, "data")} }

// openOperator opens what the operator decides: what is denied, and whether the node drains.
func (n *Node) openOperator() (err error) {
	n.lists, err = denylist.Open(n.cfg.DenylistCopies(), n.cfg.OwnDenylist(), n.cfg.Denylists(), n.log)
	if err != nil {
		return err
	}
	if n.denied, err = denylist.NewGuard(n.lists, n.catalog, n.log); err != nil {
		return err
	}
	n.room = blob.NewRoom(n.disk, n.diskLeft)
	n.drainer = &drain.Drainer{Operator: n.id.Operator, Chain: n.chain, Files: n.cfg.DrainFiles()}
	return n.drainer.Look()
}

// newRepairer needs the keeper of deals.
func (n *Node) newRepairer() *repair.Repairer {
	c := n.cfg.Repair
	return &repair.Repairer{
		Operator: n.id.Operator, Chain: n.chain, Store: repairStore{n}, Denied: n.denied, Log: n.log,
		Parallel: c.MaxParallel, MaxPrice: c.MaxPrice, Spread: c.Spread.Duration,
		Closed: func() bool { return !c.Enabled || n.drainer.Draining() }, Done: func() { poke(n.syncNow); poke(n.repairNow) },
	}
}

// repairStore is where repairs bring bytes.
type repairStore struct{ n *Node }

// Fetch implements repair.Store.
func (s repairStore) Fetch(ctx context.Context, e catalog.Entry) error {
	return s.n.deals.Fetch(ctx, e)
}

// Entry implements repair.Store.
func (s repairStore) Entry(id string) (*catalog.Entry, bool) { return s.n.catalog.Get(id) }

// Check implements repair.Store.
func (s repairStore) Check(ctx context.Context, e *catalog.Entry) error {
	return s.n.deals.BuildTree(ctx, e)
}

// Drop implements repair.Store.
func (s repairStore) Drop(ctx context.Context, id string) error {
	return s.n.catalog.Drop(ctx, s.n.disk, id)
}

// Free implements repair.Store.
func (s repairStore) Free() uint64 { return s.n.free() }

// Repair looks once for copies that are wanted and begins to take what this node takes. It says how long until it should be
// called again.
func (n *Node) Repair(ctx context.Context) (next time.Duration, err error) {
	next, err = n.repairer.Step(ctx)
	if next <= 0 || next > n.cfg.Deals.SyncEvery.Duration {
		next = n.cfg.Deals.SyncEvery.Duration
	}
	return next, n.stepped("copies", err)
}

// Drain moves works away where the operator wants it.
func (n *Node) Drain(ctx context.Context) (drain.State, error) {
	st, err := n.drainer.Step(ctx)
	if n.drainer.Draining() {
		poke(n.syncNow) // what is moved need not be served any more
	}
	return st, n.stepped("drain", err)
}

// drainEvery is how often the operator's wish is looked for.
const drainEvery = 3 * time.Second

// collectEvery is how often blocks are looked for that nothing names.
const collectEvery = 6 * time.Hour

// Collect removes what a crash left: blocks that nothing names.
func (n *Node) Collect(ctx context.Context) error {
	removed, err := n.catalog.Collect(ctx, n.disk)
	if removed > 0 {
		n.log.Info("blocks that nothing names were removed", "blocks", removed)
	}
	return n.stepped("collect", err)
}

// operate does what the operator decides until ctx ends.
func (n *Node) operate(ctx context.Context, tasks *sync.WaitGroup) {
	tasks.Go(func() {
		n.lists.Run(ctx, func() { poke(n.syncNow); poke(n.repairNow) })
	})
	tasks.Go(func() {
		for {
			next, _ := n.Repair(ctx)
			select {
			case <-ctx.Done():
				n.repairer.Wait()
				return
			case <-n.repairNow:
			case <-time.After(next):
			}
		}
	})
	tasks.Go(func() { every(ctx, drainEvery, nil, func() { _, _ = n.Drain(ctx) }) })
	tasks.Go(func() { every(ctx, collectEvery, nil, func() { _ = n.Collect(ctx) }) })
}

// clearFetching removes files that a crash left half fetched.
func clearFetching(dir string) (err error) {
	files, err := filepath.Glob(filepath.Join(dir, "replica-*.car"))
	for _, f := range files {
		err = errors.Join(err, os.Remove(f))
	}
	return err
}

// sessionDenied refuses sessions for works that a denylist names.
func (n *Node) sessionDenied(root string) error {
	if n.denied.Empty() {
		return nil
	}
	var versions []denylist.Work
	for _, e := range n.catalog.All() {
		if e.Root == root && e.Live {
			versions = append(versions, denylist.Work{ID: e.Work, Root: e.Root, Media: e.Media, Cover: e.Cover})
		}
	}
	if v := n.denied.Root(root, versions); v.Denied {
		return n.denied.Refuse("sessions", root, v)
	}
	return nil
}
