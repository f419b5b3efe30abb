package serve

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/ipfs/go-cid"

	"github.com/streamchain/streamchain/storagenode/catalog"
	"github.com/streamchain/streamchain/storagenode/dag"
	"github.com/streamchain/streamchain/storagenode/denylist"
	"github.com/streamchain/streamchain/storagenode/wire"
)

// route is what refusals are written down under.
const route = "ipfs"

// named refuses what a list names by its CID, or by its path under root.
func (s *Server) named(root cid.Cid, path []string) error {
	if v := s.Denied.Path(root, path); v.Denied {
		return s.Denied.Refuse(route, strings.Join(append([]string{root.String()}, path...), "/"), v)
	}
	return nil
}

// served returns what a block is in the works that are served and not denied: what one of those shares with a denied work
// stays served as its own.
func (s *Server) served(c cid.Cid) ([]catalog.Ref, error) {
	refs := s.Catalog.Find(c)
	if len(refs) == 0 {
		return nil, wire.NewProblem(http.StatusNotFound, wire.NotFound, "this node does not serve %s", c)
	}
	if s.Denied.Empty() {
		return refs, nil
	}
	verdicts := map[string]denylist.Verdict{} // by entry: a block may be in many files of one
	var last denylist.Verdict
	allowed := slices.DeleteFunc(refs, func(r catalog.Ref) bool {
		v, ok := verdicts[r.ID]
		if !ok {
			v = s.Denied.Work(workOf(r.Entry))
			verdicts[r.ID] = v
		}
		if v.Denied {
			last = v
		}
		return v.Denied
	})
	if len(allowed) == 0 {
		return nil, s.Denied.Refuse(route, c.String(), last)
	}
	return allowed, nil
}

func workOf(e *catalog.Entry) denylist.Work {
	return denylist.Work{ID: e.Work, Root: e.Root, Media: e.Media, Cover: e.Cover, Piece: e.Piece}
}

// clean refuses a target that has something beneath it which a list names: once bytes leave it is too late to say so.
func (s *Server) clean(ctx context.Context, t target) error {
	if s.Denied.Empty() {
		return nil
	}
	if err := s.named(t.Cid, nil); err != nil || t.kind == "raw" || t.scope == "block" {
		return err
	}
	if t.kind == "car" && t.scope == "all" && t.Kind != dag.File {
		if err := s.cleanPaths(t); err != nil {
			return err
		}
	} else if t.Kind != dag.File {
		return nil
	}
	return s.cleanTree(ctx, t.Node, 0, map[string]bool{})
}

// cleanPaths looks for rules about paths under the URL's root.
func (s *Server) cleanPaths(t target) error {
	beneath := strings.Join(t.path, "/")
	for _, ref := range t.refs {
		if ref.Media != t.root.String() {
			continue
		}
		for _, it := range ref.Items {
			if beneath != "" && !strings.HasPrefix(it.Path, beneath+"/") || strings.HasPrefix(it.Path, "/") {
				continue
			}
			if err := s.named(t.root, strings.Split(it.Path, "/")); err != nil {
				return err
			}
		}
	}
	return nil
}

// cleanTree looks at every CID beneath n. Leaves are not read.
func (s *Server) cleanTree(ctx context.Context, n *dag.Node, depth int, seen map[string]bool) error {
	if depth > dag.MaxDepth {
		return dag.ErrLimit
	}
	for _, l := range n.Links {
		if seen[l.Cid.KeyString()] {
			continue
		}
		seen[l.Cid.KeyString()] = true
		if err := s.named(l.Cid, nil); err != nil {
			return err
		}
		if l.Cid.Type() == cid.Raw {
			continue
		}
		child, err := dag.Load(ctx, s.store(), l.Cid)
		if err != nil {
			return err
		}
		if err := s.cleanTree(ctx, child, depth+1, seen); err != nil {
			return err
		}
	}
	return nil
}
