package keeper_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/token"
	"github.com/streamchain/streamchain/x/storage/types"
)

func (f *fixture) fundServing(from sdk.AccAddress, work string, amount int64) {
	f.T.Helper()
	f.must(&types.MsgFundServing{Funder: from.String(), Work: work, Amount: token.Coin(amount)})
}

// serve says that the provider called name served seconds, and returns what it earned in nano-ustream.
func (f *fixture) serve(work, name string, seconds uint64) string {
	f.T.Helper()
	paid, err := f.k.PayServing(f.Ctx, work, f.Addr(name).String(), seconds)
	require.NoError(f.T, err)
	return paid.String()
}

func (f *fixture) serving(work string) types.ServingState { return f.escrow(work).Serving }

func (f *fixture) settledOf(name string) math.Int {
	f.T.Helper()
	res, err := f.q.Claimable(f.Ctx, &types.QueryClaimableRequest{Operator: f.Addr(name).String()})
	require.NoError(f.T, err)
	return res.Settled
}

func TestServingPaysBySecondUpToTheDay(t *testing.T) {
	f, alice, film := earning(t, 1000)
	fan := f.Funded("fan", 10*stream)
	require.Equal(t, "0", f.serve(film, "a", 10), "nobody gave it anything")
	before := f.escrow(film).Escrow
	f.Ctx = f.Ctx.WithEventManager(sdk.NewEventManager())
	f.fundServing(fan, film, 1000)
	require.Equal(t, nano(30), f.serve(film, "a", 30))
	require.Equal(t, []string{"EventServingFunded", "EventServingPaid"}, f.events())
	require.Equal(t, nano(970), f.serving(film).Balance.String())
	require.Equal(t, nano(30), f.serving(film).PaidToday.String())
	require.Equal(t, nano(100), f.serving(film).CapToday.String())
	require.Equal(t, nano(70), f.serve(film, "a", 3600), "what the day leaves")
	require.Equal(t, "0", f.serve(film, "a", 1))
	f.fundServing(alice, film, 500)
	require.Equal(t, nano(50), f.serve(film, "a", 3600), "and a tenth of what came besides")
	require.Equal(t, nano(150), f.settledOf("a").String())
	require.Equal(t, before, f.escrow(film).Escrow, "the storage escrow is not touched")

	f.must(f.claimMsg("a"))
	require.EqualValues(t, 990*stream+150, f.Balance(f.Addr("a")))
	f.jump(24 * time.Hour)
	require.Equal(t, nano(135), f.serve(film, "a", 3600), "a tenth of what is left, the next day")
	require.Equal(t, nano(1500), f.serving(film).PaidIn.String())
}

func TestServingPaysNobodyElse(t *testing.T) {
	f, alice, film := earning(t, 1000)
	f.fundServing(alice, film, 1000)
	f.provider("b")
	require.Equal(t, "0", f.serve(film, "b", 10), "without a deal")
	f.ask(alice, film, 0, "b")
	require.Equal(t, "0", f.serve(film, "b", 10), "without an active deal")
	f.accept("b", film)
	require.Equal(t, nano(10), f.serve(film, "b", 10))
	require.Equal(t, "0", f.serve(film, "nobody", 10))
	song := f.work(alice, "song", gib, "")
	require.Equal(t, "0", f.serve(song, "a", 10), "another work's budget")

	second := f.work(alice, "second", gib, film)
	f.provider("c")
	f.ask(alice, second, 0, "c")
	f.accept("c", second)
	require.Equal(t, nano(10), f.serve(film, "c", 10), "a later version is kept")

	require.Equal(t, nano(1), f.serve(film, "a", 1))
	params, err := f.k.Params(f.Ctx)
	require.NoError(t, err)
	params.MinBond = params.MinBond.AddRaw(1)
	require.NoError(t, f.k.UpdateParams(f.Ctx, params))
	require.Equal(t, "0", f.serve(film, "a", 1), "its bond is not enough")
}

// One of three providers takes half of a day's cap at most, whatever it says of viewers.
func TestOneProviderTakesItsPart(t *testing.T) {
	f, alice, film := earning(t, 1000)
	for _, name := range []string{"b", "c"} {
		f.provider(name)
		f.ask(alice, film, 0, name)
		f.accept(name, film)
	}
	f.fundServing(alice, film, 1000)
	require.Equal(t, nano(50), f.serving(film).ProviderCapToday.String())
	require.Equal(t, nano(50), f.serve(film, "a", 1<<40))
	require.Equal(t, nano(50), f.serve(film, "b", 1<<40))
	require.Equal(t, "0", f.serve(film, "c", 1), "the day is spent")
	require.NoError(t, f.k.CheckInvariants(f.Ctx))
	f.jump(24 * time.Hour)
	f.must(&types.MsgEndDeal{Signer: alice.String(), Work: film, Operator: f.Addr("c").String()})
	f.must(&types.MsgEndDeal{Signer: alice.String(), Work: film, Operator: f.Addr("b").String()})
	gs, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(t, err)
	require.Len(t, gs.ServingDays, 1, "what b earned yesterday is forgotten with its deal")
	require.Equal(t, nano(90), f.serve(film, "a", 1<<40), "alone it has all")
}

func TestFundServingRejections(t *testing.T) {
	f, alice, film := earning(t, 1000)
	gone := f.work(alice, "gone", gib, "")
	f.retire(alice, gone)
	msg := func(edit func(*types.MsgFundServing)) *types.MsgFundServing {
		m := &types.MsgFundServing{Funder: alice.String(), Work: film, Amount: token.Coin(5)}
		edit(m)
		return m
	}
	f.reject([]rejection{
		{"funder", msg(func(m *types.MsgFundServing) { m.Funder = "x" }), types.ErrInvalidAddress},
		{"nothing", msg(func(m *types.MsgFundServing) { m.Amount = token.Coin(0) }), types.ErrInvalidAmount},
		{"denom", msg(func(m *types.MsgFundServing) { m.Amount = sdk.NewInt64Coin("dust", 5) }), types.ErrInvalidDenom},
		{"retired", msg(func(m *types.MsgFundServing) { m.Work = gone }), types.ErrWorkNotActive},
	})
	require.Error(t, f.send(msg(func(m *types.MsgFundServing) { m.Work = nowhere("x") })))
	require.Error(t, f.send(msg(func(m *types.MsgFundServing) { m.Amount = token.Coin(1 << 60) })))
	params := types.DefaultParams()
	params.ServingDailyBps = types.MostServingDailyBps + 1
	require.ErrorIs(t, params.Validate(), types.ErrInvalidParams)
	params = types.DefaultParams()
	params.ServingRate = math.NewInt(-1)
	require.ErrorIs(t, params.Validate(), types.ErrInvalidParams)
}

// farm is a serving budget under attack: some of its work's providers report viewers that do not
// exist, as many and as often as they like, and pay in themselves now and then.
type farm struct {
	*fixture
	clock *wallClock
	rng   *rand.Rand
	work  string
	given math.Int // by others, in nano-ustream
	own   math.Int // by the attackers
	taken math.Int
	days  map[int64]math.Int // what each day began with, and got
}

func (g *farm) fund(from sdk.AccAddress, sum *math.Int) {
	amount := 1 + g.rng.Int64N(2*stream)
	day := g.clock.now / types.DaySeconds
	g.began(day)
	g.fundServing(from, g.work, amount)
	*sum = sum.Add(types.Nano(math.NewInt(amount)))
	g.days[day] = g.days[day].Add(types.Nano(math.NewInt(amount)))
}

func (g *farm) began(day int64) {
	if _, ok := g.days[day]; !ok {
		g.days[day] = g.serving(g.work).Balance
	}
}

// 2,000 attacks by one to three of a work's providers: no day pays more than its part of what
// others and they have set aside, none of the providers more than its share, nobody has out more
// than was paid in, and the storage escrow is what it was.
func TestMadeUpViewersTakeNoMoreThanTheDay(t *testing.T) {
	f, clock := timed(t)
	boss := f.creator("boss")
	film := f.work(boss, "film", gib, "")
	names := []string{"a", "b", "c", "d"}
	for _, name := range names {
		f.provider(name)
		f.ask(boss, film, 1_000_000, name)
		f.accept(name, film)
	}
	fan, cheat := f.Funded("fan", 1<<50), f.Funded("cheat", 1<<50)
	base, began := f.Ctx, clock.now
	spent, worst := 0, 0.0
	for run := range uint64(2000) {
		f.Ctx, _ = base.CacheContext()
		clock.now = began
		g := &farm{fixture: f, clock: clock, rng: rand.New(rand.NewPCG(run, 3)), work: film,
			given: math.ZeroInt(), own: math.ZeroInt(), taken: math.ZeroInt(), days: map[int64]math.Int{}}
		before := f.escrow(film).Escrow
		cheats := names[:1+g.rng.IntN(3)]
		paid := map[string]math.Int{}
		for range 40 {
			switch g.rng.IntN(8) {
			case 0:
				g.fund(fan, &g.given)
			case 1:
				if g.rng.IntN(3) == 0 {
					g.fund(cheat, &g.own)
				}
			case 2:
				clock.now += g.rng.Int64N(2 * types.DaySeconds)
			default:
				name := cheats[g.rng.IntN(len(cheats))]
				day := clock.now / types.DaySeconds
				g.began(day)
				got, err := f.k.PayServing(f.Ctx, film, f.Addr(name).String(), g.rng.Uint64N(1<<uint(1+g.rng.IntN(50))))
				require.NoError(t, err)
				g.taken = g.taken.Add(got)
				for _, key := range []string{fmt.Sprint(day), fmt.Sprint(day, name)} {
					if paid[key].IsNil() {
						paid[key] = math.ZeroInt()
					}
					paid[key] = paid[key].Add(got)
				}
				bound := g.days[day].MulRaw(types.DefaultServingDailyBps).QuoRaw(10_000)
				require.True(t, paid[fmt.Sprint(day)].LTE(bound), "run %d: a day paid %s of %s", run, paid[fmt.Sprint(day)], g.days[day])
				require.True(t, paid[fmt.Sprint(day, name)].LTE(bound.MulRaw(2).QuoRaw(5)), "run %d: one provider", run)
				if paid[fmt.Sprint(day)].Equal(bound) && bound.IsPositive() {
					spent++
				}
			}
		}
		require.True(t, g.taken.LTE(g.given.Add(g.own)), "run %d", run)
		if g.given.IsZero() {
			require.True(t, g.taken.LTE(g.own), "run %d: paying himself earned", run)
		}
		if in := g.given.Add(g.own); in.IsPositive() {
			worst = max(worst, float64(g.taken.QuoRaw(1000).Int64())/float64(in.QuoRaw(1000).Int64()))
		}
		after := f.escrow(film).Escrow
		require.Equal(t, before.Balance.Add(before.Owed).String(), after.Balance.Add(after.Owed).String(), "run %d: storage", run)
		require.Equal(t, before.PaidIn.String(), after.PaidIn.String())
		if run%50 == 0 {
			require.NoError(t, f.k.CheckInvariants(f.Ctx))
		}
	}
	f.Ctx, clock.now = base, began
	require.Greater(t, spent, 100, "the attacks reach the bound")
	t.Logf("the day's bound was reached %d times; the worst run took %.2f of what was set aside, over weeks", spent, worst)
}
