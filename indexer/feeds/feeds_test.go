package feeds_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/indexer/feeds"
	"github.com/streamchain/streamchain/indexer/feeds/wire"
)

const (
	chainID = "feeds-test-1"
	feedID  = "stream1owner/songs"
	otherID = "stream1other/songs"
)

func keyOf(name string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte(name))
	return ed25519.NewKeyFromSeed(seed[:])
}

func work(n int) string { return fmt.Sprintf("bafyrei%052d", n) }

func itemsOf(ns ...int) []wire.Item {
	out := []wire.Item{}
	for _, n := range ns {
		out = append(out, wire.Item{Work: work(n), Reason: fmt.Sprintf("because of %d", n)})
	}
	return out
}

// index is an index of works 0 to 99, with one registered feed, and a clock that can be moved.
type index struct {
	mu     sync.Mutex
	feed   feeds.Registered
	other  string // where otherID is
	hidden map[string]bool
	later  time.Duration
}

func (x *index) Feeds(context.Context) ([]feeds.Registered, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	return []feeds.Registered{x.feed}, nil
}

func (x *index) Feed(_ context.Context, id string) (feeds.Registered, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	f := x.feed
	switch {
	case id == f.ID:
		return f, nil
	case id == otherID && x.other != "":
		f.ID, f.Endpoint = id, x.other
		return f, nil
	}
	return feeds.Registered{}, feeds.ErrNotFound
}

func (x *index) Shown(_ context.Context, roots []string) ([]string, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	var out []string
	for n := range 100 {
		if w := work(n); slices.Contains(roots, w) && !x.hidden[w] {
			out = append(out, w)
		}
	}
	return out, nil
}

func (x *index) now() time.Time {
	x.mu.Lock()
	defer x.mu.Unlock()
	return time.Now().Add(x.later)
}

func (x *index) set(change func(*index)) {
	x.mu.Lock()
	defer x.mu.Unlock()
	change(x)
}

// trending has two pages of works 50 to 53, none of them in Klingon.
func trending(_ context.Context, q feeds.Query) (feeds.Page, error) {
	if q.Language == "tlh" {
		return feeds.Page{}, nil
	}
	if q.Cursor == "2" {
		return feeds.Page{Items: itemsOf(52, 53)}, nil
	}
	return feeds.Page{Items: itemsOf(50, 51), Cursor: "2"}, nil
}

func newService(t testing.TB, endpoint string, change ...func(*feeds.Config)) (*feeds.Service, *index) {
	t.Helper()
	x := &index{hidden: map[string]bool{}, feed: feeds.Registered{ID: feedID, Endpoint: endpoint, Key: keyOf("feed").Public().(ed25519.PublicKey), Title: "Songs"}}
	cfg := feeds.Config{
		ChainID: chainID, Registry: x, Works: x, AllowNear: true, Now: x.now,
		BuiltIn: []feeds.BuiltIn{{ID: feeds.Trending, Title: "Trending", Items: trending}},
	}
	for _, c := range change {
		c(&cfg)
	}
	return feeds.New(cfg), x
}

// serve starts a real HTTP server and returns where.
func serve(t testing.TB, h http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(func() {
		s.CloseClientConnections()
		s.Close()
	})
	return s.URL
}

// asked is what a generator is asked, with the bytes that the signature covers.
type asked struct {
	wire.Request
	body []byte
}

func read(r *http.Request) asked {
	body, _ := io.ReadAll(r.Body)
	a := asked{body: body}
	_ = json.Unmarshal(body, &a.Request)
	return a
}

func (a asked) response(items []wire.Item) wire.Response {
	return wire.Response{Feed: a.Feed, Nonce: a.Nonce, Time: a.Time, Items: items}
}

// sign answers with bytes as they are, rightly signed.
func (a asked) sign(w http.ResponseWriter, answer []byte) {
	w.Header().Set(wire.SignatureHeader, wire.Sign(keyOf("feed"), chainID, a.body, answer))
	_, _ = w.Write(answer)
}

func (a asked) answer(w http.ResponseWriter, res wire.Response) {
	b, _ := json.Marshal(res)
	a.sign(w, b)
}

// good is a generator as it should be.
func good(w http.ResponseWriter, r *http.Request) {
	a := read(r)
	res := a.response(itemsOf(1, 2, 3))
	if a.Cursor == "" {
		res.Cursor = "page 2"
	} else {
		res.Items = itemsOf(4)
	}
	a.answer(w, res)
}

func roots(p feeds.Page) (out []string) {
	for _, i := range p.Items {
		out = append(out, i.Work)
	}
	return out
}

func get(t testing.TB, s *feeds.Service, q feeds.Query) feeds.Page {
	t.Helper()
	if q.Limit == 0 {
		q.Limit = 24
	}
	page, err := s.Items(t.Context(), feedID, q)
	require.NoError(t, err)
	return page
}

func TestPages(t *testing.T) {
	var seen []asked
	var header http.Header
	s, _ := newService(t, serve(t, func(w http.ResponseWriter, r *http.Request) {
		require.Equal(t, "/base/v1/feed", r.URL.Path)
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		seen, header = append(seen, read(r)), r.Header
		r.Body = io.NopCloser(bytes.NewReader(body))
		good(w, r)
	})+"/base")
	first := get(t, s, feeds.Query{Language: "de", Seeds: []string{work(7)}})
	require.Equal(t, itemsOf(1, 2, 3), first.Items)
	require.Empty(t, first.Fallback)
	second := get(t, s, feeds.Query{Cursor: first.Cursor})
	require.Equal(t, feeds.Page{Items: itemsOf(4)}, second)
	require.Equal(t, "page 2", seen[1].Cursor)

	// the generator is told what the viewer chose to tell, and nothing else
	require.Equal(t, wire.Request{
		Version: 1, ChainID: chainID, Feed: feedID, Limit: 24, Language: "de", Seeds: []string{work(7)}, Nonce: seen[0].Nonce, Time: seen[0].Time,
	}, seen[0].Request)
	require.Len(t, seen[0].Nonce, 32)
	require.NotEqual(t, seen[0].Nonce, seen[1].Nonce)
	for name := range header {
		require.Contains(t, []string{"Content-Type", "Content-Length", "Accept", "Accept-Encoding", "User-Agent"}, name)
	}
	require.Equal(t, "indexerd", header.Get("User-Agent"))

	list, err := s.List(t.Context())
	require.NoError(t, err)
	require.Len(t, list, 2)
	require.True(t, list[0].BuiltIn)
	require.True(t, *list[1].Healthy)

	page, err := s.Items(t.Context(), feeds.Trending, feeds.Query{Limit: 24})
	require.NoError(t, err)
	require.Equal(t, feeds.Page{Items: itemsOf(50, 51), Cursor: "2"}, page)
	_, err = s.Items(t.Context(), "stream1nobody/x", feeds.Query{})
	require.ErrorIs(t, err, feeds.ErrNotFound)
	_, err = s.Items(t.Context(), feedID, feeds.Query{Cursor: "made up"})
	require.ErrorIs(t, err, feeds.ErrCursor)
	require.Panics(t, func() { feeds.New(feeds.Config{}) })
}

func TestEmptyAndPartlyKnown(t *testing.T) {
	answer := itemsOf()
	s, x := newService(t, serve(t, func(w http.ResponseWriter, r *http.Request) {
		a := read(r)
		a.answer(w, a.response(answer))
	}))
	require.Equal(t, feeds.Page{}, get(t, s, feeds.Query{}), "nothing to recommend is an answer")
	answer = itemsOf(1, 200, 2, 1, 300)
	x.set(func(x *index) { x.hidden[work(2)] = true })
	require.Equal(t, []string{work(1)}, roots(get(t, s, feeds.Query{Language: "de"})), "unknown, restricted and repeated works are left out")
	x.set(func(x *index) { x.hidden[work(1)] = true })
	page := get(t, s, feeds.Query{Language: "de"})
	require.Equal(t, feeds.UnknownWorks, page.Fallback, "a kept answer is looked up again")
}

// Where nothing is trending in the viewer's language, the stand-in is in all languages, on all its pages.
func TestStandInHasSomething(t *testing.T) {
	s, _ := newService(t, serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }))
	page := get(t, s, feeds.Query{Language: "tlh"})
	require.Equal(t, itemsOf(50, 51), page.Items)
	page = get(t, s, feeds.Query{Language: "tlh", Cursor: page.Cursor})
	require.Equal(t, feeds.Page{Items: itemsOf(52, 53), Fallback: feeds.Refused}, page)
}

// A generator that fails is left alone for a while, tried again, and counted anew when it answers or is registered anew.
func TestRest(t *testing.T) {
	var hits atomic.Int32
	var works atomic.Bool
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		hits.Add(1)
		if works.Load() {
			good(w, r)
			return
		}
		w.WriteHeader(http.StatusInternalServerError)
	})
	s, x := newService(t, url)
	for range 10 {
		page := get(t, s, feeds.Query{})
		require.Equal(t, feeds.Refused, page.Fallback)
		require.NotEmpty(t, page.Items)
	}
	require.EqualValues(t, feeds.Patience, hits.Load())
	x.set(func(x *index) { x.later += feeds.Rest - time.Second })
	get(t, s, feeds.Query{})
	require.EqualValues(t, feeds.Patience, hits.Load())
	x.set(func(x *index) { x.later += 2 * time.Second })
	get(t, s, feeds.Query{})
	get(t, s, feeds.Query{})
	require.EqualValues(t, feeds.Patience+1, hits.Load(), "one failure more, and it rests again")

	// another registration is another generator
	x.set(func(x *index) { x.feed.Endpoint += "/new" })
	get(t, s, feeds.Query{})
	require.EqualValues(t, feeds.Patience+2, hits.Load())

	works.Store(true)
	require.Empty(t, get(t, s, feeds.Query{}).Fallback)
	works.Store(false)
	for i := range feeds.Patience {
		require.Equal(t, feeds.Refused, get(t, s, feeds.Query{Language: fmt.Sprint(i)}).Fallback)
	}
	require.EqualValues(t, 2*feeds.Patience+3, hits.Load(), "an answer took the count back")
}

func TestAnswersServeForAMoment(t *testing.T) {
	var hits atomic.Int32
	s, x := newService(t, serve(t, func(w http.ResponseWriter, r *http.Request) {
		hits.Add(1)
		time.Sleep(100 * time.Millisecond)
		good(w, r)
	}))
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			page, err := s.Items(context.Background(), feedID, feeds.Query{Limit: 24})
			if err != nil || page.Fallback != "" || len(page.Items) != 3 {
				t.Errorf("%v %+v", err, page)
			}
		})
	}
	wg.Wait()
	require.EqualValues(t, 1, hits.Load(), "many viewers at once are one question")
	x.set(func(x *index) { x.later += feeds.Fresh - time.Second })
	get(t, s, feeds.Query{})
	require.EqualValues(t, 1, hits.Load())
	x.set(func(x *index) { x.later += 2 * time.Second })
	get(t, s, feeds.Query{})
	require.EqualValues(t, 2, hits.Load())
	for i, q := range []feeds.Query{{Language: "de"}, {Limit: 23}, {Seeds: []string{work(1)}}, {Seeds: []string{work(2)}}, {Cursor: "feed.x"}} {
		get(t, s, q)
		require.EqualValues(t, 3+i, hits.Load(), "every part of a question counts")
	}
}

// A slow generator holds up neither other feeds nor its own viewers beyond the deadline, however many ask.
func TestSlowOneHoldsNobodyUp(t *testing.T) {
	var now, most atomic.Int32
	s, x := newService(t, serve(t, func(_ http.ResponseWriter, r *http.Request) {
		read(r) // or the server does not notice that the client is gone
		n := now.Add(1)
		defer now.Add(-1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
			continue
		}
		wait(r, 10*time.Second)
	}))
	fast := serve(t, good)
	x.set(func(x *index) { x.other = fast })
	var wg sync.WaitGroup
	start := time.Now()
	for i := range 200 {
		wg.Go(func() {
			page, err := s.Items(context.Background(), feedID, feeds.Query{Limit: 24, Cursor: fmt.Sprint("feed.", i)})
			if err != nil || page.Fallback != feeds.Timeout || len(page.Items) != 2 {
				t.Errorf("%v %+v", err, page)
			}
		})
	}
	time.Sleep(200 * time.Millisecond)
	began := time.Now()
	page, err := s.Items(t.Context(), otherID, feeds.Query{Limit: 24})
	require.NoError(t, err)
	require.Empty(t, page.Fallback)
	require.Less(t, time.Since(began), feeds.Deadline/2)
	// looked at before the deadline: after it the server still counts those who have just gone
	require.LessOrEqual(t, most.Load(), int32(8))
	require.Positive(t, most.Load())
	wg.Wait()
	require.Less(t, time.Since(start), 2*feeds.Deadline)
}

// Who goes away is not kept waiting, and the others still get their answer.
func TestViewerGoesAway(t *testing.T) {
	s, _ := newService(t, serve(t, func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(300 * time.Millisecond)
		good(w, r)
	}))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		_, err := s.Items(ctx, feedID, feeds.Query{Limit: 24})
		done <- err
	}()
	time.Sleep(50 * time.Millisecond)
	cancel()
	require.ErrorIs(t, <-done, context.Canceled)
	require.Empty(t, get(t, s, feeds.Query{}).Fallback)
}
