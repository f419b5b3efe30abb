package sponsor

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/chainclient"
)

// attacker asks for the n-th time, in one of the ways there are, and knows what others sent before.
type attacker struct {
	w    *world
	mu   sync.Mutex
	sent []Request // valid when they were sent
}

// network is one of so many that attackers come from.
func network(n, of int) string { return fmt.Sprintf("198.%d.%d.7", n%of/256, n%of%256) }

func (a *attacker) attack(n int) {
	w, from := a.w, network(n, 2000)
	who := person(fmt.Sprint("sybil ", n))
	switch n % 10 {
	case 0: // without work
		a.try(from, n, func(r *Request) { noWork(r) })
	case 1: // again what was right once
		a.mu.Lock()
		var old Request
		if len(a.sent) > 0 {
			old = a.sent[n%len(a.sent)]
		}
		a.mu.Unlock()
		_ = w.post(from, old)
	case 2: // the same address, from everywhere
		who = person("the same")
		a.honest(from, who)
	case 3: // many addresses, one network
		a.honest(fmt.Sprintf("203.0.113.%d", n%250), who)
	case 4: // another's signature
		a.try(from, n, func(r *Request) { r.Proof.Signature[0] ^= 1 })
	case 5: // another's key
		a.try(from, n, func(r *Request) { r.PubKey = person("other").PubKey().Bytes() })
	case 6: // one answer, at once from many places
		issued, err := w.challenge(from, who.Address().String())
		if err != nil {
			return
		}
		req := a.keep(w.answered(who, issued.Challenge, issued.Difficulty))
		var wg sync.WaitGroup
		for i := range 4 {
			wg.Go(func() { _ = w.post(network(n+i, 2000), req) })
		}
		wg.Wait()
	case 7: // an easier challenge, a longer one, another's
		a.try(from, n, func(r *Request) {
			r.Proof.Challenge = strings.Replace(r.Proof.Challenge, "difficulty: ", "difficulty: 0", 1)
		})
	case 8: // a network that the client made up
		issued, err := w.challenge("203.0.113.1", who.Address().String())
		if err == nil {
			_ = w.post("203.0.113.1", w.answered(who, issued.Challenge, issued.Difficulty))
		}
		w.call("203.0.113.1", http.MethodGet, "/v1/challenge?address="+who.Address().String(), nil, http.Header{"X-Forwarded-For": {from}})
	case 9: // the strongest: all as it should be, a new address from a new network each time
		a.honest(from, who)
	}
}

func (a *attacker) keep(r Request) Request {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.sent = append(a.sent, r)
	return r
}

func (a *attacker) honest(from string, who chainclient.Signer) {
	issued, err := a.w.challenge(from, who.Address().String())
	if err == nil {
		_ = a.w.post(from, a.keep(a.w.answered(who, issued.Challenge, issued.Difficulty)))
	}
}

func (a *attacker) try(from string, n int, spoil func(*Request)) {
	who := person(fmt.Sprint("sybil ", n))
	issued, err := a.w.challenge(from, who.Address().String())
	if err != nil {
		return
	}
	r := a.w.answered(who, issued.Challenge, issued.Difficulty)
	spoil(&r)
	_ = a.w.post(from, r)
}

// TestDrain: 10,000 hostile requests an hour, for a day, with restarts between them, cost at most the budget, where each
// allowance is burned to the last coin.
func TestDrain(t *testing.T) {
	const grantsAnHour, grantsADay = 40, 100
	w := newWorld(t, func(c *Config) {
		c.Grant.StarterCredit = 2000
		c.Budget.Hour, c.Budget.Day = Amount(grantsAnHour*c.Cost()), Amount(grantsADay*c.Cost())
		c.Network.GrantsPerDay, c.Network.RequestsPerMinute = 3, 1_000_000
		c.Work.Difficulty, c.Work.Extra = 2, 3
	})
	var worst uint64
	for hour := range 4 {
		before := w.chain.outlay
		a := &attacker{w: w}
		next := make(chan int)
		var wg sync.WaitGroup
		for range 16 {
			wg.Go(func() {
				for n := range next {
					a.attack(n)
				}
			})
		}
		for i := range 10_000 {
			next <- hour*10_000 + i
		}
		close(next)
		wg.Wait()
		spent := w.chain.outlay - before
		worst = max(worst, spent)
		require.LessOrEqual(t, spent, uint64(w.cfg.Budget.Hour))
		w.crash()
		w.clock.Add(int64((time.Hour + time.Second) / time.Second))
	}
	require.LessOrEqual(t, w.chain.outlay, uint64(w.cfg.Budget.Day))
	require.Greater(t, w.chain.outlay, uint64(w.cfg.Budget.Day)*9/10*(7300)/(7500), "the budget is what stopped them, nothing else")
	require.Greater(t, worst, uint64(w.cfg.Budget.Hour)*9/10)
	for address, n := range w.chain.granted {
		require.Equal(t, 1, n, address)
	}
	require.LessOrEqual(t, w.chain.granted[person("the same").Address().String()], 1)
	of := map[string]int{}
	for _, e := range w.s.ledger.entries {
		of[e.Net]++
	}
	for net, n := range of {
		require.LessOrEqual(t, n, 3, net)
	}
	require.NotContains(t, w.logs.String()+w.ledgerFile(), "198.0.", "no network address is kept")
	t.Logf("40,000 requests cost %d of %d ustream, %d grants", w.chain.outlay, w.cfg.Budget.Day, len(w.chain.granted))
}

// TestReserveOutlastsBudget: with a budget beyond what there is, what was promised and the reserve stay.
func TestReserveOutlastsBudget(t *testing.T) {
	w := newWorld(t, func(c *Config) {
		c.Network.GrantsPerDay, c.Network.RequestsPerMinute = 1000, 1_000_000
		c.Budget.Reserve = 100_000
	})
	w.chain.balance = 100_000 + 10*w.cfg.Cost() + 5000
	refused := 0
	for i := range 30 {
		if _, err := w.ask(network(i, 2000), person(fmt.Sprint(i))); err != nil {
			require.ErrorIs(t, err, ErrReserve)
			refused++
		}
	}
	require.GreaterOrEqual(t, w.chain.balance, uint64(100_000))
	require.Greater(t, len(w.chain.granted), 4)
	require.Greater(t, refused, 10)
}
