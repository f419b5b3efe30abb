package recommend_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/indexer/feeds"
	"github.com/streamchain/streamchain/indexer/feeds/wire"
	"github.com/streamchain/streamchain/recommend"
)

// small is ten works: 0 to 4 jazz by different creators, 5 to 8 rock by one, 9 alone. 0 and 7 were often bought together.
func small() recommend.Dataset {
	d := recommend.Dataset{ChainID: "c"}
	for i := range 10 {
		w := recommend.Work{Root: fmt.Sprint("root", i), Title: fmt.Sprint("Song ", i), Creator: fmt.Sprint("creator", i), Kind: "audio", Language: "en", Tags: []string{"jazz"}, Published: int64(i)}
		if i >= 5 {
			w.Tags, w.Creator = []string{"rock"}, "creator5"
		}
		d.Works = append(d.Works, w)
	}
	d.Works[4].Language = "de"
	d.Works[9] = recommend.Work{Root: "root9", Title: "Alone", Creator: "creator9", Kind: "document", Language: "fr", Tags: []string{"law"}, Published: 100}
	d.Pairs = []recommend.Pair{{A: 0, B: 7, N: 30}, {A: 1, B: 2, N: 1}}
	return d
}

func roots(rs []recommend.Recommendation) (out []string) {
	for _, r := range rs {
		out = append(out, r.Work.Root)
	}
	return out
}

func reasonOf(t *testing.T, rs []recommend.Recommendation, root string) string {
	t.Helper()
	for _, r := range rs {
		if r.Work.Root == root {
			return r.Reason
		}
	}
	require.Fail(t, "not recommended", root)
	return ""
}

func TestRecommend(t *testing.T) {
	m := recommend.Train(small(), recommend.DefaultOptions())
	got := m.Recommend([]string{"root0"}, "", 0, 20)
	require.Equal(t, "root7", got[0].Work.Root, "what people bought together goes before what is alike")
	require.Equal(t, "because you chose “Song 0”: 30 people bought both", got[0].Reason)
	require.Equal(t, "because you chose “Song 0”: also jazz", reasonOf(t, got, "root3"))
	require.NotContains(t, roots(got), "root0")

	both := roots(m.Recommend([]string{"root0", "root7"}, "", 0, 20))
	require.NotContains(t, both, "root0", "what was told is not told back")
	require.NotContains(t, both, "root7")

	got = m.Recommend([]string{"root5"}, "", 0, 20)
	require.Equal(t, "because you chose “Song 5”: by the same creator", reasonOf(t, got, "root6"))
	got = m.Recommend([]string{"root1"}, "", 0, 20)
	require.Equal(t, "because you chose “Song 1”: also jazz", reasonOf(t, got, "root2"), "one account says nothing of people")

	// the language moves down, and does not hide
	english := roots(m.Recommend([]string{"root1"}, "en-GB", 0, 20))
	require.Greater(t, slices.Index(english, "root4"), slices.Index(english, "root3"))
	german := roots(m.Recommend([]string{"root1"}, "de", 0, 20))
	require.Less(t, slices.Index(german, "root4"), slices.Index(german, "root3"))

	require.Equal(t, m.Recommend([]string{"root0", "root5"}, "", 0, 5), recommend.Train(small(), recommend.DefaultOptions()).Recommend([]string{"root0", "root5"}, "", 0, 5), "equal data, equal answers")
}

func TestNothingKnownOfTheViewer(t *testing.T) {
	d := small()
	d.Works[3].Trend = 1
	m := recommend.Train(d, recommend.DefaultOptions())
	for _, seeds := range [][]string{nil, {"unknown"}} {
		got := m.Recommend(seeds, "", 0, 20)
		require.Len(t, got, 10, "every work has a place")
		require.Equal(t, "root3", got[0].Work.Root)
		require.Equal(t, "people pay for it now", got[0].Reason)
		require.Equal(t, "the first work of its creator", reasonOf(t, got, "root9"))
		require.Less(t, slices.Index(roots(got), "root9"), 5, "newcomers have places near the top")
	}
	require.Empty(t, recommend.Train(recommend.Dataset{}, recommend.DefaultOptions()).Recommend(nil, "", 0, 5))
}

// A title is a stranger's text: what reasons make of it can be shown.
func TestReasonsFromHostileTitles(t *testing.T) {
	for _, title := range []string{
		"<script>alert(1)</script>", "a\u202eb", "", "\u200b", strings.Repeat("x", 140), "a\nb", "e\u0301", "\xff\xfe", "“quoted”", strings.Repeat("👩‍🚀", 30), "\u0301", " ",
	} {
		d := small()
		d.Works[0].Title, d.Works[0].Tags, d.Works[1].Tags = title, []string{"<b>", "jazz"}, []string{"<b>", "jazz"}
		for _, r := range recommend.Train(d, recommend.DefaultOptions()).Recommend([]string{"root0"}, "", 0, 20) {
			require.True(t, wire.IsReason(r.Reason), "%q of %q", r.Reason, title)
		}
	}
}

func TestTitlesAreKeptWhereTheyCan(t *testing.T) {
	d := small()
	d.Works[0].Title, d.Works[1].Tags = "<b>Cafe\u0301\u202e</b> \n"+strings.Repeat("x", 100), nil
	got := recommend.Train(d, recommend.DefaultOptions()).Recommend([]string{"root0"}, "", 0, 20)
	require.Equal(t, "because you chose “bCafé/b "+strings.Repeat("x", 52)+"…”: something like it", reasonOf(t, got, "root1"))
}

func TestPlacesForTheUnsold(t *testing.T) {
	world := recommend.DefaultSynth(3)
	world.Users, world.Works, world.Creators, world.Genres = 300, 400, 80, 6
	w := world.Make()
	data := recommend.Dataset{Works: w.Works, Pairs: recommend.PairsOf(w)}
	sold := map[string]bool{}
	for _, p := range data.Pairs {
		sold[w.Works[p.A].Root], sold[w.Works[p.B].Root] = true, true
	}
	require.Less(t, len(sold), len(w.Works)-20)
	places := func(unsold int) (n int) {
		o := recommend.DefaultOptions()
		o.Unsold = unsold
		m := recommend.Train(data, o)
		for _, u := range w.Users[:50] {
			for _, r := range m.Recommend([]string{w.Works[u[0].Work].Root}, "", 0, 10) {
				if !sold[r.Work.Root] {
					n++
				}
			}
		}
		return n
	}
	require.GreaterOrEqual(t, places(2), 90)
	require.Less(t, places(0), places(1))
	require.Less(t, places(1), places(2))
}

// The model finds structure where there is some, and invents none where there is none.
func TestEvaluate(t *testing.T) {
	for _, split := range []recommend.Split{recommend.LeaveOneOut, recommend.TimeSplit} {
		for _, taste := range []float64{0.75, 0} {
			s := recommend.DefaultSynth(7)
			s.Users, s.Works, s.Creators, s.Genres, s.Taste = 700, 300, 60, 8, taste
			scores := map[string]recommend.Score{}
			for _, score := range recommend.Evaluate(s.Make(), split, recommend.DefaultOptions(), 7) {
				scores[score.Method] = score
				require.GreaterOrEqual(t, score.Recall, score.Low)
				require.LessOrEqual(t, score.Recall, score.High)
				require.LessOrEqual(t, score.NDCG, 1.0)
				require.Positive(t, score.Novelty)
			}
			served, popular, chance := scores["blend, diverse, unsold (served)"], scores["popularity"], scores["random"]
			require.InDelta(t, 10.0/300, chance.Recall, 0.02, "chance is what it must be")
			require.Greater(t, chance.Coverage, 0.99)
			require.Less(t, popular.Coverage, 0.15)
			if taste > 0 {
				require.Greater(t, served.Low, popular.High, split)
				require.Greater(t, served.Coverage, popular.Coverage*3)
			} else {
				require.Less(t, served.Low, popular.High, "%s: better than the best there can be", split)
			}
		}
	}
}

// What is held back is not learned from.
func TestSplitsHoldBack(t *testing.T) {
	w := recommend.World{Days: 100, Works: small().Works, Users: [][]recommend.Purchase{
		{{Work: 0, Day: 1}, {Work: 1, Day: 2}, {Work: 2, Day: 90}}, {{Work: 3, Day: 95}}, {{Work: 4, Day: 5}}, {},
	}}
	baskets, asked := recommend.Divide(w, recommend.LeaveOneOut)
	require.Equal(t, [][]int{{0, 1}, {3}, {4}}, baskets)
	require.Equal(t, [][2][]int{{{0, 1}, {2}}}, asked)
	baskets, asked = recommend.Divide(w, recommend.TimeSplit)
	require.Equal(t, [][]int{{0, 1}, {4}}, baskets)
	require.Equal(t, [][2][]int{{{0, 1}, {2}}}, asked)
}

func TestDatasetRoundTrip(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, small().Write(&b))
	got, err := recommend.ReadDataset(&b)
	require.NoError(t, err)
	require.Equal(t, small(), got)
	for name, change := range map[string]func(*recommend.Dataset){
		"twice": func(d *recommend.Dataset) { d.Works[1].Root = "root0" }, "no root": func(d *recommend.Dataset) { d.Works[1].Root = "" },
		"itself": func(d *recommend.Dataset) { d.Pairs[0].B = 0 }, "outside": func(d *recommend.Dataset) { d.Pairs[0].B = 10 },
		"negative": func(d *recommend.Dataset) { d.Pairs[0].A = -1 }, "none": func(d *recommend.Dataset) { d.Pairs[0].N = 0 },
	} {
		d := small()
		change(&d)
		b.Reset()
		require.NoError(t, d.Write(&b))
		_, err := recommend.ReadDataset(&b)
		require.Error(t, err, name)
	}
	_, err = recommend.ReadDataset(strings.NewReader("not gzip"))
	require.Error(t, err)
}

// api speaks as the discovery API does.
func api(t *testing.T, d recommend.Dataset) string {
	t.Helper()
	busy := 2
	mux := http.NewServeMux()
	work := func(w recommend.Work) map[string]any {
		return map[string]any{"root": w.Root, "title": w.Title, "kind": w.Kind, "language": w.Language, "tags": w.Tags, "published_at": w.Published, "creator": map[string]any{"id": w.Creator}}
	}
	mux.HandleFunc("GET /api/v1/config", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]any{"chain_id": d.ChainID})
	})
	mux.HandleFunc("GET /api/v1/works", func(w http.ResponseWriter, r *http.Request) {
		if busy--; busy >= 0 {
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		at := 0
		_, _ = fmt.Sscan(r.FormValue("cursor"), &at)
		page := map[string]any{"items": []any{}}
		var items []any
		for i := at; i < min(at+4, len(d.Works)); i++ {
			if r.FormValue("sort") == "newest" || i == 3 {
				items = append(items, work(d.Works[i]))
			}
		}
		page["items"] = items
		if at+4 < len(d.Works) && r.FormValue("sort") == "newest" {
			page["cursor"] = fmt.Sprint(at + 4)
		}
		_ = json.NewEncoder(w).Encode(page)
	})
	mux.HandleFunc("GET /api/v1/works/{root}/related", func(w http.ResponseWriter, r *http.Request) {
		i := slices.IndexFunc(d.Works, func(w recommend.Work) bool { return w.Root == r.PathValue("root") })
		if i == 9 {
			w.WriteHeader(http.StatusNotFound) // retired meanwhile
			return
		}
		items := []any{map[string]any{"work": work(d.Works[(i+1)%10]), "reason": "alike"}} // without purchases
		for _, p := range d.Pairs {
			if p.A == i || p.B == i {
				items = append(items, map[string]any{"work": work(d.Works[p.A+p.B-i]), "reason": "x", "together": p.N})
			}
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"items": items})
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s.URL + "/api/v1"
}

func TestFetch(t *testing.T) {
	want := small()
	want.Works[3].Trend = 1
	got, err := recommend.Source{Base: api(t, want)}.Fetch(t.Context())
	require.NoError(t, err)
	require.Equal(t, want, got)
	_, err = recommend.Source{Base: "http://127.0.0.1:1"}.Fetch(t.Context())
	require.ErrorContains(t, err, "discovery API")
}

type index struct{ feed feeds.Registered }

func (x index) Feeds(context.Context) ([]feeds.Registered, error)         { return nil, nil }
func (x index) Feed(context.Context, string) (feeds.Registered, error)    { return x.feed, nil }
func (x index) Shown(_ context.Context, roots []string) ([]string, error) { return roots, nil }

// What the recommender serves, an indexer takes: page after page, each work once.
func TestServedToAnIndexer(t *testing.T) {
	s := recommend.DefaultSynth(5)
	s.Users, s.Works, s.Creators, s.Genres = 300, 600, 80, 6
	w := s.Make()
	m := recommend.Train(recommend.Dataset{ChainID: "c", Works: w.Works, Pairs: recommend.PairsOf(w)}, recommend.DefaultOptions())
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32))
	h := httptest.NewServer(wire.Handler(key, wire.Info{ChainID: "c", Feeds: []string{"a/b"}}, recommend.NewGenerator(m)))
	defer h.Close()
	svc := feeds.New(feeds.Config{
		ChainID: "c", AllowNear: true, Registry: index{feeds.Registered{ID: "a/b", Endpoint: h.URL, Key: key.Public().(ed25519.PublicKey)}}, Works: index{},
		BuiltIn: []feeds.BuiltIn{{ID: feeds.Trending, Items: func(context.Context, feeds.Query) (feeds.Page, error) { return feeds.Page{}, nil }}},
	})
	for _, seeds := range [][]string{nil, {"work1"}, {"work1", "work2", "unknown"}} {
		seen, cursor := map[string]bool{}, ""
		for n := 0; ; n++ {
			page, err := svc.Items(t.Context(), "a/b", feeds.Query{Cursor: cursor, Limit: 24, Seeds: seeds})
			require.NoError(t, err)
			require.Empty(t, page.Fallback)
			for _, i := range page.Items {
				require.False(t, seen[i.Work], "%s twice", i.Work)
				seen[i.Work] = true
			}
			require.Less(t, n, 20)
			if cursor = page.Cursor; cursor == "" {
				break
			}
		}
		require.Greater(t, len(seen), 60)
	}
	for _, cursor := range []string{"x", "-1", "0", "01", "99999999999999999999", "301"} {
		_, _, err := recommend.NewGenerator(m).Feed(t.Context(), wire.Request{Cursor: cursor, Limit: 5})
		require.ErrorIs(t, err, wire.ErrCursor, cursor)
	}
}
