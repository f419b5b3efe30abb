package api_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/indexer/store"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
)

func (w *world) search(q string) (titles []string, found store.Found) {
	w.Helper()
	w.json("/api/v1/search?q="+url.QueryEscape(q), &found)
	for _, i := range found.Items {
		titles = append(titles, i.Title)
	}
	return titles, found
}

// What one looks for is found: in any case, with and without diacritics, misspelt, in scripts without spaces.
func TestSearchFinds(t *testing.T) {
	w := newTown(t)
	for _, title := range []string{"流行音楽の歴史", "مَرْحَبًا بالعالم", "Ночной концерт", "한국어 노래 모음", "เพลงรักจากใจ", "हिन्दी गीत", "Nachtmusik", "The Running Horses", "İstanbul'da Gece"} {
		w.publish(work{by: "carol", title: title, kind: "audio"})
	}
	w.commit()
	for q, want := range map[string]string{
		"straße": "Die Straße im Café", "STRASSE": "Die Straße im Café", "cafe": "Die Straße im Café", "café": "Die Straße im Café", "strasse cafe": "Die Straße im Café", "die str": "Die Straße im Café",
		"midnigth": "Midnight Serenade", "serenede": "Midnight Serenade", "midnight serenad": "Midnight Serenade", "midnite serenade": "", "idnight": "Midnight Serenade", "Mitnight": "Midnight Serenade",
		"東京": "東京の夜の歌", "夜の歌": "東京の夜の歌", "歌": "東京の夜の歌", "京の夜": "東京の夜の歌", "音楽": "流行音楽の歴史", "歴史": "流行音楽の歴史", "史": "流行音楽の歴史", "مرحبا": "مَرْحَبًا بالعالم", "بالعالم": "مَرْحَبًا بالعالم", "ночной": "Ночной концерт", "концерт": "Ночной концерт",
		"노래": "한국어 노래 모음", "국어": "한국어 노래 모음", "เพลง": "เพลงรักจากใจ", "จากใจ": "เพลงรักจากใจ", "हिन्दी": "हिन्दी गीत", "musik": "Nachtmusik", "run horse": "The Running Horses", "istanbul": "İstanbul'da Gece", "remix": "東京の夜の歌", "gone": "", "zzzzzz": "",
	} {
		titles, _ := w.search(q)
		if want == "" {
			require.NotContains(t, titles, "Gone by now")
			continue
		}
		require.Contains(t, titles, want, q)
	}
	_, found := w.search("midnigth serenade")
	require.Equal(t, "midnight serenade", found.Corrected)
	_, found = w.search("midnight")
	require.Empty(t, found.Corrected)
	titles, found := w.search("alic")
	require.Len(t, found.Creators, 1)
	require.ElementsMatch(t, []string{"Die Straße im Café", "Midnight Serenade"}, titles, "what somebody made is found by the name")
	titles, _ = w.search("夜京")
	require.Empty(t, titles, "characters that do not stand together")
}

// A title counts more than its creator's name, that more than tags, and those more than a description.
func TestSearchOrder(t *testing.T) {
	w := newTown(t)
	w.register("lantern")
	w.commit()
	w.publish(work{by: "bob", title: "Something else", description: "a lantern"})
	w.publish(work{by: "bob", title: "Something", tags: []string{"lantern"}})
	w.publish(work{by: "lantern", title: "Whatever"})
	w.publish(work{by: "bob", title: "Lantern"})
	w.commit()
	titles, _ := w.search("lantern")
	require.Equal(t, []string{"Lantern", "Whatever", "Something", "Something else"}, titles)
}

// Facets count all that matches, on every page, with the filters that are set; what is withdrawn is not counted.
func TestFacets(t *testing.T) {
	w := newTown(t)
	for i := range 30 {
		id := w.publish(work{by: "bob", title: fmt.Sprintf("Harbour %d", i), kind: []string{"audio", "video", "image"}[i%3], language: []string{"en", "fr"}[i%2]})
		if i%5 == 0 {
			w.sell("bob", id, free())
		}
		if i == 29 {
			w.commit()
			w.tx(nil, &contenttypes.EventWorkRetired{Root: id, Creator: creatorID("bob")})
		}
	}
	w.commit()
	var page store.Found
	ask := func(rest string) {
		page = store.Found{}
		w.json("/api/v1/search?q="+rest, &page)
	}
	ask("harbour&limit=5")
	sums := func() (kinds int64, f store.Facets) {
		for _, n := range page.Facets.Kind {
			kinds += n
		}
		return kinds, page.Facets
	}
	n, f := sums()
	require.EqualValues(t, 29, n)
	require.EqualValues(t, 15, f.Language["en"])
	require.EqualValues(t, 6, f.Price["free"])
	require.EqualValues(t, 29, f.Licence["CC0-1.0"])
	ask("harbour&limit=5&cursor=" + page.Cursor)
	n, _ = sums()
	require.EqualValues(t, 29, n)
	ask("harbour&kind=audio&language=en")
	n, f = sums()
	require.EqualValues(t, 5, n)
	require.Len(t, page.Items, 5)
	require.Equal(t, store.Counts{"audio": 5}, f.Kind)
	ask("harbour&price=free")
	require.Len(t, page.Items, 6)
	ask("cafe&level=2")
	require.Len(t, page.Items, 1)
	ask("harbour&level=1")
	require.Empty(t, page.Items)
}

// Many payers make a work trend, one with much money does not; what few have paid for is underground.
func TestRankings(t *testing.T) {
	w := newTown(t)
	whale, crowd, small := w.publish(work{by: "bob", title: "Whale"}), w.publish(work{by: "carol", title: "Crowd"}), w.publish(work{by: "bob", title: "Small"})
	w.commit()
	for range 5 {
		w.tx(nil, paid(revenuetypes.RAIL_TIP, whale, "bob", "rich", 1_000_000_000_000))
	}
	for i := range 30 {
		w.tx(nil, paid(revenuetypes.RAIL_TIP, crowd, "carol", fmt.Sprintf("fan %d", i), 100_000_000))
	}
	w.tx(nil, paid(revenuetypes.RAIL_TIP, small, "bob", "friend", 10_000))
	w.commit()
	list := func(sort string) (out []string) {
		var page struct{ Items []store.Work }
		w.json("/api/v1/works?sort="+sort, &page)
		for _, i := range page.Items {
			out = append(out, i.Root)
		}
		return out
	}
	trending, underground := list("trending"), list("underground")
	require.Equal(t, crowd, trending[0], "30 payers of 4 STREAM are more than one of any amount")
	require.Equal(t, whale, trending[1])
	require.NotContains(t, underground, crowd)
	require.Less(t, slices.Index(underground, small), slices.Index(underground, w.derived), "what somebody paid for comes before what nobody did")
	require.Contains(t, underground, w.derived)
}

// What is like a work is so for a reason that can be said.
func TestRelated(t *testing.T) {
	w := newTown(t)
	var page struct {
		Items []struct {
			Work   store.Work
			Reason string
		}
	}
	w.json("/api/v1/works/"+w.film+"/related", &page)
	require.NotEmpty(t, page.Items)
	for _, i := range page.Items {
		require.NotEqual(t, w.film, i.Work.Root)
		require.NotEmpty(t, i.Reason)
		require.LessOrEqual(t, len(i.Reason), 200)
	}
	require.Equal(t, w.song, page.Items[0].Work.Root)
	require.True(t, strings.Contains(page.Items[0].Reason, "collection"), page.Items[0].Reason)
}
