package api

import (
	"encoding/json"
	"encoding/xml"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/indexer/store"
	"github.com/streamchain/streamchain/token"
)

// rss is a feed for podcast players: RSS 2.0 with the tags of iTunes and of Podcasting 2.0.
type rss struct {
	XMLName xml.Name `xml:"rss"`
	Version string   `xml:"version,attr"`
	ITunes  string   `xml:"xmlns:itunes,attr"`
	Podcast string   `xml:"xmlns:podcast,attr"`
	Atom    string   `xml:"xmlns:atom,attr"`
	Channel channel  `xml:"channel"`
}

type channel struct {
	Title       string    `xml:"title"`
	Link        string    `xml:"link"`
	Self        atomLink  `xml:"atom:link"`
	Description string    `xml:"description"`
	Language    string    `xml:"language,omitempty"`
	Generator   string    `xml:"generator"`
	Author      string    `xml:"itunes:author"`
	Explicit    string    `xml:"itunes:explicit"`
	Image       *href     `xml:"itunes:image,omitempty"`
	GUID        string    `xml:"podcast:guid"`
	Medium      string    `xml:"podcast:medium"`
	Funding     *funding  `xml:"podcast:funding,omitempty"`
	Value       *value    `xml:"podcast:value,omitempty"`
	Items       []episode `xml:"item"`
}

type atomLink struct {
	Href string `xml:"href,attr"`
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr"`
}

type href struct {
	Href string `xml:"href,attr"`
}

type funding struct {
	URL  string `xml:"url,attr"`
	Text string `xml:",chardata"`
}

type episode struct {
	Title       string     `xml:"title"`
	Link        string     `xml:"link"`
	GUID        guid       `xml:"guid"`
	PubDate     string     `xml:"pubDate"`
	Description string     `xml:"description"`
	Duration    int64      `xml:"itunes:duration,omitempty"`
	Image       *href      `xml:"itunes:image,omitempty"`
	Enclosure   *enclosure `xml:"enclosure,omitempty"`
	License     string     `xml:"podcast:license,omitempty"`
	Value       *value     `xml:"podcast:value,omitempty"`
}

// value says how an episode is paid, as Podcasting 2.0 has it: by the second on this chain, to the creator's id.
type value struct {
	Type       string      `xml:"type,attr"`
	Method     string      `xml:"method,attr"`
	Suggested  string      `xml:"suggested,attr,omitempty"` // STREAM a minute
	Recipients []recipient `xml:"podcast:valueRecipient"`
}

type recipient struct {
	Name    string `xml:"name,attr"`
	Type    string `xml:"type,attr"`
	Address string `xml:"address,attr"`
	Split   int    `xml:"split,attr"`
}

func valueOf(name, creator, suggested string) *value {
	return &value{"streamchain", "metered", suggested, []recipient{{clean(name), "creator", creator, 100}}}
}

// perMinute is what a metered offer costs a minute, in STREAM; empty without one.
func perMinute(work store.Work) string {
	var offers []struct {
		Kind        string
		Price       struct{ Amount string }
		TickSeconds int64 `json:"tick_seconds"`
	}
	if json.Unmarshal([]byte(work.Offers), &offers) != nil {
		return ""
	}
	for _, o := range offers {
		if price, ok := math.NewIntFromString(o.Price.Amount); ok && o.Kind == "metered" && o.TickSeconds > 0 {
			return strings.Fields(token.Format(sdk.NewCoin(token.BaseDenom, price.MulRaw(60).QuoRaw(o.TickSeconds))))[0]
		}
	}
	return ""
}

type guid struct {
	Permalink bool   `xml:"isPermaLink,attr"`
	Text      string `xml:",chardata"`
}

type enclosure struct {
	URL    string `xml:"url,attr"`
	Length string `xml:"length,attr"`
	Type   string `xml:"type,attr"`
}

// podcastNamespace is that of podcast:guid, as Podcasting 2.0 has it.
var podcastNamespace = uuid.MustParse("ead4c236-bf58-58c6-a2c6-a6b28d128cb6")

const episodes = 100

func (a *API) creatorFeed(w http.ResponseWriter, r *http.Request) {
	name, ok := strings.CutSuffix(r.PathValue("file"), ".xml")
	c, err := a.cfg.Store.Creator(r.Context(), name)
	if !ok || err != nil {
		a.fail(w, r, orNotFound(err))
		return
	}
	works, _, err := a.cfg.Store.Works(r.Context(), store.Filter{Creator: c.ID}, store.Newest, store.Page{Limit: episodes})
	if err != nil {
		a.fail(w, r, err)
		return
	}
	title := "@" + c.Handle
	if c.Handle == "" {
		title = c.ID
	}
	a.rss(w, r, channel{
		Title: title, Link: a.cfg.URL + "/creator/" + c.ID, Description: "What " + title + " publishes on StreamChain.", Author: title,
		Funding: &funding{a.cfg.URL + "/creator/" + c.ID, "Pay " + title + " directly: at least 90 % arrives"}, Value: valueOf(title, c.ID, ""),
	}, works)
}

func (a *API) collectionFeed(w http.ResponseWriter, r *http.Request) {
	name, ok := strings.CutSuffix(r.PathValue("file"), ".xml")
	c, err := a.cfg.Store.Collection(r.Context(), name)
	if !ok || err != nil {
		a.fail(w, r, orNotFound(err))
		return
	}
	author := c.Creator
	if len(c.Items) > 0 && c.Items[0].Creator.Handle != "" {
		author = "@" + c.Items[0].Creator.Handle
	}
	a.rss(w, r, channel{
		Title: c.Title, Link: a.cfg.URL + "/collection/" + c.ID, Description: c.Title + ", by " + author + " on StreamChain.", Author: author,
		Funding: &funding{a.cfg.URL + "/creator/" + c.Creator, "Pay " + author + " directly: at least 90 % arrives"}, Value: valueOf(author, c.Creator, ""),
	}, c.Items[:min(len(c.Items), episodes)])
}

func nameOf(c store.CreatorRef) string {
	if c.Handle == "" {
		return c.ID
	}
	return "@" + c.Handle
}

func orNotFound(err error) error {
	if err == nil {
		return store.ErrNotFound
	}
	return err
}

func (a *API) rss(w http.ResponseWriter, r *http.Request, c channel, works []store.Work) {
	self := a.cfg.URL + r.URL.Path
	c.Self = atomLink{self, "self", "application/rss+xml"}
	c.Generator, c.Explicit, c.Medium = "StreamChain indexerd", "false", "podcast"
	// of the feed's address without scheme, as Podcasting 2.0 says
	_, bare, _ := strings.Cut(self, "://")
	c.GUID = uuid.NewSHA1(podcastNamespace, []byte(strings.TrimSuffix(bare, "/"))).String()
	c.Title, c.Description, c.Author = clean(c.Title), clean(c.Description), clean(c.Author)
	music := len(works) > 0
	for _, work := range works {
		music = music && work.Kind == "audio"
		if c.Image == nil && work.CoverURL != "" {
			c.Image = &href{work.CoverURL}
		}
		e, err := a.episode(r, work)
		if err != nil {
			a.fail(w, r, err)
			return
		}
		c.Items = append(c.Items, e)
	}
	if music {
		c.Medium = "music"
	}
	raw, err := xml.MarshalIndent(rss{
		Version: "2.0", ITunes: "http://www.itunes.com/dtds/podcast-1.0.dtd", Podcast: "https://podcastindex.org/namespace/1.0", Atom: "http://www.w3.org/2005/Atom", Channel: c,
	}, "", " ")
	if err != nil {
		a.fail(w, r, err)
		return
	}
	send(w, r, "application/rss+xml; charset=utf-8", append([]byte(xml.Header), raw...))
}

// episode is a work; what is free for all has its bytes as enclosure, what is not a link to its page.
func (a *API) episode(r *http.Request, work store.Work) (episode, error) {
	d, err := a.cfg.Store.Work(r.Context(), work.Root)
	if err != nil {
		return episode{}, err
	}
	e := episode{
		Title: clean(work.Title), Link: a.cfg.URL + "/work/" + work.Root, GUID: guid{false, work.Root}, PubDate: time.Unix(work.PublishedAt, 0).UTC().Format(time.RFC1123Z),
		Description: clean(d.Description), Duration: work.DurationSeconds, License: clean(work.Licence),
	}
	if work.CoverURL != "" {
		e.Image = &href{work.CoverURL}
	}
	if price := perMinute(work); price != "" {
		e.Value = valueOf(nameOf(work.Creator), work.Creator.ID, price)
	}
	if !work.Encrypted && strings.Contains(string(work.Offers), `"free"`) && len(d.Holders) > 0 && (work.Kind == "audio" || work.Kind == "podcast" || work.Kind == "video") {
		e.Enclosure = &enclosure{d.Holders[0].Endpoint + "/ipfs/" + d.Media + "/master.m3u8", d.PieceSize, "application/vnd.apple.mpegurl"}
	}
	return e, nil
}

// clean leaves out what XML 1.0 cannot hold.
func clean(s string) string {
	return strings.Map(func(c rune) rune {
		if c == '\t' || c == '\n' || c >= 0x20 && c <= 0xD7FF || c >= 0xE000 && c <= 0xFFFD || c >= 0x10000 && c <= 0x10FFFF {
			return c
		}
		return -1
	}, s)
}

// embed is an oEmbed answer.
type embed struct {
	XMLName      xml.Name `json:"-" xml:"oembed"`
	Version      string   `json:"version" xml:"version"`
	Type         string   `json:"type" xml:"type"`
	Title        string   `json:"title" xml:"title"`
	AuthorName   string   `json:"author_name" xml:"author_name"`
	AuthorURL    string   `json:"author_url" xml:"author_url"`
	ProviderName string   `json:"provider_name" xml:"provider_name"`
	ProviderURL  string   `json:"provider_url" xml:"provider_url"`
	CacheAge     int      `json:"cache_age" xml:"cache_age"`
	Thumbnail    string   `json:"thumbnail_url,omitempty" xml:"thumbnail_url,omitempty"`
	Width        int64    `json:"width" xml:"width"`
	Height       int64    `json:"height" xml:"height"`
	HTML         string   `json:"html" xml:"html"`
}

func (a *API) oembed(w http.ResponseWriter, r *http.Request) {
	q, err := readQuery(r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	page, format := q.text("url", 1000), q.one("format", "json", "json", "xml")
	width, height := q.number("maxwidth", 1, 10_000, 640), q.number("maxheight", 1, 10_000, 360)
	if err := q.unread(); err != nil {
		a.fail(w, r, err)
		return
	}
	rest, ok := strings.CutPrefix(page, a.cfg.URL+"/work/")
	if !ok {
		problem(w, http.StatusNotFound, "not-found", "url: the address of a work's page, "+a.cfg.URL+"/work/…")
		return
	}
	root, _, _ := strings.Cut(strings.SplitN(rest, "?", 2)[0], "#")
	d, err := a.cfg.Store.Work(r.Context(), root)
	if err == nil && d.Status != "active" {
		err = store.ErrNotFound
	}
	if err != nil {
		a.fail(w, r, err)
		return
	}
	e := embed{
		Version: "1.0", Type: "rich", Title: clean(d.Title), AuthorName: "@" + d.Creator.Handle, AuthorURL: a.cfg.URL + "/creator/" + d.Creator.ID, ProviderName: "StreamChain",
		ProviderURL: a.cfg.URL, CacheAge: 3600, Thumbnail: d.CoverURL, Width: min(width, 640), Height: min(height, 360),
	}
	if d.Creator.Handle == "" {
		e.AuthorName = d.Creator.ID
	}
	// nothing that somebody published stands in it
	e.HTML = `<iframe src="` + a.cfg.URL + "/embed/" + d.Root + `" width="` + strconv.FormatInt(e.Width, 10) + `" height="` + strconv.FormatInt(e.Height, 10) +
		`" allow="autoplay; fullscreen; picture-in-picture" sandbox="allow-scripts allow-same-origin allow-popups" loading="lazy"></iframe>`
	if format == "xml" {
		raw, err := xml.Marshal(e)
		if err != nil {
			a.fail(w, r, err)
			return
		}
		send(w, r, "text/xml; charset=utf-8", append([]byte(xml.Header), raw...))
		return
	}
	raw, err := json.Marshal(e)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	send(w, r, "application/json", raw)
}
