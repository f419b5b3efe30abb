package admit_test

import (
	"context"
	"crypto/ed25519"
	"errors"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/manifest"
	"github.com/streamchain/streamchain/storagenode/admit"
	"github.com/streamchain/streamchain/storagenode/catalog"
	"github.com/streamchain/streamchain/storagenode/ledger"
	"github.com/streamchain/streamchain/storagenode/nodetest"
	"github.com/streamchain/streamchain/storagenode/serve"
	"github.com/streamchain/streamchain/storagenode/wire"
	"github.com/streamchain/streamchain/voucher"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	subtypes "github.com/streamchain/streamchain/x/subscription/types"
)

type fixture struct {
	t      *testing.T
	chain  *nodetest.Chain
	gate   *admit.Gate
	viewer string
	key    ed25519.PrivateKey
	root   string
	entry  *catalog.Entry
}

func setup(t *testing.T) *fixture {
	t.Helper()
	op, opBytes := nodetest.Address("op"), func() []byte { _, a := nodetest.Account("op"); return a }()
	l, err := ledger.Open(filepath.Join(t.TempDir(), "ledger"), 600)
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	f := &fixture{t: t, chain: nodetest.NewChain(op, nodetest.Address("agent")), viewer: nodetest.Address("viewer"), key: nodetest.SessionKey("viewer"), root: nodetest.WorkID("work")}
	f.gate = &admit.Gate{Node: admit.Node{ChainID: nodetest.ChainID, Operator: op, Bytes: opBytes}, Reader: admit.NewReader(f.chain), Ledger: l}
	f.entry = &catalog.Entry{ID: f.root, Work: f.root, Root: f.root, Duration: 20}
	f.chain.Decide("", f.root, nodetest.Metered(10, 4))
	f.chain.Grant(f.viewer, f.key, streamtypes.SESSION_KEY_SCOPE_PAYMENT_AND_ACCESS)
	return f
}

// seg is segment i of a rendition: four seconds.
func (f *fixture) seg(rendition uint16, i int64) catalog.Ref {
	return catalog.Ref{Entry: f.entry, Item: &catalog.Item{Class: catalog.Timed, Rendition: rendition, Start: 4000 * i, End: 4000 * (i + 1)}}
}

func (f *fixture) ask(ref catalog.Ref, header ...string) (serve.Grant, *wire.Problem) {
	f.t.Helper()
	return f.askAll(serve.Ask{Method: "GET", Refs: []catalog.Ref{ref}}, header...)
}

func (f *fixture) askAll(a serve.Ask, header ...string) (serve.Grant, *wire.Problem) {
	f.t.Helper()
	a.Header = http.Header{}
	for i := 0; i < len(header); i += 2 {
		a.Header.Set(header[i], header[i+1])
	}
	g, err := f.gate.Admit(context.Background(), a)
	if err == nil {
		return g, nil
	}
	var p *wire.Problem
	require.True(f.t, errors.As(err, &p), "%v", err)
	return g, p
}

func (f *fixture) proof(change ...func(*wire.Proof)) wire.Proof {
	_, owner := nodetest.Account("viewer")
	digest, err := manifest.ParseWorkID(f.root)
	require.NoError(f.t, err)
	p := wire.Proof{Owner: owner, Work: digest, Expires: time.Now().Unix() + 60, Nonce: [16]byte{1}}
	for _, c := range change {
		c(&p)
	}
	p.Sign(f.key, nodetest.ChainID, f.gate.Node.Bytes, "GET")
	return p
}

func slug(p *wire.Problem) string {
	if p == nil {
		return ""
	}
	return p.Slug
}

func TestOpenToAll(t *testing.T) {
	f := setup(t)
	dir, poster := catalog.Ref{Entry: f.entry}, catalog.Ref{Entry: f.entry, Item: &catalog.Item{Class: catalog.Free}}
	for _, ref := range []catalog.Ref{dir, poster, f.seg(0, 0)} {
		g, p := f.ask(ref)
		require.Nil(t, p)
		require.False(t, g.Private)
	}
	_, p := f.askAll(serve.Ask{Method: "HEAD", Refs: []catalog.Ref{f.seg(0, 3)}})
	require.Nil(t, p)
	for _, a := range []serve.Ask{{Method: "GET", Refs: []catalog.Ref{f.seg(0, 1)}}, {Method: "GET", Refs: []catalog.Ref{dir}, Whole: true}} {
		_, p = f.askAll(a)
		require.Equal(t, wire.PaymentRequired, slug(p))
		require.Equal(t, 402, p.Status)
		require.Equal(t, f.root, p.Terms.Work)
		require.Equal(t, f.gate.Node.Operator, p.Terms.Provider)
		require.Equal(t, nodetest.ChainID, p.Terms.ChainID)
		require.Equal(t, []wire.Offer{{ID: "metered", Kind: "metered", Price: "10", Denom: "ustream", PricePerTick: 10, TickSeconds: 1, PreviewSeconds: 4}}, p.Terms.Offers)
		require.Equal(t, "10000", p.Terms.Lanes.MinCap)
	}
	// another work that has the same bytes may be free: then they are
	free := &catalog.Entry{Root: nodetest.WorkID("free")}
	f.chain.Decide("", free.Root, subtypes.AccessDecision{Granted: true, Reason: subtypes.ReasonFree})
	_, p = f.askAll(serve.Ask{Method: "GET", Refs: []catalog.Ref{f.seg(0, 1), {Entry: free, Item: &catalog.Item{}}}})
	require.Nil(t, p)
}

func TestRestricted(t *testing.T) {
	f := setup(t)
	f.chain.Decide("", f.root, subtypes.AccessDecision{Reason: subtypes.ReasonWorkRestricted})
	for _, ref := range []catalog.Ref{{Entry: f.entry}, f.seg(0, 0), f.seg(0, 2)} {
		_, p := f.ask(ref, wire.HeaderAuth, f.proof().String())
		require.Equal(t, wire.Blocked, slug(p))
		require.Equal(t, 451, p.Status)
	}
}

func TestProof(t *testing.T) {
	f := setup(t)
	f.chain.Decide(f.viewer, f.root, subtypes.AccessDecision{Granted: true, Reason: subtypes.ReasonPurchased})
	g, p := f.ask(f.seg(0, 2), wire.HeaderAuth, f.proof().String())
	require.Nil(t, p)
	require.True(t, g.Private)
	_, p = f.askAll(serve.Ask{Method: "GET", Refs: []catalog.Ref{{Entry: f.entry}}, Whole: true}, wire.HeaderAuth, f.proof().String())
	require.Nil(t, p, "who has access may have all of it")

	other := nodetest.SessionKey("other")
	_, stranger := nodetest.Account("stranger")
	foreign := func(chain string, operator []byte, method string) string {
		p := f.proof()
		p.Sign(f.key, chain, operator, method)
		return p.String()
	}
	for name, tc := range map[string]struct{ header, slug string }{
		"nonsense":       {"v1.x", wire.AuthMalformed},
		"expired":        {f.proof(func(p *wire.Proof) { p.Expires = time.Now().Unix() - 1 }).String(), wire.AuthExpired},
		"too long":       {f.proof(func(p *wire.Proof) { p.Expires = time.Now().Unix() + 1000 }).String(), wire.AuthMalformed},
		"another work":   {f.proof(func(p *wire.Proof) { p.Work[0] ^= 1 }).String(), wire.AuthSignature},
		"another owner":  {f.proof(func(p *wire.Proof) { p.Owner = stranger }).String(), wire.KeyNotGranted},
		"another chain":  {foreign("test-2", f.gate.Node.Bytes, "GET"), wire.AuthSignature},
		"another node":   {foreign(nodetest.ChainID, stranger, "GET"), wire.AuthSignature},
		"another method": {foreign(nodetest.ChainID, f.gate.Node.Bytes, "PUT"), wire.AuthSignature},
		"a key of nobody": {func() string {
			p := f.proof()
			p.Sign(other, nodetest.ChainID, f.gate.Node.Bytes, "GET")
			return p.String()
		}(), wire.KeyNotGranted},
		"changed later on": {func() string { p := f.proof(); p.Nonce[0]++; return p.String() }(), wire.AuthSignature},
	} {
		_, p := f.ask(f.seg(0, 2), wire.HeaderAuth, tc.header)
		require.Equal(t, tc.slug, slug(p), name)
	}
	f.chain.Mu.Lock()
	f.chain.Tip = 61 * time.Second
	f.chain.Mu.Unlock()
	_, p = f.ask(f.seg(0, 2), wire.HeaderAuth, f.proof().String())
	require.Equal(t, wire.ChainBehind, slug(p), "an old chain grants nothing")
}

func TestKeysThatDoNotCount(t *testing.T) {
	for name, change := range map[string]func(*streamtypes.SessionKey){
		"revoked": func(k *streamtypes.SessionKey) { k.Revoked = true }, "expired": func(k *streamtypes.SessionKey) { k.Expires = 1 },
		"for payment only": func(k *streamtypes.SessionKey) { k.Scope = streamtypes.SESSION_KEY_SCOPE_PAYMENT },
	} {
		f := setup(t)
		f.chain.Decide(f.viewer, f.root, subtypes.AccessDecision{Granted: true})
		id := f.viewer + "/" + string(f.key.Public().(ed25519.PublicKey))
		k := f.chain.Keys[id]
		change(&k)
		f.chain.Keys[id] = k
		_, p := f.ask(f.seg(0, 2), wire.HeaderAuth, f.proof().String())
		require.Equal(t, wire.KeyNotGranted, slug(p), name)
	}
}

func TestNoAccess(t *testing.T) {
	f := setup(t)
	_, p := f.ask(f.seg(0, 2), wire.HeaderAuth, f.proof().String())
	require.Equal(t, wire.PaymentRequired, slug(p))
	require.EqualValues(t, 1, p.Terms.LaneGeneration, "a viewer who is known is told the lane to open")
}

func (f *fixture) session(work string) (wire.SessionID, *voucher.Chain) {
	f.t.Helper()
	expires := f.chain.Now() + 3600
	require.NoError(f.t, f.gate.Ledger.AddLane(ledger.Lane{LaneID: ledger.LaneID{Owner: f.viewer, Denom: "ustream", Generation: 1}, Cap: 1000, Expires: expires, ClosesAt: expires + 60}))
	s, words := nodetest.Session(f.viewer, f.gate.Node.Operator, work, 1, 1, 10, 300, expires, f.key)
	st, _, err := f.gate.Ledger.OpenSession(s, f.chain.Now())
	require.NoError(f.t, err)
	return st.ID, words
}

func TestPay(t *testing.T) {
	f := setup(t)
	id, words := f.session(f.root)
	pay := func(n uint32) string { return wire.Payment{Session: id, N: n, Word: words.Word(n)}.String() }

	_, p := f.ask(f.seg(0, 1), wire.HeaderPay, pay(3))
	require.Equal(t, wire.PaymentRequired, slug(p))
	require.EqualValues(t, 4, p.Terms.Due)
	require.EqualValues(t, 3, p.Terms.Paid)
	require.EqualValues(t, 0, p.Terms.Used)
	g, p := f.ask(f.seg(0, 1), wire.HeaderPay, pay(4))
	require.Nil(t, p)
	require.Equal(t, serve.Grant{Private: true, Paid: "4:4"}, g)
	_, p = f.ask(f.seg(0, 1), wire.HeaderPay, pay(1))
	require.Nil(t, p, "again is free")
	_, p = f.ask(f.seg(1, 1), wire.HeaderPay, pay(4))
	require.Equal(t, wire.PaymentRequired, slug(p), "another rendition is not")
	require.EqualValues(t, 8, p.Terms.Due)
	whole := catalog.Ref{Entry: f.entry, Item: &catalog.Item{Class: catalog.Gated}}
	_, p = f.ask(whole, wire.HeaderPay, pay(24))
	require.Nil(t, p, "a file without time costs the whole duration")
	_, p = f.askAll(serve.Ask{Method: "GET", Refs: []catalog.Ref{{Entry: f.entry}}, Whole: true}, wire.HeaderPay, pay(30))
	require.Equal(t, wire.PaymentRequired, slug(p), "a directory whole is not sold by the tick")

	// a chain that restarts does not interrupt who pays
	f.chain.Mu.Lock()
	f.chain.Down = true
	f.chain.Mu.Unlock()
	f.gate.Reader = admit.NewReader(f.chain)
	_, p = f.ask(f.seg(0, 2), wire.HeaderPay, pay(28))
	require.Nil(t, p)
	_, p = f.ask(f.seg(0, 2))
	require.Equal(t, wire.ChainBehind, slug(p))

	_, p = f.ask(f.seg(0, 3), wire.HeaderPay, wire.Payment{Session: id, N: 32, Word: words.Word(31)}.String())
	require.Equal(t, wire.BadWord, slug(p))
	_, p = f.ask(f.seg(0, 3), wire.HeaderPay, wire.Payment{Session: id, N: 28}.String())
	require.Equal(t, wire.PaymentRequired, slug(p), "who knows the id alone")
	require.EqualValues(t, 28, p.Terms.Due)
	_, p = f.ask(f.seg(0, 3), wire.HeaderPay, pay(32))
	require.Nil(t, p, "a wrong word ends nothing")
	require.NoError(t, f.gate.Ledger.CloseSession(id))
	_, p = f.ask(f.seg(0, 3), wire.HeaderPay, pay(32))
	require.Equal(t, wire.SessionClosed, slug(p))
	_, p = f.ask(f.seg(0, 3), wire.HeaderPay, wire.Payment{}.String())
	require.Equal(t, wire.SessionUnknown, slug(p))
	_, p = f.ask(f.seg(0, 3), wire.HeaderPay, "x")
	require.Equal(t, wire.BadRequest, slug(p))
}

func TestPayForAnotherWork(t *testing.T) {
	f := setup(t)
	id, words := f.session(nodetest.WorkID("cheap"))
	_, p := f.ask(f.seg(0, 1), wire.HeaderPay, wire.Payment{Session: id, N: 60, Word: words.Word(60)}.String())
	require.Equal(t, wire.PaymentRequired, slug(p))
	st, _, err := f.gate.Ledger.Session(id)
	require.NoError(t, err)
	require.Zero(t, st.Paid, "nothing is taken for what is not given")
}

func TestTicks(t *testing.T) {
	entry := &catalog.Entry{Duration: 61}
	at := func(start, end int64) catalog.Ref {
		return catalog.Ref{Entry: entry, Item: &catalog.Item{Class: catalog.Timed, Rendition: 2, Start: start, End: end}}
	}
	for _, tc := range []struct {
		ref  catalog.Ref
		tick uint32
		want ledger.Ticks
		ok   bool
	}{
		{at(0, 4000), 1, ledger.Ticks{Rendition: 2, From: 0, To: 4}, true},
		{at(3999, 4001), 1, ledger.Ticks{Rendition: 2, From: 3, To: 5}, true},
		{at(4000, 4000), 1, ledger.Ticks{Rendition: 2, From: 4, To: 5}, true}, // an empty segment still has bytes
		{at(9000, 21000), 10, ledger.Ticks{Rendition: 2, From: 0, To: 3}, true},
		{at(0, 1<<50), 1, ledger.Ticks{}, false},
		{at(0, 4000), 0, ledger.Ticks{}, false},
		{catalog.Ref{Entry: entry, Item: &catalog.Item{}}, 2, ledger.Ticks{Rendition: ledger.Whole, From: 0, To: 31}, true},
		{catalog.Ref{Entry: &catalog.Entry{}, Item: &catalog.Item{}}, 1, ledger.Ticks{}, false},
		{catalog.Ref{Entry: entry}, 1, ledger.Ticks{}, false},
	} {
		got, ok := admit.Ticks(tc.ref, tc.tick)
		require.Equal(t, tc.ok, ok, "%+v", tc.ref.Item)
		require.Equal(t, tc.want, got)
	}
}

func TestReplica(t *testing.T) {
	f := setup(t)
	agent, _ := nodetest.Account("agent2")
	_, op2 := nodetest.Account("op2")
	f.chain.Providers[op2.String()] = storagetypes.Provider{Operator: op2.String(), Agent: nodetest.Address("agent2")}
	f.chain.DealRows[f.root+"/"+op2.String()] = storagetypes.Deal{Work: f.root, Operator: op2.String(), Status: storagetypes.DEAL_STATUS_REQUESTED}
	digest, err := manifest.ParseWorkID(f.root)
	require.NoError(t, err)
	sign := func(change func(*wire.Replica)) string {
		r := wire.Replica{Requester: op2, Work: digest, Expires: time.Now().Unix() + 60, PubKey: agent.PubKey().Bytes()}
		change(&r)
		sig, err := agent.Sign(r.SignBytes(nodetest.ChainID, f.gate.Node.Bytes))
		require.NoError(t, err)
		r.Signature = sig
		return r.String()
	}
	whole := serve.Ask{Method: "GET", Refs: []catalog.Ref{{Entry: f.entry}}, Whole: true}
	g, p := f.askAll(whole, wire.HeaderReplica, sign(func(*wire.Replica) {}))
	require.Nil(t, p)
	require.True(t, g.Private)
	stranger, _ := nodetest.Account("stranger")
	for name, tc := range map[string]struct {
		header, slug string
	}{
		"another work":  {sign(func(r *wire.Replica) { r.Work[0] ^= 1 }), wire.NotAProvider},
		"no provider":   {sign(func(r *wire.Replica) { _, r.Requester = nodetest.Account("nobody") }), wire.NotAProvider},
		"no deal":       {sign(func(r *wire.Replica) { _, r.Requester = nodetest.Account("op") }), wire.NotAProvider},
		"another's key": {sign(func(r *wire.Replica) { r.PubKey = stranger.PubKey().Bytes() }), wire.AuthSignature},
		"expired":       {sign(func(r *wire.Replica) { r.Expires = 5 }), wire.AuthExpired},
		"nonsense":      {"v1.a.b", wire.AuthMalformed},
	} {
		_, p := f.askAll(whole, wire.HeaderReplica, tc.header)
		require.Equal(t, tc.slug, slug(p), name)
	}
}

// Many requests ask the chain once; a refusal is remembered so shortly that who pays gets in.
func TestAnswersAreRemembered(t *testing.T) {
	f := setup(t)
	for range 50 {
		_, _ = f.ask(f.seg(0, 2), wire.HeaderAuth, f.proof().String())
	}
	require.LessOrEqual(t, f.chain.Asked["access"], 4)
	require.Equal(t, 1, f.chain.Asked["key"])
	f.chain.Decide(f.viewer, f.root, subtypes.AccessDecision{Granted: true})
	require.Eventually(t, func() bool {
		_, p := f.ask(f.seg(0, 2), wire.HeaderAuth, f.proof().String())
		return p == nil
	}, 3*time.Second, 50*time.Millisecond)
	// and what was granted lately stands while the chain restarts
	f.chain.Mu.Lock()
	f.chain.Down = true
	f.chain.Mu.Unlock()
	_, p := f.ask(f.seg(0, 2), wire.HeaderAuth, f.proof().String())
	require.Nil(t, p)
}
