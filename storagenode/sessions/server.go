package sessions

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/streamchain/streamchain/storagenode/admit"
	"github.com/streamchain/streamchain/storagenode/ledger"
	"github.com/streamchain/streamchain/storagenode/uses"
	"github.com/streamchain/streamchain/storagenode/wire"
	"github.com/streamchain/streamchain/token"
	"github.com/streamchain/streamchain/voucher"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	subtypes "github.com/streamchain/streamchain/x/subscription/types"
)

const (
	// maxBody bounds a request, in bytes.
	maxBody = 16 << 10
	// Patience is how long a request waits for its lane.
	Patience = 10 * time.Second
)

// Server answers /v1/sessions.
type Server struct {
	Lanes *Lanes
	// Denied refuses works, by their first version, for which no session is opened; nil refuses none.
	Denied func(root string) error
	// Uses opens sessions of price zero; nil opens none.
	Uses *uses.Book
	// Closed is told that a session has ended, so that it is settled soon; may be nil.
	Closed func()
}

// Register adds the routes.
func (s *Server) Register(mux *http.ServeMux) {
	for pattern, h := range map[string]func(http.ResponseWriter, *http.Request) (int, any, error){
		"POST /v1/sessions": s.open, "GET /v1/sessions/{id}": s.get, "POST /v1/sessions/{id}/pay": s.pay, "DELETE /v1/sessions/{id}": s.remove,
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			status, body, err := h(w, r)
			if err != nil {
				problem(err).Write(w)
				return
			}
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Cache-Control", "no-store")
			if status == http.StatusAccepted {
				w.Header().Set("Retry-After", "2")
			}
			w.WriteHeader(status)
			_ = json.NewEncoder(w).Encode(body) // the client may be gone
		})
	}
}

func problem(err error) *wire.Problem {
	var p *wire.Problem
	if errors.As(err, &p) {
		return p
	}
	return wire.NewProblem(http.StatusInternalServerError, wire.Internal, "the node failed")
}

// read decodes the body; an empty one leaves v as it is.
func read(w http.ResponseWriter, r *http.Request, v any) error {
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err == nil && len(raw) > 0 {
		err = json.Unmarshal(raw, v)
	}
	if err != nil {
		return wire.NewProblem(http.StatusBadRequest, wire.BadRequest, "the body: %w", err)
	}
	return nil
}

func (s *Server) open(w http.ResponseWriter, r *http.Request) (int, any, error) {
	var req wire.OpenRequest
	if err := read(w, r, &req); err != nil {
		return 0, nil, err
	}
	if req.Lane == nil && req.Session == nil {
		return 0, nil, wire.NewProblem(http.StatusBadRequest, wire.BadRequest, "give a lane, a session, or both")
	}
	var res wire.OpenResponse
	if req.Lane != nil {
		st, err := s.Lanes.Open(r.Context(), *req.Lane, Patience)
		if err != nil {
			return 0, nil, err
		}
		if res.Lane = st; !st.Open {
			return http.StatusAccepted, res, nil
		}
	}
	if req.Session == nil {
		return http.StatusCreated, res, nil
	}
	st, again, err := s.begin(r.Context(), SessionOf(*req.Session))
	if err != nil {
		return 0, nil, err
	}
	tx := ""
	if res.Lane != nil {
		tx = res.Lane.TX
	}
	res.Session, res.Lane = sessionState(st), s.lane(SessionOf(*req.Session), tx)
	if again {
		return http.StatusOK, res, nil
	}
	return http.StatusCreated, res, nil
}

func (s *Server) lane(t streamtypes.Session, tx string) *wire.LaneState {
	ln, spent, ok := s.Lanes.Ledger.Lane(ledger.LaneID{Owner: t.EscrowOwner, Denom: t.Denom, Generation: t.Generation})
	if !ok {
		return nil
	}
	return laneState(ln, spent, tx)
}

// begin judges a session and opens it in the ledger.
func (s *Server) begin(ctx context.Context, t streamtypes.Session) (ledger.State, bool, error) {
	l := s.Lanes
	if t.Free() && s.Uses != nil {
		if s.Denied != nil {
			if err := s.Denied(t.Work); err != nil {
				return ledger.State{}, false, err
			}
		}
		return s.Uses.Begin(ctx, t)
	}
	if err := t.Validate(); err != nil {
		return ledger.State{}, false, badTerms("session: %w", err)
	}
	if t.ChainId != l.Node.ChainID || t.Provider != l.Node.Operator {
		return ledger.State{}, false, badTerms("session: it is for chain %s and provider %s, this is %s and %s", t.ChainId, t.Provider, l.Node.ChainID, l.Node.Operator)
	}
	v, err := t.Voucher()
	if err != nil || !v.Verify(t.Pubkey, t.Signature) {
		return ledger.State{}, false, badTerms("session: the signature does not fit")
	}
	ln, err := s.laneFor(ctx, t)
	if err != nil {
		return ledger.State{}, false, err
	}
	if string(ln.PubKey) != string(t.Pubkey) || t.Expires > ln.Expires {
		return ledger.State{}, false, badTerms("session: it must be signed by the lane's key and expire with the lane, at %d", ln.Expires)
	}
	if s.Denied != nil {
		if err := s.Denied(t.Work); err != nil {
			return ledger.State{}, false, err
		}
	}
	if err := s.offered(ctx, t); err != nil {
		return ledger.State{}, false, err
	}
	st, again, err := l.Ledger.OpenSession(t, l.Reader.Now())
	if err != nil {
		return st, again, admit.SessionProblem(st, err)
	}
	return st, again, nil
}

// laneFor finds the session's lane, on the chain when the ledger does not know it.
func (s *Server) laneFor(ctx context.Context, t streamtypes.Session) (ledger.Lane, error) {
	l := s.Lanes
	id := ledger.LaneID{Owner: t.EscrowOwner, Denom: t.Denom, Generation: t.Generation}
	if ln, _, ok := l.Ledger.Lane(id); ok {
		return ln, nil
	}
	ctx, cancel := context.WithTimeout(ctx, queries)
	defer cancel()
	st, err := l.adopt(ctx, streamtypes.LaneIntent{EscrowOwner: t.EscrowOwner, Denom: t.Denom, Generation: t.Generation, Pubkey: t.Pubkey}, "")
	if err != nil {
		return ledger.Lane{}, err
	}
	if st == nil {
		next, err := l.Reader.NextGeneration(ctx, t.EscrowOwner)
		if err != nil {
			return ledger.Lane{}, chainProblem(err)
		}
		return ledger.Lane{}, wire.NewProblem(http.StatusConflict, wire.LaneUnusable, "no lane of generation %d with this key is open; open generation %d", t.Generation, next)
	}
	ln, _, _ := l.Ledger.Lane(id)
	return ln, nil
}

// offered holds a session to what its work asks now.
func (s *Server) offered(ctx context.Context, t streamtypes.Session) error {
	d, err := s.Lanes.Reader.Decision(ctx, "", t.Work)
	if err != nil {
		return err
	}
	switch m := d.Metered; {
	case d.Reason == subtypes.ReasonWorkRestricted:
		return wire.NewProblem(http.StatusUnavailableForLegalReasons, wire.Blocked, "a ruling restricts the work")
	case m == nil:
		return badTerms("session: the work is not sold by the tick")
	case d.Work != t.Work:
		return badTerms("session: name the first version, %s", d.Work)
	case t.Denom != token.BaseDenom || !m.PricePerTick.IsUint64() || m.PricePerTick.Uint64() != t.PricePerTick || m.TickSeconds != t.TickSeconds:
		return badTerms("session: the work asks %s%s for %d seconds", m.PricePerTick, token.BaseDenom, m.TickSeconds)
	}
	return nil
}

// of is the ledger that has the session: of those that cost something where none has.
func (s *Server) of(id wire.SessionID) *ledger.Ledger {
	if s.Uses != nil {
		if _, _, err := s.Uses.Ledger.Session(id); err == nil {
			return s.Uses.Ledger
		}
	}
	return s.Lanes.Ledger
}

func sessionID(r *http.Request) (wire.SessionID, error) {
	id, err := wire.ParseSessionID(r.PathValue("id"))
	if err != nil {
		return id, wire.NewProblem(http.StatusNotFound, wire.SessionUnknown, "%w", err)
	}
	return id, nil
}

func (s *Server) get(_ http.ResponseWriter, r *http.Request) (int, any, error) {
	id, err := sessionID(r)
	if err != nil {
		return 0, nil, err
	}
	st, t, err := s.of(id).Session(id)
	if err != nil {
		return 0, nil, admit.SessionProblem(st, err)
	}
	return http.StatusOK, wire.OpenResponse{Lane: s.lane(t, ""), Session: sessionState(st)}, nil
}

// payment reads {n, word}; all zero where the body is empty.
func payment(w http.ResponseWriter, r *http.Request) (id wire.SessionID, p ledger.Payment, err error) {
	if id, err = sessionID(r); err != nil {
		return id, p, err
	}
	var req wire.PayRequest
	if err := read(w, r, &req); err != nil || req.N == 0 {
		return id, p, err
	}
	if len(req.Word) != len(p.Word) {
		return id, p, wire.NewProblem(http.StatusBadRequest, wire.BadRequest, "a word has 32 bytes")
	}
	return id, ledger.Payment{N: req.N, Word: voucher.Word(req.Word)}, nil
}

// take records a payment.
func (s *Server) take(id wire.SessionID, p ledger.Payment) (ledger.State, error) {
	st, err := s.of(id).Use(id, p, ledger.Ticks{}, s.Lanes.Reader.Now())
	if err != nil {
		return st, admit.SessionProblem(st, err)
	}
	return st, nil
}

func (s *Server) pay(w http.ResponseWriter, r *http.Request) (int, any, error) {
	id, p, err := payment(w, r)
	if err != nil {
		return 0, nil, err
	}
	st, err := s.take(id, p)
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, wire.OpenResponse{Session: sessionState(st)}, nil
}

// close needs a word that only the viewer has once the session's id is public, which settling makes it: nobody else may
// end it.
func (s *Server) close(id wire.SessionID, st ledger.State, shown ledger.Payment) error {
	if st.Open && !s.of(id).Knows(id, shown) {
		return wire.NewProblem(http.StatusPaymentRequired, wire.PaymentRequired, "show the newest word, of n = %d", st.Paid)
	}
	return s.of(id).CloseSession(id)
}

func (s *Server) remove(w http.ResponseWriter, r *http.Request) (int, any, error) {
	id, shown, err := payment(w, r)
	if err != nil {
		return 0, nil, err
	}
	st, _, err := s.of(id).Session(id)
	if err == nil && st.Open && shown.N > st.Paid {
		st, err = s.take(id, shown)
	}
	var p *wire.Problem
	switch {
	case errors.As(err, &p) && p.Slug == wire.SessionClosed:
		st, _, err = s.of(id).Session(id)
	case err != nil && !errors.As(err, &p):
		err = admit.SessionProblem(st, err)
	}
	if err == nil {
		err = s.close(id, st, shown)
	}
	if err != nil {
		return 0, nil, err
	}
	if s.Closed != nil {
		s.Closed()
	}
	st.Open = false
	return http.StatusOK, wire.OpenResponse{Session: sessionState(st)}, nil
}
