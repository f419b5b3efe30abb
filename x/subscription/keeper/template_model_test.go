package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/token"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	"github.com/streamchain/streamchain/x/subscription/types"
)

// exact checks that custody holds what it owes to the ustream: nothing was lost in it, and nothing made.
func (f *fixture) exact() {
	f.T.Helper()
	owed, err := f.revenue.Liabilities(f.Ctx)
	require.NoError(f.T, err)
	held, err := f.k.HeldTotal(f.Ctx)
	require.NoError(f.T, err)
	custody := sdk.NewCoins(token.Coin(f.ModuleBalance(revenuetypes.ModuleName))).Add(f.revenue.InFlight(f.Ctx)...)
	require.Equal(f.T, owed.Add(held...).String(), custody.String())
}

// TestTemplateModel buys, gives back and waits at random, by every template that StreamChain comes with, and after every step no coin
// is lost or made, every ledger is covered, and the counts are those of a plain list of what happened.
func TestTemplateModel(t *testing.T) {
	var sold, back, revoked int
	defer func() {
		if !t.Failed() {
			require.True(t, sold > 100 && back > 0 && revoked > 5, "%d sold, %d given back, %d revoked: too few to show anything", sold, back, revoked)
		}
	}()
	rapid.Check(t, func(r *rapid.T) {
		m := newMarket(t)
		params := revenuetypes.DefaultParams()
		params.RefundWindowSeconds = 7200
		require.NoError(t, m.fixture.revenue.UpdateParams(m.Ctx, params))
		m.offer(m.alice, m.work)
		series := m.collection(m.alice, m.work, m.unsold)
		names := []string{
			"collective-bundle", "early-access", "first-n-free", "patronage-tiers", "pay-what-you-want", "referral", "rental-extension", "staged-course",
		}
		ids := make([]string, len(names))
		for i, name := range names {
			ids[i] = m.publish(shipped(t, m.bob, name))
		}
		viewers := []sdk.AccAddress{m.buyer, m.owner, m.Funded("carol", 500*stream)}
		m.tiers[m.owner.String()] = streamtypes.TIER_PLATINUM
		items := []string{m.unsold, series}
		for _, item := range items {
			m.offer(m.alice, item, types.NewTemplateOffer(rapid.SampledFrom(ids).Draw(r, "template")))
		}
		type bought struct {
			viewer, payer sdk.AccAddress
			item, hold    string
			price         int64
		}
		var list []bought
		for range rapid.IntRange(5, 40).Draw(r, "steps") {
			viewer := rapid.SampledFrom(viewers).Draw(r, "viewer")
			item := rapid.SampledFrom(items).Draw(r, "item")
			switch rapid.IntRange(0, 7).Draw(r, "step") {
			case 0, 1, 2:
				payer := rapid.SampledFrom(viewers).Draw(r, "payer")
				msg := &types.MsgPurchaseByTemplate{Buyer: payer.String(), Work: item, OffersVersion: m.offersVersion(item), MaxPrice: token.Coin(40 * stream), Recipient: viewer.String()}
				if rapid.Bool().Draw(r, "pays what it wants") {
					pay := token.Coin(rapid.Int64Range(1, 20*stream).Draw(r, "pay"))
					msg.Pay = &pay
				}
				if rapid.Bool().Draw(r, "was brought") {
					msg.Referrer = rapid.SampledFrom(viewers).Draw(r, "referrer").String()
				}
				before, balance := m.state(), m.Balance(payer)
				if err := m.send(msg); err != nil {
					require.Equal(t, before, m.state(), "a refusal changes nothing: %s", err)
					break
				}
				standing, _ := m.standing(viewer, item)
				b := bought{viewer: viewer, payer: payer, item: item}
				if n := len(standing.Recent); n > 0 {
					b.hold, b.price = standing.Recent[n-1].HoldId, int64(standing.Recent[n-1].Price)
				}
				require.LessOrEqual(t, balance-m.Balance(payer), b.price)
				require.GreaterOrEqual(t, balance-m.Balance(payer), b.price*9_800/10_000)
				list, sold = append(list, b), sold+1
			case 3:
				before := m.state()
				amount, err := m.giveBack(viewer, item)
				if err != nil {
					require.Equal(t, before, m.state())
					break
				}
				back++
				// the last one of this viewer and item that has a payment
				for i := len(list) - 1; i >= 0; i-- {
					if b := list[i]; b.viewer.Equals(viewer) && b.item == item {
						require.True(t, b.payer.Equals(viewer), "whoever paid has it back")
						require.LessOrEqual(t, amount, b.price)
						list = append(list[:i], list[i+1:]...)
						break
					}
				}
			case 4:
				if len(list) == 0 {
					break
				}
				i := rapid.IntRange(0, len(list)-1).Draw(r, "which")
				if _, err := m.fixture.revenue.Refund(m.Ctx, m.alice, list[i].hold); err == nil {
					list, revoked = append(list[:i], list[i+1:]...), revoked+1
				}
			case 5:
				m.offer(m.alice, item, types.NewTemplateOffer(rapid.SampledFrom(ids).Draw(r, "template")))
			case 6:
				m.next(time.Duration(rapid.IntRange(1, 3600).Draw(r, "seconds")) * time.Second)
			case 7:
				m.next(7201 * time.Second)
			}
			m.check()
			m.exact()
			for _, item := range items {
				sales, gross := 0, int64(0)
				for _, b := range list {
					if b.item == item {
						sales, gross = sales+1, gross+b.price
					}
				}
				_, totals := m.standing(m.buyer, item)
				require.EqualValues(t, sales, totals.Sales)
				require.EqualValues(t, gross, totals.Gross)
			}
		}
		// whatever happened, it survives an export and an import
		gs, err := m.k.ExportGenesis(m.Ctx)
		require.NoError(t, err)
		other := m.copy()
		exported, err := other.k.ExportGenesis(other.Ctx)
		require.NoError(t, err)
		require.Equal(t, gs, exported)
	})
}
