package keyclient_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/keyclient"
	"github.com/streamchain/streamchain/keyshare"
	"github.com/streamchain/streamchain/nodeclient"
	"github.com/streamchain/streamchain/storagenode/keys/keystest"
	"github.com/streamchain/streamchain/storagenode/nodetest"
	"github.com/streamchain/streamchain/storagenode/wire"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	subtypes "github.com/streamchain/streamchain/x/subscription/types"
)

var ctx = context.Background()

func viewer() (sdk.AccAddress, ed25519.PrivateKey) {
	_, a := nodetest.Account("viewer")
	return a, nodetest.SessionKey("viewer")
}

// world has n holders, and a viewer who owns the work.
func world(t *testing.T, n int) (*keystest.World, keyclient.Config) {
	w := keystest.New(t, n).Active()
	owner, key := viewer()
	w.Grant(owner.String(), key, streamtypes.SESSION_KEY_SCOPE_PAYMENT_AND_ACCESS)
	w.Decide("", nodetest.Metered(10, 0))
	w.Decide(owner.String(), subtypes.AccessDecision{Granted: true, Reason: "purchased"})
	return w, keyclient.Config{Chain: w, HTTP: nodeclient.NewHTTP(true), Work: w.Root, Owner: owner, Key: key, Hedge: 50 * time.Millisecond}
}

func check(t *testing.T, w *keystest.World, got map[keyclient.Window]keyshare.Output, windows []keyclient.Window) {
	t.Helper()
	require.Len(t, got, len(windows))
	for _, win := range windows {
		require.Equal(t, w.Output(win).AES128(), got[win].AES128())
		require.Equal(t, w.Output(win).AES256(), got[win].AES256())
	}
}

// lie makes a node answer with another share than its own, sealed as it should be.
func lie(t *testing.T, w *keystest.World, n *keystest.Node) {
	n.Before = func(rw http.ResponseWriter, r *http.Request) bool {
		raw, _ := io.ReadAll(r.Body)
		var req wire.KeysRequest
		if json.Unmarshal(raw, &req) != nil {
			return false
		}
		index := uint32(0)
		set, _ := w.ActiveKeySet(ctx, w.Root)
		for _, h := range set.Holders {
			if h.Operator == n.Operator {
				index = h.Index
			}
		}
		_, shares, err := keyshare.NewSecret(rand.Reader).Deal(rand.Reader, int(set.Threshold), len(set.Holders))
		if err != nil {
			return false
		}
		id := keyshare.KeyID(w.Secret.C0())
		res := wire.KeysResponse{SetVersion: set.Version, Index: index}
		for _, win := range req.Windows {
			a, _ := shares[index-1].Answer(rand.Reader, keyshare.Window{Work: id, Rendition: win.Rendition, Number: win.Number})
			sealed, _ := keyshare.Seal(req.ReplyKey, keyshare.ForViewer, keyshare.AnswerContext(id, win.Rendition, win.Number, set.Version), a.Bytes())
			res.Sealed = append(res.Sealed, sealed)
		}
		_ = json.NewEncoder(rw).Encode(res)
		return true
	}
}

func TestWindowsAreThoseOfTheSecret(t *testing.T) {
	w, cfg := world(t, 5)
	c := keyclient.New(cfg)
	windows := append(keystest.Windows(0, 1, 10), keyclient.Window{Rendition: "extra-89abcdef.pdf", Number: 3})
	got, err := c.Windows(ctx, windows)
	require.NoError(t, err)
	check(t, w, got, windows)
	// what is known asks nobody
	for _, n := range w.Nodes {
		n.HTTP.Close()
	}
	got, err = c.Windows(ctx, windows[:2])
	require.NoError(t, err)
	check(t, w, got, windows[:2])
	require.Empty(t, c.Liars())
}

func TestTwoDeadAndOneLiar(t *testing.T) {
	for round := range 8 { // the order in which they are asked is chance
		w, cfg := world(t, 6)
		for _, n := range w.Nodes[:2] {
			n.HTTP.Close()
		}
		lie(t, w, w.Nodes[2])
		var mu sync.Mutex
		named := map[string]bool{}
		cfg.Lied = func(operator string, win keyclient.Window, answer []byte) {
			mu.Lock()
			defer mu.Unlock()
			named[operator] = true
			a, err := keyshare.ParseAnswer(answer)
			require.NoError(t, err)
			set, _ := w.ActiveKeySet(ctx, w.Root)
			commitments, err := keyshare.ParseCommitments(set.Commitments)
			require.NoError(t, err)
			require.Error(t, a.Verify(commitments, keyshare.Window{Work: keyshare.KeyID(w.Secret.C0()), Rendition: win.Rendition, Number: win.Number}), "the transcript is the proof")
		}
		c := keyclient.New(cfg)
		windows := keystest.Windows(uint32(round), 9)
		got, err := c.Windows(ctx, windows)
		require.NoError(t, err)
		check(t, w, got, windows)
		for operator := range named {
			require.Equal(t, w.Nodes[2].Operator, operator)
		}
		require.Len(t, c.Liars(), len(named))
	}
}

func TestTwoOfFiveDeadAndOneLying(t *testing.T) {
	w, cfg := world(t, 5)
	w.Nodes[0].HTTP.Close()
	w.Nodes[3].HTTP.Close()
	lie(t, w, w.Nodes[1])
	c := keyclient.New(cfg)
	// three of five are needed and two are honest: no key comes, and the liar is named
	_, err := c.Windows(ctx, keystest.Windows(1))
	require.ErrorIs(t, err, keyclient.ErrTooFewHolders)
	require.Equal(t, []string{w.Nodes[1].Operator}, c.Liars())
	var holders *keyclient.HoldersError
	require.ErrorAs(t, err, &holders)
	var liars *keyshare.LiarsError
	require.ErrorAs(t, holders.Holders[w.Nodes[1].Operator], &liars)
	// the liar repents: the keys come
	w.Nodes[1].Before = nil
	got, err := c.Windows(ctx, keystest.Windows(1))
	require.NoError(t, err)
	check(t, w, got, keystest.Windows(1))
}

func TestSlowHoldersAreHedged(t *testing.T) {
	w, cfg := world(t, 5)
	var slow atomic.Int32
	for _, n := range w.Nodes[:2] {
		n.Before = func(_ http.ResponseWriter, r *http.Request) bool {
			slow.Add(1)
			select {
			case <-r.Context().Done():
			case <-time.After(3 * time.Second):
			}
			return false
		}
	}
	for i := range 4 {
		begun := time.Now()
		got, err := keyclient.New(cfg).Windows(ctx, keystest.Windows(uint32(i)))
		require.NoError(t, err)
		require.Len(t, got, 1)
		require.Less(t, time.Since(begun), 2*time.Second)
	}
}

func TestNoRight(t *testing.T) {
	w, cfg := world(t, 3)
	w.Decide(cfg.Owner.String(), subtypes.AccessDecision{Reason: subtypes.ReasonPaymentRequired})
	w.Decide("", subtypes.AccessDecision{Reason: subtypes.ReasonPaymentRequired})
	_, err := keyclient.New(cfg).Windows(ctx, keystest.Windows(1))
	require.ErrorIs(t, err, keyclient.ErrNotEntitled)
	cfg.Key = nodetest.SessionKey("somebody")
	w.Decide(cfg.Owner.String(), subtypes.AccessDecision{Granted: true, Reason: "purchased"})
	_, err = keyclient.New(cfg).Windows(ctx, keystest.Windows(1))
	require.ErrorIs(t, err, keyclient.ErrNotEntitled)
}

func TestPaying(t *testing.T) {
	w, cfg := world(t, 5)
	w.Decide(cfg.Owner.String(), nodetest.Metered(10, 0))
	w.Lane(cfg.Owner.String(), cfg.Key, 10_000)
	_, pay := w.Pay(cfg.Owner.String(), cfg.Key, 1, 10, 1000)
	// without what pays, the price is told
	_, err := keyclient.New(cfg).Windows(ctx, keystest.Windows(1, 2))
	var more *keyclient.PayMoreError
	require.ErrorAs(t, err, &more)
	require.ErrorIs(t, err, keyclient.ErrPayMore)
	require.EqualValues(t, 12, more.Due)
	// a holder that asks for a thousand ticks is passed over
	w.Nodes[4].Before = func(rw http.ResponseWriter, _ *http.Request) bool {
		p := wire.NewProblem(http.StatusPaymentRequired, wire.PaymentRequired, "more")
		p.Terms = &wire.Terms{Due: 1000}
		p.Write(rw)
		return true
	}
	var asked []uint32
	cfg.Pay = func(_ context.Context, windows []keyclient.Window, due uint32) (*wire.KeyPay, error) {
		asked = append(asked, due)
		return pay(max(due, 6)), nil
	}
	c := keyclient.New(cfg)
	got, err := c.Windows(ctx, keystest.Windows(1, 2))
	require.NoError(t, err)
	check(t, w, got, keystest.Windows(1, 2))
	require.Equal(t, []uint32{0, 12}, asked)
	// who does not pay what is due gets no key
	cfg.Pay = func(context.Context, []keyclient.Window, uint32) (*wire.KeyPay, error) { return pay(12), nil }
	_, err = keyclient.New(cfg).Windows(ctx, keystest.Windows(3))
	require.ErrorIs(t, err, keyclient.ErrPayMore)
}

func TestReshareUnderUse(t *testing.T) {
	w, cfg := world(t, 6)
	stop, done := make(chan struct{}), make(chan error, 1)
	go func() {
		defer close(done)
		c := keyclient.New(cfg)
		for i := uint32(0); ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			got, err := c.Windows(ctx, keystest.Windows(i))
			if err == nil && got[keystest.Windows(i)[0]].AES128() != w.Output(keystest.Windows(i)[0]).AES128() {
				err = keyshare.ErrShare
			}
			if err != nil {
				done <- err
				return
			}
		}
	}()
	for range 3 {
		time.Sleep(50 * time.Millisecond)
		w.Draw(w.Nodes[1:]...)
		w.Step() // hand over
		w.Step() // accept
		set, err := w.ActiveKeySet(ctx, w.Root)
		require.NoError(t, err)
		require.Len(t, set.Holders, 5)
	}
	time.Sleep(50 * time.Millisecond)
	close(stop)
	require.NoError(t, <-done)
}

func TestAnotherSecretIsRefused(t *testing.T) {
	w, cfg := world(t, 3)
	w.Draw(w.Nodes...)
	w.Secret = keyshare.NewSecret(rand.Reader) // the chain's work still has the old C0
	w.Deal()
	w.Sets.Mu.Lock()
	w.Sets.Active[w.Root] = w.Sets.Pending[w.Root]
	w.Sets.Mu.Unlock()
	_, err := keyclient.New(cfg).Windows(ctx, keystest.Windows(1))
	require.ErrorIs(t, err, keyshare.ErrDealing)
}
