package keeper_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/token"
	"github.com/streamchain/streamchain/x/storage"
	"github.com/streamchain/streamchain/x/storage/types"
)

// populated is a state with every kind of row.
func populated(t testing.TB) (*fixture, string) {
	t.Helper()
	f := newFixture(t)
	alice := f.creator("alice")
	film, song := f.work(alice, "film", gib, ""), f.work(alice, "song", gib/3, "")
	for _, n := range []string{"a", "b", "c", "leaving", "gone"} {
		f.provider(n)
	}
	f.must(&types.MsgLeave{Operator: f.Addr("gone").String()})
	f.jump(types.DefaultUnbondingSeconds * time.Second)
	f.must(&types.MsgWithdrawBond{Operator: f.Addr("gone").String()})
	f.must(&types.MsgLeave{Operator: f.Addr("leaving").String()})
	f.ask(alice, film, 1000, "a", "b", "c")
	f.ask(alice, song, 3, "a", "b")
	f.accept("a", film)
	f.next(time.Second)
	f.accept("b", film)
	f.accept("a", song)
	f.next(10 * time.Second)
	f.must(f.claimMsg("a", song, film))
	require.NoError(t, f.k.FundPool(f.Ctx, math.NewInt(9)))
	f.fund(9)
	populatePool(f, alice, film, song)
	f.must(&types.MsgFundServing{Funder: alice.String(), Work: film, Amount: token.Coin(100_000)})
	for i := range 2 {
		f.claim("leaving", 500, fmt.Sprint("dispute/", i))
	}
	_, err := f.k.PayServing(f.Ctx, film, f.Addr("b").String(), 30)
	require.NoError(t, err)
	f.next(time.Second)
	return f, film
}

// populatePool adds a copy that is wanted, one that was repaired, and what pool and emission count by.
func populatePool(f *fixture, alice sdk.AccAddress, film, song string) {
	f.provider("d")
	f.provider("e")
	for _, work := range []string{film, song} {
		f.ask(alice, work, 0, "d")
		f.accept("d", work)
	}
	f.must(f.refuseMsg("d", song))
	f.must(f.repairMsg("e", song, f.Addr("d").String()))
	f.must(f.refuseMsg("d", film))
	f.endow(song, 2)
	require.NoError(f.T, f.k.RecordLeft(f.Ctx, song, math.NewInt(7)))
	require.NoError(f.T, f.k.UpdateMedian(f.Ctx))
}

// fund gives the module account what a bank's genesis, or x/revenue, would.
func (f *fixture) fund(amount int64) {
	f.T.Helper()
	require.NoError(f.T, f.Bank.SendCoinsFromAccountToModule(f.Ctx, f.Funded("donor", amount), types.ModuleName, sdk.NewCoins(token.Coin(amount))))
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

func TestGenesisRoundTrip(t *testing.T) {
	f, film := populated(t)
	module := storage.NewAppModule(f.k)
	exported := module.ExportGenesis(f.Ctx, f.Cdc)
	require.NoError(t, module.ValidateGenesis(f.Cdc, nil, exported))

	other := bareFixture(t)
	other.fund(f.ModuleBalance(types.ModuleName))
	otherModule := storage.NewAppModule(other.k)
	otherModule.InitGenesis(other.Ctx, other.Cdc, exported)
	require.NoError(t, other.k.CheckInvariants(other.Ctx))
	require.Equal(t, string(exported), string(otherModule.ExportGenesis(other.Ctx, other.Cdc)))
	// not only the records: every row of the store, indexes and queue included
	require.Equal(t, rows(f), rows(other))

	// and it goes on: what is claimed later is the same
	f.jump(100 * time.Second)
	other.Ctx = other.Ctx.WithBlockTime(f.Ctx.BlockTime())
	other.jump(time.Duration(f.now()-other.now()) * time.Second)
	f.must(f.claimMsg("b", film))
	other.must(f.claimMsg("b", film))
	// 111 by storing and 30 by serving
	require.EqualValues(t, 141, other.Balance(f.Addr("b")))
	require.EqualValues(t, 990*stream+141, f.Balance(f.Addr("b")))
}

func TestEmptyGenesis(t *testing.T) {
	f := bareFixture(t)
	gs, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(t, err)
	require.Equal(t, types.DefaultGenesis(), gs)
	module := storage.NewAppModule(f.k)
	require.NoError(t, module.ValidateGenesis(f.Cdc, nil, module.DefaultGenesis(f.Cdc)))
	require.Error(t, module.ValidateGenesis(f.Cdc, nil, []byte(`{"params":{}}`)))
	require.Error(t, module.ValidateGenesis(f.Cdc, nil, []byte(`nonsense`)))
}

func TestGenesisNeedsCover(t *testing.T) {
	f, _ := populated(t)
	gs, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(t, err)
	other := bareFixture(t)
	other.fund(gs.Liabilities().Int64() - 1)
	require.ErrorIs(t, other.k.InitGenesis(other.Ctx, *gs), types.ErrInvariant)
	require.Empty(t, rows(other), "nothing was written")
}

func TestInconsistentGenesis(t *testing.T) {
	f, film := populated(t)
	good, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(t, err)
	find := func(n string) (at int) {
		for i, p := range good.Providers {
			if p.Operator == f.Addr(n).String() {
				at = i
			}
		}
		return at
	}
	a, b, leaving, gone := find("a"), find("b"), find("leaving"), find("gone")
	var active, requested, escrow int
	for i, d := range good.Deals {
		if d.Work == film && d.Status == types.DEAL_STATUS_ACTIVE {
			active = i
		}
		if d.Work == film && d.Status == types.DEAL_STATUS_REQUESTED {
			requested = i
		}
	}
	for i, e := range good.Escrows {
		if e.Root == film {
			escrow = i
		}
	}
	for name, change := range map[string]func(*types.GenesisState){
		"params":                 func(gs *types.GenesisState) { gs.Params.TargetCopies = 0 },
		"claim twice":            func(gs *types.GenesisState) { gs.BondClaims = append(gs.BondClaims, gs.BondClaims[0]) },
		"claim of nobody's bond": func(gs *types.GenesisState) { gs.BondClaims[0].Operator = f.Addr("nobody").String() },
		"claim of nothing":       func(gs *types.GenesisState) { gs.BondClaims[0].Amount = math.ZeroInt() },
		"claim without a name":   func(gs *types.GenesisState) { gs.BondClaims[0].Reference = "" },
		"claim without an end":   func(gs *types.GenesisState) { gs.BondClaims[0].Until = 0 },
		"claims too many": func(gs *types.GenesisState) {
			for i := range types.MaxBondClaims {
				c := gs.BondClaims[0]
				c.Reference = fmt.Sprint("more/", i)
				gs.BondClaims = append(gs.BondClaims, c)
			}
		},
		"pool unset":             func(gs *types.GenesisState) { gs.Pool = math.Int{} },
		"pool negative":          func(gs *types.GenesisState) { gs.Pool = math.NewInt(-1) },
		"provider twice":         func(gs *types.GenesisState) { gs.Providers = append(gs.Providers, gs.Providers[gone]) },
		"provider missing":       func(gs *types.GenesisState) { gs.Providers = gs.Providers[:0] },
		"operator":               func(gs *types.GenesisState) { gs.Providers[a].Operator = "x" },
		"agent unset":            func(gs *types.GenesisState) { gs.Providers[a].Agent = "" },
		"agent of two":           func(gs *types.GenesisState) { gs.Providers[a].Agent = gs.Providers[b].Agent },
		"agent an operator":      func(gs *types.GenesisState) { gs.Providers[a].Agent = gs.Providers[b].Operator },
		"endpoint private":       func(gs *types.GenesisState) { gs.Providers[a].Endpoints[0] = "http://127.0.0.1" },
		"endpoint not normal":    func(gs *types.GenesisState) { gs.Providers[a].Endpoints[0] += "/" },
		"network":                func(gs *types.GenesisState) { gs.Providers[a].NetworkPrefix = "b.com" },
		"region":                 func(gs *types.GenesisState) { gs.Providers[a].Region = "" },
		"capacity":               func(gs *types.GenesisState) { gs.Providers[a].CapacityBytes = 1 },
		"price":                  func(gs *types.GenesisState) { gs.Providers[a].PricePerGibDay = math.Int{} },
		"bond unset":             func(gs *types.GenesisState) { gs.Providers[a].Bond = math.Int{} },
		"bond negative":          func(gs *types.GenesisState) { gs.Providers[a].Bond = math.NewInt(-1) },
		"committed":              func(gs *types.GenesisState) { gs.Providers[a].CommittedBytes-- },
		"active deals":           func(gs *types.GenesisState) { gs.Providers[a].ActiveDeals++ },
		"status":                 func(gs *types.GenesisState) { gs.Providers[a].Status = 0 },
		"leaving with deals":     func(gs *types.GenesisState) { gs.Providers[a].Status, gs.Providers[a].UnbondAt = 2, 1 },
		"leaving without end":    func(gs *types.GenesisState) { gs.Providers[leaving].UnbondAt = 0 },
		"gone with a bond":       func(gs *types.GenesisState) { gs.Providers[gone].Bond = math.OneInt() },
		"deal twice":             func(gs *types.GenesisState) { gs.Deals = append(gs.Deals, gs.Deals[requested]) },
		"deal of no work":        func(gs *types.GenesisState) { gs.Deals[active].Work = "x" },
		"deal of no operator":    func(gs *types.GenesisState) { gs.Deals[active].Operator = "x" },
		"deal of another":        func(gs *types.GenesisState) { gs.Deals[active].Operator = f.Addr("nobody").String() },
		"deal of another root":   func(gs *types.GenesisState) { gs.Deals[active].Root = nowhere("x") },
		"deal status":            func(gs *types.GenesisState) { gs.Deals[active].Status = 0 },
		"deal rate unset":        func(gs *types.GenesisState) { gs.Deals[active].Rate = math.Int{} },
		"deal rate":              func(gs *types.GenesisState) { gs.Deals[active].Rate = gs.Deals[active].Rate.AddRaw(1) },
		"deal size":              func(gs *types.GenesisState) { gs.Deals[active].PieceSize = 1<<64 - 1 },
		"deal ahead":             func(gs *types.GenesisState) { gs.Deals[active].Index = gs.Escrows[escrow].Index + 1 },
		"deal behind":            func(gs *types.GenesisState) { gs.Deals[active].Index-- },
		"accepted too late":      func(gs *types.GenesisState) { gs.Deals[active].AcceptedAt = gs.Deals[active].ExpiresAt },
		"requested and accepted": func(gs *types.GenesisState) { gs.Deals[requested].AcceptedAt = 1 },
		"request without end":    func(gs *types.GenesisState) { gs.Deals[requested].ExpiresAt = gs.Deals[requested].RequestedAt },
		"escrow twice":           func(gs *types.GenesisState) { gs.Escrows = append(gs.Escrows, gs.Escrows[0]) },
		"escrow missing":         func(gs *types.GenesisState) { gs.Escrows = nil },
		"escrow balance unset":   func(gs *types.GenesisState) { gs.Escrows[escrow].Balance = math.Int{} },
		"escrow balance":         func(gs *types.GenesisState) { gs.Escrows[escrow].Balance = math.NewInt(-1) },
		"escrow owed":            func(gs *types.GenesisState) { gs.Escrows[escrow].Owed = gs.Escrows[escrow].Owed.AddRaw(1) },
		"escrow rate":            func(gs *types.GenesisState) { gs.Escrows[escrow].Rate = gs.Escrows[escrow].Rate.SubRaw(1) },
		"escrow deals":           func(gs *types.GenesisState) { gs.Escrows[escrow].Deals++ },
		"escrow time":            func(gs *types.GenesisState) { gs.Escrows[escrow].UpdatedAt = -1 },
		"escrow check_at":        func(gs *types.GenesisState) { gs.Escrows[escrow].CheckAt = 0 },
		"escrow paid_in unset":   func(gs *types.GenesisState) { gs.Escrows[escrow].PaidIn = math.Int{} },
		"escrow from_pool":       func(gs *types.GenesisState) { gs.Escrows[escrow].FromPool = math.OneInt() },
		"bounty unset":           func(gs *types.GenesisState) { gs.Deals[active].Bounty = math.Int{} },
		"bounty left":            func(gs *types.GenesisState) { gs.Deals[active].BountyLeft = math.OneInt() },
		"max rate":               func(gs *types.GenesisState) { gs.Deals[active].MaxRate = math.ZeroInt() },
		"missed before accepted": func(gs *types.GenesisState) { gs.Deals[requested].MissedSeconds = 1 },
		"missed ahead":           func(gs *types.GenesisState) { gs.Deals[active].MissedSeconds = 1 },
		"repair twice":           func(gs *types.GenesisState) { gs.Repairs = append(gs.Repairs, gs.Repairs[0]) },
		"repair of no work":      func(gs *types.GenesisState) { gs.Repairs[0].Work = "x" },
		"repair of no root":      func(gs *types.GenesisState) { gs.Repairs[0].Root = nowhere("x") },
		"repair of nobody":       func(gs *types.GenesisState) { gs.Repairs[0].Operator = f.Addr("nobody").String() },
		"repair rate":            func(gs *types.GenesisState) { gs.Repairs[0].MaxRate = math.Int{} },
		"repair bounty":          func(gs *types.GenesisState) { gs.Repairs[0].Bounty = math.NewInt(-1) },
		"repair reason":          func(gs *types.GenesisState) { gs.Repairs[0].Reason = types.DEAL_END_CONTROLLER },
		"repair size":            func(gs *types.GenesisState) { gs.Repairs[0].PieceSize = 0 },
		"too many repairs": func(gs *types.GenesisState) {
			for i := range types.MaxDealsPerWork {
				p, r := gs.Providers[gone], gs.Repairs[0]
				p.Operator, p.Agent = f.Addr(fmt.Sprint("more", i)).String(), f.Addr(fmt.Sprint("more", i)).String()
				r.Operator = p.Operator
				gs.Providers, gs.Repairs = append(gs.Providers, p), append(gs.Repairs, r)
			}
		},
		"median price":      func(gs *types.GenesisState) { gs.MedianPrice = math.Int{} },
		"match twice":       func(gs *types.GenesisState) { gs.Matches = append(gs.Matches, gs.Matches[0]) },
		"match of none":     func(gs *types.GenesisState) { gs.Matches[0].Root = "" },
		"match left":        func(gs *types.GenesisState) { gs.Matches[0].Left = math.Int{} },
		"earning twice":     func(gs *types.GenesisState) { gs.Earnings = append(gs.Earnings, gs.Earnings[0]) },
		"earning of nobody": func(gs *types.GenesisState) { gs.Earnings[0].Operator = "" },
		"earning zero":      func(gs *types.GenesisState) { gs.Earnings[0].Amount = math.ZeroInt() },
	} {
		var bad types.GenesisState
		f.Cdc.MustUnmarshalJSON(f.Cdc.MustMarshalJSON(good), &bad)
		change(&bad)
		require.Error(t, bad.Validate(), name)
		other := bareFixture(t)
		other.fund(10_000 * stream)
		require.Error(t, other.k.InitGenesis(other.Ctx, bad), name)
		require.Empty(t, rows(other), name)
	}
}
