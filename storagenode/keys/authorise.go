package keys

import (
	"context"
	"errors"
	"math"
	"net/http"
	"strings"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/manifest"
	"github.com/streamchain/streamchain/storagenode/admit"
	"github.com/streamchain/streamchain/storagenode/sessions"
	"github.com/streamchain/streamchain/storagenode/wire"
	"github.com/streamchain/streamchain/token"
	"github.com/streamchain/streamchain/voucher"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	subtypes "github.com/streamchain/streamchain/x/subscription/types"
)

// What opens windows, as it is counted and logged.
const (
	byFree    = "free"
	byPreview = "preview"
	byRight   = "right"
	byPaid    = "paid"
)

// authorise says by what the windows may be answered, and refuses whatever it does not know a reason for.
func (s *Server) authorise(ctx context.Context, h held, req *wire.KeysRequest, header string) (string, error) {
	nobody, err := s.decide(ctx, "", h.work.Cid)
	if err != nil {
		return "", err
	}
	if nobody.Granted {
		return byFree, nil
	}
	priced := h.priced(nobody.Metered, req.Windows)
	if len(priced) == 0 {
		return byPreview, nil
	}
	if header == "" {
		return "", s.refuse(ctx, nobody, "", standing{Due: sum(priced)}, nobody.Reason)
	}
	owner, pubkey, err := s.proof(header, req)
	if err != nil {
		return "", err
	}
	if !s.keys.allow(string(pubkey), s.now()) {
		return "", busy("too many requests of this key")
	}
	d, err := s.decide(ctx, owner, h.work.Cid)
	if err != nil {
		return "", err
	}
	if d.Granted && (d.Until == 0 || d.Until > s.Reader.Now()) {
		return byRight, s.Reader.KeyAt(ctx, s.Chain.Height(), owner, pubkey, streamtypes.SESSION_KEY_SCOPE_ACCESS)
	}
	if req.Pay == nil {
		return "", s.refuse(ctx, d, owner, standing{Due: sum(priced)}, d.Reason)
	}
	return byPaid, s.paid(ctx, h, req, nobody, priced, owner, pubkey)
}

// decide is the chain's decision as of the newest block; a restricted work is closed to all.
func (s *Server) decide(ctx context.Context, viewer, root string) (subtypes.AccessDecision, error) {
	d, err := s.Reader.DecisionAt(ctx, s.Chain.Height(), viewer, root)
	if err == nil && d.Reason == subtypes.ReasonWorkRestricted {
		err = wire.NewProblem(http.StatusUnavailableForLegalReasons, wire.Blocked, "a ruling restricts the work")
	}
	return d, err
}

// priced are the windows that are not open to all, with the ticks that each costs; none has a price where nothing is sold by the tick.
func (h held) priced(m *subtypes.MeteredOffer, windows []wire.KeyWindow) map[wire.KeyWindow]uint32 {
	out := map[wire.KeyWindow]uint32{}
	length := uint64(h.work.Keys.WindowSeconds)
	for _, w := range windows {
		start := uint64(w.Number) * length
		if m == nil || m.TickSeconds == 0 || length == 0 || h.work.DurationSeconds == 0 {
			out[w] = 0
			continue
		}
		// a preview is of what has a time: of other files, whose names show, nobody sees a part for nothing
		if start < uint64(m.PreviewSeconds) && start < h.work.DurationSeconds && !strings.ContainsAny(w.Rendition, "./") {
			continue
		}
		seconds := length
		if start < h.work.DurationSeconds {
			seconds = min(seconds, h.work.DurationSeconds-start)
		}
		tick := uint64(m.TickSeconds)
		out[w] = uint32((seconds + tick - 1) / tick)
	}
	return out
}

func sum(priced map[wire.KeyWindow]uint32) uint32 {
	var all uint64
	for _, t := range priced {
		all += uint64(t)
	}
	return uint32(min(all, math.MaxUint32))
}

// refuse says what it takes.
func (s *Server) refuse(ctx context.Context, d subtypes.AccessDecision, viewer string, st standing, why string) error {
	p := wire.NewProblem(http.StatusPaymentRequired, wire.PaymentRequired, "%s: see terms", why)
	gate := admit.Gate{Node: s.Node, Reader: s.Reader}
	p.Terms = gate.Terms(ctx, d, viewer)
	p.Terms.Due, p.Terms.Paid, p.Terms.Used = st.Due, st.Paid, st.Used
	return p
}

// proof checks that who asks is who it says, and that it asks for just this.
func (s *Server) proof(header string, req *wire.KeysRequest) (owner string, pubkey []byte, err error) {
	p, err := wire.ParseProof(header)
	if err != nil {
		return "", nil, wire.NewProblem(http.StatusBadRequest, wire.AuthMalformed, "%w", err)
	}
	wrong := wire.NewProblem(http.StatusUnauthorized, wire.AuthSignature, "the proof is for another work or another request")
	digest, err := manifest.ParseWorkID(req.Work)
	if err != nil || digest != p.Work || req.Nonce() != p.Nonce {
		return "", nil, wrong
	}
	switch err := p.Verify(s.Node.ChainID, s.Node.Bytes, http.MethodPost, s.now().Unix()); {
	case errors.Is(err, wire.ErrExpired):
		return "", nil, wire.NewProblem(http.StatusUnauthorized, wire.AuthExpired, "%w", err)
	case errors.Is(err, wire.ErrTooLong):
		return "", nil, wire.NewProblem(http.StatusBadRequest, wire.AuthMalformed, "%w", err)
	case err != nil:
		return "", nil, wire.NewProblem(http.StatusUnauthorized, wire.AuthSignature, "%w", err)
	}
	return sdk.AccAddress(p.Owner).String(), p.PubKey, nil
}

func badTerms(detail string, args ...any) error {
	return wire.NewProblem(http.StatusBadRequest, wire.BadTerms, detail, args...)
}

// paid takes what a session pays for. Its terms are the viewer's own: of this work, at its price, signed by the key that asks, in a lane that is open.
func (s *Server) paid(ctx context.Context, h held, req *wire.KeysRequest, d subtypes.AccessDecision, priced map[wire.KeyWindow]uint32, owner string, pubkey []byte) error {
	t := sessions.SessionOf(req.Pay.Session)
	if err := s.checkTerms(t, h.work.Cid, d, owner, pubkey); err != nil {
		return err
	}
	for _, ticks := range priced {
		if ticks == 0 {
			return s.refuse(ctx, d, owner, standing{}, "these windows are not sold by the tick")
		}
	}
	if err := s.Reader.KeyAt(ctx, s.Chain.Height(), owner, pubkey, streamtypes.SESSION_KEY_SCOPE_PAYMENT); err != nil {
		return err
	}
	lane, err := s.Chain.LaneOf(ctx, owner, t.Denom, t.Provider, t.Generation)
	now := s.Reader.Now()
	switch {
	case err != nil && !errors.Is(err, streamtypes.ErrLaneNotFound):
		return silent(err)
	case err != nil || lane.Closing() || now >= lane.Expires || lane.Accepts(t, now) != nil:
		return wire.NewProblem(http.StatusConflict, wire.LaneUnusable, "no open lane of this generation and key pays the session")
	}
	r := release{req.Pay.Session, req.Pay.N, voucher.Word(req.Pay.Word), priced, lane}
	st, err := s.Book.Release(r)
	if errors.Is(err, ErrOverCap) {
		asked, failed := s.Book.Refresh(ctx, t, s.Chain.SettledTicks)
		if failed != nil {
			return silent(failed)
		}
		if asked {
			st, err = s.Book.Release(r)
		}
	}
	return s.unpaid(ctx, d, owner, st, err)
}

func (s *Server) checkTerms(t streamtypes.Session, root string, d subtypes.AccessDecision, owner string, pubkey []byte) error {
	if err := t.Validate(); err != nil {
		return badTerms("session: %w", err)
	}
	m, now := d.Metered, s.Reader.Now()
	switch {
	case t.ChainId != s.Node.ChainID || t.Work != root:
		return badTerms("session: it is for chain %s and work %s", t.ChainId, t.Work)
	case t.EscrowOwner != owner || string(t.Pubkey) != string(pubkey):
		return badTerms("session: who asks must be who signed it")
	case m == nil:
		return badTerms("session: the work is not sold by the tick")
	case t.Denom != token.BaseDenom || !m.PricePerTick.IsUint64() || m.PricePerTick.Uint64() != t.PricePerTick || m.TickSeconds != t.TickSeconds:
		return badTerms("session: the work asks %s%s for %d seconds", m.PricePerTick, token.BaseDenom, m.TickSeconds)
	case t.Expires <= now:
		return wire.NewProblem(http.StatusConflict, wire.SessionClosed, "the session has expired")
	}
	if v, err := t.Voucher(); err != nil || !v.Verify(t.Pubkey, t.Signature) {
		return badTerms("session: the signature does not fit")
	}
	return nil
}

// unpaid says what the book's refusal means to a client.
func (s *Server) unpaid(ctx context.Context, d subtypes.AccessDecision, owner string, st standing, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrDue), errors.Is(err, voucher.ErrStale):
		return s.refuse(ctx, d, owner, st, err.Error())
	case errors.Is(err, voucher.ErrWord):
		return wire.NewProblem(http.StatusPaymentRequired, wire.BadWord, "%w", err)
	case errors.Is(err, ErrOverCap), errors.Is(err, voucher.ErrBeyond):
		return wire.NewProblem(http.StatusPaymentRequired, wire.LaneExhausted, "%w", err)
	case errors.Is(err, ErrClosed):
		return wire.NewProblem(http.StatusConflict, wire.SessionClosed, "%w", err)
	case errors.Is(err, ErrFull):
		return wire.NewProblem(http.StatusConflict, wire.LaneUnusable, "%w", err)
	}
	return silent(err)
}
