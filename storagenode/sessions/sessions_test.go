package sessions_test

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/streamchain/streamchain/nodeclient"
	"github.com/streamchain/streamchain/storagenode/admit"
	"github.com/streamchain/streamchain/storagenode/ledger"
	"github.com/streamchain/streamchain/storagenode/nodetest"
	"github.com/streamchain/streamchain/storagenode/serve"
	"github.com/streamchain/streamchain/storagenode/sessions"
	"github.com/streamchain/streamchain/storagenode/wire"
	"github.com/streamchain/streamchain/voucher"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
)

type fixture struct {
	t      *testing.T
	chain  *nodetest.Chain
	lanes  *sessions.Lanes
	url    string
	client *nodeclient.Client
	key    ed25519.PrivateKey
	viewer string
	work   string
	closed int
}

func setup(t *testing.T) *fixture {
	t.Helper()
	_, op := nodetest.Account("op")
	f := &fixture{t: t, chain: nodetest.NewChain(op.String(), ""), key: nodetest.SessionKey("viewer"), viewer: nodetest.Address("viewer"), work: nodetest.WorkID("work")}
	l, err := ledger.Open(filepath.Join(t.TempDir(), "ledger"), f.chain.Params.ServeMarginSeconds)
	require.NoError(t, err)
	f.lanes = sessions.NewLanes(admit.Node{ChainID: nodetest.ChainID, Operator: op.String(), Bytes: op}, admit.NewReader(f.chain), f.chain, l)
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { f.lanes.Run(ctx) })
	mux := http.NewServeMux()
	(&sessions.Server{Lanes: f.lanes, Closed: func() { f.closed++ }}).Register(mux)
	srv := httptest.NewServer(serve.Common(mux))
	f.url, f.client = srv.URL, nodeclient.New(http.DefaultClient, srv.URL)
	t.Cleanup(func() { srv.Close(); cancel(); wg.Wait(); require.NoError(t, l.Close()) })
	f.chain.Decide("", f.work, nodetest.Metered(10, 0))
	f.fund("viewer")
	return f
}

func (f *fixture) fund(name string) {
	f.chain.Grant(nodetest.Address(name), nodetest.SessionKey(name), streamtypes.SESSION_KEY_SCOPE_PAYMENT)
	f.chain.Mu.Lock()
	defer f.chain.Mu.Unlock()
	f.chain.Escrows[nodetest.Address(name)] = math.NewInt(1_000_000)
}

func lane(i streamtypes.LaneIntent) *wire.LaneIntent {
	return &wire.LaneIntent{ChainID: i.ChainId, EscrowOwner: i.EscrowOwner, Denom: i.Denom, Provider: i.Provider, Generation: i.Generation, Cap: i.Cap,
		SubmitBy: i.SubmitBy, Expires: i.Expires, PubKey: i.Pubkey, Signature: i.Signature}
}

func session(s streamtypes.Session) *wire.Session {
	return &wire.Session{ChainID: s.ChainId, EscrowOwner: s.EscrowOwner, Denom: s.Denom, Provider: s.Provider, Generation: s.Generation, Session: s.Session, Work: s.Work,
		PricePerTick: s.PricePerTick, TickSeconds: s.TickSeconds, MaxTicks: s.MaxTicks, Root: s.Root, Expires: s.Expires, PubKey: s.Pubkey, Signature: s.Signature}
}

func (f *fixture) intent(change ...func(*streamtypes.LaneIntent)) *wire.LaneIntent {
	now := f.chain.Now()
	i := nodetest.Intent(f.viewer, f.lanes.Node.Operator, 1, 20_000, now+60, now+3600, f.key)
	for _, c := range change {
		c(&i)
	}
	if len(change) > 0 {
		v, err := i.Voucher()
		if err == nil {
			i.Signature = v.Sign(f.key)
		}
	}
	return lane(i)
}

func (f *fixture) session(number, price uint64) (*wire.Session, *voucher.Chain) {
	s, words := nodetest.Session(f.viewer, f.lanes.Node.Operator, f.work, 1, number, price, 300, f.chain.Now()+3600, f.key)
	return session(s), words
}

func (f *fixture) open(req wire.OpenRequest) (wire.OpenResponse, string) {
	f.t.Helper()
	res, err := f.client.Open(context.Background(), req)
	if err == nil {
		return res, ""
	}
	var p *wire.Problem
	require.True(f.t, errors.As(err, &p), "%v", err)
	return res, p.Slug
}

func TestOpenPayClose(t *testing.T) {
	f := setup(t)
	s, words := f.session(1, 10)
	req := wire.OpenRequest{Lane: f.intent(), Session: s}
	res, slug := f.open(req)
	require.Empty(t, slug)
	require.True(t, res.Lane.Open)
	require.NotEmpty(t, res.Lane.TX)
	require.EqualValues(t, 20_000, res.Lane.Cap)
	require.True(t, res.Session.Open)
	again, slug := f.open(req)
	require.Empty(t, slug)
	require.Equal(t, res.Session, again.Session, "the same body again changes nothing")
	require.Equal(t, 1, f.chain.Txs)

	pay := func(n uint32) (*http.Response, error) {
		w := words.Word(n)
		body := fmt.Sprintf(`{"n":%d,"word":%q}`, n, base64.StdEncoding.EncodeToString(w[:]))
		return http.Post(f.url+"/v1/sessions/"+res.Session.ID+"/pay", "application/json", strings.NewReader(body))
	}
	r, err := pay(60)
	require.NoError(t, err)
	require.Equal(t, 200, r.StatusCode)
	r, err = pay(125)
	require.NoError(t, err)
	require.Equal(t, 402, r.StatusCode)
	id, err := wire.ParseSessionID(res.Session.ID)
	require.NoError(t, err)
	got, err := f.client.Session(context.Background(), id)
	require.NoError(t, err)
	require.EqualValues(t, 60, got.Session.Paid)
	require.EqualValues(t, 600, got.Lane.Spent)

	w := words.Word(61)
	require.NoError(t, f.client.CloseSession(context.Background(), id, &wire.PayRequest{N: 61, Word: w[:]}))
	require.NoError(t, f.client.CloseSession(context.Background(), id, nil), "again is no error")
	got, err = f.client.Session(context.Background(), id)
	require.NoError(t, err)
	require.False(t, got.Session.Open)
	require.EqualValues(t, 61, got.Session.Paid)
	require.Equal(t, 2, f.closed)
	r, err = pay(62)
	require.NoError(t, err)
	require.Equal(t, 409, r.StatusCode)
	_, err = f.client.Session(context.Background(), wire.SessionID{})
	require.ErrorContains(t, err, wire.SessionUnknown)
}

// Once the chain has made a session's id public, strangers must not end it.
func TestCloseNeedsTheWord(t *testing.T) {
	f := setup(t)
	s, words := f.session(1, 10)
	res, slug := f.open(wire.OpenRequest{Lane: f.intent(), Session: s})
	require.Empty(t, slug)
	id, err := wire.ParseSessionID(res.Session.ID)
	require.NoError(t, err)
	_, err = f.lanes.Ledger.Use(id, ledger.Payment{N: 9, Word: words.Word(9)}, ledger.Ticks{}, f.chain.Now())
	require.NoError(t, err)
	require.NoError(t, f.lanes.Ledger.Settled(id, 5))
	require.Error(t, f.client.CloseSession(context.Background(), id, nil))
	five := words.Word(5)
	require.Error(t, f.client.CloseSession(context.Background(), id, &wire.PayRequest{N: 5, Word: five[:]}))
	nine := words.Word(9)
	require.NoError(t, f.client.CloseSession(context.Background(), id, &wire.PayRequest{N: 9, Word: nine[:]}))
}

func TestLaneRefusals(t *testing.T) {
	f := setup(t)
	now := f.chain.Now()
	for name, tc := range map[string]struct {
		change func(*streamtypes.LaneIntent)
		slug   string
	}{
		"another chain":    {func(i *streamtypes.LaneIntent) { i.ChainId = "test-2" }, wire.BadTerms},
		"another provider": {func(i *streamtypes.LaneIntent) { i.Provider = f.viewer }, wire.BadTerms},
		"zero cap":         {func(i *streamtypes.LaneIntent) { i.Cap = 0 }, wire.BadTerms},
		"small cap":        {func(i *streamtypes.LaneIntent) { i.Cap = 9_999 }, wire.BadTerms},
		"late":             {func(i *streamtypes.LaneIntent) { i.SubmitBy = now + 1 }, wire.BadTerms},
		"too short":        {func(i *streamtypes.LaneIntent) { i.Expires = now + 1000 }, wire.BadTerms},
		"too long":         {func(i *streamtypes.LaneIntent) { i.Expires = now + 1<<30 }, wire.BadTerms},
		"old generation":   {func(i *streamtypes.LaneIntent) { i.Generation = 7 }, wire.LaneUnusable},
		"too much":         {func(i *streamtypes.LaneIntent) { i.Cap = 999_600 }, wire.LaneUnusable}, // with the fee
		"not granted":      {func(i *streamtypes.LaneIntent) { i.EscrowOwner = nodetest.Address("other") }, wire.KeyNotGranted},
	} {
		_, slug := f.open(wire.OpenRequest{Lane: f.intent(tc.change)})
		require.Equal(t, tc.slug, slug, name)
	}
	forged := f.intent()
	forged.Cap++
	_, slug := f.open(wire.OpenRequest{Lane: forged})
	require.Equal(t, wire.BadTerms, slug)
	_, slug = f.open(wire.OpenRequest{})
	require.Equal(t, wire.BadRequest, slug)
	require.Zero(t, f.chain.Txs, "nothing that the chain would refuse costs gas")
}

func TestSessionRefusals(t *testing.T) {
	f := setup(t)
	s, _ := f.session(1, 10)
	_, slug := f.open(wire.OpenRequest{Session: s})
	require.Equal(t, wire.LaneUnusable, slug)
	_, slug = f.open(wire.OpenRequest{Lane: f.intent()})
	require.Empty(t, slug)
	make := func(change func(*streamtypes.Session)) *wire.Session {
		s, _ := nodetest.Session(f.viewer, f.lanes.Node.Operator, f.work, 1, 1, 10, 300, f.chain.Now()+3600, f.key)
		change(&s)
		if v, err := s.Voucher(); err == nil {
			s.Signature = v.Sign(f.key)
		}
		return session(s)
	}
	for name, tc := range map[string]struct {
		s    *wire.Session
		slug string
	}{
		"cheaper":        {make(func(s *streamtypes.Session) { s.PricePerTick = 9 }), wire.BadTerms},
		"dearer":         {make(func(s *streamtypes.Session) { s.PricePerTick = 11 }), wire.BadTerms},
		"longer ticks":   {make(func(s *streamtypes.Session) { s.TickSeconds = 2 }), wire.BadTerms},
		"not sold":       {make(func(s *streamtypes.Session) { s.Work = nodetest.WorkID("other") }), wire.BadTerms},
		"another node":   {make(func(s *streamtypes.Session) { s.Provider = f.viewer }), wire.BadTerms},
		"outlives lane":  {make(func(s *streamtypes.Session) { s.Expires += 10 }), wire.BadTerms},
		"another lane":   {make(func(s *streamtypes.Session) { s.Generation = 2 }), wire.LaneUnusable},
		"another chain":  {make(func(s *streamtypes.Session) { s.ChainId = "x" }), wire.BadTerms},
		"free of charge": {make(func(s *streamtypes.Session) { s.PricePerTick = 0 }), wire.BadTerms},
	} {
		_, slug := f.open(wire.OpenRequest{Session: tc.s})
		require.Equal(t, tc.slug, slug, name)
	}
	forged, _ := f.session(1, 10)
	forged.MaxTicks++
	_, slug = f.open(wire.OpenRequest{Session: forged})
	require.Equal(t, wire.BadTerms, slug)
	_, slug = f.open(wire.OpenRequest{Session: s})
	require.Empty(t, slug)
	other, _ := nodetest.Session(f.viewer, f.lanes.Node.Operator, f.work, 1, 1, 10, 299, f.chain.Now()+3600, f.key)
	_, slug = f.open(wire.OpenRequest{Session: session(other)})
	require.Equal(t, wire.BadTerms, slug, "a number is used once")
}

// Viewers who come while a transaction is under way share the next.
func TestBatches(t *testing.T) {
	f := setup(t)
	f.chain.Slow = 100 * time.Millisecond
	var wg sync.WaitGroup
	now := f.chain.Now()
	for i := range 60 {
		name := fmt.Sprint("viewer", i)
		f.fund(name)
		wg.Go(func() {
			in := nodetest.Intent(nodetest.Address(name), f.lanes.Node.Operator, 1, 10_000, now+60, now+3600, nodetest.SessionKey(name))
			st, err := f.lanes.Open(context.Background(), *lane(in), 20*time.Second)
			if err != nil || !st.Open {
				t.Errorf("%s: %+v %v", name, st, err)
			}
		})
	}
	wg.Wait()
	require.Len(t, f.lanes.Ledger.Lanes(), 60)
	require.Less(t, f.chain.Txs, 60)
}

// A slow chain is no error: the viewer asks again and finds the lane.
func TestSlowChain(t *testing.T) {
	f := setup(t)
	in := f.intent()
	f.chain.Slow = 300 * time.Millisecond
	st, err := f.lanes.Open(context.Background(), *in, time.Millisecond)
	require.NoError(t, err)
	require.False(t, st.Open)
	require.Eventually(t, func() bool {
		st, err := f.lanes.Open(context.Background(), *in, 10*time.Millisecond)
		return err == nil && st.Open
	}, 5*time.Second, 10*time.Millisecond)
	require.Equal(t, 1, f.chain.Txs)
}

// A lane whose opening the node missed, as after a crash, is found on the chain.
func TestAdopts(t *testing.T) {
	f := setup(t)
	now := f.chain.Now()
	in := nodetest.Intent(f.viewer, f.lanes.Node.Operator, 1, 20_000, now+60, now+3600, f.key)
	_, _, err := f.chain.OpenLanes(context.Background(), []streamtypes.LaneIntent{in})
	require.NoError(t, err)
	s, _ := f.session(1, 10)
	res, slug := f.open(wire.OpenRequest{Lane: lane(in), Session: s})
	require.Empty(t, slug)
	require.True(t, res.Session.Open)
	require.Equal(t, 1, f.chain.Txs)
}
