package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	minttypes "github.com/cosmos/cosmos-sdk/x/mint/types"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/token"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	"github.com/streamchain/streamchain/x/subscription"
	"github.com/streamchain/streamchain/x/subscription/types"
)

// beside is an empty module on a copy of f's content, at f's time.
func (f *fixture) beside() *fixture {
	f.T.Helper()
	other := bareFixture(f.T)
	held := f.Bank.GetAllBalances(f.Ctx, authtypes.NewModuleAddress(contenttypes.ModuleName))
	if !held.IsZero() {
		require.NoError(f.T, other.Bank.MintCoins(other.Ctx, minttypes.ModuleName, held))
		require.NoError(f.T, other.Bank.SendCoinsFromModuleToModule(other.Ctx, minttypes.ModuleName, contenttypes.ModuleName, held))
	}
	if owed, err := f.k.HeldTotal(f.Ctx); err == nil && !owed.IsZero() {
		require.NoError(f.T, other.Bank.MintCoins(other.Ctx, minttypes.ModuleName, owed))
		require.NoError(f.T, other.Bank.SendCoinsFromModuleToModule(other.Ctx, minttypes.ModuleName, revenuetypes.ModuleName, owed))
	}
	content, err := f.content.ExportGenesis(f.Ctx)
	require.NoError(f.T, err)
	require.NoError(f.T, other.content.InitGenesis(other.Ctx, *content))
	other.jump(f.Ctx.BlockTime().Sub(other.Ctx.BlockTime()))
	return other
}

// copy is the module exported and imported.
func (f *fixture) copy() *fixture {
	f.T.Helper()
	gs, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(f.T, err)
	other := f.beside()
	require.NoError(f.T, other.k.InitGenesis(other.Ctx, *gs))
	return other
}

// populated is a state with every kind of row.
func populated(t testing.TB) *stage {
	t.Helper()
	s := newStage(t)
	delete(s.content.restricted, s.restricted) // rulings are the court's to export
	listed := s.fixture.plan(s.alice, stream, s.work, s.unsold)
	s.offer(s.alice, s.unsold, types.NewFreeOffer(), types.NewMeteredOffer(math.NewInt(7), 2, 30), types.NewPlanOffer(s.plan, listed))
	require.NoError(t, s.send(&types.MsgPurchase{Buyer: s.buyer.String(), Work: s.work, MaxPrice: token.Coin(5 * stream), Recipient: s.poor.String()}))
	require.NoError(t, s.subscribe(s.buyer, s.plan, 3*stream, 2))
	s.next(time.Hour)
	require.NoError(t, s.subscribe(s.owner, listed, stream, 1))
	require.NoError(t, s.subscribe(s.buyer, listed, stream, 1))
	series := s.collection(s.alice, s.work, s.unsold)
	s.offer(s.alice, series, types.NewPurchaseOffer(token.Coin(stream)), types.NewRentalOffer(token.Coin(stream), 3600), types.NewRentalOffer(token.Coin(2*stream), 7200))
	require.NoError(t, s.purchase(s.owner, series, stream))
	require.NoError(t, s.rent(s.buyer, series, 3600, stream))
	require.NoError(t, s.rearrange(s.alice, series, nil, []string{s.unsold}))
	few := s.planWith(s.alice, &types.MsgCreatePlan{TrialSeconds: 3600, MaxSubscribers: 2, MinSeconds: 60})
	require.NoError(t, s.renew(s.buyer, few, stream, 7))
	params := types.DefaultParams()
	params.MinPeriodSeconds++
	require.NoError(t, s.send(&types.MsgUpdateParams{Authority: s.Authority, Params: params}))
	return s
}

func TestGenesisRoundTrip(t *testing.T) {
	f := populated(t)
	module := subscription.NewAppModule(f.k)
	exported := module.ExportGenesis(f.Ctx, f.Cdc)
	require.NoError(t, module.ValidateGenesis(f.Cdc, nil, exported))

	other := f.beside()
	otherModule := subscription.NewAppModule(other.k)
	otherModule.InitGenesis(other.Ctx, other.Cdc, exported)
	require.NoError(t, other.k.CheckInvariants(other.Ctx))
	require.Equal(t, string(exported), string(otherModule.ExportGenesis(other.Ctx, other.Cdc)))
	// not only the records: every row of the store, indexes and queue included
	require.Equal(t, f.rows(types.StoreKey), other.rows(types.StoreKey))

	// and it goes on: what was bought ends when it would have, and ids are not given out twice
	require.Equal(t, f.access(f.buyer.String(), f.work), other.access(f.buyer.String(), f.work))
	other.next(day)
	other.next(time.Second)
	require.Len(t, other.subscriptions(), 2, "one of two periods, and one after its trial")
	require.Equal(t, f.aliceID+"/5", other.planOf(f.alice))
}

// planOf makes a plan of two days and returns its id.
func (f *fixture) planOf(controller sdk.AccAddress) string {
	f.T.Helper()
	res, err := f.msg.CreatePlan(f.Ctx, &types.MsgCreatePlan{
		Controller: controller.String(), Creator: contenttypes.NewCreatorID(controller).String(), Title: "New",
		Price: token.Coin(1), PeriodSeconds: 2 * 86400, Coverage: types.COVERAGE_ALL,
	})
	require.NoError(f.T, err)
	return res.Plan
}

func TestEmptyGenesis(t *testing.T) {
	f := bareFixture(t)
	gs, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(t, err)
	require.Equal(t, types.DefaultGenesis(), gs)
	module := subscription.NewAppModule(f.k)
	require.NoError(t, module.ValidateGenesis(f.Cdc, nil, module.DefaultGenesis(f.Cdc)))
	require.Error(t, module.ValidateGenesis(f.Cdc, nil, []byte(`{"params":{}}`)))
	require.Error(t, module.ValidateGenesis(f.Cdc, nil, []byte(`nonsense`)))
}

func TestInconsistentGenesis(t *testing.T) {
	f := populated(t)
	good, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(t, err)
	bobsID := contenttypes.NewCreatorID(f.bob).String()
	// indexes of one row of each kind
	var listed, ours, planned int
	for i, r := range good.Plans {
		switch {
		case len(r.Works) > 0:
			listed = i
		case r.Plan.Id == f.plan:
			ours = i
		}
	}
	for i, l := range good.Offers {
		if len(l.PlanIDs()) > 0 {
			planned = i
		}
	}
	for name, change := range map[string]func(*types.GenesisState){
		"params":                 func(gs *types.GenesisState) { gs.Params.MinPeriodSeconds = 0 },
		"offers twice":           func(gs *types.GenesisState) { gs.Offers = append(gs.Offers, gs.Offers[0]) },
		"offers of no work":      func(gs *types.GenesisState) { gs.Offers[0].Work = unknownWork(t) },
		"offers of a version":    func(gs *types.GenesisState) { gs.Offers[0].Work = f.version },
		"offers of nonsense":     func(gs *types.GenesisState) { gs.Offers[0].Work = "x" },
		"offers without version": func(gs *types.GenesisState) { gs.Offers[0].Version = 0 },
		"offers undated":         func(gs *types.GenesisState) { gs.Offers[0].SetAt = 0 },
		"offer of no kind":       func(gs *types.GenesisState) { gs.Offers[0].Offers = []types.Offer{{}} },
		"offer of no plan": func(gs *types.GenesisState) {
			gs.Offers[planned].Offers = []types.Offer{types.NewPlanOffer(f.aliceID + "/9")}
		},
		"offer of a foreign plan": func(gs *types.GenesisState) {
			gs.Offers[planned].Offers = []types.Offer{types.NewPlanOffer(f.bobsPlan)}
		},
		"plan twice":   func(gs *types.GenesisState) { gs.Plans = append(gs.Plans, gs.Plans[0]) },
		"plan missing": func(gs *types.GenesisState) { gs.Plans = append(gs.Plans[:ours:ours], gs.Plans[ours+1:]...) },
		"plan id":      func(gs *types.GenesisState) { gs.Plans[ours].Plan.Id = "x" },
		"plan of nobody": func(gs *types.GenesisState) {
			gs.Plans[ours].Plan.Id = contenttypes.NewCreatorID(f.buyer).String() + "/1"
		},
		"plan untitled":            func(gs *types.GenesisState) { gs.Plans[ours].Plan.Title = "" },
		"plan without price":       func(gs *types.GenesisState) { gs.Plans[ours].Plan.Price.Amount = math.ZeroInt() },
		"plan in another denom":    func(gs *types.GenesisState) { gs.Plans[ours].Plan.Price.Denom = "uatom" },
		"plan without period":      func(gs *types.GenesisState) { gs.Plans[ours].Plan.PeriodSeconds = 0 },
		"plan undated":             func(gs *types.GenesisState) { gs.Plans[ours].Plan.CreatedAt = 0 },
		"plan of unknown coverage": func(gs *types.GenesisState) { gs.Plans[ours].Plan.Coverage = 9 },
		"plan of all lists":        func(gs *types.GenesisState) { gs.Plans[ours].Works, gs.Plans[ours].Plan.Works = []string{f.work}, 1 },
		"plan counts wrong":        func(gs *types.GenesisState) { gs.Plans[listed].Plan.Works++ },
		"plan lists twice":         func(gs *types.GenesisState) { gs.Plans[listed].Works = []string{f.work, f.work} },
		"plan lists a foreign work": func(gs *types.GenesisState) {
			gs.Plans[listed].Works = []string{f.work, f.bobs}
		},
		"plan lists a version":        func(gs *types.GenesisState) { gs.Plans[listed].Works = []string{f.work, f.version} },
		"purchase twice":              func(gs *types.GenesisState) { gs.Entitlements = append(gs.Entitlements, gs.Entitlements[0]) },
		"purchase by nobody":          func(gs *types.GenesisState) { gs.Entitlements[0].Viewer = bobsID },
		"purchase of no work":         func(gs *types.GenesisState) { gs.Entitlements[0].Work = unknownWork(t) },
		"purchase of a version":       func(gs *types.GenesisState) { gs.Entitlements[0].Work = f.version },
		"purchase undated":            func(gs *types.GenesisState) { gs.Entitlements[0].BoughtAt = 0 },
		"purchase for nothing":        func(gs *types.GenesisState) { gs.Entitlements[0].Price.Amount = math.ZeroInt() },
		"purchase, hold too long":     func(gs *types.GenesisState) { gs.Entitlements[0].HoldId = string(make([]byte, types.MaxHoldIDLen+1)) },
		"subscription twice":          func(gs *types.GenesisState) { gs.Subscriptions = append(gs.Subscriptions, gs.Subscriptions[0]) },
		"subscription by nobody":      func(gs *types.GenesisState) { gs.Subscriptions[0].Viewer = "" },
		"subscription to no plan":     func(gs *types.GenesisState) { gs.Subscriptions[0].Plan = f.aliceID + "/9" },
		"subscription undated":        func(gs *types.GenesisState) { gs.Subscriptions[0].StartedAt = 0 },
		"subscription ends at once":   func(gs *types.GenesisState) { gs.Subscriptions[0].ExpiresAt = gs.Subscriptions[0].StartedAt },
		"subscription to an odd text": func(gs *types.GenesisState) { gs.Subscriptions[0].Plan = f.aliceID + "/01" },
	} {
		var bad types.GenesisState
		f.Cdc.MustUnmarshalJSON(f.Cdc.MustMarshalJSON(good), &bad)
		change(&bad)
		other := f.beside()
		require.Error(t, other.k.InitGenesis(other.Ctx, bad), name)
		require.Empty(t, other.rows(types.StoreKey), name)
	}
}

// Deleting or damaging any row breaks an invariant, and neither makes the end of a block or a
// check panic.
func TestInvariantsSeeEveryRow(t *testing.T) {
	f := populated(t)
	for range 3 * 24 * 60 { // past every end
		f.Ctx = f.Ctx.WithBlockTime(f.Ctx.BlockTime().Add(time.Minute))
		require.NoError(t, f.Clock.BeginBlock(f.Ctx))
	}
	ctx, broken := f.Ctx, 0
	defer func() { f.Ctx = ctx }()
	for _, row := range f.rows(types.StoreKey) {
		key := []byte(row[0])
		if key[0] == types.ParamsKey.Bytes()[0] {
			continue
		}
		for _, value := range [][]byte{nil, {0xff}, append([]byte(row[1]), 0xff)} {
			f.Ctx, _ = ctx.CacheContext()
			store := f.StoreService(types.StoreKey).OpenKVStore(f.Ctx)
			switch {
			case value == nil:
				require.NoError(t, store.Delete(key))
			case row[1] != "":
				require.NoError(t, store.Set(key, value))
			default:
				continue // a key set has no values
			}
			if mayGo(key[0]) && value == nil {
				continue
			}
			require.Error(t, f.k.CheckInvariants(f.Ctx), "row %x", key)
			require.NoError(t, f.k.EndBlock(f.Ctx), "row %x", key)
			broken++
		}
	}
	require.Greater(t, broken, 40)
}

// mayGo are the rows that nothing else in this module implies.
func mayGo(prefix byte) bool {
	return prefix == types.OffersKey.Bytes()[0] || prefix == types.EntitlementsKey.Bytes()[0] || prefix == types.TrialsKey.Bytes()[0]
}

// A running subscription that lost its place in the queue would never end.
func TestInvariantsSeeTheQueue(t *testing.T) {
	f := populated(t)
	ctx := f.Ctx
	defer func() { f.Ctx = ctx }()
	places := 0
	for _, row := range f.rows(types.StoreKey) {
		if key := []byte(row[0]); key[0] == types.ExpiryQueueKey.Bytes()[0] {
			f.Ctx, _ = ctx.CacheContext()
			require.NoError(t, f.StoreService(types.StoreKey).OpenKVStore(f.Ctx).Delete(key))
			require.ErrorIs(t, f.k.CheckInvariants(f.Ctx), types.ErrInvariant)
			places++
		}
	}
	require.Equal(t, 4, places)
}

// All rows of one subscription keep to the budget, with ids at their longest.
func TestStateOfASubscription(t *testing.T) {
	s := newStage(t)
	size := func() int {
		sum := 0
		for _, row := range s.rows(types.StoreKey) {
			sum += len(row[0]) + len(row[1])
		}
		return sum
	}
	before := size()
	require.NoError(t, s.subscribe(s.buyer, s.plan, 3*stream, 12))
	one := size() - before
	require.LessOrEqual(t, one, types.MaxSubscriptionBytes)
	require.NoError(t, s.subscribe(s.buyer, s.plan, 3*stream, 12))
	require.Equal(t, one, size()-before, "more periods take no more")
	t.Logf("a subscription takes %d bytes", one)
	s.next(24 * day)
	s.next(time.Second)
	require.Equal(t, before, size(), "nothing is left of it")
}
