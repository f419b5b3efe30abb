package keeper_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/token"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	"github.com/streamchain/streamchain/x/storage/types"
)

// asked, accepted, earned by the second, dry, topped up, claimed, ended: every ustream is accounted for.
func TestDealFromRequestToClaim(t *testing.T) {
	f := newFixture(t)
	alice := f.creator("alice")
	film := f.work(alice, "film", gib, "")
	f.provider("a")
	f.provider("b")
	before := f.Balance(alice)
	f.ask(alice, film, 100, "a", "b")
	require.EqualValues(t, before-100, f.Balance(alice))
	require.Equal(t, []string{"EventWorkFunded", "EventDealRequested", "EventDealRequested"}, f.events()[2:])
	require.Zero(t, f.row("a").CommittedBytes, "a request takes no room")

	f.next(10 * time.Second)
	require.Equal(t, "100000000000", f.escrow(film).Escrow.Balance.String(), "nothing is earned before it is accepted")
	require.Zero(t, f.escrow(film).DryAt)
	f.accept("a", film)
	require.Equal(t, []string{"EventDealAccepted"}, f.events())
	require.EqualValues(t, gib, f.row("a").CommittedBytes)
	require.Equal(t, f.now()+100, f.escrow(film).DryAt)
	// a new price is for new deals
	f.must(&types.MsgUpdateProvider{
		Operator: f.Addr("b").String(), Agent: f.agent("b").String(), Endpoints: []string{"https://b.com"}, Region: "us", CapacityBytes: gib, PricePerGibDay: math.NewInt(7 * perSecond),
	})
	f.next(10 * time.Second)
	f.accept("b", film)
	require.Equal(t, f.now()+45, f.escrow(film).DryAt)
	f.next(15 * time.Second)
	f.must(f.claimMsg("a", film))
	require.EqualValues(t, (2000-1010)*stream+25, f.Balance(f.Addr("a")))

	// dry from the 45th second on; the seconds without cover are never paid
	f.next(time.Hour)
	require.Equal(t, "0", f.escrow(film).Escrow.Balance.String())
	fan := f.Funded("fan", 20)
	f.must(&types.MsgFundWork{Funder: fan.String(), Work: film, Amount: token.Coin(20)})
	f.next(5 * time.Second)
	require.Equal(t, f.now()+5, f.escrow(film).DryAt)
	f.must(f.claimMsg("b", film))
	require.EqualValues(t, (2000-1010)*stream+50, f.Balance(f.Addr("b")))
	f.next(time.Hour)

	// dry again: a provider may go at once, and keeps what it has earned
	f.must(&types.MsgEndDeal{Signer: f.agent("a").String(), Work: film, Operator: f.Addr("a").String()})
	require.Equal(t, []string{"EventDealEnded", "EventRepairOpened"}, f.events())
	require.Zero(t, f.row("a").CommittedBytes)
	to := f.claimMsg("a")
	to.To = f.Addr("cold").String()
	f.must(to)
	require.EqualValues(t, 55+10-25, f.Balance(f.Addr("cold")))
	f.must(&types.MsgEndDeal{Signer: alice.String(), Work: film, Operator: f.Addr("b").String()})
	f.must(f.claimMsg("b"))
	require.EqualValues(t, 2*1010*stream, f.ModuleBalance(types.ModuleName), "all that is left are bonds")
	owed, err := f.k.Liabilities(f.Ctx)
	require.NoError(t, err)
	require.EqualValues(t, 2*1010*stream, owed.Int64())
}

func TestWhoEndsADeal(t *testing.T) {
	f := newFixture(t)
	alice := f.creator("alice")
	film := f.work(alice, "film", gib, "")
	f.provider("a")
	end := func(signer sdk.AccAddress) error {
		return f.send(&types.MsgEndDeal{Signer: signer.String(), Work: film, Operator: f.Addr("a").String()})
	}
	// a request is declined or cancelled at any time
	for _, signer := range []sdk.AccAddress{f.agent("a"), f.Addr("a"), alice} {
		f.ask(alice, film, 1000, "a")
		require.NoError(t, end(signer))
	}
	// the controller ends at once
	f.ask(alice, film, 0, "a")
	f.accept("a", film)
	f.next(time.Second)
	require.NoError(t, end(alice))
	// a creator that keeps its own work too
	own := f.registerMsg("own")
	own.Operator, own.Agent = alice.String(), ""
	f.must(own)
	f.must(&types.MsgRequestDeals{Funder: alice.String(), Work: film, Providers: []string{alice.String()}, Prepayment: token.Coin(0), MaxPricePerGibDay: math.NewInt(1 << 60)})
	w, err := f.content.GetWork(f.Ctx, film)
	require.NoError(t, err)
	f.must(&types.MsgAcceptDeal{Agent: alice.String(), Work: film, PieceRoot: w.PieceRoot, PieceSize: w.PieceSize})
	f.must(&types.MsgEndDeal{Signer: alice.String(), Work: film, Operator: alice.String()})
	// a free deal never runs dry: its provider keeps it for the least time
	free := f.registerMsg("free")
	free.PricePerGibDay = math.ZeroInt()
	f.must(free)
	unpaid := f.work(alice, "unpaid", gib, "")
	f.ask(alice, unpaid, 0, "free")
	f.accept("free", unpaid)
	msg := &types.MsgEndDeal{Signer: f.agent("free").String(), Work: unpaid, Operator: f.Addr("free").String()}
	require.ErrorIs(t, f.send(msg), types.ErrDealTooYoung)
	f.setParams(func(p *types.Params) { p.MinDealSeconds = 0 })
	f.must(msg)
}

// All versions of a work share one escrow; deals of different versions settle out of it in any order.
func TestVersionsShareAnEscrow(t *testing.T) {
	f := newFixture(t)
	alice := f.creator("alice")
	first := f.work(alice, "first", gib, "")
	second := f.work(alice, "second", 3*gib, first)
	f.provider("a")
	f.ask(alice, first, 100, "a")
	f.ask(alice, second, 0, "a")
	f.accept("a", first)
	f.accept("a", second)
	require.Equal(t, "4000000000", f.escrow(second).Escrow.Rate.String())
	require.Equal(t, f.escrow(first), f.escrow(second))
	f.next(10 * time.Second)
	f.must(f.claimMsg("a", second))
	require.EqualValues(t, 990*stream+30, f.Balance(f.Addr("a")))
	f.must(f.claimMsg("a", second, first))
	require.EqualValues(t, 990*stream+40, f.Balance(f.Addr("a")))
}

func TestRequestsExpireWithinTheCap(t *testing.T) {
	f := newFixture(t)
	alice := f.creator("alice")
	for i := range 8 {
		f.provider(fmt.Sprint("n", i))
	}
	var works []string
	for i := range 56 {
		works = append(works, f.work(alice, fmt.Sprint("film", i), 1, ""))
		f.ask(alice, works[i], 0, "n0", "n1", "n2", "n3", "n4", "n5", "n6", "n7")
	}
	f.accept("n0", works[0])
	left := func() int {
		gs, err := f.k.ExportGenesis(f.Ctx)
		require.NoError(t, err)
		return len(gs.Deals)
	}
	f.jump((types.DefaultRequestTTLSeconds - 1) * time.Second)
	require.NoError(t, f.k.EndBlock(f.Ctx))
	require.Equal(t, 448, left())
	f.jump(time.Second)
	require.NoError(t, f.k.EndBlock(f.Ctx))
	require.Equal(t, 448-types.MaxExpire, left(), "no more than the cap in one block")
	require.NoError(t, f.k.CheckInvariants(f.Ctx))
	require.NoError(t, f.k.EndBlock(f.Ctx))
	require.Equal(t, 48, left())
	require.NoError(t, f.k.EndBlock(f.Ctx))
	require.Equal(t, 1, left(), "an accepted deal does not expire")
	// and the same providers can be asked again
	f.ask(alice, works[1], 0, "n0")
}

func TestRetiring(t *testing.T) {
	f := newFixture(t)
	alice := f.creator("alice")
	first := f.work(alice, "first", gib, "")
	second := f.work(alice, "second", gib, first)
	for _, n := range []string{"a", "b", "c"} {
		f.provider(n)
	}
	f.ask(alice, first, 100, "a", "b")
	f.ask(alice, second, 0, "b", "c")
	f.accept("a", first)
	_, err := f.publish.Retire(f.Ctx, &contenttypes.MsgRetire{Controller: alice.String(), Work: second})
	require.NoError(t, err)
	require.EqualValues(t, 1, f.escrow(first).Escrow.Deals)
	f.reject([]rejection{{"cancelled", f.acceptMsg("b", first), types.ErrDealNotFound}, {"cancelled", f.acceptMsg("c", second), types.ErrDealNotFound}})
	f.next(10 * time.Second)
	f.must(f.claimMsg("a", first))
	require.EqualValues(t, 990*stream+10, f.Balance(f.Addr("a")), "an active deal goes on")
	// whoever bought it can keep it alive
	f.must(&types.MsgFundWork{Funder: f.Funded("fan", 5).String(), Work: first, Amount: token.Coin(5)})
	require.Equal(t, f.now()+95, f.escrow(first).DryAt)
}

func TestRelaxedNetworkRules(t *testing.T) {
	f := bareFixture(t)
	gs := types.DefaultGenesis()
	gs.Params.RelaxedNetworkRules = true
	require.NoError(t, f.k.InitGenesis(f.Ctx, *gs))
	alice := f.creator("alice")
	film := f.work(alice, "film", gib, "")
	for i, n := range []string{"a", "b"} {
		m := f.registerMsg(n)
		m.Endpoints = []string{fmt.Sprintf("http://127.0.0.1:818%d/", i)}
		f.must(m)
	}
	require.Equal(t, []string{"http://127.0.0.1:8180"}, f.row("a").Endpoints)
	f.ask(alice, film, 0, "a", "b")
	f.accept("a", film)
	f.accept("b", film)
	res, err := f.q.DealsByWork(f.Ctx, &types.QueryDealsByWorkRequest{Work: film})
	require.NoError(t, err)
	require.EqualValues(t, 2, res.Copies)
	require.ErrorIs(t, f.send(&types.MsgUpdateParams{Authority: f.Authority, Params: types.DefaultParams()}), types.ErrRulesFixed)
	require.NoError(t, f.k.CheckInvariants(f.Ctx))
}

func TestCopiesInOneNetworkCountOnce(t *testing.T) {
	f := newFixture(t)
	alice := f.creator("alice")
	film := f.work(alice, "film", gib, "")
	for _, n := range []string{"a", "b", "c"} {
		f.provider(n)
	}
	f.ask(alice, film, 0, "a", "b", "c")
	f.accept("a", film)
	f.accept("b", film)
	count := func() uint32 {
		res, err := f.q.DealsByWork(f.Ctx, &types.QueryDealsByWorkRequest{Work: film})
		require.NoError(t, err)
		require.Len(t, res.Deals, 3)
		require.EqualValues(t, 3, res.TargetCopies)
		return res.Copies
	}
	require.EqualValues(t, 2, count())
	f.must(&types.MsgUpdateProvider{
		Operator: f.Addr("b").String(), Agent: f.agent("b").String(), Endpoints: []string{"https://x.a.com"}, Region: "us", CapacityBytes: gib, PricePerGibDay: math.ZeroInt(),
	})
	require.EqualValues(t, 1, count(), "moving together does not make two copies")
}

func TestEndowAndPool(t *testing.T) {
	f := newFixture(t)
	alice := f.creator("alice")
	film := f.work(alice, "film", gib, "")
	f.provider("a")
	f.ask(alice, film, 0, "a")
	f.accept("a", film)
	f.next(time.Minute)
	// dry until now: what is endowed pays nothing in the block whose end brings its coins
	require.NoError(t, f.k.Endow(f.Ctx, film, math.NewInt(10)))
	require.NoError(t, f.k.FundPool(f.Ctx, math.NewInt(7)))
	require.ErrorIs(t, f.send(f.claimMsg("a", film)), types.ErrNothingToClaim)
	require.ErrorIs(t, f.k.CheckInvariants(f.Ctx), types.ErrInvariant, "the coins are on their way")
	require.NoError(t, f.Bank.SendCoinsFromAccountToModule(f.Ctx, f.Funded("revenue's", 17), types.ModuleName, sdk.NewCoins(token.Coin(17))))
	require.NoError(t, f.k.CheckInvariants(f.Ctx))
	f.next(time.Minute)
	f.must(f.claimMsg("a", film))
	require.EqualValues(t, 990*stream+10, f.Balance(f.Addr("a")))
	pool, err := f.k.Pool(f.Ctx)
	require.NoError(t, err)
	require.Equal(t, "7000000000", pool.String())

	before := f.state()
	require.NoError(t, f.k.Endow(f.Ctx, film, math.ZeroInt()))
	require.NoError(t, f.k.FundPool(f.Ctx, math.ZeroInt()))
	for _, bad := range []math.Int{{}, math.NewInt(-1), huge} {
		require.ErrorIs(t, f.k.Endow(f.Ctx, film, bad), types.ErrInvalidAmount)
		require.ErrorIs(t, f.k.FundPool(f.Ctx, bad), types.ErrInvalidAmount)
	}
	require.ErrorIs(t, f.k.Endow(f.Ctx, "x", math.OneInt()), contenttypes.ErrInvalidWorkID)
	require.Equal(t, before, f.state())
}
