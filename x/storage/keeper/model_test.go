package keeper_test

import (
	"fmt"
	"math/big"
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
	started  int64 // each provider's coins after its bond
	inFlight int64 // endowed, and not yet sent
	pool     int64
}

func newModel(t *testing.T) *model {
	m := &model{fixture: bareFixture(t)}
	gs := types.DefaultGenesis()
	gs.Params.RequestTtlSeconds, gs.Params.MinDealSeconds = 60, 100
	require.NoError(t, m.k.InitGenesis(m.Ctx, *gs))
	m.o = newOracle(m.now(), 60, 100)
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
	// prices of one, of a third and of none ustream a second and GiB, and one that does not divide
	for i, price := range []int64{perSecond, perSecond / 3, 0, 123_457} {
		name := fmt.Sprint("p", i)
		msg := m.registerMsg(name)
		msg.PricePerGibDay = math.NewInt(price)
		m.must(msg)
		m.names = append(m.names, name)
		m.o.prices[m.Addr(name).String()] = price
	}
	m.started = 990 * stream
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
	switch rapid.IntRange(0, 11).Draw(t, "step") {
	case 0, 1:
		if m.o.request(work, operator) == nil {
			amount := rapid.Int64Range(0, 60).Draw(t, "prepayment")
			m.o.pay(work, amount)
			m.ask(m.alice, work, amount, name)
			return
		}
		require.Error(m.T, m.send(m.askMsg(m.alice, work, 7, name)))
	case 2, 3:
		m.same(m.o.accept(work, operator), m.acceptMsg(name, work))
	case 4:
		m.same(m.o.end(work, operator, true), &types.MsgEndDeal{Signer: m.agent(name).String(), Work: work, Operator: operator})
	case 5:
		m.same(m.o.end(work, operator, false), &types.MsgEndDeal{Signer: m.alice.String(), Work: work, Operator: operator})
	case 6:
		m.money(t, work)
	case 7, 8:
		works := rapid.SliceOfN(rapid.SampledFrom(m.works), 0, 4).Draw(t, "works")
		m.same(m.o.claim(operator, works), m.claimMsg(name, works...))
	case 9:
		if rapid.IntRange(0, 9).Draw(t, "retire") == 0 && !m.o.retired[m.o.rootOf[work]] {
			_, err := m.publish.Retire(m.Ctx, &contenttypes.MsgRetire{Controller: m.alice.String(), Work: work})
			require.NoError(m.T, err)
			m.o.retire(m.o.rootOf[work])
		}
	default:
		m.pass(rapid.SampledFrom([]int64{0, 1, 1, 2, 7, 33, 61}).Draw(t, "seconds"))
	}
}

// money pays into an escrow in one of the ways that there are.
func (m *model) money(t *rapid.T, work string) {
	amount := rapid.Int64Range(1, 90).Draw(t, "amount")
	switch rapid.IntRange(0, 3).Draw(t, "how") {
	case 0:
		if m.o.retired[m.o.rootOf[work]] {
			return
		}
		m.o.pay(work, amount)
		m.must(&types.MsgFundWork{Funder: m.Funded("fan", amount).String(), Work: work, Amount: token.Coin(amount)})
	case 1:
		m.o.pay(work, amount)
		m.inFlight += amount
		require.NoError(m.T, m.k.Endow(m.Ctx, m.o.rootOf[work], math.NewInt(amount)))
	case 2:
		m.inFlight, m.pool = m.inFlight+amount, m.pool+amount
		require.NoError(m.T, m.k.FundPool(m.Ctx, math.NewInt(amount)))
	default:
		m.fund(amount) // a donation
	}
}

// pass ends the block, with the coins that x/revenue owes, and lets live time pass.
func (m *model) pass(seconds int64) {
	if m.inFlight > 0 {
		m.fund(m.inFlight)
		m.inFlight = 0
	}
	require.NoError(m.T, m.k.EndBlock(m.Ctx))
	m.o.expire()
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
		require.EqualValues(m.T, len(root.deals), e.Deals)
		owed := new(big.Int)
		for _, d := range root.deals {
			owed.Add(owed, d.accrued)
		}
		require.Equal(m.T, owed.String(), e.Owed.String())
	}
	for _, name := range m.names {
		operator := m.Addr(name).String()
		res, err := m.q.Claimable(m.Ctx, &types.QueryClaimableRequest{Operator: operator})
		require.NoError(m.T, err)
		require.Equal(m.T, m.o.earning(operator).String(), res.Settled.String())
		for _, a := range res.Accruals {
			require.Equal(m.T, m.o.deal(a.Work, operator).accrued.String(), a.Amount.String())
		}
		require.EqualValues(m.T, m.started+m.o.paid[operator], m.Balance(m.Addr(name)))
	}
	pool, err := m.k.Pool(m.Ctx)
	require.NoError(m.T, err)
	require.Equal(m.T, types.Nano(math.NewInt(m.pool)).String(), pool.String())
}

// In whatever order deals are asked for, accepted, paid for, settled and ended, each earns to
// the nano what counting every second says.
func TestModelAgainstOracle(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := newModel(t)
		// begin with deals that earn: most random walks would take long to get there
		for _, name := range m.names[:rapid.IntRange(0, 4).Draw(rt, "begun")] {
			for _, work := range m.works[:3] {
				require.NoError(t, m.o.request(work, m.Addr(name).String()))
				m.o.pay(work, 40)
				m.ask(m.alice, work, 40, name)
				require.NoError(t, m.o.accept(work, m.Addr(name).String()))
				m.accept(name, work)
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
