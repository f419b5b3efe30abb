package uses_test

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"github.com/ipfs/go-cid"
	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/nodeclient"
	"github.com/streamchain/streamchain/storagenode/admit"
	"github.com/streamchain/streamchain/storagenode/catalog"
	"github.com/streamchain/streamchain/storagenode/ledger"
	"github.com/streamchain/streamchain/storagenode/nodetest"
	"github.com/streamchain/streamchain/storagenode/serve"
	"github.com/streamchain/streamchain/storagenode/sessions"
	"github.com/streamchain/streamchain/storagenode/uses"
	"github.com/streamchain/streamchain/storagenode/wire"
	"github.com/streamchain/streamchain/voucher"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	subtypes "github.com/streamchain/streamchain/x/subscription/types"
)

var free = subtypes.AccessDecision{Granted: true, By: subtypes.ACCESS_BY_FREE, Reason: subtypes.ReasonFree}

type fixture struct {
	t      *testing.T
	chain  *nodetest.Chain
	book   *uses.Book
	report *uses.Reporter
	client *nodeclient.Client
	dir    string
	work   string
	viewer string
	key    ed25519.PrivateKey
}

func setup(t *testing.T) *fixture {
	t.Helper()
	_, op := nodetest.Account("op")
	f := &fixture{
		t: t, chain: nodetest.NewChain(op.String(), ""), dir: t.TempDir(), work: nodetest.WorkID("film"), viewer: nodetest.Address("viewer"),
		key: nodetest.SessionKey("viewer"),
	}
	f.chain.Decide("", f.work, free)
	f.chain.Grant(f.viewer, f.key, streamtypes.SESSION_KEY_SCOPE_ACCESS)
	f.chain.Uses.Duration = 100
	f.chain.Uses.Budgets = map[string]storagetypes.ServingState{f.work: nodetest.Budget(1000)}
	node := admit.Node{ChainID: nodetest.ChainID, Operator: op.String(), Bytes: op}
	f.book = &uses.Book{Node: node, Reader: admit.NewReader(f.chain), Chain: f.chain}
	f.report = &uses.Reporter{Book: f.book, Min: 20, Idle: time.Hour}
	f.open()
	paid, err := ledger.Open(filepath.Join(f.dir, "ledger"), 0)
	require.NoError(t, err)
	mux := http.NewServeMux()
	(&sessions.Server{Lanes: sessions.NewLanes(node, f.book.Reader, f.chain, paid), Uses: f.book}).Register(mux)
	srv := httptest.NewServer(mux)
	f.client = nodeclient.New(http.DefaultClient, srv.URL)
	t.Cleanup(func() {
		srv.Close()
		require.NoError(t, paid.Close())
		require.NoError(t, f.book.Ledger.Close())
	})
	return f
}

func (f *fixture) open() {
	f.t.Helper()
	l, err := ledger.Open(filepath.Join(f.dir, "uses"), 0)
	require.NoError(f.t, err)
	f.book.Ledger = l
}

// session is a signed session of price zero, with its words.
func (f *fixture) session(number uint64, edits ...func(*streamtypes.Session)) (*wire.Session, *voucher.Chain) {
	f.t.Helper()
	s := streamtypes.Session{
		ChainId: nodetest.ChainID, EscrowOwner: f.viewer, Provider: f.chain.Operator, Session: number, Work: f.work, TickSeconds: 1, MaxTicks: 200,
		Expires: f.chain.Now() + 3600, Pubkey: f.key.Public().(ed25519.PublicKey), Root: make([]byte, 32),
	}
	for _, edit := range edits {
		edit(&s)
	}
	v, err := s.Voucher()
	require.NoError(f.t, err)
	words := voucher.NewChain(&v, sha256.Sum256([]byte("viewer")))
	return &wire.Session{
		ChainID: s.ChainId, EscrowOwner: s.EscrowOwner, Denom: s.Denom, Provider: s.Provider, Generation: s.Generation, Session: s.Session, Work: s.Work,
		PricePerTick: s.PricePerTick, TickSeconds: s.TickSeconds, MaxTicks: s.MaxTicks, Root: v.Root[:], Expires: s.Expires, PubKey: s.Pubkey,
		Signature: v.Sign(f.key), Subscription: s.Subscription,
	}, words
}

func (f *fixture) begin(s *wire.Session) (wire.SessionID, error) {
	res, err := f.client.Open(context.Background(), wire.OpenRequest{Session: s})
	if err != nil {
		return wire.SessionID{}, err
	}
	return wire.ParseSessionID(res.Session.ID)
}

func (f *fixture) prove(id wire.SessionID, words *voucher.Chain, n uint32) {
	f.t.Helper()
	w := words.Word(n)
	_, err := f.client.Pay(context.Background(), id, wire.PayRequest{N: n, Word: w[:]})
	require.NoError(f.t, err)
}

func (f *fixture) step() uses.Report {
	f.t.Helper()
	r, err := f.report.Step(context.Background())
	require.NoError(f.t, err)
	return r
}

// What is worth its gas is reported, but for the newest tick of an open session; what a restart finds goes on.
func TestReports(t *testing.T) {
	f := setup(t)
	s, words := f.session(1)
	id, err := f.begin(s)
	require.NoError(t, err)
	f.prove(id, words, 20)
	require.Zero(t, f.step().Reported, "19 are worth less than 20")
	f.prove(id, words, 31)
	r := f.step()
	require.Equal(t, 1, r.Reported)
	require.EqualValues(t, 30, r.Seconds)
	require.Equal(t, "30000000000", r.Paid.String())

	require.NoError(t, f.book.Ledger.Close())
	f.open()
	again, err := f.begin(s)
	require.NoError(t, err)
	require.Equal(t, id, again)
	f.prove(id, words, 60)
	w := words.Word(60)
	require.NoError(t, f.client.CloseSession(context.Background(), id, &wire.PayRequest{N: 60, Word: w[:]}))
	require.EqualValues(t, 30, f.step().Seconds)
	require.Zero(t, f.step().Reported)
	require.Len(t, f.chain.Uses.Items, 2)
}

func TestDryIsNotReported(t *testing.T) {
	f := setup(t)
	f.chain.Uses.Budgets[f.work] = nodetest.Budget(0)
	s, words := f.session(1)
	id, err := f.begin(s)
	require.NoError(t, err)
	f.prove(id, words, 60)
	require.Zero(t, f.step().Reported)
	plan, more := f.session(2, func(s *streamtypes.Session) { s.Subscription = "streamcreator1x/7" })
	named, err := f.begin(plan)
	require.NoError(t, err)
	f.prove(named, more, 5)
	w := more.Word(5)
	require.NoError(t, f.client.CloseSession(context.Background(), named, &wire.PayRequest{N: 5, Word: w[:]}))
	require.EqualValues(t, 5, f.step().Seconds, "who is subscribed to is told, whatever this node gets")
	f.chain.Pass(3600 + streamtypes.UseGraceSeconds + 1)
	require.Equal(t, 1, f.step().Dropped)
	require.Empty(t, f.book.Ledger.Pending())
}

// A report that came too early is tried again, and what is closed and worth too little is dropped.
func TestRefusedAndSmall(t *testing.T) {
	f := setup(t)
	f.chain.Uses.Refuse = streamtypes.ErrUseTooFast
	s, words := f.session(1)
	id, err := f.begin(s)
	require.NoError(t, err)
	f.prove(id, words, 60)
	require.Equal(t, 1, f.step().Refused)
	require.Zero(t, f.step().Refused, "not at once")
	require.Len(t, f.book.Ledger.Pending(), 1)
	small, few := f.session(2)
	second, err := f.begin(small)
	require.NoError(t, err)
	f.prove(second, few, 5)
	w := few.Word(5)
	require.NoError(t, f.client.CloseSession(context.Background(), second, &wire.PayRequest{N: 5, Word: w[:]}))
	require.Equal(t, 1, f.step().Dropped)
}

func TestOpenRejections(t *testing.T) {
	f := setup(t)
	sold := nodetest.WorkID("sold")
	f.chain.Decide("", sold, nodetest.Metered(10, 0))
	own := nodetest.WorkID("own")
	f.chain.Decide("", own, subtypes.AccessDecision{Granted: true, By: subtypes.ACCESS_BY_CREATOR})
	for name, c := range map[string]struct {
		slug string
		edit func(*streamtypes.Session)
	}{
		"chain":    {wire.BadTerms, func(s *streamtypes.Session) { s.ChainId = "another" }},
		"provider": {wire.BadTerms, func(s *streamtypes.Session) { s.Provider = nodetest.Address("other") }},
		"denom":    {wire.BadTerms, func(s *streamtypes.Session) { s.Denom = "ustream" }},
		"lane":     {wire.BadTerms, func(s *streamtypes.Session) { s.Generation = 1 }},
		"ticks":    {wire.BadTerms, func(s *streamtypes.Session) { s.MaxTicks = 201 }},
		"far":      {wire.BadTerms, func(s *streamtypes.Session) { s.Expires = f.chain.Now() + 86_401 }},
		"past":     {wire.BadTerms, func(s *streamtypes.Session) { s.Expires = f.chain.Now() }},
		"operator": {wire.BadTerms, func(s *streamtypes.Session) { s.EscrowOwner = f.chain.Operator }},
		"sold":     {wire.PaymentRequired, func(s *streamtypes.Session) { s.Work = sold }},
		"own":      {wire.BadTerms, func(s *streamtypes.Session) { s.Work = own }},
		"key":      {wire.KeyNotGranted, func(s *streamtypes.Session) { s.EscrowOwner = nodetest.Address("somebody") }},
	} {
		s, _ := f.session(1, c.edit)
		_, err := f.begin(s)
		var p *wire.Problem
		require.ErrorAs(t, err, &p, name)
		require.Equal(t, c.slug, p.Slug, name)
	}
	s, _ := f.session(1)
	s.Signature[3] ^= 1
	_, err := f.begin(s)
	require.ErrorContains(t, err, wire.BadTerms)
}

// all lets everything out.
type all struct{ grant serve.Grant }

func (a all) Admit(context.Context, serve.Ask) (serve.Grant, error) { return a.grant, nil }

func (f *fixture) ask(pay string, bytes uint64) serve.Ask {
	h := http.Header{}
	if pay != "" {
		h.Set(wire.HeaderPay, pay)
	}
	item := &catalog.Item{Class: catalog.Timed, Start: 0, End: 4000}
	return serve.Ask{
		Method: http.MethodGet, Header: h, Client: "192.0.2.1", Refs: []catalog.Ref{{Entry: &catalog.Entry{Root: f.work}, Item: item}},
		Target: cid.Undef, Size: 1000, Bytes: bytes,
	}
}

// Whom a budget pays for is not held back; nobody else gets more than the rate, after a burst.
func TestUnpaidIsHeldToItsRate(t *testing.T) {
	f := setup(t)
	held := 0
	g := &uses.Gate{Gate: all{}, Book: f.book, Rate: 100, Held: func() { held++ }}
	admit := func(a serve.Ask) bool {
		_, err := g.Admit(context.Background(), a)
		if err != nil {
			require.ErrorContains(t, err, wire.TooManyRequests)
		}
		return err == nil
	}
	require.True(t, admit(f.ask("", 1_000_000)), "the burst, and what a request takes beyond it")
	require.False(t, admit(f.ask("", 1000)))
	require.Equal(t, 1, held)
	other := f.ask("", 1000)
	other.Client = "192.0.2.2"
	require.True(t, admit(other), "another client")

	s, words := f.session(1)
	id, err := f.begin(s)
	require.NoError(t, err)
	pay := func(n uint32) string { return wire.Payment{Session: id, N: n, Word: words.Word(n)}.String() }
	for range 30 {
		require.True(t, admit(f.ask(pay(0), 1000)), "120 s ahead of what it proves")
	}
	require.False(t, admit(f.ask(pay(0), 1000)))
	f.prove(id, words, 8)
	require.True(t, admit(f.ask(pay(8), 1000)))
	require.True(t, admit(f.ask(pay(8), 1000)))
	require.False(t, admit(f.ask(pay(8), 1000)))
	f.prove(id, words, 50)
	forged := wire.Payment{Session: id, N: 50, Word: words.Word(49)}.String()
	require.False(t, admit(f.ask(forged, 1000)), "not his word")
	require.True(t, admit(f.ask(pay(50), 1000)))

	// the budget is spent
	f.chain.Uses.Budgets[f.work] = nodetest.Budget(0)
	f.book = &uses.Book{Node: f.book.Node, Reader: f.book.Reader, Chain: f.chain, Ledger: f.book.Ledger}
	g.Book = f.book
	require.False(t, admit(f.ask(pay(50), 1000)))

	// what is paid by the tick, leads to a work, or goes to other nodes is not held
	g.Gate = all{serve.Grant{Paid: "1:1"}}
	require.True(t, admit(f.ask("", 1000)))
	g.Gate = all{}
	dir := f.ask("", 1000)
	dir.Refs[0].Item = nil
	require.True(t, admit(dir))
	replica := f.ask("", 1000)
	replica.Header.Set(wire.HeaderReplica, "x")
	require.True(t, admit(replica))
	g.Rate = 0
	require.True(t, admit(f.ask("", 1000)), "a rate of zero holds nobody back")
}
