package upload

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/storagenode/admit"
	"github.com/streamchain/streamchain/storagenode/blob"
	"github.com/streamchain/streamchain/storagenode/catalog"
	"github.com/streamchain/streamchain/storagenode/denylist"
	"github.com/streamchain/streamchain/storagenode/wire"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
)

// Chain says who is a creator.
type Chain interface {
	// CreatorOf returns the id of the creator that the account controls now. contenttypes.ErrCreatorNotFound.
	CreatorOf(ctx context.Context, controller string) (string, error)
}

// route is what refusals are written down under.
const route = "uploads"

const (
	// maxStaged bounds a creator's unfinished uploads.
	maxStaged = 4
	// patience is how long a question to the chain may take.
	patience = 10 * time.Second
	// verifying is how long it may take to check a complete piece.
	verifying = 15 * time.Minute
)

// Server answers /v1/uploads/{piece}.
type Server struct {
	Node    admit.Node
	Chain   Chain
	Blocks  blob.Store
	Catalog *catalog.Catalog
	Dir     string // for unfinished uploads
	Max     uint64 // bytes of one piece
	// Room is asked before an upload begins; nil has no end.
	Room *blob.Room
	// Denied says what is not taken; nil is nothing.
	Denied *denylist.Guard
	// Closed says that nothing new is taken; nil is never.
	Closed func() bool
	// Done is told that a piece is complete, so that its deal is looked for; may be nil.
	Done func()

	mu   sync.Mutex
	busy map[string]bool
}

// request is an upload with its proof checked.
type request struct {
	wire.Upload
	creator string
	offset  int64
}

func (q request) id() string { return catalog.UploadID(q.Piece[:], q.creator) }

// ServeHTTP answers HEAD and PUT.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var err error
	switch r.Method {
	case http.MethodHead, http.MethodGet:
		err = s.head(w, r)
	case http.MethodPut:
		err = s.put(w, r)
	default:
		w.Header().Set("Allow", "HEAD, PUT, OPTIONS")
		err = wire.NewProblem(http.StatusMethodNotAllowed, wire.MethodNotAllowed, "%s", r.Method)
	}
	if err == nil {
		return
	}
	var p *wire.Problem
	switch {
	case errors.As(err, &p):
	case errors.Is(err, blob.ErrDiskFull):
		p = wire.NewProblem(http.StatusInsufficientStorage, wire.DiskFull, "%w", err)
	default:
		p = wire.NewProblem(http.StatusInternalServerError, wire.Internal, "the node failed")
	}
	p.Write(w)
}

// authorise reads and checks Stream-Upload.
func (s *Server) authorise(r *http.Request) (q request, err error) {
	q.Upload, err = wire.ParseUpload(r.Header.Get(wire.HeaderUpload))
	if err != nil {
		return q, wire.NewProblem(http.StatusBadRequest, wire.AuthMalformed, "%s: %w", wire.HeaderUpload, err)
	}
	raw, err := hex.DecodeString(r.PathValue("piece"))
	if err != nil || string(raw) != string(q.Piece[:]) {
		return q, wire.NewProblem(http.StatusBadRequest, wire.BadRequest, "the URL names another piece than %s", wire.HeaderUpload)
	}
	account := sdk.AccAddress((&secp256k1.PubKey{Key: q.PubKey}).Address()).String()
	switch err := q.Check(s.Node.ChainID, s.Node.Bytes, account, time.Now().Unix(), admit.VerifyAccount); {
	case errors.Is(err, wire.ErrExpired):
		return q, wire.NewProblem(http.StatusUnauthorized, wire.AuthExpired, "%w", err)
	case errors.Is(err, wire.ErrTooLong):
		return q, wire.NewProblem(http.StatusBadRequest, wire.AuthMalformed, "%w", err)
	case err != nil:
		return q, wire.NewProblem(http.StatusUnauthorized, wire.AuthSignature, "%w", err)
	}
	if v := s.Denied.Piece(q.Piece[:]); v.Denied {
		return q, s.Denied.Refuse(route, denylist.PieceText(q.Piece[:]), v)
	}
	if q.Size == 0 || q.Size > s.Max {
		return q, wire.NewProblem(http.StatusRequestEntityTooLarge, wire.UploadTooLarge, "a piece has 1 to %d bytes here, not %d", s.Max, q.Size)
	}
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	q.creator, err = s.Chain.CreatorOf(ctx, account)
	if errors.Is(err, contenttypes.ErrCreatorNotFound) {
		return q, wire.NewProblem(http.StatusForbidden, wire.NotACreator, "%s controls no creator: register one first", account)
	}
	if err != nil {
		return q, wire.NewProblem(http.StatusServiceUnavailable, wire.ChainBehind, "the chain does not answer: %w", err)
	}
	return q, nil
}

func (s *Server) head(w http.ResponseWriter, r *http.Request) error {
	q, err := s.authorise(r)
	if err != nil {
		return err
	}
	at := int64(q.Size)
	if _, done := s.Catalog.Brought(q.Piece[:], q.creator); !done {
		at = s.staged(q)
	}
	w.Header().Set(wire.HeaderOffset, strconv.FormatInt(at, 10))
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusOK)
	return nil
}

func (s *Server) put(w http.ResponseWriter, r *http.Request) error {
	q, err := s.authorise(r)
	if err != nil {
		return err
	}
	if ct, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";"); ct != "application/vnd.ipld.car" {
		return wire.NewProblem(http.StatusUnsupportedMediaType, wire.UnsupportedContent, "wanted application/vnd.ipld.car, not %.50q", ct)
	}
	if _, done := s.Catalog.Brought(q.Piece[:], q.creator); done {
		return answer(w, q, int64(q.Size), true)
	}
	if q.offset, err = offset(r, q.Size); err != nil {
		return err
	}
	if s.Closed != nil && s.Closed() {
		return wire.NewProblem(http.StatusServiceUnavailable, wire.Draining, "this node takes nothing new; choose another")
	}
	if !s.begin(q.id()) {
		return wrongOffset(s.staged(q), "this upload is under way on another connection")
	}
	defer s.end(q.id())
	defer s.release(q)
	at, err := s.receive(r, q)
	if err != nil || at < int64(q.Size) {
		if err != nil {
			return err
		}
		return answer(w, q, at, false)
	}
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(verifying))
	if err := s.finish(context.WithoutCancel(r.Context()), q); err != nil {
		return err
	}
	if s.Done != nil {
		s.Done()
	}
	return answer(w, q, at, true)
}

// begin lets one connection at a time write an upload.
func (s *Server) begin(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.busy[id] {
		return false
	}
	if s.busy == nil {
		s.busy = map[string]bool{}
	}
	s.busy[id] = true
	return true
}

func (s *Server) end(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.busy, id)
}

// offset reads where the body begins.
func offset(r *http.Request, size uint64) (int64, error) {
	bad := wire.NewProblem(http.StatusBadRequest, wire.BadRequest, "Content-Range or offset: wanted bytes <offset>-<last>/%d", size)
	if v := r.URL.Query().Get("offset"); v != "" {
		n, err := strconv.ParseInt(v, 10, 64)
		if err != nil || n < 0 {
			return 0, bad
		}
		return n, nil
	}
	v := r.Header.Get("Content-Range")
	if v == "" {
		return 0, nil
	}
	var first, last int64
	var total uint64
	if n, err := fmt.Sscanf(v, "bytes %d-%d/%d", &first, &last, &total); n != 3 || err != nil || first < 0 || total != size {
		return 0, bad
	}
	return first, nil
}

func wrongOffset(at int64, why string) error {
	p := wire.NewProblem(http.StatusConflict, wire.UploadOffset, "%s; the node has %d bytes", why, at)
	p.Offset = &at
	return p
}

func answer(w http.ResponseWriter, q request, at int64, complete bool) error {
	status := http.StatusOK
	if complete {
		status = http.StatusCreated
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	h.Set(wire.HeaderOffset, strconv.FormatInt(at, 10))
	w.WriteHeader(status)
	// the client may be gone; the upload is done all the same
	_ = json.NewEncoder(w).Encode(wire.UploadState{Piece: wire.PieceText(q.Piece), Offset: at, Size: int64(q.Size), Complete: complete})
	return nil
}
