package serve

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/ipfs/go-cid"

	"github.com/streamchain/streamchain/storagenode/dag"
)

// car sends the blocks that prove the path, then what the scope asks for.
func (s *Server) car(w http.ResponseWriter, r *http.Request, t target) error {
	off, n, err := t.entity()
	if err != nil {
		return err
	}
	h := w.Header()
	etag := t.carETag()
	h.Set("ETag", etag)
	if matches(r.Header.Get("If-None-Match"), etag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	if t.Kind == dag.File && t.scope != "block" {
		if err := s.probe(r, t, off, n); err != nil {
			return err
		}
	}
	if err := s.admit(w, r, t, t.Kind != dag.File && t.scope == "all", t.Size, n); err != nil {
		return err
	}
	h.Set("Content-Type", t.carType())
	h.Set("Content-Disposition", disposition("attachment", r, t.Cid.String()+".car"))
	h.Set("Accept-Ranges", "none")
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodGet {
		cut(s.writeCAR(s.body(w), r, t, off, n))
	}
	return nil
}

// entity is the range of bytes that the CAR of a file must prove.
func (t target) entity() (off, n uint64, err error) {
	switch {
	case t.Kind != dag.File:
		return 0, 0, nil
	case t.bytes != nil:
		return t.bytes.of(t.Size)
	}
	return 0, t.Size, nil
}

// carETag tells apart what the same CID is asked for in. It is weak: a later version may order blocks otherwise.
func (t target) carETag() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s/%s %v %v", t.root, strings.Join(t.path, "/"), t.bytes, t.dups))
	return fmt.Sprintf(`W/"%s.car.%s.%s"`, t.Cid, t.scope, hex.EncodeToString(sum[:8]))
}

func (s *Server) writeCAR(w io.Writer, r *http.Request, t target, off, n uint64) error {
	ctx, g := r.Context(), s.store()
	out, err := dag.NewCARWriter(w, []cid.Cid{t.root})
	if err != nil {
		return err
	}
	out.Duplicates = t.dups
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
	block := func(n *dag.Node, data []byte) error { return out.Block(n.Cid, data) }
	if err := send(t.Via...); err != nil {
		return err
	}
	switch {
	case t.scope == "block":
		err = send(t.Cid)
	case t.Kind == dag.File && t.bytes != nil:
		err = dag.WalkRange(ctx, g, t.Cid, off, n, block)
	case t.scope == "entity" && t.Kind != dag.File:
		var parts []cid.Cid
		if parts, err = dag.Entries(ctx, g, t.Node, func(dag.Link) error { return nil }); err == nil {
			err = send(append([]cid.Cid{t.Cid}, parts...)...)
		}
	case t.dups:
		err = dag.WalkEach(ctx, g, t.Cid, block)
	default:
		err = dag.Walk(ctx, g, []cid.Cid{t.Cid}, block)
	}
	if err != nil {
		return err
	}
	return out.Close()
}
