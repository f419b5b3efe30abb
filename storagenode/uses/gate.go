package uses

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/streamchain/streamchain/storagenode/ledger"
	"github.com/streamchain/streamchain/storagenode/serve"
	"github.com/streamchain/streamchain/storagenode/wire"
)

// Gate holds what another gate lets out, and nobody pays for, to a rate for each client. It implements serve.Gate.
type Gate struct {
	serve.Gate
	Book *Book
	// Rate is in bytes a second; zero holds nobody back.
	Rate uint64
	// Held is told of each request that is refused; may be nil.
	Held func()

	mu      sync.Mutex
	buckets map[string]*bucket
	given   map[wire.SessionID]uint64 // milliseconds of media that a session got
}

const (
	// burst is what a client may have at once, in seconds of Rate.
	burst = 10
	// ahead is how much media a session may get before its words prove it: players fetch ahead. A repetition counts again.
	ahead = 120_000
	// maxKept bounds what is remembered; when it is full, everybody begins anew.
	maxKept = 1 << 16
)

// bucket is what a client may have: it fills by Rate, and a request takes it below nothing.
type bucket struct {
	left float64
	at   time.Time
}

// Admit implements serve.Gate.
func (g *Gate) Admit(ctx context.Context, a serve.Ask) (serve.Grant, error) {
	grant, err := g.Gate.Admit(ctx, a)
	// what is paid by the tick, and what other nodes fetch, has limits of its own
	if err != nil || grant.Paid != "" || a.Header.Get(wire.HeaderReplica) != "" || a.Method == http.MethodHead {
		return grant, err
	}
	if g.Rate == 0 || g.free(a) || g.paid(ctx, a) || g.within(a, time.Now()) {
		return grant, nil
	}
	if g.Held != nil {
		g.Held()
	}
	return serve.Grant{}, wire.NewProblem(http.StatusTooManyRequests, wire.TooManyRequests,
		"nobody pays this node for serving the work now: at most %d bytes a second; ask another node, or fund the work's serving", g.Rate)
}

// free says whether the bytes are only what leads to the work.
func (g *Gate) free(a serve.Ask) bool {
	for _, ref := range a.Refs {
		if !ref.Free() {
			return false
		}
	}
	return true
}

// paid says whether the work's serving budget pays for the bytes: they are asked for in a session of price zero whose
// viewer proves what it got.
func (g *Gate) paid(ctx context.Context, a serve.Ask) bool {
	p, err := wire.ParsePayment(a.Header.Get(wire.HeaderPay))
	if err != nil {
		return false
	}
	st, terms, err := g.Book.Ledger.Session(p.Session)
	if err != nil || !st.Open || g.Book.Chain.Now() >= terms.Expires || !g.Book.Ledger.Knows(p.Session, ledger.Payment{N: p.N, Word: p.Word}) {
		return false
	}
	for _, ref := range a.Refs {
		if ref.Root != terms.Work {
			continue
		}
		took := uint64(0)
		if ref.Item != nil && ref.Item.End > ref.Item.Start && a.Size > 0 {
			took = uint64(float64(ref.Item.End-ref.Item.Start) * float64(a.Bytes) / float64(a.Size))
		}
		return g.give(p.Session, took, uint64(st.Paid)*uint64(terms.TickSeconds)*1000) && g.Book.Pays(ctx, terms.Work)
	}
	return false
}

// give notes media that a session gets, unless it is more than what it has proved and may have ahead of that.
func (g *Gate) give(id wire.SessionID, took, proved uint64) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	sum := g.given[id] + took
	if sum > proved+ahead {
		return false
	}
	if g.given == nil || len(g.given) >= maxKept {
		g.given = map[wire.SessionID]uint64{}
	}
	g.given[id] = sum
	return true
}

// within says whether the client has not had too much, and takes the bytes from what it may have.
func (g *Gate) within(a serve.Ask, now time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	full := float64(g.Rate) * burst
	b := g.buckets[a.Client]
	if b == nil {
		if g.buckets == nil || len(g.buckets) >= maxKept {
			g.buckets = map[string]*bucket{}
		}
		b = &bucket{left: full, at: now}
		g.buckets[a.Client] = b
	}
	b.left = min(full, b.left+float64(g.Rate)*now.Sub(b.at).Seconds())
	b.at = now
	if b.left <= 0 {
		return false
	}
	b.left -= float64(a.Bytes)
	return true
}
