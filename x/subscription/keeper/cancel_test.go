package keeper_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/token"
	"github.com/streamchain/streamchain/x/subscription/types"
)

func (s *stage) cancel(viewer sdk.AccAddress, plan string) *types.MsgCancelResponse {
	s.T.Helper()
	s.NextTx()
	res, err := s.msg.Cancel(s.Ctx, &types.MsgCancel{Viewer: viewer.String(), Plan: plan})
	require.NoError(s.T, err)
	return res
}

// Cancelling gives back what is unused to the second, and the creator takes the remainder.
func TestCancel(t *testing.T) {
	for _, c := range []struct {
		price, used, refunded int64
	}{
		{86400, 0, 86400}, {86400, 1, 86399}, {86400, 86399, 1}, {86401, 1, 86399}, // 86,400.00001 is unused: the fraction is the creator's
		{1, 0, 1}, {1, 1, 0}, {3, 43200, 1}, {3 * stream, 28800, 2 * stream}, {999_999_999_999_999_999, 28800, 666_666_666_666_666_666},
	} {
		s := newStage(t)
		viewer := s.Funded("viewer", c.price)
		plan := s.fixture.plan(s.alice, c.price)
		s.jump(time.Minute) // so that no two times are equal by chance
		require.NoError(t, s.subscribe(viewer, plan, c.price, 1))
		s.jump(time.Duration(c.used) * time.Second)
		before := s.earned(s.aliceID)
		res := s.cancel(viewer, plan)
		require.True(t, s.has("EventCancelled"))
		require.Equal(t, []sdk.Coin{token.Coin(c.refunded), token.Coin(c.price - c.refunded)}, []sdk.Coin{res.Refunded, res.Kept}, "%+v", c)
		require.False(t, s.access(viewer.String(), s.work).Granted)
		s.endBlock()
		require.Equal(t, c.refunded, s.Balance(viewer), "%+v", c)
		require.Equal(t, c.refunded == c.price, s.earned(s.aliceID) == before)
		s.check()
		require.NoError(t, s.k.CheckInvariants(s.Ctx))
	}
}

// Each payer gets back its own; gifts go back to who gave them.
func TestCancelOfGifts(t *testing.T) {
	s := newStage(t)
	viewer := s.Funded("viewer", 6*stream)
	require.NoError(t, s.subscribe(viewer, s.plan, 3*stream, 2))
	require.NoError(t, s.send(&types.MsgSubscribe{
		Subscriber: s.owner.String(), Plan: s.plan, MaxPrice: token.Coin(3 * stream), Periods: 3, Recipient: viewer.String(),
	}))
	s.jump(day + day/4)
	res := s.cancel(viewer, s.plan)
	require.Equal(t, token.Coin(3*stream/4+3*stream), sdk.NewCoin(token.BaseDenom, res.Kept.Amount.AddRaw(3*stream)))
	require.Equal(t, token.Coin(3*stream*3/4+9*stream), res.Refunded)
	s.endBlock()
	require.EqualValues(t, 3*stream*3/4, s.Balance(viewer))
	require.EqualValues(t, 95*stream, s.Balance(s.owner))
	// the period that had ended and the used part of the next one
	require.EqualValues(t, 3*stream*9250/10000+3*stream/4*9250/10000, s.earned(s.aliceID))
}

// Until the trial ends cancelling costs nothing; then the least of the plan counts.
func TestTrial(t *testing.T) {
	s := newStage(t)
	plan := s.planWith(s.alice, &types.MsgCreatePlan{TrialSeconds: 7200, MinSeconds: 8640})
	start := s.now()
	s.NextTx()
	res, err := s.msg.Subscribe(s.Ctx, &types.MsgSubscribe{Subscriber: s.buyer.String(), Plan: plan, MaxPrice: token.Coin(stream), Periods: 1})
	require.NoError(t, err)
	require.Equal(t, &types.MsgSubscribeResponse{ExpiresAt: start + 7200 + daySeconds, Paid: token.Coin(stream), TrialUntil: start + 7200}, res)
	require.True(t, s.access(s.buyer.String(), s.work).Granted)
	s.jump(2*time.Hour - time.Second)
	require.Equal(t, token.Coin(stream), s.cancel(s.buyer, plan).Refunded)
	s.endBlock()
	require.EqualValues(t, 100*stream, s.Balance(s.buyer))
	require.Zero(t, s.earned(s.aliceID))

	start = s.now()
	require.NoError(t, s.subscribe(s.buyer, plan, stream, 1))
	require.Equal(t, start+daySeconds, s.subscription(s.buyer, plan).ExpiresAt, "once")
	kept := s.cancel(s.buyer, plan).Kept
	require.Equal(t, token.Coin(stream/10), kept, "a tenth of the period at least")

	require.NoError(t, s.send(&types.MsgSubscribe{Subscriber: s.buyer.String(), Plan: plan, MaxPrice: token.Coin(stream), Periods: 1, Recipient: s.owner.String()}))
	require.Equal(t, s.now()+daySeconds, s.subscription(s.owner, plan).ExpiresAt, "no trial for a gift")
	s.cancel(s.owner, plan)
	require.NoError(t, s.subscribe(s.owner, plan, stream, 1))
	require.Equal(t, s.now()+7200+daySeconds, s.subscription(s.owner, plan).ExpiresAt, "which takes nobody's")
	s.jump(2 * time.Hour)
	require.Equal(t, token.Coin(stream/10), s.cancel(s.owner, plan).Kept, "the trial's end is the first second that costs")
}

func TestCancelRejections(t *testing.T) {
	s := newStage(t)
	cancel := func(viewer, plan string) *types.MsgCancel { return &types.MsgCancel{Viewer: viewer, Plan: plan} }
	require.NoError(t, s.subscribe(s.buyer, s.plan, 3*stream, 1))
	s.refused(map[string]refusal{
		"another's":      {cancel(s.owner.String(), s.plan), types.ErrNotSubscribed},
		"another plan":   {cancel(s.buyer.String(), s.closed), types.ErrNotSubscribed},
		"unknown plan":   {cancel(s.buyer.String(), s.aliceID+"/99"), types.ErrPlanNotFound},
		"malformed plan": {cancel(s.buyer.String(), "x"), types.ErrInvalidPlanID},
	})
	for name, address := range s.badAddresses() {
		s.refused(map[string]refusal{name: {cancel(address, s.plan), types.ErrInvalidAddress}})
	}
	s.jump(day)
	s.refused(map[string]refusal{"ended, not removed": {cancel(s.buyer.String(), s.plan), types.ErrNotSubscribed}})
	s.endBlock()
	s.refused(map[string]refusal{"removed": {cancel(s.buyer.String(), s.plan), types.ErrNotSubscribed}})
}

func TestPlanTerms(t *testing.T) {
	s := newStage(t)
	with := func(change func(*types.MsgCreatePlan)) *types.MsgCreatePlan {
		msg := &types.MsgCreatePlan{
			Controller: s.alice.String(), Creator: s.aliceID, Title: "Plan", Price: token.Coin(1), PeriodSeconds: daySeconds, Coverage: types.COVERAGE_ALL,
		}
		change(msg)
		return msg
	}
	s.refused(map[string]refusal{
		"trial negative": {with(func(m *types.MsgCreatePlan) { m.TrialSeconds = -1 }), types.ErrInvalidTerms},
		"trial too long": {with(func(m *types.MsgCreatePlan) { m.TrialSeconds = types.MaxTrialSeconds + 1 }), types.ErrInvalidTerms},
		"least negative": {with(func(m *types.MsgCreatePlan) { m.MinSeconds = -1 }), types.ErrInvalidTerms},
		"least too long": {with(func(m *types.MsgCreatePlan) { m.MinSeconds = daySeconds + 1 }), types.ErrInvalidTerms},
		"limit of a plan without": {&types.MsgUpdatePlan{
			Controller: s.alice.String(), Plan: s.plan, Title: "x", Price: token.Coin(1), MaxSubscribers: 5,
		}, types.ErrInvalidTerms},
	})
	require.NoError(t, s.send(with(func(m *types.MsgCreatePlan) { m.TrialSeconds, m.MinSeconds = types.MaxTrialSeconds, daySeconds })))
}

// A plan with a limit takes no more than that, and who leaves makes room.
func TestPlanLimit(t *testing.T) {
	s := newStage(t)
	plan := s.planWith(s.alice, &types.MsgCreatePlan{MaxSubscribers: 2})
	require.NoError(t, s.subscribe(s.buyer, plan, stream, 1))
	require.NoError(t, s.subscribe(s.owner, plan, stream, 1))
	full := &types.MsgSubscribe{Subscriber: s.bob.String(), Plan: plan, MaxPrice: token.Coin(stream), Periods: 1}
	s.refused(map[string]refusal{"full": {full, types.ErrPlanFull}})
	require.NoError(t, s.subscribe(s.buyer, plan, stream, 1), "who is there can go on")
	require.NoError(t, s.send(&types.MsgUpdatePlan{Controller: s.alice.String(), Plan: plan, Title: "x", Price: token.Coin(stream), MaxSubscribers: 1}))
	require.Len(t, s.subscriptions(), 2, "and stays")
	s.cancel(s.owner, plan)
	s.refused(map[string]refusal{"still full": {full, types.ErrPlanFull}})
	require.NoError(t, s.send(&types.MsgUpdatePlan{Controller: s.alice.String(), Plan: plan, Title: "x", Price: token.Coin(stream)}))
	got, err := s.k.GetPlan(s.Ctx, plan)
	require.NoError(t, err)
	require.EqualValues(t, 1, got.MaxSubscribers, "zero keeps it")
	s.jump(2 * day)
	s.endBlock()
	require.NoError(t, s.send(full), "an ended one made room")
}

// Gifts of ever other prices cannot make a row as large as one likes.
func TestTooManyPayments(t *testing.T) {
	s := newStage(t)
	for i := range types.MaxPayments {
		giver := s.Funded(fmt.Sprint("giver", i), 3*stream)
		require.NoError(t, s.send(&types.MsgSubscribe{
			Subscriber: giver.String(), Plan: s.plan, MaxPrice: token.Coin(3 * stream), Periods: 1, Recipient: s.buyer.String(),
		}))
	}
	s.refused(map[string]refusal{"one more": {&types.MsgSubscribe{
		Subscriber: s.buyer.String(), Plan: s.plan, MaxPrice: token.Coin(3 * stream), Periods: 1,
	}, types.ErrTooManyPayments}})
	s.jump(day)
	require.NoError(t, s.subscribe(s.buyer, s.plan, 3*stream, 12), "a period has ended")
	require.NoError(t, s.subscribe(s.buyer, s.plan, 3*stream, 12), "the same payer at the same price takes no more room")
	require.Len(t, s.subscription(s.buyer, s.plan).Prepaid, types.MaxPayments)
}
