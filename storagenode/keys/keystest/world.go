// Package keystest has several holders of one encrypted work, each with a chain in memory, a store, and an HTTP server, for tests of who asks them.
//
// Start at New and World.Active.
package keystest

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/keyclient"
	"github.com/streamchain/streamchain/keyshare"
	"github.com/streamchain/streamchain/storagenode/admit"
	"github.com/streamchain/streamchain/storagenode/keys"
	"github.com/streamchain/streamchain/storagenode/nodetest"
	"github.com/streamchain/streamchain/storagenode/wire"
	"github.com/streamchain/streamchain/token"
	"github.com/streamchain/streamchain/voucher"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	subtypes "github.com/streamchain/streamchain/x/subscription/types"
)

const (
	// WindowSeconds and DurationSeconds are the work's; its last window is of 2 seconds.
	WindowSeconds   = 6
	DurationSeconds = 62
)

// Node is one holder.
type Node struct {
	Operator string
	Account  sdk.AccAddress
	Dir      string
	Chain    *nodetest.Chain
	Store    *keys.Store
	Book     *keys.Book
	Holder   *keys.Holder
	Server   *keys.Server
	HTTP     *httptest.Server
	// Before, where set, may answer in the node's place.
	Before func(w http.ResponseWriter, r *http.Request) bool
}

// World is a work and its holders. Log has what all of them logged.
type World struct {
	T      testing.TB
	Root   string
	Secret keyshare.Secret
	Sets   *nodetest.KeySets
	Nodes  []*Node
	Log    *Log
}

// Log collects text.
type Log struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write implements io.Writer.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// String is all that was written.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// New makes n nodes that hold nothing yet.
func New(t testing.TB, n int) *World {
	t.Helper()
	w := &World{T: t, Root: nodetest.WorkID("encrypted"), Secret: keyshare.NewSecret(rand.Reader), Sets: nodetest.NewKeySets(), Log: &Log{}}
	for i := range n {
		w.Nodes = append(w.Nodes, w.node(fmt.Sprintf("holder%d", i+1)))
	}
	return w
}

func (w *World) node(name string) *Node {
	_, account := nodetest.Account(name)
	n := &Node{Operator: account.String(), Account: account, Dir: w.T.TempDir(), Chain: nodetest.NewChain(account.String(), nodetest.Address("agent-"+name))}
	n.Chain.Sets = w.Sets
	c0 := w.Secret.C0()
	n.Chain.Works[w.Root] = contenttypes.Work{
		Cid: w.Root, Root: w.Root, Head: w.Root, DurationSeconds: DurationSeconds,
		Keys: &contenttypes.Keys{Suite: keyshare.Suite, C0: c0[:], WindowSeconds: WindowSeconds},
	}
	n.Open(w)
	n.HTTP = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if n.Before == nil || !n.Before(rw, r) {
			n.Server.ServeHTTP(rw, r)
		}
	}))
	w.T.Cleanup(n.HTTP.Close)
	return n
}

// Open opens what lies in the node's folder, as after a kill.
func (n *Node) Open(w *World) {
	var err error
	n.Store, err = keys.OpenStore(filepath.Join(n.Dir, "keys"))
	require.NoError(w.T, err)
	n.Book, err = keys.OpenBook(filepath.Join(n.Dir, "keys", "sessions"))
	require.NoError(w.T, err)
	n.Holder = &keys.Holder{Operator: n.Operator, Chain: n.Chain, Store: n.Store}
	s := keys.NewServer(keys.Limit{Rate: 1e6, Burst: 1e6}, keys.Limit{Rate: 1e6, Burst: 1e6})
	s.Node = admit.Node{ChainID: nodetest.ChainID, Operator: n.Operator, Bytes: n.Account}
	s.Reader, s.Chain, s.Store, s.Book = admit.NewReader(n.Chain), n.Chain, n.Store, n.Book
	s.Log = slog.New(slog.NewTextHandler(w.Log, nil))
	n.Server = s
}

// Forget drops what the node remembers of the chain's answers.
func (n *Node) Forget() { n.Server.Reader = admit.NewReader(n.Chain) }

// Draw draws a set of these nodes.
func (w *World) Draw(nodes ...*Node) {
	var operators []string
	var sealKeys [][]byte
	for _, n := range nodes {
		operators, sealKeys = append(operators, n.Operator), append(sealKeys, n.Store.SealKey())
	}
	w.Sets.Draw(w.Root, operators, sealKeys)
}

// Pending is the set that is being prepared.
func (w *World) Pending() storagetypes.KeySet {
	w.Sets.Mu.Lock()
	defer w.Sets.Mu.Unlock()
	return w.Sets.Pending[w.Root]
}

// Deal deals the secret to the set that is drawn.
func (w *World) Deal() {
	s := w.Pending()
	commitments, shares, err := w.Secret.Deal(rand.Reader, int(s.Threshold), len(s.Holders))
	require.NoError(w.T, err)
	sealed := make([][]byte, len(shares))
	for i, share := range shares {
		secret := share.Bytes()
		sealed[i], err = keyshare.Seal(s.Holders[i].SealKey, keyshare.ForHolder, keyshare.ShareContext(w.Root, s.Version, uint32(i+1), 0), secret[:])
		require.NoError(w.T, err)
	}
	w.Sets.Deal(w.Root, commitments.Bytes(), sealed)
}

// Step lets every node do its part.
func (w *World) Step() {
	for _, n := range w.Nodes {
		_, err := n.Holder.Step(context.Background())
		require.NoError(w.T, err)
	}
}

// Active makes all nodes the active set.
func (w *World) Active() *World {
	w.Draw(w.Nodes...)
	w.Deal()
	w.Step()
	w.Sets.Mu.Lock()
	defer w.Sets.Mu.Unlock()
	require.Equal(w.T, storagetypes.KEY_SET_STATUS_ACTIVE, w.Sets.Active[w.Root].Status)
	return w
}

// Each does something to every node's chain.
func (w *World) Each(f func(*nodetest.Chain)) {
	for _, n := range w.Nodes {
		n.Chain.Mu.Lock()
		f(n.Chain)
		n.Chain.Mu.Unlock()
		n.Forget()
	}
}

// Decide sets what all chains say of viewer's access, empty for nobody's.
func (w *World) Decide(viewer string, d subtypes.AccessDecision) {
	d.Work = w.Root
	w.Each(func(c *nodetest.Chain) { c.Decisions[viewer+"/"+w.Root] = d })
}

// Grant lets key sign for owner.
func (w *World) Grant(owner string, key ed25519.PrivateKey, scope streamtypes.SessionKeyScope) {
	pub := string(key.Public().(ed25519.PublicKey))
	w.Each(func(c *nodetest.Chain) {
		c.Keys[owner+"/"+pub] = streamtypes.SessionKey{Owner: owner, Pubkey: []byte(pub), Expires: c.Live + 7200, Scope: scope}
	})
}

// Lane opens a lane with a provider that is none of the holders.
func (w *World) Lane(owner string, key ed25519.PrivateKey, limit uint64) streamtypes.Lane {
	l := streamtypes.Lane{Owner: owner, Denom: token.BaseDenom, Provider: nodetest.Address("server"), Generation: 1, Pubkey: key.Public().(ed25519.PublicKey), Cap: limit}
	w.Each(func(c *nodetest.Chain) {
		l.OpenedAt, l.Expires, l.ClosesAt, l.EndsAt = c.Live, c.Live+7200, c.Live+7500, c.Live+7500
		c.Lanes[owner+"/"+token.BaseDenom] = l
	})
	return l
}

// Pay makes a session in the lane that Lane opens, and gives what pays for n of its ticks.
func (w *World) Pay(owner string, key ed25519.PrivateKey, number, price uint64, maxTicks uint32) (streamtypes.Session, func(n uint32) *wire.KeyPay) {
	s, words := nodetest.Session(owner, nodetest.Address("server"), w.Root, 1, number, price, maxTicks, w.Nodes[0].Chain.Now()+7000, key)
	return s, func(n uint32) *wire.KeyPay { return PayOf(s, words, n) }
}

// PayOf is what pays for n ticks.
func PayOf(s streamtypes.Session, words *voucher.Chain, n uint32) *wire.KeyPay {
	w := words.Word(n)
	return &wire.KeyPay{Session: Session(s), N: n, Word: w[:]}
}

// Session is the JSON form of signed terms.
func Session(s streamtypes.Session) wire.Session {
	return wire.Session{
		ChainID: s.ChainId, EscrowOwner: s.EscrowOwner, Denom: s.Denom, Provider: s.Provider, Generation: s.Generation, Session: s.Session, Work: s.Work,
		PricePerTick: s.PricePerTick, TickSeconds: s.TickSeconds, MaxTicks: s.MaxTicks, Root: s.Root, Expires: s.Expires, PubKey: s.Pubkey, Signature: s.Signature,
	}
}

// Windows names windows of the rendition "720p-01234567".
func Windows(numbers ...uint32) []wire.KeyWindow {
	var out []wire.KeyWindow
	for _, n := range numbers {
		out = append(out, wire.KeyWindow{Rendition: "720p-01234567", Number: n})
	}
	return out
}

// Output is what the function gives at a window.
func (w *World) Output(win wire.KeyWindow) keyshare.Output {
	out, err := w.Secret.Output(keyshare.Window{Work: keyshare.KeyID(w.Secret.C0()), Rendition: win.Rendition, Number: win.Number})
	require.NoError(w.T, err)
	return out
}

// ChainID implements keyclient.Chain.
func (w *World) ChainID() string { return nodetest.ChainID }

// Work implements keyclient.Chain.
func (w *World) Work(ctx context.Context, cid string) (contenttypes.Work, error) {
	return w.Nodes[0].Chain.Work(ctx, cid)
}

// ActiveKeySet implements keyclient.Chain.
func (w *World) ActiveKeySet(_ context.Context, root string) (storagetypes.KeySet, error) {
	w.Sets.Mu.Lock()
	defer w.Sets.Mu.Unlock()
	s, ok := w.Sets.Active[root]
	if !ok {
		return s, keyclient.ErrNoKeySet
	}
	return s, nil
}

// Endpoints implements keyclient.Chain.
func (w *World) Endpoints(_ context.Context, operator string) ([]string, error) {
	for _, n := range w.Nodes {
		if n.Operator == operator {
			return []string{n.HTTP.URL}, nil
		}
	}
	return nil, nil
}
