package keeper_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/storage/types"
)

// decade is a catalogue of works over ten years. The first sells best, the others by Zipf's law,
// and all sell a seventh less each month.
type decade struct {
	*fixture
	clock  *wallClock
	works  []string
	names  []string
	sales  []int64 // of the month, in ustream
	in     math.Int
	claims int64
}

const catalogue = 24

func newDecade(t *testing.T) *decade {
	f, clock := timed(t)
	d := &decade{fixture: f, clock: clock, in: math.ZeroInt()}
	alice := f.creator("alice")
	for i := range 6 {
		name := fmt.Sprint("p", i)
		msg := f.registerMsg(name)
		msg.CapacityBytes, msg.PricePerGibDay, msg.Bond = 100*gib, math.NewInt(900+int64(i)*50), math.NewInt(1100*stream)
		f.must(msg)
		d.names = append(d.names, name)
	}
	require.NoError(t, f.k.UpdateMedian(f.Ctx))
	for i := range catalogue {
		work := f.work(alice, fmt.Sprint("film", i), 2*gib, "")
		chosen := []string{d.names[i%6], d.names[(i+1)%6], d.names[(i+2)%6]}
		f.ask(alice, work, 100_000, chosen...) // what a publisher prepays for half a month
		for _, name := range chosen {
			f.accept(name, work)
		}
		d.works, d.sales = append(d.works, work), append(d.sales, 500*stream/int64(i+1))
	}
	d.in = math.NewInt(f.ModuleBalance(types.ModuleName))
	return d
}

// month sells, and then lets 30 days pass, with a block wherever the pool has something to do.
func (d *decade) month() {
	pool := int64(0)
	for i, work := range d.works {
		d.endow(work, d.sales[i]*2/100)
		d.in, pool = d.in.AddRaw(d.sales[i]*2/100), pool+d.sales[i]*15/1000
		d.sales[i] = d.sales[i] * 6 / 7
	}
	d.fillPool(pool)
	d.in = d.in.AddRaw(pool)
	for end := d.clock.now + month; d.clock.now < end; {
		at, err := d.k.NextCheck(d.Ctx)
		require.NoError(d.T, err)
		d.clock.now = min(end, max(at, d.clock.now+1))
		require.NoError(d.T, d.k.EndBlock(d.Ctx))
	}
	for _, name := range d.names {
		before := d.Balance(d.Addr(name))
		if d.send(d.claimMsg(name, d.worksOf(name)...)) == nil {
			d.claims += d.Balance(d.Addr(name)) - before
		}
	}
}

func (d *decade) worksOf(name string) []string {
	res, err := d.q.DealsByProvider(d.Ctx, &types.QueryDealsByProviderRequest{Operator: d.Addr(name).String()})
	require.NoError(d.T, err)
	var works []string
	for _, deal := range res.Deals {
		works = append(works, deal.Work)
	}
	return works
}

// conserved compares every nano-ustream with what was paid in and out.
func (d *decade) conserved() {
	gs, err := d.k.ExportGenesis(d.Ctx)
	require.NoError(d.T, err)
	sum := gs.Pool
	for _, p := range gs.Providers {
		sum = sum.Add(types.Nano(p.Bond))
	}
	for _, e := range gs.Escrows {
		sum = sum.Add(e.Balance).Add(e.Owed)
	}
	for _, e := range gs.Earnings {
		sum = sum.Add(e.Amount)
	}
	for _, s := range gs.Servings {
		sum = sum.Add(s.Balance())
	}
	require.Equal(d.T, types.Nano(d.in.SubRaw(d.claims)).String(), sum.String())
	require.EqualValues(d.T, d.in.Int64()-d.claims, d.ModuleBalance(types.ModuleName))
}

// Ten years go by. What sold is kept for all of them out of its own endowment, what sold less for
// as long as three times its endowment lasts, and nothing is created.
func TestTenYears(t *testing.T) {
	d := newDecade(t)
	start := d.clock.now
	kept := func(work string) float64 {
		return float64(d.escrow(work).Escrow.Index) / float64(d.clock.now-start)
	}
	for m := 1; m <= 122; m++ {
		d.Ctx = d.Ctx.WithEventManager(sdk.NewEventManager())
		d.month()
		d.conserved()
		if m%24 == 0 {
			require.NoError(t, d.k.CheckInvariants(d.Ctx))
			t.Logf("year %2d: kept %.2f %.2f %.2f %.2f %.2f, pool %s STREAM", m/12, kept(d.works[0]), kept(d.works[5]),
				kept(d.works[11]), kept(d.works[17]), kept(d.works[23]), d.poolOf())
		}
	}
	elapsed := math.NewInt(d.clock.now - start)
	whole, dry := 0, 0
	for i, work := range d.works {
		e := d.escrow(work).Escrow
		spent := e.Rate.Mul(math.NewIntFromUint64(e.Index))
		owned := types.Nano(math.NewInt(100_000)).Add(e.PaidIn).Add(e.FromPool)
		require.True(t, spent.Add(e.Balance).LTE(owned), "work %d lives on what is its own", i)
		switch most := types.Nano(math.NewInt(100_000)).Add(e.PaidIn.MulRaw(3)); {
		case most.GTE(e.Rate.Mul(elapsed)):
			whole++
			require.Equal(t, elapsed.Uint64(), e.Index, "work %d is kept every second", i)
		default:
			dry++
			require.Equal(t, e.PaidIn.MulRaw(2).String(), e.FromPool.String(), "work %d has had all that the pool may give", i)
			require.Equal(t, spent.Add(e.Balance).String(), owned.String())
			require.True(t, e.Balance.LT(e.Rate))
		}
	}
	require.Greater(t, whole, 3)
	require.Greater(t, dry, 3)
	t.Logf("%d of %d works kept every second of ten years; %d ustream paid out of %s", whole, catalogue, d.claims, d.in)
}

func (d *decade) poolOf() math.Int {
	pool, err := d.k.Pool(d.Ctx)
	require.NoError(d.T, err)
	return pool.Quo(types.Nano(math.NewInt(stream)))
}
