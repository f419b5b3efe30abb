package keeper_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	"github.com/streamchain/streamchain/token"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	"github.com/streamchain/streamchain/x/revenue"
	"github.com/streamchain/streamchain/x/revenue/types"
)

// populated has rows under every prefix.
func populated(t *testing.T) *fixture {
	f := newFixture(t)
	alice, creator := f.creator("alice")
	film := f.work(creator, "film")
	viewer, node := f.Funded("viewer", stream), f.Addr("node")
	f.set(alice, creator, sheet(creator, 6000, f.Addr("bob"), 2000, f.Addr("carol"), 2000))
	version, _ := f.set(alice, film, sheet(creator, 10_000))
	require.NoError(t, f.send(&types.MsgAcceptSplit{Recipient: f.Addr("bob").String(), Subject: film, Version: version}))
	_, err := f.pay(types.Payment{Rail: types.RAIL_METERED, Subject: film, Payer: viewer.String(), Gross: token.Coin(10_000), Server: node.String()})
	require.NoError(t, err)
	for range 3 {
		_, _, err := f.hold(sale(viewer, film, 10_000))
		require.NoError(t, err)
	}
	first, err := f.k.GetHold(f.Ctx, viewer.String()+"-1")
	require.NoError(t, err)
	_, err = f.k.ContestHold(f.Ctx, first.Id, math.NewInt(4000), first.ReleaseAt+1)
	require.NoError(t, err)
	// a rebate to claim, a payout that waits for more and one that is due, terms and consent
	f.setRebatePeriod(10)
	f.next(time.Second)
	f.next(20 * time.Second)
	f.next(time.Second)
	rich := f.Funded("rich", 10*stream)
	_, err = f.pay(types.Payment{Rail: types.RAIL_TIP, Subject: creator, Payer: rich.String(), Gross: token.Coin(5 * stream)})
	require.NoError(t, err)
	require.NoError(t, f.send(&types.MsgSetPayout{Claimant: alice.String(), Recipient: creator, Threshold: token.Coin(2 * stream)}))
	f.mint(rich, sdk.NewInt64Coin("uatom", 1))
	require.NoError(t, f.send(&types.MsgSetPayout{Claimant: alice.String(), Recipient: creator, Threshold: sdk.NewInt64Coin("uatom", types.MinPayout)}))
	f.bank.panicsTo = alice.String()
	require.NoError(t, f.send(&types.MsgSetDerivationTerms{Controller: alice.String(), Work: film, Open: true, MinBps: 7}))
	remix := f.work(creator, "remix")
	f.content.parents[remix] = []contenttypes.Parent{{Work: film, Bps: 7}}
	require.NoError(t, f.send(&types.MsgAcceptDerivation{Controller: alice.String(), Work: remix, Parent: film}))
	f.storage.failPool, f.bank.noBurn = errors.New("no"), true
	f.storage.failEndow = nil
	_, err = f.pay(types.Payment{Rail: types.RAIL_PLAN, Subject: film, Payer: viewer.String(), Gross: token.Coin(10_000)})
	require.NoError(t, err)
	f.next(time.Second)
	f.storage.failPool, f.bank.noBurn, f.bank.panicsTo = nil, false, ""
	return f
}

func (f *fixture) setRebatePeriod(seconds int64) {
	f.T.Helper()
	params, err := f.k.Params(f.Ctx)
	require.NoError(f.T, err)
	params.RebatePeriodSeconds = seconds
	require.NoError(f.T, f.send(&types.MsgUpdateParams{Authority: f.Authority, Params: params}))
}

// rows is whatever the module's store has.
func rows(f *fixture) (n int) {
	it, err := f.StoreService(types.StoreKey).OpenKVStore(f.Ctx).Iterator(nil, nil)
	require.NoError(f.T, err)
	defer it.Close()
	for ; it.Valid(); it.Next() {
		n++
	}
	return n
}

// fund gives custody coins, as the bank's genesis does.
func (f *fixture) fund(coins sdk.Coins) {
	f.mint(authtypes.NewModuleAddress(types.ModuleName), coins...)
}

func TestGenesisRoundTrip(t *testing.T) {
	f := populated(t)
	gs, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(t, err)
	for name, n := range map[string]int{
		"claimables": len(gs.Claimables), "holds": len(gs.Holds), "sequences": len(gs.Sequences), "splits": len(gs.Splits),
		"pending": len(gs.PendingSplits), "totals": len(gs.Totals), "pools": len(gs.Pools), "unswept": len(gs.Unswept), "swept": len(gs.Swept),
		"payouts": len(gs.Payouts), "queued": int(gs.Payouts[0].QueuedAt + gs.Payouts[1].QueuedAt), "terms": len(gs.Terms), "acceptances": len(gs.Acceptances),
		"spending": len(gs.Spending), "periods": int(gs.RebatePeriod.Number * gs.ClosedPeriod.Number), "reserved": int(gs.ClosedPeriod.Reserved.Int64()),
	} {
		require.Positive(t, n, name)
	}
	first := f.Cdc.MustMarshalJSON(gs)
	other := bareFixture(t)
	other.content, other.storage.store = f.content, other.StoreService("storage")
	other.fund(gs.Liabilities())
	module := revenue.NewAppModule(other.k)
	require.NoError(t, module.ValidateGenesis(other.Cdc, nil, first))
	module.InitGenesis(other.Ctx, other.Cdc, first)
	require.NoError(t, other.k.CheckInvariants(other.Ctx, nil))
	require.Equal(t, string(first), string(module.ExportGenesis(other.Ctx, other.Cdc)))
	require.Equal(t, rows(f), rows(other), "the queue too")
}

func TestGenesisGoesOn(t *testing.T) {
	f := populated(t)
	gs, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(t, err)
	other := bareFixture(t)
	*other.content = *f.content
	other.fund(gs.Liabilities())
	require.NoError(t, other.k.InitGenesis(other.Ctx, *gs))
	creator := contenttypes.NewCreatorID(other.Addr("alice")).String()
	before := other.claimable(creator)
	for range 2 {
		other.next(time.Minute)
	}
	require.Zero(t, other.claimable(creator), "what was due is paid out")
	require.Greater(t, other.Balance(other.Addr("alice")), before-1)
	require.NoError(t, other.send(&types.MsgSetPayout{Claimant: other.Addr("alice").String(), Recipient: creator, Threshold: token.Coin(0)}))
	other.next(window + time.Minute)
	require.Positive(t, other.claimable(creator), "holds are released")
	res, err := other.q.Pools(other.Ctx, &types.QueryPoolsRequest{})
	require.NoError(t, err)
	require.Empty(t, res.Unswept, "and unswept parts paid")
	require.NoError(t, other.k.CheckInvariants(other.Ctx, nil))
}

func TestDefaultGenesis(t *testing.T) {
	f := bareFixture(t)
	gs, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(t, err)
	require.Equal(t, types.DefaultGenesis(), gs)
	module := revenue.NewAppModule(f.k)
	require.NoError(t, module.ValidateGenesis(f.Cdc, nil, module.DefaultGenesis(f.Cdc)))
	require.Error(t, module.ValidateGenesis(f.Cdc, nil, []byte(`{"params":{}}`)))
	require.Error(t, module.ValidateGenesis(f.Cdc, nil, []byte(`nonsense`)))
	require.NoError(t, f.k.EndBlock(f.Ctx), "even without parameters")
}

func TestGenesisNeedsCoins(t *testing.T) {
	f := populated(t)
	gs, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(t, err)
	other := bareFixture(t)
	other.fund(gs.Liabilities().Sub(token.Coin(1)))
	require.ErrorIs(t, other.k.InitGenesis(other.Ctx, *gs), types.ErrInvariant)
	require.Zero(t, rows(other), "nothing was written")
}

func TestInconsistentGenesis(t *testing.T) {
	f := populated(t)
	good, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(t, err)
	stranger := contenttypes.NewCreatorID(f.Addr("x")).String()
	for name, change := range map[string]func(*types.GenesisState){
		"floor":               func(gs *types.GenesisState) { gs.Params.Rails[0].CreatorBps, gs.Params.Rails[0].BurnBps = 8999, 101 },
		"claimable twice":     func(gs *types.GenesisState) { gs.Claimables = append(gs.Claimables, gs.Claimables[0]) },
		"claimable of nobody": func(gs *types.GenesisState) { gs.Claimables[0].Recipient = "" },
		"claimable zero":      func(gs *types.GenesisState) { gs.Claimables[0].Coin.Amount = math.ZeroInt() },
		"claimable negative":  func(gs *types.GenesisState) { gs.Claimables[0].Coin.Amount = math.NewInt(-1) },
		"claimable unset":     func(gs *types.GenesisState) { gs.Claimables[0].Coin = sdk.Coin{} },
		"hold twice":          func(gs *types.GenesisState) { gs.Holds = append(gs.Holds, gs.Holds[0]) },
		"hold id":             func(gs *types.GenesisState) { gs.Holds[0].Id = "x" },
		"hold's payer":        func(gs *types.GenesisState) { gs.Holds[0].Payment.Payer = f.Addr("x").String() },
		"hold's sequence":     func(gs *types.GenesisState) { gs.Holds[0].Sequence = 9 },
		"hold's amount":       func(gs *types.GenesisState) { gs.Holds[0].Payment.Gross.Amount = math.ZeroInt() },
		"hold's rail":         func(gs *types.GenesisState) { gs.Holds[0].Payment.Rail = types.RAIL_TIP },
		"hold's subject":      func(gs *types.GenesisState) { gs.Holds[0].Payment.Subject = "x" },
		"hold's creator":      func(gs *types.GenesisState) { gs.Holds[0].Creator = gs.Holds[0].Payment.Subject },
		"hold undated":        func(gs *types.GenesisState) { gs.Holds[0].HeldAt = 0 },
		"hold without window": func(gs *types.GenesisState) { gs.Holds[0].ReleaseAt = gs.Holds[0].HeldAt },
		"hold due early":      func(gs *types.GenesisState) { gs.Holds[0].DueAt-- },
		"sequence behind":     func(gs *types.GenesisState) { gs.Sequences[0].Last = 2 },
		"sequence missing":    func(gs *types.GenesisState) { gs.Sequences = nil },
		"sequence zero":       func(gs *types.GenesisState) { gs.Holds, gs.Sequences[0].Last = nil, 0 },
		"sequence twice":      func(gs *types.GenesisState) { gs.Sequences = append(gs.Sequences, gs.Sequences[0]) },
		"sequence of nobody":  func(gs *types.GenesisState) { gs.Sequences[0].Payer = "" },
		"split twice":         func(gs *types.GenesisState) { gs.Splits = append(gs.Splits, gs.Splits[0]) },
		"split of nothing":    func(gs *types.GenesisState) { gs.Splits[0].Subject = "" },
		"split version":       func(gs *types.GenesisState) { gs.Splits[0].Version = 0 },
		"split sum":           func(gs *types.GenesisState) { gs.Splits[0].Shares[0].Bps++ },
		"split undated":       func(gs *types.GenesisState) { gs.Splits[0].EffectiveAt = 0 },
		"pending twice":       func(gs *types.GenesisState) { gs.PendingSplits = append(gs.PendingSplits, gs.PendingSplits[0]) },
		"pending sum":         func(gs *types.GenesisState) { gs.PendingSplits[0].Shares[0].Bps-- },
		"pending undated":     func(gs *types.GenesisState) { gs.PendingSplits[0].ProposedAt = 0 },
		"pending proposer":    func(gs *types.GenesisState) { gs.PendingSplits[0].Proposer = stranger },
		"pending base":        func(gs *types.GenesisState) { gs.PendingSplits[0].BaseSubject = "" },
		"accepted malformed":  func(gs *types.GenesisState) { gs.PendingSplits[0].Accepted = []string{"x"} },
		"accepted twice": func(gs *types.GenesisState) {
			gs.PendingSplits[0].Accepted = []string{f.Addr("bob").String(), f.Addr("bob").String()}
		},
		"pending older": func(gs *types.GenesisState) {
			gs.PendingSplits[0].Subject = gs.Splits[0].Subject
		},
		"total twice":      func(gs *types.GenesisState) { gs.Totals = append(gs.Totals, gs.Totals[0]) },
		"total of nothing": func(gs *types.GenesisState) { gs.Totals[0].Subject = "" },
		"total below floor": func(gs *types.GenesisState) {
			gs.Totals[0].CreatorPart = gs.Totals[0].Gross.MulRaw(9).QuoRaw(10).SubRaw(1)
		},
		"total above gross": func(gs *types.GenesisState) { gs.Totals[0].CreatorPart = gs.Totals[0].Gross.AddRaw(1) },
		"total unset":       func(gs *types.GenesisState) { gs.Totals[0].Gross = math.Int{} },
		"total's part":      func(gs *types.GenesisState) { gs.Totals[0].CreatorPart = math.Int{} },
		"pools zero":        func(gs *types.GenesisState) { gs.Pools[0].Amount = math.ZeroInt() },
		"pools twice":       func(gs *types.GenesisState) { gs.Pools = append(gs.Pools, gs.Pools[0]) },
		"unswept twice":     func(gs *types.GenesisState) { gs.Unswept = append(gs.Unswept, gs.Unswept[0]) },
		"unswept kind":      func(gs *types.GenesisState) { gs.Unswept[0].Kind = 7 },
		"unswept no kind":   func(gs *types.GenesisState) { gs.Unswept[0].Kind = 0 },
		"unswept negative":  func(gs *types.GenesisState) { gs.Unswept[0].Coin.Amount = math.NewInt(-1) },
		"swept twice":       func(gs *types.GenesisState) { gs.Swept = append(gs.Swept, gs.Swept[0]) },
		"hold's parts":      func(gs *types.GenesisState) { gs.Holds[0].Shares = types.RailShares{} },
		"hold's other rail": func(gs *types.GenesisState) { gs.Holds[0].Shares.Rail = types.RAIL_RENTAL },
		"hold charged more": func(gs *types.GenesisState) { gs.Holds[0].Charged = gs.Holds[0].Payment.Gross.Amount.AddRaw(1) },
		"hold charged less": func(gs *types.GenesisState) {
			gs.Holds[0].Charged = gs.Holds[0].Payment.Gross.Amount.MulRaw(93).QuoRaw(100)
		},
		"hold charged zero": func(gs *types.GenesisState) { gs.Holds[0].Charged = math.ZeroInt() },
		"hold part of self": func(gs *types.GenesisState) { gs.Holds[0].PartOf = gs.Holds[0].Id },
		"royalties":         func(gs *types.GenesisState) { gs.Totals[0].Royalties = math.NewInt(-1) },
		"payout twice":      func(gs *types.GenesisState) { gs.Payouts = append(gs.Payouts, gs.Payouts[0]) },
		"payout of nobody":  func(gs *types.GenesisState) { gs.Payouts[0].Recipient = "" },
		"payout to nobody":  func(gs *types.GenesisState) { gs.Payouts[0].To = "" },
		"payout of dust":    func(gs *types.GenesisState) { gs.Payouts[0].Threshold.Amount = math.NewInt(1) },
		"payout of zero":    func(gs *types.GenesisState) { gs.Payouts[0].Threshold.Amount = math.ZeroInt() },
		"payout queued":     func(gs *types.GenesisState) { gs.Payouts[0].QueuedAt = -1 },
		"terms twice":       func(gs *types.GenesisState) { gs.Terms = append(gs.Terms, gs.Terms[0]) },
		"terms of nothing":  func(gs *types.GenesisState) { gs.Terms[0].Work = "" },
		"terms":             func(gs *types.GenesisState) { gs.Terms[0].MinBps = 3001 },
		"acceptance twice":  func(gs *types.GenesisState) { gs.Acceptances = append(gs.Acceptances, gs.Acceptances[0]) },
		"acceptance of one": func(gs *types.GenesisState) { gs.Acceptances[0].Parent = gs.Acceptances[0].Work },
		"acceptance":        func(gs *types.GenesisState) { gs.Acceptances[0].AcceptedAt = 0 },
		"no open period":    func(gs *types.GenesisState) { gs.RebatePeriod = nil },
		"periods":           func(gs *types.GenesisState) { gs.RebatePeriod.Number++ },
		"open reserves": func(gs *types.GenesisState) {
			gs.RebatePeriod.Left, gs.RebatePeriod.Reserved = math.OneInt(), math.OneInt()
		},
		"over-claimed":     func(gs *types.GenesisState) { gs.ClosedPeriod.Claimed = gs.ClosedPeriod.Reserved.AddRaw(1) },
		"over-reserved":    func(gs *types.GenesisState) { gs.ClosedPeriod.Reserved = gs.ClosedPeriod.Left.AddRaw(1) },
		"period undated":   func(gs *types.GenesisState) { gs.ClosedPeriod.EndsAt = gs.ClosedPeriod.BeganAt },
		"spending twice":   func(gs *types.GenesisState) { gs.Spending = append(gs.Spending, gs.Spending[0]) },
		"spending of none": func(gs *types.GenesisState) { gs.Spending[0].Payer = "" },
		"spending":         func(gs *types.GenesisState) { gs.Spending[0].Left = gs.ClosedPeriod.Left.AddRaw(1) },
		"spending zero":    func(gs *types.GenesisState) { gs.Spending[0].Left = math.ZeroInt() },
		"swept unset":      func(gs *types.GenesisState) { gs.Swept[0].Coin.Amount = math.Int{} },
	} {
		var bad types.GenesisState
		f.Cdc.MustUnmarshalJSON(f.Cdc.MustMarshalJSON(good), &bad)
		change(&bad)
		require.Error(t, bad.Validate(), name)
		other := bareFixture(t)
		other.fund(sdk.NewCoins(token.Coin(stream)))
		require.Error(t, other.k.InitGenesis(other.Ctx, bad), name)
		require.Zero(t, rows(other), name)
	}
}

// planted inconsistencies that no genesis could have.
func TestInvariantsBite(t *testing.T) {
	for name, plant := range map[string]func(f *fixture){
		"coins taken from custody": func(f *fixture) {
			require.NoError(f.T, f.Bank.SendCoins(f.Ctx, authtypes.NewModuleAddress("revenue"), f.Addr("thief"), sdk.NewCoins(token.Coin(1))))
		},
		"hold not in the queue":  func(f *fixture) { f.deleteFirst(3) },
		"payout not queued":      func(f *fixture) { f.deleteFirst(12) },
		"queue without payout":   func(f *fixture) { f.deleteFirst(11); f.deleteFirst(11) },
		"queue without its hold": func(f *fixture) { f.deleteFirst(2) },
	} {
		f := populated(t)
		require.NoError(t, f.k.CheckInvariants(f.Ctx, nil), name)
		ctx, _ := f.Ctx.CacheContext()
		f.Ctx, ctx = ctx, f.Ctx
		plant(f)
		require.ErrorIs(t, f.k.CheckInvariants(f.Ctx, nil), types.ErrInvariant, name)
		f.Ctx = ctx
	}
}

func (f *fixture) deleteFirst(prefix byte) {
	store := f.StoreService(types.StoreKey).OpenKVStore(f.Ctx)
	it, err := store.Iterator([]byte{prefix}, []byte{prefix + 1})
	require.NoError(f.T, err)
	key := it.Key()
	require.NoError(f.T, it.Close())
	require.NoError(f.T, store.Delete(key))
}

func TestDonationsChangeNothing(t *testing.T) {
	f := populated(t)
	before, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(t, err)
	f.fund(sdk.NewCoins(token.Coin(777)))
	f.mint(authtypes.NewModuleAddress(types.ModuleName), sdk.NewInt64Coin("dust", 5))
	after, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(t, err)
	require.Equal(t, before, after)
	require.NoError(t, f.k.CheckInvariants(f.Ctx, nil))
}
