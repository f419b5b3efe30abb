package keeper_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/token"
	"github.com/streamchain/streamchain/x/storage/types"
)

const month = 30 * types.DaySeconds

// endow pays what the work's revenue does, with its coins.
func (f *fixture) endow(work string, amount int64) {
	f.T.Helper()
	f.fund(amount)
	require.NoError(f.T, f.k.Endow(f.Ctx, work, math.NewInt(amount)))
}

// fillPool pays into the common pool, with the coins.
func (f *fixture) fillPool(amount int64) {
	f.T.Helper()
	f.fund(amount)
	require.NoError(f.T, f.k.FundPool(f.Ctx, math.NewInt(amount)))
}

// end ends a block without letting time pass, and returns its events.
func (f *fixture) end() []string {
	f.T.Helper()
	f.Ctx = f.Ctx.WithEventManager(sdk.NewEventManager())
	require.NoError(f.T, f.k.EndBlock(f.Ctx))
	return f.events()
}

// earning has a work that one provider keeps for a ustream a second, what its revenue endowed,
// and the median price that is the provider's.
func earning(t testing.TB, endowed int64) (f *fixture, alice sdk.AccAddress, film string) {
	f = newFixture(t)
	alice = f.creator("alice")
	film = f.work(alice, "film", gib, "")
	f.provider("a")
	require.NoError(t, f.k.UpdateMedian(f.Ctx))
	f.ask(alice, film, 0, "a")
	f.accept("a", film)
	f.endow(film, endowed)
	f.end() // it was dry when the deal began
	return f, alice, film
}

// A work whose escrow ran dry goes on: 30 days at a time, up to twice what its revenue endowed.
func TestPoolKeepsADryWork(t *testing.T) {
	f, _, film := earning(t, 2_000_000)
	f.fillPool(100_000_000)
	f.jump(2_000_000 * time.Second)
	require.Equal(t, f.now(), f.escrow(film).Escrow.CheckAt)
	require.Contains(t, f.end(), "EventPoolPaid")
	e := f.escrow(film)
	require.Equal(t, nano(month), e.Escrow.Balance.String())
	require.Equal(t, nano(month), e.Escrow.FromPool.String())
	require.Equal(t, f.now()+month, e.DryAt)
	require.Equal(t, nano(100_000_000-month), f.pool())
	require.NotContains(t, f.end(), "EventPoolPaid", "once")

	f.jump(month * time.Second)
	require.Contains(t, f.end(), "EventPoolPaid")
	require.Equal(t, nano(4_000_000), f.escrow(film).Escrow.FromPool.String(), "all that it may ever have")
	f.jump((4_000_000 - month) * time.Second)
	require.NotContains(t, f.end(), "EventPoolPaid")
	require.Equal(t, f.now()+types.DaySeconds, f.escrow(film).Escrow.CheckAt, "looked at again in a day")
	f.must(f.claimMsg("a", film))
	require.EqualValues(t, 990*stream+6_000_000, f.Balance(f.Addr("a")))

	// revenue that comes later lets the pool give again
	f.jump(10 * time.Second)
	f.endow(film, 100)
	f.jump(100 * time.Second)
	require.Contains(t, f.end(), "EventPoolPaid")
	require.Equal(t, nano(200), f.escrow(film).Escrow.Balance.String())
}

// The pool pays for time to come, never for seconds that nobody paid.
func TestPoolPaysNoPast(t *testing.T) {
	f, _, film := earning(t, 100)
	f.jump(1000 * time.Second)
	f.fillPool(1000)
	require.Contains(t, f.end(), "EventPoolPaid")
	f.must(f.claimMsg("a", film))
	require.EqualValues(t, 990*stream+100, f.Balance(f.Addr("a")))
	f.jump(1000 * time.Second)
	f.must(f.claimMsg("a", film))
	require.EqualValues(t, 990*stream+300, f.Balance(f.Addr("a")))
}

// What x/revenue has booked and not sent yet is never paid out: a grant of it earns nothing before
// time passes, and by then the coins are there.
func TestGrantsNeverRunAheadOfCoins(t *testing.T) {
	f, _, film := earning(t, 100)
	f.jump(100 * time.Second)
	f.must(f.claimMsg("a", film))
	held := f.ModuleBalance(types.ModuleName)
	require.EqualValues(t, 1010*stream, held, "a bond, and nothing else")
	require.NoError(t, f.k.FundPool(f.Ctx, math.NewInt(1000)))
	require.NoError(t, f.k.Endow(f.Ctx, film, math.NewInt(50)))
	require.ErrorIs(t, f.send(f.claimMsg("a", film)), types.ErrNothingToClaim)
	require.NotContains(t, f.end(), "EventPoolPaid", "it is not dry any more")
	f.fund(1050)
	f.jump(50 * time.Second)
	require.NoError(t, f.k.FundPool(f.Ctx, math.NewInt(7)))
	require.Contains(t, f.end(), "EventPoolPaid")
	f.must(f.claimMsg("a", film))
	require.EqualValues(t, held+1050-50, f.ModuleBalance(types.ModuleName), "only what was covered before")
	f.fund(7)
	require.NoError(t, f.k.CheckInvariants(f.Ctx))
}

// What bounds a grant besides: the pool, the median price, what was prepaid (not at all), and a
// work that is not active.
func TestWhatThePoolGives(t *testing.T) {
	others := func(price int64, names ...string) func(*fixture, string) {
		return func(f *fixture, _ string) {
			for _, n := range names {
				msg := f.registerMsg(n)
				msg.PricePerGibDay = math.NewInt(price)
				f.must(msg)
			}
			require.NoError(f.T, f.k.UpdateMedian(f.Ctx))
		}
	}
	for name, c := range map[string]struct {
		prepaid, endowed, pool int64
		change                 func(*fixture, string)
		want                   int64
	}{
		"nothing endowed":     {prepaid: 5_000_000, pool: 100_000_000, want: 0},
		"twice what was":      {endowed: 700, pool: 100_000_000, want: 1400},
		"prepayments besides": {prepaid: 5_000_000, endowed: 700, pool: 100_000_000, want: 1400},
		"all of the pool":     {endowed: 5_000_000, pool: 999, want: 999},
		"an empty pool":       {endowed: 5_000_000, want: 0},
		"30 days":             {endowed: 5_000_000, pool: 100_000_000, want: month},
		"the median is less":  {endowed: 5_000_000, pool: 100_000_000, change: others(perSecond/2, "x", "y"), want: month / 2},
		"the median is more":  {endowed: 5_000_000, pool: 100_000_000, change: others(perSecond*9, "x", "y"), want: month},
		"the lower of the middle ones": {
			endowed: 5_000_000, pool: 100_000_000, change: others(perSecond/4, "x"), want: month / 4,
		},
		"all others are free": {endowed: 5_000_000, pool: 100_000_000, change: others(0, "x", "y"), want: 0},
		"retired": {endowed: 5_000_000, pool: 100_000_000, change: func(f *fixture, film string) {
			f.retire(f.Addr("alice"), film)
		}, want: 0},
	} {
		t.Run(name, func(t *testing.T) {
			f, alice, film := earning(t, c.endowed)
			if c.prepaid > 0 {
				f.must(&types.MsgFundWork{Funder: alice.String(), Work: film, Amount: token.Coin(c.prepaid)})
			}
			f.fillPool(c.pool)
			if c.change != nil {
				c.change(f, film)
			}
			f.jump(time.Duration(c.prepaid+c.endowed) * time.Second)
			paid := slices.Contains(f.end(), "EventPoolPaid")
			require.Equal(t, c.want > 0, paid)
			require.Equal(t, nano(c.want), f.escrow(film).Escrow.Balance.String())
			require.Equal(t, nano(c.pool-c.want), f.pool())
			require.NoError(t, f.k.CheckInvariants(f.Ctx))
		})
	}
}

// An escrow that becomes dry by a new deal is looked at now, not when it would have been.
func TestNewDealMovesTheCheck(t *testing.T) {
	f, alice, film := earning(t, 100)
	require.Equal(t, f.now()+100, f.escrow(film).Escrow.CheckAt)
	dear := f.registerMsg("dear")
	dear.PricePerGibDay = math.NewInt(perSecond * 49)
	f.must(dear)
	f.ask(alice, film, 0, "dear")
	f.accept("dear", film)
	require.Equal(t, f.now()+2, f.escrow(film).Escrow.CheckAt)
	f.jump(2 * time.Second)
	f.must(&types.MsgEndDeal{Signer: alice.String(), Work: film, Operator: f.Addr("dear").String()})
	f.must(&types.MsgEndDeal{Signer: alice.String(), Work: film, Operator: f.Addr("a").String()})
	f.end()
	require.Zero(t, f.escrow(film).Escrow.CheckAt, "nothing is to be paid")
}

// At most MaxDry escrows a block, and one that cannot be read holds up no other.
func TestPoolWorksOffItsQueue(t *testing.T) {
	f := bareFixture(t)
	require.NoError(t, f.k.InitGenesis(f.Ctx, *types.DefaultGenesis()))
	alice := f.creator("alice")
	msg := f.registerMsg("a")
	msg.PricePerGibDay = math.NewInt(perSecond)
	f.must(msg)
	require.NoError(t, f.k.UpdateMedian(f.Ctx))
	f.fillPool(1_000_000)
	var works []string
	for i := range types.MaxDry + 2 {
		work := f.work(alice, fmt.Sprint("w", i), 1<<20, "")
		f.ask(alice, work, 0, "a")
		f.accept("a", work)
		f.endow(work, 1)
		works = append(works, work)
	}
	f.jump(2000 * time.Second)
	store := f.StoreService(types.StoreKey).OpenKVStore(f.Ctx)
	var key, good string
	for _, row := range rows(f) {
		if row[0][0] == types.EscrowsKey.Bytes()[0] && row[0][1:] == works[0] {
			key, good = row[0], row[1]
		}
	}
	require.NoError(t, store.Set([]byte(key), []byte("nonsense")))
	paid, failed := 0, 0
	for range 2 {
		begun := paid + failed
		for _, e := range f.end() {
			switch e {
			case "EventPoolPaid":
				paid++
			case "EventPoolCheckFailed":
				failed++
			}
		}
		require.LessOrEqual(t, paid+failed-begun, types.MaxDry)
	}
	require.Equal(t, types.MaxDry+1, paid)
	require.Equal(t, 1, failed)
	require.NoError(t, store.Set([]byte(key), []byte(good)))
	f.jump(types.DryRetrySeconds * time.Second)
	require.Contains(t, append(f.end(), f.end()...), "EventPoolPaid", "behind the others")
	require.True(t, f.escrow(works[0]).Escrow.FromPool.IsPositive())
	require.NoError(t, f.k.CheckInvariants(f.Ctx))
}

// Ten years of the deals' price are endowed; what comes besides is everybody's.
func TestEndowmentIsCapped(t *testing.T) {
	const decade = 3650 * types.DaySeconds
	f, alice, film := earning(t, decade-10)
	require.Equal(t, "0", f.pool())
	f.Ctx = f.Ctx.WithEventManager(sdk.NewEventManager())
	f.endow(film, 25)
	require.Contains(t, f.events(), "EventPoolFunded")
	require.Equal(t, nano(decade), f.escrow(film).Escrow.Balance.String())
	require.Equal(t, nano(8), f.pool())
	require.Equal(t, nano(7), f.escrow(film).Serving.Balance.String(), "half of it serves the work, rounded down")
	require.Equal(t, "0", f.escrow(film).Serving.CapToday.String(), "from tomorrow on: its coins come at the end of the block")
	f.jump(4 * time.Second)
	f.endow(film, 25)
	require.Equal(t, nano(8+11), f.pool())
	require.Equal(t, nano(7+10), f.escrow(film).Serving.Balance.String())
	require.Equal(t, nano(decade-10+50), f.escrow(film).Escrow.PaidIn.String(), "the pool remembers what it was given")

	// prepayments are the funder's own affair
	f.must(&types.MsgFundWork{Funder: alice.String(), Work: film, Amount: token.Coin(1000)})
	require.Equal(t, nano(decade+1000), f.escrow(film).Escrow.Balance.String())
	// and where nothing is to be paid, nobody can say what is enough
	song := f.work(alice, "song", gib, "")
	f.endow(song, 2*decade)
	require.Equal(t, nano(2*decade), f.escrow(song).Escrow.Balance.String())
	// a part of a ustream above stays
	odd := f.work(alice, "odd", 1, "")
	f.ask(alice, odd, 0, "a")
	f.accept("a", odd)
	f.endow(odd, 1)
	require.Equal(t, nano(1), f.escrow(odd).Escrow.Balance.String(), "0.68 ustream are too much, and there are no parts")
	f.endow(odd, 1)
	require.Equal(t, nano(1), f.escrow(odd).Escrow.Balance.String())
}

func TestMedianPrice(t *testing.T) {
	f := newFixture(t)
	median := func() int64 {
		require.NoError(t, f.k.UpdateMedian(f.Ctx))
		res, err := f.q.Pool(f.Ctx, &types.QueryPoolRequest{})
		require.NoError(t, err)
		return res.MedianPrice.Int64()
	}
	require.Zero(t, median())
	for i, want := range []int64{50, 30, 30, 20, 20} {
		name := fmt.Sprint("p", i)
		msg := f.registerMsg(name)
		msg.PricePerGibDay = math.NewInt([]int64{50, 30, 20, 10, 90}[i])
		f.must(msg)
		if i == 4 {
			want = 30
		}
		require.Equal(t, want, median(), i)
	}
	f.must(&types.MsgUpdateProvider{
		Operator: f.Addr("p3").String(), Endpoints: []string{"https://p3.com"}, Region: "us", CapacityBytes: gib, PricePerGibDay: math.NewInt(60),
	})
	require.EqualValues(t, 50, median())
	for i, want := range map[string]int64{"p3": 30} {
		f.must(&types.MsgLeave{Operator: f.Addr(i).String()})
		require.Equal(t, want, median())
	}
	f.must(&types.MsgLeave{Operator: f.Addr("p1").String()})
	require.EqualValues(t, 50, median())
	require.NoError(t, f.k.CheckInvariants(f.Ctx))
}
