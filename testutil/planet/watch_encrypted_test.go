package planet_test

import (
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/keyclient"
	"github.com/streamchain/streamchain/keyshare"
	"github.com/streamchain/streamchain/nodeclient"
	"github.com/streamchain/streamchain/publish"
	"github.com/streamchain/streamchain/storagenode/wire"
	"github.com/streamchain/streamchain/testutil/planet"
	"github.com/streamchain/streamchain/token"
	"github.com/streamchain/streamchain/watch"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

// keySet is the work's active set.
func keySet(p *planet.Planet, work string) storagetypes.KeySet {
	res, err := storagetypes.NewQueryClient(p.Chain.Client.Conn()).KeySet(p.T.Context(), &storagetypes.QueryKeySetRequest{Work: work})
	require.NoError(p.T, err)
	require.NotNil(p.T, res.Active)
	return *res.Active
}

// liesOfKeys makes a holder answer for windows with another secret's shares, in every other way as it should.
func liesOfKeys(p *planet.Planet, n *planet.Node, set storagetypes.KeySet, keyID [32]byte) {
	_, shares, err := keyshare.NewSecret(rand.Reader).Deal(rand.Reader, int(set.Threshold), len(set.Holders))
	require.NoError(p.T, err)
	index := set.Holder(p.Addr(n.Operator)).Index
	lie := func(honest http.Handler, w http.ResponseWriter, r *http.Request) {
		raw, err := io.ReadAll(r.Body)
		var req wire.KeysRequest
		if r.URL.Path != "/v1/keys" || err != nil || json.Unmarshal(raw, &req) != nil {
			honest.ServeHTTP(w, r)
			return
		}
		res := wire.KeysResponse{SetVersion: set.Version, Index: index}
		for _, win := range req.Windows {
			a, err := shares[index-1].Answer(rand.Reader, keyshare.Window{Work: keyID, Rendition: win.Rendition, Number: win.Number})
			if err != nil {
				continue
			}
			sealed, err := keyshare.Seal(req.ReplyKey, keyshare.ForViewer, keyshare.AnswerContext(keyID, win.Rendition, win.Number, set.Version), a.Bytes())
			if err == nil {
				res.Sealed = append(res.Sealed, sealed)
			}
		}
		_ = json.NewEncoder(w).Encode(res) // the viewer may be gone
	}
	n.Lie.Store(&lie)
}

// stops measures the longest time between two reports.
type stops struct {
	last    time.Time
	longest time.Duration
}

func (s *stops) report() {
	if !s.last.IsZero() {
		s.longest = max(s.longest, time.Since(s.last))
	}
	s.last = time.Now()
}

// TestHoldersInTrouble: of seven holders two die and one begins to lie while a film plays by the second: it plays on, and the liar is named.
func TestHoldersInTrouble(t *testing.T) {
	t.Parallel()
	p := planet.New(t, planet.Config{Nodes: 8})
	willing(p, 8)
	opt := sold(t, p, metered(0))
	opt.File, opt.Copies = p.Song("90"), 3
	song, err := publish.Publish(t.Context(), p.Chain.Client, p.Account("alice"), opt)
	require.NoError(t, err)
	set := keySet(p, song.Work)
	require.Len(t, set.Holders, 7)
	require.EqualValues(t, 4, set.Threshold)
	keyID := keyshare.KeyID([32]byte(work(p, song.Work).Keys.C0))
	clear, want := p.Watch("bob", song.Work, 2*stream, nil)
	plays(t, want)
	require.Empty(t, clear.Keys.Liars)

	var s stops
	var liar *planet.Node
	var server string
	res, media := p.Watch("viewer", song.Work, 2*stream, func(pr watch.Progress) {
		s.report()
		if pr.Seconds < 8 || liar != nil {
			return
		}
		server = pr.Node
		var holders []*planet.Node
		for _, h := range set.Holders {
			if h.Operator != server {
				holders = append(holders, nodeOf(p, h.Operator))
			}
		}
		holders[0].Kill(t)
		holders[1].Kill(t)
		liar = holders[2]
		liesOfKeys(p, liar, set, keyID)
		s.last = time.Now()
	})
	require.Equal(t, want, media)
	t.Logf("the longest that nothing came: %s; %d windows", s.longest, res.Keys.Windows)
	require.Less(t, s.longest, 3*time.Second)
	require.Equal(t, []string{p.Addr(liar.Operator)}, res.Keys.Liars)
	require.Equal(t, 5, res.Keys.Windows)
	require.Equal(t, clear.Ticks, res.Ticks, "holders that are gone cost nothing")
	p.Settle()
}

// TestResharedWhileItPlays: the holders are drawn anew and hand over while a viewer watches, who notices nothing.
func TestResharedWhileItPlays(t *testing.T) {
	t.Parallel()
	p := planet.New(t, planet.Config{Nodes: 5})
	willing(p, 5)
	opt := sold(t, p, metered(0))
	opt.File, opt.Copies = p.Song("90"), 2
	song, err := publish.Publish(t.Context(), p.Chain.Client, p.Account("alice"), opt)
	require.NoError(t, err)
	before := keySet(p, song.Work)
	var s stops
	again := false
	res, media := p.Watch("viewer", song.Work, 2*stream, func(pr watch.Progress) {
		s.report()
		if pr.Seconds < 8 || again {
			return
		}
		again = true
		p.Send("alice", &storagetypes.MsgDrawKeySet{Signer: p.Addr("alice"), Work: song.Work})
		p.Eventually(func() bool { return keySet(p, song.Work).Version > before.Version }, "the new holders have their shares")
		s.last = time.Now()
	})
	plays(t, media)
	t.Logf("the longest that nothing came: %s", s.longest)
	require.Less(t, s.longest, 3*time.Second)
	require.Empty(t, res.Keys.Liars)
	require.Equal(t, 5, res.Keys.Windows)
	p.Settle()
}

// TestKeysEndWithTheRight: who was refunded, whose subscription is over, who asks with another's name and who has nothing gets no key.
func TestKeysEndWithTheRight(t *testing.T) {
	t.Parallel()
	p := planet.New(t, planet.Config{Nodes: 3})
	willing(p, 3)
	plan := openPlan(p, "alice", 4)
	opt := sold(t, p, subscriptiontypes.NewPurchaseOffer(token.Coin(stream)), subscriptiontypes.NewPlanOffer(plan))
	song, err := publish.Publish(t.Context(), p.Chain.Client, p.Account("alice"), opt)
	require.NoError(t, err)
	for _, who := range []string{"viewer", "bob", "mallory"} {
		fund(p, who, stream)
	}
	window := 0
	// asks is what the holders say to key, which asks for owner, for a window that nobody has yet.
	asks := func(owner, key string) error {
		window++
		c := keyclient.New(keyclient.Config{
			Chain: keyclient.OnChain{Client: p.Chain.Client}, HTTP: nodeclient.NewHTTP(true), Work: song.Work, Owner: p.Account(owner).Address(), Key: sessionKey(key),
		})
		_, err := c.Windows(t.Context(), []keyclient.Window{{Rendition: "audio-00000000", Number: uint32(window)}})
		return err
	}
	nothing := func(owner, key, why string) {
		t.Helper()
		require.ErrorIs(t, asks(owner, key), keyclient.ErrNotEntitled, why)
	}
	nothing("viewer", "viewer", "who has not bought")

	buy := &subscriptiontypes.MsgPurchase{Buyer: p.Addr("viewer"), Work: song.Work, MaxPrice: token.Coin(stream)}
	hold := ""
	for _, e := range p.Send("viewer", buy).Events {
		if e, ok := e.(*revenuetypes.EventHeld); ok {
			hold = e.HoldId
		}
	}
	p.Send("alice", &revenuetypes.MsgRefund{Controller: p.Addr("alice"), HoldId: hold})
	nothing("viewer", "viewer", "who was refunded")
	p.Send("viewer", buy)
	p.Eventually(func() bool { return asks("viewer", "viewer") == nil }, "who bought gets keys")
	nothing("viewer", "mallory", "another's key")
	nothing("mallory", "mallory", "who has nothing")

	p.Send("bob", &subscriptiontypes.MsgSubscribe{Subscriber: p.Addr("bob"), Plan: plan, MaxPrice: token.Coin(2 * stream), Periods: 1})
	p.Eventually(func() bool { return asks("bob", "bob") == nil }, "who subscribes gets keys")
	p.Eventually(func() bool { return asks("bob", "bob") != nil }, "until the period is over")
	nothing("bob", "bob", "whose period is over")
	_, _, err = p.TryWatch("bob", song.Work, 0, nil)
	require.ErrorIs(t, err, watch.ErrPayment)
}
