package keys

import (
	"context"
	"crypto/ecdh"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/streamchain/streamchain/keyshare"
	"github.com/streamchain/streamchain/manifest"
	"github.com/streamchain/streamchain/storagenode/admit"
	"github.com/streamchain/streamchain/storagenode/wire"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
)

const (
	// maxBody bounds a request's body in bytes.
	maxBody = 16 << 10
	// patience is how long the chain may take to answer.
	patience = 5 * time.Second
	// maxParallel bounds the requests whose answers are computed at once.
	maxParallel = 8
)

// DefaultPerKey and DefaultPerAddress are limits that a player never meets; many viewers may share an address.
var (
	DefaultPerKey     = Limit{Rate: 4, Burst: 40}
	DefaultPerAddress = Limit{Rate: 100, Burst: 400}
)

// Server answers POST /v1/keys.
type Server struct {
	Node   admit.Node
	Reader *admit.Reader
	Chain  Chain
	Store  *Store
	Book   *Book
	Log    *slog.Logger // what was answered and refused; never a key, word or share, and not who asked
	// Denied refuses works that a denylist names; nil for none.
	Denied func(root string) error
	// Counted is told each outcome: "free", "preview", "right", "paid", or the refusal's slug, with the windows. nil for nobody.
	Counted func(outcome string, windows int)
	// Clock is wall time, which proofs expire by; nil for time.Now.
	Clock func() time.Time

	keys, addresses *limiter
	slots           chan struct{}
}

// NewServer returns a server with limits; its other fields are set before the first request.
func NewServer(perKey, perAddress Limit) *Server {
	return &Server{keys: newLimiter(perKey), addresses: newLimiter(perAddress), slots: make(chan struct{}, maxParallel)}
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var req wire.KeysRequest
	res, by, err := s.handle(w, r, &req)
	outcome := by
	if err != nil {
		p := problem(err)
		p.Write(w)
		outcome = p.Slug
		s.Log.Info("keys refused", "work", named(req.Work), "windows", len(req.Windows), "why", outcome)
	} else {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		_ = json.NewEncoder(w).Encode(res) // the client may be gone
		s.Log.Info("keys", "work", named(req.Work), "windows", len(req.Windows), "by", by, "set", res.SetVersion)
	}
	if s.Counted != nil {
		s.Counted(outcome, len(req.Windows))
	}
}

// named is a work's id for a log, which a stranger's words do not reach.
func named(work string) string {
	if _, err := manifest.ParseWorkID(work); err != nil {
		return "none"
	}
	return work
}

func problem(err error) *wire.Problem {
	var p *wire.Problem
	if errors.As(err, &p) {
		return p
	}
	return wire.NewProblem(http.StatusInternalServerError, wire.Internal, "the node failed")
}

func (s *Server) now() time.Time {
	if s.Clock != nil {
		return s.Clock()
	}
	return time.Now()
}

func (s *Server) handle(w http.ResponseWriter, r *http.Request, req *wire.KeysRequest) (res wire.KeysResponse, by string, err error) {
	if r.Method != http.MethodPost {
		return res, "", wire.NewProblem(http.StatusMethodNotAllowed, wire.MethodNotAllowed, "POST a request")
	}
	if !s.addresses.allow(addressOf(r.RemoteAddr), s.now()) {
		return res, "", busy("too many requests from this address")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err == nil {
		err = json.Unmarshal(body, req)
	}
	if err != nil {
		return res, "", bad("the body: %w", err)
	}
	if err := checkRequest(req); err != nil {
		return res, "", err
	}
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	h, err := s.find(ctx, req.Work)
	if err != nil {
		return res, "", err
	}
	if by, err = s.authorise(ctx, h, req, r.Header.Get(wire.HeaderAuth)); err != nil {
		return res, "", err
	}
	res, err = s.answer(ctx, h, req)
	return res, by, err
}

func bad(detail string, args ...any) error {
	return wire.NewProblem(http.StatusBadRequest, wire.BadRequest, detail, args...)
}

func busy(detail string) error {
	return wire.NewProblem(http.StatusTooManyRequests, wire.TooManyRequests, "%s: ask later", detail)
}

// checkRequest checks every field by itself.
func checkRequest(req *wire.KeysRequest) error {
	if _, err := manifest.ParseWorkID(req.Work); err != nil {
		return bad("work: %w", err)
	}
	if _, err := ecdh.X25519().NewPublicKey(req.ReplyKey); err != nil {
		return bad("reply_key: an X25519 key has 32 bytes")
	}
	if n := len(req.Windows); n == 0 || n > wire.MaxKeyWindows {
		return bad("windows: 1 to %d", wire.MaxKeyWindows)
	}
	seen := map[wire.KeyWindow]bool{}
	for _, win := range req.Windows {
		if n := len(win.Rendition); n == 0 || n > 64 || seen[win] {
			return bad("windows: a rendition's name has 1 to 64 bytes, and no window stands twice")
		}
		seen[win] = true
	}
	if req.Pay != nil && len(req.Pay.Word) != 32 {
		return bad("pay.word: 32 bytes")
	}
	return nil
}

// held is the work that is asked for, and the share for it.
type held struct {
	work  contenttypes.Work
	keyID [32]byte
	set   storagetypes.KeySet
	share keyshare.Share
}

// find reads what the chain says of the work, and the share of the set that is active.
func (s *Server) find(ctx context.Context, root string) (held, error) {
	var h held
	// a node that lags would answer by rights that are gone
	if age := s.Reader.Age(); age > admit.MaxAge {
		return h, wire.NewProblem(http.StatusServiceUnavailable, wire.ChainStale, "the newest block is %s old", age.Round(time.Second))
	}
	if s.Denied != nil {
		if err := s.Denied(root); err != nil {
			return h, err
		}
	}
	var err error
	h.work, err = s.Chain.Work(ctx, root)
	switch {
	case errors.Is(err, contenttypes.ErrWorkNotFound) || err == nil && (h.work.Cid != root || h.work.Root != root):
		return h, wire.NewProblem(http.StatusNotFound, wire.NotFound, "the chain knows no first version of a work with this id")
	case err != nil:
		return h, silent(err)
	case h.work.Keys == nil || len(h.work.Keys.C0) != keyshare.PointLen:
		return h, wire.NewProblem(http.StatusNotFound, wire.NotEncrypted, "the work is not encrypted")
	}
	h.keyID = keyshare.KeyID([keyshare.PointLen]byte(h.work.Keys.C0))
	active, _, err := s.Chain.KeySets(ctx, root)
	if err != nil {
		return h, silent(err)
	}
	if active.Holder(s.Node.Operator) == nil {
		return h, wire.NewProblem(http.StatusNotFound, wire.NotAHolder, "this node holds no share of the work's active key set")
	}
	h.set = *active
	if h.share, err = s.Store.Get(Held{root, active.Version}); err != nil {
		return h, wire.NewProblem(http.StatusNotFound, wire.NotAHolder, "this node has no share of version %d", active.Version)
	}
	if h.share.Index != uint16(active.Holder(s.Node.Operator).Index) {
		return h, errors.New("the share is another holder's")
	}
	return h, nil
}

func silent(err error) error {
	var p *wire.Problem
	if errors.As(err, &p) {
		return p
	}
	return wire.NewProblem(http.StatusServiceUnavailable, wire.ChainBehind, "the chain does not answer: %w", err)
}

// answer makes the share's answers for the windows, sealed for who asked.
func (s *Server) answer(ctx context.Context, h held, req *wire.KeysRequest) (wire.KeysResponse, error) {
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-ctx.Done():
		return wire.KeysResponse{}, busy("the node answers as much as it can")
	}
	res := wire.KeysResponse{SetVersion: h.set.Version, Index: uint32(h.share.Index)}
	for _, win := range req.Windows {
		a, err := h.share.Answer(rand.Reader, keyshare.Window{Work: h.keyID, Rendition: win.Rendition, Number: win.Number})
		if err != nil {
			return wire.KeysResponse{}, err
		}
		sealed, err := keyshare.Seal(req.ReplyKey, keyshare.ForViewer, keyshare.AnswerContext(h.keyID, win.Rendition, win.Number, h.set.Version), a.Bytes())
		if err != nil {
			return wire.KeysResponse{}, bad("reply_key: %w", err)
		}
		res.Sealed = append(res.Sealed, sealed)
	}
	return res, nil
}
