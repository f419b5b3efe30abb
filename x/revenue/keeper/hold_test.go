package keeper_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/streamchain/streamchain/token"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	"github.com/streamchain/streamchain/x/revenue/types"
)

// sale is a purchase of subject by payer.
func sale(payer sdk.AccAddress, subject string, amount int64) types.Payment {
	return types.Payment{Rail: types.RAIL_PURCHASE, Subject: subject, Payer: payer.String(), Gross: token.Coin(amount), Reference: "offer/1"}
}

// setWindow changes the refund window.
func (f *fixture) setWindow(seconds int64) {
	f.T.Helper()
	params := types.DefaultParams()
	params.RefundWindowSeconds = seconds
	require.NoError(f.T, f.send(&types.MsgUpdateParams{Authority: f.Authority, Params: params}))
}

func TestHoldWaitsWhole(t *testing.T) {
	f := newFixture(t)
	f.setWindow(100)
	_, creator := f.creator("alice")
	film := f.work(creator, "film")
	viewer := f.Funded("viewer", stream)
	now, err := f.Clock.Now(f.Ctx)
	require.NoError(t, err)
	id, releaseAt, err := f.hold(sale(viewer, film, 10_000))
	require.NoError(t, err)
	require.Equal(t, viewer.String()+"-1", id)
	require.Equal(t, now+100, releaseAt)
	require.Equal(t, []string{"EventParamsUpdated", "EventHeld"}, f.events())

	f.next(99 * time.Second)
	require.Zero(t, f.claimable(creator))
	require.EqualValues(t, 10_000, f.ModuleBalance(types.ModuleName))
	hold, err := f.q.Hold(f.Ctx, &types.QueryHoldRequest{HoldId: id})
	require.NoError(t, err)
	require.Equal(t, film, hold.Hold.Payment.Subject)
	// the window ends while the block runs; its end still finds the hold not due
	f.next(time.Second)
	require.Zero(t, f.claimable(creator))
	ctx := f.Ctx
	f.next(time.Second)
	require.EqualValues(t, 9050, f.claimable(creator))
	require.EqualValues(t, 350, f.ModuleBalance("storage"), "the parts of a release move in the same block")
	_, err = f.q.Hold(f.Ctx, &types.QueryHoldRequest{HoldId: id})
	require.ErrorIs(t, err, types.ErrHoldNotFound)
	f.Ctx = ctx
	require.Equal(t, []string{"EventDistributed", "EventReleased"}, f.events()[:2])
}

func TestWithoutAWindowNothingIsHeld(t *testing.T) {
	f := newFixture(t)
	_, creator := f.creator("alice")
	film := f.work(creator, "film")
	viewer := f.Funded("viewer", stream)
	for _, rail := range []types.Rail{types.RAIL_PLAN, types.RAIL_METERED, types.RAIL_TIP} {
		p := sale(viewer, film, 100)
		p.Rail = rail
		id, _, err := f.hold(p)
		require.NoError(t, err)
		require.Empty(t, id)
	}
	before := f.claimable(creator)
	require.Positive(t, before)
	id, _, err := f.hold(sale(viewer, film, 100))
	require.NoError(t, err)
	require.NotEmpty(t, id)
	require.Equal(t, before, f.claimable(creator))
	f.setWindow(0)
	id, at, err := f.hold(sale(viewer, film, 100))
	require.NoError(t, err)
	require.Empty(t, id)
	now, err := f.Clock.Now(f.Ctx)
	require.NoError(t, err)
	require.Equal(t, now, at)
	require.Greater(t, f.claimable(creator), before)
}

func TestRefundReturnsTheWhole(t *testing.T) {
	f := newFixture(t)
	alice, creator := f.creator("alice")
	film := f.work(creator, "film")
	viewer := f.Funded("viewer", 10_000)
	supply := f.Bank.GetSupply(f.Ctx, token.BaseDenom)
	id, _, err := f.hold(sale(viewer, film, 10_000))
	require.NoError(t, err)
	// in the very block of the purchase
	require.NoError(t, f.send(&types.MsgRefund{Controller: alice.String(), HoldId: id}))
	require.Len(t, f.hooks.refunded, 1)
	require.Equal(t, id, f.hooks.refunded[0].Id)
	require.Contains(t, f.events(), "EventRefunded")
	require.ErrorIs(t, f.send(&types.MsgRefund{Controller: alice.String(), HoldId: id}), types.ErrHoldNotFound, "once")
	require.Zero(t, f.Balance(viewer))
	require.NoError(t, f.k.CheckInvariants(f.Ctx, nil))
	f.next(time.Second)
	require.EqualValues(t, 10_000, f.Balance(viewer))
	require.Zero(t, f.ModuleBalance(types.ModuleName))
	require.Equal(t, supply, f.Bank.GetSupply(f.Ctx, token.BaseDenom), "nothing burned")
	f.next(window + time.Minute)
	require.Zero(t, f.claimable(creator), "nothing is released later")

	// a hook that refuses keeps the hold
	id, _, err = f.hold(sale(viewer, film, 10_000))
	require.NoError(t, err)
	require.Equal(t, viewer.String()+"-2", id, "a sequence is not given twice")
	f.hooks.err = errors.New("no")
	before := f.state()
	require.Error(t, f.send(&types.MsgRefund{Controller: alice.String(), HoldId: id}))
	require.Equal(t, before, f.state())
}

func TestRefundOfABlockedPayerBecomesAClaim(t *testing.T) {
	f := newFixture(t)
	alice, creator := f.creator("alice")
	viewer := f.Funded("viewer", 10_000)
	id, _, err := f.hold(sale(viewer, f.work(creator, "film"), 10_000))
	require.NoError(t, err)
	f.bank.blocked = viewer.String()
	require.NoError(t, f.send(&types.MsgRefund{Controller: alice.String(), HoldId: id}))
	f.next(time.Second)
	require.EqualValues(t, 10_000, f.claimable(viewer.String()))
}

func TestRefundRejections(t *testing.T) {
	f := newFixture(t)
	alice, creator := f.creator("alice")
	bob, _ := f.creator("bob")
	viewer := f.Funded("viewer", 10_000)
	id, _, err := f.hold(sale(viewer, f.work(creator, "film"), 10_000))
	require.NoError(t, err)
	cases := []rejection{
		{"another creator", &types.MsgRefund{Controller: bob.String(), HoldId: id}, contenttypes.ErrNotController},
		{"the payer itself", &types.MsgRefund{Controller: viewer.String(), HoldId: id}, contenttypes.ErrNotController},
		{"unknown", &types.MsgRefund{Controller: alice.String(), HoldId: viewer.String() + "-2"}, types.ErrHoldNotFound},
		{"another payer", &types.MsgRefund{Controller: alice.String(), HoldId: bob.String() + "-1"}, types.ErrHoldNotFound},
	}
	for _, bad := range []string{
		"", "-", "-1", id + " ", viewer.String(), viewer.String() + "-", viewer.String() + "-0", viewer.String() + "-01",
		viewer.String() + "-+1", viewer.String() + "--1", viewer.String() + "-18446744073709551616", strings.ToUpper(id),
		creator + "-1", "x-1", id + "\x00", strings.Repeat("1", 10<<20),
	} {
		cases = append(cases, rejection{"id " + bad[:min(len(bad), 60)], &types.MsgRefund{Controller: alice.String(), HoldId: bad}, types.ErrInvalidHoldID})
	}
	for _, a := range badAddresses {
		cases = append(cases, rejection{"address " + a, &types.MsgRefund{Controller: a, HoldId: id}, types.ErrInvalidAddress})
	}
	f.reject(cases)
	require.Empty(t, f.hooks.refunded)
}

func TestHoldNeedsAPayerThatCanBeRefunded(t *testing.T) {
	f := newFixture(t)
	_, creator := f.creator("alice")
	film := f.work(creator, "film")
	for _, payer := range []string{"module/x", creator, strings.ToUpper(f.Addr("viewer").String())} {
		p := sale(f.Addr("viewer"), film, 100)
		p.Payer = payer
		before := f.state()
		_, _, err := f.k.Hold(f.Ctx, p)
		require.ErrorIs(t, err, types.ErrInvalidAddress)
		require.Equal(t, before, f.state())
	}
}

func TestFailedReleaseIsKeptAndTriedAgain(t *testing.T) {
	f := newFixture(t)
	f.setWindow(10)
	alice, creator := f.creator("alice")
	_, other := f.creator("bob")
	film := f.work(creator, "film")
	viewer := f.Funded("viewer", stream)
	id, _, err := f.hold(sale(viewer, film, 10_000))
	require.NoError(t, err)
	second, _, err := f.hold(sale(viewer, film, 10_000))
	require.NoError(t, err)
	_, _, err = f.hold(sale(viewer, other, 10_000))
	require.NoError(t, err)

	f.storage.failEndow = errors.New("storage is broken")
	f.next(11 * time.Second)
	ctx := f.Ctx
	f.next(time.Second)
	require.Zero(t, f.claimable(creator))
	require.EqualValues(t, 9250, f.claimable(other), "the others go on")
	hold, err := f.k.GetHold(f.Ctx, id)
	require.NoError(t, err)
	require.Equal(t, hold.ReleaseAt+types.RetrySeconds+1, hold.DueAt)
	f.Ctx, ctx = ctx, f.Ctx
	require.Contains(t, f.events(), "EventReleaseFailed")
	f.Ctx = ctx
	require.NoError(t, f.k.CheckInvariants(f.Ctx, nil))

	// it can still be refunded, and the other is released once storage works
	require.NoError(t, f.send(&types.MsgRefund{Controller: alice.String(), HoldId: second}))
	f.storage.failEndow = nil
	f.next(time.Hour + time.Minute)
	require.EqualValues(t, 9050, f.claimable(creator))
	_, err = f.k.GetHold(f.Ctx, id)
	require.ErrorIs(t, err, types.ErrHoldNotFound)
	require.EqualValues(t, stream-20_000, f.Balance(viewer))
}

func TestTenThousandHoldsDueAtOnce(t *testing.T) {
	const n, payers = 10_000, 7
	f := newFixture(t)
	f.setWindow(50)
	_, creator := f.creator("alice")
	film := f.work(creator, "film")
	for i := range n {
		viewer := f.Addr(fmt.Sprint("viewer", i%payers))
		if i < payers {
			f.Funded(fmt.Sprint("viewer", i), n*100)
		}
		// every second payment is due a little later
		if i == n/2 {
			f.next(time.Second)
		}
		_, _, err := f.hold(sale(viewer, film, 100))
		require.NoError(t, err)
		if i%50 == 0 {
			f.NextTx()
		}
	}
	f.next(60 * time.Second)
	left := func() int {
		gs, err := f.k.ExportGenesis(f.Ctx)
		require.NoError(t, err)
		return len(gs.Holds)
	}
	require.Equal(t, n, left())
	for block := 1; block <= n/types.MaxReleases; block++ {
		ctx := f.Ctx
		f.next(time.Second)
		if block%10 == 0 || block < 3 {
			require.Equal(t, n-block*types.MaxReleases, left(), "at most %d a block, and no fewer", types.MaxReleases)
			requireReleased(t, ctx, types.MaxReleases)
		}
		// first due first: the half that came first is gone before any of the other
		if block == n/types.MaxReleases/2 {
			gs, err := f.k.ExportGenesis(f.Ctx)
			require.NoError(t, err)
			for _, h := range gs.Holds {
				require.Equal(t, gs.Holds[0].ReleaseAt, h.ReleaseAt)
			}
		}
	}
	require.Zero(t, left())
	// of 100: endowment 2, pool 1, stakers 2, treasury 2, participation 1, burn 1
	require.EqualValues(t, n*91, f.claimable(creator))
}

func requireReleased(t *testing.T, ctx sdk.Context, want int) {
	t.Helper()
	got := 0
	for _, e := range ctx.EventManager().Events() {
		if e.Type == "streamchain.revenue.v1.EventReleased" {
			got++
		}
	}
	require.Equal(t, want, got)
}

func TestHoldsByPayer(t *testing.T) {
	f := newFixture(t)
	_, creator := f.creator("alice")
	film := f.work(creator, "film")
	viewer, other := f.Funded("viewer", stream), f.Funded("other", stream)
	for range 5 {
		_, _, err := f.hold(sale(viewer, film, 100))
		require.NoError(t, err)
		_, _, err = f.hold(sale(other, film, 100))
		require.NoError(t, err)
	}
	first, err := f.q.HoldsByPayer(f.Ctx, &types.QueryHoldsByPayerRequest{Payer: viewer.String(), Pagination: &query.PageRequest{Limit: 3}})
	require.NoError(t, err)
	require.Len(t, first.Holds, 3)
	rest, err := f.q.HoldsByPayer(f.Ctx, &types.QueryHoldsByPayerRequest{Payer: viewer.String(), Pagination: &query.PageRequest{Key: first.Pagination.NextKey, Limit: 1e9}})
	require.NoError(t, err)
	require.Len(t, rest.Holds, 2)
	for i, h := range append(first.Holds, rest.Holds...) {
		require.Equal(t, viewer.String(), h.Payment.Payer)
		require.EqualValues(t, i+1, h.Sequence)
	}
	for _, a := range badAddresses {
		_, err := f.q.HoldsByPayer(f.Ctx, &types.QueryHoldsByPayerRequest{Payer: a})
		require.ErrorIs(t, err, types.ErrInvalidAddress)
	}
}
