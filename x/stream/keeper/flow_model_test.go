package keeper_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/testutil/keepertest"
	"github.com/streamchain/streamchain/token"
	"github.com/streamchain/streamchain/x/stream/keeper"
	"github.com/streamchain/streamchain/x/stream/types"
)

// flowOracle is the promise of flows in fractions, written apart from their code: what was earned
// is one fraction since the last change of the rate, and never counted in steps.
type flowOracle struct {
	deposited, settled, paid *big.Int // in all; earned before the last change of the rate; withdrawn
	since                    *big.Rat // earned since
	rate                     *big.Rat
	at, starts               int64
	paused                   bool
	sender, recipient        string
}

func (o *flowOracle) earned() *big.Int {
	whole := new(big.Int).Quo(o.since.Num(), o.since.Denom())
	return whole.Add(whole, o.settled)
}

func (o *flowOracle) run(now int64) {
	from := max(o.at, o.starts)
	if o.at = max(o.at, now); o.paused || now <= from {
		return
	}
	o.since.Add(o.since, new(big.Rat).Mul(o.rate, new(big.Rat).SetInt64(now-from)))
	if o.earned().Cmp(o.deposited) >= 0 {
		o.settled, o.since = new(big.Int).Set(o.deposited), new(big.Rat)
	}
}

// flowModel is the keeper on a clock and a custody of its own, so that years pass in a step.
type flowModel struct {
	*keepertest.Env
	k       *keeper.Keeper
	msg     types.MsgServer
	clock   *flowClock
	custody *flowCustody
	flows   map[string]*flowOracle
	ids     []string
	people  []sdk.AccAddress
}

type flowClock struct{ now int64 }

func (c *flowClock) Now(context.Context) (int64, error) { return c.now, nil }

// flowCustody counts what came in and what went out, and whom to.
type flowCustody struct {
	types.RevenueKeeper
	held *big.Int
	out  map[string]*big.Int
}

func (c *flowCustody) Collect(_ context.Context, _ sdk.AccAddress, coin sdk.Coin) error {
	c.held.Add(c.held, coin.Amount.BigInt())
	return nil
}

func (c *flowCustody) Release(_ context.Context, to sdk.AccAddress, coin sdk.Coin) error {
	if c.held.Cmp(coin.Amount.BigInt()) < 0 {
		return errors.New("custody has not this much")
	}
	c.held.Sub(c.held, coin.Amount.BigInt())
	if c.out[to.String()] == nil {
		c.out[to.String()] = new(big.Int)
	}
	c.out[to.String()].Add(c.out[to.String()], coin.Amount.BigInt())
	return nil
}

func newFlowModel(t testing.TB) *flowModel {
	e := keepertest.New(t)
	m := &flowModel{Env: e, clock: &flowClock{}, custody: &flowCustody{}}
	m.k = keeper.NewKeeper(keeper.Deps{
		Cdc: e.Cdc, Store: e.StoreService(types.StoreKey), Clock: m.clock, Revenue: m.custody, Bank: e.Bank, Authority: e.Authority,
	})
	require.NoError(t, m.k.InitGenesis(e.Ctx, *types.DefaultGenesis()))
	m.msg = keeper.NewMsgServer(m.k)
	for i := range 3 {
		m.people = append(m.people, m.Addr(fmt.Sprint("person", i)))
	}
	return m
}

// rewind begins anew on the state that base has.
func (m *flowModel) rewind(base sdk.Context) {
	m.Ctx, _ = base.CacheContext()
	m.clock.now, m.custody.held, m.custody.out = 1_800_000_000, new(big.Int), map[string]*big.Int{}
	m.flows, m.ids = map[string]*flowOracle{}, nil
}

func (m *flowModel) amount(t *rapid.T) int64 {
	return rapid.OneOf(rapid.Int64Range(1, 100), rapid.Int64Range(types.DefaultMinDeposit, 1e9), rapid.Int64Range(1e15, 1e17)).Draw(t, "amount")
}

func (m *flowModel) rateOf(t *rapid.T) (math.Int, int64) {
	return math.NewInt(m.amount(t)), rapid.OneOf(rapid.Int64Range(1, 10), rapid.Just(int64(86_400)), rapid.Int64Range(1, types.MaxRateSeconds)).Draw(t, "seconds")
}

func fraction(amount math.Int, seconds int64) *big.Rat {
	return new(big.Rat).SetFrac(amount.BigInt(), big.NewInt(seconds))
}

func (m *flowModel) do(msg sdk.Msg) (any, error) {
	cache, write := m.Ctx.CacheContext()
	res, err := handleFlow(cache, m.msg, msg)
	if err == nil {
		write()
	}
	return res, err
}

func (m *flowModel) Create(t *rapid.T) {
	from, to := rapid.IntRange(0, 2).Draw(t, "from"), rapid.IntRange(0, 2).Draw(t, "to")
	rate, seconds := m.rateOf(t)
	msg := &types.MsgCreateFlow{
		Sender: m.people[from].String(), Recipient: m.people[to].String(), Deposit: token.Coin(m.amount(t)), RateAmount: rate, RateSeconds: seconds,
	}
	if rapid.Bool().Draw(t, "later") {
		msg.StartsAt = m.clock.now + rapid.Int64Range(0, 100_000).Draw(t, "delay")
	}
	res, err := m.do(msg)
	if from == to || msg.Deposit.Amount.LT(math.NewInt(types.DefaultMinDeposit)) {
		require.Error(t, err)
		return
	}
	require.NoError(t, err)
	id := res.(*types.MsgCreateFlowResponse).Flow
	m.ids = append(m.ids, id)
	m.flows[id] = &flowOracle{
		deposited: msg.Deposit.Amount.BigInt(), settled: new(big.Int), paid: new(big.Int), since: new(big.Rat), rate: fraction(rate, seconds),
		at: m.clock.now, starts: max(msg.StartsAt, m.clock.now), sender: msg.Sender, recipient: msg.Recipient,
	}
}

// some is one of the flows that there are, counted up to now.
func (m *flowModel) some(t *rapid.T) (string, *flowOracle) {
	if len(m.ids) == 0 {
		t.Skip("no flow")
	}
	id := rapid.SampledFrom(m.ids).Draw(t, "flow")
	o := m.flows[id]
	o.run(m.clock.now)
	return id, o
}

func (m *flowModel) TopUp(t *rapid.T) {
	id, o := m.some(t)
	amount := token.Coin(m.amount(t))
	_, err := m.do(&types.MsgTopUpFlow{Payer: m.people[0].String(), Flow: id, Amount: amount})
	require.NoError(t, err)
	o.deposited.Add(o.deposited, amount.Amount.BigInt())
}

func (m *flowModel) Pause(t *rapid.T) {
	id, o := m.some(t)
	_, err := m.do(&types.MsgPauseFlow{Sender: o.sender, Flow: id})
	require.Equal(t, o.paused, err != nil)
	o.paused = true
}

func (m *flowModel) Resume(t *rapid.T) {
	id, o := m.some(t)
	_, err := m.do(&types.MsgResumeFlow{Sender: o.sender, Flow: id})
	require.Equal(t, o.paused, err == nil)
	o.paused = false
}

func (m *flowModel) ReRate(t *rapid.T) {
	id, o := m.some(t)
	rate, seconds := m.rateOf(t)
	_, err := m.do(&types.MsgReRateFlow{Sender: o.sender, Flow: id, RateAmount: rate, RateSeconds: seconds})
	require.NoError(t, err)
	o.settled, o.since, o.rate = o.earned(), new(big.Rat), fraction(rate, seconds)
}

func (m *flowModel) Withdraw(t *rapid.T) {
	id, o := m.some(t)
	due := new(big.Int).Sub(o.earned(), o.paid)
	res, err := m.do(&types.MsgWithdrawFlow{Recipient: o.recipient, Flow: id})
	if due.Sign() == 0 {
		require.ErrorIs(t, err, types.ErrNothingAccrued)
		return
	}
	require.NoError(t, err)
	require.Equal(t, due.String(), res.(*types.MsgWithdrawFlowResponse).Amount.Amount.String())
	if o.paid.Add(o.paid, due); o.paid.Cmp(o.deposited) == 0 {
		m.forget(id)
	}
}

func (m *flowModel) Cancel(t *rapid.T) {
	id, o := m.some(t)
	res, err := m.do(&types.MsgCancelFlow{Signer: rapid.SampledFrom([]string{o.sender, o.recipient}).Draw(t, "by"), Flow: id})
	require.NoError(t, err)
	ended := res.(*types.MsgCancelFlowResponse)
	require.Equal(t, new(big.Int).Sub(o.earned(), o.paid).String(), ended.Paid.Amount.String())
	require.Equal(t, new(big.Int).Sub(o.deposited, o.earned()).String(), ended.Returned.Amount.String())
	m.forget(id)
}

func (m *flowModel) forget(id string) {
	delete(m.flows, id)
	for i, other := range m.ids {
		if other == id {
			m.ids = append(m.ids[:i:i], m.ids[i+1:]...)
			return
		}
	}
}

func (m *flowModel) Wait(t *rapid.T) {
	m.clock.now += rapid.OneOf(rapid.Int64Range(0, 60), rapid.Int64Range(0, 1e6), rapid.Int64Range(0, 2e8)).Draw(t, "seconds")
}

// check: after every step custody is what the flows have, to the unit, and each has what it should.
func (m *flowModel) check(t *rapid.T) {
	sum := new(big.Int)
	for id, o := range m.flows {
		o.run(m.clock.now)
		res, err := keeper.NewQueryServer(m.k).Flow(m.Ctx, &types.QueryFlowRequest{Flow: id})
		require.NoError(t, err)
		require.Equal(t, new(big.Int).Sub(o.earned(), o.paid).String(), res.Flow.Accrued.String())
		require.Equal(t, new(big.Int).Sub(o.deposited, o.earned()).String(), res.Flow.Balance.String())
		sum.Add(sum, new(big.Int).Sub(o.deposited, o.paid))
	}
	require.Zero(t, sum.Cmp(m.custody.held), "solvent, and nothing over")
}

// 2,000 runs of 50 steps.
func TestFlowModel(t *testing.T) {
	set(t, "rapid.checks", "2000")
	set(t, "rapid.steps", "50")
	m := newFlowModel(t)
	base, began, runs := m.Ctx, time.Now(), 0
	rapid.Check(t, func(rt *rapid.T) {
		m.rewind(base)
		runs++
		rt.Repeat(map[string]func(*rapid.T){
			"": m.check, "create": m.Create, "top up": m.TopUp, "pause": m.Pause, "resume": m.Resume, "re-rate": m.ReRate,
			"withdraw": m.Withdraw, "cancel": m.Cancel, "wait": m.Wait, "wait again": m.Wait,
		})
		if runs%100 == 0 {
			require.NoError(rt, m.k.CheckInvariants(m.Ctx))
			total, err := m.k.EscrowTotal(m.Ctx)
			require.NoError(rt, err)
			require.Equal(rt, m.custody.held.String(), total.AmountOf(token.BaseDenom).String())
		}
	})
	t.Logf("%d runs in %s", runs, time.Since(began).Round(time.Millisecond))
}

// set changes a flag for one test.
func set(t *testing.T, name, value string) {
	f := flag.Lookup(name)
	old := f.Value.String()
	require.NoError(t, f.Value.Set(value))
	t.Cleanup(func() { require.NoError(t, f.Value.Set(old)) })
}
