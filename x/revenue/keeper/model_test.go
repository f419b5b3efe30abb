package keeper_test

import (
	"errors"
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
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	"github.com/streamchain/streamchain/token"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	"github.com/streamchain/streamchain/x/revenue/types"
)

var modelDenoms = []string{"uatom", token.BaseDenom}

// model drives the module and the oracle by the same random steps.
type model struct {
	*fixture
	o        *oracle
	works    []string
	creators []string
	payers   []sdk.AccAddress
	people   []sdk.AccAddress // share, serve and claim
	spent    map[[2]string]*big.Int
	supply   map[string]math.Int
	window   int64
	held     int
	broken   map[string]bool
}

func newModel(t *testing.T) *model {
	m := &model{fixture: bareFixture(t), o: newOracle(), spent: map[[2]string]*big.Int{}, supply: map[string]math.Int{}, broken: map[string]bool{}}
	require.NoError(t, m.k.InitGenesis(m.Ctx, *types.DefaultGenesis()))
	m.setTerms(100)
	for i := range 2 {
		_, id := m.creator(fmt.Sprint("creator", i))
		m.creators = append(m.creators, id)
		m.works = append(m.works, m.work(id, fmt.Sprint("work", i)))
		payer := m.Addr(fmt.Sprint("payer", i))
		m.payers = append(m.payers, payer)
		m.people = append(m.people, m.Addr(fmt.Sprint("person", i)))
		for _, denom := range modelDenoms {
			m.mint(payer, sdk.Coin{Denom: denom, Amount: pow2(205)})
		}
	}
	// a third work gives to the other two
	_, third := m.creator("creator1")
	derived := m.work(third, "derived")
	m.content.parents[derived] = []contenttypes.Parent{{Work: m.works[0], Bps: 1234}, {Work: m.works[1], Bps: 1766}}
	m.o.parents[derived] = []oracleParent{{m.works[0], m.creators[0], 1234}, {m.works[1], m.creators[1], 1766}}
	m.works = append(m.works, derived)
	m.storage.keyed[m.works[1]], m.o.keyed[m.works[1]] = true, true
	for _, denom := range modelDenoms {
		m.supply[denom] = m.Bank.GetSupply(m.Ctx, denom).Amount
	}
	return m
}

func (m *model) setTerms(window int64) {
	params := types.DefaultParams()
	params.Denoms, params.RefundWindowSeconds, m.window = modelDenoms, window, window
	params.RebatePeriodSeconds, m.o.period = 120, 120
	require.NoError(m.T, m.k.UpdateParams(m.Ctx, params))
}

func (m *model) ownerOf(p types.Payment) (work, creator string) {
	if creator, ok := m.content.works[p.Subject]; ok {
		return p.Subject, creator
	}
	return "", p.Subject
}

func pick[T any](t *rapid.T, what string, from []T) T { return rapid.SampledFrom(from).Draw(t, what) }

func (m *model) coin(t *rapid.T) sdk.Coin {
	amount := rapid.OneOf(rapid.Int64Range(1, 20), rapid.Int64Range(1, 1e12)).Draw(t, "amount")
	coin := sdk.NewInt64Coin(pick(t, "denom", modelDenoms), amount)
	if rapid.IntRange(0, 9).Draw(t, "huge") == 0 {
		coin.Amount = pow2(200).AddRaw(amount)
	}
	return coin
}

func (m *model) payment(t *rapid.T) types.Payment {
	p := types.Payment{
		Rail: types.Rail(rapid.Int32Range(1, 5).Draw(t, "rail")), Subject: pick(t, "subject", append(m.works, m.creators...)),
		Payer: pick(t, "payer", m.payers).String(), Gross: m.coin(t),
	}
	p.DiscountBps = pick(t, "discount", []uint32{0, 0, 500, 1000, 2000, 3000})
	if p.RoyaltyBps = pick(t, "royalty", []uint32{0, 0, 1, 100, 200}); p.RoyaltyBps > 0 {
		p.RoyaltyTo = pick(t, "author", m.people).String()
	}
	if rapid.Bool().Draw(t, "served") {
		p.Server = pick(t, "server", m.people).String()
	}
	return p
}

func (m *model) spend(p types.Payment) {
	plus(m.spent, [2]string{p.Payer, p.Gross.Denom}, charged(p))
}

func (m *model) Pay(t *rapid.T) {
	p := m.payment(t)
	d, err := m.pay(p)
	require.NoError(t, err)
	require.Equal(t, charged(p).String(), d.Sum().String())
	require.False(t, d.CreatorPart.MulRaw(10_000).LT(p.Gross.Amount.MulRaw(9000)), "of the undiscounted gross")
	m.spend(p)
	m.o.distribute(p, first(m.ownerOf(p)), d.Creator)
}

func first(work, _ string) string { return work }

func (m *model) Hold(t *rapid.T) {
	p := m.payment(t)
	id, due, err := m.hold(p)
	require.NoError(t, err)
	m.spend(p)
	if work, creator := m.ownerOf(p); id == "" {
		m.o.distribute(p, work, creator)
		return
	}
	now, err := m.Clock.Now(m.Ctx)
	require.NoError(t, err)
	require.Equal(t, now+m.window, due)
	m.held++
	m.o.holds[id] = oracleHold{payment: p, charged: charged(p), due: due, order: m.held}
}

func (m *model) Refund(t *rapid.T) {
	if len(m.o.holds) == 0 {
		return
	}
	id := pick(t, "hold", slices.Sorted(maps.Keys(m.o.holds)))
	h := m.o.holds[id]
	_, creator := m.ownerOf(h.payment)
	require.NoError(t, m.send(&types.MsgRefund{Controller: m.content.controllers[creator], HoldId: id}))
	delete(m.o.holds, id)
	m.o.leaving = append(m.o.leaving, oraclePayout{h.payment.Payer, h.payment.Payer, h.payment.Gross.Denom, h.charged})
}

func (m *model) Claim(t *rapid.T) {
	msg := &types.MsgClaim{To: pick(t, "to", append(m.people, m.payers...)).String()}
	if rapid.Bool().Draw(t, "creator") {
		msg.Recipient = pick(t, "creator", m.creators)
		msg.Claimant = m.content.controllers[msg.Recipient]
	} else {
		msg.Claimant = pick(t, "claimant", append(m.people, m.payers...)).String()
		msg.Recipient = msg.Claimant
	}
	err := m.send(msg)
	if errors.Is(err, types.ErrBlockedAddress) {
		require.Equal(t, m.bank.blocked, msg.To)
		return
	}
	if !m.o.claim(msg.Recipient, msg.To) {
		require.ErrorIs(t, err, types.ErrNothingToClaim)
		return
	}
	require.NoError(t, err)
}

// Contest keeps all of a hold for longer; parts have a test of their own.
func (m *model) Contest(t *rapid.T) {
	if len(m.o.holds) == 0 {
		return
	}
	id := pick(t, "hold", slices.Sorted(maps.Keys(m.o.holds)))
	h := m.o.holds[id]
	now, err := m.Clock.Now(m.Ctx)
	require.NoError(t, err)
	until := now + rapid.Int64Range(1, 300).Draw(t, "until")
	contested, err := m.k.ContestHold(m.Ctx, id, math.NewIntFromBigInt(h.charged), until)
	if until <= h.due {
		require.ErrorIs(t, err, types.ErrInvalidContest)
		return
	}
	require.NoError(t, err)
	require.Equal(t, id, contested)
	h.due = until
	m.o.holds[id] = h
}

// Automatic chooses or ends automatic payouts.
func (m *model) Automatic(t *rapid.T) {
	msg := &types.MsgSetPayout{To: pick(t, "to", m.people).String(), Threshold: sdk.NewInt64Coin(pick(t, "denom", modelDenoms), types.MinPayout)}
	if rapid.Bool().Draw(t, "creator") {
		msg.Recipient = pick(t, "creator", m.creators)
		msg.Claimant = m.content.controllers[msg.Recipient]
	} else {
		msg.Claimant = pick(t, "claimant", m.people).String()
		msg.Recipient = msg.Claimant
	}
	key := [2]string{msg.Recipient, msg.Threshold.Denom}
	_, set := m.o.payouts[key]
	if rapid.IntRange(0, 3).Draw(t, "ends") == 0 {
		msg.Threshold.Amount = math.ZeroInt()
	}
	switch err := m.send(msg); {
	case msg.Threshold.IsZero() && !set:
		require.ErrorIs(t, err, types.ErrPayoutNotFound)
	case msg.Threshold.IsZero():
		require.NoError(t, err)
		delete(m.o.payouts, key)
	case msg.To == m.bank.blocked:
		require.ErrorIs(t, err, types.ErrBlockedAddress)
	default:
		require.NoError(t, err)
		m.o.payouts[key] = oracleAutomatic{msg.To, msg.Threshold.Amount.BigInt()}
	}
}

func (m *model) Rebate(t *rapid.T) {
	viewer := pick(t, "viewer", m.payers).String()
	want := m.o.claims[viewer]
	err := m.send(&types.MsgClaimRebate{Viewer: viewer})
	if want == nil || want.Sign() == 0 {
		require.ErrorIs(t, err, types.ErrNoRebate)
		return
	}
	require.NoError(t, err)
	delete(m.o.claims, viewer)
	m.o.reserved.Sub(m.o.reserved, want)
	m.o.leaving = append(m.o.leaving, oraclePayout{viewer, viewer, token.BaseDenom, want})
}

func (m *model) SetSplit(t *rapid.T) {
	subject := pick(t, "subject", append(m.works, m.creators...))
	_, creator := m.ownerOf(types.Payment{Subject: subject})
	controller := m.content.controllers[creator]
	var shares []types.Share
	left := uint32(10_000)
	for _, p := range append([]string{creator, controller}, m.people[0].String(), m.people[1].String()) {
		if bps := rapid.Uint32Range(0, left).Draw(t, "bps"); bps > 0 && p != m.bank.blocked {
			shares, left = append(shares, types.Share{Recipient: p, Bps: bps}), left-bps
		}
	}
	if left > 0 {
		if len(shares) == 0 {
			shares = append(shares, types.Share{Recipient: creator})
		}
		shares[0].Bps += left
	}
	res, err := m.msg.SetSplit(m.Ctx, &types.MsgSetSplit{Controller: controller, Subject: subject, Shares: shares})
	require.NoError(t, err)
	for _, who := range res.Missing {
		require.NotContains(t, []string{creator, controller}, who)
		if rapid.IntRange(0, 3).Draw(t, "declines") == 0 {
			return
		}
		require.NoError(t, m.send(&types.MsgAcceptSplit{Recipient: who, Subject: subject, Version: res.Version}))
	}
	m.o.splits[subject] = shares
}

// Escrow stands for x/stream: coins come into custody, and are paid out of it.
func (m *model) Escrow(t *rapid.T) {
	payer, coin := pick(t, "payer", m.payers), m.coin(t)
	if have := m.o.escrow[coin.Denom]; have != nil && have.Cmp(coin.Amount.BigInt()) >= 0 && payer.String() != m.bank.blocked {
		require.NoError(t, m.k.Release(m.Ctx, payer, coin))
		have.Sub(have, coin.Amount.BigInt())
		m.o.leaving = append(m.o.leaving, oraclePayout{payer.String(), payer.String(), coin.Denom, coin.Amount.BigInt()})
		return
	}
	require.NoError(t, m.k.Collect(m.Ctx, payer, coin))
	plus(m.spent, [2]string{payer.String(), coin.Denom}, coin.Amount.BigInt())
	plus(m.o.escrow, coin.Denom, coin.Amount.BigInt())
}

func (m *model) Donate(t *rapid.T) {
	payer, coin := pick(t, "payer", m.payers), m.coin(t)
	require.NoError(t, m.Bank.SendCoins(m.Ctx, payer, authtypes.NewModuleAddress("revenue"), sdk.Coins{coin}))
	plus(m.spent, [2]string{payer.String(), coin.Denom}, coin.Amount.BigInt())
	plus(m.o.donated, coin.Denom, coin.Amount.BigInt())
}

func (m *model) NextTransaction(*rapid.T) { m.NextTx() }

// Break breaks a place or an account, or mends all.
func (m *model) Break(t *rapid.T) {
	m.storage.failPool, m.bank.noBurn, m.bank.panicsTo, m.account.missing, m.bank.blocked = nil, false, "", "", ""
	m.broken = map[string]bool{}
	switch place := pick(t, "place", append(places, "account", "", "")); place {
	case "storage_pool":
		m.storage.failPool, m.broken[place] = errors.New("no"), true
	case "burn":
		m.bank.noBurn, m.broken[place] = true, true
	case "treasury":
		m.bank.panicsTo, m.broken[place] = m.Authority, true
	case "stakers":
		m.account.missing, m.broken[place] = authtypes.FeeCollectorName, true
	case "endowment":
		m.account.missing, m.broken["endowment"], m.broken["storage_pool"] = "storage", true, true
	case "account":
		m.bank.blocked = pick(t, "blocked", append(m.people, m.payers...)).String()
	}
}

func (m *model) Window(t *rapid.T) {
	m.setTerms(int64(rapid.SampledFrom([]int{0, 1, 30, 100}).Draw(t, "window")))
}

func (m *model) Block(t *rapid.T) {
	d := time.Duration(rapid.IntRange(1, 60).Draw(t, "seconds")) * time.Second
	m.NextBlock(d, func(ctx sdk.Context) error {
		now, err := m.Clock.Now(ctx)
		require.NoError(t, err)
		require.NoError(t, m.k.EndBlock(ctx))
		m.o.end(now, m.ownerOf, func(place string) bool { return m.broken[place] }, m.bank.blocked)
		return nil
	})
}

// check compares all that can be seen, to the unit.
func (m *model) check(t *rapid.T) {
	var external sdk.Coins
	for _, denom := range modelDenoms {
		if have := m.o.escrow[denom]; have != nil && have.Sign() > 0 {
			external = external.Add(sdk.Coin{Denom: denom, Amount: math.NewIntFromBigInt(have)})
		}
	}
	require.NoError(t, m.k.CheckInvariants(m.Ctx, external))
	owed, err := m.k.Liabilities(m.Ctx)
	require.NoError(t, err)
	for _, denom := range modelDenoms {
		want := m.o.owed(denom)
		require.Equal(t, want.String(), owed.AmountOf(denom).String(), "owed")
		// custody is exactly what it owes, what it keeps for others, and what it was given
		for _, more := range []*big.Int{m.o.escrow[denom], m.o.donated[denom]} {
			if more != nil {
				want = new(big.Int).Add(want, more)
			}
		}
		custody := m.Bank.GetBalance(m.Ctx, authtypes.NewModuleAddress("revenue"), denom).Amount.Add(m.k.InFlight(m.Ctx).AmountOf(denom))
		require.Equal(t, want.String(), custody.String(), "custody")
		m.checkPlaces(t, denom)
	}
	gs, err := m.k.ExportGenesis(m.Ctx)
	require.NoError(t, err)
	m.checkLedgers(t, gs)
}

func (m *model) checkPlaces(t *rapid.T, denom string) {
	at := func(place string) math.Int {
		if amount := m.o.placed[[2]string{place, denom}]; amount != nil {
			return math.NewIntFromBigInt(amount)
		}
		return math.ZeroInt()
	}
	balance := func(module string) string {
		return m.Bank.GetBalance(m.Ctx, authtypes.NewModuleAddress(module), denom).Amount.String()
	}
	require.Equal(t, at("stakers").String(), balance(authtypes.FeeCollectorName))
	require.Equal(t, at("treasury").String(), balance("governance"))
	require.Equal(t, at("endowment").Add(at("storage_pool")).String(), balance("storage"))
	require.Equal(t, m.supply[denom].Sub(at("burn")).String(), m.Bank.GetSupply(m.Ctx, denom).Amount.String(), "supply falls by what is burned")
	if denom == token.BaseDenom {
		require.Equal(t, at("storage_pool").String(), m.pool().String())
		for work, left := range m.o.left {
			require.Equal(t, left.String(), m.left(work).String())
		}
		for work, paid := range m.o.holders {
			require.Equal(t, paid.String(), m.storage.get(m.Ctx, "holders/"+work).String())
		}
	}
	// every coin is somewhere: all accounts and what is in flight sum to the supply
	sum := m.k.InFlight(m.Ctx).AmountOf(denom)
	for _, b := range m.Bank.GetAccountsBalances(m.Ctx) {
		sum = sum.Add(b.Coins.AmountOf(denom))
	}
	require.Equal(t, m.Bank.GetSupply(m.Ctx, denom).Amount.String(), sum.String())
	for _, p := range append(m.people, m.payers...) {
		want := new(big.Int)
		key := [2]string{p.String(), denom}
		if slices.ContainsFunc(m.payers, func(q sdk.AccAddress) bool { return q.Equals(p) }) {
			want.Set(pow2(205).BigInt())
		}
		if m.o.paid[key] != nil {
			want.Add(want, m.o.paid[key])
		}
		if m.spent[key] != nil {
			want.Sub(want, m.spent[key])
		}
		require.Equal(t, want.String(), m.Bank.GetBalance(m.Ctx, p, denom).Amount.String())
	}
}

func (m *model) checkLedgers(t *rapid.T, gs *types.GenesisState) {
	got := map[[2]string]string{}
	for _, c := range gs.Claimables {
		got[[2]string{c.Recipient, c.Coin.Denom}] = c.Coin.Amount.String()
	}
	want := map[[2]string]string{}
	for key, amount := range m.o.claimable {
		if amount.Sign() > 0 {
			want[key] = amount.String()
		}
	}
	require.Equal(t, want, got)
	require.Len(t, gs.Holds, len(m.o.holds))
	for _, total := range gs.Totals {
		key := [2]string{total.Subject, total.Denom}
		o, royalties := m.o.totals[key], m.o.royalties[key]
		if o[0] == nil {
			o = [2]*big.Int{new(big.Int), new(big.Int)}
		}
		if royalties == nil {
			royalties = new(big.Int)
		}
		require.Equal(t, []string{o[0].String(), o[1].String(), royalties.String()},
			[]string{total.Gross.String(), total.CreatorPart.String(), total.Royalties.String()})
	}
	require.GreaterOrEqual(t, len(gs.Totals), len(m.o.totals))
	require.Equal(t, m.o.pool.String(), gs.Pools.AmountOf(token.BaseDenom).String())
}

func TestModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := newModel(t)
		rt.Repeat(map[string]func(*rapid.T){
			"": m.check, "pay": m.Pay, "pay again": m.Pay, "hold": m.Hold, "refund": m.Refund, "claim": m.Claim, "split": m.SetSplit,
			"escrow": m.Escrow, "donate": m.Donate, "tx": m.NextTransaction, "break": m.Break, "window": m.Window, "contest": m.Contest, "automatic": m.Automatic, "rebate": m.Rebate, "block": m.Block, "block again": m.Block,
		})
		gs, err := m.k.ExportGenesis(m.Ctx)
		require.NoError(rt, err)
		require.NoError(rt, gs.Validate())
	})
}
