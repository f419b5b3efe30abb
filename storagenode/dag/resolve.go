package dag

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"

	"github.com/ipfs/boxo/ipld/merkledag"
	"github.com/ipfs/boxo/ipld/unixfs/hamt"
	"github.com/ipfs/go-cid"
	ipld "github.com/ipfs/go-ipld-format"
)

// Resolved is where a path leads.
type Resolved struct {
	*Node
	// Via are the blocks that prove the way, from the root to the node's parent, parts of sharded directories
	// included. They are verified by the reader of a CAR.
	Via []cid.Cid
	// Segments are the root and what each name of the path leads to.
	Segments []cid.Cid
}

// Resolve follows path from root. ErrNoLink when it leads nowhere.
func Resolve(ctx context.Context, g Getter, root cid.Cid, path []string) (Resolved, error) {
	if len(path) > MaxDepth {
		return Resolved{}, fmt.Errorf("%w: a path of %d names", ErrLimit, len(path))
	}
	rec := &recorder{Getter: g, seen: map[cid.Cid]bool{}}
	segments := []cid.Cid{root}
	n, err := Load(ctx, rec, root)
	for i := 0; err == nil && i < len(path); i++ {
		var next cid.Cid
		if next, err = Find(ctx, rec, n, path[i]); err == nil {
			segments = append(segments, next)
			n, err = Load(ctx, rec, next)
		}
	}
	if err != nil {
		return Resolved{}, err
	}
	via := rec.order
	for i, c := range via {
		if c.Equals(n.Cid) {
			via = append(via[:i:i], via[i+1:]...)
			break
		}
	}
	return Resolved{Node: n, Via: via, Segments: segments}, nil
}

// recorder remembers which blocks were read, in order.
type recorder struct {
	Getter
	mu    sync.Mutex // boxo reads the parts of a sharded directory concurrently
	seen  map[cid.Cid]bool
	order []cid.Cid
	once  bool
}

func (r *recorder) Get(ctx context.Context, c cid.Cid) ([]byte, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case !r.seen[c]:
		r.seen[c] = true
		r.order = append(r.order, c)
	case r.once:
		return nil, fmt.Errorf("%w: %s is a part of its directory twice", ErrMalformed, c)
	}
	return r.Getter.Get(ctx, c)
}

// Find returns where a directory's entry leads, sharded or not. ErrNoLink when there is none.
func Find(ctx context.Context, g Getter, n *Node, name string) (cid.Cid, error) {
	switch n.Kind {
	case Dir:
		for _, l := range n.Links {
			if l.Name == name {
				return l.Cid, nil
			}
		}
	case Shard:
		shard, err := hamt.NewHamtFromDag(readOnly(g), n.proto)
		if err != nil {
			return cid.Undef, fmt.Errorf("%w: %s: %w", ErrMalformed, n.Cid, err)
		}
		l, err := shard.Find(ctx, name)
		if err == nil {
			return l.Cid, nil
		}
		if !errors.Is(err, os.ErrNotExist) {
			return cid.Undef, err
		}
	}
	return cid.Undef, fmt.Errorf("%w: %q in %s", ErrNoLink, name, n.Cid)
}

// Entries calls f for each entry of a directory, sharded or not, and returns the parts of a sharded one, depth first in
// the order of links.
func Entries(ctx context.Context, g Getter, n *Node, f func(Link) error) (parts []cid.Cid, err error) {
	// names stand where their hashes say, so no part can be there twice: a few that are would make entries without end
	rec := &recorder{Getter: g, seen: map[cid.Cid]bool{n.Cid: true}, once: true}
	// boxo walks the links of a shard one after the other
	err = entries(ctx, rec, n, f)
	return rec.order, err
}

func entries(ctx context.Context, g Getter, n *Node, f func(Link) error) error {
	switch n.Kind {
	case Dir:
		for _, l := range n.Links {
			if err := f(l); err != nil {
				return err
			}
		}
		return nil
	case Shard:
		shard, err := hamt.NewHamtFromDag(readOnly(g), n.proto)
		if err != nil {
			return fmt.Errorf("%w: %s: %w", ErrMalformed, n.Cid, err)
		}
		return shard.ForEachLink(ctx, func(l *ipld.Link) error { return f(Link{Name: l.Name, Cid: l.Cid}) })
	}
	return fmt.Errorf("%w: %s is no directory", ErrMalformed, n.Cid)
}

// getter lets boxo's sharded directories read our blocks.
type getter struct{ Getter }

func readOnly(g Getter) ipld.DAGService { return merkledag.NewReadOnlyDagService(getter{g}) }

func (g getter) Get(ctx context.Context, c cid.Cid) (ipld.Node, error) {
	data, err := g.Getter.Get(ctx, c)
	if err != nil {
		return nil, err
	}
	if c.Type() == cid.Raw {
		return merkledag.NewRawNodeWPrefix(data, c.Prefix())
	}
	n, err := merkledag.DecodeProtobuf(data)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrMalformed, c, err)
	}
	return n, n.SetCidBuilder(c.Prefix())
}

func (g getter) GetMany(ctx context.Context, ids []cid.Cid) <-chan *ipld.NodeOption {
	out := make(chan *ipld.NodeOption, len(ids))
	for _, c := range ids {
		n, err := g.Get(ctx, c)
		out <- &ipld.NodeOption{Node: n, Err: err}
	}
	close(out)
	return out
}
