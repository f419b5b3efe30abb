package keeper_test

import (
	"fmt"
	"maps"
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/token"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	"github.com/streamchain/streamchain/x/storage/types"
)

// model drives the module and the oracle by the same random steps.
type model struct {
	*fixture
	o        *oracle
	alice    sdk.AccAddress
	works    []string
	names    []string
	started  map[string]int64 // each provider's coins after its bond
	inFlight int64            // endowed, and not yet sent
	donated  int64
}

func newModel(t *testing.T) *model {
	m := &model{fixture: bareFixture(t), started: map[string]int64{}}
	gs := types.DefaultGenesis()
	gs.Params.RequestTtlSeconds, gs.Params.MinDealSeconds = 60, 100
	gs.Params.PeriodSeconds, gs.Params.WindowSeconds = 20, 10
	require.NoError(t, m.k.InitGenesis(m.Ctx, *gs))
	m.o = newOracle(m.now(), 60, 100, 20)
	// a period that never ends: misses are booked by the model, and not for want of proofs
	require.NoError(t, m.k.SetPeriod(m.Ctx, types.Period{
		Number: 1, Phase: types.PERIOD_PHASE_OPEN, OpenedAt: m.now(), OpenedHeight: 1 << 40, Seed: make([]byte, 32), Reveals: make([]byte, 32),
	}))
	m.alice = m.creator("alice")
	first := m.work(m.alice, "first", gib, "")
	m.works = []string{first, m.work(m.alice, "second", gib/7, first), m.work(m.alice, "other", 3*gib/2, ""), m.work(m.alice, "small", 1, "")}
	for i, size := range []int64{gib, gib / 7, 3 * gib / 2, 1} {
		root := m.works[i]
		if i == 1 {
			root = first
		}
		m.o.addWork(m.works[i], root, size)
	}
	// prices of one, of a third and of none ustream a second and GiB, and two that do not divide
	for i, price := range []int64{perSecond, perSecond / 3, 0, 123_457, 77_777} {
		name := fmt.Sprint("p", i)
		msg := m.registerMsg(name)
		msg.PricePerGibDay = math.NewInt(price)
		network := name + ".com"
		if i == 4 { // a neighbour of the first
			network = "p0.com"
			msg.Endpoints = []string{"https://other.p0.com"}
		}
		m.must(msg)
		m.names = append(m.names, name)
		m.o.providers[m.Addr(name).String()] = &oracleProvider{
			price: price, network: network, bond: 1010 * stream, least: 1010 * stream, earned: new(big.Int),
		}
		m.started[name] = 990 * stream
	}
	return m
}

// same sends a message that must do what the oracle says.
func (m *model) same(want error, msg sdk.Msg) {
	m.T.Helper()
	if want == nil {
		m.must(msg)
		return
	}
	before := m.state()
	require.ErrorIs(m.T, m.send(msg), want)
	require.Equal(m.T, before, m.state())
}

func (m *model) step(t *rapid.T) {
	work := rapid.SampledFrom(m.works).Draw(t, "work")
	name := rapid.SampledFrom(m.names).Draw(t, "provider")
	operator := m.Addr(name).String()
	switch rapid.IntRange(0, 19).Draw(t, "step") {
	case 0, 1:
		m.request(work, name, rapid.Int64Range(0, 60).Draw(t, "prepayment"))
	case 2, 3:
		m.same(m.o.accept(work, operator), m.acceptMsg(name, work))
	case 4:
		m.same(m.o.end(work, operator, true), &types.MsgEndDeal{Signer: m.agent(name).String(), Work: work, Operator: operator})
	case 5:
		m.same(m.o.end(work, operator, false), &types.MsgEndDeal{Signer: m.alice.String(), Work: work, Operator: operator})
	case 6, 7:
		m.money(t, work)
	case 8, 9:
		works := rapid.SliceOfN(rapid.SampledFrom(m.works), 0, 4).Draw(t, "works")
		m.same(m.o.claim(operator, works), m.claimMsg(name, works...))
	case 10:
		if rapid.IntRange(0, 9).Draw(t, "retire") == 0 && !m.o.retired[m.o.rootOf[work]] {
			_, err := m.publish.Retire(m.Ctx, &contenttypes.MsgRetire{Controller: m.alice.String(), Work: work})
			require.NoError(m.T, err)
			m.o.retire(m.o.rootOf[work])
		}
	case 11:
		m.same(m.o.refuse(work, operator), &types.MsgRefuseWork{Agent: m.agent(name).String(), Work: work, Denylist: "list"})
	case 12:
		m.reportLoss(work, name)
	case 13, 14:
		m.repair(t, work, name)
	case 15:
		m.miss(t, name)
	case 16:
		m.addBond(t, name)
	case 17:
		m.median()
	default:
		m.pass(rapid.SampledFrom([]int64{0, 1, 1, 2, 7, 33, 61, 200}).Draw(t, "seconds"))
	}
}

func (m *model) request(work, name string, prepayment int64) {
	if err := m.o.request(work, m.Addr(name).String()); err != nil {
		m.same(err, m.askMsg(m.alice, work, 7, name))
		return
	}
	m.o.pay(work, prepayment)
	m.ask(m.alice, work, prepayment, name)
}

func (m *model) reportLoss(work, name string) {
	operator := m.Addr(name).String()
	var want error
	switch d := m.o.deal(work, operator); {
	case d == nil:
		want = types.ErrDealNotFound
	case !d.active:
		want = types.ErrDealNotActive
	default:
		m.o.close(work, operator, new(big.Int))
	}
	m.same(want, &types.MsgReportLoss{Agent: m.agent(name).String(), Works: []string{work}})
}

// repair takes a copy that is wanted, where there is one.
func (m *model) repair(t *rapid.T, work, name string) {
	had := m.Addr(rapid.SampledFrom(m.names).Draw(t, "had")).String()
	if open := slices.SortedFunc(maps.Keys(m.o.repairs), byKey); len(open) > 0 {
		row := rapid.SampledFrom(open).Draw(t, "row")
		work, had = row[0], row[1]
	}
	m.same(m.o.repair(work, m.Addr(name).String(), had), m.repairMsg(name, work, had))
}

// miss books a miss of a provider, which has lost some of its works.
func (m *model) miss(t *rapid.T, name string) {
	operator := m.Addr(name).String()
	var lost []string
	for _, work := range m.works {
		if d := m.o.deal(work, operator); d != nil && d.active && rapid.Bool().Draw(t, "lost") {
			lost = append(lost, work)
		}
	}
	// often enough in a row that slashing and termination are reached
	for range rapid.SampledFrom([]int{1, 1, 2, 3, 7}).Draw(t, "misses") {
		m.o.miss(operator, lost)
		require.NoError(m.T, m.k.Miss(m.Ctx, operator, lost...))
		lost = nil
	}
}

func (m *model) addBond(t *rapid.T, name string) {
	p, amount := m.o.providers[m.Addr(name).String()], rapid.Int64Range(1, 15*stream).Draw(t, "bond")
	msg := &types.MsgAddBond{Operator: m.Funded(name, amount).String(), Amount: math.NewInt(amount)}
	if p.leaving {
		m.started[name] += amount
		m.same(types.ErrProviderInactive, msg)
		return
	}
	p.bond += amount
	m.must(msg)
}

// median takes the lower of the middle prices of who is active.
func (m *model) median() {
	var prices []int64
	for _, p := range m.o.providers {
		if !p.leaving {
			prices = append(prices, p.price)
		}
	}
	slices.Sort(prices)
	m.o.median = 0
	if len(prices) > 0 {
		m.o.median = prices[(len(prices)-1)/2]
	}
	require.NoError(m.T, m.k.UpdateMedian(m.Ctx))
}

// money pays into an escrow in one of the ways that there are.
func (m *model) money(t *rapid.T, work string) {
	amount := rapid.Int64Range(1, 90).Draw(t, "amount")
	switch rapid.IntRange(0, 5).Draw(t, "how") {
	case 0:
		if m.o.retired[m.o.rootOf[work]] {
			return
		}
		m.o.pay(work, amount)
		m.must(&types.MsgFundWork{Funder: m.Funded("fan", amount).String(), Work: work, Amount: token.Coin(amount)})
	case 1, 2:
		m.o.endow(work, amount)
		m.inFlight += amount
		require.NoError(m.T, m.k.Endow(m.Ctx, m.o.rootOf[work], math.NewInt(amount)))
	case 3, 4:
		m.inFlight += amount
		m.o.pool.Add(m.o.pool, times(billion, amount))
		require.NoError(m.T, m.k.FundPool(m.Ctx, math.NewInt(amount)))
	default:
		m.donated += amount
		m.fund(amount)
	}
}

// pass ends the block, with the coins that x/revenue owes, and lets live time pass.
func (m *model) pass(seconds int64) {
	if m.inFlight > 0 {
		m.fund(m.inFlight)
		m.inFlight = 0
	}
	require.NoError(m.T, m.k.EndBlock(m.Ctx))
	m.o.endBlock()
	require.NoError(m.T, m.k.CheckInvariants(m.Ctx))
	m.jump(time.Duration(seconds) * time.Second)
	for range seconds {
		m.o.tick()
	}
}

// check compares every row and balance with the oracle.
func (m *model) check() {
	for _, work := range m.works {
		root := m.o.root(work)
		e := m.escrow(work).Escrow
		require.Equal(m.T, root.balance.String(), e.Balance.String())
		require.Equal(m.T, root.need().String(), e.Rate.String())
		require.Equal(m.T, root.endowed.String(), e.PaidIn.String())
		require.Equal(m.T, root.granted.String(), e.FromPool.String())
		require.Equal(m.T, root.checkAt, e.CheckAt)
		require.EqualValues(m.T, len(root.deals), e.Deals)
		owed := new(big.Int)
		for _, d := range root.deals {
			owed.Add(owed, times(d.rate, d.seconds))
		}
		require.Equal(m.T, owed.String(), e.Owed.String())
	}
	for _, name := range m.names {
		m.checkProvider(name)
	}
	pool, err := m.k.Pool(m.Ctx)
	require.NoError(m.T, err)
	require.Equal(m.T, m.o.pool.String(), pool.String())
	m.checkRepairs()
	m.checkConserved()
}

func (m *model) checkProvider(name string) {
	operator := m.Addr(name).String()
	p := m.o.providers[operator]
	res, err := m.q.Claimable(m.Ctx, &types.QueryClaimableRequest{Operator: operator})
	require.NoError(m.T, err)
	require.Equal(m.T, p.earned.String(), res.Settled.String())
	for _, a := range res.Accruals {
		rate, bounty, _ := m.o.pays(a.Work, operator)
		require.Equal(m.T, new(big.Int).Add(rate, bounty).String(), a.Amount.String())
	}
	require.EqualValues(m.T, m.started[name]+p.paid, m.Balance(m.Addr(name)))
	require.EqualValues(m.T, p.bond, m.row(name).Bond.Int64())
	require.Equal(m.T, p.leaving, m.row(name).Status == types.PROVIDER_STATUS_LEAVING)
}

func (m *model) checkRepairs() {
	res, err := m.q.Repairs(m.Ctx, &types.QueryRepairsRequest{})
	require.NoError(m.T, err)
	require.Len(m.T, res.Repairs, len(m.o.repairs))
	for _, r := range res.Repairs {
		row := m.o.repairs[[2]string{r.Work, r.Operator}]
		require.NotNil(m.T, row)
		require.Equal(m.T, []any{row.bounty.String(), row.most.String(), row.network, row.opened},
			[]any{r.Bounty.String(), r.MaxRate.String(), r.NetworkPrefix, r.OpenedAt})
	}
}

// checkConserved adds everything up: to the nano, it is what was paid in and not paid out.
func (m *model) checkConserved() {
	gs, err := m.k.ExportGenesis(m.Ctx)
	require.NoError(m.T, err)
	sum := gs.Pool
	for _, p := range gs.Providers {
		sum = sum.Add(types.Nano(p.Bond))
	}
	serving := math.ZeroInt()
	for _, s := range gs.Servings {
		serving = serving.Add(s.PaidIn).Sub(s.PaidOut)
	}
	require.Equal(m.T, m.o.serving.String(), serving.String())
	sum = sum.Add(serving)
	for _, e := range gs.Escrows {
		sum = sum.Add(e.Balance).Add(e.Owed)
	}
	for _, d := range gs.Deals {
		sum = sum.Add(d.BountyLeft)
	}
	for _, r := range gs.Repairs {
		sum = sum.Add(r.Bounty)
	}
	for _, e := range gs.Earnings {
		sum = sum.Add(e.Amount)
	}
	held := m.ModuleBalance(types.ModuleName) - m.donated + m.inFlight
	require.Equal(m.T, types.Nano(math.NewInt(held)).String(), sum.String())
	require.Equal(m.T, sum.String(), m.o.total().String())
}

// In whatever order deals are asked for, accepted, paid for, missed, lost, refused, repaired,
// settled and ended, each earns to the nano what counting every second says, and nothing appears
// or disappears.
func TestModelAgainstOracle(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := newModel(t)
		m.median()
		// begin with deals that earn: most random walks would take long to get there
		for _, name := range m.names[:rapid.IntRange(0, 4).Draw(rt, "begun")] {
			if rapid.Bool().Draw(rt, "missed") {
				m.o.miss(m.Addr(name).String(), nil)
				require.NoError(t, m.k.Miss(m.Ctx, m.Addr(name).String()))
			}
			for _, work := range m.works[:3] {
				m.request(work, name, 40)
				require.NoError(t, m.o.accept(work, m.Addr(name).String()))
				m.accept(name, work)
			}
		}
		if rapid.Bool().Draw(rt, "kept") {
			m.inFlight = 100
			m.o.pool.Add(m.o.pool, times(billion, 100))
			require.NoError(t, m.k.FundPool(m.Ctx, math.NewInt(100)))
			for _, work := range m.works[:3] {
				m.inFlight += 20
				m.o.endow(work, 20)
				require.NoError(t, m.k.Endow(m.Ctx, m.o.rootOf[work], math.NewInt(20)))
			}
		}
		for range rapid.IntRange(1, 40).Draw(rt, "steps") {
			m.step(rt)
			m.check()
		}
		m.pass(1)
		m.check()
	})
}
