package sponsor

import (
	"errors"
	"fmt"
	"net/http"
	"time"
)

// Problem is a refusal as the service sends it. Its slug is stable, its detail for people.
type Problem struct {
	Status int    `json:"status"`
	Slug   string `json:"slug"`
	Detail string `json:"detail"`
	// RetryAfter is how many seconds to wait before it makes sense to ask again; 0: it never does, or at once.
	RetryAfter int64 `json:"retry_after,omitempty"`
}

// Error says what and why.
func (p *Problem) Error() string {
	return fmt.Sprintf("the sponsor refuses (%s): %s", p.Slug, p.Detail)
}

// Is compares slugs, so that errors.Is(err, ErrNotNewcomer) works on both sides of the wire.
func (p *Problem) Is(target error) bool {
	var other *Problem
	return errors.As(target, &other) && other.Slug == p.Slug
}

// The refusals.
var (
	ErrRequest      = &Problem{Status: http.StatusBadRequest, Slug: "bad-request", Detail: "the request cannot be read"}
	ErrAddress      = &Problem{Status: http.StatusBadRequest, Slug: "bad-address", Detail: "the address is no account address of this chain"}
	ErrChallenge    = &Problem{Status: http.StatusForbidden, Slug: "bad-challenge", Detail: "this is no challenge of this service for this address, or it is too old: get a new one"}
	ErrUsed         = &Problem{Status: http.StatusForbidden, Slug: "challenge-used", Detail: "this challenge was answered before: get a new one"}
	ErrWork         = &Problem{Status: http.StatusForbidden, Slug: "work-missing", Detail: "the work does not reach the challenge's difficulty"}
	ErrKey          = &Problem{Status: http.StatusForbidden, Slug: "bad-key", Detail: "the public key is no secp256k1 key of this address"}
	ErrSignature    = &Problem{Status: http.StatusForbidden, Slug: "bad-signature", Detail: "the signature over the challenge is not this key's"}
	ErrNotNewcomer  = &Problem{Status: http.StatusForbidden, Slug: "not-a-newcomer", Detail: "the account has coins or a history: it pays its own fees"}
	ErrSponsored    = &Problem{Status: http.StatusConflict, Slug: "already-sponsored", Detail: "this address was sponsored before, and is only once"}
	ErrPending      = &Problem{Status: http.StatusConflict, Slug: "pending", Detail: "a grant to this address is under way: look on the chain in a minute", RetryAfter: 30}
	ErrNetworkLimit = &Problem{Status: http.StatusTooManyRequests, Slug: "network-limit", Detail: "your network has had its share of today's grants", RetryAfter: 3600}
	ErrRate         = &Problem{Status: http.StatusTooManyRequests, Slug: "rate-limit", Detail: "too many requests from your network", RetryAfter: 60}
	ErrBudget       = &Problem{Status: http.StatusServiceUnavailable, Slug: "budget-spent", Detail: "the sponsor has given what it may give for now", RetryAfter: 600}
	ErrReserve      = &Problem{Status: http.StatusServiceUnavailable, Slug: "sponsor-empty", Detail: "the sponsor's account is at its reserve", RetryAfter: 3600}
	ErrBusy         = &Problem{Status: http.StatusServiceUnavailable, Slug: "busy", Detail: "too many are waiting", RetryAfter: 30}
	ErrChain        = &Problem{Status: http.StatusServiceUnavailable, Slug: "chain-unreachable", Detail: "the sponsor's node of the chain does not answer", RetryAfter: 30}
	ErrRefused      = &Problem{Status: http.StatusBadGateway, Slug: "chain-refused", Detail: "the chain refused the grant"}
	ErrBroken       = &Problem{Status: http.StatusInternalServerError, Slug: "broken", Detail: "the sponsor cannot keep its ledger and grants nothing"}
)

// after is p with a wait of its own.
func (p *Problem) after(d time.Duration) *Problem {
	q := *p
	q.RetryAfter = max(1, int64((d+time.Second-1)/time.Second))
	return &q
}
