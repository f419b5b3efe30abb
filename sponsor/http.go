package sponsor

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"
)

const (
	// maxBody is more than any request needs, in bytes.
	maxBody = 8 << 10
	// answerTime is how long who asks waits for the grant; it may still come later.
	answerTime = 45 * time.Second
)

// Info is what GET /v1/info says.
type Info struct {
	ChainID       string   `json:"chain_id"`
	Service       string   `json:"service"`
	Granter       string   `json:"granter"`
	Messages      []string `json:"messages"`
	SpendLimit    uint64   `json:"spend_limit,string"`
	ExpirySeconds int64    `json:"expiry_seconds"`
	StarterCredit uint64   `json:"starter_credit,string"`
	MaxBalance    uint64   `json:"max_balance,string"`
	Difficulty    int      `json:"difficulty"` // least
	Open          bool     `json:"open"`
}

// Issued is what GET /v1/challenge says.
type Issued struct {
	Challenge  string `json:"challenge"`
	Difficulty int    `json:"difficulty"`
	Expires    int64  `json:"expires"`
}

// Request is the body of POST /v1/sponsor.
type Request struct {
	Address string `json:"address"`
	PubKey  []byte `json:"pubkey"`
	Proof   Proof  `json:"proof"`
}

// Proof answers a challenge.
type Proof struct {
	Challenge string `json:"challenge"`
	Signature []byte `json:"signature"`
	Work      uint64 `json:"work,string"`
}

// Grant is what POST /v1/sponsor says.
type Grant struct {
	Granter       string `json:"granter"`
	SpendLimit    uint64 `json:"spend_limit,string"`
	StarterCredit uint64 `json:"starter_credit,string"`
	Expires       int64  `json:"expires"`
	TX            string `json:"tx"`
}

// Health is what GET /v1/health says. Nothing of it is secret: the chain shows all but the limits.
type Health struct {
	OK          bool   `json:"ok"`
	Reason      string `json:"reason,omitempty"` // why nobody is granted anything now
	Granted     int    `json:"granted"`
	Pending     int    `json:"pending"`
	Failed      int    `json:"failed"`
	SpentHour   uint64 `json:"spent_hour,string"`
	BudgetHour  uint64 `json:"budget_hour,string"`
	SpentDay    uint64 `json:"spent_day,string"`
	BudgetDay   uint64 `json:"budget_day,string"`
	Outstanding uint64 `json:"outstanding,string"`
	Balance     int64  `json:"balance,string"` // -1: not known
	Reserve     uint64 `json:"reserve,string"`
	Difficulty  int    `json:"difficulty"`
}

func (s *Service) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/info", s.getInfo)
	mux.HandleFunc("GET /v1/health", s.getHealth)
	mux.HandleFunc("GET /v1/challenge", s.limited(s.getChallenge))
	mux.HandleFunc("POST /v1/sponsor", s.limited(s.postSponsor))
	mux.Handle("GET /metrics", s.metrics.handler())
	return s.recovering(mux)
}

// recovering logs a panic without the client's address, which the server's own log would have.
func (s *Service) recovering(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if v := recover(); v != nil {
				s.log.Error("panic", "path", r.URL.Path, "value", v, "stack", string(debug.Stack()))
				panic(http.ErrAbortHandler)
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// limited counts a request against its network's rate and passes on the network's name of the day.
func (s *Service) limited(next func(http.ResponseWriter, *http.Request, string) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		network, now := s.nets.of(r), s.now()
		name, err := s.salts.hash(network, now)
		if err != nil {
			s.log.Error("the day's salt cannot be kept", "err", err)
			err = ErrBroken
		} else {
			err = s.rates.take(network, now)
		}
		if err == nil {
			err = next(w, r, name)
		}
		if err != nil {
			s.refuse(w, r, name, err)
		}
	}
}

func (s *Service) refuse(w http.ResponseWriter, r *http.Request, network string, err error) {
	var p *Problem
	if !errors.As(err, &p) {
		s.log.Error("refused without a reason", "err", err)
		p = ErrBroken
	}
	s.metrics.refusals.WithLabelValues(p.Slug).Inc()
	s.log.Debug("refused", "path", r.URL.Path, "network", network, "slug", p.Slug)
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Cache-Control", "no-store")
	if p.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.FormatInt(p.RetryAfter, 10))
	}
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p)
}

func write(w http.ResponseWriter, v any) error {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(v) // the client may have gone
	return nil
}

func (s *Service) getInfo(w http.ResponseWriter, _ *http.Request) {
	g := s.cfg.Grant
	_ = write(w, Info{
		ChainID: s.chain.ChainID(), Service: s.cfg.HTTP.URL, Granter: s.chain.Address(), Messages: Messages(),
		SpendLimit: uint64(g.SpendLimit), ExpirySeconds: int64(g.Expiry.Seconds()), StarterCredit: uint64(g.StarterCredit),
		MaxBalance: uint64(g.MaxBalance), Difficulty: s.cfg.Work.Difficulty, Open: s.open(s.now().Unix()) == nil,
	})
}

func (s *Service) getHealth(w http.ResponseWriter, _ *http.Request) { _ = write(w, s.health()) }

// health is the service's state as of now.
func (s *Service) health() Health {
	now := s.now().Unix()
	t := s.ledger.totals(now)
	h := Health{
		OK: true, Granted: t.Granted, Pending: t.Pending, Failed: t.Failed,
		SpentHour: t.Hour, BudgetHour: uint64(s.cfg.Budget.Hour), SpentDay: t.Day, BudgetDay: uint64(s.cfg.Budget.Day),
		Outstanding: t.Held, Balance: s.balance.Load(), Reserve: uint64(s.cfg.Budget.Reserve), Difficulty: s.difficulty(t.Load, 0),
	}
	var p *Problem
	if err := s.open(now); errors.As(err, &p) {
		// a budget that is spent is how it should be
		h.OK, h.Reason = p.Is(ErrBudget) || p.Is(ErrBusy), p.Slug
	}
	return h
}

func (s *Service) getChallenge(w http.ResponseWriter, r *http.Request, network string) error {
	c, err := s.challenge(r.URL.Query().Get("address"), network)
	if err != nil {
		return err
	}
	s.metrics.challenges.Inc()
	return write(w, Issued{Challenge: c.Text(), Difficulty: c.Difficulty, Expires: c.Expires})
}

func (s *Service) postSponsor(w http.ResponseWriter, r *http.Request, network string) error {
	var req Request
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&req); err != nil {
		return ErrRequest
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return ErrRequest
	}
	ctx, cancel := context.WithTimeout(r.Context(), answerTime)
	defer cancel()
	err := s.sponsor(ctx, Answer{
		Address: req.Address, Challenge: req.Proof.Challenge, PubKey: req.PubKey, Signature: req.Proof.Signature, Work: req.Proof.Work,
	}, network)
	if err != nil {
		return err
	}
	e, _ := s.ledger.get(req.Address)
	return write(w, Grant{
		Granter: s.chain.Address(), SpendLimit: uint64(s.cfg.Grant.SpendLimit), StarterCredit: uint64(s.cfg.Grant.StarterCredit),
		Expires: e.Expires, TX: e.TX,
	})
}
