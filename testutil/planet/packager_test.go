package planet_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/packager"
	"github.com/streamchain/streamchain/storagenode/wire"
	"github.com/streamchain/streamchain/testutil/planet"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

// browser is a page with a wallet that uses the helper as docs/spec/packager.md has it, over HTTP alone.
type browser struct {
	t     *testing.T
	p     *planet.Planet
	home  string
	who   string
	url   string
	token string
	sent  []string // purposes that were answered
	kill  context.CancelFunc
	dead  chan error
}

func newBrowser(t *testing.T, p *planet.Planet, who string) *browser {
	b := &browser{t: t, p: p, who: who, home: t.TempDir()}
	b.start()
	t.Cleanup(b.stop)
	return b
}

// start runs a helper on the folder, paired where it was not.
func (b *browser) start() {
	c := packager.DefaultConfig()
	c.Home, c.HTTP.Listen, c.Limits.MaxBytes = b.home, "127.0.0.1:0", 64<<20
	var code string
	s, err := packager.New(c, b.p.Chain.Client, slog.New(slog.DiscardHandler), func(text string) { code = text })
	require.NoError(b.t, err)
	ctx, cancel := context.WithCancel(context.Background())
	ready := make(chan net.Addr, 1)
	b.kill, b.dead = cancel, make(chan error, 1)
	go func() { b.dead <- s.Run(ctx, func(a net.Addr) { ready <- a }) }()
	b.url = "http://" + (<-ready).String()
	if b.token == "" {
		var out struct{ Token string }
		require.Equal(b.t, 200, b.call("POST", "/v1/pair", map[string]string{"code": code}, &out))
		b.token = out.Token
	}
}

func (b *browser) stop() {
	b.kill()
	require.NoError(b.t, <-b.dead)
	b.dead <- nil // stopping twice is fine
}

func (b *browser) call(method, path string, body, out any, headers ...string) int {
	b.t.Helper()
	var r io.Reader
	raw, isRaw := body.([]byte)
	if !isRaw && body != nil {
		var err error
		raw, err = json.Marshal(body)
		require.NoError(b.t, err)
	}
	if body != nil {
		r = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.url+path, r)
	require.NoError(b.t, err)
	req.Header.Set("Origin", "http://127.0.0.1:8080")
	req.Header.Set("Authorization", "Bearer "+b.token)
	if !isRaw {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	require.NoError(b.t, err)
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	require.NoError(b.t, err)
	if j, ok := out.(*packager.Job); ok {
		*j = packager.Job{} // what is left out is not there any more
	}
	if out != nil {
		require.Less(b.t, res.StatusCode, 300, "%s %s: %s", method, path, answer)
		require.NoError(b.t, json.Unmarshal(answer, out))
	}
	return res.StatusCode
}

// bring makes a job of a file.
func (b *browser) bring(path string) packager.Job {
	b.t.Helper()
	raw, err := os.ReadFile(path)
	require.NoError(b.t, err)
	var j packager.Job
	require.Equal(b.t, 201, b.call("POST", "/v1/jobs", map[string]any{"name": filepath.Base(path), "size": len(raw)}, &j))
	for at := 0; at < len(raw); at += 10_000 {
		end := min(at+10_000, len(raw))
		b.call("PUT", "/v1/jobs/"+j.ID+"/file", raw[at:end], &j, "Content-Range", fmt.Sprintf("bytes %d-%d/%d", at, end-1, len(raw)))
	}
	require.Equal(b.t, packager.Received, j.State)
	b.call("POST", "/v1/jobs/"+j.ID+"/package", struct{}{}, &j)
	return b.until(j, func(j packager.Job) bool { return j.State != packager.Packaging })
}

// until follows the job until it is so.
func (b *browser) until(j packager.Job, so func(packager.Job) bool) packager.Job {
	b.t.Helper()
	for end := time.Now().Add(2 * time.Minute); !so(j); {
		require.True(b.t, time.Now().Before(end), "%+v", j)
		b.call("GET", fmt.Sprintf("/v1/jobs/%s?after=%d&wait=5", j.ID, j.Revision), nil, &j)
	}
	return j
}

func (b *browser) prepare(j packager.Job, t packager.Terms) packager.Job {
	b.t.Helper()
	t.Account, t.Licence, t.Copies, t.Days = b.p.Addr(b.who), "CC-BY-4.0", len(b.p.Nodes), 30
	b.call("POST", "/v1/jobs/"+j.ID+"/prepare", t, &j)
	j = b.until(j, func(j packager.Job) bool { return j.State != packager.Preparing })
	require.Equal(b.t, packager.Prepared, j.State, "%+v", j.Error)
	return j
}

// publish answers what is asked, until answering says to stop or the job has ended.
func (b *browser) publish(j packager.Job, answering func(packager.Ask) bool) packager.Job {
	b.t.Helper()
	b.call("POST", "/v1/jobs/"+j.ID+"/publish", struct{}{}, &j)
	for {
		j = b.until(j, func(j packager.Job) bool { return j.Ask != nil || j.State != packager.Publishing })
		if j.Ask == nil || !answering(*j.Ask) {
			return j
		}
		b.call("POST", "/v1/jobs/"+j.ID+"/answer", b.answer(*j.Ask), &j)
	}
}

// sign does what the wallet does.
func (b *browser) answer(a packager.Ask) packager.Answer {
	b.t.Helper()
	require.Equal(b.t, b.p.Addr(b.who), a.Account)
	signer := b.p.Account(b.who)
	b.sent = append(b.sent, a.Purpose)
	if a.Kind == "sign" {
		sig, err := signer.Sign(wire.ArbitraryBytes(a.Account, a.Text))
		require.NoError(b.t, err)
		return packager.Answer{Ask: a.ID, PubKey: signer.PubKey().Bytes(), Signature: sig}
	}
	res, err := b.p.Chain.Client.Broadcast(b.t.Context(), signer, b.messages(a)...)
	require.NoError(b.t, err)
	return packager.Answer{Ask: a.ID, TxHash: res.Hash}
}

func (b *browser) messages(a packager.Ask) []sdk.Msg {
	b.t.Helper()
	var msgs []sdk.Msg
	for _, m := range a.Messages {
		var msg sdk.Msg
		require.NoError(b.t, b.p.Chain.Client.Codec.UnpackAny(&codectypes.Any{TypeUrl: m.TypeURL, Value: m.Value}, &msg))
		require.True(b.t, json.Valid(m.JSON))
		msgs = append(msgs, msg)
	}
	return msgs
}

func all(packager.Ask) bool { return true }

func (b *browser) offers(offers ...subscriptiontypes.Offer) (out []json.RawMessage) {
	for _, o := range offers {
		raw, err := b.p.Chain.Client.Codec.MarshalJSON(&o)
		require.NoError(b.t, err)
		out = append(out, raw)
	}
	return out
}

// TestPackager: a page publishes with the helper and a wallet that signs transactions and text alone. What is free, sold by the second and encrypted, and a
// new version of it, play; a helper that is killed between any two answers goes on.
func TestPackager(t *testing.T) {
	t.Parallel()
	p := planet.New(t, planet.Config{Nodes: 3})
	willing(p, 3)
	b := newBrowser(t, p, "alice")

	t.Run("clear", func(t *testing.T) {
		j := b.bring(p.Song("6"))
		require.Equal(t, packager.Packaged, j.State, "%+v", j.Error)
		require.Equal(t, "audio", j.Probe.Kind)
		require.InDelta(t, 6, j.Probe.Seconds, 0.2)
		j = b.prepare(j, packager.Terms{Title: "free song", Kind: "audio", Handle: "alice_sings", Offers: b.offers(subscriptiontypes.Offer{Kind: &subscriptiontypes.Offer_Free{Free: &subscriptiontypes.FreeOffer{}}})})
		require.False(t, j.Quote.Encrypted)
		require.Len(t, j.Quote.Copies, 3)
		require.Empty(t, b.sent, "a quote signs nothing")
		j = b.publish(j, all)
		require.Equal(t, packager.Done, j.State, "%+v", j.Error)
		require.Equal(t, []string{"register-creator", "date", "upload", "register"}, b.sent, "one question for three nodes")
		require.Equal(t, j.Quote.Work, j.Result.Work)
		for _, c := range j.Result.Copies {
			require.Equal(t, "accepted", c.Status)
		}
		_, media := p.Watch("viewer", j.Result.Work, 0, nil)
		plays(t, media)
		for _, left := range []string{"in", "work", "captions"} {
			require.NoDirExists(t, filepath.Join(b.home, "jobs", j.ID, left))
		}
	})

	var film packager.Job
	t.Run("encrypted, and killed before and after each answer", func(t *testing.T) {
		b.sent = nil
		j := b.bring(p.Song("7"))
		j = b.prepare(j, packager.Terms{Title: "sold song", Encrypt: true, KeepSecret: true, Offers: b.offers(metered(0))})
		require.True(t, j.Quote.Encrypted)
		seen := map[string]int{}
		for j.State != packager.Done {
			j = b.publish(j, func(a packager.Ask) bool {
				// each purpose: once not answered, once answered and killed before the job could say so, then done
				switch seen[a.Purpose]++; seen[a.Purpose] {
				case 1:
					return false
				case 2:
					_ = b.answer(a)
					return false
				}
				return true
			})
			if j.State == packager.Publishing {
				b.stop()
				b.start()
				b.call("GET", "/v1/jobs/"+j.ID, nil, &j)
				require.Equal(t, packager.Stopped, j.State)
				require.Nil(t, j.Ask)
			}
			require.NotEqual(t, packager.Failed, j.State, "%+v", j.Error)
		}
		count := map[string]int{}
		for _, purpose := range b.sent {
			count[purpose]++
		}
		require.Equal(t, 1, count["register"], "what the chain has is not asked again: %v", b.sent)
		require.LessOrEqual(t, count["deal-keys"], 1)
		require.Equal(t, "kept", j.Result.Secret)
		require.FileExists(t, filepath.Join(b.home, "secrets", j.Result.Root+".secret"))
		_, media := p.Watch("viewer", j.Result.Work, 2*stream, nil)
		plays(t, media)
		film = j
	})

	t.Run("a new version", func(t *testing.T) {
		j := b.bring(p.Song("8"))
		j = b.prepare(j, packager.Terms{Title: "sold song, mended", Previous: film.Result.Work, Offers: []json.RawMessage{}})
		require.True(t, j.Quote.Encrypted)
		require.Equal(t, film.Result.Root, j.Quote.Root)
		j = b.publish(j, all)
		require.Equal(t, packager.Done, j.State, "%+v", j.Error)
		_, media := p.Watch("viewer", j.Result.Work, 2*stream, nil)
		plays(t, media)

		require.NoError(t, os.Remove(filepath.Join(b.home, "secrets", film.Result.Root+".secret")))
		j = b.bring(p.Song("9"))
		b.call("POST", "/v1/jobs/"+j.ID+"/prepare", packager.Terms{Account: p.Addr("alice"), Licence: "CC0-1.0", Title: "x", Previous: film.Result.Work, Copies: 1, Offers: []json.RawMessage{}}, &j)
		j = b.until(j, func(j packager.Job) bool { return j.State != packager.Preparing })
		require.Equal(t, "secret", j.Error.Slug)
	})

	t.Run("what is wrong", func(t *testing.T) { b.refusals() })
}

// refusals are answers that are none.
func (b *browser) refusals() {
	t := b.t
	j := b.bring(b.p.Song("5"))
	j = b.prepare(j, packager.Terms{Title: "x", Offers: b.offers(subscriptiontypes.Offer{Kind: &subscriptiontypes.Offer_Free{Free: &subscriptiontypes.FreeOffer{}}})})
	require.Equal(t, 422, b.call("POST", "/v1/jobs/"+j.ID+"/prepare", packager.Terms{Account: b.p.Addr("alice"), Title: "x", Licence: "x", Copies: 9}, nil))

	j = b.publish(j, func(packager.Ask) bool { return false })
	require.Equal(t, "date", j.Ask.Purpose)
	require.Equal(t, 409, b.call("POST", "/v1/jobs/"+j.ID+"/publish", struct{}{}, nil), "it is at work")
	b.call("POST", "/v1/jobs/"+j.ID+"/answer", packager.Answer{Ask: j.Ask.ID, Cancelled: true}, &j)
	j = b.until(j, func(j packager.Job) bool { return j.State != packager.Publishing })
	require.Equal(t, packager.Stopped, j.State)

	// another transaction than the one that was asked for
	other := b.p.Send("alice", &subscriptiontypes.MsgCreatePlan{Controller: b.p.Addr("alice"), Creator: b.p.Creator("alice"), Title: "p", Price: sdk.NewInt64Coin("ustream", 1000), PeriodSeconds: 86400, Coverage: subscriptiontypes.COVERAGE_ALL})
	j = b.publish(j, func(packager.Ask) bool { return false })
	b.call("POST", "/v1/jobs/"+j.ID+"/answer", packager.Answer{Ask: j.Ask.ID, TxHash: other.Hash}, &j)
	j = b.until(j, func(j packager.Job) bool { return j.State != packager.Publishing })
	require.Equal(t, "refused", j.Error.Slug)
	require.Contains(t, j.Error.Detail, "not the one that was asked for")

	// an upload that another account grants
	j = b.publish(j, func(a packager.Ask) bool { return a.Kind == "send" })
	require.Equal(t, "upload", j.Ask.Purpose)
	bob := b.p.Account("bob")
	sig, err := bob.Sign(wire.ArbitraryBytes(j.Ask.Account, j.Ask.Text))
	require.NoError(t, err)
	b.call("POST", "/v1/jobs/"+j.ID+"/answer", packager.Answer{Ask: j.Ask.ID, PubKey: bob.PubKey().Bytes(), Signature: sig}, &j)
	j = b.until(j, func(j packager.Job) bool { return j.State != packager.Publishing })
	require.Equal(t, "refused", j.Error.Slug)
	require.Equal(t, packager.Done, b.publish(j, all).State, "and still it can be finished")

	j = b.bring(mustFile(t, "empty.mp4", "not a film at all"))
	require.Equal(t, packager.Failed, j.State)
	require.Equal(t, "unreadable", j.Error.Slug)
}

func mustFile(t *testing.T, name, text string) string {
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}
