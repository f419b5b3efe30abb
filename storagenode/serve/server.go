package serve

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/ipfs/go-cid"

	"github.com/streamchain/streamchain/storagenode/blob"
	"github.com/streamchain/streamchain/storagenode/catalog"
	"github.com/streamchain/streamchain/storagenode/dag"
	"github.com/streamchain/streamchain/storagenode/denylist"
	"github.com/streamchain/streamchain/storagenode/wire"
)

// Ask is a request for bytes.
type Ask struct {
	Method string
	Header http.Header
	// Refs say what the bytes are in the works that are served; there is at least one.
	Refs []catalog.Ref
	// Whole is set for everything beneath a directory.
	Whole bool
	// Client is who asks: an IPv4 address or an IPv6 /64.
	Client string
	// Target is the file or block that the bytes are of, Size how many bytes it has, Bytes how many of them are asked for.
	Target      cid.Cid
	Size, Bytes uint64
}

// Grant says how bytes may leave.
type Grant struct {
	Private bool   // access or payment was needed: no shared cache may keep them
	Paid    string // value of Stream-Paid; empty where nothing is metered
}

// Gate decides who may read. It refuses with *wire.Problem; whatever it records of a payment is
// recorded when it returns.
type Gate interface {
	Admit(ctx context.Context, a Ask) (Grant, error)
}

// Server serves /ipfs/.
type Server struct {
	Blocks  blob.Store
	Catalog *catalog.Catalog
	Gate    Gate
	// Denied says what is not served; nil is nothing.
	Denied *denylist.Guard
	// Corrupt is told of a stored block that no longer matches its CID.
	Corrupt func(cid.Cid)
	// Sent is told how many bytes of content left.
	Sent func(int)
}

// probeLimit is up to how many bytes of a range are read before anybody pays for them.
const probeLimit = 4 << 20

// target is what a request names.
type target struct {
	root cid.Cid
	path []string
	format
	dag.Resolved
	refs []catalog.Ref
}

// ServeHTTP answers GET and HEAD.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD, OPTIONS")
		wire.NewProblem(http.StatusMethodNotAllowed, wire.MethodNotAllowed, "%s: content is read only", r.Method).Write(w)
		return
	}
	if probing(w, r) {
		return
	}
	t, err := s.find(r)
	if err == nil {
		err = s.answer(w, r, t)
	}
	if err != nil {
		s.refuse(w, err)
	}
}

// answer sends t, or returns an error before anything was sent.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, t target) error {
	h := w.Header()
	h.Set("X-Ipfs-Path", r.URL.EscapedPath())
	roots := make([]string, len(t.Segments))
	for i, c := range t.Segments {
		roots[i] = c.String()
	}
	h.Set("X-Ipfs-Roots", strings.Join(roots, ","))
	h.Set("Vary", "Accept")
	if t.inAccept {
		// the address of this answer for caches that do not look at Accept
		q := r.URL.Query()
		q.Set("format", t.kind)
		if t.dups {
			q.Set("car-dups", "y")
		}
		h.Set("Content-Location", r.URL.EscapedPath()+"?"+q.Encode())
	}
	switch t.kind {
	case "raw":
		return s.raw(w, r, t)
	case "car":
		return s.car(w, r, t)
	}
	return s.file(w, r, t)
}

// find parses the request and resolves what it names.
func (s *Server) find(r *http.Request) (t target, err error) {
	if t.root, t.path, err = parsePath(r.URL.EscapedPath()); err != nil {
		return t, err
	}
	if t.format, err = parseFormat(r); err != nil {
		return t, err
	}
	if err := s.named(t.root, t.path); err != nil {
		return t, err
	}
	// resolved only from a root that is served: the store also holds blocks that are not
	if _, err := s.served(t.root); err != nil {
		if s.problem(err).Status == http.StatusNotFound && strings.Contains(r.Header.Get("Cache-Control"), "only-if-cached") {
			return t, wire.NewProblem(http.StatusPreconditionFailed, wire.NotCached, "this node does not serve %s", t.root)
		}
		return t, err
	}
	if t.kind == "raw" && len(t.path) == 0 {
		t.Resolved = dag.Resolved{Node: &dag.Node{Cid: t.root}, Segments: []cid.Cid{t.root}}
	} else if t.Resolved, err = dag.Resolve(r.Context(), s.store(), t.root, t.path); err != nil {
		return t, err
	}
	if t.refs, err = s.served(t.Cid); err != nil {
		return t, err
	}
	return t, s.clean(r.Context(), t)
}

func parsePath(escaped string) (root cid.Cid, path []string, err error) {
	rest, _ := strings.CutPrefix(escaped, "/ipfs/")
	parts := strings.Split(strings.TrimSuffix(rest, "/"), "/")
	root, err = cid.Decode(parts[0])
	if err != nil {
		return root, nil, wire.NewProblem(http.StatusBadRequest, wire.BadCID, "%.100q is no CID: %v", parts[0], err)
	}
	for _, p := range parts[1:] {
		name, err := url.PathUnescape(p)
		if err != nil || name == "" || name == "." || name == ".." || strings.ContainsAny(name, "/\x00") {
			return root, nil, wire.NewProblem(http.StatusBadRequest, wire.BadPath, "%.100q is no name of a file", p)
		}
		path = append(path, name)
	}
	return root, path, nil
}

// admit asks Gate and sets the headers that follow from its answer.
func (s *Server) admit(w http.ResponseWriter, r *http.Request, t target, whole bool, size, n uint64) error {
	g, err := s.Gate.Admit(r.Context(), Ask{Method: r.Method, Header: r.Header, Client: hostKey(r.RemoteAddr), Refs: t.refs, Whole: whole, Target: t.Cid, Size: size, Bytes: n})
	if err != nil {
		return err
	}
	visible := "public"
	if g.Private {
		visible = "private"
	}
	w.Header().Set("Cache-Control", visible+", max-age=29030400, immutable")
	if g.Paid != "" {
		w.Header().Set(wire.HeaderPaid, g.Paid)
	}
	return nil
}

// refuse answers with the problem that err is.
func (s *Server) refuse(w http.ResponseWriter, err error) { s.problem(err).Write(w) }

func (s *Server) problem(err error) *wire.Problem {
	var p *wire.Problem
	switch {
	case errors.As(err, &p):
		return p
	case errors.Is(err, blob.ErrCorrupt):
		return wire.NewProblem(http.StatusInternalServerError, wire.CorruptBlock, "a stored block is damaged; it is fetched again")
	case errors.Is(err, dag.ErrNoLink), errors.Is(err, dag.ErrLimit):
		return wire.NewProblem(http.StatusNotFound, wire.NotFound, "%w", err)
	case errors.Is(err, blob.ErrNotFound):
		return wire.NewProblem(http.StatusNotFound, wire.NotFound, "%w", err)
	case errors.Is(err, blob.ErrUnsupported), errors.Is(err, dag.ErrUnsupported):
		return wire.NewProblem(http.StatusBadRequest, wire.BadCID, "%w", err)
	}
	return wire.NewProblem(http.StatusInternalServerError, wire.Internal, "the node failed")
}

// watched reports damaged blocks that are read through it, and gives none that a denylist names.
type watched struct {
	blob.Store
	corrupt func(cid.Cid)
	server  *Server
}

func (s *Server) store() dag.Getter { return watched{s.Blocks, s.Corrupt, s} }

func (w watched) Get(ctx context.Context, c cid.Cid) ([]byte, error) {
	if err := w.server.named(c, nil); err != nil {
		return nil, err
	}
	data, err := w.Store.Get(ctx, c)
	if errors.Is(err, blob.ErrCorrupt) && w.corrupt != nil {
		w.corrupt(c)
	}
	return data, err
}

// body is where content goes: it keeps slow readers from holding the node, and counts.
func (s *Server) body(w http.ResponseWriter) io.Writer {
	return &body{w: w, rc: http.NewResponseController(w), sent: s.Sent}
}

// cut ends a response that cannot be completed: the connection breaks, so nobody takes it for whole.
func cut(err error) {
	if err != nil {
		panic(http.ErrAbortHandler)
	}
}

func contentRange(off, n, size uint64) string {
	return fmt.Sprintf("bytes %d-%d/%d", off, off+n-1, size)
}
