package keeper_test

import (
	"slices"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/streamchain/streamchain/token"
	"github.com/streamchain/streamchain/x/subscription/types"
)

// check compares all that can be seen, to the unit and to the second.
func (m *model) check(t *rapid.T) {
	m.fixture.check()
	for who, amount := range m.o.purse {
		require.Equal(t, amount, m.Balance(m.account[who]), who)
	}
	// every coin is somewhere: what is missing from the supply was burned by the sweep of a sale
	sum := m.revenue.InFlight(m.Ctx).AmountOf(token.BaseDenom)
	for _, b := range m.Bank.GetAccountsBalances(m.Ctx) {
		sum = sum.Add(b.Coins.AmountOf(token.BaseDenom))
	}
	supply := m.Bank.GetSupply(m.Ctx, token.BaseDenom).Amount
	require.Equal(t, supply.String(), sum.String())
	require.True(t, supply.LTE(m.supply))
	gs, err := m.k.ExportGenesis(m.Ctx)
	require.NoError(t, err)
	m.checkOffers(t, gs)
	m.checkPlans(t, gs)
	m.checkBought(t, gs)
	m.checkRevenue(t)
	for work := range m.o.works {
		m.checkAccess(t, "", work)
		for _, viewer := range m.people {
			m.checkAccess(t, viewer, work)
		}
	}
}

func (m *model) checkOffers(t *rapid.T, gs *types.GenesisState) {
	require.Len(t, gs.Offers, len(m.o.lists))
	for _, l := range gs.Offers {
		got := oracleList{version: l.Version, at: l.SetAt, kinds: []types.OfferKind{}}
		for _, o := range l.Offers {
			got.kinds = append(got.kinds, o.KindOf())
			if p := o.GetPurchase(); p != nil {
				got.price = p.Price.Amount.Int64()
			}
			if o.GetMetered() != nil {
				got.tick = o.GetMetered().PricePerTick.Int64()
			}
		}
		got.plans = l.PlanIDs()
		require.Equal(t, m.o.lists[l.Work], got)
	}
}

func (m *model) checkPlans(t *rapid.T, gs *types.GenesisState) {
	require.Len(t, gs.Plans, len(m.o.plans))
	for _, r := range gs.Plans {
		want, p := m.o.plan(r.Plan.Id), r.Plan
		require.NotNil(t, want)
		require.ElementsMatch(t, want.works, r.Works)
		got := oraclePlan{
			id: p.Id, creator: want.creator, title: p.Title, price: p.Price.Amount.Int64(), period: p.PeriodSeconds,
			since: p.CreatedAt, closed: p.Closed, works: want.works,
		}
		require.Equal(t, *want, got)
		require.Equal(t, want.works == nil, p.Coverage == types.COVERAGE_ALL)
	}
}

func (m *model) checkBought(t *rapid.T, gs *types.GenesisState) {
	owned := map[[2]string]oracleOwned{}
	for _, e := range gs.Entitlements {
		owned[[2]string{e.Viewer, e.Work}] = oracleOwned{e.HoldId, e.BoughtAt, e.Price.Amount.Int64()}
	}
	require.Equal(t, m.o.owned, owned)
	subs := map[[2]string]oracleSub{}
	for _, s := range gs.Subscriptions {
		subs[[2]string{s.Viewer, s.Plan}] = oracleSub{s.StartedAt, s.ExpiresAt}
	}
	require.Equal(t, m.o.subs, subs)
}

// checkRevenue compares what waits to be shared out and what was.
func (m *model) checkRevenue(t *rapid.T) {
	gs, err := m.revenue.ExportGenesis(m.Ctx)
	require.NoError(t, err)
	holds := map[string]oracleHold{}
	for _, h := range gs.Holds {
		holds[h.Id] = oracleHold{h.Payment.Payer, h.Payment.Reference, h.Payment.Subject, h.Payment.Gross.Amount.Int64(), h.ReleaseAt}
	}
	require.Equal(t, m.o.holds, holds)
	gross := map[string]int64{}
	for _, total := range gs.Totals {
		gross[total.Subject] = total.Gross.Int64()
	}
	require.Equal(t, m.o.gross, gross)
}

func (m *model) checkAccess(t *rapid.T, viewer, work string) {
	d := m.access(viewer, work)
	by, until := m.o.access(viewer, work)
	require.Equal(t, []any{by, until, by != types.ACCESS_BY_UNSPECIFIED}, []any{d.By, d.Until, d.Granted}, "%s, %s", viewer, work)
	list, w := m.o.lists[work], m.o.works[work]
	require.Equal(t, list.version, d.OffersVersion)
	var costs []types.OfferCost
	if w.active() {
		costs = m.o.costs(work)
	}
	require.Equal(t, costs, d.Offers)
	require.Equal(t, w.active() && list.tick > 0, d.Metered != nil)
	if !d.Granted {
		switch {
		case w.restricted:
			require.Equal(t, types.ReasonWorkRestricted, d.Reason)
		case w.retired:
			require.Equal(t, types.ReasonWorkRetired, d.Reason)
		case len(costs) == 0:
			require.Equal(t, types.ReasonNotOffered, d.Reason)
		default:
			require.Equal(t, types.ReasonPaymentRequired, d.Reason)
		}
	}
}

// costs are the prices that a work is sold for, in the order of its list, then of the plans.
func (o *oracle) costs(work string) []types.OfferCost {
	var out []types.OfferCost
	list := o.lists[work]
	for _, kind := range list.kinds {
		switch kind {
		case types.OFFER_KIND_FREE:
			out = append(out, types.OfferCost{Kind: kind, Price: token.Coin(0)})
		case types.OFFER_KIND_PURCHASE:
			out = append(out, types.OfferCost{Kind: kind, Price: token.Coin(list.price)})
		case types.OFFER_KIND_METERED:
			out = append(out, types.OfferCost{Kind: kind, Price: token.Coin(list.tick), Seconds: 2})
		}
	}
	plans := slices.Clone(o.plans)
	plans = slices.DeleteFunc(plans, func(p *oraclePlan) bool { return p.closed || !o.covers(p, work) })
	for _, p := range plans {
		out = append(out, types.OfferCost{Kind: types.OFFER_KIND_PLAN, Price: token.Coin(p.price), Seconds: p.period, Plan: p.id})
	}
	return out
}
