package planet_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ipfs/go-cid"
	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/keyshare"
	"github.com/streamchain/streamchain/manifest"
	"github.com/streamchain/streamchain/media"
	"github.com/streamchain/streamchain/nodeclient"
	"github.com/streamchain/streamchain/publish"
	"github.com/streamchain/streamchain/storagenode/keys"
	"github.com/streamchain/streamchain/storagenode/wire"
	"github.com/streamchain/streamchain/testutil/planet"
	"github.com/streamchain/streamchain/token"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

// keyAttempts is how many requests each attack makes.
const keyAttempts = 10_000

func init() {
	// what an attacker is refused must not be refused for his haste; limits have tests of their own
	keys.DefaultPerKey, keys.DefaultPerAddress = keys.Limit{Rate: 1e6, Burst: 1e6}, keys.Limit{Rate: 1e6, Burst: 1e6}
}

// vault is an encrypted song whose keys three of four nodes hold, and what an attacker would want of it.
type vault struct {
	*planet.Planet
	work      string
	media     cid.Cid
	keyID     [32]byte
	set       storagetypes.KeySet
	rendition string
	segments  []string          // paths
	windows   map[string]uint32 // of a segment
	clear     map[string][]byte // a piece out of the middle of each segment, as its creator has it
	cipher    map[string][]byte // the same of what nodes store
	served    int               // how often one of these came
	statuses  map[int]int       // of the gateways
	holders   []*planet.Node
	server    *planet.Node // holds no keys
	rnd       *mathrand.Rand
}

func newVault(t *testing.T) *vault {
	p := planet.New(t, planet.Config{Nodes: 4})
	willing(p, 4)
	opt := sold(t, p, metered(0), subscriptiontypes.NewPurchaseOffer(token.Coin(stream)))
	opt.File, opt.KeepSecret = p.Song("65"), filepath.Join(t.TempDir(), "kept")
	res, err := publish.Publish(t.Context(), p.Chain.Client, p.Account("alice"), opt)
	require.NoError(t, err)
	secret, err := publish.ReadSecret(opt.KeepSecret)
	require.NoError(t, err)
	v := &vault{
		Planet: p, work: res.Work, keyID: keyshare.KeyID(secret.C0()), windows: map[string]uint32{}, clear: map[string][]byte{}, cipher: map[string][]byte{}, statuses: map[int]int{},
		rnd: mathrand.New(mathrand.NewPCG(1, 2)), //nolint:gosec // a test repeats
	}
	v.media, err = cid.Decode(work(p, res.Work).Media)
	require.NoError(t, err)
	v.set = v.active()
	for _, n := range p.Nodes {
		if v.set.Holder(p.Addr(n.Operator)) != nil {
			v.holders = append(v.holders, n)
		} else {
			v.server = n
		}
	}
	require.Len(t, v.holders, 3)
	v.read(secret)
	return v
}

func (v *vault) active() storagetypes.KeySet {
	res, err := storagetypes.NewQueryClient(v.Chain.Client.Conn()).KeySet(v.T.Context(), &storagetypes.QueryKeySetRequest{Work: v.work})
	require.NoError(v.T, err)
	require.NotNil(v.T, res.Active)
	return *res.Active
}

// read learns what is to be guarded, with the rights of one who bought it and the creator's secret.
func (v *vault) read(secret keyshare.Secret) {
	fund(v.Planet, "bob", stream)
	v.Send("bob", &subscriptiontypes.MsgPurchase{Buyer: v.Addr("bob"), Work: v.work, MaxPrice: token.Coin(stream)})
	node := nodeclient.New(nodeclient.NewHTTP(true), v.server.URL)
	master, _, err := node.File(v.T.Context(), v.media, []string{"master.m3u8"}, 1<<20, nodeclient.Credentials{})
	require.NoError(v.T, err)
	v.rendition = regexp.MustCompile(`(audio-[0-9a-f]{8})/index.m3u8`).FindStringSubmatch(string(master))[1]
	index, _, err := node.File(v.T.Context(), v.media, []string{v.rendition, "index.m3u8"}, 1<<20, nodeclient.Credentials{})
	require.NoError(v.T, err)
	var key *media.KeyTag
	for _, line := range strings.Split(string(index), "\n") {
		if media.IsKeyTag(line) {
			key, err = media.ParseKeyTag(line)
			require.NoError(v.T, err)
		}
		if !strings.HasPrefix(line, "seg") {
			continue
		}
		auth := v.proof("bob", v.server, http.MethodGet, wire.KeysRequest{}, time.Minute)
		data, _, err := node.File(v.T.Context(), v.media, []string{v.rendition, line}, 1<<20, nodeclient.Credentials{Proof: auth})
		require.NoError(v.T, err)
		out, err := secret.Output(keyshare.Window{Work: v.keyID, Rendition: key.Rendition, Number: key.Window})
		require.NoError(v.T, err)
		plain, err := media.DecryptSegment(bytes.Clone(data), out.AES128(), key.IVOf(uint64(len(v.segments))))
		require.NoError(v.T, err)
		require.Contains(v.T, string(plain[:200]), "moof", "it is what a player plays")
		path := v.rendition + "/" + line
		v.cipher[path] = data[len(data)/2 : len(data)/2+48]
		v.segments, v.windows[path], v.clear[path] = append(v.segments, path), key.Window, plain[len(plain)/2:len(plain)/2+48]
	}
	require.EqualValues(v.T, 3, v.windows[v.segments[len(v.segments)-1]], "65 seconds have four windows")
}

// proof is the viewer's to a node.
func (v *vault) proof(viewer string, to *planet.Node, method string, req wire.KeysRequest, valid time.Duration) string {
	digest, err := manifest.ParseWorkID(v.work)
	require.NoError(v.T, err)
	p := wire.Proof{Owner: v.Account(viewer).Address(), Work: digest, Expires: time.Now().Add(valid).Unix()}
	if len(req.Windows) > 0 {
		p.Nonce = req.Nonce()
	} else {
		_, err := rand.Read(p.Nonce[:])
		require.NoError(v.T, err)
	}
	p.Sign(sessionKey(viewer), planet.ChainID, v.Account(to.Operator).Address(), method)
	return p.String()
}

// keysOf are windows of the rendition.
func (v *vault) keysOf(numbers ...uint32) (out []wire.KeyWindow) {
	for _, n := range numbers {
		out = append(out, wire.KeyWindow{Rendition: v.rendition, Number: n})
	}
	return out
}

// request asks for windows, answers sealed to the private key that it returns.
func (v *vault) request(pay *wire.KeyPay, windows ...wire.KeyWindow) (wire.KeysRequest, [32]byte) {
	private, public, err := keyshare.NewSealKey(rand.Reader)
	require.NoError(v.T, err)
	return wire.KeysRequest{Work: v.work, ReplyKey: public[:], Windows: windows, Pay: pay}, private
}

// ask returns a node's answers to a request, and what it was refused for.
func (v *vault) ask(to *planet.Node, req wire.KeysRequest, auth string, private [32]byte) (answers []keyshare.Answer, slug string) {
	body, err := json.Marshal(req)
	require.NoError(v.T, err)
	r, err := http.NewRequestWithContext(v.T.Context(), http.MethodPost, to.URL+"/v1/keys", bytes.NewReader(body))
	require.NoError(v.T, err)
	if auth != "" {
		r.Header.Set(wire.HeaderAuth, auth)
	}
	status, text := v.do(r)
	if status != http.StatusOK {
		require.NotContains(v.T, string(text), `"sealed"`)
		return nil, wire.ReadProblem(status, text).Slug
	}
	var res wire.KeysResponse
	require.NoError(v.T, json.Unmarshal(text, &res))
	for i, sealed := range res.Sealed {
		w := req.Windows[i]
		plain, err := keyshare.Open(private[:], keyshare.ForViewer, keyshare.AnswerContext(v.keyID, w.Rendition, w.Number, res.SetVersion), sealed)
		if err != nil {
			continue // sealed to somebody else
		}
		a, err := keyshare.ParseAnswer(plain)
		require.NoError(v.T, err)
		answers = append(answers, a)
	}
	return answers, ""
}

func (v *vault) do(r *http.Request) (int, []byte) {
	res, err := http.DefaultClient.Do(r)
	require.NoError(v.T, err)
	text, err := io.ReadAll(res.Body)
	require.NoError(v.T, err)
	require.NoError(v.T, res.Body.Close())
	return res.StatusCode, text
}

// answers asks all holders for a window as the viewer.
func (v *vault) answers(viewer string, pay *wire.KeyPay, number uint32) (all []keyshare.Answer) {
	for _, n := range v.holders {
		req, private := v.request(pay, v.keysOf(number)...)
		answers, _ := v.ask(n, req, v.proof(viewer, n, http.MethodPost, req, time.Minute), private)
		all = append(all, answers...)
	}
	return all
}

// open says whether what the holders answer the viewer gives a window's key.
func (v *vault) open(viewer string, pay *wire.KeyPay, number uint32) bool {
	all := v.answers(viewer, pay, number)
	c, err := keyshare.ParseCommitments(v.set.Commitments)
	require.NoError(v.T, err)
	_, liars, err := keyshare.Combine(c, keyshare.Window{Work: v.keyID, Rendition: v.rendition, Number: number}, all)
	require.Empty(v.T, liars)
	return err == nil
}

// payOf is what pays for n ticks of a session, with the word of w ticks.
func payOf(s *session, n, w uint32) *wire.KeyPay {
	word := s.words.Word(w)
	return &wire.KeyPay{Session: s.terms, N: n, Word: word[:]}
}

// some are some of the windows that there are, or could be.
func (v *vault) some() []wire.KeyWindow {
	numbers := []uint32{0, 1, 2, 3, 4, 5, 1000, 1<<32 - 1}
	v.rnd.Shuffle(len(numbers), func(i, j int) { numbers[i], numbers[j] = numbers[j], numbers[i] })
	return v.keysOf(numbers[:1+v.rnd.IntN(len(numbers))]...)
}

func pick[T any](v *vault, list []T) T { return list[v.rnd.IntN(len(list))] }

// attack makes attempts of all kinds in turn, and fails with the first that opens anything.
func (v *vault) attack(t *testing.T, total int, kinds map[string]func() (opened int)) {
	t.Helper()
	var names []string
	for name := range kinds {
		names = append(names, name)
	}
	made, start := 0, time.Now()
	for made < total {
		for _, name := range names {
			if n := kinds[name](); n > 0 {
				t.Fatalf("%s: %d were opened, after %d attempts", name, n, made)
			}
			made++
		}
	}
	t.Logf("%d attempts of %d kinds in %s, 0 opened", made, len(kinds), time.Since(start).Round(time.Second))
}

// fetch asks a node's gateway for a path and says whether something came that is not encrypted.
func (v *vault) fetch(to *planet.Node, path, query string, header map[string]string) int {
	r, err := http.NewRequestWithContext(v.T.Context(), http.MethodGet, to.URL+"/ipfs/"+v.media.String()+"/"+path+query, nil)
	require.NoError(v.T, err)
	for name, value := range header {
		r.Header.Set(name, value)
	}
	status, body := v.do(r)
	v.statuses[status]++
	for _, path := range v.segments {
		if bytes.Contains(body, v.clear[path]) {
			return 1
		}
		if bytes.Contains(body, v.cipher[path]) {
			v.served++
		}
	}
	return 0
}

// TestKeysAreWorthTheirPrice attacks the keys of a work on a real chain and real nodes: whoever pays less than a window costs, or has no right, or had
// one, opens nothing; and whoever pays is settled, whether the server likes it or not.
func TestKeysAreWorthTheirPrice(t *testing.T) {
	t.Parallel()
	v := newVault(t)
	fund(v.Planet, "mallory", 2*stream)
	s := draft(v.Planet, "mallory", v.server, v.work, 200)
	require.NoError(t, s.open())
	require.True(t, v.open("bob", nil, 1), "who bought it opens it")

	t.Run("one tick", func(t *testing.T) { v.oneTick(t, s) })
	require.True(t, v.open("mallory", payOf(s, 20, 20), 0), "who pays for a window gets that")
	require.False(t, v.open("mallory", payOf(s, 20, 20), 1), "and no other")
	t.Run("the server is silent and closes", func(t *testing.T) { v.robbed(t, s) })
	t.Run("no right", func(t *testing.T) { v.noRight(t) })
	if !testing.Short() {
		t.Run("a node that lags", func(t *testing.T) { v.lagging(t) })
	}
}

// oneTick pays one tick, and tries for everything with it.
func (v *vault) oneTick(t *testing.T, s *session) {
	keysAt := func(to *planet.Node, pay *wire.KeyPay, windows ...wire.KeyWindow) int {
		req, private := v.request(pay, windows...)
		answers, slug := v.ask(to, req, v.proof("mallory", to, http.MethodPost, req, time.Minute), private)
		require.NotEqual(t, wire.TooManyRequests, slug)
		return len(answers)
	}
	paid := map[string]string{wire.HeaderPay: wire.Payment{Session: s.id, N: 1, Word: s.words.Word(1)}.String()}
	seen, cheap := v.request(payOf(s, 1, 1), v.keysOf(0)...)
	v.attack(t, keyAttempts, map[string]func() int{
		"a window":           func() int { return keysAt(pick(v, v.holders), payOf(s, 1, 1), v.keysOf(v.rnd.Uint32N(4))...) },
		"many windows":       func() int { return keysAt(pick(v, v.holders), payOf(s, 1, 1), v.some()...) },
		"of who holds none":  func() int { return keysAt(v.server, payOf(s, 1, 1), v.some()...) },
		"without the word":   func() int { return keysAt(pick(v, v.holders), nil, v.some()...) },
		"a tick less":        func() int { return keysAt(pick(v, v.holders), payOf(s, 19, 19), v.keysOf(v.rnd.Uint32N(3))...) },
		"too little for two": func() int { return keysAt(pick(v, v.holders), payOf(s, 24, 24), v.keysOf(1, 3)...) },
		"the file's own name": func() int {
			return keysAt(pick(v, v.holders), payOf(s, 1, 1), wire.KeyWindow{Rendition: pick(v, v.segments)})
		},
		"any name": func() int {
			return keysAt(pick(v, v.holders), payOf(s, 1, 1), wire.KeyWindow{Rendition: pick(v, []string{"audio", "master.m3u8", "x", v.rendition + "/"}), Number: v.rnd.Uint32()})
		},
		"a request of before, for another window": func() int {
			req, to := seen, pick(v, v.holders)
			req.Windows = v.keysOf(1 + v.rnd.Uint32N(3))
			answers, _ := v.ask(to, req, v.proof("mallory", to, http.MethodPost, seen, time.Minute), cheap)
			return len(answers)
		},
		"the gateway, paid":   func() int { return v.fetch(pick(v, v.Nodes), pick(v, v.segments), "", paid) },
		"the gateway, unpaid": func() int { return v.fetch(pick(v, v.Nodes), pick(v, v.segments), "", nil) },
		"the gateway, as a car or block": func() int {
			return v.fetch(pick(v, v.Nodes), pick(v, append(v.segments, "", v.rendition)), pick(v, []string{"?format=car", "?format=raw", "?format=car&dag-scope=all"}), paid)
		},
		"the gateway, a range, by who bought it": func() int {
			to := pick(v, v.Nodes)
			return v.fetch(to, pick(v, v.segments), "", map[string]string{
				wire.HeaderAuth: v.proof("bob", to, http.MethodGet, wire.KeysRequest{}, time.Minute), "Range": fmt.Sprintf("bytes=%d-", v.rnd.IntN(1000)),
			})
		},
	})
	t.Logf("gateways answered %v", v.statuses)
	require.NotZero(t, v.served, "gateways do serve, and what they serve is encrypted")
}

// robbed lets the viewer open 40 seconds while the server that he pays sees no word; then the server closes the lane. Holders settle what they were
// shown, and the creator has his part.
func (v *vault) robbed(t *testing.T, s *session) {
	require.True(t, v.open("mallory", payOf(s, 40, 40), 1))
	before, _ := meteredPayments(v.Planet, "mallory")
	require.Zero(t, before)
	had := v.Claimable(v.Creator("alice"))
	balance, _ := escrow(v.Planet, "mallory")
	v.Send(v.server.Agent, &streamtypes.MsgCloseLane{Agent: v.Addr(v.server.Agent), Owner: v.Addr("mallory"), Denom: token.BaseDenom, Generation: 1})
	closed := time.Now()
	require.False(t, v.open("mallory", payOf(s, 60, 60), 2), "nothing is opened on a lane that closes")
	v.Eventually(func() bool {
		paid, _ := meteredPayments(v.Planet, "mallory")
		return paid == 40*tick
	}, "a holder settles")
	t.Logf("settled %s after the lane was closed", time.Since(closed).Round(100*time.Millisecond))
	require.EqualValues(t, 40*tick*9000/10000, v.Claimable(v.Creator("alice"))-had, "the creator's 90 %")
	v.Eventually(func() bool {
		now, free := escrow(v.Planet, "mallory")
		return now == balance-40*tick && free == now
	}, "the rest is the viewer's again")
}

// noRight asks with whatever is not a right any more, or never was.
func (v *vault) noRight(t *testing.T) {
	fund(v.Planet, "viewer", stream)
	tx := v.Send("viewer", &subscriptiontypes.MsgPurchase{Buyer: v.Addr("viewer"), Work: v.work, MaxPrice: token.Coin(stream)})
	require.True(t, v.open("viewer", nil, 0))
	for _, e := range tx.Events {
		if e, ok := e.(*revenuetypes.EventHeld); ok {
			v.Send("alice", &revenuetypes.MsgRefund{Controller: v.Addr("alice"), HoldId: e.HoldId})
		}
	}
	refunded := time.Now()
	// at each holder as soon as its own node has the block
	v.Eventually(func() bool { return len(v.answers("viewer", nil, 0)) == 0 }, "the refund counts")
	late := time.Since(refunded)
	t.Logf("refused %s after the refund", late.Round(time.Millisecond))
	require.Less(t, late, 8*time.Second, "sooner than any answer is remembered")

	as := func(viewer string, change func(to *planet.Node, req *wire.KeysRequest) string) int {
		to := pick(v, v.holders)
		req, private := v.request(nil, v.some()...)
		answers, slug := v.ask(to, req, change(to, &req), private)
		require.NotEqual(t, wire.TooManyRequests, slug, viewer)
		return len(answers)
	}
	v.attack(t, keyAttempts, map[string]func() int{
		"nobody": func() int { return as("", func(*planet.Node, *wire.KeysRequest) string { return "" }) },
		"who bought nothing": func() int {
			return as("mallory", func(to *planet.Node, r *wire.KeysRequest) string {
				return v.proof("mallory", to, http.MethodPost, *r, time.Minute)
			})
		},
		"who was refunded": func() int {
			return as("viewer", func(to *planet.Node, r *wire.KeysRequest) string {
				return v.proof("viewer", to, http.MethodPost, *r, time.Minute)
			})
		},
		"expired": func() int {
			return as("bob", func(to *planet.Node, r *wire.KeysRequest) string {
				return v.proof("bob", to, http.MethodPost, *r, -time.Duration(1+v.rnd.IntN(3600))*time.Second)
			})
		},
		"for another node": func() int {
			return as("bob", func(_ *planet.Node, r *wire.KeysRequest) string {
				return v.proof("bob", v.server, http.MethodPost, *r, time.Minute)
			})
		},
		"in another's name": func() int {
			return as("bob", func(to *planet.Node, r *wire.KeysRequest) string {
				digest, err := manifest.ParseWorkID(v.work)
				require.NoError(t, err)
				p := wire.Proof{Owner: v.Account("bob").Address(), Work: digest, Expires: time.Now().Unix() + 60, Nonce: r.Nonce()}
				p.Sign(sessionKey("mallory"), planet.ChainID, v.Account(to.Operator).Address(), http.MethodPost)
				return p.String()
			})
		},
		"for the gateway": func() int {
			return as("bob", func(to *planet.Node, r *wire.KeysRequest) string {
				return v.proof("bob", to, http.MethodGet, *r, time.Minute)
			})
		},
		"replayed with another reply key": func() int {
			return as("bob", func(to *planet.Node, r *wire.KeysRequest) string {
				theirs, _ := v.request(nil, r.Windows...)
				return v.proof("bob", to, http.MethodPost, theirs, time.Minute)
			})
		},
		"replayed for other windows": func() int {
			return as("bob", func(to *planet.Node, r *wire.KeysRequest) string {
				theirs := *r
				theirs.Windows = v.keysOf(77)
				return v.proof("bob", to, http.MethodPost, theirs, time.Minute)
			})
		},
	})
	require.True(t, v.open("bob", nil, 3), "who bought it opens it still")
	// a key that is revoked opens nothing from the next block on
	v.Send("bob", &streamtypes.MsgRevokeSessionKey{Owner: v.Addr("bob"), Pubkey: sessionKey("bob").Public().(ed25519.PublicKey)})
	v.Eventually(func() bool { return len(v.answers("bob", nil, 3)) == 0 }, "the revocation counts")
}

// lagging stops the chain: what a node knew a minute ago is no right.
func (v *vault) lagging(t *testing.T) {
	fund(v.Planet, "bob", stream)
	v.Eventually(func() bool { return v.open("bob", nil, 2) }, "the key is granted again")
	v.Chain.Stop(t)
	ctx, cancel := context.WithTimeout(t.Context(), 62*time.Second)
	defer cancel()
	<-ctx.Done()
	v.attack(t, 1000, map[string]func() int{"who bought it": func() int {
		to := pick(v, v.holders)
		req, private := v.request(nil, v.keysOf(2)...)
		answers, slug := v.ask(to, req, v.proof("bob", to, http.MethodPost, req, time.Minute), private)
		require.Equal(t, wire.ChainStale, slug)
		return len(answers)
	}})
}
