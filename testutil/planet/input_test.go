package planet_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/streamchain/streamchain/chainclient"
	"github.com/streamchain/streamchain/manifest"
	"github.com/streamchain/streamchain/media"
	"github.com/streamchain/streamchain/publish"
	"github.com/streamchain/streamchain/testutil/planet"
	"github.com/streamchain/streamchain/token"
	"github.com/streamchain/streamchain/watch"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

// TestBadFiles: what cannot be published is refused before anything is signed.
func TestBadFiles(t *testing.T) {
	t.Parallel()
	p := planet.New(t, planet.Config{Nodes: 1})
	song := p.Song("8")
	whole, err := os.ReadFile(song)
	require.NoError(t, err)
	write := func(name string, data []byte) string {
		path := filepath.Join(t.TempDir(), name)
		require.NoError(t, os.WriteFile(path, data, 0o600))
		return path
	}
	before := p.Balance(p.Addr("alice"))
	for name, x := range map[string]struct {
		file, title string
		err         any
	}{
		"empty":     {write("empty.mp3", nil), "t", media.ErrEmpty},
		"cut off":   {write("cut.m4a", whole[:len(whole)/3]), "t", media.ErrBroken},
		"no media":  {write("noise.mp4", whole[len(whole)/2:]), "t", media.ErrNotMedia},
		"not there": {filepath.Join(t.TempDir(), "gone.mp3"), "t", media.ErrUnreadable},
		"no title":  {song, "", new(*manifest.FieldError)},
		"turned":    {song, "safe\u202egnp.exe", new(*manifest.FieldError)},
	} {
		_, err := publish.Publish(t.Context(), p.Chain.Client, p.Account("alice"), publish.Options{
			File: x.file, Title: x.title, Licence: "CC0-1.0", Copies: 1, PrepayDays: 1, Home: t.TempDir(), Private: true,
		})
		if sentinel, ok := x.err.(error); ok {
			require.ErrorIs(t, err, sentinel, name)
		} else {
			require.ErrorAs(t, err, x.err, name)
		}
		_, err = os.Stat(x.file)
		require.Equal(t, name == "not there", os.IsNotExist(err), "the file is where it was")
	}
	require.Equal(t, before, p.Balance(p.Addr("alice")))
}

// TestNodeDownOrFull: a node that is down or has no room does not keep a work from being published.
func TestNodeDownOrFull(t *testing.T) {
	t.Parallel()
	p := planet.New(t, planet.Config{Nodes: 3})
	p.Nodes[0].Kill(t)
	p.Nodes[1].Fill()
	file := p.Song("8")
	opt := publish.Options{File: file, Title: "t", Licence: "CC0-1.0", Offers: []subscriptiontypes.Offer{subscriptiontypes.NewFreeOffer()}, Copies: 3, PrepayDays: 1, Home: t.TempDir(), Private: true}
	res, err := publish.Publish(t.Context(), p.Chain.Client, p.Account("alice"), opt)
	require.NoError(t, err)
	accepted := 0
	for _, d := range res.Deals {
		if d.Status == "accepted" {
			accepted++
			require.Equal(t, p.Addr(p.Nodes[2].Operator), d.Provider)
		}
	}
	require.Equal(t, 1, accepted)
	watched, _ := p.Watch("viewer", res.Work, 0, nil)
	require.Equal(t, "free", watched.GrantedBy)

	p.Nodes[2].Kill(t)
	opt.Title, opt.Home = "another", t.TempDir()
	before := p.Balance(p.Addr("alice"))
	_, err = publish.Publish(t.Context(), p.Chain.Client, p.Account("alice"), opt)
	require.ErrorIs(t, err, publish.ErrNoProvider)
	require.InDelta(t, before, p.Balance(p.Addr("alice")), 2000, "no deposit and no prepayment; a commit at most")
	_, _, err = p.TryWatch("viewer", res.Work, 0, nil)
	require.ErrorIs(t, err, watch.ErrNoNode)
}

// TestPurse: who has nothing, or allows too little, sees nothing beyond the preview and pays nothing beyond the limit.
func TestPurse(t *testing.T) {
	t.Parallel()
	p := planet.New(t, planet.Config{Nodes: 1})
	song := p.Publish("alice", p.Song("14"), metered(0))
	_, _, err := p.TryWatch("stranger", song.Work, stream, nil)
	require.ErrorIs(t, err, chainclient.ErrNoAccount)
	p.Send("bob", banktypes.NewMsgSend(p.Account("bob").Address(), p.Account("stranger").Address(), sdk.NewCoins(token.Coin(9000))))
	_, _, err = p.TryWatch("stranger", song.Work, stream, nil)
	require.ErrorIs(t, err, sdkerrors.ErrInsufficientFunds)

	_, _, err = p.TryWatch("viewer", song.Work, 8*tick, nil)
	require.ErrorIs(t, err, watch.ErrSpendLimit)
	p.Eventually(func() bool {
		p.Settle()
		balance, free := escrow(p, "viewer")
		return balance == free
	}, "the lane closes")
	paid, _ := meteredPayments(p, "viewer")
	require.LessOrEqual(t, paid, int64(8*tick))
}

// TestCopiedTransaction: who copies a pending publication gets a work of his own, dated later; the true one stands.
func TestCopiedTransaction(t *testing.T) {
	t.Parallel()
	p := planet.New(t, planet.Config{})
	for _, who := range []string{"alice", "mallory"} {
		p.Send(who, &contenttypes.MsgRegisterCreator{Controller: p.Addr(who)})
	}
	msg := onPaper(p, "alice", "new song")
	copied := *msg
	copied.Controller, copied.Creator = p.Addr("mallory"), p.Creator("mallory")
	p.Send("mallory", &copied) // it lands first
	p.Send("alice", msg)
	ids := map[string]string{}
	for who, m := range map[string]*contenttypes.MsgPublish{"alice": msg, "mallory": &copied} {
		_, man, err := m.Parse()
		require.NoError(t, err)
		id, err := man.CID()
		require.NoError(t, err)
		res, err := contenttypes.NewQueryClient(p.Chain.Client.Conn()).Work(t.Context(), &contenttypes.QueryWorkRequest{Work: id.String()})
		require.NoError(t, err)
		require.Equal(t, p.Creator(who), res.Work.Creator)
		ids[id.String()] = who
	}
	require.Len(t, ids, 2)
	_, err := p.TrySend("alice", msg)
	require.ErrorIs(t, err, contenttypes.ErrWorkExists, "sent again, it changes nothing")
}
