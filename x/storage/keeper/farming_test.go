package keeper_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/testutil/keepertest"
	"github.com/streamchain/streamchain/token"
	contentkeeper "github.com/streamchain/streamchain/x/content/keeper"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	"github.com/streamchain/streamchain/x/storage/keeper"
	"github.com/streamchain/streamchain/x/storage/types"
)

// wallClock is live time that a test sets: months pass at once.
type wallClock struct{ now int64 }

func (c *wallClock) Now(context.Context) (int64, error) { return c.now, nil }

// timed is a fixture whose live time the test sets. Its clock of proofs stands still: misses are
// what the test books.
func timed(t testing.TB) (*fixture, *wallClock) {
	t.Helper()
	e, clock := keepertest.New(t), &wallClock{now: 1_800_000_000}
	types.RegisterInterfaces(e.Registry)
	content := contentkeeper.NewKeeper(contentkeeper.Deps{
		Cdc: e.Cdc, Store: e.StoreService(contenttypes.StoreKey), Account: e.Account, Bank: e.Bank, Clock: clock, Authority: e.Authority,
	})
	require.NoError(t, content.InitGenesis(e.Ctx, *contenttypes.DefaultGenesis()))
	k := keeper.NewKeeper(e.Cdc, e.StoreService(types.StoreKey), e.Authority, e.Bank, clock, content)
	content.SetHooks(contenttypes.MultiContentHooks{k.Hooks()})
	require.NoError(t, k.InitGenesis(e.Ctx, *types.DefaultGenesis()))
	require.NoError(t, k.SetPeriod(e.Ctx, types.Period{
		Number: 1, Phase: types.PERIOD_PHASE_OPEN, OpenedAt: clock.now, OpenedHeight: 1 << 40, Seed: make([]byte, 32), Reveals: make([]byte, 32),
	}))
	f := &fixture{Env: e, content: content, publish: contentkeeper.NewMsgServer(content), k: k, msg: keeper.NewMsgServer(k), q: keeper.NewQueryServer(k)}
	t.Cleanup(func() { require.NoError(t, k.CheckInvariants(f.Ctx)) })
	return f, clock
}

// gang is one person's creator and providers, some of them neighbours. What it sends may fail.
type gang struct {
	*fixture
	clock *wallClock
	rng   *rand.Rand
	boss  sdk.AccAddress
	names []string
	work  string
}

// wealth is all that the gang has, in nano-ustream: coins, bonds, and what its providers have
// earned and not claimed.
func (g *gang) wealth() math.Int {
	sum := types.Nano(math.NewInt(g.Balance(g.boss)))
	for _, name := range g.names {
		sum = sum.Add(types.Nano(math.NewInt(g.Balance(g.Addr(name))).Add(g.row(name).Bond)))
		res, err := g.q.Claimable(g.Ctx, &types.QueryClaimableRequest{Operator: g.Addr(name).String()})
		require.NoError(g.T, err)
		sum = sum.Add(res.Settled)
	}
	return sum
}

func (g *gang) one() string { return g.names[g.rng.IntN(len(g.names))] }

// step is one of the things that might pay. It reports whether it was possible.
func (g *gang) step() bool {
	name := g.one()
	operator := g.Addr(name).String()
	switch g.rng.IntN(12) {
	case 0:
		return g.send(g.askMsg(g.boss, g.work, g.rng.Int64N(3_000_000), name)) == nil
	case 1, 2:
		return g.send(g.acceptMsg(name, g.work)) == nil
	case 3:
		return g.send(g.refuseMsg(name, g.work)) == nil
	case 4:
		return g.send(g.lossMsg(name, g.work)) == nil
	case 5, 6:
		rows := g.repairs(g.work)
		return len(rows) > 0 && g.send(g.repairMsg(name, g.work, rows[g.rng.IntN(len(rows))].Operator)) == nil
	case 7:
		signer := []sdk.AccAddress{g.boss, g.agent(name)}[g.rng.IntN(2)]
		return g.send(&types.MsgEndDeal{Signer: signer.String(), Work: g.work, Operator: operator}) == nil
	case 8:
		return g.send(g.claimMsg(name, g.work)) == nil
	case 9:
		var lost []string
		if d, err := g.k.GetDeal(g.Ctx, g.work, operator); err == nil && d.Status == types.DEAL_STATUS_ACTIVE && g.rng.IntN(2) == 0 {
			lost = []string{g.work}
		}
		require.NoError(g.T, g.k.Miss(g.Ctx, operator, lost...))
		return true
	case 10:
		return g.send(&types.MsgAddBond{Operator: operator, Amount: math.NewInt(1 + g.rng.Int64N(20*stream))}) == nil
	default:
		g.clock.now += g.rng.Int64N(45 * types.DaySeconds)
		require.NoError(g.T, g.k.EndBlock(g.Ctx))
		return true
	}
}

// settle ends everything, so that what can be had is had.
func (g *gang) settle() {
	deals, err := g.q.DealsByWork(g.Ctx, &types.QueryDealsByWorkRequest{Work: g.work})
	require.NoError(g.T, err)
	for _, d := range deals.Deals {
		g.must(&types.MsgEndDeal{Signer: g.boss.String(), Work: g.work, Operator: d.Operator})
	}
	require.NoError(g.T, g.k.EndBlock(g.Ctx))
	g.retire(g.boss, g.work)
}

// One person's providers lose, refuse, report and repair each other's copies of a work that is
// his: in 2,000 random plays with a full pool before their eyes none ends with more than it began.
func TestSelfRepairNeverPays(t *testing.T) {
	f, clock := timed(t)
	f.fillPool(1_000_000 * stream)
	g := &gang{fixture: f, clock: clock, boss: f.creator("boss")}
	for i := range 5 {
		name := fmt.Sprint("p", i)
		msg := f.registerMsg(name)
		msg.PricePerGibDay = math.NewInt([]int64{perSecond, perSecond / 3, 0, 7 * perSecond, perSecond / 2}[i])
		if i == 4 {
			msg.Endpoints = []string{"https://other.p0.com"}
		}
		f.must(msg)
		g.names = append(g.names, name)
	}
	require.NoError(t, f.k.UpdateMedian(f.Ctx))
	base, began := f.Ctx, clock.now
	possible, repaired, best := 0, 0, math.NewInt(-1<<62)
	for run := range uint64(2000) {
		f.Ctx, _ = base.CacheContext()
		clock.now, g.rng = began, rand.New(rand.NewPCG(run, 1))
		before := g.wealth()
		g.work = f.work(g.boss, fmt.Sprint("junk", run), gib, "")
		g.ask(g.boss, g.work, g.rng.Int64N(3_000_000), g.names[:3]...)
		for _, name := range g.names[:3] {
			g.accept(name, g.work)
		}
		f.Ctx = f.Ctx.WithEventManager(sdk.NewEventManager())
		for range 20 {
			if g.step() {
				possible++
			}
		}
		for _, e := range f.events() {
			if e == "EventWorkRepaired" {
				repaired++
			}
		}
		g.settle()
		profit := g.wealth().Sub(before)
		best = math.MaxInt(best, profit)
		require.False(t, profit.IsPositive(), "run %d earns %s nano-ustream", run, profit)
		if run%100 == 0 {
			require.NoError(t, f.k.CheckInvariants(f.Ctx))
		}
	}
	f.Ctx = base
	require.Greater(t, possible, 2000*5, "the plays do something")
	require.Greater(t, repaired, 500)
	t.Logf("%d steps, %d repairs; the best play: %s nano-ustream", possible, repaired, best)
}

// The same coins, paid by somebody else for his own work, are what honest keeping earns: the
// simulation above can tell profit from loss.
func TestKeepingForOthersPays(t *testing.T) {
	f, clock := timed(t)
	g := &gang{fixture: f, clock: clock, boss: f.creator("boss"), names: []string{"a"}}
	fan := f.creator("fan")
	f.provider("a")
	before := g.wealth()
	g.work = f.work(fan, "film", gib, "")
	f.must(&types.MsgFundWork{Funder: fan.String(), Work: g.work, Amount: token.Coin(1000)})
	f.ask(fan, g.work, 0, "a")
	f.accept("a", g.work)
	clock.now += 600
	f.must(f.claimMsg("a", g.work))
	require.Equal(t, nano(600), g.wealth().Sub(before).String())
}
