package api_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/indexer/api"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
)

// receiver is whoever a webhook posts to.
type receiver struct {
	*httptest.Server
	status atomic.Int64
	mu     sync.Mutex
	got    []string // ids of events that it took
	tries  map[string]int
	bad    []string
	secret string
}

func newReceiver(t *testing.T) *receiver {
	r := &receiver{tries: map[string]int{}}
	r.status.Store(http.StatusOK)
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		r.mu.Lock()
		defer r.mu.Unlock()
		signature := req.Header.Get("Stream-Signature")
		at, _, _ := strings.Cut(strings.TrimPrefix(signature, "t="), ",")
		when, convErr := strconv.ParseInt(at, 10, 64)
		if err != nil || convErr != nil || api.Sign(r.secret, when, body) != signature || req.Header.Get("Stream-Delivery") == "" {
			r.bad = append(r.bad, signature)
		}
		id := req.Header.Get("Stream-Event")
		r.tries[id]++
		status := int(r.status.Load())
		if status == http.StatusOK {
			r.got = append(r.got, id)
		}
		if status == http.StatusFound {
			w.Header().Set("Location", "/elsewhere")
		}
		w.WriteHeader(status)
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) have() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string{}, r.got...)
}

// clock is what webhooks take for the time.
type clock struct{ offset atomic.Int64 }

func (c *clock) now() time.Time           { return time.Now().Add(time.Duration(c.offset.Load())) }
func (c *clock) advance(by time.Duration) { c.offset.Add(int64(by)) }

// deliver runs the deliveries until the test or the returned function ends them.
func (w *world) deliver(c *clock) (stop func()) {
	w.api.SetNow(c.now)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = w.api.Run(ctx) }()
	stop = func() { cancel(); <-done }
	w.Cleanup(stop)
	return stop
}

const tipType = "streamchain.revenue.v1.EventDistributed"

func (w *world) tip() string {
	w.Helper()
	w.tx(nil, paid(revenuetypes.RAIL_TIP, creatorID("alice"), "alice", "viewer", 1000))
	w.commit()
	return strconv.FormatInt(w.height, 10) + ".1"
}

func (w *world) hook(to string) (id, secret string) {
	w.Helper()
	a := w.do(http.MethodPost, "/api/v1/webhooks", []byte(`{"url":"`+to+`","types":["`+tipType+`"]}`), "Content-Type", "application/json")
	require.Equal(w, http.StatusCreated, a.status, "%s", a.body)
	return field(w, a, "id"), field(w, a, "secret")
}

// A receiver that was down, and an indexer that was restarted meanwhile, end up with every event, in order, signed.
func TestWebhook(t *testing.T) {
	w, c, r := newTown(t), &clock{}, newReceiver(t)
	id, secret := w.hook(r.URL + "/take")
	r.secret = secret
	stop := w.deliver(c)
	want := []string{w.tip()}
	require.Eventually(t, func() bool { return len(r.have()) == 1 }, 10*time.Second, 10*time.Millisecond)

	r.status.Store(http.StatusServiceUnavailable)
	want = append(want, w.tip(), w.tip())
	failing := want[1]
	tries := func() int { r.mu.Lock(); defer r.mu.Unlock(); return r.tries[failing] }
	for n := 1; n <= 4; n++ {
		require.Eventually(t, func() bool { return tries() == n }, 10*time.Second, 10*time.Millisecond)
		w.commit() // nothing is due yet
		time.Sleep(50 * time.Millisecond)
		require.Equal(t, n, tries(), "it waits before it tries again")
		if n < 4 {
			c.advance(time.Hour)
			w.commit()
		}
	}
	state := w.get("/api/v1/webhooks/"+id, "Authorization", "Bearer "+secret)
	require.Equal(t, want[0], field(t, state, "delivered"))
	require.Contains(t, field(t, state, "last_error"), "503")

	stop()
	r.status.Store(http.StatusOK)
	c.advance(time.Hour)
	w.serve()
	w.deliver(c)
	want = append(want, w.tip())
	require.Eventually(t, func() bool { return len(r.have()) == len(want) }, 10*time.Second, 10*time.Millisecond)
	require.Equal(t, want, r.have())
	require.Empty(t, r.bad)
	w.refused(w.get("/api/v1/webhooks/"+id, "Authorization", "Bearer x"), http.StatusUnauthorized, "unauthorized")
	w.refused(w.do(http.MethodDelete, "/api/v1/webhooks/"+id, nil), http.StatusUnauthorized, "unauthorized")
	require.Equal(t, http.StatusNoContent, w.do(http.MethodDelete, "/api/v1/webhooks/"+id, nil, "Authorization", "Bearer "+secret).status)
	w.tip()
	time.Sleep(200 * time.Millisecond)
	require.Len(t, r.have(), len(want))
}

// What answers with a redirect is not followed, and one that never answers well is given up.
func TestWebhookGivesUp(t *testing.T) {
	w, c, r := newTown(t), &clock{}, newReceiver(t)
	id, secret := w.hook(r.URL + "/take")
	r.secret = secret
	r.status.Store(http.StatusFound)
	w.deliver(c)
	event := w.tip()
	failing := func() int { r.mu.Lock(); defer r.mu.Unlock(); return r.tries[event] }
	last := 0
	for range 200 {
		before := last
		if !assertEventually(func() bool {
			// again and again: what was just tried is written a moment later
			c.advance(2 * time.Hour)
			w.commit()
			last = failing()
			return last > before
		}, time.Second) {
			break
		}
	}
	require.Greater(t, last, 10)
	require.Less(t, last, 200)
	var state struct {
		Failing bool   `json:"failing"`
		Last    string `json:"last_error"`
	}
	a := w.get("/api/v1/webhooks/"+id, "Authorization", "Bearer "+secret)
	decode(t, a, &state)
	require.True(t, state.Failing)
	require.Contains(t, state.Last, "302")
	r.mu.Lock()
	defer r.mu.Unlock()
	require.Len(t, r.tries, 1, "nothing after it was tried, and no redirect followed")
}

func assertEventually(f func() bool, within time.Duration) bool {
	for end := time.Now().Add(within); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if f() {
			return true
		}
	}
	return false
}

// A webhook of a public indexer does not reach into its network, whatever a name leads to by then.
func TestWebhookDialsPublicOnly(t *testing.T) {
	w, c, r := newTown(t), &clock{}, newReceiver(t)
	id, secret := w.hook(r.URL + "/take")
	w.serve(func(c *api.Config) { c.App.AllowPrivateNodes = false })
	w.deliver(c)
	w.tip()
	require.Eventually(t, func() bool {
		return field(t, w.get("/api/v1/webhooks/"+id, "Authorization", "Bearer "+secret), "last_error") != ""
	}, 10*time.Second, 20*time.Millisecond)
	require.Empty(t, r.tries)
}

// One cannot make webhooks without end.
func TestWebhooksAreBounded(t *testing.T) {
	w := newTown(t)
	refused := false
	for range 50 {
		a := w.do(http.MethodPost, "/api/v1/webhooks", []byte(`{"url":"https://a.example.org/x","types":["`+tipType+`"]}`), "Content-Type", "application/json")
		if refused = a.status == http.StatusTooManyRequests; refused {
			w.refused(a, http.StatusTooManyRequests, "too-many-webhooks")
			break
		}
		require.Equal(t, http.StatusCreated, a.status)
	}
	require.True(t, refused)
}

// A receiver that answers late, but well, does not hold up what others are owed.
func TestWebhookTakesTurns(t *testing.T) {
	w, r := newTown(t), newReceiver(t)
	var late atomic.Int64
	slow := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		time.Sleep(600 * time.Millisecond)
		late.Add(1)
	}))
	defer slow.Close()
	w.hook(slow.URL)
	_, r.secret = w.hook(r.URL + "/take")
	const backlog = 20
	for range backlog {
		w.tip()
	}
	defer w.deliver(&clock{})()
	require.Eventually(t, func() bool { return len(r.have()) == backlog }, 10*time.Second, 10*time.Millisecond)
	w.tip()
	require.Eventually(t, func() bool { return len(r.have()) == backlog+1 }, time.Minute, 10*time.Millisecond)
	require.Less(t, late.Load(), int64(backlog), "the other one has not had all yet")
}
