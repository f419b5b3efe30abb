package sponsor

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/chainclient"
	"github.com/streamchain/streamchain/token"
)

const testChain = "streamchain-test-1"

var errLost = errors.New("the connection broke")

// fakeChain books what a grant costs its sponsor at worst: every allowance burned to the last coin.
type fakeChain struct {
	mu        sync.Mutex
	height    int64
	balance   uint64
	outlay    uint64
	txFee     uint64
	granted   map[string]int
	standings map[string]Standing
	down      error
	// before runs with each transaction, before anything happens; its error is the outcome unless it is errLost
	// together with include, where the transaction is included and nobody hears of it.
	before  func(addresses []string) error
	include bool
}

func (c *fakeChain) ChainID() string { return testChain }
func (c *fakeChain) Address() string { return sdk.AccAddress("the sponsor's account"[:20]).String() }

func (c *fakeChain) Height(context.Context) (int64, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.height, c.down
}

func (c *fakeChain) Balance(context.Context) (uint64, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.balance, c.down
}

func (c *fakeChain) Standing(_ context.Context, address string) (Standing, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	st := c.standings[address]
	st.Allowance = st.Allowance || c.granted[address] > 0
	return st, c.down
}

func (c *fakeChain) Grant(_ context.Context, addresses []string, t Terms) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var err error
	if c.before != nil {
		err = c.before(addresses)
	}
	if err != nil && (!errors.Is(err, errLost) || !c.include) {
		if errors.Is(err, errReverted) {
			c.pay(c.txFee * uint64(len(addresses)))
		}
		return "", err
	}
	fee := c.txFee * uint64(len(addresses))
	if fee > t.MaxFee {
		return "", fmt.Errorf("%w: the fee", errNotSent)
	}
	c.height++
	c.pay(fee)
	for _, a := range addresses {
		c.granted[a]++
		c.pay(t.SpendLimit + t.Credit)
	}
	return "tx", err
}

func (c *fakeChain) pay(n uint64) {
	c.outlay += n
	c.balance -= min(n, c.balance)
}

type world struct {
	t     *testing.T
	cfg   Config
	chain *fakeChain
	clock atomic.Int64
	logs  *syncBuffer
	s     *Service
	stop  func()
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func newWorld(t *testing.T, change func(*Config)) *world {
	t.Helper()
	token.Configure()
	w := &world{t: t, cfg: DefaultConfig(), logs: &syncBuffer{}, chain: &fakeChain{
		height: 100, balance: 1_000_000_000, txFee: 300, granted: map[string]int{}, standings: map[string]Standing{},
	}}
	w.clock.Store(time.Date(2026, 5, 1, 10, 0, 0, 0, time.UTC).Unix())
	w.cfg.Home, w.cfg.HTTP.URL, w.cfg.HTTP.Listen = t.TempDir(), "https://sponsor.test", "127.0.0.1:0"
	w.cfg.Work.Difficulty, w.cfg.Work.Extra, w.cfg.Grant.BatchWait = 4, 4, Duration{2 * time.Millisecond}
	if change != nil {
		change(&w.cfg)
	}
	w.start()
	t.Cleanup(func() { w.stop() })
	return w
}

func (w *world) now() time.Time { return time.Unix(w.clock.Load(), 0).UTC() }

// start opens the service and lets it grant.
func (w *world) start() {
	w.t.Helper()
	w.open()
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { w.s.run(ctx) })
	s := w.s
	w.stop = sync.OnceFunc(func() {
		cancel()
		wg.Wait()
		require.NoError(w.t, s.Close())
	})
}

func (w *world) open() {
	w.t.Helper()
	s, err := New(w.cfg, w.chain, slog.New(slog.NewTextHandler(w.logs, &slog.HandlerOptions{Level: slog.LevelDebug})))
	require.NoError(w.t, err)
	s.now = w.now
	// what New has read was read by the wall's clock
	require.NoError(w.t, s.ledger.close())
	m := newMeter(uint64(w.cfg.Budget.Hour), uint64(w.cfg.Budget.Day), w.cfg.Budget.ResumePercent)
	s.ledger, err = openLedger(filepath.Join(w.cfg.Home, "data"), m, w.now().Unix())
	require.NoError(w.t, err)
	w.s = s
}

// crash leaves the disk as it is and everything else behind.
func (w *world) crash() {
	w.t.Helper()
	w.stop()
	w.start()
}

func person(name string) chainclient.Signer {
	return chainclient.KeySigner(secp256k1.GenPrivKeyFromSecret([]byte(name)))
}

// call sends a request as from an address of the network.
func (w *world) call(from, method, path string, body []byte, header http.Header) (int, []byte) {
	r := httptest.NewRequestWithContext(context.Background(), method, path, bytes.NewReader(body))
	r.RemoteAddr = from + ":4000"
	for k, v := range header {
		r.Header[k] = v
	}
	rec := httptest.NewRecorder()
	w.s.handler.ServeHTTP(rec, r)
	return rec.Code, rec.Body.Bytes()
}

// via lets a Remote talk to the handler.
func (w *world) via(from string) *Remote {
	r, err := NewRemote(w.cfg.HTTP.URL)
	require.NoError(w.t, err)
	r.HTTP.Transport = roundTrip(func(req *http.Request) (*http.Response, error) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		code, out := w.call(from, req.Method, req.URL.RequestURI(), body, nil)
		return &http.Response{StatusCode: code, Status: http.StatusText(code), Body: io.NopCloser(bytes.NewReader(out))}, nil
	})
	return r
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// ask is an honest client's request.
func (w *world) ask(from string, who chainclient.Signer) (Grant, error) {
	return w.via(from).Ask(context.Background(), testChain, who, nil)
}

// challenge gets one.
func (w *world) challenge(from, address string) (Issued, error) {
	var out Issued
	code, raw := w.call(from, http.MethodGet, "/v1/challenge?address="+address, nil, nil)
	return out, read(code, raw, &out)
}

func read(code int, raw []byte, out any) error {
	if code != http.StatusOK {
		p := &Problem{}
		if err := json.Unmarshal(raw, p); err != nil {
			return err
		}
		return p
	}
	return json.Unmarshal(raw, out)
}

// answered signs and works for a challenge.
func (w *world) answered(who chainclient.Signer, text string, difficulty int) Request {
	work, err := Solve(context.Background(), text, difficulty)
	if err != nil {
		panic(err)
	}
	sig, err := who.Sign(SignBytes(who.Address().String(), text))
	if err != nil {
		panic(err)
	}
	return Request{Address: who.Address().String(), PubKey: who.PubKey().Bytes(), Proof: Proof{Challenge: text, Signature: sig, Work: work}}
}

func (w *world) post(from string, req Request) error {
	raw, err := json.Marshal(req)
	if err != nil {
		return err
	}
	code, out := w.call(from, http.MethodPost, "/v1/sponsor", raw, nil)
	return read(code, out, &Grant{})
}

func (w *world) ledgerFile() string {
	raw, err := os.ReadFile(filepath.Join(w.cfg.Home, "data", "grants.jsonl"))
	require.NoError(w.t, err)
	return string(raw)
}

func (w *world) lines() []string { return strings.Split(strings.TrimSpace(w.ledgerFile()), "\n") }
