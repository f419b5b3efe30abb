package indexer

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io/fs"
	"log/slog"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/streamchain/streamchain/indexer/store"
)

// site serves the web app: files by their names, and its first page for every address that the app itself reads. Addresses of works and
// creators have what other sites show of them in the page's head.
type site struct {
	files fs.FS
	index []byte // index.html, or a page that names the API where the program was built without the app
	url   string
	db    *sql.DB
	log   *slog.Logger

	zipped sync.Map // assets by the hash of their bytes
}

// bare is the page of a program that was built without the web app.
const bare = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>StreamChain</title></head><body><h1>StreamChain</h1>
<p>This indexer was built without the web app (<code>make web build</code> makes it with). Its API is <a href="/api/v1/openapi.json">/api/v1</a>.</p></body></html>
`

func newSite(files fs.FS, built bool, url string, s *store.Store, log *slog.Logger) (*site, error) {
	w := &site{files: files, index: []byte(bare), url: url, db: s.Read(), log: log}
	if !built {
		w.files = nil
		return w, nil
	}
	var err error
	w.index, err = fs.ReadFile(files, "index.html")
	return w, err
}

// ServeHTTP implements http.Handler.
func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "use GET", http.StatusMethodNotAllowed)
		return
	}
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Security-Policy", s.policy(strings.HasPrefix(r.URL.Path, "/embed/")))
	name := strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/")
	if name == "" || name == "index.html" || !strings.Contains(path.Base(name), ".") {
		s.page(w, r, name)
		return
	}
	s.file(w, r, name)
}

func (s *site) file(w http.ResponseWriter, r *http.Request, name string) {
	if s.files == nil || !fs.ValidPath(name) {
		http.NotFound(w, r)
		return
	}
	raw, err := fs.ReadFile(s.files, name)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	if strings.HasPrefix(name, "embed/") { // other people's pages load it as a module
		w.Header().Set("Access-Control-Allow-Origin", "*")
	}
	cache := "no-cache"
	if strings.HasPrefix(name, "assets/") { // their names have their hash
		cache = "public, max-age=31536000, immutable"
	}
	s.send(w, r, name, cache, raw)
}

// send answers with bytes of a known name, compressed where the build did so or where it pays, or says that the caller has them.
func (s *site) send(w http.ResponseWriter, r *http.Request, name, cache string, raw []byte) {
	sum := sha256.Sum256(raw)
	tag := hex.EncodeToString(sum[:12])
	h := w.Header()
	h.Set("Cache-Control", cache)
	if compressible[path.Ext(name)] && len(raw) >= 1024 {
		h.Add("Vary", "Accept-Encoding")
		if coding, packed := s.packed(r, name, tag, raw); coding != "" {
			h.Set("Content-Encoding", coding)
			tag, raw = tag+"-"+coding, packed
		}
	}
	h.Set("ETag", `"`+tag+`"`)
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(raw))
}

// compressible are the kinds of files that get smaller.
var compressible = map[string]bool{".html": true, ".js": true, ".css": true, ".svg": true, ".json": true, ".webmanifest": true, ".map": true}

// packed is a file in a coding that the caller takes: as the build left it beside it, or made now and remembered where its name has its hash.
func (s *site) packed(r *http.Request, name, tag string, raw []byte) (coding string, packed []byte) {
	accept := r.Header.Get("Accept-Encoding")
	for _, c := range [][2]string{{"br", ".br"}, {"gzip", ".gz"}} {
		if s.files == nil || name == "index.html" || !strings.Contains(accept, c[0]) {
			continue // a page is not as the build left it
		}
		if made, err := fs.ReadFile(s.files, name+c[1]); err == nil {
			return c[0], made
		}
	}
	if !strings.Contains(accept, "gzip") {
		return "", nil
	}
	if made, ok := s.zipped.Load(tag); ok {
		return "gzip", made.([]byte) //nolint:forcetypeassert // nothing else is in it
	}
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(raw); err != nil || z.Close() != nil {
		return "", nil
	}
	if strings.HasPrefix(name, "assets/") {
		s.zipped.Store(tag, b.Bytes())
	}
	return "gzip", b.Bytes()
}

// policy is what a page may load and run: code only from here, bytes from any node. Only embeds may be framed. A site without TLS is a
// local one, whose nodes have none either.
func (s *site) policy(embed bool) string {
	near, frames := "", "; frame-ancestors 'none'"
	if strings.HasPrefix(s.url, "http://") {
		near = " http: ws:"
	}
	if embed {
		frames = ""
	}
	return "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data: https:" + near + "; media-src 'self' blob: https:" + near + "; connect-src 'self' https: wss:" + near +
		"; font-src 'self'; worker-src 'self' blob:; manifest-src 'self'; base-uri 'none'; form-action 'none'" + frames
}

func (s *site) page(w http.ResponseWriter, r *http.Request, name string) {
	raw := s.index
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	c, err := s.card(ctx, name)
	switch {
	case err != nil && !errors.Is(err, sql.ErrNoRows):
		s.log.Warn("a page has no preview", "page", name, "err", err) // the page itself can be read
	case err == nil && c != nil:
		raw = c.insert(raw)
	}
	s.send(w, r, "index.html", "no-cache", raw)
}

// card is what other sites show of a page.
type card struct {
	typ, title, description, url, image string
	feeds                               [][2]string // type and address of what else there is of it
}

// card looks up what a page is about; nil where it is about nothing of the index.
func (s *site) card(ctx context.Context, name string) (*card, error) {
	kind, id, _ := strings.Cut(name, "/")
	if id == "" || len(id) > 100 || strings.Contains(id, "/") {
		return nil, nil
	}
	switch kind {
	case "work", "embed":
		return s.work(ctx, id)
	case "creator":
		return s.creator(ctx, id)
	}
	return nil, nil
}

func (s *site) work(ctx context.Context, id string) (*card, error) {
	var root, title, description, kind, cover, handle, status string
	if err := s.db.QueryRowContext(ctx, `SELECT w.root, w.title, w.description, w.kind, w.cover, w.status, COALESCE(c.handle, '') FROM versions v JOIN works w ON w.root = v.root
		LEFT JOIN creators c ON c.id = w.creator WHERE v.cid = ?`, id).Scan(&root, &title, &description, &kind, &cover, &status, &handle); err != nil {
		return nil, err
	}
	if status != "active" {
		return nil, nil // what is withdrawn is not advertised
	}
	c := &card{typ: map[string]string{"video": "video.other", "audio": "music.song", "podcast": "music.song"}[kind], title: title, description: description, url: s.url + "/work/" + root}
	if c.typ == "" {
		c.typ = "article"
	}
	if handle != "" {
		c.title += " · " + handle
	}
	c.feeds = [][2]string{{"application/json+oembed", s.url + "/oembed?url=" + c.url}}
	if cover == "" {
		return c, nil
	}
	var endpoints string
	err := s.db.QueryRowContext(ctx, `SELECT p.endpoints FROM deals d JOIN providers p ON p.operator = d.operator WHERE d.root = ? AND d.status = 'active' ORDER BY d.operator LIMIT 1`, root).Scan(&endpoints)
	if errors.Is(err, sql.ErrNoRows) {
		return c, nil
	}
	var at []string
	if err == nil {
		err = json.Unmarshal([]byte(endpoints), &at)
	}
	if len(at) > 0 {
		c.image = at[0] + "/ipfs/" + cover
	}
	return c, err
}

func (s *site) creator(ctx context.Context, id string) (*card, error) {
	var creator, handle string
	var works int64
	if err := s.db.QueryRowContext(ctx, "SELECT id, handle, works FROM creators WHERE id = ?1 OR handle = ?1 AND handle <> '' LIMIT 1", id).Scan(&creator, &handle, &works); err != nil {
		return nil, err
	}
	c := &card{typ: "profile", title: handle, description: fmt.Sprintf("%d works on StreamChain", works), url: s.url + "/creator/" + creator}
	if handle == "" {
		c.title = creator
	}
	c.feeds = [][2]string{{"application/rss+xml", s.url + "/rss/creators/" + creator + ".xml"}}
	return c, nil
}

// maxPreview is how many characters of a description a preview has.
const maxPreview = 300

// insert writes the card into a page's head. Whatever strangers wrote is escaped.
func (c *card) insert(page []byte) []byte {
	if text := []rune(c.description); len(text) > maxPreview {
		c.description = string(text[:maxPreview]) + "…"
	}
	var b strings.Builder
	for _, m := range [][2]string{{"og:site_name", "StreamChain"}, {"og:type", c.typ}, {"og:title", c.title}, {"og:description", c.description}, {"og:url", c.url}, {"og:image", c.image}} {
		if m[1] != "" {
			fmt.Fprintf(&b, "<meta property=%q content=\"%s\">", m[0], html.EscapeString(m[1]))
		}
	}
	twitter := "summary"
	if c.image != "" {
		twitter = "summary_large_image"
	}
	fmt.Fprintf(&b, `<meta name="twitter:card" content="%s">`, twitter)
	for _, f := range c.feeds {
		fmt.Fprintf(&b, `<link rel="alternate" type="%s" href="%s">`, f[0], html.EscapeString(f[1]))
	}
	page = bytes.Replace(page, []byte("<title>StreamChain</title>"), []byte("<title>"+html.EscapeString(c.title)+" – StreamChain</title>"), 1)
	return bytes.Replace(page, []byte("</head>"), []byte(b.String()+"</head>"), 1)
}
