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
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	"github.com/streamchain/streamchain/x/subscription/types"
)

// passFee is the price of the pass in these tests.
const passFee = 10 * stream

// passStage has a pass over three creators, each with two works of 30 seconds, that all have joined.
type passStage struct {
	*fixture
	curator  sdk.AccAddress
	pass     string
	accounts []sdk.AccAddress
	ids      []string
	works    [][2]string
	closeAt  time.Duration // from the start of a period to when it closes
}

func newPassStage(t testing.TB) *passStage {
	t.Helper()
	s := &passStage{fixture: newFixture(t), closeAt: day + types.DefaultPassCloseSeconds*time.Second}
	s.curator = s.Funded("curator", 100*stream)
	for i := range 3 {
		a, id := s.creator(fmt.Sprint("creator", i))
		s.accounts, s.ids = append(s.accounts, a), append(s.ids, id)
		s.works = append(s.works, [2]string{s.work(a, fmt.Sprint("first of ", i), ""), s.work(a, fmt.Sprint("second of ", i), "")})
	}
	s.pass = s.newPass(s.ids...)
	for i := range s.ids {
		require.NoError(t, s.joins(i))
	}
	return s
}

func (s *passStage) newPass(creators ...string) string {
	s.T.Helper()
	s.NextTx()
	res, err := s.msg.CreatePass(s.Ctx, &types.MsgCreatePass{
		Curator: s.curator.String(), Title: "Pass", Price: token.Coin(passFee), PeriodSeconds: int64(day / time.Second), Creators: creators,
	})
	require.NoError(s.T, err)
	return res.Pass
}

func (s *passStage) joins(i int) error {
	return s.send(&types.MsgJoinPass{Controller: s.accounts[i].String(), Pass: s.pass, Creator: s.ids[i]})
}

func (s *passStage) leaves(i int) error {
	return s.send(&types.MsgLeavePass{Controller: s.accounts[i].String(), Pass: s.pass, Creator: s.ids[i]})
}

func (s *passStage) buys(viewer sdk.AccAddress, periods, renewals uint32) error {
	return s.send(&types.MsgSubscribePass{Subscriber: viewer.String(), Pass: s.pass, MaxPrice: token.Coin(passFee), Periods: periods, Renewals: renewals})
}

// watches proves seconds of a work by the pass.
func (s *passStage) watches(viewer sdk.AccAddress, work string, seconds uint64) error {
	cache, write := s.Ctx.CacheContext()
	_, err := s.k.Hooks().AfterUse(cache, streamtypes.Use{Viewer: viewer, Work: work, Provider: "node", Ticks: uint32(seconds), Seconds: seconds, Subscription: s.pass})
	if err == nil {
		write()
	}
	return err
}

// after goes d on in time, and ends a block there and the next.
func (s *passStage) after(d time.Duration) {
	s.T.Helper()
	s.next(d)
	s.next(time.Second)
	s.next(time.Second)
}

// ends goes d on in time, and runs the module's end of that block.
func (s *passStage) ends(d time.Duration) {
	s.T.Helper()
	s.next(d)
	require.NoError(s.T, s.k.EndBlock(s.Ctx))
}

// gross is all that was paid for a work or creator.
func (s *passStage) gross(subject string) int64 {
	s.T.Helper()
	gs, err := s.revenue.ExportGenesis(s.Ctx)
	require.NoError(s.T, err)
	for _, row := range gs.Totals {
		if row.Subject == subject {
			return row.Gross.Int64()
		}
	}
	return 0
}

func (s *passStage) preview(viewer sdk.AccAddress) *types.QueryPassPreviewResponse {
	s.T.Helper()
	res, err := s.q.PassPreview(s.Ctx, &types.QueryPassPreviewRequest{Viewer: viewer.String(), Pass: s.pass})
	require.NoError(s.T, err)
	return res
}

func TestPassRejections(t *testing.T) {
	s := newPassStage(t)
	viewer, poor := s.Funded("viewer", 1000*stream), s.Funded("poor", 5*stream)
	outsider, outside := s.creator("outsider")
	empty := s.newPass(outside)
	closed := s.newPass(s.ids[0])
	require.NoError(t, s.send(&types.MsgUpdatePass{Curator: s.curator.String(), Pass: closed, Title: "Closed", Price: token.Coin(passFee), Closed: true}))
	create := func(change func(*types.MsgCreatePass)) sdk.Msg {
		m := &types.MsgCreatePass{Curator: s.curator.String(), Title: "Pass", Price: token.Coin(passFee), PeriodSeconds: 86400, Creators: s.ids}
		change(m)
		return m
	}
	update := func(change func(*types.MsgUpdatePass)) sdk.Msg {
		m := &types.MsgUpdatePass{Curator: s.curator.String(), Pass: s.pass, Title: "Pass", Price: token.Coin(passFee)}
		change(m)
		return m
	}
	buy := func(change func(*types.MsgSubscribePass)) sdk.Msg {
		m := &types.MsgSubscribePass{Subscriber: viewer.String(), Pass: s.pass, MaxPrice: token.Coin(passFee), Periods: 1}
		change(m)
		return m
	}
	many := make([]string, types.MaxPassCreators+1)
	for i := range many {
		many[i] = contenttypes.NewCreatorID(s.Addr(fmt.Sprint("many", i))).String()
	}
	me := s.accounts[0].String()
	for i, c := range []struct {
		msg  sdk.Msg
		want error
	}{
		{create(func(m *types.MsgCreatePass) { m.Curator = "x" }), types.ErrInvalidAddress},
		{create(func(m *types.MsgCreatePass) { m.Title = " " }), types.ErrInvalidTitle},
		{create(func(m *types.MsgCreatePass) { m.Price = token.Coin(0) }), types.ErrInvalidPrice},
		{create(func(m *types.MsgCreatePass) { m.Price.Denom = "uother" }), types.ErrWrongDenom},
		{create(func(m *types.MsgCreatePass) { m.Price = token.Coin(types.MinPassPrice - 1) }), types.ErrInvalidPassPrice},
		{create(func(m *types.MsgCreatePass) { m.PeriodSeconds = 86399 }), types.ErrInvalidPeriod},
		{create(func(m *types.MsgCreatePass) { m.PeriodSeconds = types.MaxPeriodSeconds + 1 }), types.ErrInvalidPeriod},
		{create(func(m *types.MsgCreatePass) { m.Creators = []string{"x"} }), contenttypes.ErrInvalidCreatorID},
		{create(func(m *types.MsgCreatePass) { m.Creators = []string{s.ids[0], s.ids[0]} }), types.ErrInvalidPassCreators},
		{create(func(m *types.MsgCreatePass) { m.Creators = many }), types.ErrInvalidPassCreators},
		{create(func(m *types.MsgCreatePass) { m.Creators = many[:1] }), contenttypes.ErrCreatorNotFound},

		{update(func(m *types.MsgUpdatePass) { m.Curator = "x" }), types.ErrInvalidAddress},
		{update(func(m *types.MsgUpdatePass) { m.Curator = viewer.String() }), types.ErrNotCurator},
		{update(func(m *types.MsgUpdatePass) { m.Pass = "7" }), types.ErrInvalidPassID},
		{update(func(m *types.MsgUpdatePass) { m.Pass = "pass-99" }), types.ErrPassNotFound},
		{update(func(m *types.MsgUpdatePass) { m.Title = "" }), types.ErrInvalidTitle},
		{update(func(m *types.MsgUpdatePass) { m.Price = token.Coin(1) }), types.ErrInvalidPassPrice},
		{update(func(m *types.MsgUpdatePass) { m.Add = s.ids[:1] }), types.ErrInvalidPassCreators},
		{update(func(m *types.MsgUpdatePass) { m.Add, m.Remove = []string{outside}, []string{outside} }), types.ErrInvalidPassCreators},
		{update(func(m *types.MsgUpdatePass) { m.Remove = []string{outside} }), types.ErrNotListed},
		{update(func(m *types.MsgUpdatePass) { m.Add = many[:1] }), contenttypes.ErrCreatorNotFound},

		{&types.MsgJoinPass{Controller: "x", Pass: s.pass, Creator: s.ids[0]}, types.ErrInvalidAddress},
		{&types.MsgJoinPass{Controller: me, Pass: "pass-01", Creator: s.ids[0]}, types.ErrInvalidPassID},
		{&types.MsgJoinPass{Controller: me, Pass: "pass-99", Creator: s.ids[0]}, types.ErrPassNotFound},
		{&types.MsgJoinPass{Controller: me, Pass: s.pass, Creator: "x"}, contenttypes.ErrInvalidCreatorID},
		{&types.MsgJoinPass{Controller: me, Pass: s.pass, Creator: s.ids[1]}, contenttypes.ErrNotController},
		{&types.MsgJoinPass{Controller: me, Pass: s.pass, Creator: s.ids[0]}, types.ErrAlreadyJoined},
		{&types.MsgJoinPass{Controller: outsider.String(), Pass: s.pass, Creator: outside}, types.ErrNotListed},

		{&types.MsgLeavePass{Controller: "x", Pass: s.pass, Creator: s.ids[0]}, types.ErrInvalidAddress},
		{&types.MsgLeavePass{Controller: me, Pass: "x", Creator: s.ids[0]}, types.ErrInvalidPassID},
		{&types.MsgLeavePass{Controller: me, Pass: "pass-99", Creator: s.ids[0]}, types.ErrPassNotFound},
		{&types.MsgLeavePass{Controller: me, Pass: s.pass, Creator: "x"}, contenttypes.ErrInvalidCreatorID},
		{&types.MsgLeavePass{Controller: me, Pass: s.pass, Creator: s.ids[1]}, contenttypes.ErrNotController},
		{&types.MsgLeavePass{Controller: outsider.String(), Pass: empty, Creator: outside}, types.ErrNotJoined},
		{&types.MsgLeavePass{Controller: outsider.String(), Pass: s.pass, Creator: outside}, types.ErrNotListed},

		{buy(func(m *types.MsgSubscribePass) { m.Subscriber = "x" }), types.ErrInvalidAddress},
		{buy(func(m *types.MsgSubscribePass) { m.Recipient = "x" }), types.ErrInvalidRecipient},
		{buy(func(m *types.MsgSubscribePass) { m.Recipient, m.Renewals = poor.String(), 1 }), types.ErrGiftRenewed},
		{buy(func(m *types.MsgSubscribePass) { m.Pass = "x" }), types.ErrInvalidPassID},
		{buy(func(m *types.MsgSubscribePass) { m.Pass = "pass-99" }), types.ErrPassNotFound},
		{buy(func(m *types.MsgSubscribePass) { m.Pass = closed }), types.ErrPassClosed},
		{buy(func(m *types.MsgSubscribePass) { m.Pass = empty }), types.ErrEmptyPass},
		{buy(func(m *types.MsgSubscribePass) { m.Periods = 0 }), types.ErrInvalidPeriods},
		{buy(func(m *types.MsgSubscribePass) { m.Periods = 13 }), types.ErrInvalidPeriods},
		{buy(func(m *types.MsgSubscribePass) { m.MaxPrice = token.Coin(passFee - 1) }), types.ErrPriceAboveMax},
		{buy(func(m *types.MsgSubscribePass) { m.MaxPrice.Denom = "uother" }), types.ErrWrongDenom},
		{buy(func(m *types.MsgSubscribePass) { m.Subscriber = poor.String() }), nil}, // the bank's error

		{&types.MsgCancelPass{Viewer: "x", Pass: s.pass}, types.ErrInvalidAddress},
		{&types.MsgCancelPass{Viewer: viewer.String(), Pass: "x"}, types.ErrInvalidPassID},
		{&types.MsgCancelPass{Viewer: viewer.String(), Pass: "pass-99"}, types.ErrPassNotFound},
		{&types.MsgCancelPass{Viewer: viewer.String(), Pass: s.pass}, types.ErrNotSubscribed},
	} {
		before := s.state()
		err := s.send(c.msg)
		require.Error(t, err, "%d %T", i, c.msg)
		if c.want != nil {
			require.ErrorIs(t, err, c.want, "%d %T", i, c.msg)
		}
		require.Equal(t, before, s.state(), "%d %T", i, c.msg)
	}
}

// What a pass, a creator, a viewer and a subscription can have of each other is bounded.
func TestPassLimits(t *testing.T) {
	s := newPassStage(t)
	viewer := s.Funded("viewer", 100_000*stream)
	first := s.pass
	require.NoError(t, s.buys(viewer, 12, 0))
	require.NoError(t, s.buys(viewer, 12, 0))
	require.ErrorIs(t, s.buys(viewer, 1, 0), types.ErrTooManyPassPeriods)
	for range types.MaxJoinedPasses - 1 {
		s.pass = s.newPass(s.ids[0])
		require.NoError(t, s.joins(0))
	}
	s.pass = s.newPass(s.ids[0])
	require.ErrorIs(t, s.joins(0), types.ErrTooManyJoined)
	for i := range types.MaxViewerPasses - 1 {
		s.pass = types.PassID(uint64(i) + 2)
		require.NoError(t, s.buys(viewer, 1, 0))
	}
	s.pass = types.PassID(types.MaxViewerPasses + 2)
	require.ErrorIs(t, s.buys(viewer, 1, 0), types.ErrTooManyPasses)
	s.pass = first
	require.NoError(t, s.leaves(0))
	require.ErrorIs(t, s.send(&types.MsgUpdatePass{
		Curator: s.curator.String(), Pass: s.pass, Title: "Pass", Price: token.Coin(passFee), Remove: s.ids[:1],
	}), types.ErrNotJoined)
}

// A fee goes to what its subscriber watched, and to nothing else; late reports count until it closes.
func TestPassSharesByWatching(t *testing.T) {
	s := newPassStage(t)
	one, two := s.Funded("one", 100*stream), s.Funded("two", 100*stream)
	require.NoError(t, s.buys(one, 1, 0))
	require.NoError(t, s.buys(two, 1, 0))
	s.next(time.Hour)
	require.NoError(t, s.watches(one, s.works[0][0], 30))
	require.NoError(t, s.watches(one, s.works[1][0], 20))
	require.NoError(t, s.watches(two, s.works[2][0], 10))
	s.next(day)
	require.NoError(t, s.watches(one, s.works[1][1], 50), "a late report")
	require.Zero(t, s.gross(s.works[0][0]))
	s.after(s.closeAt)
	require.EqualValues(t, 3*stream, s.gross(s.works[0][0]))
	require.EqualValues(t, 2*stream*5/7, s.gross(s.works[1][0]), "half of the fee, in proportion")
	require.EqualValues(t, 5*stream, s.gross(s.works[1][0])+s.gross(s.works[1][1]))
	require.EqualValues(t, 5*stream, s.gross(s.works[2][0]), "one creator has half of a fee at most")
	require.EqualValues(t, 92*stream, s.Balance(one), "what the bound leaves comes back")
	require.EqualValues(t, 95*stream, s.Balance(two))
	require.ErrorIs(t, s.watches(one, s.works[0][0], 1), types.ErrNotCovered)
	_, err := s.q.PassPreview(s.Ctx, &types.QueryPassPreviewRequest{Viewer: one.String(), Pass: s.pass})
	require.ErrorIs(t, err, types.ErrNotSubscribed)
}

// What is left of a fee rolls once and then goes back; no more than what was left is ever rolled.
func TestPassRolls(t *testing.T) {
	s := newPassStage(t)
	viewer := s.Funded("viewer", 30*stream)
	require.NoError(t, s.buys(viewer, 3, 0))
	require.NoError(t, s.watches(viewer, s.works[0][0], 30))
	s.after(s.closeAt) // half of 10 to the creator, 5 roll
	require.EqualValues(t, 5*stream, s.gross(s.works[0][0]))
	require.Equal(t, math.NewInt(5*stream), s.preview(viewer).Subscription.Carried)
	require.Zero(t, s.Balance(viewer))
	s.after(day) // nothing was watched: 5 go back, 10 roll
	require.EqualValues(t, 5*stream, s.Balance(viewer))
	require.Equal(t, math.NewInt(10*stream), s.preview(viewer).Subscription.Carried)
	require.NoError(t, s.watches(viewer, s.works[0][0], 3))
	require.NoError(t, s.watches(viewer, s.works[1][0], 3))
	require.NoError(t, s.watches(viewer, s.works[2][0], 3))
	s.after(day) // 20 by three
	require.ElementsMatch(t, []int64{6_666_668, 6_666_666, 6_666_666}, []int64{s.gross(s.works[0][0]) - 5*stream, s.gross(s.works[1][0]), s.gross(s.works[2][0])})
	require.EqualValues(t, 25*stream, s.gross(s.works[0][0])+s.gross(s.works[1][0])+s.gross(s.works[2][0]))
	require.EqualValues(t, 5*stream, s.Balance(viewer))
}

// A work counts twice its length in a period, and 64 works do; what is over is served all the same.
func TestPassBoundsOfWatching(t *testing.T) {
	s := newPassStage(t)
	viewer := s.Funded("viewer", 100*stream)
	require.NoError(t, s.buys(viewer, 1, 0))
	for range 3 {
		require.NoError(t, s.watches(viewer, s.works[0][0], 25))
	}
	require.EqualValues(t, []types.PassUse{{Work: s.works[0][0], Creator: s.ids[0], Seconds: 60}}, s.preview(viewer).Uses)
	for i := range types.MaxPassWorks {
		require.NoError(t, s.watches(viewer, s.work(s.accounts[1], fmt.Sprint("many ", i), ""), 5))
	}
	p := s.preview(viewer)
	require.Len(t, p.Uses, types.MaxPassWorks)
	require.EqualValues(t, types.MaxPassWorks, p.Subscription.Works)
	s.after(s.closeAt)
	require.EqualValues(t, 100*stream-s.gross(s.ids[0])-s.gross(s.ids[1]), s.Balance(viewer))
	require.EqualValues(t, passFee*60/(60+63*5), s.gross(s.ids[0]))
	require.EqualValues(t, passFee/2, s.gross(s.ids[1]))
}

func TestPassUseRejections(t *testing.T) {
	s := newPassStage(t)
	viewer := s.Funded("viewer", 100*stream)
	other, _ := s.creator("other")
	foreign := s.work(other, "foreign", "")
	require.NoError(t, s.buys(viewer, 1, 0))
	require.NoError(t, s.buys(s.accounts[0], 1, 0))
	use := func(v sdk.AccAddress, work, pass string) error {
		_, err := s.k.Hooks().AfterUse(s.Ctx, streamtypes.Use{Viewer: v, Work: work, Provider: "node", Ticks: 1, Seconds: 1, Subscription: pass})
		return err
	}
	require.ErrorIs(t, use(viewer, s.works[0][0], "pass-x"), types.ErrInvalidPassID)
	require.ErrorIs(t, use(viewer, s.works[0][0], "pass-99"), types.ErrPassNotFound)
	require.ErrorIs(t, use(viewer, foreign, s.pass), types.ErrNotCovered)
	require.ErrorIs(t, use(s.curator, s.works[0][0], s.pass), types.ErrNotCovered)
	require.ErrorIs(t, use(s.accounts[0], s.works[0][0], s.pass), types.ErrOwnWork)
	s.content.restricted[s.works[0][0]] = true
	require.ErrorIs(t, use(viewer, s.works[0][0], s.pass), types.ErrNotEntitled)
	require.Empty(t, s.preview(viewer).Uses)
	delete(s.content.restricted, s.works[0][0])
}

// A running pass opens the works of creators who are in; of one who has left, until the running period's end.
func TestPassAccess(t *testing.T) {
	s := newPassStage(t)
	viewer := s.Funded("viewer", 100*stream)
	d := s.access(viewer.String(), s.works[0][0])
	require.False(t, d.Granted)
	require.Equal(t, types.ReasonPaymentRequired, d.Reason)
	require.Equal(t, []types.OfferCost{{Kind: types.OFFER_KIND_PASS, Price: token.Coin(passFee), Seconds: 86400, Pass: s.pass}}, d.Offers)
	start := s.now()
	require.NoError(t, s.buys(viewer, 2, 0))
	d = s.access(viewer.String(), s.works[0][0])
	require.Equal(t, types.ACCESS_BY_PASS, d.By)
	require.Equal(t, types.ReasonPass, d.Reason)
	require.Equal(t, s.pass, d.Pass)
	require.Equal(t, start+2*86400, d.Until)
	s.next(time.Hour)
	require.NoError(t, s.leaves(0))
	require.Equal(t, start+86400, s.access(viewer.String(), s.works[0][0]).Until)
	require.False(t, s.access(s.curator.String(), s.works[0][0]).Granted)
	late := s.Funded("late", 100*stream)
	require.NoError(t, s.buys(late, 1, 0))
	require.False(t, s.access(late.String(), s.works[0][0]).Granted, "its period began later")
	require.ErrorIs(t, s.watches(late, s.works[0][0], 1), types.ErrNotCovered)
	require.NoError(t, s.watches(viewer, s.works[0][0], 1))
	s.next(day - time.Hour)
	require.False(t, s.access(viewer.String(), s.works[0][0]).Granted)
	require.True(t, s.access(viewer.String(), s.works[1][0]).Granted)
	require.NoError(t, s.joins(0))
	require.True(t, s.access(viewer.String(), s.works[0][0]).Granted)
	s.next(day)
	require.False(t, s.access(viewer.String(), s.works[1][0]).Granted)
	// a plan of the creator comes first
	plan := s.plan(s.accounts[1], 3)
	require.NoError(t, s.subscribe(late, plan, 3, 1))
	require.NoError(t, s.buys(late, 1, 0))
	d = s.access(late.String(), s.works[1][0])
	require.Equal(t, types.ACCESS_BY_PLAN, d.By)
	require.Empty(t, d.Pass)
}

// Renewals are charged at the price of the moment within the mandate, without debt.
func TestPassRenewals(t *testing.T) {
	for name, c := range map[string]struct {
		purse   int64
		before  func(*passStage)
		renewed bool
		reason  string
	}{
		"renewed":  {30, func(*passStage) {}, true, ""},
		"unfunded": {15, func(*passStage) {}, false, types.EndedUnfunded},
		"dearer": {30, func(s *passStage) {
			require.NoError(s.T, s.send(&types.MsgUpdatePass{Curator: s.curator.String(), Pass: s.pass, Title: "Pass", Price: token.Coin(passFee + 1)}))
		}, false, types.EndedPrice},
		"closed": {30, func(s *passStage) {
			require.NoError(s.T, s.send(&types.MsgUpdatePass{Curator: s.curator.String(), Pass: s.pass, Title: "Pass", Price: token.Coin(passFee), Closed: true}))
		}, false, types.EndedPassClosed},
	} {
		t.Run(name, func(t *testing.T) {
			s := newPassStage(t)
			viewer := s.Funded("viewer", c.purse*stream)
			require.NoError(t, s.buys(viewer, 1, 1))
			c.before(s)
			s.ends(day)
			require.Equal(t, c.renewed, s.has("EventPassRenewed"))
			reason := ""
			for _, e := range s.Ctx.EventManager().ABCIEvents() {
				if e.Type != "streamchain.subscription.v1.EventPassRenewalEnded" {
					continue
				}
				parsed, err := sdk.ParseTypedEvent(e)
				require.NoError(t, err)
				reason = parsed.(*types.EventPassRenewalEnded).Reason
			}
			require.Equal(t, c.reason, reason)
			require.Equal(t, c.renewed, s.access(viewer.String(), s.works[0][0]).Granted)
			s.after(s.closeAt)
			s.after(s.closeAt)
			require.EqualValues(t, c.purse*stream, s.Balance(viewer), "nothing was watched, nothing is paid")
		})
	}
}

func TestPassCancel(t *testing.T) {
	s := newPassStage(t)
	viewer := s.Funded("viewer", 50*stream)
	require.NoError(t, s.buys(viewer, 3, 5))
	s.next(time.Hour)
	require.NoError(t, s.send(&types.MsgCancelPass{Viewer: viewer.String(), Pass: s.pass}))
	s.next(time.Second)
	require.EqualValues(t, 40*stream, s.Balance(viewer))
	require.True(t, s.access(viewer.String(), s.works[0][0]).Granted)
	s.next(day)
	require.False(t, s.access(viewer.String(), s.works[0][0]).Granted)
	require.ErrorIs(t, s.send(&types.MsgCancelPass{Viewer: viewer.String(), Pass: s.pass}), types.ErrNotSubscribed)
}

// The end of a block does a bounded number of distributions, and loses no fee.
func TestPassSweepIsCapped(t *testing.T) {
	s := newPassStage(t)
	var works []string
	for i := range 40 {
		works = append(works, s.work(s.accounts[i%2], fmt.Sprint("of many ", i), ""))
	}
	const viewers = 12
	for i := range viewers {
		v := s.Funded(fmt.Sprint("fan", i), 10*stream)
		require.NoError(t, s.buys(v, 1, 0))
		for _, w := range works {
			require.NoError(t, s.watches(v, w, 3))
		}
	}
	s.next(s.closeAt)
	closed, blocks := 0, 0
	for closed < viewers {
		blocks++
		require.LessOrEqual(t, blocks, viewers)
		ctx := s.Ctx.WithEventManager(sdk.NewEventManager())
		require.NoError(t, s.k.EndBlock(ctx))
		n, shared := 0, 0
		for _, e := range ctx.EventManager().Events() {
			switch e.Type {
			case "streamchain.subscription.v1.EventPassPeriodClosed":
				n++
			case "streamchain.revenue.v1.EventDistributed":
				shared++
			}
		}
		require.LessOrEqual(t, shared+n, types.MaxPassSweep+types.MaxPassWorks)
		closed += n
	}
	require.Greater(t, blocks, 2)
	s.next(time.Second)
	require.EqualValues(t, viewers*passFee, s.gross(s.ids[0])+s.gross(s.ids[1]))
}

// passPopulated has every kind of row of passes.
func passPopulated(t testing.TB) *passStage {
	s := newPassStage(t)
	s.newPass(s.ids[2])
	viewer, two := s.Funded("viewer", 100*stream), s.Funded("two", 100*stream)
	require.NoError(t, s.buys(viewer, 3, 2))
	require.NoError(t, s.watches(viewer, s.works[0][0], 7))
	s.after(s.closeAt)
	require.NoError(t, s.buys(two, 1, 0))
	require.NoError(t, s.watches(viewer, s.works[1][0], 7))
	require.NoError(t, s.watches(two, s.works[1][1], 7))
	require.NoError(t, s.leaves(2))
	return s
}

func TestPassGenesisRoundTrip(t *testing.T) {
	s := passPopulated(t)
	gs, err := s.k.ExportGenesis(s.Ctx)
	require.NoError(t, err)
	require.Len(t, gs.Passes, 2)
	require.Len(t, gs.PassSubscriptions, 2)
	require.True(t, gs.PassSubscriptions[0].Subscription.Carried.Add(gs.PassSubscriptions[1].Subscription.Carried).IsPositive())
	other := s.copy()
	again, err := other.k.ExportGenesis(other.Ctx)
	require.NoError(t, err)
	require.Equal(t, gs, again)
	require.Equal(t, s.rows(types.StoreKey), other.rows(types.StoreKey))
	for name, spoil := range map[string]func(*types.GenesisState){
		"a gap":            func(g *types.GenesisState) { g.Passes = g.Passes[1:] },
		"a wrong count":    func(g *types.GenesisState) { g.Passes[0].Pass.Creators++ },
		"a creator twice":  func(g *types.GenesisState) { g.Passes[0].Members[1] = g.Passes[0].Members[0] },
		"a price":          func(g *types.GenesisState) { g.Passes[0].Pass.Price = token.Coin(1) },
		"no pass":          func(g *types.GenesisState) { g.PassSubscriptions[0].Subscription.Pass = "pass-3" },
		"twice":            func(g *types.GenesisState) { g.PassSubscriptions[1] = g.PassSubscriptions[0] },
		"no payer":         func(g *types.GenesisState) { g.PassSubscriptions[0].Subscription.Periods[0].Payer = "" },
		"no period":        func(g *types.GenesisState) { g.PassSubscriptions[0].Subscription.Periods = nil },
		"works":            func(g *types.GenesisState) { g.PassSubscriptions[0].Subscription.Works++ },
		"a negative carry": func(g *types.GenesisState) { g.PassSubscriptions[0].Subscription.Carried = math.NewInt(-1) },
		"too much watched": func(g *types.GenesisState) { g.PassSubscriptions[0].Uses[0].Seconds = 61 },
		"another creator":  func(g *types.GenesisState) { g.PassSubscriptions[0].Uses[0].Creator = s.ids[2] },
	} {
		g, err := s.k.ExportGenesis(s.Ctx)
		require.NoError(t, err)
		spoil(g)
		b := s.beside()
		require.Error(t, b.k.InitGenesis(b.Ctx, *g), name)
	}
}

// One entry of the queue, index or custody too many or too few is found.
func TestPassInvariants(t *testing.T) {
	s := passPopulated(t)
	for i, row := range s.rows(types.StoreKey) {
		prefix := row[0][0]
		if prefix < 50 || prefix > 53 || prefix == 51 {
			continue
		}
		cache, _ := s.Ctx.CacheContext()
		store := s.StoreService(types.StoreKey).OpenKVStore(cache)
		require.NoError(t, store.Delete([]byte(row[0])))
		require.Error(t, s.k.CheckInvariants(cache), "%d: row of prefix %d", i, prefix)
	}
	held, err := s.k.HeldForPasses(s.Ctx)
	require.NoError(t, err)
	require.Error(t, s.revenue.CheckInvariants(s.Ctx, held.Add(held...).Add(token.Coin(1000*stream))))
	require.NoError(t, s.revenue.CheckInvariants(s.Ctx, held))
}
