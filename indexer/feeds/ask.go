package feeds

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"syscall"
	"time"

	"github.com/streamchain/streamchain/indexer/feeds/wire"
	"github.com/streamchain/streamchain/publicnet"
)

const (
	// Deadline is how long a generator has for its whole answer, and a viewer waits at most.
	Deadline = 1500 * time.Millisecond
	// Fresh is how long an answer serves the same question.
	Fresh = 30 * time.Second
	// Rest is how long a generator is left alone after Patience failures in a row.
	Rest = time.Minute
	// Patience is how many failures in a row are borne.
	Patience = 3

	// Recent is how long it is worth saying how the last answer was.
	Recent = 10 * time.Minute

	maxAnswers  = 1024     // kept at a time,
	maxKept     = 32 << 20 // of so many bytes
	maxStates   = 4096
	maxAtOnce   = 64 // requests to all generators
	maxAtOnceOf = 8  // requests to one
)

// asker asks generators. An answer is kept for a moment, a question is asked once at a time, and a generator that fails is
// left alone for a while, so that its failures cost its indexer little and other feeds nothing.
type asker struct {
	cfg  Config
	http *http.Client
	all  chan struct{}

	mu      sync.Mutex
	answers map[question]*answer
	kept    int // bytes of them
	states  map[string]*state
}

// question is everything that an answer depends on, by its hash.
type question [sha256.Size]byte

// answer is one that came or is awaited.
type answer struct {
	done chan struct{} // closed when it came
	res  wire.Response
	why  string
	size int
	at   time.Time
}

// state is what is known of a generator in its present registration.
type state struct {
	fails   int
	why     string // of the last failure
	rest    time.Time
	healthy *bool
	at      time.Time // of the last answer or failure
	slots   chan struct{}
}

func newAsker(cfg Config) *asker {
	dialer := &net.Dialer{Timeout: Deadline, Control: func(_, address string, _ syscall.RawConn) error {
		return publicnet.Dialable(address, cfg.AllowNear)
	}}
	return &asker{
		cfg: cfg, all: make(chan struct{}, maxAtOnce), answers: map[question]*answer{}, states: map[string]*state{},
		http: &http.Client{
			Transport: &http.Transport{
				DialContext: dialer.DialContext, TLSHandshakeTimeout: Deadline, ResponseHeaderTimeout: Deadline, ForceAttemptHTTP2: true,
				MaxResponseHeaderBytes: 16 << 10, MaxIdleConnsPerHost: 2, MaxIdleConns: 64, MaxConnsPerHost: maxAtOnceOf, IdleConnTimeout: 30 * time.Second,
				DisableCompression: true, // nobody can send a small answer that unpacks to a large one
			},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// registration names a feed with its endpoint and key: who changes them starts anew.
func registration(f Registered) string { return f.ID + "\x00" + f.Endpoint + "\x00" + string(f.Key) }

// ask returns a checked answer, or the slug of why there is none. It returns at once when ctx is over.
func (a *asker) ask(ctx context.Context, f Registered, q Query) (wire.Response, string) {
	named, err := json.Marshal([]any{registration(f), q})
	if err != nil {
		return wire.Response{}, BadResponse
	}
	key := question(sha256.Sum256(named))
	now := a.cfg.Now()
	a.mu.Lock()
	ans, known := a.answers[key]
	if !known || came(ans) && ans.at.Add(Fresh).Before(now) {
		s := a.state(f)
		if s.rest.After(now) {
			why := s.why
			a.mu.Unlock()
			return wire.Response{}, why
		}
		if known {
			a.kept -= ans.size
			delete(a.answers, key)
		}
		a.makeRoom(now)
		ans = &answer{done: make(chan struct{}), at: now}
		a.answers[key] = ans
		// for all who ask the same, so not within the first one's context
		go a.fetch(f, s, q, key, ans)
	}
	a.mu.Unlock()
	select {
	case <-ans.done:
		return ans.res, ans.why
	case <-ctx.Done():
		return wire.Response{}, Timeout
	}
}

// fetch asks the generator and fills ans.
func (a *asker) fetch(f Registered, s *state, q Query, key question, ans *answer) {
	ctx, cancel := context.WithTimeout(context.Background(), Deadline)
	defer cancel()
	res, size, why, fault := a.try(ctx, f, s, q)
	a.mu.Lock()
	defer a.mu.Unlock()
	ans.res, ans.why, ans.size = res, why, size
	if why != "" {
		delete(a.answers, key)
	} else {
		a.kept += size
	}
	if fault {
		a.note(s, f, why)
	}
	close(ans.done)
}

// try asks when there is a slot. fault says whether the outcome is the generator's.
func (a *asker) try(ctx context.Context, f Registered, s *state, q Query) (res wire.Response, size int, why string, fault bool) {
	for _, slots := range []chan struct{}{s.slots, a.all} {
		select {
		case slots <- struct{}{}:
			defer func() { <-slots }()
		case <-ctx.Done():
			return wire.Response{}, 0, Timeout, false
		}
	}
	res, size, err := a.post(ctx, f, q)
	if err == nil && len(res.Items) > 0 {
		shown, lookup := shown(ctx, a.cfg.Works, res.Items)
		if lookup != nil {
			a.cfg.Log.Error("the index cannot look works up", "error", lookup)
			return wire.Response{}, 0, Timeout, false
		}
		if len(shown) == 0 {
			err = failure(UnknownWorks)
		}
	}
	if err == nil {
		return res, size, "", true
	}
	why = slug(ctx, err)
	a.cfg.Log.Warn("a feed generator failed", "feed", f.ID, "why", why, "error", err)
	return wire.Response{}, 0, why, true
}

// failure is why a generator's answer was not even read.
type failure string

func (f failure) Error() string { return string(f) }

func (a *asker) post(ctx context.Context, f Registered, q Query) (wire.Response, int, error) {
	var nonce [16]byte
	if _, err := rand.Read(nonce[:]); err != nil {
		return wire.Response{}, 0, err
	}
	req := wire.Request{
		Version: wire.Version, ChainID: a.cfg.ChainID, Feed: f.ID, Cursor: q.Cursor, Limit: q.Limit, Language: q.Language, Seeds: q.Seeds,
		Nonce: hex.EncodeToString(nonce[:]), Time: a.cfg.Now().Unix(),
	}
	body, err := json.Marshal(req)
	if err != nil {
		return wire.Response{}, 0, err
	}
	post, err := http.NewRequestWithContext(ctx, http.MethodPost, f.Endpoint+wire.Path, bytes.NewReader(body))
	if err != nil {
		return wire.Response{}, 0, err
	}
	post.Header = http.Header{"Content-Type": {"application/json"}, "Accept": {"application/json"}, "Accept-Encoding": {"identity"}, "User-Agent": {"indexerd"}}
	res, err := a.http.Do(post)
	if err != nil {
		return wire.Response{}, 0, err
	}
	defer res.Body.Close() //nolint:errcheck // it was only read
	switch coding := res.Header.Get("Content-Encoding"); {
	case res.StatusCode >= http.StatusBadRequest:
		return wire.Response{}, 0, failure(Refused)
	case res.StatusCode != http.StatusOK, coding != "" && coding != "identity":
		return wire.Response{}, 0, failure(BadResponse)
	case res.ContentLength > wire.MaxBody:
		return wire.Response{}, 0, failure(TooLarge)
	}
	raw, err := io.ReadAll(io.LimitReader(res.Body, wire.MaxBody+1))
	if err != nil {
		return wire.Response{}, 0, err
	}
	if len(raw) > wire.MaxBody {
		return wire.Response{}, 0, failure(TooLarge)
	}
	checked, err := wire.Check(f.Key, req, body, res.Header.Get(wire.SignatureHeader), raw, a.cfg.Now().Unix())
	return checked, len(raw), err
}

func slug(ctx context.Context, err error) string {
	var known failure
	var transport net.Error
	switch {
	case errors.As(err, &known):
		return string(known)
	case errors.Is(err, wire.ErrSignature):
		return BadSignature
	case ctx.Err() != nil, errors.As(err, &transport) && transport.Timeout():
		return Timeout
	case errors.As(err, new(*url.Error)):
		return Unreachable // no answer over HTTP at all
	}
	return BadResponse // not as it should be, or broken off
}

// note counts an outcome; why is empty for a good answer. a.mu is held.
func (a *asker) note(s *state, f Registered, why string) {
	good := why == ""
	s.healthy, s.at = &good, a.cfg.Now()
	if good {
		s.fails, s.why = 0, ""
		return
	}
	s.fails, s.why = s.fails+1, why
	if s.fails >= Patience {
		s.rest = a.cfg.Now().Add(Rest)
		a.cfg.Log.Warn("a feed generator rests", "feed", f.ID, "why", why, "failures", s.fails)
	}
}

// state is what is known of a generator. a.mu is held.
func (a *asker) state(f Registered) *state {
	name := registration(f)
	if s, known := a.states[name]; known {
		return s
	}
	if len(a.states) >= maxStates {
		// registrations that changed or went; who rests is not forgotten
		for old, s := range a.states {
			if now := a.cfg.Now(); s.at.Add(Recent).Before(now) && s.rest.Before(now) && len(s.slots) == 0 {
				delete(a.states, old)
			}
		}
	}
	s := &state{slots: make(chan struct{}, maxAtOnceOf), at: a.cfg.Now()}
	a.states[name] = s
	return s
}

// makeRoom forgets answers that are no longer fresh, and all that came when there are too many. a.mu is held.
func (a *asker) makeRoom(now time.Time) {
	if len(a.answers) < maxAnswers && a.kept < maxKept {
		return
	}
	for _, all := range []bool{false, true} {
		for key, ans := range a.answers {
			if came(ans) && (all || ans.at.Add(Fresh).Before(now)) {
				a.kept -= ans.size
				delete(a.answers, key)
			}
		}
		if len(a.answers) < maxAnswers && a.kept < maxKept {
			return
		}
	}
}

func came(ans *answer) bool {
	select {
	case <-ans.done:
		return true
	default:
		return false
	}
}

// healthy says how the generator's last answer was, if it was asked lately.
func (a *asker) healthy(f Registered) *bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	s, known := a.states[registration(f)]
	if !known || s.healthy == nil || s.at.Add(Recent).Before(a.cfg.Now()) {
		return nil
	}
	healthy := *s.healthy
	return &healthy
}
