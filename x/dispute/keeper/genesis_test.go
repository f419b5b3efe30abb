package keeper_test

import (
	"encoding/hex"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	minttypes "github.com/cosmos/cosmos-sdk/x/mint/types"

	"github.com/streamchain/streamchain/token"
	"github.com/streamchain/streamchain/x/dispute"
	"github.com/streamchain/streamchain/x/dispute/types"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// populated is a state with a dispute of every status.
func populated(t testing.TB) *fixture {
	t.Helper()
	f := newFixture(t)
	f.jurors(30)
	f.pay(f.Funded("buyer", 1), "h1", 300*stream)
	second := f.publish(f.creator, "second")
	third := f.publish(f.creator, "third")
	fourth := f.publish(f.creator, "fourth")
	about := func(work string, kind types.Kind) *types.MsgOpenDispute {
		m := f.open(kind)
		m.Subject = work
		return m
	}
	closed := f.ruled(about(second, types.KIND_ILLEGAL_CONTENT), types.CHOICE_UPHOLD)
	f.final(closed)
	failed := f.open(types.KIND_IMPERSONATION)
	failed.Subject = f.creatorID()
	id := f.ruled(failed, types.CHOICE_UPHOLD)
	f.content.fail = true
	f.final(id)
	appealed, revealing, committing := f.opened(about(third, types.KIND_INFRINGEMENT)), f.opened(about(fourth, types.KIND_INFRINGEMENT)), f.opened(about(f.work, types.KIND_ILLEGAL_CONTENT))
	f.must(&types.MsgContestHold{Claimant: f.alice.String(), Dispute: committing, HoldId: "h1"})
	f.must(&types.MsgRespond{Responder: f.creator.String(), Dispute: committing, Evidence: document("no")})
	f.drawn(appealed)
	f.content.fail = false
	f.vote(appealed, all(types.CHOICE_UPHOLD))
	f.must(f.commitMsg(f.ballots(committing)[0], types.CHOICE_UPHOLD))
	for _, b := range f.ballots(revealing) {
		f.must(f.commitMsg(b, types.CHOICE_DISMISS))
	}
	f.must(revealMsg(f.ballots(revealing)[0], types.CHOICE_DISMISS))
	drawing := f.ruled2(about(f.work, types.KIND_INFRINGEMENT), appealed)
	_ = drawing
	f.must(&types.MsgUnstakeJuror{Juror: f.Addr("juror29").String(), Amount: math.NewInt(1000 * stream)})
	interim := about(f.work, types.KIND_INFRINGEMENT)
	interim.Claimant, interim.Interim = f.Funded("carol", 10_000*stream).String(), true
	f.must(interim)
	return f
}

// ruled2 appeals a ruling, so that the dispute waits for its second jury.
func (f *fixture) ruled2(_ *types.MsgOpenDispute, appealed uint64) uint64 {
	f.must(&types.MsgAppeal{Appellant: f.creator.String(), Dispute: appealed, Evidence: document("why"), MaxBond: math.NewInt(1000 * stream)})
	return appealed
}

// rows are all rows of the module's store.
func (f *fixture) rows() map[string]string {
	f.T.Helper()
	out := map[string]string{}
	it, err := f.StoreService(types.StoreKey).OpenKVStore(f.Ctx).Iterator(nil, nil)
	require.NoError(f.T, err)
	defer func() { require.NoError(f.T, it.Close()) }()
	for ; it.Valid(); it.Next() {
		out[hex.EncodeToString(it.Key())] = hex.EncodeToString(it.Value())
	}
	return out
}

func TestGenesisRoundTrip(t *testing.T) {
	f := populated(t)
	seen := map[types.Status]bool{}
	gs, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(t, err)
	for _, d := range gs.Disputes {
		seen[d.Status] = true
	}
	for s := types.STATUS_EVIDENCE; s.Known(); s++ {
		require.True(t, seen[s] || s == types.STATUS_APPEAL, s.String())
	}
	for name, n := range map[string]int{
		"ballots": len(gs.Ballots), "jurors": len(gs.Jurors), "changes": len(gs.Changes), "owed": len(gs.Owed),
		"restrictions": len(gs.Restrictions), "interims": len(gs.Interims), "notices": len(gs.Notices),
	} {
		require.NotZero(t, n, name)
	}
	module := dispute.NewAppModule(f.k)
	exported := module.ExportGenesis(f.Ctx, f.Cdc)
	require.NoError(t, module.ValidateGenesis(f.Cdc, nil, exported))

	other := bareFixture(t)
	coins := sdk.NewCoins(token.Coin(f.ModuleBalance(types.ModuleName)))
	require.NoError(t, other.Bank.MintCoins(other.Ctx, minttypes.ModuleName, coins))
	require.NoError(t, other.Bank.SendCoinsFromModuleToModule(other.Ctx, minttypes.ModuleName, types.ModuleName, coins))
	otherModule := dispute.NewAppModule(other.k)
	otherModule.InitGenesis(other.Ctx, other.Cdc, exported)
	require.NoError(t, other.k.CheckInvariants(other.Ctx))
	require.Equal(t, string(exported), string(otherModule.ExportGenesis(other.Ctx, other.Cdc)))
	// not only the records: every row of the store, queues, indexes and the tree included
	require.Equal(t, f.rows(), other.rows())
}

func TestEmptyGenesis(t *testing.T) {
	f := bareFixture(t)
	gs, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(t, err)
	require.Equal(t, types.DefaultGenesis(), gs)
}

func TestGenesisRejects(t *testing.T) {
	f := populated(t)
	for name, edit := range map[string]func(*types.GenesisState){
		"params":                func(gs *types.GenesisState) { gs.Params.MinStake = math.ZeroInt() },
		"disputes out of order": func(gs *types.GenesisState) { gs.Disputes[0], gs.Disputes[1] = gs.Disputes[1], gs.Disputes[0] },
		"next dispute":          func(gs *types.GenesisState) { gs.NextDispute = 1 },
		"next notice":           func(gs *types.GenesisState) { gs.NextNotice++ },
		"a gap in the notices":  func(gs *types.GenesisState) { gs.Notices[0].Id = 2 },
		"status":                func(gs *types.GenesisState) { gs.Disputes[0].Status = 9 },
		"closed, yet due":       func(gs *types.GenesisState) { gs.Disputes[0].DueAt = 1 },
		"bond":                  func(gs *types.GenesisState) { gs.Disputes[2].Bond = math.NewInt(-1) },
		"counter bond":          func(gs *types.GenesisState) { gs.Disputes[2].CounterBond = math.NewInt(1) },
		"seats":                 func(gs *types.GenesisState) { gs.Disputes[2].Rounds[0].Seats = 9 },
		"appellant":             func(gs *types.GenesisState) { gs.Disputes[2].Rounds[1].Appellant = "" },
		"ballot of nobody":      func(gs *types.GenesisState) { gs.Ballots[0].Juror = "x" },
		"ballot of a closed":    func(gs *types.GenesisState) { gs.Ballots[0].Dispute = 1 },
		"ballot without seats":  func(gs *types.GenesisState) { gs.Ballots[0].Seats = 0 },
		"ballots out of order":  func(gs *types.GenesisState) { gs.Ballots[0], gs.Ballots[1] = gs.Ballots[1], gs.Ballots[0] },
		"slot twice":            func(gs *types.GenesisState) { gs.Jurors[0].Slot = gs.Jurors[1].Slot },
		"weight without slot":   func(gs *types.GenesisState) { gs.Jurors[0].Slot = 0 },
		"locked over stake":     func(gs *types.GenesisState) { gs.Jurors[0].Locked = gs.Jurors[0].Stake.AddRaw(1) },
		"jurors out of order":   func(gs *types.GenesisState) { gs.Jurors[0], gs.Jurors[1] = gs.Jurors[1], gs.Jurors[0] },
		"nothing owed":          func(gs *types.GenesisState) { gs.Owed[0].Amount = math.ZeroInt() },
		"foreign restriction":   func(gs *types.GenesisState) { gs.Restrictions[0].Work = "x" },
		"interim of nothing":    func(gs *types.GenesisState) { gs.Interims[0].Work = "" },
	} {
		gs, err := f.k.ExportGenesis(f.Ctx)
		require.NoError(t, err)
		edit(gs)
		other := bareFixture(t)
		require.Error(t, other.k.InitGenesis(other.Ctx, *gs), name)
		require.Empty(t, other.rows(), name)
	}
}

// What is due is done in the order of its time, and no more than a cap a block; nothing is lost.
func TestQueueCap(t *testing.T) {
	f := newFixture(t)
	f.jurors(20)
	n := types.MaxSteps + 7
	for i := range n {
		m := f.open(types.KIND_IMPERSONATION)
		m.Subject = f.creatorID()
		m.Claimant = f.Funded("c"+string(rune('0'+i%10))+string(rune('a'+i/10)), 1000*stream).String()
		f.must(m)
	}
	f.NextBlock(window, func(ctx sdk.Context) error { return f.k.EndBlock(ctx) })
	count := func(s types.Status) (k int) {
		gs, err := f.k.ExportGenesis(f.Ctx)
		require.NoError(t, err)
		for _, d := range gs.Disputes {
			if d.Status == s {
				k++
			}
		}
		return k
	}
	require.Equal(t, n, count(types.STATUS_EVIDENCE))
	require.NoError(t, f.k.EndBlock(f.Ctx))
	require.Equal(t, types.MaxSteps, count(types.STATUS_DRAWING))
	require.Equal(t, types.STATUS_EVIDENCE, f.get(uint64(n)).Status, "first due, first done")
	require.NoError(t, f.k.EndBlock(f.Ctx))
	require.Equal(t, n, count(types.STATUS_DRAWING))
	f.periods(1)
	f.storage.period++
	for i := 0; count(types.STATUS_COMMIT) < n; i++ {
		before := count(types.STATUS_COMMIT)
		require.NoError(t, f.k.EndBlock(f.Ctx))
		require.LessOrEqual(t, count(types.STATUS_COMMIT)-before, types.MaxWork/types.FirstSeats+1)
		require.Less(t, i, 10)
	}
	f.next(time.Second)
}
