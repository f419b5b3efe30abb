package keeper_test

import (
	"crypto/ed25519"
	"crypto/sha256"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	"github.com/streamchain/streamchain/x/content/types"
)

func feedPubkey(name string) []byte {
	seed := sha256.Sum256([]byte("feed " + name))
	return ed25519.NewKeyFromSeed(seed[:]).Public().(ed25519.PublicKey)
}

// registerFeed is a valid message.
func registerFeed(owner sdk.AccAddress, name string) *types.MsgRegisterFeed {
	return &types.MsgRegisterFeed{
		Owner: owner.String(), Name: name, Endpoint: "https://feeds.example.com/" + name, Key: feedPubkey(name), Title: "Feed of " + name, Description: "What I like",
	}
}

func TestFeed(t *testing.T) {
	f := newFixture(t)
	alice := f.Funded("alice", 10*stream) // no creator: anybody can recommend
	bob := f.Funded("bob", 10*stream)
	res, err := f.msg.RegisterFeed(f.Ctx, registerFeed(alice, "songs"))
	require.NoError(t, err)
	require.Equal(t, alice.String()+"/songs", res.Feed)
	require.NoError(t, f.send(registerFeed(bob, "songs")), "names are each owner's own")
	require.EqualValues(t, 2*stream, f.ModuleBalance(types.ModuleName))
	registered := f.now()
	require.Equal(t, types.Feed{
		Id: res.Feed, Owner: alice.String(), Endpoint: "https://feeds.example.com/songs", Key: feedPubkey("songs"), Title: "Feed of songs", Description: "What I like",
		RegisteredAt: registered, UpdatedAt: registered, Deposit: math.NewInt(stream),
	}, f.feed(res.Feed))

	// a deposit that governance changes meanwhile changes nothing for who paid it
	params := types.DefaultParams()
	params.HandleDeposit = math.NewInt(3 * stream)
	require.NoError(t, f.send(&types.MsgUpdateParams{Authority: f.Authority, Params: params}))
	f.NextBlock(time.Minute)
	require.NoError(t, f.send(&types.MsgUpdateFeed{Owner: alice.String(), Feed: res.Feed, Endpoint: "HTTPS://Other.Example.com:443/", Key: feedPubkey("new"), Title: "Lieder"}))
	require.Equal(t, types.Feed{
		Id: res.Feed, Owner: alice.String(), Endpoint: "https://other.example.com", Key: feedPubkey("new"), Title: "Lieder",
		RegisteredAt: registered, UpdatedAt: registered + 60, Deposit: math.NewInt(stream),
	}, f.feed(res.Feed))

	require.NoError(t, f.send(registerFeed(alice, "films")))
	all, err := f.q.Feeds(f.Ctx, &types.QueryFeedsRequest{})
	require.NoError(t, err)
	require.Len(t, all.Feeds, 3)
	first, err := f.q.Feeds(f.Ctx, &types.QueryFeedsRequest{Owner: alice.String(), Pagination: &query.PageRequest{Limit: 1}})
	require.NoError(t, err)
	require.Equal(t, []string{alice.String() + "/films"}, feedIDs(first.Feeds))
	rest, err := f.q.Feeds(f.Ctx, &types.QueryFeedsRequest{Owner: alice.String(), Pagination: &query.PageRequest{Key: first.Pagination.NextKey}})
	require.NoError(t, err)
	require.Equal(t, []string{res.Feed}, feedIDs(rest.Feeds))
	_, err = f.q.Feeds(f.Ctx, &types.QueryFeedsRequest{Owner: "x"})
	require.ErrorIs(t, err, types.ErrInvalidAddress)

	removed, err := f.msg.RemoveFeed(f.Ctx, &types.MsgRemoveFeed{Owner: alice.String(), Feed: res.Feed})
	require.NoError(t, err)
	require.EqualValues(t, stream, removed.Returned.Int64())
	require.EqualValues(t, 10*stream-3*stream, f.Bank.GetBalance(f.Ctx, alice, "ustream").Amount.Int64())
	_, err = f.q.Feed(f.Ctx, &types.QueryFeedRequest{Feed: res.Feed})
	require.ErrorIs(t, err, types.ErrFeedNotFound)
	require.NoError(t, f.send(registerFeed(alice, "songs")), "its owner can take the name again")
	for _, id := range []string{"", "x", "songs", alice.String(), alice.String() + "/", res.Feed + "/", strings.ToUpper(alice.String()) + "/songs", alice.String() + "/Songs"} {
		_, err = f.q.Feed(f.Ctx, &types.QueryFeedRequest{Feed: id})
		require.ErrorIs(t, err, types.ErrInvalidFeedID, id)
	}
}

func (f *fixture) feed(id string) types.Feed {
	f.T.Helper()
	res, err := f.q.Feed(f.Ctx, &types.QueryFeedRequest{Feed: id})
	require.NoError(f.T, err)
	return res.Feed
}

func feedIDs(feeds []types.Feed) (ids []string) {
	for _, f := range feeds {
		ids = append(ids, f.Id)
	}
	return ids
}

// Each message is right but for one thing, is refused for that thing and changes nothing.
func TestFeedRejections(t *testing.T) {
	f := newFixture(t)
	alice, bob, poor := f.Funded("alice", 10*stream), f.Funded("bob", 10*stream), f.Funded("poor", stream-1)
	require.NoError(t, f.send(registerFeed(alice, "songs")))
	id := alice.String() + "/songs"
	module := authtypes.NewModuleAddress(types.ModuleName)
	smallOrder := make([]byte, 32)
	smallOrder[0] = 1 // the identity
	register := func(change func(*types.MsgRegisterFeed)) sdk.Msg {
		m := registerFeed(alice, "films")
		change(m)
		return m
	}
	update := func(change func(*types.MsgUpdateFeed)) sdk.Msg {
		m := &types.MsgUpdateFeed{Owner: alice.String(), Feed: id, Endpoint: "https://feeds.example.com", Key: feedPubkey("new"), Title: "New"}
		change(m)
		return m
	}
	long := strings.Repeat("é", 281)
	for name, r := range map[string]struct {
		msg sdk.Msg
		err error
	}{
		"nobody":         {register(func(m *types.MsgRegisterFeed) { m.Owner = "x" }), types.ErrInvalidAddress},
		"a module":       {register(func(m *types.MsgRegisterFeed) { m.Owner = module.String() }), types.ErrBlockedAddress},
		"too poor":       {register(func(m *types.MsgRegisterFeed) { m.Owner = poor.String() }), nil},
		"name taken":     {register(func(m *types.MsgRegisterFeed) { m.Name = "songs" }), types.ErrFeedExists},
		"no name":        {register(func(m *types.MsgRegisterFeed) { m.Name = "" }), types.ErrInvalidFeedID},
		"long name":      {register(func(m *types.MsgRegisterFeed) { m.Name = strings.Repeat("a", 33) }), types.ErrInvalidFeedID},
		"loud name":      {register(func(m *types.MsgRegisterFeed) { m.Name = "Films" }), types.ErrInvalidFeedID},
		"name with path": {register(func(m *types.MsgRegisterFeed) { m.Name = "a/b" }), types.ErrInvalidFeedID},
		"name of hyphen": {register(func(m *types.MsgRegisterFeed) { m.Name = "-" }), types.ErrInvalidFeedID},
		"name, hyphen":   {register(func(m *types.MsgRegisterFeed) { m.Name = "films-" }), types.ErrInvalidFeedID},
		"no endpoint":    {register(func(m *types.MsgRegisterFeed) { m.Endpoint = "" }), types.ErrInvalidFeedEndpoint},
		"no TLS":         {register(func(m *types.MsgRegisterFeed) { m.Endpoint = "http://feeds.example.com" }), types.ErrInvalidFeedEndpoint},
		"loopback":       {register(func(m *types.MsgRegisterFeed) { m.Endpoint = "https://127.0.0.1:8443" }), types.ErrInvalidFeedEndpoint},
		"metadata":       {register(func(m *types.MsgRegisterFeed) { m.Endpoint = "https://169.254.169.254" }), types.ErrInvalidFeedEndpoint},
		"a local name":   {register(func(m *types.MsgRegisterFeed) { m.Endpoint = "https://router" }), types.ErrInvalidFeedEndpoint},
		"a query":        {register(func(m *types.MsgRegisterFeed) { m.Endpoint += "?x=1" }), types.ErrInvalidFeedEndpoint},
		"long endpoint":  {register(func(m *types.MsgRegisterFeed) { m.Endpoint += strings.Repeat("a", 256) }), types.ErrInvalidFeedEndpoint},
		"no key":         {register(func(m *types.MsgRegisterFeed) { m.Key = nil }), types.ErrInvalidFeedKey},
		"short key":      {register(func(m *types.MsgRegisterFeed) { m.Key = m.Key[1:] }), types.ErrInvalidFeedKey},
		"weak key":       {register(func(m *types.MsgRegisterFeed) { m.Key = smallOrder }), types.ErrInvalidFeedKey},
		"no title":       {register(func(m *types.MsgRegisterFeed) { m.Title = "" }), types.ErrInvalidFeedText},
		"blank title":    {register(func(m *types.MsgRegisterFeed) { m.Title = " " }), types.ErrInvalidFeedText},
		"long title":     {register(func(m *types.MsgRegisterFeed) { m.Title = long[:65*2] }), types.ErrInvalidFeedText},
		"backward title": {register(func(m *types.MsgRegisterFeed) { m.Title = "a\u202eb" }), types.ErrInvalidFeedText},
		"broken title":   {register(func(m *types.MsgRegisterFeed) { m.Title = "\xff" }), types.ErrInvalidFeedText},
		"two lines":      {register(func(m *types.MsgRegisterFeed) { m.Description = "a\nb" }), types.ErrInvalidFeedText},
		"long text":      {register(func(m *types.MsgRegisterFeed) { m.Description = long }), types.ErrInvalidFeedText},

		"update: nobody":    {update(func(m *types.MsgUpdateFeed) { m.Owner = "x" }), types.ErrInvalidAddress},
		"update: another":   {update(func(m *types.MsgUpdateFeed) { m.Owner = bob.String() }), types.ErrNotFeedOwner},
		"update: malformed": {update(func(m *types.MsgUpdateFeed) { m.Feed = "songs" }), types.ErrInvalidFeedID},
		"update: unknown":   {update(func(m *types.MsgUpdateFeed) { m.Feed += "2" }), types.ErrFeedNotFound},
		"update: endpoint":  {update(func(m *types.MsgUpdateFeed) { m.Endpoint = "https://10.0.0.1" }), types.ErrInvalidFeedEndpoint},
		"update: key":       {update(func(m *types.MsgUpdateFeed) { m.Key = smallOrder }), types.ErrInvalidFeedKey},
		"update: title":     {update(func(m *types.MsgUpdateFeed) { m.Title = "" }), types.ErrInvalidFeedText},
		"update: text":      {update(func(m *types.MsgUpdateFeed) { m.Description = long }), types.ErrInvalidFeedText},

		"remove: nobody":    {&types.MsgRemoveFeed{Owner: "x", Feed: id}, types.ErrInvalidAddress},
		"remove: another":   {&types.MsgRemoveFeed{Owner: bob.String(), Feed: id}, types.ErrNotFeedOwner},
		"remove: malformed": {&types.MsgRemoveFeed{Owner: alice.String(), Feed: "songs"}, types.ErrInvalidFeedID},
		"remove: unknown":   {&types.MsgRemoveFeed{Owner: alice.String(), Feed: id + "2"}, types.ErrFeedNotFound},
	} {
		before := f.state()
		err := f.send(r.msg)
		require.Error(t, err, name)
		if r.err != nil {
			require.ErrorIs(t, err, r.err, name)
		}
		require.Equal(t, before, f.state(), name)
	}
}

// A local network's genesis may allow feeds on the same machine; no vote can.
func TestFeedsOfLocalNetworks(t *testing.T) {
	f := bareFixture(t)
	gs := types.DefaultGenesis()
	gs.Params.RelaxedNetworkRules = true
	require.NoError(t, f.k.InitGenesis(f.Ctx, *gs))
	msg := registerFeed(f.Funded("alice", 10*stream), "songs")
	msg.Endpoint = "http://127.0.0.1:9000"
	require.NoError(t, f.send(msg))
	require.NoError(t, f.k.CheckInvariants(f.Ctx))
	require.ErrorIs(t, f.send(&types.MsgUpdateParams{Authority: f.Authority, Params: types.DefaultParams()}), types.ErrRulesFixed)
	other := newFixture(t)
	require.ErrorIs(t, other.send(&types.MsgUpdateParams{Authority: other.Authority, Params: gs.Params}), types.ErrRulesFixed)
}
