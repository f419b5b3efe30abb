package keeper_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/token"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	"github.com/streamchain/streamchain/x/subscription/types"
)

// model drives the module and the oracle by the same random steps.
type model struct {
	*fixture
	o        *oracle
	creators []string          // ids
	people   []string          // accounts: the creators' controllers, then viewers
	supply   math.Int          // at the start
	account  map[string][]byte // by text
}

func newModel(t *testing.T) *model {
	m := &model{fixture: bareFixture(t), o: newOracle(), account: map[string][]byte{}}
	require.NoError(t, m.k.InitGenesis(m.Ctx, *types.DefaultGenesis()))
	for i := range 2 {
		addr, id := m.creator(fmt.Sprint("creator", i))
		m.join(addr)
		m.creators = append(m.creators, id)
		m.o.controls[id] = addr.String()
	}
	for i, amount := range []int64{1000 * stream, 1000 * stream, 3 * stream} { // the last one is poor
		m.join(m.Funded(fmt.Sprint("viewer", i), amount))
	}
	m.watch()
	for i := range m.creators {
		m.publish(i, "")
		m.publish(i, m.publish(i, ""))
		for n, period := range []int64{2, 1} {
			p := oraclePlan{id: fmt.Sprint(m.creators[i], "/", n+1), creator: m.creators[i], title: "Plan", price: stream, period: period * 86400}
			require.NoError(t, m.o.createPlan(m.people[i], p))
			require.NoError(t, m.send(p.message(m.people[i])))
		}
	}
	m.supply = m.Bank.GetSupply(m.Ctx, token.BaseDenom).Amount
	return m
}

func (m *model) join(addr sdk.AccAddress) {
	m.people = append(m.people, addr.String())
	m.account[addr.String()] = addr
	m.o.purse[addr.String()] = m.Balance(addr)
}

// publish makes a work of the creator numbered i, or a version of one.
func (m *model) publish(i int, previous string) string {
	signer := m.people[i]
	cid := m.work(m.account[signer], fmt.Sprint("media ", len(m.o.root)), previous)
	m.o.purse[signer] -= contenttypes.DefaultDeposit
	if m.o.root[cid] = cid; previous != "" {
		m.o.root[cid] = m.o.root[previous]
	} else {
		m.o.works[cid] = &oracleWork{creator: m.creators[i]}
	}
	m.o.works[m.o.root[cid]].versions++
	return cid
}

func (m *model) watch() { m.o.now = m.now() }

// expect checks that err is exactly what the oracle said.
func expect(t *rapid.T, want, err error) {
	if want == nil {
		require.NoError(t, err)
		return
	}
	require.ErrorIs(t, err, want)
}

func pick[T any](t *rapid.T, what string, from []T) T { return rapid.SampledFrom(from).Draw(t, what) }

func rarely(t *rapid.T, what string) bool { return rapid.IntRange(0, 9).Draw(t, what) == 0 }

// someone is mostly the first viewer, so that one account comes to have much.
func (m *model) someone(t *rapid.T, role string) string {
	return pick(t, role, append(m.people, m.people[2], m.people[2], m.people[2]))
}

// root is a work, any a version of one, or rarely one that nobody published.
func (m *model) someRoot(t *rapid.T) string {
	return pick(t, "root", slices.Sorted(maps.Keys(m.o.works)))
}

func (m *model) anyVersion(t *rapid.T) string {
	if rarely(t, "unknown work") {
		return unknownWork(m.T)
	}
	return pick(t, "version", slices.Sorted(maps.Keys(m.o.root)))
}

func (m *model) controllerOf(t *rapid.T, creator string) string {
	if rarely(t, "stranger") {
		return m.someone(t, "signer")
	}
	return m.o.controls[creator]
}

// somePlan is a plan's id, or rarely one of none.
func (m *model) somePlan(t *rapid.T) string {
	if len(m.o.plans) == 0 || rarely(t, "unknown plan") {
		return m.creators[0] + "/99"
	}
	return pick(t, "plan", m.o.plans).id
}

func price(t *rapid.T) int64 {
	return pick(t, "price", []int64{1, 333_333, stream, 2 * stream, 5 * stream})
}

func (m *model) SetOffers(t *rapid.T) {
	work := m.someRoot(t)
	if rarely(t, "version") {
		work = m.anyVersion(t)
	}
	signer := m.someone(t, "stranger")
	if w := m.o.works[m.o.root[work]]; w != nil {
		signer = m.controllerOf(t, w.creator)
	}
	list := oracleList{kinds: rapid.SliceOfNDistinct(rapid.SampledFrom([]types.OfferKind{
		types.OFFER_KIND_FREE, types.OFFER_KIND_PURCHASE, types.OFFER_KIND_PURCHASE, types.OFFER_KIND_METERED, types.OFFER_KIND_PLAN,
	}), 0, 4, rapid.ID).Draw(t, "kinds")}
	var offers []types.Offer
	for _, kind := range list.kinds {
		switch kind {
		case types.OFFER_KIND_FREE:
			offers = append(offers, types.NewFreeOffer())
		case types.OFFER_KIND_PURCHASE:
			list.price = price(t)
			offers = append(offers, types.NewPurchaseOffer(token.Coin(list.price)))
		case types.OFFER_KIND_METERED:
			list.tick = price(t)
			offers = append(offers, types.NewMeteredOffer(math.NewInt(list.tick), 2, 30))
		case types.OFFER_KIND_PLAN:
			for range rapid.IntRange(1, 3).Draw(t, "plans") {
				if id := m.somePlan(t); !slices.Contains(list.plans, id) {
					list.plans = append(list.plans, id)
				}
			}
			offers = append(offers, types.NewPlanOffer(list.plans...))
		}
	}
	expect(t, m.o.setOffers(signer, work, list), m.send(&types.MsgSetOffers{Controller: signer, Work: work, Offers: offers}))
}

func (m *model) CreatePlan(t *rapid.T) {
	creator := pick(t, "creator", m.creators)
	mine := 1
	for _, p := range m.o.plans {
		if p.creator == creator {
			mine++
		}
	}
	if mine > types.MaxOpenPlans {
		return // a table test has the bound
	}
	p := oraclePlan{
		id: fmt.Sprint(creator, "/", mine), creator: creator, title: "Plan", price: price(t),
		period: pick(t, "period", []int64{86400, 2 * 86400, 366 * 86400}),
	}
	if rapid.Bool().Draw(t, "listed") {
		for range rapid.IntRange(1, 3).Draw(t, "works") {
			work := m.someRoot(t)
			if rarely(t, "version") {
				work = m.anyVersion(t)
			}
			if w := m.o.works[work]; !slices.Contains(p.works, work) && (w == nil || w.creator == creator || rarely(t, "foreign")) {
				p.works = append(p.works, work)
			}
		}
		if len(p.works) == 0 {
			return
		}
	}
	signer := m.controllerOf(t, creator)
	expect(t, m.o.createPlan(signer, p), m.send(p.message(signer)))
}

func (p oraclePlan) message(signer string) *types.MsgCreatePlan {
	msg := &types.MsgCreatePlan{
		Controller: signer, Creator: p.creator, Title: p.title, Price: token.Coin(p.price), PeriodSeconds: p.period,
		Coverage: types.COVERAGE_ALL, Works: p.works,
	}
	if len(p.works) > 0 {
		msg.Coverage = types.COVERAGE_LISTED
	}
	return msg
}

func (m *model) UpdatePlan(t *rapid.T) {
	id := m.somePlan(t)
	signer := m.someone(t, "stranger")
	if p := m.o.plan(id); p != nil {
		signer = m.controllerOf(t, p.creator)
	}
	msg := &types.MsgUpdatePlan{
		Controller: signer, Plan: id, Title: pick(t, "title", []string{"Plan", "Plán ✓"}), Price: token.Coin(price(t)),
		Closed: rapid.IntRange(0, 2).Draw(t, "closed") == 0,
	}
	expect(t, m.o.updatePlan(signer, id, msg.Title, msg.Price.Amount.Int64(), msg.Closed), m.send(msg))
}

// gift is whom a payment is for: the payer, or as a gift another.
func (m *model) gift(t *rapid.T, buyer string) (recipient, viewer string) {
	if rapid.IntRange(0, 3).Draw(t, "gift") > 0 {
		return "", buyer
	}
	to := m.someone(t, "recipient")
	return to, to
}

func most(t *rapid.T) int64 { return pick(t, "most", []int64{5 * stream, 5 * stream, 1 << 60, stream}) }

func (m *model) Purchase(t *rapid.T) {
	buyer, cid, limit := m.someone(t, "buyer"), m.anyVersion(t), most(t)
	if sold := m.sold(); len(sold) > 0 && !rarely(t, "unsold") {
		cid = pick(t, "sold", sold)
	}
	recipient, viewer := m.gift(t, buyer)
	hold := fmt.Sprint(buyer, "-", m.o.sequence[buyer]+1)
	expect(t, m.o.purchase(buyer, viewer, cid, limit, hold), m.send(&types.MsgPurchase{
		Buyer: buyer, Work: cid, MaxPrice: token.Coin(limit), Recipient: recipient,
	}))
}

// sold are the versions of works that have a price.
func (m *model) sold() []string {
	var out []string
	for _, cid := range slices.Sorted(maps.Keys(m.o.root)) {
		if m.o.lists[m.o.root[cid]].price > 0 {
			out = append(out, cid)
		}
	}
	return out
}

func (m *model) Subscribe(t *rapid.T) {
	buyer, id, limit := m.someone(t, "buyer"), m.somePlan(t), most(t)
	periods := rapid.SampledFrom([]uint32{1, 1, 2, 12}).Draw(t, "periods")
	recipient, viewer := m.gift(t, buyer)
	expect(t, m.o.subscribe(buyer, viewer, id, limit, int64(periods)), m.send(&types.MsgSubscribe{
		Subscriber: buyer, Plan: id, MaxPrice: token.Coin(limit), Periods: periods, Recipient: recipient,
	}))
}

// Refund is x/revenue's message; its hook ends the access.
func (m *model) Refund(t *rapid.T) {
	if len(m.o.holds) == 0 {
		return
	}
	id := pick(t, "hold", slices.Sorted(maps.Keys(m.o.holds)))
	signer := m.controllerOf(t, m.o.works[m.o.holds[id].work].creator)
	m.NextTx()
	cache, write := m.Ctx.CacheContext()
	_, err := m.revenue.Refund(cache, m.account[signer], id)
	if err == nil {
		write()
	}
	expect(t, m.o.refund(signer, id), err)
}

// Court restricts a work, or lifts that.
func (m *model) Court(t *rapid.T) {
	root := m.someRoot(t)
	m.o.works[root].restricted = !m.o.works[root].restricted
	m.content.restricted[root] = m.o.works[root].restricted
}

func (m *model) Retire(t *rapid.T) {
	root := m.someRoot(t)
	w := m.o.works[root]
	if w.retired {
		return
	}
	signer := m.o.controls[w.creator]
	m.retire(m.account[signer], root)
	m.o.purse[signer] += w.versions * contenttypes.DefaultDeposit
	w.retired, w.versions = true, 0
}

// Publish replaces what retires.
func (m *model) Publish(t *rapid.T) {
	i := rapid.IntRange(0, len(m.creators)-1).Draw(t, "creator")
	if len(m.o.root) < 10 && m.o.purse[m.people[i]] >= contenttypes.DefaultDeposit {
		m.publish(i, "")
	}
}

func (m *model) Window(t *rapid.T) {
	params := revenuetypes.DefaultParams()
	m.o.window = pick(t, "window", []int64{0, 3600, 86400, 48 * 3600})
	params.RefundWindowSeconds = m.o.window
	require.NoError(t, m.revenue.UpdateParams(m.Ctx, params))
}

// Block lets time pass: by whole days too, so that ends are met to the second.
func (m *model) Block(t *rapid.T) {
	d := pick(t, "d", []time.Duration{time.Second, time.Second, time.Hour, day - time.Second, day, 2 * day})
	for ; d > time.Minute; d -= time.Minute {
		m.Ctx = m.Ctx.WithBlockTime(m.Ctx.BlockTime().Add(time.Minute))
		require.NoError(t, m.Clock.BeginBlock(m.Ctx))
	}
	m.NextBlock(d, func(ctx sdk.Context) error {
		m.watch()
		m.o.end()
		if err := m.revenue.EndBlock(ctx); err != nil {
			return err
		}
		return m.k.EndBlock(ctx)
	})
	m.watch()
}

func TestModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := newModel(t)
		rt.Repeat(map[string]func(*rapid.T){
			"": m.check, "offers": m.SetOffers, "offers again": m.SetOffers, "plan": m.CreatePlan, "update plan": m.UpdatePlan,
			"purchase": m.Purchase, "purchase again": m.Purchase, "subscribe": m.Subscribe, "subscribe again": m.Subscribe,
			"refund": m.Refund, "court": m.Court, "retire": m.Retire, "publish": m.Publish, "window": m.Window, "block": m.Block, "block again": m.Block,
		})
		require.Equal(rt, m.rows(types.StoreKey), m.copy().rows(types.StoreKey), "export and import")
	})
}
