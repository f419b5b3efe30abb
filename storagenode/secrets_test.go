package storagenode_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/streamchain/streamchain/manifest"
	"github.com/streamchain/streamchain/nodeclient"
	"github.com/streamchain/streamchain/storagenode"
	"github.com/streamchain/streamchain/storagenode/dag/dagtest"
	"github.com/streamchain/streamchain/storagenode/nodetest"
	"github.com/streamchain/streamchain/storagenode/wire"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	subtypes "github.com/streamchain/streamchain/x/subscription/types"
)

// book is what was written into it.
type book struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *book) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}

func (b *book) text() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.String()
}

// tap notes the secrets in headers, the URLs, and the answers to requests.
type tap struct {
	mu      sync.Mutex
	secrets map[string]bool
	urls    []string
	answers bytes.Buffer
}

func (t *tap) RoundTrip(r *http.Request) (*http.Response, error) {
	t.mu.Lock()
	t.urls = append(t.urls, r.URL.String())
	for _, name := range []string{wire.HeaderAuth, wire.HeaderPay, wire.HeaderUpload, wire.HeaderReplica} {
		value := r.Header.Get(name)
		if name == wire.HeaderPay {
			// a session's id is no secret: it proves nothing
			_, value, _ = strings.Cut(value, ":")
		}
		for _, part := range strings.FieldsFunc(value, func(c rune) bool { return c == '.' || c == ':' }) {
			if raw, err := base64.RawURLEncoding.DecodeString(part); err == nil && len(raw) >= 16 {
				t.secrets[part], t.secrets[hex.EncodeToString(raw)], t.secrets[base64.StdEncoding.EncodeToString(raw)] = true, true, true
			}
		}
	}
	t.mu.Unlock()
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	res.Body = io.NopCloser(bytes.NewReader(body))
	t.mu.Lock()
	defer t.mu.Unlock()
	if res.StatusCode >= 300 || strings.Contains(res.Header.Get("Content-Type"), "json") {
		t.answers.Write(body)
	}
	_ = res.Header.Write(&t.answers)
	return res, err
}

// What proves who somebody is, or pays, stands in the request's headers and nowhere else: not in a URL, an answer, the log
// at its most talkative, or the metrics. Requests that fail are where such things slip out.
func TestSecretsStayInHeaders(t *testing.T) {
	log := &book{}
	chain, cfg := newChain(), config(t)
	n, err := storagenode.New(context.Background(), cfg, chain, slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	at, done := make(chan net.Addr, 1), make(chan error, 1)
	go func() { done <- n.Run(ctx, func(a net.Addr) { at <- a }) }()
	url := "http://" + (<-at).String()
	tp := &tap{secrets: map[string]bool{}}
	hc := &http.Client{Transport: tp}
	c := nodeclient.New(hc, url)

	b := dagtest.New(t)
	media, cover := b.Presentation(1)
	car, root := b.Piece(media, cover)
	id, now := nodetest.WorkID("song"), chain.Now()
	alice, _ := nodetest.Account("alice")
	_, op := nodetest.Account("op")
	chain.Mu.Lock()
	chain.Creators[nodetest.Address("alice")] = "streamcreator1alice"
	chain.Mu.Unlock()
	sign := func(tamper bool) func() (string, error) {
		return func() (string, error) {
			u := wire.Upload{Piece: root, Size: uint64(len(car)), Expires: time.Now().Unix() + 60, PubKey: alice.PubKey().Bytes()}
			sig, err := alice.Sign(u.SignBytes(nodetest.ChainID, op))
			if tamper {
				sig[5]++
			}
			u.Signature = sig
			return u.String(), err
		}
	}
	require.Error(t, c.Upload(ctx, root, bytes.NewReader(car), int64(len(car)), sign(true), func(int64) {}))
	require.NoError(t, c.Upload(ctx, root, bytes.NewReader(car), int64(len(car)), sign(false), func(int64) {}))
	viewer, key := nodetest.Address("viewer"), nodetest.SessionKey("viewer")
	chain.Decide("", id, nodetest.Metered(10, 4))
	chain.Decide(viewer, id, subtypes.AccessDecision{Granted: true, Reason: subtypes.ReasonPurchased})
	chain.Grant(viewer, key, streamtypes.SESSION_KEY_SCOPE_PAYMENT_AND_ACCESS)
	chain.Mu.Lock()
	chain.Escrows[viewer] = math.NewInt(1_000_000)
	chain.Works[id] = contenttypes.Work{Cid: id, Root: id, Creator: "streamcreator1alice", Media: media.String(), Cover: cover.String(), PieceRoot: root[:], PieceSize: uint64(len(car)), DurationSeconds: 20}
	chain.DealRows[id+"/"+chain.Operator] = storagetypes.Deal{Work: id, Root: id, Operator: chain.Operator, Status: storagetypes.DEAL_STATUS_REQUESTED, RequestedAt: now, ExpiresAt: now + 600}
	chain.Mu.Unlock()
	chain.Changed <- struct{}{}
	require.Eventually(t, func() bool { code, _ := get(t, url+"/ipfs/"+media.String()+"/master.m3u8"); return code == 200 }, 10*time.Second, 10*time.Millisecond)
	watch(t, c, chain, media, id, now)

	work, err := manifest.ParseWorkID(id)
	require.NoError(t, err)
	_, owner := nodetest.Account("viewer")
	ask := func(method string, change func(*wire.Proof)) error {
		p := wire.Proof{Owner: owner, Work: work, Expires: time.Now().Unix() + 60, Nonce: [16]byte{7, 7, 7}}
		p.Sign(key, nodetest.ChainID, op, method)
		change(&p)
		_, _, err := c.File(ctx, media, []string{"v0", "seg2.m4s"}, 1<<20, nodeclient.Credentials{Proof: p.String()})
		return err
	}
	require.NoError(t, ask("GET", func(*wire.Proof) {}))
	for _, change := range []func(*wire.Proof){
		func(p *wire.Proof) { p.Signature[0]++ }, func(p *wire.Proof) { p.Expires -= 1000 }, func(p *wire.Proof) { p.Work[0]++ }, func(p *wire.Proof) { p.PubKey = p.PubKey[:31] },
	} {
		require.Error(t, ask("GET", change))
	}
	for _, cred := range []nodeclient.Credentials{
		{Pay: wire.Payment{Session: wire.SessionID{1}, N: 3, Word: [32]byte{1, 2, 3}}.String()}, {Pay: "x:y:" + strings.Repeat("z", 43)}, {Proof: "v1." + strings.Repeat("A", 86)},
	} {
		_, _, err := c.File(ctx, media, []string{"v0", "seg3.m4s"}, 1<<20, cred)
		require.Error(t, err)
	}
	_, metrics := get(t, url+"/metrics")
	cancel()
	require.NoError(t, <-done)

	require.Greater(t, len(tp.secrets), 20)
	require.NotEmpty(t, log.text())
	public := map[string]bool{} // what the chain and every URL say of the work is no secret
	for _, raw := range [][]byte{work[:], root[:]} {
		public[hex.EncodeToString(raw)], public[base64.RawURLEncoding.EncodeToString(raw)], public[base64.StdEncoding.EncodeToString(raw)] = true, true, true
	}
	for s := range tp.secrets {
		if public[s] {
			continue
		}
		require.NotContains(t, log.text(), s, "the log")
		require.NotContains(t, string(metrics), s, "the metrics")
		for _, u := range tp.urls {
			require.NotContains(t, u, s, "a URL")
		}
		require.NotContains(t, tp.answers.String(), s, "an answer")
	}
}
