package keeper_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/token"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	"github.com/streamchain/streamchain/x/subscription/types"
)

// model drives the module and the oracle by the same random steps.
type model struct {
	*fixture
	o        *oracle
	creators []string // ids
	people   []string // accounts: the creators' controllers, then viewers
	supply   math.Int // at the start
	steps    int
	account  map[string][]byte // by text
}

// newModel starts anew on a fixture that is as it was made.
func newModel(t *testing.T, f *fixture) *model {
	m := &model{fixture: f, o: newOracle(), account: map[string][]byte{}}
	clear(f.content.restricted)
	clear(f.tiers)
	require.NoError(t, m.k.InitGenesis(m.Ctx, *types.DefaultGenesis()))
	for i := range 2 {
		addr, id := m.creator(fmt.Sprint("creator", i))
		m.join(addr)
		m.creators = append(m.creators, id)
		m.o.controls[id] = addr.String()
	}
	for i, amount := range []int64{1000 * stream, 1000 * stream, 7 * stream} { // the last one is poor
		addr := m.Funded(fmt.Sprint("viewer", i), amount)
		m.join(addr)
		m.o.tiers[addr.String()] = streamtypes.Tier(i)
		m.tiers[addr.String()] = streamtypes.Tier(i)
	}
	m.watch()
	for i := range m.creators {
		m.publish(i, "")
		m.publish(i, m.publish(i, ""))
		for n, period := range []int64{2, 1} {
			p := oraclePlan{
				id: fmt.Sprint(m.creators[i], "/", n+1), creator: m.creators[i], title: "Plan", price: stream, period: period * 86400,
				trial: int64(n) * 3600, seats: uint32(2 * i), least: int64(i) * 7200,
			}
			require.NoError(t, m.o.createPlan(m.people[i], p))
			require.NoError(t, m.send(p.message(m.people[i])))
		}
	}
	for i, id := range m.creators {
		m.collect(i, id)
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

// collect makes a collection of the creator's works but the last.
func (m *model) collect(i int, id string) {
	var works []string
	for _, work := range slices.Sorted(maps.Keys(m.o.works)) {
		if m.o.works[work].creator == id {
			works = append(works, work)
		}
	}
	works = works[1:]
	set := m.collection(m.account[m.people[i]], works...)
	m.o.sets[set] = &oracleSet{creator: id, history: [][]string{works}}
	// something is rented out from the start, since most offers that come are of other kinds
	for _, id := range []string{set, works[0]} {
		list := oracleList{kinds: []types.OfferKind{types.OFFER_KIND_RENTAL}, rentals: map[int64]int64{86400: stream / 2}, lengths: []int64{86400}}
		require.NoError(m.T, m.o.setOffers(m.people[i], id, list))
		m.offer(m.account[m.people[i]], id, types.NewRentalOffer(token.Coin(stream/2), 86400))
	}
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

// anyItem is a collection, or a version of a work.
func (m *model) anyItem(t *rapid.T) string {
	if rapid.IntRange(0, 2).Draw(t, "collection") == 0 {
		return pick(t, "set", slices.Sorted(maps.Keys(m.o.sets)))
	}
	return m.anyVersion(t)
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
	if rarely(t, "version") || rapid.IntRange(0, 2).Draw(t, "item") == 0 {
		work = m.anyItem(t)
	}
	signer := m.someone(t, "stranger")
	if w := m.o.works[m.o.root[work]]; w != nil {
		signer = m.controllerOf(t, w.creator)
	} else if set := m.o.sets[work]; set != nil {
		signer = m.controllerOf(t, set.creator)
	}
	list := oracleList{kinds: rapid.SliceOfNDistinct(rapid.SampledFrom([]types.OfferKind{
		types.OFFER_KIND_FREE, types.OFFER_KIND_PURCHASE, types.OFFER_KIND_PURCHASE, types.OFFER_KIND_METERED, types.OFFER_KIND_PLAN,
		types.OFFER_KIND_RENTAL, types.OFFER_KIND_RENTAL, types.OFFER_KIND_PAY_WHAT_YOU_WANT, types.OFFER_KIND_TIER, types.OFFER_KIND_TOKEN,
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
		default:
			offers = append(offers, m.otherOffers(t, kind, &list)...)
		}
	}
	expect(t, m.o.setOffers(signer, work, list), m.send(&types.MsgSetOffers{Controller: signer, Work: work, Offers: offers}))
}

// otherOffers are of the kinds that ask for rent, stake, coins or nothing certain.
func (m *model) otherOffers(t *rapid.T, kind types.OfferKind, list *oracleList) (offers []types.Offer) {
	switch kind {
	case types.OFFER_KIND_RENTAL:
		list.rentals = map[int64]int64{}
		list.lengths = rapid.SliceOfNDistinct(rapid.SampledFrom(lengths), 1, 2, rapid.ID).Draw(t, "lengths")
		for _, length := range list.lengths {
			list.rentals[length] = price(t)
			offers = append(offers, types.NewRentalOffer(token.Coin(list.rentals[length]), length))
		}
	case types.OFFER_KIND_PAY_WHAT_YOU_WANT:
		list.least = price(t)
		offers = append(offers, types.NewPayWhatYouWantOffer(token.Coin(list.least)))
	case types.OFFER_KIND_TIER:
		list.tier = pick(t, "tier", []streamtypes.Tier{streamtypes.TIER_BRONZE, streamtypes.TIER_SILVER})
		offers = append(offers, types.NewTierOffer(list.tier))
	case types.OFFER_KIND_TOKEN:
		list.token = pick(t, "token", []int64{5 * stream, 500 * stream, 990 * stream})
		offers = append(offers, types.NewTokenOffer(token.Coin(list.token)))
	}
	return offers
}

// lengths are those of rentals, in seconds.
var lengths = []int64{3600, 86400, 3 * 86400}

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
		period: pick(t, "period", []int64{86400, 2 * 86400, 366 * 86400}), trial: pick(t, "trial", []int64{0, 0, 3600, 86400}),
		least: pick(t, "least", []int64{0, 0, 3600, 86400}), seats: pick(t, "seats", []uint32{0, 0, 1, 2}),
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
		Coverage: types.COVERAGE_ALL, Works: p.works, TrialSeconds: p.trial, MinSeconds: p.least, MaxSubscribers: p.seats,
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
	buyer, id, limit := m.someone(t, "buyer"), m.anyItem(t), most(t)
	if sold := m.sold(func(l oracleList) bool { return l.price > 0 || l.least > 0 }); len(sold) > 0 && !rarely(t, "unsold") {
		id = pick(t, "sold", sold)
	}
	recipient, viewer := m.gift(t, buyer)
	hold := fmt.Sprint(buyer, "-", m.o.sequence[buyer]+1)
	msg, pay := &types.MsgPurchase{Buyer: buyer, Work: id, MaxPrice: token.Coin(limit), Recipient: recipient}, int64(0)
	key := id
	if m.o.sets[id] == nil {
		key = m.o.root[id]
	}
	if l := m.o.lists[key]; l.least > 0 && (l.price == 0 || rapid.Bool().Draw(t, "choose")) || rarely(t, "choose anyway") {
		pay = price(t)
		coin := token.Coin(pay)
		msg.Pay = &coin
	}
	expect(t, m.o.purchase(buyer, viewer, id, limit, pay, hold), m.send(msg))
}

// sold are collections and versions of works whose offers are like that.
func (m *model) sold(like func(oracleList) bool) []string {
	var out []string
	for _, cid := range slices.Sorted(maps.Keys(m.o.root)) {
		if like(m.o.lists[m.o.root[cid]]) {
			out = append(out, cid)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(m.o.sets)) {
		if like(m.o.lists[id]) {
			out = append(out, id)
		}
	}
	return out
}

func (m *model) Rent(t *rapid.T) {
	buyer, id, limit, length := m.someone(t, "buyer"), m.anyItem(t), most(t), pick(t, "length", append(lengths, 86400, 86400))
	if sold := m.sold(func(l oracleList) bool { return l.rentals != nil }); len(sold) > 0 && !rarely(t, "unsold") {
		id = pick(t, "sold", sold)
	}
	recipient, viewer := m.gift(t, buyer)
	hold := fmt.Sprint(buyer, "-", m.o.sequence[buyer]+1)
	expect(t, m.o.rent(buyer, viewer, id, length, limit, hold), m.send(&types.MsgRent{
		Renter: buyer, Work: id, DurationSeconds: length, MaxPrice: token.Coin(limit), Recipient: recipient,
	}))
}

// Rearrange takes a work in or out of a collection.
func (m *model) Rearrange(t *rapid.T) {
	id := pick(t, "set", slices.Sorted(maps.Keys(m.o.sets)))
	set := m.o.sets[id]
	work, signer := m.someRoot(t), m.account[m.o.controls[set.creator]]
	if w := m.o.works[work]; w.creator != set.creator || w.retired || w.restricted {
		return
	}
	in := slices.Clone(set.in())
	if i := slices.Index(in, work); i >= 0 {
		require.NoError(t, m.rearrange(signer, id, nil, []string{work}))
		set.history = append(set.history, slices.Delete(in, i, i+1))
		return
	}
	require.NoError(t, m.rearrange(signer, id, []string{work}, nil))
	set.history = append(set.history, append(in, work))
}

func (m *model) Subscribe(t *rapid.T) {
	buyer, id, limit := m.someone(t, "buyer"), m.somePlan(t), most(t)
	periods := rapid.SampledFrom([]uint32{1, 1, 2, 12}).Draw(t, "periods")
	recipient, viewer := m.gift(t, buyer)
	renewals := pick(t, "renewals", []uint32{0, 1, 2, 1 << 31})
	expect(t, m.o.subscribe(buyer, viewer, id, limit, int64(periods), renewals), m.send(&types.MsgSubscribe{
		Subscriber: buyer, Plan: id, MaxPrice: token.Coin(limit), Periods: periods, Recipient: recipient, Renewals: renewals,
	}))
}

// someSubscription is mostly one that there is.
func (m *model) someSubscription(t *rapid.T) (viewer, plan string) {
	keys := slices.SortedFunc(maps.Keys(m.o.subs), func(a, b [2]string) int { return strings.Compare(a[0]+a[1], b[0]+b[1]) })
	if len(keys) == 0 || rarely(t, "none") {
		return m.someone(t, "viewer"), m.somePlan(t)
	}
	key := pick(t, "subscription", keys)
	return key[0], key[1]
}

func (m *model) SetRenewal(t *rapid.T) {
	viewer, id := m.someSubscription(t)
	payer, limit, renewals := viewer, most(t), pick(t, "renewals", []uint32{0, 0, 1, 3})
	if rapid.IntRange(0, 2).Draw(t, "another pays") == 0 {
		payer = m.someone(t, "payer")
	}
	expect(t, m.o.setRenewal(payer, viewer, id, limit, renewals), m.send(&types.MsgSetRenewal{
		Payer: payer, Plan: id, Viewer: viewer, MaxPrice: token.Coin(limit), Renewals: renewals,
	}))
}

func (m *model) Cancel(t *rapid.T) {
	viewer, id := m.someSubscription(t)
	expect(t, m.o.cancel(viewer, id), m.send(&types.MsgCancel{Viewer: viewer, Plan: id}))
}

// Refund is x/revenue's message; its hook ends the access.
func (m *model) Refund(t *rapid.T) {
	if len(m.o.holds) == 0 {
		return
	}
	id := pick(t, "hold", slices.Sorted(maps.Keys(m.o.holds)))
	signer := m.controllerOf(t, m.o.holds[id].creator)
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

// Params changes the grace, also of those who are in one.
func (m *model) Params(t *rapid.T) {
	params := types.DefaultParams()
	m.o.grace = pick(t, "grace", []int64{0, 3600, types.DefaultGraceSeconds})
	params.GraceSeconds = m.o.grace
	require.NoError(t, m.k.UpdateParams(m.Ctx, params))
}

func (m *model) Window(t *rapid.T) {
	params := revenuetypes.DefaultParams()
	m.o.window = pick(t, "window", []int64{0, 3600, 86400, 48 * 3600})
	params.RefundWindowSeconds = m.o.window
	require.NoError(t, m.revenue.UpdateParams(m.Ctx, params))
}

// Block lets time pass: by whole days too, so that ends are met to the second.
func (m *model) Block(t *rapid.T) {
	d := pick(t, "d", []time.Duration{time.Second, time.Second, time.Hour, 3 * time.Hour, day - time.Second, day, 2 * day})
	if d > time.Minute {
		m.jump(d - time.Minute)
		d = time.Minute
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
	f := bareFixture(t)
	base := f.Ctx
	rapid.Check(t, func(rt *rapid.T) {
		f.Ctx, _ = base.CacheContext()
		m := newModel(t, f)
		rt.Repeat(map[string]func(*rapid.T){
			"": m.check, "offers": m.SetOffers, "offers again": m.SetOffers, "plan": m.CreatePlan, "update plan": m.UpdatePlan,
			"purchase": m.Purchase, "purchase again": m.Purchase, "subscribe": m.Subscribe, "subscribe again": m.Subscribe,
			"rent": m.Rent, "rent again": m.Rent, "rearrange": m.Rearrange, "set renewal": m.SetRenewal, "cancel": m.Cancel, "params": m.Params,
			"refund": m.Refund, "court": m.Court, "retire": m.Retire, "publish": m.Publish, "window": m.Window, "block": m.Block, "block again": m.Block,
		})
		m.checkAll(rt)
		require.Equal(rt, m.rows(types.StoreKey), m.copy().rows(types.StoreKey), "export and import")
	})
	if testing.Short() {
		return // too few runs to reach everything
	}
	for _, msg := range []sdk.Msg{
		&types.MsgSetOffers{}, &types.MsgCreatePlan{}, &types.MsgUpdatePlan{}, &types.MsgPurchase{}, &types.MsgRent{}, &types.MsgSubscribe{},
		&types.MsgSetRenewal{}, &types.MsgCancel{}, &contenttypes.MsgUpdateCollection{},
	} {
		require.Greater(t, f.worked[sdk.MsgTypeURL(msg)], 3, "%T: the model does not reach it", msg)
	}
	t.Log(f.worked)
}
