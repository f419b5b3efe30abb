package keeper_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
	"github.com/streamchain/streamchain/x/storage/types"
)

func (f *fixture) refuseMsg(name, work string) *types.MsgRefuseWork {
	return &types.MsgRefuseWork{Agent: f.agent(name).String(), Work: work, Denylist: "badbits"}
}

func (f *fixture) lossMsg(name string, works ...string) *types.MsgReportLoss {
	return &types.MsgReportLoss{Agent: f.agent(name).String(), Works: works}
}

func (f *fixture) repairs(work string) []types.Repair {
	f.T.Helper()
	res, err := f.q.Repairs(f.Ctx, &types.QueryRepairsRequest{Work: work})
	require.NoError(f.T, err)
	return res.Repairs
}

func (f *fixture) deal(name, work string) types.Deal {
	f.T.Helper()
	d, err := f.k.GetDeal(f.Ctx, work, f.Addr(name).String())
	require.NoError(f.T, err)
	return d
}

func (f *fixture) pool() string {
	f.T.Helper()
	res, err := f.q.Pool(f.Ctx, &types.QueryPoolRequest{})
	require.NoError(f.T, err)
	return res.Pool.String()
}

// nano is an amount of ustream in nano-ustream, as text.
func nano(ustream int64) string { return types.Nano(math.NewInt(ustream)).String() }

// kept has a work of alice's that a keeps, and providers b and c; c is a's neighbour.
func kept(t testing.TB, prepayment int64) (f *fixture, alice sdk.AccAddress, film string) {
	f = newFixture(t)
	alice = f.creator("alice")
	film = f.work(alice, "film", gib, "")
	f.provider("a")
	f.provider("b")
	c := f.registerMsg("c")
	c.Endpoints = []string{"https://other.a.com"}
	f.must(c)
	f.ask(alice, film, prepayment, "a")
	f.accept("a", film)
	return f, alice, film
}

func TestLostCopyIsRepaired(t *testing.T) {
	f, _, film := kept(t, 1000)
	f.next(10 * time.Second)
	f.must(f.lossMsg("a", film))
	require.Equal(t, []string{"EventDealEnded", "EventRepairOpened"}, f.events())
	rows := f.repairs("")
	require.Len(t, rows, 1)
	require.Equal(t, types.Repair{
		Work: film, Root: film, Operator: f.Addr("a").String(), NetworkPrefix: "a.com", Region: "eu-west",
		MaxRate: math.NewInt(1_000_000_000), Bounty: math.ZeroInt(), PieceSize: gib, OpenedAt: f.now(), Reason: types.DEAL_END_LOST,
	}, rows[0])
	f.next(time.Hour) // nobody keeps it, so nothing is spent
	require.Equal(t, nano(990), f.escrow(film).Escrow.Balance.String())

	f.must(&types.MsgUpdateProvider{
		Operator: f.Addr("b").String(), Agent: f.agent("b").String(), Endpoints: []string{"https://node.b.com"}, Region: "eu-west",
		CapacityBytes: 10 * gib, PricePerGibDay: math.NewInt(perSecond / 2),
	})
	f.Ctx = f.Ctx.WithEventManager(sdk.NewEventManager())
	f.must(f.repairMsg("b", film, f.Addr("a").String()))
	require.Equal(t, []string{"EventWorkRepaired"}, f.events())
	require.Empty(t, f.repairs(""))
	d := f.deal("b", film)
	require.Equal(t, "500000000", d.Rate.String(), "its own price")
	require.EqualValues(t, 1, f.escrow(film).Escrow.Deals)
	require.EqualValues(t, gib, f.row("b").CommittedBytes)
	f.next(10 * time.Second)
	f.must(f.claimMsg("b", film))
	require.EqualValues(t, 990*stream+5, f.Balance(f.Addr("b")))
	require.Equal(t, nano(985), f.escrow(film).Escrow.Balance.String())
}

// TestRepairUpToWhatIsAllowed: the copy of a cheap provider may be repaired by a dearer one, up to the price that the creator allowed.
func TestRepairUpToWhatIsAllowed(t *testing.T) {
	f := newFixture(t)
	alice := f.creator("alice")
	film := f.work(alice, "film", gib, "")
	for name, price := range map[string]int64{"cheap": perSecond, "dear": perSecond * 5 / 4, "dearer": perSecond*5/4 + perSecond} {
		msg := f.registerMsg(name)
		msg.PricePerGibDay = math.NewInt(price)
		f.must(msg)
	}
	ask := f.askMsg(alice, film, 1000, "cheap")
	ask.MaxPricePerGibDay = math.NewInt(perSecond * 5 / 4)
	f.must(ask)
	f.accept("cheap", film)
	require.Equal(t, "1000000000", f.deal("cheap", film).Rate.String(), "it still gets what it asks")
	f.must(f.lossMsg("cheap", film))
	require.ErrorIs(t, f.send(f.repairMsg("dearer", film, f.Addr("cheap").String())), types.ErrPriceAboveMax)
	f.must(f.repairMsg("dear", film, f.Addr("cheap").String()))
	require.Equal(t, "1250000000", f.deal("dear", film).Rate.String())
}

// Who repairs a work for less, and lets it go, does not leave it at a price that nobody else asks.
func TestCheapRepairLeavesTheAgreedRate(t *testing.T) {
	f, _, film := kept(t, 1000)
	free := f.registerMsg("free")
	free.PricePerGibDay = math.ZeroInt()
	f.must(free)
	f.must(f.lossMsg("a", film))
	f.must(f.repairMsg("free", film, f.Addr("a").String()))
	require.True(t, f.deal("free", film).Rate.IsZero())
	f.must(f.lossMsg("free", film))
	f.must(f.repairMsg("b", film, f.Addr("free").String()))
	require.Equal(t, "1000000000", f.deal("b", film).Rate.String())
}

// What the creator ends is ended.
func TestCreatorsEndOpensNoRepair(t *testing.T) {
	f, alice, film := kept(t, 1000)
	f.must(&types.MsgEndDeal{Signer: alice.String(), Work: film, Operator: f.Addr("a").String()})
	require.Empty(t, f.repairs(film))
	f.ask(alice, film, 0, "a")
	f.must(&types.MsgEndDeal{Signer: f.agent("a").String(), Work: film, Operator: f.Addr("a").String()})
	require.Empty(t, f.repairs(film), "a request that is declined was no copy")
	f.ask(alice, film, 0, "a")
	f.must(f.refuseMsg("a", film))
	require.Empty(t, f.repairs(film))
	require.EqualValues(t, 1010*stream, f.row("a").Bond.Int64(), "and to refuse it costs nothing")
}

// 30 days of the deal go to the next copy: first out of what was earned, then out of the bond.
func TestRefusalPaysTheNextCopy(t *testing.T) {
	const due = 30 * types.DaySeconds
	f, _, film := kept(t, 3_000_000)
	f.jump(100*time.Second + due*time.Second/2)
	f.Ctx = f.Ctx.WithEventManager(sdk.NewEventManager())
	f.must(f.refuseMsg("a", film))
	require.Equal(t, []string{"EventDealEnded", "EventRepairOpened", "EventWorkRefused"}, f.events())
	require.EqualValues(t, 1010*stream-due/2+100, f.row("a").Bond.Int64())
	require.EqualValues(t, types.PROVIDER_STATUS_ACTIVE, f.row("a").Status, "no miss, no slash")
	require.ErrorIs(t, f.send(f.claimMsg("a")), types.ErrNothingToClaim)
	rows := f.repairs(film)
	require.Equal(t, nano(due), rows[0].Bounty.String())
	require.Equal(t, types.DEAL_END_REFUSED, rows[0].Reason)

	// the bounty comes with the seconds of 90 days
	f.must(f.repairMsg("b", film, f.Addr("a").String()))
	require.Equal(t, nano(due), f.deal("b", film).BountyLeft.String())
	f.jump(types.DaySeconds * time.Second)
	f.must(f.claimMsg("b", film))
	require.EqualValues(t, 990*stream+types.DaySeconds+due/90, f.Balance(f.Addr("b")))
	// a missed day earns neither rate nor bounty
	require.NoError(t, f.k.Miss(f.Ctx, f.Addr("b").String()))
	f.jump(types.DaySeconds * time.Second)
	require.ErrorIs(t, f.send(f.claimMsg("b", film)), types.ErrNothingToClaim)
	// and what is not earned when it ends goes to the pool
	f.must(f.lossMsg("b", film))
	require.Equal(t, nano(due-due/90), f.pool())
	require.True(t, f.repairs(film)[0].Bounty.IsZero())
}

// What a provider missed before it took a deal costs that deal nothing, however it took it.
func TestOldMissesCostNoNewDeal(t *testing.T) {
	f, alice, film := kept(t, 1000)
	song := f.work(alice, "song", gib, "")
	f.ask(alice, song, 1000, "b")
	require.NoError(t, f.k.Miss(f.Ctx, f.Addr("b").String()))
	f.accept("b", song)
	f.must(f.lossMsg("a", film))
	f.must(f.repairMsg("b", film, f.Addr("a").String()))
	f.jump(10 * time.Second)
	f.must(f.claimMsg("b", song, film))
	require.EqualValues(t, 990*stream+20, f.Balance(f.Addr("b")))
}

// A refusal takes no more than there is, and leaves a provider that takes nothing new.
func TestRefusalTakesNoMoreThanTheBond(t *testing.T) {
	f := newFixture(t)
	alice := f.creator("alice")
	film, song := f.work(alice, "film", gib, ""), f.work(alice, "song", gib, "")
	dear := f.registerMsg("dear")
	dear.PricePerGibDay = math.NewInt(types.MaxPricePerGiBDay)
	f.must(dear)
	f.ask(alice, film, 0, "dear")
	f.ask(alice, song, 0, "dear")
	f.accept("dear", film)
	f.must(f.refuseMsg("dear", film))
	require.True(t, f.row("dear").Bond.IsZero())
	require.Equal(t, nano(1010*stream), f.repairs(film)[0].Bounty.String())
	require.NoError(t, f.k.CheckInvariants(f.Ctx))
	require.ErrorIs(t, f.send(f.acceptMsg("dear", song)), types.ErrBondTooSmall)
	f.must(&types.MsgAddBond{Operator: f.Funded("dear", 20*stream).String(), Amount: math.NewInt(1010 * stream)})
	f.accept("dear", song)
}

// The bond is whole ustream: what a refusal does not need of the last one is earned.
func TestRefusalGivesChange(t *testing.T) {
	f := newFixture(t)
	alice := f.creator("alice")
	tiny := f.work(alice, "tiny", 1, "")
	f.provider("a")
	f.ask(alice, tiny, 1, "a")
	f.accept("a", tiny)
	f.must(f.refuseMsg("a", tiny)) // a nano-ustream a second
	require.Equal(t, "2592000", f.repairs(tiny)[0].Bounty.String())
	require.EqualValues(t, 1010*stream-1, f.row("a").Bond.Int64())
	res, err := f.q.Claimable(f.Ctx, &types.QueryClaimableRequest{Operator: f.Addr("a").String()})
	require.NoError(t, err)
	require.Equal(t, "997408000", res.Settled.String())
}

// Nobody is paid for taking over what was taken from him, nor is his neighbour.
func TestBountyIsForAnotherInAnotherNetwork(t *testing.T) {
	for name, paid := range map[string]bool{"a": false, "b": true, "c": false} {
		t.Run(name, func(t *testing.T) {
			f, _, film := kept(t, 1000)
			f.must(f.refuseMsg("a", film))
			f.must(&types.MsgAddBond{Operator: f.Addr("a").String(), Amount: math.NewInt(10 * stream)})
			f.must(f.repairMsg(name, film, f.Addr("a").String()))
			want := nano(30 * types.DaySeconds)
			if paid {
				require.Equal(t, want, f.deal(name, film).Bounty.String())
				require.Equal(t, "0", f.pool())
			} else {
				require.True(t, f.deal(name, film).Bounty.IsZero())
				require.Equal(t, want, f.pool())
			}
		})
	}
}

// A creator that asks somebody itself wants no other copy: the oldest row closes.
func TestRequestTakesOverTheOldestRepair(t *testing.T) {
	f, alice, film := kept(t, 1000)
	f.ask(alice, film, 0, "b")
	f.accept("b", film)
	f.must(f.refuseMsg("b", film))
	f.next(time.Second)
	f.must(f.lossMsg("a", film))
	require.Len(t, f.repairs(film), 2)
	f.provider("d")
	f.Ctx = f.Ctx.WithEventManager(sdk.NewEventManager())
	f.ask(alice, film, 0, "d")
	require.Equal(t, []string{"EventRepairClosed", "EventDealRequested"}, f.events())
	require.Equal(t, f.Addr("a").String(), f.repairs(film)[0].Operator)
	require.Equal(t, nano(30*types.DaySeconds), f.deal("d", film).Bounty.String(), "the bounty moves")
	f.accept("d", film)
	require.Equal(t, "0", f.pool())
}

// A request that comes to nothing gives its bounty to the pool.
func TestBountyOfARequestThatFails(t *testing.T) {
	for name, fail := range map[string]func(*fixture, sdk.AccAddress, string){
		"declined": func(f *fixture, _ sdk.AccAddress, film string) {
			f.must(&types.MsgEndDeal{Signer: f.agent("b").String(), Work: film, Operator: f.Addr("b").String()})
		},
		"refused": func(f *fixture, _ sdk.AccAddress, film string) { f.must(f.refuseMsg("b", film)) },
		"cancelled": func(f *fixture, alice sdk.AccAddress, film string) {
			f.must(&types.MsgEndDeal{Signer: alice.String(), Work: film, Operator: f.Addr("b").String()})
		},
		"expired": func(f *fixture, _ sdk.AccAddress, _ string) { f.next(2 * time.Hour) },
		"retired": func(f *fixture, alice sdk.AccAddress, film string) { f.retire(alice, film) },
	} {
		t.Run(name, func(t *testing.T) {
			f, alice, film := kept(t, 1000)
			f.must(f.refuseMsg("a", film))
			f.ask(alice, film, 0, "b")
			require.Equal(t, nano(30*types.DaySeconds), f.deal("b", film).BountyLeft.String())
			fail(f, alice, film)
			require.Equal(t, nano(30*types.DaySeconds), f.pool())
			require.Empty(t, f.repairs(film))
		})
	}
}

func (f *fixture) retire(controller sdk.AccAddress, work string) {
	f.T.Helper()
	_, err := f.publish.Retire(f.Ctx, &contenttypes.MsgRetire{Controller: controller.String(), Work: work})
	require.NoError(f.T, err)
}

// Of a work that is retired no more copies are wanted, of none of its versions.
func TestRetiredWorkIsNotRepaired(t *testing.T) {
	f, alice, film := kept(t, 1000)
	cut := f.work(alice, "cut", gib, film)
	f.ask(alice, cut, 0, "a", "b")
	f.accept("a", cut)
	f.accept("b", cut)
	f.must(f.refuseMsg("a", film))
	f.must(f.lossMsg("a", cut))
	require.Len(t, f.repairs(""), 2)
	f.retire(alice, film)
	require.Empty(t, f.repairs(""))
	require.Equal(t, nano(30*types.DaySeconds), f.pool())
	f.must(f.refuseMsg("b", cut))
	require.Empty(t, f.repairs(""), "nor later")
	require.Equal(t, nano(60*types.DaySeconds), f.pool())
}

// Copies that are wanted have a bound. What more is lost is not wanted, and its bounty not lost.
func TestRepairsAreBounded(t *testing.T) {
	f := newFixture(t)
	alice := f.creator("alice")
	var names []string
	for i := range types.MaxDealsPerWork {
		msg := f.registerMsg(fmt.Sprint("p", i))
		msg.CapacityBytes, msg.PricePerGibDay = 10*gib, math.OneInt()
		f.must(msg)
		names = append(names, fmt.Sprint("p", i))
	}
	work, root := "", ""
	for v := range types.MaxRepairsPerRoot/types.MaxDealsPerWork + 1 {
		if work = f.work(alice, fmt.Sprint("film", v), 1<<20, work); root == "" {
			root = work
		}
		for i := 0; i < len(names); i += types.MaxRequest {
			f.ask(alice, work, 1, names[i:i+types.MaxRequest]...)
		}
		for _, name := range names {
			f.accept(name, work)
			if v < types.MaxRepairsPerRoot/types.MaxDealsPerWork {
				f.must(f.lossMsg(name, work))
			}
		}
		if v == 0 {
			require.Len(t, f.repairs(work), types.MaxDealsPerWork)
		}
	}
	require.Equal(t, "0", f.pool())
	f.must(f.refuseMsg("p0", work))
	require.Empty(t, f.repairs(work))
	rate := types.Rate(math.OneInt(), 1<<20)
	require.Equal(t, rate.MulRaw(30*types.DaySeconds).String(), f.pool())
}

func TestRepairsQuery(t *testing.T) {
	f, alice, film := kept(t, 1000)
	song := f.work(alice, "song", gib, "")
	f.ask(alice, song, 0, "a", "b")
	for _, name := range []string{"a", "b"} {
		f.accept(name, song)
		f.must(f.lossMsg(name, song))
	}
	f.must(f.lossMsg("a", film))
	require.Len(t, f.repairs(song), 2)
	require.Len(t, f.repairs(film), 1)
	var all []types.Repair
	page := &query.PageRequest{Limit: 1}
	for range 3 {
		res, err := f.q.Repairs(f.Ctx, &types.QueryRepairsRequest{Pagination: page})
		require.NoError(t, err)
		require.Len(t, res.Repairs, 1)
		all, page = append(all, res.Repairs...), &query.PageRequest{Limit: 1, Key: res.Pagination.NextKey}
	}
	require.Empty(t, page.Key)
	require.Equal(t, f.repairs(""), all)
}

func TestRejectRepairWork(t *testing.T) {
	f, alice, film := kept(t, 1000)
	had := f.Addr("a").String()
	song, retired := f.work(alice, "song", gib, ""), f.work(alice, "retired", gib, "")
	f.ask(alice, retired, 0, "a")
	f.accept("a", retired)
	f.ask(alice, song, 0, "b")
	f.accept("b", song)
	dear, small, leaving := f.registerMsg("dear"), f.registerMsg("small"), f.registerMsg("leaving")
	dear.PricePerGibDay = math.NewInt(perSecond + 1)
	small.CapacityBytes = gib - 1
	for _, msg := range []sdk.Msg{dear, small, leaving} {
		f.must(msg)
	}
	poor := f.registerMsg("poor")
	f.must(poor)
	f.ask(alice, song, 0, "poor")
	f.accept("poor", song)
	f.must(f.refuseMsg("poor", song)) // its bond is less than it must be from now on
	f.must(&types.MsgLeave{Operator: f.Addr("leaving").String()})
	f.must(f.lossMsg("a", film))
	f.must(f.refuseMsg("b", song))
	f.must(&types.MsgAddBond{Operator: f.Addr("b").String(), Amount: math.NewInt(10 * stream)})
	f.must(&types.MsgAddBond{Operator: had, Amount: math.NewInt(10 * stream)})
	f.ask(alice, song, 0, "a") // closes one row of it, and is a's live deal
	had2 := f.repairs(song)[0].Operator

	change := func(edit func(*types.MsgRepairWork)) *types.MsgRepairWork {
		msg := f.repairMsg("b", film, had)
		edit(msg)
		return msg
	}
	f.reject([]rejection{
		{"agent is no address", change(func(m *types.MsgRepairWork) { m.Agent = "x" }), types.ErrInvalidAddress},
		{"operator is no address", change(func(m *types.MsgRepairWork) { m.Operator = "" }), types.ErrInvalidAddress},
		{"operator in capitals", change(func(m *types.MsgRepairWork) { m.Operator = strings.ToUpper(had) }), types.ErrInvalidAddress},
		{"no work", change(func(m *types.MsgRepairWork) { m.Work = "film" }), contenttypes.ErrInvalidWorkID},
		{"short piece root", change(func(m *types.MsgRepairWork) { m.PieceRoot = m.PieceRoot[1:] }), types.ErrPieceMismatch},
		{"agent of nobody", change(func(m *types.MsgRepairWork) { m.Agent = alice.String() }), types.ErrProviderNotFound},
		{"leaving", change(func(m *types.MsgRepairWork) { m.Agent = f.agent("leaving").String() }), types.ErrProviderInactive},
		{"not wanted", f.repairMsg("b", retired, had), types.ErrRepairNotFound},
		{"of another", change(func(m *types.MsgRepairWork) { m.Operator = f.Addr("c").String() }), types.ErrRepairNotFound},
		{"of no work", change(func(m *types.MsgRepairWork) { m.Work = nowhere("x") }), types.ErrRepairNotFound},
		{"other bytes", change(func(m *types.MsgRepairWork) { m.PieceRoot[0]++ }), types.ErrPieceMismatch},
		{"other size", change(func(m *types.MsgRepairWork) { m.PieceSize++ }), types.ErrPieceMismatch},
		{"too dear", f.repairMsg("dear", film, had), types.ErrPriceAboveMax},
		{"no room", f.repairMsg("small", film, had), types.ErrNoCapacity},
		{"too small a bond", f.repairMsg("poor", film, had), types.ErrBondTooSmall},
		{"has it", f.repairMsg("a", song, had2), types.ErrDealExists},
		{"neighbour of a live deal", f.repairMsg("c", song, had2), types.ErrSameNetwork},
	})
	f.must(f.repairMsg("b", film, had))
	f.reject([]rejection{{"taken", f.repairMsg("b", film, had), types.ErrRepairNotFound}})
}

func TestRejectRefuseWork(t *testing.T) {
	f, alice, film := kept(t, 1000)
	change := func(edit func(*types.MsgRefuseWork)) *types.MsgRefuseWork {
		msg := f.refuseMsg("a", film)
		edit(msg)
		return msg
	}
	f.reject([]rejection{
		{"agent is no address", change(func(m *types.MsgRefuseWork) { m.Agent = "x" }), types.ErrInvalidAddress},
		{"no work", change(func(m *types.MsgRefuseWork) { m.Work = "film" }), contenttypes.ErrInvalidWorkID},
		{"no denylist", change(func(m *types.MsgRefuseWork) { m.Denylist = "" }), types.ErrInvalidDenylist},
		{"denylist too long", change(func(m *types.MsgRefuseWork) { m.Denylist = strings.Repeat("x", 129) }), types.ErrInvalidDenylist},
		{"denylist no text", change(func(m *types.MsgRefuseWork) { m.Denylist = "\xff" }), types.ErrInvalidDenylist},
		{"agent of nobody", change(func(m *types.MsgRefuseWork) { m.Agent = alice.String() }), types.ErrProviderNotFound},
		{"another's deal", f.refuseMsg("b", film), types.ErrDealNotFound},
	})
	f.must(f.refuseMsg("a", film))
	f.reject([]rejection{{"refused already", f.refuseMsg("a", film), types.ErrDealNotFound}})
}
