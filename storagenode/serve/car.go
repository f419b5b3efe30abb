package serve

import (
	"net/http"

	"github.com/ipfs/go-cid"

	"github.com/streamchain/streamchain/storagenode/dag"
)

// car sends the blocks that prove the path, then what the scope asks for.
func (s *Server) car(w http.ResponseWriter, r *http.Request, t target) error {
	if t.Kind == dag.File {
		if err := s.probe(r, t, 0, t.Size); err != nil {
			return err
		}
	}
	if err := s.admit(w, r, t, t.Kind != dag.File && t.scope == "all"); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/vnd.ipld.car; version=1; order=dfs; dups=n")
	h.Set("Content-Disposition", "attachment")
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodGet {
		cut(s.writeCAR(w, r, t))
	}
	return nil
}

func (s *Server) writeCAR(w http.ResponseWriter, r *http.Request, t target) error {
	ctx, g := r.Context(), s.store()
	out, err := dag.NewCARWriter(s.body(w), []cid.Cid{t.root})
	if err != nil {
		return err
	}
	send := func(ids ...cid.Cid) error {
		for _, c := range ids {
			data, err := g.Get(ctx, c)
			if err == nil {
				err = out.Block(c, data)
			}
			if err != nil {
				return err
			}
		}
		return nil
	}
	if err := send(append(t.Via, t.Cid)...); err != nil {
		return err
	}
	switch {
	case t.scope == "all" || t.scope == "entity" && t.Kind == dag.File:
		err = dag.Walk(ctx, g, []cid.Cid{t.Cid}, func(n *dag.Node, data []byte) error { return out.Block(n.Cid, data) })
	case t.scope == "entity":
		var parts []cid.Cid
		if parts, err = dag.Entries(ctx, g, t.Node, func(dag.Link) error { return nil }); err == nil {
			err = send(parts...)
		}
	}
	if err != nil {
		return err
	}
	return out.Close()
}
