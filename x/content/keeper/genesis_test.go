package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/token"
	"github.com/streamchain/streamchain/x/content"
	"github.com/streamchain/streamchain/x/content/types"
)

// populated is a state with every kind of row.
func populated(t testing.TB) *fixture {
	t.Helper()
	f := newFixture(t)
	alice, id := f.creator("alice")
	bob, _ := f.creator("bob")
	require.NoError(t, f.setHandle("alice", "formerly_alice"))
	require.NoError(t, f.setHandle("bob", "not_bob"))
	require.NoError(t, f.k.RevokeHandle(f.Ctx, types.NewCreatorID(bob).String(), "", "dispute/1"))
	require.NoError(t, f.send(&types.MsgSetHandle{Controller: alice.String(), Creator: id, Handle: "alice"}))
	for _, media := range []string{"a", "b"} {
		first := f.publish(publishMsg(alice, media))
		next := publishMsg(alice, media+"2")
		next.Previous = first.Cid
		f.publish(next)
	}
	gone := f.publish(publishMsg(bob, "gone"))
	rootA, rootB := cidOf(t, publishMsg(alice, "a")), cidOf(t, publishMsg(alice, "b"))
	f.collection(alice, rootA, rootB)
	second := f.collection(alice, rootB)
	require.NoError(t, f.send(&types.MsgUpdateCollection{Controller: alice.String(), Collection: second, Remove: []string{rootB}, Add: []string{rootA}}))
	f.collection(bob, gone.Cid)
	require.NoError(t, f.send(&types.MsgRetire{Controller: bob.String(), Work: gone.Cid}))
	for _, media := range []string{"x", "y"} {
		msg := publishMsg(bob, media)
		msg.Salt = salt
		require.NoError(t, f.send(&types.MsgCommit{Sender: alice.String(), Hash: commitment(t, msg)}))
		f.NextBlock(time.Second)
	}
	for _, name := range []string{"songs", "films"} {
		require.NoError(t, f.send(registerFeed(alice, name)))
	}
	attester := f.attester("attester", 1, 2)
	require.NoError(t, f.send(f.attest(f.attester("other attester", 3), id, 3, 1000)))
	require.NoError(t, f.send(f.attest(attester, id, 2, 1000)))
	require.NoError(t, f.send(&types.MsgRotateController{Controller: alice.String(), Creator: id, NewController: f.Addr("heir").String()}))
	dated := publishMsg(bob, "x")
	dated.Salt = salt
	f.publish(dated)
	return f
}

// fund gives the module account what the other chain's bank genesis would.
func (f *fixture) fund(amount int64) {
	f.T.Helper()
	require.NoError(f.T, f.Bank.SendCoinsFromAccountToModule(f.Ctx, f.Funded("donor", amount), types.ModuleName, sdk.NewCoins(token.Coin(amount))))
}

func TestGenesisRoundTrip(t *testing.T) {
	f := populated(t)
	module := content.NewAppModule(f.k)
	exported := module.ExportGenesis(f.Ctx, f.Cdc)
	require.NoError(t, module.ValidateGenesis(f.Cdc, nil, exported))

	other := bareFixture(t)
	other.fund(f.ModuleBalance(types.ModuleName))
	otherModule := content.NewAppModule(other.k)
	otherModule.InitGenesis(other.Ctx, other.Cdc, exported)
	require.NoError(t, other.k.CheckInvariants(other.Ctx))
	require.Equal(t, string(exported), string(otherModule.ExportGenesis(other.Ctx, other.Cdc)))
	// not only the records: every row of the store, indexes and queue included
	require.Equal(t, rows(f), rows(other))

	// and it goes on: the commit imported with its height dates a work
	f.NextBlock(time.Minute)
	other.Ctx = other.Ctx.WithBlockTime(f.Ctx.BlockTime())
	require.NoError(t, other.Clock.BeginBlock(other.Ctx))
	msg := publishMsg(f.Addr("bob"), "y")
	msg.Salt = salt
	other.Funded("bob", stream)
	require.Positive(t, other.publish(msg).CommittedAt)
}

// rows is every row of the module's store.
func rows(f *fixture) [][2]string {
	it, err := f.StoreService(types.StoreKey).OpenKVStore(f.Ctx).Iterator(nil, nil)
	require.NoError(f.T, err)
	defer it.Close()
	var out [][2]string
	for ; it.Valid(); it.Next() {
		out = append(out, [2]string{string(it.Key()), string(it.Value())})
	}
	return out
}

func TestEmptyGenesis(t *testing.T) {
	f := bareFixture(t)
	gs, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(t, err)
	require.Equal(t, types.DefaultGenesis(), gs)
	module := content.NewAppModule(f.k)
	require.NoError(t, module.ValidateGenesis(f.Cdc, nil, module.DefaultGenesis(f.Cdc)))
	require.Error(t, module.ValidateGenesis(f.Cdc, nil, []byte(`{"params":{}}`)))
	require.Error(t, module.ValidateGenesis(f.Cdc, nil, []byte(`nonsense`)))
}

func TestGenesisNeedsCoveredDeposits(t *testing.T) {
	f := populated(t)
	gs, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(t, err)
	other := bareFixture(t)
	other.fund(gs.Deposits().Int64() - 1)
	require.ErrorIs(t, other.k.InitGenesis(other.Ctx, *gs), types.ErrInvariant)
	require.Empty(t, rows(other), "nothing was written")
}

func TestInconsistentGenesis(t *testing.T) {
	f := populated(t)
	good, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(t, err)
	// indexes of one root, its head, and some commit
	var root, head int
	for i, w := range good.Works {
		if w.IsRoot() && w.Head != w.Cid {
			root = i
		}
	}
	for i, w := range good.Works {
		if w.Cid == good.Works[root].Head {
			head = i
		}
	}
	for name, change := range map[string]func(*types.GenesisState){
		"params":                  func(gs *types.GenesisState) { gs.Params.CommitTtlSeconds = 0 },
		"reserved twice":          func(gs *types.GenesisState) { gs.Reservations = append(gs.Reservations, gs.Reservations[0]) },
		"reserved and held":       func(gs *types.GenesisState) { gs.Reservations[0].Handle = "al1ce" },
		"reserved, malformed":     func(gs *types.GenesisState) { gs.Reservations[0].Handle = "A" },
		"reserved of nobody":      func(gs *types.GenesisState) { gs.Reservations[0].Creator = types.NewCreatorID(f.Addr("x")).String() },
		"reserved without a time": func(gs *types.GenesisState) { gs.Reservations[0].Until = gs.Reservations[0].FreedAt },
		"reserved, deposit unset": func(gs *types.GenesisState) { gs.Reservations[0].Deposit = math.Int{} },
		"reserved by a ruling with a deposit": func(gs *types.GenesisState) {
			gs.Reservations[0].Reference, gs.Reservations[0].Deposit = "dispute/1", math.OneInt()
		},
		"creator twice":           func(gs *types.GenesisState) { gs.Creators = append(gs.Creators, gs.Creators[0]) },
		"creator id":              func(gs *types.GenesisState) { gs.Creators[0].Id = "x" },
		"creator without account": func(gs *types.GenesisState) { gs.Creators[0].Controller = "" },
		"controller shared":       func(gs *types.GenesisState) { gs.Creators[0].Controller = gs.Creators[1].Controller },
		"handles look alike":      func(gs *types.GenesisState) { gs.Creators[0].Handle, gs.Creators[1].Handle = "alice", "a1ice" },
		"handle malformed":        func(gs *types.GenesisState) { gs.Creators[0].Handle = "A" },
		"creator undated":         func(gs *types.GenesisState) { gs.Creators[0].RegisteredAt = 0 },
		"handle deposit unset":    func(gs *types.GenesisState) { gs.Creators[0].HandleDeposit = math.Int{} },
		"handle deposit negative": func(gs *types.GenesisState) { gs.Creators[0].HandleDeposit = math.NewInt(-1) },
		"deposit without handle": func(gs *types.GenesisState) {
			gs.Creators[0].Handle, gs.Creators[0].HandleDeposit = "", math.OneInt()
		},
		"creator missing":          func(gs *types.GenesisState) { gs.Creators = nil },
		"work twice":               func(gs *types.GenesisState) { gs.Works = append(gs.Works, gs.Works[0]) },
		"work id":                  func(gs *types.GenesisState) { gs.Works[root].Cid = gs.Works[root].Media },
		"work of another":          func(gs *types.GenesisState) { gs.Works[head].Creator = types.NewCreatorID(f.Addr("bob")).String() },
		"root missing":             func(gs *types.GenesisState) { gs.Works = append(gs.Works[:root:root], gs.Works[root+1:]...) },
		"head missing":             func(gs *types.GenesisState) { gs.Works = append(gs.Works[:head:head], gs.Works[head+1:]...) },
		"head not the newest":      func(gs *types.GenesisState) { gs.Works[root].Head = gs.Works[root].Cid },
		"head on a version":        func(gs *types.GenesisState) { gs.Works[head].Head = gs.Works[head].Cid },
		"version without previous": func(gs *types.GenesisState) { gs.Works[head].Previous = "" },
		"previous of another root": func(gs *types.GenesisState) { gs.Works[head].Previous = gs.Works[head].Cid },
		"version skipped":          func(gs *types.GenesisState) { gs.Works[head].Version = 3 },
		"version zero":             func(gs *types.GenesisState) { gs.Works[head].Version = 0 },
		"status unknown":           func(gs *types.GenesisState) { gs.Works[root].Status = 9 },
		"status of versions":       func(gs *types.GenesisState) { gs.Works[head].Status = types.WORK_STATUS_RESTRICTED },
		"retired with deposit": func(gs *types.GenesisState) {
			gs.Works[root].Status, gs.Works[head].Status = types.WORK_STATUS_RETIRED, types.WORK_STATUS_RETIRED
		},
		"work deposit unset":     func(gs *types.GenesisState) { gs.Works[root].Deposit = math.Int{} },
		"kind missing":           func(gs *types.GenesisState) { gs.Works[root].Kind = "" },
		"media malformed":        func(gs *types.GenesisState) { gs.Works[root].Media = "" },
		"cover malformed":        func(gs *types.GenesisState) { gs.Works[root].Cover = "x" },
		"piece root short":       func(gs *types.GenesisState) { gs.Works[root].PieceRoot = nil },
		"committed later":        func(gs *types.GenesisState) { gs.Works[root].CommittedAt = gs.Works[root].PublishedAt + 1 },
		"work undated":           func(gs *types.GenesisState) { gs.Works[root].PublishedAt = 0 },
		"commit twice":           func(gs *types.GenesisState) { gs.Commits = append(gs.Commits, gs.Commits[0]) },
		"commit hash":            func(gs *types.GenesisState) { gs.Commits[0].Hash = nil },
		"commit without end":     func(gs *types.GenesisState) { gs.Commits[0].ExpiresAt = gs.Commits[0].CommittedAt },
		"commit height":          func(gs *types.GenesisState) { gs.Commits[0].Height = -1 },
		"collection twice":       func(gs *types.GenesisState) { gs.Collections = append(gs.Collections, gs.Collections[0]) },
		"collection numbered":    func(gs *types.GenesisState) { gs.Collections[0].Collection.Id += "1" },
		"collection of nobody":   func(gs *types.GenesisState) { gs.Collections[0].Collection.Id = "x" },
		"collection kind":        func(gs *types.GenesisState) { gs.Collections[0].Collection.Kind = 9 },
		"collection untitled":    func(gs *types.GenesisState) { gs.Collections[0].Collection.Title = "" },
		"collection undated":     func(gs *types.GenesisState) { gs.Collections[0].Collection.CreatedAt = 0 },
		"collection unversioned": func(gs *types.GenesisState) { gs.Collections[0].Collection.Version = 0 },
		"collection miscounted":  func(gs *types.GenesisState) { gs.Collections[0].Collection.Works++ },
		"collection lists twice": func(gs *types.GenesisState) {
			r := &gs.Collections[0]
			r.Works, r.Collection.Works = append(r.Works, r.Works[0]), r.Collection.Works+1
		},
		"collection of a foreign work": func(gs *types.GenesisState) {
			for i := range gs.Collections {
				gs.Collections[i].Works[0] = gs.Works[head].Cid
			}
		},
		"former without a version": func(gs *types.GenesisState) {
			r := &gs.Collections[0]
			r.Former = append(r.Former, types.FormerWork{Work: r.Works[0], RemovedVersion: 1})
		},
		"attester twice":       func(gs *types.GenesisState) { gs.Attesters = append(gs.Attesters, gs.Attesters[0]) },
		"attester malformed":   func(gs *types.GenesisState) { gs.Attesters[0].Attester = "x" },
		"attester's levels":    func(gs *types.GenesisState) { gs.Attesters[0].Levels = []uint32{3, 1} },
		"attester, no level":   func(gs *types.GenesisState) { gs.Attesters[0].Levels = nil },
		"attester undated":     func(gs *types.GenesisState) { gs.Attesters[0].SetAt = 0 },
		"attester's quota":     func(gs *types.GenesisState) { gs.Attesters[0].Issued = types.MaxIssued + 1 },
		"attested by nobody":   func(gs *types.GenesisState) { gs.Attestations[0].Attester = gs.Creators[0].Controller },
		"attested twice":       func(gs *types.GenesisState) { gs.Attestations = append(gs.Attestations, gs.Attestations[0]) },
		"attested nobody":      func(gs *types.GenesisState) { gs.Attestations[0].Creator = types.NewCreatorID(f.Addr("zoe")).String() },
		"attested level":       func(gs *types.GenesisState) { gs.Attestations[0].Level = 4 },
		"attested hash":        func(gs *types.GenesisState) { gs.Attestations[0].EvidenceHash = nil },
		"attested for ever":    func(gs *types.GenesisState) { gs.Attestations[0].ExpiresAt += types.MaxAttestationSeconds },
		"feed twice":           func(gs *types.GenesisState) { gs.Feeds = append(gs.Feeds, gs.Feeds[0]) },
		"feed of another":      func(gs *types.GenesisState) { gs.Feeds[0].Owner = f.Addr("bob").String() },
		"feed unnamed":         func(gs *types.GenesisState) { gs.Feeds[0].Id = gs.Feeds[0].Owner + "/" },
		"feed inside":          func(gs *types.GenesisState) { gs.Feeds[0].Endpoint = "https://localhost" },
		"feed as typed":        func(gs *types.GenesisState) { gs.Feeds[0].Endpoint += "/" },
		"feed undated":         func(gs *types.GenesisState) { gs.Feeds[0].RegisteredAt = 0 },
		"feed in the future":   func(gs *types.GenesisState) { gs.Feeds[0].UpdatedAt = gs.Feeds[0].RegisteredAt - 1 },
		"feed deposit unset":   func(gs *types.GenesisState) { gs.Feeds[0].Deposit = math.Int{} },
		"feed deposit negated": func(gs *types.GenesisState) { gs.Feeds[0].Deposit = math.NewInt(-1) },
		"feed keyless":         func(gs *types.GenesisState) { gs.Feeds[0].Key = nil },
		"feed untitled":        func(gs *types.GenesisState) { gs.Feeds[0].Title = "" },
		"rotation twice":       func(gs *types.GenesisState) { gs.Rotations = append(gs.Rotations, gs.Rotations[0]) },
		"rotation of nobody":   func(gs *types.GenesisState) { gs.Rotations[0].Creator = types.NewCreatorID(f.Addr("zoe")).String() },
		"rotation by another":  func(gs *types.GenesisState) { gs.Rotations[0].Controller = f.Addr("zoe").String() },
		"rotation to itself":   func(gs *types.GenesisState) { gs.Rotations[0].NewController = gs.Rotations[0].Controller },
		"rotation at once":     func(gs *types.GenesisState) { gs.Rotations[0].ReadyAt = gs.Rotations[0].RequestedAt },
		"rotation for ever":    func(gs *types.GenesisState) { gs.Rotations[0].ExpiresAt = gs.Rotations[0].ReadyAt },
	} {
		var bad types.GenesisState
		f.Cdc.MustUnmarshalJSON(f.Cdc.MustMarshalJSON(good), &bad)
		change(&bad)
		require.Error(t, bad.Validate(), name)
		other := bareFixture(t)
		other.fund(100 * stream)
		require.Error(t, other.k.InitGenesis(other.Ctx, bad), name)
		require.Empty(t, rows(other), name)
	}
}
