package sponsor

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestNewcomerIsSponsored(t *testing.T) {
	w := newWorld(t, func(c *Config) { c.Grant.StarterCredit = 7 })
	who := person("newcomer")
	w.chain.before = func(addresses []string) error {
		require.Equal(t, []string{who.Address().String()}, addresses)
		require.Contains(t, w.ledgerFile(), `"intent","address":"`+who.Address().String(), "on the disk before it is sent")
		return nil
	}
	g, err := w.ask("192.0.2.1", who)
	require.NoError(t, err)
	require.Equal(t, Grant{
		Granter: w.chain.Address(), SpendLimit: 5000, StarterCredit: 7, Expires: w.now().Add(7 * 24 * time.Hour).Unix(), TX: "tx",
	}, g)
	require.EqualValues(t, 300+5000+7, w.chain.outlay)
	require.LessOrEqual(t, w.chain.outlay, w.cfg.Cost())
	require.EqualValues(t, 5000, w.s.health().Outstanding, "the credit has left already")

	_, err = w.ask("192.0.2.1", who)
	require.ErrorIs(t, err, ErrSponsored)
	w.crash()
	_, err = w.ask("198.51.100.1", who)
	require.ErrorIs(t, err, ErrSponsored, "neither a restart nor another network helps")
	w.clock.Add(400 * 86400)
	w.s.maintain(t.Context())
	_, err = w.ask("198.51.100.1", who)
	require.ErrorIs(t, err, ErrSponsored, "nor waiting")
	require.Equal(t, 1, w.chain.granted[who.Address().String()])
	require.NotContains(t, w.logs.String()+w.ledgerFile(), "192.0.2", "no network address is kept")
}

func TestRefusals(t *testing.T) {
	me, other := person("me"), person("other")
	for name, c := range map[string]struct {
		change func(*world, *Request)
		want   error
	}{
		"no work":      {func(_ *world, r *Request) { r.Proof.Work++; noWork(r) }, ErrWork},
		"no challenge": {func(_ *world, r *Request) { r.Proof.Challenge = "" }, ErrChallenge},
		"easier challenge": {func(_ *world, r *Request) {
			r.Proof.Challenge = strings.Replace(r.Proof.Challenge, "difficulty: 4", "difficulty: 1", 1)
		}, ErrChallenge},
		"another's address": {func(_ *world, r *Request) { r.Address = other.Address().String() }, ErrChallenge},
		"another's key":     {func(_ *world, r *Request) { r.PubKey = other.PubKey().Bytes() }, ErrKey},
		"bad signature":     {func(_ *world, r *Request) { r.Proof.Signature[5] ^= 1 }, ErrSignature},
		"too late":          {func(w *world, _ *Request) { w.clock.Add(300) }, ErrChallenge},
		"after a restart":   {func(w *world, _ *Request) { w.crash() }, ErrChallenge},
		"has signed":        {func(w *world, r *Request) { w.chain.standings[r.Address] = Standing{Signed: true} }, ErrNotNewcomer},
		"has coins":         {func(w *world, r *Request) { w.chain.standings[r.Address] = Standing{Balance: 1001} }, ErrNotNewcomer},
		"has an allowance":  {func(w *world, r *Request) { w.chain.standings[r.Address] = Standing{Allowance: true} }, ErrSponsored},
		"chain down":        {func(w *world, _ *Request) { w.chain.down = errLost }, ErrChain},
		"sponsor is poor":   {func(w *world, _ *Request) { w.chain.balance = w.cfg.Cost() + uint64(w.cfg.Budget.Reserve) - 1 }, ErrReserve},
		"chain refuses":     {func(w *world, _ *Request) { w.chain.before = func([]string) error { return errNotSent } }, ErrRefused},
		"reverted":          {func(w *world, _ *Request) { w.chain.before = func([]string) error { return errReverted } }, ErrRefused},
		"fee too high":      {func(w *world, _ *Request) { w.chain.txFee = 501 }, ErrRefused},
		"outcome unknown":   {func(w *world, _ *Request) { w.chain.before = func([]string) error { return errLost } }, ErrPending},
		"ledger broken":     {func(w *world, _ *Request) { w.s.ledger.err = ErrBroken }, ErrBroken},
		"nothing is wrong":  {func(*world, *Request) {}, nil},
		"just poor enough":  {func(w *world, r *Request) { w.chain.standings[r.Address] = Standing{Balance: 1000} }, nil},
		"just rich enough":  {func(w *world, _ *Request) { w.chain.balance = w.cfg.Cost() + uint64(w.cfg.Budget.Reserve) }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, nil)
			issued, err := w.challenge("192.0.2.1", me.Address().String())
			require.NoError(t, err)
			req := w.answered(me, issued.Challenge, issued.Difficulty)
			c.change(w, &req)
			err = w.post("192.0.2.1", req)
			if c.want != nil {
				require.ErrorIs(t, err, c.want)
				require.Empty(t, w.chain.granted)
				return
			}
			require.NoError(t, err)
			require.Len(t, w.chain.granted, 1)
		})
	}
}

// noWork looks for a solution that is none.
func noWork(r *Request) {
	seed := workSeed(r.Proof.Challenge)
	for workBits(&seed, r.Proof.Work) >= 4 {
		r.Proof.Work++
	}
}

func TestBodiesAreBounded(t *testing.T) {
	w := newWorld(t, nil)
	for name, body := range map[string]string{
		"empty": "", "no JSON": "x", "two": `{} {}`, "unknown field": `{"addr":"x"}`, "number for work": `{"proof":{"work":5}}`,
		"negative work": `{"proof":{"work":"-5"}}`, "large": `{"address":"` + strings.Repeat("x", maxBody) + `"}`, "deep": strings.Repeat("[", 5000),
	} {
		code, raw := w.call("192.0.2.1", http.MethodPost, "/v1/sponsor", []byte(body), nil)
		require.ErrorIs(t, read(code, raw, nil), ErrRequest, name)
	}
	for _, address := range []string{"", "x", "cosmos1qypqxpq9qcrsszg2pvxq6rs0zqg3yyc5lzv7xu", strings.Repeat("stream1", 1000)} {
		_, err := w.challenge("192.0.2.1", address)
		require.ErrorIs(t, err, ErrAddress)
	}
	code, _ := w.call("192.0.2.1", http.MethodGet, "/v1/sponsor", nil, nil)
	require.Equal(t, http.StatusMethodNotAllowed, code)
}

// TestOneAnswerOnce: of a hundred that send the same answer at once, one is granted.
func TestOneAnswerOnce(t *testing.T) {
	w := newWorld(t, nil)
	me := person("me")
	issued, err := w.challenge("192.0.2.1", me.Address().String())
	require.NoError(t, err)
	req := w.answered(me, issued.Challenge, issued.Difficulty)
	granted := 0
	var mu sync.Mutex
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			err := w.post(fmt.Sprintf("192.0.%d.1", i), req)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				granted++
			}
		})
	}
	wg.Wait()
	require.Equal(t, 1, granted)
	require.Equal(t, 1, w.chain.granted[me.Address().String()])
}

// TestTwoChallengesOneGrant: an address with many valid answers at once is granted once.
func TestTwoChallengesOneGrant(t *testing.T) {
	w := newWorld(t, func(c *Config) { c.Grant.BatchWait = Duration{50 * time.Millisecond} })
	me := person("me")
	var wg sync.WaitGroup
	for i := range 10 {
		from := fmt.Sprintf("192.0.%d.1", i)
		issued, err := w.challenge(from, me.Address().String())
		require.NoError(t, err)
		wg.Go(func() { _ = w.post(from, w.answered(me, issued.Challenge, issued.Difficulty)) })
	}
	wg.Wait()
	require.Equal(t, 1, w.chain.granted[me.Address().String()])
	require.Len(t, w.lines(), 2, "an intent and its outcome")
}

func TestNetworkHasItsShare(t *testing.T) {
	w := newWorld(t, func(c *Config) { c.Network.GrantsPerDay = 3 })
	for i := range 3 {
		issued, err := w.challenge("192.0.2.1", person(fmt.Sprint(i)).Address().String())
		require.NoError(t, err)
		require.Equal(t, 4+i, issued.Difficulty, "each costs more work")
		_, err = w.ask(fmt.Sprintf("192.0.2.%d", i), person(fmt.Sprint(i)))
		require.NoError(t, err)
	}
	_, err := w.ask("192.0.2.200", person("4"))
	require.ErrorIs(t, err, ErrNetworkLimit)
	w.crash()
	_, err = w.ask("192.0.2.200", person("4"))
	require.ErrorIs(t, err, ErrNetworkLimit, "a restart forgets nothing")
	_, err = w.ask("192.0.3.1", person("4"))
	require.NoError(t, err)
	code, raw := w.call("192.0.2.200", http.MethodGet, "/v1/challenge?address="+person("5").Address().String(), nil,
		http.Header{"X-Forwarded-For": {"203.0.113.9"}})
	require.ErrorIs(t, read(code, raw, nil), ErrNetworkLimit, "no proxy is configured, so nobody's header counts")
	w.clock.Add(14 * 3600)
	_, err = w.ask("192.0.2.200", person("5"))
	require.NoError(t, err, "another day")
}

func TestOneThatTheChainRefusesDoesNotSpoilTheBatch(t *testing.T) {
	w := newWorld(t, func(c *Config) { c.Grant.BatchWait = Duration{200 * time.Millisecond} })
	bad := person("bad").Address().String()
	calls := 0
	w.chain.before = func(addresses []string) error {
		calls++
		for _, a := range addresses {
			if a == bad {
				return errNotSent
			}
		}
		return nil
	}
	var wg sync.WaitGroup
	for i, name := range []string{"a", "bad", "c"} {
		wg.Go(func() { _, _ = w.ask(fmt.Sprintf("192.0.%d.1", i), person(name)) })
	}
	wg.Wait()
	require.Len(t, w.chain.granted, 2)
	require.Zero(t, w.chain.granted[bad])
	require.Equal(t, 4, calls, "all together, then each alone")
	w.chain.before = nil
	_, err := w.ask("192.0.9.1", person("bad"))
	require.NoError(t, err, "it may ask again")
}

// TestKilled: whatever the moment at which the service dies, nobody is granted twice and the budget counts.
func TestKilled(t *testing.T) {
	for name, included := range map[string]bool{"the block holds it": true, "it was lost": false} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, nil)
			me := person("me")
			w.chain.before, w.chain.include = func([]string) error { return errLost }, included
			_, err := w.ask("192.0.2.1", me)
			require.ErrorIs(t, err, ErrPending)
			w.crash()
			w.chain.before = nil
			_, err = w.ask("192.0.2.1", me)
			require.ErrorIs(t, err, ErrPending, "its transaction may be on the way")
			require.EqualValues(t, w.cfg.Cost(), w.s.health().SpentHour)
			require.EqualValues(t, w.cfg.held(), w.s.health().Outstanding)
			w.s.maintain(t.Context())
			if included {
				require.Equal(t, Granted, mustGet(t, w.s.ledger, me.Address().String()).State)
				require.Equal(t, 1, w.chain.granted[me.Address().String()])
				return
			}
			require.Equal(t, Intent, mustGet(t, w.s.ledger, me.Address().String()).State, "not before its last block")
			w.chain.height += lifetime
			w.s.maintain(t.Context())
			require.Equal(t, Intent, mustGet(t, w.s.ledger, me.Address().String()).State, "nor with it")
			w.chain.height++
			w.s.maintain(t.Context())
			require.Equal(t, Failed, mustGet(t, w.s.ledger, me.Address().String()).State)
			_, err = w.ask("192.0.2.1", me)
			require.NoError(t, err)
			require.EqualValues(t, 2*w.cfg.Cost(), w.s.health().SpentHour, "counted twice, paid once")
		})
	}
}

// TestBurnedBeforeAnybodyLooked: an allowance that is spent is removed, which must not look as if it had never been there.
func TestBurnedBeforeAnybodyLooked(t *testing.T) {
	w := newWorld(t, nil)
	me := person("me")
	w.chain.before, w.chain.include = func([]string) error { return errLost }, true
	_, err := w.ask("192.0.2.1", me)
	require.ErrorIs(t, err, ErrPending)
	w.chain.granted = map[string]int{}
	w.chain.standings[me.Address().String()] = Standing{Signed: true}
	w.chain.height += 1000
	w.s.maintain(t.Context())
	_, err = w.ask("192.0.2.1", me)
	require.ErrorIs(t, err, ErrSponsored)
}

func TestHealth(t *testing.T) {
	w := newWorld(t, func(c *Config) { c.Budget.Hour, c.Budget.Day = 11_000, 11_000 })
	w.s.maintain(t.Context())
	require.Equal(t, Health{
		OK: true, BudgetHour: 11_000, BudgetDay: 11_000, Balance: 1_000_000_000, Reserve: 1_000_000, Difficulty: 4,
	}, w.s.health())
	_, err := w.ask("192.0.2.1", person("a"))
	require.NoError(t, err)
	require.Equal(t, 6, w.s.health().Difficulty, "half of the budget, half of the extra work")
	_, err = w.ask("192.0.3.1", person("b"))
	require.NoError(t, err)
	h := w.s.health()
	require.Equal(t, "budget-spent", h.Reason)
	require.True(t, h.OK, "that is how it should be")
	w.chain.down = errLost
	w.s.maintain(t.Context())
	require.False(t, w.s.health().OK)
	code, raw := w.call("192.0.2.1", http.MethodGet, "/metrics", nil, nil)
	require.Equal(t, http.StatusOK, code)
	require.Contains(t, string(raw), "streamchain_sponsor_spent_hour_ustream 11000")
	require.Contains(t, string(raw), `streamchain_sponsor_grants_total{state="granted"} 2`)
}

// TestClientSignsOnlyWhatItAskedFor: a sponsor that passes on another's challenge gets no signature.
func TestClientSignsOnlyWhatItAskedFor(t *testing.T) {
	w := newWorld(t, nil)
	me := person("me")
	r := w.via("192.0.2.1")
	_, err := r.Ask(t.Context(), "another-chain", me, nil)
	require.ErrorContains(t, err, "not what was asked for")
	evil, err := NewRemote("https://evil.test/some/path")
	require.NoError(t, err)
	evil.HTTP.Transport = r.HTTP.Transport
	_, err = evil.Ask(t.Context(), testChain, me, nil)
	require.ErrorContains(t, err, "not what was asked for")
	require.Empty(t, w.chain.granted)
	r.HTTP.Transport = roundTrip(func(*http.Request) (*http.Response, error) {
		raw, err := json.Marshal(Issued{Challenge: "I owe you everything"})
		require.NoError(t, err)
		return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Header: http.Header{"X": {string(raw)}}}, nil
	})
	_, err = r.Ask(t.Context(), testChain, me, nil)
	require.Error(t, err)
}

// TestStops: who waits when the service is told to stop gets an answer, and what is under way is seen through.
func TestStops(t *testing.T) {
	w := newWorld(t, nil)
	w.stop()
	w.open()
	t.Cleanup(func() { _ = w.s.Close() })
	ctx, cancel := context.WithCancel(t.Context())
	reached := make(chan struct{})
	w.chain.before = func([]string) error {
		close(reached)
		time.Sleep(100 * time.Millisecond)
		return nil
	}
	done := make(chan error, 1)
	go func() {
		s := w.s
		s.run(ctx)
		close(s.stopped)
	}()
	go func() {
		_, err := w.ask("192.0.2.1", person("first"))
		done <- err
	}()
	<-reached
	cancel()
	require.NoError(t, <-done)
	_, err := w.ask("192.0.3.1", person("second"))
	require.ErrorIs(t, err, ErrBusy)
}

// TestMessagesAreFew: what is paid for is decided here and nowhere else. None of these moves coins to whom one likes for
// nothing in return, or carries other messages.
func TestMessagesAreFew(t *testing.T) {
	require.Equal(t, []string{
		"/streamchain.stream.v1.MsgGrantSessionKey", "/streamchain.stream.v1.MsgRevokeSessionKey", "/streamchain.stream.v1.MsgDeposit",
		"/streamchain.stream.v1.MsgTip", "/streamchain.subscription.v1.MsgPurchase", "/streamchain.subscription.v1.MsgRent",
		"/streamchain.subscription.v1.MsgPurchaseByTemplate", "/streamchain.subscription.v1.MsgSubscribe", "/streamchain.subscription.v1.MsgCancel",
	}, Messages())
}

// grantNow passes a batch to what decides, as if all of it had been waiting while other batches were granted.
func (w *world) grantNow(names ...string) (out []error) {
	var batch []*request
	for i, name := range names {
		batch = append(batch, &request{address: person(name).Address().String(), net: fmt.Sprint(name, i), answer: make(chan error, 1)})
	}
	w.s.grant(context.Background(), batch)
	for _, r := range batch {
		out = append(out, <-r.answer)
	}
	return out
}

// TestWhoWaitedIsCheckedAgain: what the handler saw may be old when the batch is decided.
func TestWhoWaitedIsCheckedAgain(t *testing.T) {
	w := newWorld(t, nil)
	require.Equal(t, []error{nil}, w.grantNow("a"))
	require.ErrorIs(t, w.grantNow("a")[0], ErrSponsored)
	require.Equal(t, 1, w.chain.granted[person("a").Address().String()])
}

// TestPromisesAreHeld: allowances that nobody has touched yet are not there any more.
func TestPromisesAreHeld(t *testing.T) {
	w := newWorld(t, nil)
	full := uint64(w.cfg.Budget.Reserve) + 2*w.cfg.Cost()
	for i, want := range []error{nil, nil, ErrReserve} {
		w.chain.balance = full // nothing of it was burned
		got := w.grantNow(fmt.Sprint(i))[0]
		if want == nil {
			require.NoError(t, got)
		} else {
			require.ErrorIs(t, got, want)
		}
	}
	require.ErrorIs(t, w.s.open(w.now().Unix()), ErrReserve, "nor is anybody given work for it")
	w.clock.Add(8 * 86400)
	w.s.ledger.expire(w.now().Unix())
	w.chain.balance = full
	require.NoError(t, w.grantNow("later")[0])
}

// TestOnlyWhatWasNotSentIsSentAgain: a second transaction beside one that may be included would grant twice, and one that
// a block has reverted has cost its fee.
func TestOnlyWhatWasNotSentIsSentAgain(t *testing.T) {
	for outcome, want := range map[error]error{errReverted: ErrRefused, errLost: ErrPending} {
		w := newWorld(t, nil)
		calls := 0
		w.chain.before = func([]string) error { calls++; return outcome }
		for _, err := range w.grantNow("a", "b", "c") {
			require.ErrorIs(t, err, want)
		}
		require.Equal(t, 1, calls)
	}
}
