package keeper_test

import (
	"slices"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/streamchain/streamchain/token"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	"github.com/streamchain/streamchain/x/subscription/types"
)

// allEvery is how many steps there are between two comparisons of everything: they cost far more than a step.
const allEvery = 8

// check compares all coins after every step, and everything else after some and at the end.
func (m *model) check(t *rapid.T) {
	m.checkCoins(t)
	if m.steps++; m.steps%allEvery == 0 {
		m.checkAll(t)
	}
}

// checkCoins: every account has what it should have, every coin is somewhere, and custody holds exactly what
// it owes.
func (m *model) checkCoins(t *rapid.T) {
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
	held, err := m.k.HeldTotal(m.Ctx)
	require.NoError(t, err)
	paid := int64(0)
	for _, s := range m.o.subs {
		for _, p := range s.periods {
			paid += p.price
		}
	}
	require.Equal(t, paid, held.AmountOf(token.BaseDenom).Int64(), "periods that have not ended")
	owed, err := m.revenue.Liabilities(m.Ctx)
	require.NoError(t, err)
	custody := m.ModuleBalance(revenuetypes.ModuleName) + m.revenue.InFlight(m.Ctx).AmountOf(token.BaseDenom).Int64()
	require.Equal(t, owed.AmountOf(token.BaseDenom).Int64()+paid, custody)
}

// checkAll compares all that can be seen, to the unit and to the second.
func (m *model) checkAll(t *rapid.T) {
	m.fixture.check()
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
			if !slices.Contains(got.kinds, o.KindOf()) {
				got.kinds = append(got.kinds, o.KindOf())
			}
			switch {
			case o.GetPurchase() != nil:
				got.price = o.GetPurchase().Price.Amount.Int64()
			case o.GetMetered() != nil:
				got.tick = o.GetMetered().PricePerTick.Int64()
			case o.GetPayWhatYouWant() != nil:
				got.least = o.GetPayWhatYouWant().Minimum.Amount.Int64()
			case o.GetTier() != nil:
				got.tier = o.GetTier().Tier
			case o.GetToken() != nil:
				got.token = o.GetToken().Minimum.Amount.Int64()
			case o.GetRental() != nil:
				if got.rentals == nil {
					got.rentals = map[int64]int64{}
				}
				got.rentals[o.GetRental().DurationSeconds] = o.GetRental().Price.Amount.Int64()
				got.lengths = append(got.lengths, o.GetRental().DurationSeconds)
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
			since: p.CreatedAt, closed: p.Closed, works: want.works, trial: p.TrialSeconds, least: p.MinSeconds, seats: p.MaxSubscribers,
		}
		require.Equal(t, *want, got)
		require.Equal(t, want.works == nil, p.Coverage == types.COVERAGE_ALL)
	}
}

func (m *model) checkBought(t *rapid.T, gs *types.GenesisState) {
	owned := map[[2]string]oracleOwned{}
	for _, e := range gs.Entitlements {
		owned[[2]string{e.Viewer, e.Work}] = oracleOwned{e.HoldId, e.BoughtAt, e.Price.Amount.Int64(), int64(e.CollectionVersion)}
	}
	require.Equal(t, m.o.owned, owned)
	rented := map[[2]string]oracleRented{}
	for _, r := range gs.Rentals {
		rented[[2]string{r.Viewer, r.Work}] = oracleRented{r.HoldId, r.RentedAt, r.ExpiresAt, r.Price.Amount.Int64(), int64(r.CollectionVersion)}
	}
	require.Equal(t, m.o.rented, rented)
	tried := map[[2]string]bool{}
	for _, had := range gs.Trials {
		tried[[2]string{had.Viewer, had.Plan}] = true
	}
	require.Equal(t, m.o.tried, tried)
	require.Len(t, gs.Subscriptions, len(m.o.subs))
	for _, s := range gs.Subscriptions {
		want := m.o.subs[[2]string{s.Viewer, s.Plan}]
		require.NotNil(t, want)
		plan := m.o.plan(s.Plan)
		got := oracleSub{from: s.StartedAt, end: s.PeriodStartedAt, due: s.DueAt, attempts: int64(s.Attempts)}
		if s.Mandate != nil {
			got.payer, got.most, got.renewals = s.Mandate.Payer, s.Mandate.MaxPrice.Amount.Int64(), s.Mandate.Renewals
		}
		for _, p := range s.Prepaid {
			for range p.Periods {
				got.periods = append(got.periods, oraclePeriod{p.Payer, p.Price.Amount.Int64(), got.end, got.end + plan.period})
				got.end += plan.period
			}
		}
		require.Equal(t, got.end, s.ExpiresAt)
		if len(want.periods) == 0 {
			want.periods = nil
		}
		require.Equal(t, *want, got)
	}
}

// checkRevenue compares what waits to be shared out and what was.
func (m *model) checkRevenue(t *rapid.T) {
	gs, err := m.revenue.ExportGenesis(m.Ctx)
	require.NoError(t, err)
	require.Len(t, gs.Holds, len(m.o.holds))
	for _, h := range gs.Holds {
		want, p := m.o.holds[h.Id], h.Payment
		require.Equal(t, []any{want.payer, want.reference, want.subject, want.amount, want.due},
			[]any{p.Payer, p.Reference, p.Subject, p.Gross.Amount.Int64(), h.ReleaseAt})
	}
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
	metered := slices.ContainsFunc(m.o.offering(work), func(id string) bool { return m.o.lists[id].tick > 0 })
	require.Equal(t, w.active() && metered, d.Metered != nil)
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

// costs are the prices that a work is sold for, in the order of its list, then of the plans, then of the
// collections that it is in.
func (o *oracle) costs(work string) []types.OfferCost {
	out := o.listCosts(work, "")
	plans := slices.Clone(o.plans)
	plans = slices.DeleteFunc(plans, func(p *oraclePlan) bool { return p.closed || !o.covers(p, work) })
	for _, p := range plans {
		out = append(out, types.OfferCost{Kind: types.OFFER_KIND_PLAN, Price: token.Coin(p.price), Seconds: p.period, Plan: p.id})
	}
	for _, id := range o.offering(work)[1:] {
		out = append(out, o.listCosts(id, id)...)
	}
	return out
}

func (o *oracle) listCosts(id, through string) (out []types.OfferCost) {
	list := o.lists[id]
	for _, kind := range list.kinds {
		cost := types.OfferCost{Kind: kind, Collection: through, Price: token.Coin(0)}
		switch kind {
		case types.OFFER_KIND_PURCHASE:
			cost.Price = token.Coin(list.price)
		case types.OFFER_KIND_METERED:
			cost.Price, cost.Seconds = token.Coin(list.tick), 2
		case types.OFFER_KIND_PAY_WHAT_YOU_WANT:
			cost.Price = token.Coin(list.least)
		case types.OFFER_KIND_TOKEN:
			cost.Price = token.Coin(list.token)
		case types.OFFER_KIND_TIER:
			cost.Tier = list.tier
		case types.OFFER_KIND_PLAN:
			continue
		case types.OFFER_KIND_RENTAL:
			for _, length := range list.lengths {
				cost.Price, cost.Seconds = token.Coin(list.rentals[length]), length
				out = append(out, cost)
			}
			continue
		}
		out = append(out, cost)
	}
	return out
}
