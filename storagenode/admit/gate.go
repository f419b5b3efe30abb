package admit

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/manifest"
	"github.com/streamchain/streamchain/storagenode/catalog"
	"github.com/streamchain/streamchain/storagenode/ledger"
	"github.com/streamchain/streamchain/storagenode/serve"
	"github.com/streamchain/streamchain/storagenode/wire"
	"github.com/streamchain/streamchain/voucher"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	subtypes "github.com/streamchain/streamchain/x/subscription/types"
)

// Gate implements serve.Gate.
type Gate struct {
	Node   Node
	Reader *Reader
	Ledger *ledger.Ledger
	// Clock is wall time, which proofs expire by; nil for time.Now.
	Clock func() time.Time

	sent sent
}

// maxRoots bounds the works that one block is looked up for.
const maxRoots = 8

// candidate is a work that the bytes belong to, with the decision for a viewer that nobody knows.
type candidate struct {
	ref      catalog.Ref
	decision subtypes.AccessDecision
}

// Admit implements serve.Gate.
func (g *Gate) Admit(ctx context.Context, a serve.Ask) (serve.Grant, error) {
	if a.Method == http.MethodHead {
		return serve.Grant{}, nil
	}
	works, open, err := g.open(ctx, a)
	if open || err != nil {
		return serve.Grant{}, err
	}
	if v := a.Header.Get(wire.HeaderReplica); v != "" {
		return serve.Grant{Private: true}, g.replica(ctx, v, works)
	}
	viewer, refusal := "", works[0].decision
	if v := a.Header.Get(wire.HeaderAuth); v != "" {
		var granted bool
		if viewer, granted, refusal, err = g.proof(ctx, v, a.Method, works); granted || err != nil {
			return serve.Grant{Private: true}, err
		}
	}
	if v := a.Header.Get(wire.HeaderPay); v != "" && !a.Whole {
		return g.pay(ctx, v, a, works)
	}
	p := wire.NewProblem(http.StatusPaymentRequired, wire.PaymentRequired, "%s: see terms", refusal.Reason)
	p.Terms = g.Terms(ctx, refusal, viewer)
	return serve.Grant{}, p
}

// open says whether anybody may have the bytes, and returns the works by which somebody may.
func (g *Gate) open(ctx context.Context, a serve.Ask) (works []candidate, open bool, err error) {
	restricted := false
	var failed error
	seen := map[string]bool{}
	for _, ref := range a.Refs {
		free := ref.Free() && !a.Whole
		if seen[ref.Root] && !free || len(seen) > maxRoots {
			continue
		}
		seen[ref.Root] = true
		d, err := g.Reader.Decision(ctx, "", ref.Root)
		switch {
		case err != nil && free:
			return nil, true, nil // what is free needs no chain
		case err != nil && a.Header.Get(wire.HeaderPay) != "":
			// who pays is let in by the ledger, whether the chain answers or not
			works = append(works, candidate{ref, subtypes.AccessDecision{Work: ref.Root, Reason: subtypes.ReasonPaymentRequired}})
		case err != nil:
			failed = err
		case d.Reason == subtypes.ReasonWorkRestricted:
			restricted = true
		case free || d.Granted || preview(ref, d) && !a.Whole:
			return nil, true, nil
		default:
			works = append(works, candidate{ref, d})
		}
	}
	switch {
	case len(works) > 0:
		return works, false, nil
	case restricted:
		return nil, false, wire.NewProblem(http.StatusUnavailableForLegalReasons, wire.Blocked, "a ruling restricts the work")
	}
	return nil, false, failed
}

func preview(ref catalog.Ref, d subtypes.AccessDecision) bool {
	return d.Metered != nil && ref.Item != nil && ref.Item.Class == catalog.Timed && ref.Item.Start < int64(d.Metered.PreviewSeconds)*1000
}

func (g *Gate) wall() int64 {
	if g.Clock != nil {
		return g.Clock().Unix()
	}
	return time.Now().Unix()
}

// proof checks Stream-Auth. viewer is set once the proof itself is good.
func (g *Gate) proof(ctx context.Context, header, method string, works []candidate) (viewer string, granted bool, d subtypes.AccessDecision, err error) {
	p, err := wire.ParseProof(header)
	if err != nil {
		return "", false, d, proofProblem(err)
	}
	for _, w := range works {
		digest, err := manifest.ParseWorkID(w.ref.Root)
		if err != nil || digest != p.Work {
			continue
		}
		if err := p.Verify(g.Node.ChainID, g.Node.Bytes, method, g.wall()); err != nil {
			return "", false, d, proofProblem(err)
		}
		if err := g.Reader.Fresh(); err != nil {
			return "", false, d, err
		}
		owner := sdk.AccAddress(p.Owner).String()
		if err := g.Reader.Key(ctx, owner, p.PubKey, streamtypes.SESSION_KEY_SCOPE_ACCESS); err != nil {
			return "", false, d, err
		}
		d, err := g.Reader.Decision(ctx, owner, w.ref.Root)
		return owner, d.Granted && err == nil, d, err
	}
	return "", false, d, wire.NewProblem(http.StatusUnauthorized, wire.AuthSignature, "the proof is for another work")
}

func proofProblem(err error) error {
	switch {
	case errors.Is(err, wire.ErrMalformed), errors.Is(err, wire.ErrTooLong):
		return wire.NewProblem(http.StatusBadRequest, wire.AuthMalformed, "%w", err)
	case errors.Is(err, wire.ErrExpired):
		return wire.NewProblem(http.StatusUnauthorized, wire.AuthExpired, "%w", err)
	}
	return wire.NewProblem(http.StatusUnauthorized, wire.AuthSignature, "%w", err)
}

// VerifyAccount checks a signature by a compressed secp256k1 key, as accounts sign.
func VerifyAccount(pubkey, msg, sig []byte) bool {
	key := secp256k1.PubKey{Key: pubkey}
	return len(pubkey) == secp256k1.PubKeySize && key.VerifySignature(msg, sig)
}

// replica checks Stream-Replica: a provider with a live deal of the same version, or one that may take a copy of it that
// is wanted.
func (g *Gate) replica(ctx context.Context, header string, works []candidate) error {
	p, err := wire.ParseReplica(header)
	if err != nil {
		return proofProblem(err)
	}
	if err := p.Check(g.Node.ChainID, g.Node.Bytes, g.wall(), VerifyAccount); err != nil {
		return proofProblem(err)
	}
	requester, signer := sdk.AccAddress(p.Requester).String(), sdk.AccAddress((&secp256k1.PubKey{Key: p.PubKey}).Address()).String()
	refused := wire.NewProblem(http.StatusForbidden, wire.NotAProvider, "%s has no deal for this work, or %s is not its agent", requester, signer)
	if err := g.Reader.Fresh(); err != nil {
		return err
	}
	provider, err := g.Reader.ProviderOf(ctx, requester)
	if errors.Is(err, storagetypes.ErrProviderNotFound) || err == nil && signer != provider.Agent && signer != provider.Operator {
		return refused
	}
	if err != nil {
		return err
	}
	for _, w := range works {
		digest, err := manifest.ParseWorkID(w.ref.Work)
		if err != nil || digest != p.Work {
			continue
		}
		_, err = g.Reader.deal(ctx, w.ref.Work, requester)
		if !errors.Is(err, storagetypes.ErrDealNotFound) {
			return err
		}
		if may, err := g.mayRepair(ctx, w.ref.Work, provider); may || err != nil {
			return err
		}
		return refused
	}
	return refused
}

// mayRepair says whether a copy of the work is wanted that the provider could take. Taking bytes and no deal costs a bond
// and the fetching; who wants them cheaper watches.
func (g *Gate) mayRepair(ctx context.Context, work string, p storagetypes.Provider) (bool, error) {
	if p.Status != storagetypes.PROVIDER_STATUS_ACTIVE {
		return false, nil
	}
	rows, err := g.Reader.repairs(ctx, work)
	if err != nil {
		return false, err
	}
	for _, row := range rows {
		if storagetypes.Rate(p.PricePerGibDay, row.PieceSize).LTE(row.MaxRate) {
			return true, nil
		}
	}
	return false, nil
}

// maxTick bounds ticks by number: a session has at most streamtypes.MaxTicks.
const maxTick = 1 << 30

// Ticks are those that a file touches; false where it cannot be bought by the tick.
func Ticks(ref catalog.Ref, tickSeconds uint32) (ledger.Ticks, bool) {
	if ref.Item == nil || tickSeconds == 0 {
		return ledger.Ticks{}, false
	}
	t := int64(tickSeconds) * 1000
	rendition, start, end := ref.Item.Rendition, ref.Item.Start, ref.Item.End
	if ref.Item.Class != catalog.Timed {
		// a work without duration has no ticks: one would sell it whole
		if ref.Duration == 0 || ref.Duration > maxTick {
			return ledger.Ticks{}, false
		}
		rendition, start, end = ledger.Whole, 0, int64(ref.Duration)*1000
	}
	from, to := start/t, max((end+t-1)/t, start/t+1)
	if start < 0 || to > maxTick {
		return ledger.Ticks{}, false
	}
	return ledger.Ticks{Rendition: rendition, From: uint32(from), To: uint32(to)}, true
}

// pay checks Stream-Pay and uses the ticks that the bytes touch.
func (g *Gate) pay(ctx context.Context, header string, a serve.Ask, works []candidate) (serve.Grant, error) {
	p, err := wire.ParsePayment(header)
	if err != nil {
		return serve.Grant{}, wire.NewProblem(http.StatusBadRequest, wire.BadRequest, "%w", err)
	}
	_, terms, err := g.Ledger.Session(p.Session)
	if err != nil {
		return serve.Grant{}, SessionProblem(ledger.State{}, err)
	}
	for _, w := range works {
		if w.ref.Root != terms.Work {
			continue
		}
		ticks, ok := Ticks(w.ref, terms.TickSeconds)
		if !ok {
			break
		}
		st, err := g.Ledger.Use(p.Session, ledger.Payment{N: p.N, Word: p.Word}, ticks, g.Reader.Now())
		if err != nil {
			problem := SessionProblem(st, err)
			if problem.Slug == wire.PaymentRequired {
				problem.Terms = g.Terms(ctx, w.decision, terms.EscrowOwner)
				problem.Terms.Due, problem.Terms.Paid, problem.Terms.Used = st.Due, st.Paid, st.Used
			}
			return serve.Grant{}, problem
		}
		if !g.sent.more(p.Session, a) {
			return serve.Grant{}, wire.NewProblem(http.StatusTooManyRequests, wire.TooManyRequests, "this was sent %d times in this session: open another", maxSent)
		}
		return serve.Grant{Private: true, Paid: fmt.Sprintf("%d:%d", st.Paid, st.Used)}, nil
	}
	problem := wire.NewProblem(http.StatusPaymentRequired, wire.PaymentRequired, "the session is for another work, or these bytes are not sold by the tick")
	problem.Terms = g.Terms(ctx, works[0].decision, terms.EscrowOwner)
	return serve.Grant{}, problem
}

// SessionProblem says what the ledger's refusal means to a client.
func SessionProblem(st ledger.State, err error) *wire.Problem {
	p := func(status int, slug string) *wire.Problem {
		p := wire.NewProblem(status, slug, "%w", err)
		if status != http.StatusNotFound {
			p.Paid = &st.Paid
		}
		return p
	}
	switch {
	case errors.Is(err, ledger.ErrNoSession):
		return p(http.StatusNotFound, wire.SessionUnknown)
	case errors.Is(err, ledger.ErrDue), errors.Is(err, ledger.ErrKnown), errors.Is(err, voucher.ErrBeyond):
		return p(http.StatusPaymentRequired, wire.PaymentRequired)
	case errors.Is(err, voucher.ErrWord):
		return p(http.StatusPaymentRequired, wire.BadWord)
	case errors.Is(err, voucher.ErrGap):
		return p(http.StatusPaymentRequired, wire.GapTooLarge)
	case errors.Is(err, ledger.ErrExhausted):
		return p(http.StatusPaymentRequired, wire.LaneExhausted)
	case errors.Is(err, ledger.ErrClosed), errors.Is(err, ledger.ErrExpired), errors.Is(err, voucher.ErrClosed):
		return p(http.StatusConflict, wire.SessionClosed)
	case errors.Is(err, ledger.ErrNoLane), errors.Is(err, ledger.ErrTooMany):
		return p(http.StatusConflict, wire.LaneUnusable)
	case errors.Is(err, ledger.ErrNumber):
		return p(http.StatusBadRequest, wire.BadTerms)
	}
	return wire.NewProblem(http.StatusInternalServerError, wire.Internal, "the ledger failed")
}
