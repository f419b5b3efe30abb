package play

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"embed"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net"
	"net/http"
	"path"
	"strings"
	"sync"

	"github.com/streamchain/streamchain/keyclient"
	"github.com/streamchain/streamchain/nodeclient"
	"github.com/streamchain/streamchain/watch"
)

//go:embed page
var page embed.FS

// Session is what plays. *watch.Session is the real one.
type Session interface {
	File(ctx context.Context, path []string) ([]byte, error)
	Rendition(ctx context.Context, path []string) (watch.Rendition, error)
	Segment(ctx context.Context, r watch.Rendition, i int) ([]byte, error)
	Key(ctx context.Context, r watch.Rendition, i int) ([16]byte, error)
	GrantedBy() string
	Spent() (spent, limit uint64)
	Blamed() []string
}

// ErrListen says that others could reach the player.
var ErrListen = errors.New("a player listens on this machine only: 127.0.0.1 or [::1]")

// Listen opens a port of this machine. ErrListen.
func Listen(ctx context.Context, address string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() {
		return nil, fmt.Errorf("%w, not %q", ErrListen, address)
	}
	return (&net.ListenConfig{}).Listen(ctx, "tcp", address)
}

// Player serves one work to one browser.
type Player struct {
	session Session
	quality watch.Quality
	token   string
	host    string // that requests name

	mu         sync.Mutex
	renditions map[string]watch.Rendition // by folder
}

// New makes a player that is reached at address, which Listen gave. What is paid by the second plays in one quality, since each is paid for itself.
func New(s Session, address string, quality watch.Quality) (*Player, error) {
	secret := make([]byte, 16)
	if _, err := rand.Read(secret); err != nil {
		return nil, err
	}
	return &Player{session: s, quality: quality, token: base64.RawURLEncoding.EncodeToString(secret), host: address, renditions: map[string]watch.Rendition{}}, nil
}

// URL is where the page is: whoever knows it can watch, and spend up to the limit.
func (p *Player) URL() string { return "http://" + p.host + "/" + p.token + "/" }

// ServeHTTP implements http.Handler.
func (p *Player) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; media-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	name, ok := p.own(r)
	switch {
	case !ok:
		refuse(w, http.StatusForbidden, "this player is another page's")
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		refuse(w, http.StatusMethodNotAllowed, "GET only")
	default:
		p.serve(w, r, name)
	}
}

// own says whether a request comes from the player's own page, and what it names. A page elsewhere whose name resolves to this machine names another host; one
// that is merely open beside it says so, and does not know the token.
func (p *Player) own(r *http.Request) (string, bool) {
	if r.Host != p.host {
		return "", false
	}
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" && site != "none" {
		return "", false
	}
	if origin := r.Header.Get("Origin"); origin != "" && origin != "http://"+p.host {
		return "", false
	}
	token, name, ok := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	return name, ok && subtle.ConstantTimeCompare([]byte(token), []byte(p.token)) == 1
}

func (p *Player) serve(w http.ResponseWriter, r *http.Request, name string) {
	var data []byte
	var err error
	switch dir, rest, _ := strings.Cut(name, "/"); {
	case name == "":
		name = "index.html"
		data, err = page.ReadFile("page/index.html")
	case name == "state":
		name = "state.json"
		data, err = json.Marshal(p.state())
	case dir == "media" && rest != "":
		data, err = p.file(r.Context(), strings.Split(rest, "/"))
	case dir == "key" && rest != "":
		name = "key"
		data, err = p.key(r.Context(), rest)
	default:
		if data, err = page.ReadFile("page/" + path.Base(name)); err != nil || rest != "" {
			err = nodeclient.ErrNoSuchFile
		}
	}
	if err != nil {
		status, text := explain(err)
		refuse(w, status, text)
		return
	}
	w.Header().Set("Content-Type", typeOf(name))
	_, _ = w.Write(data) // the browser may be gone
}

// typeOf is the type of what lies in the page and in works; nothing of a work runs.
func typeOf(name string) string {
	switch ext := path.Ext(name); ext {
	case ".m3u8":
		return "application/vnd.apple.mpegurl"
	case ".mp4", ".m4s":
		return "video/mp4"
	case ".vtt":
		return "text/vtt; charset=utf-8"
	case ".jpg", ".html", ".css", ".js", ".json":
		if t := mime.TypeByExtension(ext); t != "" && (!strings.HasPrefix(name, "media/") || ext == ".jpg") {
			return t
		}
	}
	return "application/octet-stream"
}

// explain says to a person what an error means.
func explain(err error) (int, string) {
	for _, e := range []error{watch.ErrSpendLimit, watch.ErrPayment, keyclient.ErrNotEntitled, keyclient.ErrPayMore} {
		if errors.Is(err, e) {
			return http.StatusPaymentRequired, e.Error()
		}
	}
	if errors.Is(err, nodeclient.ErrNoSuchFile) {
		return http.StatusNotFound, nodeclient.ErrNoSuchFile.Error()
	}
	return http.StatusBadGateway, err.Error()
}

func refuse(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = fmt.Fprintln(w, text)
}

// state is what the page shows beside the picture. Amounts are in base units.
type state struct {
	GrantedBy string   `json:"granted_by"`
	Spent     uint64   `json:"spent,string"`
	Limit     uint64   `json:"limit,string"`
	Blamed    []string `json:"blamed"`
}

func (p *Player) state() state {
	s := state{GrantedBy: p.session.GrantedBy(), Blamed: p.session.Blamed()}
	s.Spent, s.Limit = p.session.Spent()
	return s
}
