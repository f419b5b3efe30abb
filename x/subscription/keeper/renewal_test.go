package keeper_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/token"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	"github.com/streamchain/streamchain/x/subscription/keeper"
	"github.com/streamchain/streamchain/x/subscription/types"
)

const daySeconds = int64(day / time.Second)

func (f *fixture) subscription(viewer sdk.AccAddress, plan string) types.Subscription {
	f.T.Helper()
	for _, s := range f.subscriptions() {
		if s.Viewer == viewer.String() && s.Plan == plan {
			return s
		}
	}
	return types.Subscription{}
}

// ended is why the subscription was removed in the last block.
func (f *fixture) ended() string {
	f.T.Helper()
	for _, e := range f.Ctx.EventManager().ABCIEvents() {
		if e.Type == "streamchain.subscription.v1.EventSubscriptionExpired" {
			msg, err := sdk.ParseTypedEvent(e)
			require.NoError(f.T, err)
			return msg.(*types.EventSubscriptionExpired).Reason
		}
	}
	return ""
}

// endBlock ends the block and keeps its events.
func (f *fixture) endBlock() {
	f.T.Helper()
	require.NoError(f.T, f.Bank.CreditVirtualAccounts(f.Ctx))
	f.Ctx = f.Ctx.WithEventManager(sdk.NewEventManager())
	require.NoError(f.T, f.revenue.EndBlock(f.Ctx))
	require.NoError(f.T, f.k.EndBlock(f.Ctx))
	events := f.Ctx.EventManager()
	f.NextBlock(time.Second)
	f.Ctx = f.Ctx.WithEventManager(events)
}

// A mandate renews period by period, each shared out when it has ended, until its renewals are used up.
func TestRenewals(t *testing.T) {
	s := newStage(t)
	_, err := s.revenue.Refund(s.Ctx, s.alice, s.owner.String()+"-1") // so that only periods are shared out
	require.NoError(t, err)
	start := s.now()
	require.NoError(t, s.renew(s.buyer, s.plan, 4*stream, 2))
	require.EqualValues(t, 97*stream, s.Balance(s.buyer))
	for i := int64(1); i <= 2; i++ {
		s.jump(time.Unix(start+i*daySeconds, 0).Sub(s.Ctx.BlockTime()))
		require.True(t, s.access(s.buyer.String(), s.work).Granted, "while the renewal waits its turn")
		s.endBlock()
		require.True(t, s.has("EventRenewed") && s.has("EventPeriodsEnded"))
		require.EqualValues(t, (97-3*i)*stream, s.Balance(s.buyer))
		require.EqualValues(t, i*3*stream*9250/10000, s.earned(s.aliceID))
		require.Equal(t, start+(i+1)*daySeconds, s.subscription(s.buyer, s.plan).ExpiresAt, "from the second in which the last one ended")
		require.Equal(t, start+i*daySeconds, s.subscription(s.buyer, s.plan).PeriodStartedAt)
	}
	require.Nil(t, s.subscription(s.buyer, s.plan).Mandate, "used up")
	s.jump(time.Unix(start+3*daySeconds, 0).Sub(s.Ctx.BlockTime()))
	require.False(t, s.access(s.buyer.String(), s.work).Granted)
	s.endBlock()
	require.Equal(t, types.EndedUnrenewed, s.ended())
	require.EqualValues(t, 91*stream, s.Balance(s.buyer))
	require.EqualValues(t, 9*stream*9250/10000, s.earned(s.aliceID))
}

// A price that rises touches no running period, and no renewal that its payer did not allow.
func TestRenewalPrice(t *testing.T) {
	for most, reason := range map[int64]string{4 * stream: "", 4*stream - 1: types.EndedPrice} {
		s := newStage(t)
		require.NoError(t, s.renew(s.buyer, s.plan, most, 9))
		require.NoError(t, s.send(&types.MsgUpdatePlan{Controller: s.alice.String(), Plan: s.plan, Price: token.Coin(4 * stream), Title: "Dear"}))
		s.jump(day)
		s.endBlock()
		require.Equal(t, reason, s.ended())
		if reason == "" {
			require.EqualValues(t, 93*stream, s.Balance(s.buyer))
			continue
		}
		require.EqualValues(t, 97*stream, s.Balance(s.buyer), "without debt")
		require.Empty(t, s.subscriptions())
		require.False(t, s.access(s.buyer.String(), s.work).Granted)
	}
}

// A closed plan sells no more periods, also none to who has a mandate.
func TestRenewalOfClosedPlan(t *testing.T) {
	s := newStage(t)
	require.NoError(t, s.renew(s.buyer, s.plan, 3*stream, 9))
	require.NoError(t, s.send(&types.MsgUpdatePlan{Controller: s.alice.String(), Plan: s.plan, Price: token.Coin(1), Title: "Closed", Closed: true}))
	s.jump(day - time.Second)
	require.True(t, s.access(s.buyer.String(), s.work).Granted)
	s.jump(time.Second)
	s.endBlock()
	require.Equal(t, types.EndedPlanClosed, s.ended())
	require.EqualValues(t, 97*stream, s.Balance(s.buyer))
}

// An empty wallet has access for a tenth of a period, is tried three times more, and lapses without debt.
func TestGrace(t *testing.T) {
	s := newStage(t)
	viewer := s.Funded("viewer", 3*stream)
	require.NoError(t, s.renew(viewer, s.plan, 3*stream, 9))
	end := s.now() + daySeconds
	grace := daySeconds / types.GracePart
	s.jump(day)
	for i := int64(1); i <= types.MaxAttempts; i++ {
		s.endBlock()
		require.True(t, s.has("EventRenewalFailed"))
		sub := s.subscription(viewer, s.plan)
		require.EqualValues(t, i, sub.Attempts)
		require.Equal(t, end+grace*i/types.MaxAttempts, sub.DueAt)
		d := s.access(viewer.String(), s.work)
		require.Equal(t, []any{true, end + grace}, []any{d.Granted, d.Until})
		s.jump(time.Unix(sub.DueAt, 0).Sub(s.Ctx.BlockTime()))
	}
	require.False(t, s.access(viewer.String(), s.work).Granted, "the grace is over")
	s.endBlock()
	require.Equal(t, types.EndedUnfunded, s.ended())
	require.Empty(t, s.subscriptions())
	require.EqualValues(t, 3*stream*9250/10000, s.earned(s.aliceID))
	require.Zero(t, s.Balance(viewer))
}

// Who pays in the grace pays for it too: the period starts where the last one ended.
func TestGraceIsPaid(t *testing.T) {
	for name, pay := range map[string]func(*stage, sdk.AccAddress){
		"by the next try": func(s *stage, viewer sdk.AccAddress) {
			s.jump(time.Hour)
			s.endBlock()
		},
		"by hand": func(s *stage, viewer sdk.AccAddress) { require.NoError(s.T, s.subscribe(viewer, s.plan, 3*stream, 1)) },
	} {
		s := newStage(t)
		viewer := s.Funded("viewer", 3*stream)
		require.NoError(t, s.renew(viewer, s.plan, 3*stream, 9))
		end := s.now() + daySeconds
		s.jump(day)
		s.endBlock()
		require.NoError(t, s.Bank.SendCoins(s.Ctx, s.owner, viewer, sdk.NewCoins(token.Coin(3*stream))))
		pay(s, viewer)
		sub := s.subscription(viewer, s.plan)
		require.Equal(t, []int64{end, end + daySeconds, end + daySeconds}, []int64{sub.PeriodStartedAt, sub.ExpiresAt, sub.DueAt}, name)
		require.Zero(t, sub.Attempts, name)
		require.Zero(t, s.Balance(viewer), name)
	}
}

// Without a grace the first failure is the last.
func TestNoGrace(t *testing.T) {
	s := newStage(t)
	params := types.DefaultParams()
	params.GraceSeconds = 0
	require.NoError(t, s.k.UpdateParams(s.Ctx, params))
	viewer := s.Funded("viewer", 3*stream)
	require.NoError(t, s.renew(viewer, s.plan, 3*stream, 9))
	s.jump(day)
	require.False(t, s.access(viewer.String(), s.work).Granted)
	s.endBlock()
	require.Equal(t, types.EndedUnfunded, s.ended())
}

// A queue that is late by more than a period charges no period that is over already.
func TestLateQueue(t *testing.T) {
	s := newStage(t)
	require.NoError(t, s.renew(s.buyer, s.plan, 3*stream, 9))
	s.jump(5 * day)
	require.False(t, s.access(s.buyer.String(), s.work).Granted)
	now := s.now()
	s.endBlock()
	sub := s.subscription(s.buyer, s.plan)
	require.Equal(t, []int64{now, now + daySeconds}, []int64{sub.PeriodStartedAt, sub.ExpiresAt})
	require.EqualValues(t, 94*stream, s.Balance(s.buyer))
}

func TestSetRenewal(t *testing.T) {
	s := newStage(t)
	set := func(payer, viewer sdk.AccAddress, most int64, renewals uint32) *types.MsgSetRenewal {
		return &types.MsgSetRenewal{Payer: payer.String(), Viewer: viewer.String(), Plan: s.plan, MaxPrice: token.Coin(most), Renewals: renewals}
	}
	with := func(change func(*types.MsgSetRenewal)) *types.MsgSetRenewal {
		m := set(s.buyer, s.buyer, 3*stream, 1)
		change(m)
		return m
	}
	s.refused(map[string]refusal{"no subscription": {set(s.buyer, s.buyer, 3*stream, 1), types.ErrNotSubscribed}})
	require.NoError(t, s.subscribe(s.buyer, s.plan, 3*stream, 1))
	require.NoError(t, s.send(set(s.owner, s.buyer, 3*stream, 2)), "another lets itself be charged")
	require.True(t, s.has("EventRenewalSet"))
	s.refused(map[string]refusal{
		"malformed viewer": {with(func(m *types.MsgSetRenewal) { m.Viewer = "x" }), types.ErrInvalidRecipient},
		"malformed plan":   {with(func(m *types.MsgSetRenewal) { m.Plan = "x" }), types.ErrInvalidPlanID},
		"unknown plan":     {with(func(m *types.MsgSetRenewal) { m.Plan = s.aliceID + "/99" }), types.ErrPlanNotFound},
		"another viewer":   {with(func(m *types.MsgSetRenewal) { m.Viewer = s.poor.String() }), types.ErrNotSubscribed},
		"price above":      {with(func(m *types.MsgSetRenewal) { m.MaxPrice = token.Coin(3*stream - 1) }), types.ErrPriceAboveMax},
		"most in atoms":    {with(func(m *types.MsgSetRenewal) { m.MaxPrice = sdk.NewInt64Coin("uatom", 9) }), types.ErrWrongDenom},
		"no most":          {with(func(m *types.MsgSetRenewal) { m.MaxPrice = sdk.Coin{} }), types.ErrWrongDenom},
		"a third's":        {set(s.bob, s.buyer, 3*stream, 5), types.ErrForeignMandate},
		"ended by a third": {set(s.bob, s.buyer, 0, 0), types.ErrForeignMandate},
		"with a gift":      {&types.MsgSubscribe{Subscriber: s.bob.String(), Plan: s.plan, MaxPrice: token.Coin(3 * stream), Periods: 1, Recipient: s.buyer.String(), Renewals: 1}, types.ErrForeignMandate},
	})
	for name, address := range s.badAddresses() {
		s.refused(map[string]refusal{name: {with(func(m *types.MsgSetRenewal) { m.Payer = address }), types.ErrInvalidAddress}})
	}
	s.jump(day)
	s.endBlock()
	require.EqualValues(t, 92*stream, s.Balance(s.owner), "it was")
	require.NoError(t, s.send(set(s.owner, s.buyer, 0, 0)), "it ends what it allowed")
	require.Nil(t, s.subscription(s.buyer, s.plan).Mandate)
	require.True(t, s.access(s.buyer.String(), s.work).Granted, "what is paid runs on")
	require.NoError(t, s.send(set(s.owner, s.buyer, 3*stream, 2)))
	require.NoError(t, s.send(set(s.buyer, s.buyer, 9*stream, 1)), "the viewer takes over")
	require.Equal(t, s.buyer.String(), s.subscription(s.buyer, s.plan).Mandate.Payer)
	require.NoError(t, s.send(&types.MsgUpdatePlan{Controller: s.alice.String(), Plan: s.plan, Price: token.Coin(1), Title: "Closed", Closed: true}))
	s.refused(map[string]refusal{"closed": {set(s.buyer, s.buyer, 9*stream, 3), types.ErrPlanClosed}})
	require.NoError(t, s.send(set(s.buyer, s.buyer, 0, 0)))
}

// failing is a x/revenue in which one call fails, or panics.
type failing struct {
	types.RevenueKeeper
	collect, distribute error
	panics              bool
}

func (r *failing) Collect(ctx context.Context, from sdk.AccAddress, coin sdk.Coin) error {
	if r.collect != nil {
		return r.collect
	}
	return r.RevenueKeeper.Collect(ctx, from, coin)
}

func (r *failing) Distribute(ctx context.Context, p revenuetypes.Payment) (revenuetypes.Distribution, error) {
	if r.panics {
		panic("planted")
	}
	if r.distribute != nil {
		return revenuetypes.Distribution{}, r.distribute
	}
	return r.RevenueKeeper.Distribute(ctx, p)
}

// What cannot be shared out is put off and kept, and others are dealt with.
func TestEndBlockFailure(t *testing.T) {
	for name, plant := range map[string]func(*failing){
		"an error": func(r *failing) { r.distribute = errors.New("planted") },
		"a panic":  func(r *failing) { r.panics = true },
	} {
		s := newStage(t)
		require.NoError(t, s.renew(s.buyer, s.plan, 3*stream, 9))
		s.jump(day)
		good := s.k
		bad := &failing{RevenueKeeper: s.revenue}
		plant(bad)
		s.k = keeper.NewKeeper(keeper.Deps{
			Cdc: s.Cdc, Store: s.StoreService(types.StoreKey), Clock: s.Clock, Content: s.content, Storage: s.storage, Revenue: bad,
			Stream: s.tiers, Bank: s.Bank, Authority: s.Authority,
		})
		before := s.subscription(s.buyer, s.plan)
		retry := s.now() + types.SweepRetrySeconds
		s.endBlock()
		require.True(t, s.has("EventExpirySweepFailed"), name)
		before.DueAt = retry
		require.Equal(t, before, s.subscription(s.buyer, s.plan), name)
		require.True(t, s.access(s.buyer.String(), s.work).Granted, "the viewer does not suffer from it")
		s.check()
		s.k = good
		s.jump(types.SweepRetrySeconds * time.Second)
		s.endBlock()
		require.True(t, s.has("EventRenewed"), name)
		require.EqualValues(t, 94*stream, s.Balance(s.buyer), name)
		s.check()
	}
}

// 100,000 renewals that are due at once: capped in each block, first due first, none lost.
func TestManyRenewals(t *testing.T) {
	many := 100_000
	if testing.Short() {
		many = 2_000
	}
	f := newFixture(t)
	alice, id := f.creator("alice")
	plan := f.plan(alice, 1000)
	start := f.now()
	payer := f.Funded("payer", int64(many)*1000)
	gs, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(t, err)
	for i := range many {
		gs.Subscriptions = append(gs.Subscriptions, types.Subscription{
			Viewer: viewerNumber(i).String(), Plan: plan, StartedAt: start, PeriodStartedAt: start, ExpiresAt: start + daySeconds, DueAt: start + daySeconds,
			Prepaid: []types.Prepaid{{Payer: payer.String(), Price: token.Coin(1000), Periods: 1}},
			Mandate: &types.Mandate{Payer: payer.String(), MaxPrice: token.Coin(1000), Renewals: 2},
		})
	}
	// their coins lie in custody, as they would
	held := sdk.NewCoins(token.Coin(int64(many) * 1000))
	require.NoError(t, f.Bank.SendCoinsFromAccountToModule(f.Ctx, f.Funded("before", int64(many)*1000), revenuetypes.ModuleName, held))
	require.NoError(t, f.k.InitGenesis(f.Ctx, *gs))
	f.jump(day)
	f.commit()

	var order []string
	var worst time.Duration
	blocks := 0
	for len(order) < many {
		require.NoError(t, f.revenue.EndBlock(f.Ctx))
		f.Ctx = f.Ctx.WithEventManager(sdk.NewEventManager())
		begun := time.Now()
		require.NoError(t, f.k.EndBlock(f.Ctx))
		worst = max(worst, time.Since(begun))
		events, n := f.Ctx.EventManager().Events(), 0
		f.NextBlock(time.Second)
		f.commit()
		for _, e := range events {
			if e.Type != "streamchain.subscription.v1.EventRenewed" {
				continue
			}
			n++
			msg, err := sdk.ParseTypedEvent(sdk.Events{e}.ToABCIEvents()[0])
			require.NoError(t, err)
			order = append(order, msg.(*types.EventRenewed).Subscription.Viewer)
		}
		require.Equal(t, min(types.MaxSweep, many-blocks*types.MaxSweep), n, "capped")
		blocks++
	}
	require.Equal(t, (many+types.MaxSweep-1)/types.MaxSweep, blocks)
	sorted := slices.IsSortedFunc(order, func(a, b string) int {
		return slices.Compare(sdk.MustAccAddressFromBech32(a), sdk.MustAccAddressFromBech32(b))
	})
	require.True(t, sorted, "those due in the same second go in the order of their keys")
	require.Len(t, slices.Compact(order), many, "each once")
	require.Zero(t, f.Balance(payer))
	total, err := f.k.HeldTotal(f.Ctx)
	require.NoError(t, err)
	require.Equal(t, held, total, "as many periods are paid again")
	require.EqualValues(t, int64(many)*1000*9250/10000, f.earned(id))
	t.Logf("%d renewals in %d blocks, the slowest took %s", many, blocks, worst)
}

// commit writes a block as a node does: iterators over what is not written yet are slow.
func (f *fixture) commit() {
	f.T.Helper()
	store, ok := f.Ctx.MultiStore().(storetypes.CommitMultiStore)
	require.True(f.T, ok)
	store.Commit()
}

func viewerNumber(i int) sdk.AccAddress { return fmt.Appendf(nil, "viewer %013d", i)[:20] }
