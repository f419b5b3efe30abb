package api_test

import (
	"encoding/json"
	"encoding/xml"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"cosmossdk.io/math"

	"github.com/stretchr/testify/require"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

const podcast = "https://podcastindex.org/namespace/1.0"

// feed is an RSS feed as a player reads it.
type feed struct {
	Channel struct {
		Title string `xml:"title"`
		GUID  string `xml:"https://podcastindex.org/namespace/1.0 guid"`
		Value struct {
			Type      string `xml:"type,attr"`
			Recipient struct {
				Address string `xml:"address,attr"`
				Split   int    `xml:"split,attr"`
			} `xml:"https://podcastindex.org/namespace/1.0 valueRecipient"`
		} `xml:"https://podcastindex.org/namespace/1.0 value"`
		Items []struct {
			Title     string `xml:"title"`
			Link      string `xml:"link"`
			GUID      string `xml:"guid"`
			Enclosure *struct {
				URL  string `xml:"url,attr"`
				Type string `xml:"type,attr"`
			} `xml:"enclosure"`
			Value *struct {
				Suggested string `xml:"suggested,attr"`
			} `xml:"https://podcastindex.org/namespace/1.0 value"`
		} `xml:"item"`
	} `xml:"channel"`
}

// elements requires that a document is well-formed and has nothing but the elements and attributes that it may have.
func elements(t *testing.T, raw []byte, allowed ...string) {
	t.Helper()
	names := map[string]bool{}
	for _, a := range allowed {
		names[a] = true
	}
	dec := xml.NewDecoder(strings.NewReader(string(raw)))
	dec.Strict = true
	for {
		token, err := dec.Token()
		if err == io.EOF { //nolint:errorlint // as the decoder gives it
			return
		}
		require.NoError(t, err, "%s", raw)
		switch e := token.(type) {
		case xml.StartElement:
			require.True(t, names[e.Name.Local], "element %s", e.Name.Local)
		case xml.Directive:
			require.Fail(t, "a directive", "%s", e)
		}
	}
}

func TestRSS(t *testing.T) {
	w := newTown(t)
	for _, path := range []string{"/rss/creators/alice.xml", "/rss/creators/" + creatorID("alice") + ".xml", "/rss/collections/" + url.PathEscape(w.collection) + ".xml"} {
		a := w.get(path)
		require.Equal(t, http.StatusOK, a.status, "%s: %s", path, a.body)
		require.Contains(t, a.header.Get("Content-Type"), "application/rss+xml")
		require.Contains(t, string(a.body), `xmlns:podcast="`+podcast+`"`)
		var f feed
		require.NoError(t, xml.Unmarshal(a.body, &f))
		require.Regexp(t, `^[0-9a-f]{8}-[0-9a-f]{4}-5`, f.Channel.GUID)
		require.Equal(t, creatorID("alice"), f.Channel.Value.Recipient.Address)
		require.Equal(t, 100, f.Channel.Value.Recipient.Split)
		require.Len(t, f.Channel.Items, 2)
		for _, item := range f.Channel.Items {
			require.Equal(t, site+"/work/"+item.GUID, item.Link)
			switch item.GUID {
			case w.song: // free: its bytes at a node that keeps it
				require.NotNil(t, item.Enclosure)
				require.True(t, strings.HasPrefix(item.Enclosure.URL, "https://a.example.org/ipfs/"), item.Enclosure.URL)
				require.Nil(t, item.Value)
			case w.film: // for sale, and by the second
				require.Nil(t, item.Enclosure, "what is paid for is on its page")
				require.NotNil(t, item.Value)
				require.Equal(t, "0.00027", item.Value.Suggested, "a minute")
			}
		}
		again := w.get(path, "If-None-Match", a.header.Get("ETag"))
		require.Equal(t, http.StatusNotModified, again.status)
	}
	w.refused(w.get("/rss/creators/nobody.xml"), http.StatusNotFound, "not-found")
	w.refused(w.get("/rss/creators/alice"), http.StatusNotFound, "not-found")
}

func TestOEmbed(t *testing.T) {
	w := newTown(t)
	page := url.QueryEscape(site + "/work/" + w.film)
	var o struct{ Version, Type, Title, HTML string }
	w.json("/oembed?url="+page, &o)
	require.Equal(t, "1.0", o.Version)
	require.Equal(t, "rich", o.Type)
	require.Contains(t, o.HTML, `src="`+site+"/embed/"+w.film+`"`)
	small := w.get("/oembed?format=xml&maxwidth=300&maxheight=200&url=" + page)
	require.Contains(t, string(small.body), "<width>300</width>")
	elements(t, small.body, "oembed", "version", "type", "title", "author_name", "author_url", "provider_name", "provider_url", "cache_age", "thumbnail_url", "width", "height", "html")
	for _, u := range []string{"", "x", "https://other.example.org/work/" + w.film, site + "/work/none", site + "/work/" + w.retired, site + "/creator/alice", site + "/work/../creator/alice"} {
		a := w.get("/oembed?url=" + url.QueryEscape(u))
		w.refused(a, http.StatusNotFound, "not-found")
	}
	w.refused(w.get("/oembed?format=yaml&url="+page), http.StatusBadRequest, "bad-parameter")
}

// Whatever somebody calls a work, a feed, an embed and an answer hold it as text.
func TestHostileTitles(t *testing.T) {
	raw, err := os.ReadFile("testdata/hostile.json")
	require.NoError(t, err)
	var titles []string
	require.NoError(t, json.Unmarshal(raw, &titles))
	require.GreaterOrEqual(t, len(titles), 200)
	w := newTown(t)
	w.register("eve")
	w.commit()
	roots := map[string]string{}
	var order []string
	for _, title := range titles {
		m := &contenttypes.MsgPublish{Controller: addr("eve"), Creator: creatorID("eve"), Kind: "audio", Title: title, Description: title, Media: fileCID("media of " + title), PieceRoot: sum(title), PieceSize: 1, Licence: "CC0-1.0", DurationSeconds: 60}
		man, err := m.Manifest()
		if err == nil {
			_, err = man.CID()
		}
		if err != nil {
			continue // the chain takes no such title
		}
		id := w.publish(work{by: "eve", title: title, kind: "audio", description: title})
		w.sell("eve", id, subscriptiontypes.NewMeteredOffer(math.NewInt(9), 2, 3))
		w.commit()
		roots[id] = title
		order = append(order, id)
	}
	require.GreaterOrEqual(t, len(order), 150, "titles that can be published")
	for n := 0; n < len(order); n += 50 {
		some := order[n:min(n+50, len(order))]
		name := creatorID("eve") + "/" + string(rune('1'+n/50))
		w.tx(nil, &contenttypes.EventCollectionCreated{Creator: creatorID("eve"), Works: some, Collection: contenttypes.Collection{
			Id: name, Kind: contenttypes.COLLECTION_KIND_ALBUM, Title: roots[some[0]], Works: uint32(len(some)), Version: 1, CreatedAt: genesisTime, UpdatedAt: genesisTime,
		}})
		w.commit()
		a := w.get("/rss/collections/" + url.PathEscape(name) + ".xml")
		require.Equal(t, http.StatusOK, a.status)
		elements(t, a.body, "rss", "channel", "title", "link", "description", "generator", "author", "explicit", "image", "guid", "medium", "funding", "value", "valueRecipient", "item", "pubDate", "duration", "license", "enclosure", "language")
		var f feed
		require.NoError(t, xml.Unmarshal(a.body, &f))
		require.Len(t, f.Channel.Items, len(some))
		for _, item := range f.Channel.Items {
			require.Equal(t, visible(roots[item.GUID]), item.Title)
		}
	}
	for _, id := range order {
		page := url.QueryEscape(site + "/work/" + id)
		var o struct{ Title, HTML string }
		w.json("/oembed?url="+page, &o)
		require.Equal(t, visible(roots[id]), o.Title)
		require.Equal(t, 2, strings.Count(o.HTML, "<"), o.HTML)
		a := w.get("/oembed?format=xml&url=" + page)
		elements(t, a.body, "oembed", "version", "type", "title", "author_name", "author_url", "provider_name", "provider_url", "cache_age", "thumbnail_url", "width", "height", "html")
		a = w.get("/api/v1/works/" + id)
		require.NotContains(t, string(a.body), "<", "no browser finds markup in an answer")
		var d struct{ Title string }
		decode(t, a, &d)
		require.Equal(t, roots[id], d.Title)
	}
}

// visible is what XML can hold of a title, with its line ends as XML reads them.
func visible(s string) string {
	return strings.Map(func(c rune) rune {
		if c < 0x20 && c != '\t' && c != '\n' || c == 0xFFFE || c == 0xFFFF {
			return -1
		}
		return c
	}, s)
}
