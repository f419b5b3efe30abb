package keys_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/keyshare"
	"github.com/streamchain/streamchain/manifest"
	"github.com/streamchain/streamchain/storagenode/keys"
	"github.com/streamchain/streamchain/storagenode/keys/keystest"
	"github.com/streamchain/streamchain/storagenode/nodetest"
	"github.com/streamchain/streamchain/storagenode/wire"
	"github.com/streamchain/streamchain/token"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	subtypes "github.com/streamchain/streamchain/x/subscription/types"
)

// asker makes requests of one viewer to one node; tests bend its fields.
type asker struct {
	t     *testing.T
	w     *keystest.World
	n     *keystest.Node
	owner sdk.AccAddress
	key   ed25519.PrivateKey
	// of the proof
	chainID, method string
	to              []byte
	work            string
	expires         time.Duration
	last            wire.KeysRequest // what was sent last
	header          string
}

func ask(t *testing.T, w *keystest.World, viewer string) *asker {
	_, owner := nodetest.Account(viewer)
	return &asker{
		t: t, w: w, n: w.Nodes[0], owner: owner, key: nodetest.SessionKey(viewer), chainID: nodetest.ChainID, method: http.MethodPost,
		to: w.Nodes[0].Account, work: w.Root, expires: time.Minute,
	}
}

// send asks for windows and returns how many answers could be opened, and the refusal.
func (a *asker) send(pay *wire.KeyPay, windows ...wire.KeyWindow) (opened int, p *wire.Problem) {
	a.t.Helper()
	answers, p := a.answers(pay, windows...)
	return len(answers), p
}

// answers is send with what could be opened.
func (a *asker) answers(pay *wire.KeyPay, windows ...wire.KeyWindow) ([]keyshare.Answer, *wire.Problem) {
	a.t.Helper()
	private, public, err := keyshare.NewSealKey(rand.Reader)
	require.NoError(a.t, err)
	req := wire.KeysRequest{Work: a.w.Root, ReplyKey: public[:], Windows: windows, Pay: pay}
	header := ""
	if a.key != nil {
		digest, err := manifest.ParseWorkID(a.work)
		require.NoError(a.t, err)
		proof := wire.Proof{Owner: a.owner, Work: digest, Expires: time.Now().Add(a.expires).Unix(), Nonce: req.Nonce()}
		proof.Sign(a.key, a.chainID, a.to, a.method)
		header = proof.String()
	}
	a.last, a.header = req, header
	return a.post(req, header, private[:])
}

func (a *asker) raw(req wire.KeysRequest, header string, private []byte) (opened int, p *wire.Problem) {
	a.t.Helper()
	answers, p := a.post(req, header, private)
	return len(answers), p
}

func (a *asker) post(req wire.KeysRequest, header string, private []byte) (opened []keyshare.Answer, p *wire.Problem) {
	a.t.Helper()
	body, err := json.Marshal(req)
	require.NoError(a.t, err)
	r := httptest.NewRequest(http.MethodPost, "/v1/keys", bytes.NewReader(body))
	if header != "" {
		r.Header.Set(wire.HeaderAuth, header)
	}
	rec := httptest.NewRecorder()
	a.n.Server.ServeHTTP(rec, r)
	if rec.Code != http.StatusOK {
		require.NotContains(a.t, rec.Body.String(), "sealed\":")
		return nil, wire.ReadProblem(rec.Code, rec.Body.Bytes())
	}
	var res wire.KeysResponse
	require.NoError(a.t, json.Unmarshal(rec.Body.Bytes(), &res))
	id := keyshare.KeyID(a.w.Secret.C0())
	for i, sealed := range res.Sealed {
		win := req.Windows[i]
		plain, err := keyshare.Open(private, keyshare.ForViewer, keyshare.AnswerContext(id, win.Rendition, win.Number, res.SetVersion), sealed)
		if err == nil {
			answer, err := keyshare.ParseAnswer(plain)
			require.NoError(a.t, err)
			require.EqualValues(a.t, res.Index, answer.Index)
			opened = append(opened, answer)
		}
	}
	return opened, nil
}

func (a *asker) opens(n int, pay *wire.KeyPay, windows ...wire.KeyWindow) {
	a.t.Helper()
	opened, p := a.send(pay, windows...)
	require.Nil(a.t, p)
	require.Equal(a.t, n, opened)
}

func (a *asker) refused(slug string, pay *wire.KeyPay, windows ...wire.KeyWindow) {
	a.t.Helper()
	require.Error(a.t, a.refusal(slug, pay, windows...))
}

func (a *asker) refusal(slug string, pay *wire.KeyPay, windows ...wire.KeyWindow) *wire.Problem {
	a.t.Helper()
	opened, p := a.send(pay, windows...)
	require.Zero(a.t, opened)
	require.NotNil(a.t, p)
	require.Equal(a.t, slug, p.Slug, p.Detail)
	return p
}

const price = 10

// metered is a world of one holder whose work is sold by the tick of a second, with a preview, and a viewer with a lane.
func metered(t *testing.T, preview uint32) (*keystest.World, *asker, func(n uint32) *wire.KeyPay) {
	w := keystest.New(t, 1).Active()
	w.Decide("", nodetest.Metered(price, preview))
	a := ask(t, w, "viewer")
	w.Grant(a.owner.String(), a.key, streamtypes.SESSION_KEY_SCOPE_PAYMENT_AND_ACCESS)
	w.Lane(a.owner.String(), a.key, 10_000)
	_, pay := w.Pay(a.owner.String(), a.key, 1, price, 1000)
	return w, a, pay
}

func TestFreeIsOpenToAll(t *testing.T) {
	w := keystest.New(t, 1).Active()
	w.Decide("", subtypes.AccessDecision{Granted: true, Reason: "free"})
	a := ask(t, w, "viewer")
	a.key = nil
	a.opens(2, nil, keystest.Windows(0, 5)...)
}

func TestPreviewIsOpenToAll(t *testing.T) {
	_, a, _ := metered(t, 7) // begins in windows 0 and 1
	a.key = nil
	a.opens(2, nil, keystest.Windows(0, 1)...)
	require.EqualValues(t, 6, a.refusal(wire.PaymentRequired, nil, keystest.Windows(1, 2)...).Terms.Due)
	a.refused(wire.PaymentRequired, nil, wire.KeyWindow{Rendition: "book-01234567.pdf", Number: 0})
}

func TestRightNeedsPossession(t *testing.T) {
	w, a, _ := metered(t, 0)
	a.refused(wire.PaymentRequired, nil, keystest.Windows(1)...)
	w.Decide(a.owner.String(), subtypes.AccessDecision{Granted: true, Reason: "purchased"})
	a.opens(3, nil, keystest.Windows(1, 2, 10)...)
	a.opens(1, nil, wire.KeyWindow{Rendition: "book-01234567.pdf", Number: 70})
	w.Grant(a.owner.String(), a.key, streamtypes.SESSION_KEY_SCOPE_PAYMENT)
	a.refused(wire.KeyNotGranted, nil, keystest.Windows(1)...)
	w.Grant(a.owner.String(), a.key, streamtypes.SESSION_KEY_SCOPE_ACCESS)
	a.opens(1, nil, keystest.Windows(1)...)
	w.Decide(a.owner.String(), subtypes.AccessDecision{Granted: true, Reason: "subscribed", Until: w.Nodes[0].Chain.Now() - 1})
	a.refused(wire.PaymentRequired, nil, keystest.Windows(1)...)
	w.Decide(a.owner.String(), subtypes.AccessDecision{Granted: true, Reason: subtypes.ReasonWorkRestricted})
	a.refused(wire.Blocked, nil, keystest.Windows(1)...)
}

func TestPaidWindows(t *testing.T) {
	w, a, pay := metered(t, 0)
	require.EqualValues(t, 6, a.refusal(wire.PaymentRequired, pay(5), keystest.Windows(3)...).Terms.Due)
	a.opens(1, pay(6), keystest.Windows(3)...)
	a.opens(1, pay(6), keystest.Windows(3)...) // what is paid stays paid
	require.EqualValues(t, 12, a.refusal(wire.PaymentRequired, pay(6), keystest.Windows(4)...).Terms.Due)
	a.refused(wire.PaymentRequired, pay(11), keystest.Windows(4)...)
	a.opens(1, pay(14), keystest.Windows(10)...) // the last window has two seconds: 6 + 2
	a.opens(1, pay(8), keystest.Windows(4)...)   // an older word of who has paid 14 already
	a.refused(wire.PaymentRequired, pay(14), keystest.Windows(5)...)
	// beyond the end a window costs what any does
	require.EqualValues(t, 20, a.refusal(wire.PaymentRequired, pay(14), keystest.Windows(4_000_000)...).Terms.Due)
	// after a kill it is known still
	a.n.Open(w)
	a.refused(wire.PaymentRequired, pay(14), keystest.Windows(5)...)
	a.opens(2, pay(14), keystest.Windows(3, 4)...)
	a.opens(1, pay(20), keystest.Windows(5)...)
}

func TestTheLaneMustCoverAllSessions(t *testing.T) {
	w, a, pay := metered(t, 0)
	w.Lane(a.owner.String(), a.key, 20*price)
	_, other := w.Pay(a.owner.String(), a.key, 2, price, 1000)
	a.opens(2, pay(12), keystest.Windows(1, 2)...)
	a.refused(wire.LaneExhausted, other(12), keystest.Windows(3, 4)...)
	a.opens(1, other(6), keystest.Windows(3)...)
	// what the chain has paid is not owed twice
	s, _ := w.Pay(a.owner.String(), a.key, 1, price, 1000)
	w.Each(func(c *nodetest.Chain) {
		l := c.Lanes[a.owner.String()+"/"+token.BaseDenom]
		l.Spent = 12 * price
		c.Lanes[a.owner.String()+"/"+token.BaseDenom] = l
		c.Settled[nodetest.SettledKey(s)] = 12
	})
	a.n.Open(w)
	a.opens(1, other(8), keystest.Windows(10)...)
	a.refused(wire.LaneExhausted, other(9), keystest.Windows(10)...)
}

func TestAWrongWordClosesTheSession(t *testing.T) {
	_, a, pay := metered(t, 0)
	a.opens(1, pay(6), keystest.Windows(1)...)
	wrong := pay(12)
	wrong.Word = bytes.Repeat([]byte{7}, 32)
	a.refused(wire.BadWord, wrong, keystest.Windows(2)...)
	a.refused(wire.SessionClosed, pay(12), keystest.Windows(2)...)
}

func TestMalformedRequests(t *testing.T) {
	w, a, _ := metered(t, 0)
	w.Decide("", subtypes.AccessDecision{Granted: true, Reason: "free"})
	_, public, err := keyshare.NewSealKey(rand.Reader)
	require.NoError(t, err)
	good := wire.KeysRequest{Work: w.Root, ReplyKey: public[:], Windows: keystest.Windows(1)}
	for name, bend := range map[string]func(*wire.KeysRequest){
		"work":           func(r *wire.KeysRequest) { r.Work = "../../etc/passwd" },
		"no reply key":   func(r *wire.KeysRequest) { r.ReplyKey = nil },
		"zero reply key": func(r *wire.KeysRequest) { r.ReplyKey = make([]byte, 32) },
		"no windows":     func(r *wire.KeysRequest) { r.Windows = nil },
		"too many windows": func(r *wire.KeysRequest) {
			r.Windows = keystest.Windows(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16)
		},
		"a window twice":    func(r *wire.KeysRequest) { r.Windows = keystest.Windows(1, 1) },
		"no rendition":      func(r *wire.KeysRequest) { r.Windows = []wire.KeyWindow{{}} },
		"a long rendition":  func(r *wire.KeysRequest) { r.Windows = []wire.KeyWindow{{Rendition: string(make([]byte, 65))}} },
		"a word of a byte":  func(r *wire.KeysRequest) { r.Pay = &wire.KeyPay{Word: []byte{1}} },
		"a word of 33 byte": func(r *wire.KeysRequest) { r.Pay = &wire.KeyPay{Word: make([]byte, 33)} },
	} {
		t.Run(name, func(t *testing.T) {
			req := good
			bend(&req)
			_, p := a.raw(req, "", nil)
			require.NotNil(t, p)
			require.Equal(t, wire.BadRequest, p.Slug)
		})
	}
	post := func(method, body string) int {
		rec := httptest.NewRecorder()
		a.n.Server.ServeHTTP(rec, httptest.NewRequest(method, "/v1/keys", bytes.NewReader([]byte(body))))
		return rec.Code
	}
	require.Equal(t, http.StatusBadRequest, post(http.MethodPost, "{"))
	require.Equal(t, http.StatusBadRequest, post(http.MethodPost, `{"work":"`+string(bytes.Repeat([]byte("a"), 20_000))+`"}`))
	require.Equal(t, http.StatusMethodNotAllowed, post(http.MethodGet, ""))
}

func TestOtherWorks(t *testing.T) {
	w, a, _ := metered(t, 0)
	w.Decide("", subtypes.AccessDecision{Granted: true, Reason: "free"})
	plain, version := nodetest.WorkID("plain"), nodetest.WorkID("version2")
	w.Each(func(c *nodetest.Chain) {
		row := c.Works[w.Root]
		row.Cid = version
		c.Works[version] = row
		row.Cid, row.Root, row.Keys = plain, plain, nil
		c.Works[plain] = row
	})
	_, public, err := keyshare.NewSealKey(rand.Reader)
	require.NoError(t, err)
	for work, slug := range map[string]string{plain: wire.NotEncrypted, version: wire.NotFound, nodetest.WorkID("none"): wire.NotFound} {
		_, p := a.raw(wire.KeysRequest{Work: work, ReplyKey: public[:], Windows: keystest.Windows(1)}, "", nil)
		require.NotNil(t, p)
		require.Equal(t, slug, p.Slug)
	}
	// no holder any more
	w.Sets.Mu.Lock()
	delete(w.Sets.Active, w.Root)
	w.Sets.Mu.Unlock()
	a.refused(wire.NotAHolder, nil, keystest.Windows(1)...)
}

func TestStaleChain(t *testing.T) {
	w, a, _ := metered(t, 0)
	w.Decide("", subtypes.AccessDecision{Granted: true, Reason: "free"})
	w.Each(func(c *nodetest.Chain) { c.Tip = 61 * time.Second })
	p := a.refusal(wire.ChainStale, nil, keystest.Windows(1)...)
	require.Equal(t, http.StatusServiceUnavailable, p.Status)
	w.Each(func(c *nodetest.Chain) { c.Tip = 59 * time.Second })
	a.opens(1, nil, keystest.Windows(1)...)
	w.Each(func(c *nodetest.Chain) { c.Down = true })
	a.refused(wire.ChainBehind, nil, keystest.Windows(1)...)
}

func TestRateLimits(t *testing.T) {
	w, a, _ := metered(t, 0)
	w.Decide(a.owner.String(), subtypes.AccessDecision{Granted: true, Reason: "purchased"})
	old := a.n.Server
	limited := func(key, address keys.Limit) {
		s := keys.NewServer(key, address)
		s.Node, s.Reader, s.Chain, s.Store, s.Book, s.Log = old.Node, old.Reader, old.Chain, old.Store, old.Book, old.Log
		a.n.Server = s
	}
	limited(keys.Limit{Rate: 0.001, Burst: 2}, keys.Limit{Rate: 100, Burst: 100})
	a.opens(1, nil, keystest.Windows(1)...)
	a.opens(1, nil, keystest.Windows(1)...)
	a.refused(wire.TooManyRequests, nil, keystest.Windows(1)...)
	limited(keys.Limit{Rate: 100, Burst: 100}, keys.Limit{Rate: 0.001, Burst: 2})
	a.opens(1, nil, keystest.Windows(1)...)
	a.opens(1, nil, keystest.Windows(1)...)
	a.refused(wire.TooManyRequests, nil, keystest.Windows(1)...)
}

// A refund, a revoked key and a ruling count from the next block on, whatever was answered before.
func TestWhatABlockTakesAwayIsGone(t *testing.T) {
	w, a, _ := metered(t, 0)
	c := a.n.Chain
	owner, key := a.owner.String(), a.owner.String()+"/"+string(a.key.Public().(ed25519.PublicKey))
	granted := subtypes.AccessDecision{Work: w.Root, Granted: true, Reason: "purchased"}
	for name, take := range map[string]struct {
		do   func()
		slug string
	}{
		"refund": {func() { c.Decisions[owner+"/"+w.Root] = nodetest.Metered(price, 0) }, wire.PaymentRequired},
		"ruling": {func() {
			c.Decisions[owner+"/"+w.Root] = subtypes.AccessDecision{Reason: subtypes.ReasonWorkRestricted}
			c.Decisions["/"+w.Root] = subtypes.AccessDecision{Reason: subtypes.ReasonWorkRestricted}
		}, wire.Blocked},
		"key": {func() {
			k := c.Keys[key]
			k.Revoked = true
			c.Keys[key] = k
		}, wire.KeyNotGranted},
	} {
		t.Run(name, func(t *testing.T) {
			w.Decide(owner, granted)
			w.Decide("", nodetest.Metered(price, 0))
			w.Grant(owner, a.key, streamtypes.SESSION_KEY_SCOPE_PAYMENT_AND_ACCESS)
			for range 3 {
				a.opens(1, nil, keystest.Windows(1)...)
			}
			c.Mu.Lock() // no Forget: the node remembers
			take.do()
			asked := c.Asked["access"]
			c.Block++
			c.Mu.Unlock()
			a.refused(take.slug, nil, keystest.Windows(1)...)
			c.Mu.Lock()
			require.LessOrEqual(t, c.Asked["access"]-asked, 2, "once for each block, viewer and nobody")
			c.Mu.Unlock()
		})
	}
}
