package planet_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	"github.com/cosmos/cosmos-sdk/x/authz"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	"github.com/cosmos/cosmos-sdk/x/feegrant"

	"github.com/streamchain/streamchain/chainclient"
	"github.com/streamchain/streamchain/sponsor"
	"github.com/streamchain/streamchain/testutil/planet"
	"github.com/streamchain/streamchain/token"
	"github.com/streamchain/streamchain/watch"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

// generous is a sponsor on a planet, with an account of its own.
type generous struct {
	p      *planet.Planet
	cfg    sponsor.Config
	signer chainclient.Signer
	remote *sponsor.Remote
	stop   func()
}

// purse is what the sponsor is given, in ustream.
const purse = 100 * stream

func newSponsor(p *planet.Planet, credit int64) *generous {
	t := p.T
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	g := &generous{p: p, cfg: sponsor.DefaultConfig(), signer: chainclient.KeySigner(secp256k1.GenPrivKeyFromSecret([]byte("sponsor")))}
	g.cfg.Local()
	g.cfg.Home, g.cfg.HTTP.Listen, g.cfg.HTTP.URL = t.TempDir(), l.Addr().String(), "http://"+l.Addr().String()
	g.cfg.Grant.StarterCredit = sponsor.Amount(credit)
	require.NoError(t, l.Close())
	p.Send("alice", banktypes.NewMsgSend(p.Account("alice").Address(), g.signer.Address(), sdk.NewCoins(token.Coin(purse))))
	g.remote, err = sponsor.NewRemote(g.cfg.HTTP.URL)
	require.NoError(t, err)
	g.start()
	t.Cleanup(func() { g.stop() })
	return g
}

func (g *generous) start() {
	t := g.p.T
	client := dial(g.p)
	s, err := sponsor.New(g.cfg, sponsor.Client{Client: client, Signer: g.signer}, slog.New(slog.NewTextHandler(io.Discard, nil)))
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	ready, done := make(chan struct{}), make(chan error, 1)
	go func() { done <- s.Run(ctx, func(net.Addr) { close(ready) }) }()
	<-ready
	g.stop = sync.OnceFunc(func() {
		cancel()
		require.NoError(t, <-done)
		require.NoError(t, client.Close())
	})
}

// dial is a connection whose fees nobody else pays.
func dial(p *planet.Planet) *chainclient.Client {
	c, err := chainclient.Dial(p.T.Context(), chainclient.Config{
		GRPC: p.Chain.GRPC, RPC: p.Chain.RPC, ChainID: planet.ChainID,
		Register: []func(codectypes.InterfaceRegistry){streamtypes.RegisterInterfaces, subscriptiontypes.RegisterInterfaces},
	})
	require.NoError(p.T, err)
	return c
}

// wallet is a newcomer's: a new key, and no coins.
type wallet struct {
	*chainclient.Client
	g      *generous
	signer chainclient.Signer
	asked  int
}

func (g *generous) newcomer(name string) *wallet {
	w := &wallet{Client: dial(g.p), g: g, signer: chainclient.KeySigner(secp256k1.GenPrivKeyFromSecret([]byte("newcomer " + name)))}
	g.p.T.Cleanup(func() { _ = w.Close() })
	require.Zero(g.p.T, g.p.Balance(w.addr()))
	w.FeesFrom(w.signer.Address(), func(ctx context.Context) (sdk.AccAddress, error) {
		w.asked++
		_, err := g.remote.Ask(ctx, planet.ChainID, w.signer, nil)
		return g.signer.Address(), err
	})
	return w
}

func (w *wallet) addr() string { return w.signer.Address().String() }

func (w *wallet) watch(work string, maxSpend uint64) *watch.Result {
	var out bytes.Buffer
	res, err := watch.Watch(w.g.p.T.Context(), w.Client, w.signer, watch.Options{
		Work: work, Home: w.g.p.T.TempDir(), Out: &out, MaxSpend: maxSpend, AllowPrivate: true,
	})
	require.NoError(w.g.p.T, err)
	require.True(w.g.p.T, res.Verified)
	require.NotZero(w.g.p.T, out.Len())
	return res
}

func (w *wallet) send(msgs ...sdk.Msg) error {
	_, err := w.Broadcast(w.g.p.T.Context(), w.signer, msgs...)
	return err
}

// left is what the sponsor still pays for the wallet; -1 where it pays nothing.
func (w *wallet) left() int64 {
	left, err := sponsor.AllowanceOf(w.g.p.T.Context(), w.Client, w.g.signer.Address().String(), w.addr())
	require.NoError(w.g.p.T, err)
	if left == nil {
		return -1
	}
	return left.Int64()
}

// withinBudget requires that the sponsor has lost no more than it counted.
func (g *generous) withinBudget() {
	h, err := g.remote.Health(g.p.T.Context())
	require.NoError(g.p.T, err)
	lost := purse - g.p.Balance(g.signer.Address().String())
	require.LessOrEqual(g.p.T, uint64(lost), h.SpentDay)
	require.Positive(g.p.T, lost)
}

// TestEmptyWallet: somebody without a coin watches, buys and subscribes, and pays the creators in full.
func TestEmptyWallet(t *testing.T) {
	t.Parallel()
	p := planet.New(t, planet.Config{Nodes: 1})
	free := p.Publish("alice", p.Song("4"), subscriptiontypes.NewFreeOffer()).Work
	metered := p.Publish("alice", p.Song("7"), subscriptiontypes.NewMeteredOffer(math.NewInt(tick), 1, 0)).Work
	plan := openPlan(p, "bob", 3600)
	priced := p.Publish("bob", p.Song("5"), subscriptiontypes.NewPurchaseOffer(token.Coin(stream)), subscriptiontypes.NewPlanOffer(plan)).Work
	g := newSponsor(p, 5*stream)
	w := g.newcomer("one")

	require.Equal(t, "free", w.watch(free, 0).GrantedBy)
	require.Zero(t, w.asked, "who signs nothing asks for nothing")
	require.EqualValues(t, -1, w.left())

	require.NoError(t, w.send(&subscriptiontypes.MsgPurchase{Buyer: w.addr(), Work: priced, MaxPrice: token.Coin(stream)}))
	require.EqualValues(t, 4*stream, p.Balance(w.addr()), "the price is the newcomer's, the fee the sponsor's")
	require.Equal(t, "purchase", w.watch(priced, 0).GrantedBy)

	res := w.watch(metered, stream)
	require.Equal(t, "metered", res.GrantedBy)
	require.NotZero(t, res.Ticks)
	require.NoError(t, w.send(&subscriptiontypes.MsgSubscribe{Subscriber: w.addr(), Plan: plan, MaxPrice: token.Coin(2 * stream), Periods: 1}))
	require.NoError(t, w.send(&streamtypes.MsgTip{Payer: w.addr(), Subject: p.Creator("bob"), Amount: token.Coin(1000)}))
	require.Equal(t, 1, w.asked)
	require.Less(t, w.left(), int64(g.cfg.Grant.SpendLimit))
	require.Positive(t, w.left(), "a first use fits the limit")
	g.withinBudget()

	g.stop()
	g.start()
	_, err := g.remote.Ask(t.Context(), planet.ChainID, w.signer, nil)
	require.ErrorIs(t, err, sponsor.ErrSponsored)
	_, err = g.remote.Ask(t.Context(), planet.ChainID, p.Account("viewer"), nil)
	require.ErrorIs(t, err, sponsor.ErrNotNewcomer)
	p.Settle()
}

// TestAllowanceIsForFirstUse: nothing else is paid for, and burning it costs the sponsor the limit and no more.
func TestAllowanceIsForFirstUse(t *testing.T) {
	t.Parallel()
	p := planet.New(t, planet.Config{})
	work := register(p, "alice", subscriptiontypes.NewPurchaseOffer(token.Coin(1000)))
	g := newSponsor(p, stream)
	w := g.newcomer("hostile")
	tip := &streamtypes.MsgTip{Payer: w.addr(), Subject: work, Amount: token.Coin(1000)}
	require.NoError(t, w.send(tip))
	exec := authz.NewMsgExec(w.signer.Address(), []sdk.Msg{tip})
	grant, err := feegrant.NewMsgGrantAllowance(&feegrant.BasicAllowance{}, w.signer.Address(), p.Account("mallory").Address())
	require.NoError(t, err)
	before := w.left()
	for _, msg := range []sdk.Msg{
		banktypes.NewMsgSend(w.signer.Address(), p.Account("mallory").Address(), sdk.NewCoins(token.Coin(1))), &exec, grant,
		&streamtypes.MsgWithdraw{Owner: w.addr(), Amount: token.Coin(1), To: p.Addr("mallory")},
	} {
		require.ErrorContains(t, w.send(msg), feegrant.ErrMessageNotAllowed.Error(), sdk.MsgTypeURL(msg))
		require.ErrorContains(t, w.send(tip, msg), feegrant.ErrMessageNotAllowed.Error(), "nor beside one that is")
	}
	require.Equal(t, before, w.left())

	// a fee of all that is left, as one who proposes blocks would pay it to herself
	spender := dial(p)
	defer spender.Close()
	dear, err := chainclient.Dial(t.Context(), chainclient.Config{
		GRPC: p.Chain.GRPC, RPC: p.Chain.RPC, ChainID: planet.ChainID, GasPrice: "0.02ustream", Register: []func(codectypes.InterfaceRegistry){streamtypes.RegisterInterfaces},
	})
	require.NoError(t, err)
	defer dear.Close()
	dear.FeesFrom(w.signer.Address(), func(context.Context) (sdk.AccAddress, error) { return g.signer.Address(), nil })
	for range 50 {
		if _, err = dear.Broadcast(t.Context(), w.signer, tip); err != nil {
			break
		}
	}
	require.Error(t, err, "the allowance ends")
	g.withinBudget()
	_, err = g.remote.Ask(t.Context(), planet.ChainID, w.signer, nil)
	require.ErrorIs(t, err, sponsor.ErrSponsored)
}

// TestManyNewcomers share transactions, and what expires is removed by the chain itself.
func TestManyNewcomers(t *testing.T) {
	t.Parallel()
	p := planet.New(t, planet.Config{})
	g := newSponsor(p, 0)
	before := sequence(p, g.signer.Address())
	var wg sync.WaitGroup
	errs := make([]error, 30)
	for i := range errs {
		who := chainclient.KeySigner(secp256k1.GenPrivKeyFromSecret(fmt.Append(nil, "newcomer ", i)))
		wg.Go(func() { _, errs[i] = g.remote.Ask(t.Context(), planet.ChainID, who, nil) })
	}
	wg.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	txs := sequence(p, g.signer.Address()) - before
	require.Less(t, txs, uint64(15), "thirty grants, and fewer transactions")
	g.withinBudget()
	w := g.newcomer("0 again")
	w.signer = chainclient.KeySigner(secp256k1.GenPrivKeyFromSecret([]byte("newcomer 0")))
	require.EqualValues(t, g.cfg.Grant.SpendLimit, w.left())
	require.Zero(t, p.Balance(w.addr()), "no coins without a starter credit")

	g.stop()
	direct := sponsor.Client{Client: dial(p), Signer: g.signer}
	defer direct.Close()
	height, err := direct.Height(t.Context())
	require.NoError(t, err)
	brief := chainclient.KeySigner(secp256k1.GenPrivKeyFromSecret([]byte("brief")))
	_, err = direct.Grant(t.Context(), []string{brief.Address().String()}, sponsor.Terms{
		SpendLimit: 5000, Expires: time.Now().Add(3 * time.Second).UTC(), Until: height + 50, MaxFee: 500,
	})
	require.NoError(t, err)
	query := feegrant.NewQueryClient(p.Chain.Client.Conn())
	p.Eventually(func() bool {
		res, err := query.AllowancesByGranter(t.Context(), &feegrant.QueryAllowancesByGranterRequest{Granter: g.signer.Address().String()})
		require.NoError(t, err)
		return len(res.Allowances) == len(errs)
	}, "the expired allowance is gone")
	require.EqualValues(t, 0, p.Balance(brief.Address().String()))
	_, err = direct.Grant(t.Context(), []string{brief.Address().String()}, sponsor.Terms{
		SpendLimit: 5000, Expires: time.Now().Add(time.Hour).UTC(), Until: height, MaxFee: 500,
	})
	require.Error(t, err, "past its last height no block holds it")
}

func sequence(p *planet.Planet, of sdk.AccAddress) uint64 {
	res, err := authtypes.NewQueryClient(p.Chain.Client.Conn()).AccountInfo(p.T.Context(), &authtypes.QueryAccountInfoRequest{Address: of.String()})
	require.NoError(p.T, err)
	return res.Info.Sequence
}
