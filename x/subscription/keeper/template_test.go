package keeper_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/templates"
	"github.com/streamchain/streamchain/token"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	"github.com/streamchain/streamchain/x/subscription/template"
	"github.com/streamchain/streamchain/x/subscription/types"
)

// shipped is the message that publishes one of the templates that StreamChain comes with.
func shipped(t testing.TB, author sdk.AccAddress, name string) *types.MsgPublishTemplate {
	t.Helper()
	f, err := templates.Load(name)
	require.NoError(t, err)
	src, err := f.Source()
	require.NoError(t, err)
	return &types.MsgPublishTemplate{
		Author: author.String(), Title: f.Title, Access: src.Access, Price: src.Price, Refund: src.Refund,
		Params: types.NewTemplateParams(src.Params), RoyaltyBps: f.RoyaltyBps,
	}
}

// publish publishes a template, which must succeed, and returns its id.
func (f *fixture) publish(msg *types.MsgPublishTemplate) string {
	f.T.Helper()
	f.NextTx()
	res, err := f.msg.PublishTemplate(f.Ctx, msg)
	require.NoError(f.T, err)
	return res.Template
}

func num(name string, i int64) types.TemplateArg {
	return types.TemplateArg{Name: name, Value: types.NewTemplateValue(template.IntValue(i))}
}

func (f *fixture) buy(buyer sdk.AccAddress, item string, most int64) error {
	return f.send(&types.MsgPurchaseByTemplate{Buyer: buyer.String(), Work: item, MaxPrice: token.Coin(most), OffersVersion: f.offersVersion(item)})
}

// offersVersion is that of an item's offers now.
func (f *fixture) offersVersion(item string) uint64 {
	res, err := f.q.Offers(f.Ctx, &types.QueryOffersRequest{Work: item})
	if err != nil {
		return 0 // a test of what is no item
	}
	return res.List.Version
}

func (f *fixture) giveBack(buyer sdk.AccAddress, item string) (int64, error) {
	f.NextTx()
	cache, write := f.Ctx.CacheContext()
	res, err := f.msg.RefundByTemplate(cache, &types.MsgRefundByTemplate{Buyer: buyer.String(), Work: item})
	if err != nil {
		return 0, err
	}
	write()
	return res.Refunded.Amount.Int64(), nil
}

// standing is what a viewer has bought, in numbers.
func (f *fixture) standing(viewer sdk.AccAddress, item string) (types.TemplateStanding, types.TemplateTotals) {
	f.T.Helper()
	res, err := f.q.TemplateStanding(f.Ctx, &types.QueryTemplateStandingRequest{Work: item, Viewer: viewer.String()})
	require.NoError(f.T, err)
	return res.Standing, res.Totals
}

// market is a stage with a template by bob, on sale at alice's unsold work for 4 STREAM once, money back on demand.
type market struct {
	*stage
	once, free string
}

func newMarket(t testing.TB) *market {
	s := newStage(t)
	m := &market{stage: s}
	m.once = s.publish(&types.MsgPublishTemplate{
		Author: s.bob.String(), Title: "Once", Access: "viewer.purchases > 0", Price: "viewer.purchases > 0 ? -1 : params.price",
		Refund: "params.back", RoyaltyBps: 150, Params: types.NewTemplateParams([]template.Param{
			{Name: "price", Type: template.Int, Min: 0, Max: 1 << 60, Default: template.IntValue(4 * stream)},
			{Name: "back", Type: template.Int, Min: -1, Max: 20_000, Default: template.IntValue(10_000)},
		}),
	})
	m.free = s.publish(shipped(t, s.bob, "first-n-free"))
	s.offer(s.alice, s.unsold, types.NewTemplateOffer(m.once))
	return m
}

func TestPublishTemplate(t *testing.T) {
	s := newStage(t)
	before := s.Balance(s.bob)
	msg := shipped(t, s.bob, "first-n-free")
	id := s.publish(msg)
	require.True(t, s.has("EventTemplatePublished"))
	require.Equal(t, s.bob.String()+"/1", id)
	require.Equal(t, before-types.TemplateDeposit, s.Balance(s.bob))
	msg.Previous = id
	second := s.publish(msg)
	res, err := s.q.Template(s.Ctx, &types.QueryTemplateRequest{Template: second})
	require.NoError(t, err)
	want := msg.Template()
	want.Id, want.Version, want.CreatedAt, want.Deposit = second, 2, s.now(), token.Coin(types.TemplateDeposit)
	require.Equal(t, want, res.Template)
	s.publish(shipped(t, s.owner, "referral"))
	all, err := s.q.Templates(s.Ctx, &types.QueryTemplatesRequest{})
	require.NoError(t, err)
	require.Len(t, all.Templates, 3)
	bobs, err := s.q.Templates(s.Ctx, &types.QueryTemplatesRequest{Author: s.bob.String()})
	require.NoError(t, err)
	require.Len(t, bobs.Templates, 2)

	// never used: it goes, and the deposit comes back; its number is never given out again
	require.NoError(t, s.send(&types.MsgRemoveTemplate{Author: s.bob.String(), Template: second}))
	require.True(t, s.has("EventTemplateRemoved"))
	s.next(time.Second)
	require.Equal(t, before-types.TemplateDeposit, s.Balance(s.bob))
	msg.Previous = ""
	require.Equal(t, s.bob.String()+"/3", s.publish(msg))
}

// TestGiftsChangeNoTerms: the creator cannot take back what was bought, or its refund, by giving it again under other terms.
func TestGiftsChangeNoTerms(t *testing.T) {
	s := newMarket(t)
	require.NoError(t, s.buy(s.owner, s.unsold, 4*stream))
	trap := s.publish(&types.MsgPublishTemplate{Author: s.alice.String(), Title: "Trap", Access: "false", Price: "0", Refund: "0"})
	s.offer(s.alice, s.unsold, types.NewTemplateOffer(trap))
	gift := &types.MsgPurchaseByTemplate{Buyer: s.alice.String(), Recipient: s.owner.String(), Work: s.unsold, OffersVersion: s.offersVersion(s.unsold), MaxPrice: token.Coin(1)}
	require.ErrorIs(t, s.send(gift), types.ErrNotSoldNow)
	d, err := s.k.Access(s.Ctx, s.owner.String(), s.unsold)
	require.NoError(t, err)
	require.True(t, d.Granted)
	back, err := s.giveBack(s.owner, s.unsold)
	require.NoError(t, err)
	require.EqualValues(t, 4*stream, back)
	require.NoError(t, s.send(gift), "who has nothing any more can be given")
}

func TestPublishTemplateRejections(t *testing.T) {
	s := newStage(t)
	first := s.publish(shipped(t, s.bob, "first-n-free"))
	with := func(change func(*types.MsgPublishTemplate)) *types.MsgPublishTemplate {
		msg := shipped(t, s.bob, "first-n-free")
		change(msg)
		return msg
	}
	cases := map[string]refusal{
		"no title":         {with(func(m *types.MsgPublishTemplate) { m.Title = " " }), types.ErrInvalidTitle},
		"royalty":          {with(func(m *types.MsgPublishTemplate) { m.RoyaltyBps = 201 }), types.ErrInvalidRoyalty},
		"fractions":        {with(func(m *types.MsgPublishTemplate) { m.Price = "1.5" }), types.ErrInvalidTemplate},
		"no expression":    {with(func(m *types.MsgPublishTemplate) { m.Access = "" }), types.ErrInvalidTemplate},
		"wrong type":       {with(func(m *types.MsgPublishTemplate) { m.Refund = "true" }), types.ErrInvalidTemplate},
		"too long":         {with(func(m *types.MsgPublishTemplate) { m.Price = strings.Repeat(" ", 1024) + "1" }), types.ErrInvalidTemplate},
		"unknown fact":     {with(func(m *types.MsgPublishTemplate) { m.Price = "viewer.age" }), types.ErrInvalidTemplate},
		"unknown param":    {with(func(m *types.MsgPublishTemplate) { m.Params = nil }), types.ErrInvalidTemplate},
		"param of no type": {with(func(m *types.MsgPublishTemplate) { m.Params[0].Type = 9 }), types.ErrInvalidTemplate},
		"default beyond":   {with(func(m *types.MsgPublishTemplate) { m.Params[0].Default.Number = 0 }), types.ErrInvalidTemplate},
		"default of two":   {with(func(m *types.MsgPublishTemplate) { m.Params[0].Default.Text = "x" }), types.ErrInvalidTemplate},
		"no default":       {with(func(m *types.MsgPublishTemplate) { m.Params[0].Default = types.TemplateValue{} }), types.ErrInvalidTemplate},
		"list too long":    {with(func(m *types.MsgPublishTemplate) { m.Params[0].MaxLen = 1 << 31 }), types.ErrInvalidTemplate},
		"previous unknown": {with(func(m *types.MsgPublishTemplate) { m.Previous = s.bob.String() + "/9" }), types.ErrTemplateNotFound},
		"previous no id":   {with(func(m *types.MsgPublishTemplate) { m.Previous = "1" }), types.ErrInvalidTemplateID},
		"previous foreign": {with(func(m *types.MsgPublishTemplate) { m.Author, m.Previous = s.alice.String(), first }), types.ErrNotAuthor},
	}
	for name, addr := range s.badAddresses() {
		cases["author "+name] = refusal{with(func(m *types.MsgPublishTemplate) { m.Author = addr }), types.ErrInvalidAddress}
		cases["remove "+name] = refusal{&types.MsgRemoveTemplate{Author: addr, Template: first}, types.ErrInvalidAddress}
	}
	for _, id := range []string{"", "x", s.bob.String(), s.bob.String() + "/0", s.bob.String() + "/01", s.aliceID + "/1"} {
		cases["remove "+id] = refusal{&types.MsgRemoveTemplate{Author: s.bob.String(), Template: id}, types.ErrInvalidTemplateID}
	}
	cases["remove none"] = refusal{&types.MsgRemoveTemplate{Author: s.bob.String(), Template: s.bob.String() + "/2"}, types.ErrTemplateNotFound}
	cases["remove foreign"] = refusal{&types.MsgRemoveTemplate{Author: s.alice.String(), Template: first}, types.ErrNotAuthor}
	s.refused(cases)
	before := s.state()
	require.Error(t, s.send(with(func(m *types.MsgPublishTemplate) { m.Author = s.poor.String() })), "the deposit")
	require.Equal(t, before, s.state())
	s.offer(s.alice, s.work, types.NewTemplateOffer(first))
	s.refused(map[string]refusal{"used": {&types.MsgRemoveTemplate{Author: s.bob.String(), Template: first}, types.ErrTemplateUsed}})
}

func TestTemplateOfferRejections(t *testing.T) {
	m := newMarket(t)
	offer := func(id string, args ...types.TemplateArg) *types.MsgSetOffers {
		return &types.MsgSetOffers{Controller: m.alice.String(), Work: m.work, Offers: []types.Offer{types.NewTemplateOffer(id, args...)}}
	}
	text := types.TemplateArg{Name: "price", Value: types.NewTemplateValue(template.TextValue("x"))}
	twoFields := num("price", 1)
	twoFields.Value.Truth = true
	long := types.TemplateArg{Name: "price", Value: types.NewTemplateValue(template.ListValue(make([]int64, 33)...))}
	m.refused(map[string]refusal{
		"no id":         {offer("x"), types.ErrInvalidTemplateID},
		"unknown":       {offer(m.bob.String() + "/99"), types.ErrTemplateNotFound},
		"unknown arg":   {offer(m.once, num("prices", 1)), types.ErrInvalidTemplateArgs},
		"out of bounds": {offer(m.once, num("price", -1)), types.ErrInvalidTemplateArgs},
		"type":          {offer(m.once, text), types.ErrInvalidTemplateArgs},
		"two fields":    {offer(m.once, twoFields), types.ErrInvalidTemplateArgs},
		"no type":       {offer(m.once, types.TemplateArg{Name: "price"}), types.ErrInvalidTemplateArgs},
		"not sorted":    {offer(m.once, num("price", 1), num("back", 1)), types.ErrInvalidTemplateArgs},
		"twice":         {offer(m.once, num("price", 1), num("price", 1)), types.ErrInvalidTemplateArgs},
		"long":          {offer(m.once, long), types.ErrInvalidTemplateArgs},
		"many":          {offer(m.once, make([]types.TemplateArg, 17)...), types.ErrInvalidTemplateArgs},
		"two templates": {&types.MsgSetOffers{Controller: m.alice.String(), Work: m.work, Offers: []types.Offer{
			types.NewTemplateOffer(m.once), types.NewTemplateOffer(m.free),
		}}, types.ErrDuplicateOffer},
	})
}

func TestPurchaseByTemplate(t *testing.T) {
	m := newMarket(t)
	start, bob := m.now(), m.earned(m.bob.String())
	require.False(t, m.access(m.buyer.String(), m.unsold).Granted)
	offers := m.access(m.buyer.String(), m.unsold).Offers
	require.Contains(t, offers, types.OfferCost{Kind: types.OFFER_KIND_TEMPLATE, Price: token.Coin(4 * stream)})
	m.NextTx()
	res, err := m.msg.PurchaseByTemplate(m.Ctx, &types.MsgPurchaseByTemplate{Buyer: m.buyer.String(), Work: m.unsold, OffersVersion: m.offersVersion(m.unsold), MaxPrice: token.Coin(9 * stream)})
	require.NoError(t, err)
	require.True(t, m.has("EventTemplatePurchased"))
	require.Equal(t, token.Coin(4*stream), res.Paid)
	require.EqualValues(t, 96*stream, m.Balance(m.buyer))
	d := m.access(m.buyer.String(), m.unsold)
	require.True(t, d.Granted)
	require.Equal(t, types.ACCESS_BY_TEMPLATE, d.By)
	require.Equal(t, types.ReasonTemplate, d.Reason)
	for _, o := range d.Offers {
		require.NotEqual(t, types.OFFER_KIND_TEMPLATE, o.Kind, "nothing more is sold")
	}
	standing, totals := m.standing(m.buyer, m.unsold)
	require.Equal(t, types.TemplateTotals{Work: m.unsold, Buyers: 1, Sales: 1, Gross: 4 * stream}, totals)
	require.Equal(t, []types.TemplatePurchase{{HoldId: res.HoldId, At: start, Price: 4 * stream, Begins: true, ReleaseAt: res.ReleaseAt}}, standing.Recent)
	require.ErrorIs(t, m.buy(m.buyer, m.unsold, 9*stream), types.ErrNotSoldNow)

	// shared out after the window: the creator has not less by the royalty, its author has it
	m.next(window)
	m.next(time.Second)
	require.EqualValues(t, 4*stream*9050/10000+5*stream*9050/10000, m.earned(m.aliceID))
	require.EqualValues(t, bob+4*stream*150/10000, m.earned(m.bob.String()))
	require.True(t, m.access(m.buyer.String(), m.unsold).Granted)
	require.NoError(t, m.send(&types.MsgPurchaseByTemplate{Buyer: m.owner.String(), Work: m.unsold, OffersVersion: m.offersVersion(m.unsold), MaxPrice: token.Coin(4 * stream), Recipient: m.poor.String()}))
	require.True(t, m.access(m.poor.String(), m.unsold).Granted, "a gift")
	require.False(t, m.access(m.owner.String(), m.unsold).Granted)
}

// A creator who sees a purchase coming cannot change what it buys: the price is the same, and the access would be none.
func TestNobodyChangesTermsBeforeThePurchase(t *testing.T) {
	m := newMarket(t)
	signed := &types.MsgPurchaseByTemplate{Buyer: m.buyer.String(), Work: m.unsold, OffersVersion: m.offersVersion(m.unsold), MaxPrice: token.Coin(4 * stream)}
	trap := m.publish(&types.MsgPublishTemplate{Author: m.alice.String(), Title: "Trap", Access: "false", Price: "4000000", Refund: "0"})
	m.offer(m.alice, m.unsold, types.NewTemplateOffer(trap))
	before := m.state()
	require.ErrorIs(t, m.send(signed), types.ErrTermsChanged)
	require.Equal(t, before, m.state())
	require.NoError(t, m.buy(m.buyer, m.unsold, 4*stream), "who has seen it may")
	require.False(t, m.access(m.buyer.String(), m.unsold).Granted)
}

func TestPurchaseByTemplateRejections(t *testing.T) {
	m := newMarket(t)
	with := func(change func(*types.MsgPurchaseByTemplate)) *types.MsgPurchaseByTemplate {
		msg := &types.MsgPurchaseByTemplate{Buyer: m.buyer.String(), Work: m.unsold, OffersVersion: m.offersVersion(m.unsold), MaxPrice: token.Coin(4 * stream)}
		change(msg)
		return msg
	}
	coin := func(denom string, amount math.Int) *sdk.Coin { return &sdk.Coin{Denom: denom, Amount: amount} }
	empty := m.collection(m.alice)
	m.offer(m.alice, empty, types.NewTemplateOffer(m.once))
	require.NoError(t, m.buy(m.owner, m.unsold, 4*stream))
	cases := map[string]refusal{
		"no work":          {with(func(p *types.MsgPurchaseByTemplate) { p.Work = "x" }), contenttypes.ErrInvalidWorkID},
		"no offer":         {with(func(p *types.MsgPurchaseByTemplate) { p.Work = m.work }), types.ErrNotForSale},
		"retired":          {with(func(p *types.MsgPurchaseByTemplate) { p.Work = m.retired }), types.ErrWorkNotActive},
		"restricted":       {with(func(p *types.MsgPurchaseByTemplate) { p.Work = m.restricted }), types.ErrWorkNotActive},
		"empty collection": {with(func(p *types.MsgPurchaseByTemplate) { p.Work = empty }), types.ErrNotForSale},
		"above max":        {with(func(p *types.MsgPurchaseByTemplate) { p.MaxPrice = token.Coin(4*stream - 1) }), types.ErrPriceAboveMax},
		"max of another":   {with(func(p *types.MsgPurchaseByTemplate) { p.MaxPrice.Denom = "uother" }), types.ErrWrongDenom},
		"no max":           {with(func(p *types.MsgPurchaseByTemplate) { p.MaxPrice.Amount = math.Int{} }), types.ErrInvalidPrice},
		"pay of another":   {with(func(p *types.MsgPurchaseByTemplate) { p.Pay = coin("uother", math.NewInt(1)) }), types.ErrWrongDenom},
		"pay nothing":      {with(func(p *types.MsgPurchaseByTemplate) { p.Pay = coin("ustream", math.ZeroInt()) }), types.ErrInvalidPrice},
		"pay no amount":    {with(func(p *types.MsgPurchaseByTemplate) { p.Pay = coin("ustream", math.Int{}) }), types.ErrInvalidPrice},
		"pay above max":    {with(func(p *types.MsgPurchaseByTemplate) { p.Pay = coin("ustream", math.NewInt(4*stream+1)) }), types.ErrPriceAboveMax},
		"owned":            {with(func(p *types.MsgPurchaseByTemplate) { p.Recipient = m.owner.String() }), types.ErrNotSoldNow},
		"refers himself":   {with(func(p *types.MsgPurchaseByTemplate) { p.Referrer = m.buyer.String() }), types.ErrInvalidReferrer},
		"refers the payer": {with(func(p *types.MsgPurchaseByTemplate) {
			p.Referrer, p.Recipient, p.Buyer = m.owner.String(), m.buyer.String(), m.owner.String()
		}), types.ErrInvalidReferrer},
		"refers a nobody": {with(func(p *types.MsgPurchaseByTemplate) { p.Referrer = m.poor.String() }), types.ErrInvalidReferrer},
	}
	for name, addr := range m.badAddresses() {
		cases["buyer "+name] = refusal{with(func(p *types.MsgPurchaseByTemplate) { p.Buyer = addr }), types.ErrInvalidAddress}
		cases["recipient "+name] = refusal{with(func(p *types.MsgPurchaseByTemplate) { p.Recipient = addr }), types.ErrInvalidRecipient}
		cases["referrer "+name] = refusal{with(func(p *types.MsgPurchaseByTemplate) { p.Referrer = addr }), types.ErrInvalidReferrer}
		cases["back: buyer "+name] = refusal{&types.MsgRefundByTemplate{Buyer: addr, Work: m.unsold}, types.ErrInvalidAddress}
		cases["back: recipient "+name] = refusal{&types.MsgRefundByTemplate{Buyer: m.buyer.String(), Recipient: addr, Work: m.unsold}, types.ErrInvalidRecipient}
	}
	cases["back: no work"] = refusal{&types.MsgRefundByTemplate{Buyer: m.buyer.String(), Work: "x"}, contenttypes.ErrInvalidWorkID}
	cases["back: none"] = refusal{&types.MsgRefundByTemplate{Buyer: m.buyer.String(), Work: m.unsold}, types.ErrNoRefund}
	cases["back: another paid"] = refusal{&types.MsgRefundByTemplate{Buyer: m.buyer.String(), Recipient: m.owner.String(), Work: m.unsold}, types.ErrNoRefund}
	m.refused(cases)
	for name, v := range map[string]uint64{"none": 0, "older": m.offersVersion(m.unsold) - 1, "newer": m.offersVersion(m.unsold) + 1} {
		m.refused(map[string]refusal{"version, " + name: {with(func(p *types.MsgPurchaseByTemplate) { p.OffersVersion = v }), types.ErrTermsChanged}})
	}
	before := m.state()
	require.Error(t, m.buy(m.poor, m.unsold, 4*stream), "coins")
	require.Equal(t, before, m.state())
}

// What was bought stays as it was bought, whatever the creator offers later.
func TestTermsStay(t *testing.T) {
	m := newMarket(t)
	require.NoError(t, m.buy(m.buyer, m.unsold, 4*stream))
	m.offer(m.alice, m.unsold, types.NewTemplateOffer(m.once, num("back", 0), num("price", 9*stream)))
	require.True(t, m.access(m.buyer.String(), m.unsold).Granted)
	require.ErrorIs(t, m.buy(m.owner, m.unsold, 4*stream), types.ErrPriceAboveMax)
	require.NoError(t, m.buy(m.owner, m.unsold, 9*stream))
	_, err := m.giveBack(m.owner, m.unsold)
	require.ErrorIs(t, err, types.ErrNoRefund, "the new terms")
	m.offer(m.alice, m.unsold)
	require.True(t, m.access(m.buyer.String(), m.unsold).Granted, "nothing is offered any more")
	require.False(t, m.access(m.poor.String(), m.unsold).Granted)
	back, err := m.giveBack(m.buyer, m.unsold)
	require.NoError(t, err, "the terms that it was bought under")
	require.EqualValues(t, 4*stream, back)
	require.True(t, m.has("EventTemplateRefunded"))
	require.False(t, m.access(m.buyer.String(), m.unsold).Granted)
	m.retire(m.alice, m.unsold)
	require.True(t, m.access(m.owner.String(), m.unsold).Granted)
}

func TestTemplateRefunds(t *testing.T) {
	for name, c := range map[string]struct{ price, bps, back int64 }{
		"all":             {4 * stream, 10_000, 4 * stream},
		"a third":         {4 * stream, 3_333, 1_333_200},
		"rounded down":    {10_000_001, 5_000, 5_000_000},
		"nothing":         {4 * stream, 0, 0},
		"below nothing":   {4 * stream, -1, 0},
		"above all":       {4 * stream, 10_001, 0},
		"too little":      {1_000, 9_000, 0},
		"too little left": {10_500, 9_999, 10_500},
		"one ustream":     {1, 10_000, 1},
		"for nothing":     {0, 10_000, 0},
	} {
		m := newMarket(t)
		m.offer(m.alice, m.unsold, types.NewTemplateOffer(m.once, num("back", c.bps), num("price", c.price)))
		require.NoError(t, m.buy(m.buyer, m.unsold, c.price), name)
		require.EqualValues(t, 100*stream-c.price, m.Balance(m.buyer), name)
		back, err := m.giveBack(m.buyer, m.unsold)
		require.Equal(t, c.back, back, name)
		if c.back == 0 {
			require.ErrorIs(t, err, types.ErrNoRefund, name)
			require.True(t, m.access(m.buyer.String(), m.unsold).Granted, name)
			continue
		}
		require.NoError(t, err, name)
		require.False(t, m.access(m.buyer.String(), m.unsold).Granted, name)
		standing, totals := m.standing(m.buyer, m.unsold)
		require.Equal(t, types.TemplateStanding{Viewer: m.buyer.String(), Work: m.unsold}, standing, name)
		require.Equal(t, types.TemplateTotals{Work: m.unsold}, totals, name)
		m.next(time.Second)
		require.EqualValues(t, 100*stream-c.price+c.back, m.Balance(m.buyer), name)
		earned := m.earned(m.aliceID)
		m.next(window)
		m.next(time.Second)
		if kept := c.price - c.back; kept > 0 {
			require.GreaterOrEqual(t, m.earned(m.aliceID)-earned, kept*9_000/10_000, name)
		}
		// and it can be bought anew
		require.NoError(t, m.buy(m.buyer, m.unsold, c.price), name)
		m.check()
	}
}

// The refund window is the outer bound, and the creator can give everything back at any time before.
func TestTemplateRefundBounds(t *testing.T) {
	m := newMarket(t)
	require.NoError(t, m.buy(m.buyer, m.unsold, 4*stream))
	require.NoError(t, m.buy(m.owner, m.unsold, 4*stream))
	_, err := m.fixture.revenue.Refund(m.Ctx, m.alice, m.owner.String()+"-2")
	require.NoError(t, err)
	require.False(t, m.access(m.owner.String(), m.unsold).Granted)
	_, totals := m.standing(m.owner, m.unsold)
	require.Equal(t, types.TemplateTotals{Work: m.unsold, Buyers: 1, Sales: 1, Gross: 4 * stream}, totals)
	m.next(window)
	_, err = m.giveBack(m.buyer, m.unsold)
	require.ErrorIs(t, err, types.ErrNoRefund)
	require.True(t, m.access(m.buyer.String(), m.unsold).Granted)
}

func TestTemplateDiscount(t *testing.T) {
	m := newMarket(t)
	m.tiers[m.buyer.String()] = streamtypes.TIER_GOLD
	m.NextTx()
	res, err := m.msg.PurchaseByTemplate(m.Ctx, &types.MsgPurchaseByTemplate{Buyer: m.buyer.String(), Work: m.unsold, OffersVersion: m.offersVersion(m.unsold), MaxPrice: token.Coin(4 * stream)})
	require.NoError(t, err)
	// 20 % of stakers, treasury, participation and burn: 6 % of the price
	require.EqualValues(t, 4*stream-4*stream*600*2000/10000/10000, res.Paid.Amount.Int64())
	require.EqualValues(t, 100*stream-res.Paid.Amount.Int64(), m.Balance(m.buyer))
	back, err := m.giveBack(m.buyer, m.unsold)
	require.NoError(t, err)
	require.EqualValues(t, res.Paid.Amount.Int64(), back, "what was paid, not the price")
}

// A referrer counts what he brought, as long as it counts.
func TestReferral(t *testing.T) {
	m := newMarket(t)
	id := m.publish(shipped(t, m.bob, "referral"))
	m.offer(m.alice, m.unsold, types.NewTemplateOffer(id, num("bonus", 1000), num("period", 86400), num("price", stream)))
	by := func(viewer sdk.AccAddress, referrer string, most int64) error {
		return m.send(&types.MsgPurchaseByTemplate{Buyer: viewer.String(), Work: m.unsold, OffersVersion: m.offersVersion(m.unsold), MaxPrice: token.Coin(most), Referrer: referrer})
	}
	require.NoError(t, by(m.owner, "", stream))
	require.ErrorIs(t, by(m.buyer, "", stream*8/10), types.ErrPriceAboveMax)
	require.NoError(t, by(m.buyer, m.owner.String(), stream*8/10))
	standing, _ := m.standing(m.owner, m.unsold)
	require.EqualValues(t, 1, standing.Referrals)
	require.ErrorIs(t, by(m.buyer, m.owner.String(), stream), types.ErrInvalidReferrer, "only at a first purchase")
	m.next(24 * time.Hour)
	require.True(t, m.access(m.owner.String(), m.unsold).Granted, "longer by what it brought")
	require.False(t, m.access(m.buyer.String(), m.unsold).Granted)
	require.NoError(t, by(m.buyer, "", stream), "the whole price the second time")
	m.next(1000 * time.Second)
	require.False(t, m.access(m.owner.String(), m.unsold).Granted)
	_, err := m.fixture.revenue.Refund(m.Ctx, m.alice, m.buyer.String()+"-2")
	require.NoError(t, err)
	standing, _ = m.standing(m.owner, m.unsold)
	require.EqualValues(t, 1, standing.Referrals, "the first purchase still counts")
	_, err = m.fixture.revenue.Refund(m.Ctx, m.alice, m.buyer.String()+"-1")
	require.NoError(t, err)
	standing, _ = m.standing(m.owner, m.unsold)
	require.Zero(t, standing.Referrals)
	m.check()
}

// A course opens its lessons in time, by the place that they have in it.
func TestStagedCourse(t *testing.T) {
	m := newMarket(t)
	lessons := []string{m.work, m.unsold, m.work2("third"), m.work2("fourth")}
	course := m.collection(m.alice, lessons...)
	m.offer(m.alice, m.work)
	m.offer(m.alice, m.unsold)
	id := m.publish(shipped(t, m.bob, "staged-course"))
	m.offer(m.alice, course, types.NewTemplateOffer(id, num("interval", 86400), num("price", 3*stream)))
	open := func(viewer string) (n int) {
		for _, lesson := range lessons {
			if d := m.access(viewer, lesson); d.Granted {
				require.Equal(t, course, d.Collection)
				n++
			}
		}
		return n
	}
	require.Equal(t, 1, open(""), "the first lesson is free, without an account too")
	require.NoError(t, m.buy(m.buyer, course, 3*stream))
	require.Equal(t, 2, open(m.buyer.String()))
	m.next(24*time.Hour - time.Second)
	require.Equal(t, 2, open(m.buyer.String()))
	m.next(time.Second)
	require.Equal(t, 3, open(m.buyer.String()))
	m.next(24 * time.Hour)
	require.Equal(t, 4, open(m.buyer.String()))
	// taken out after it was bought: it stays bought
	require.NoError(t, m.rearrange(m.alice, course, nil, lessons[3:]))
	require.True(t, m.access(m.buyer.String(), lessons[3]).Granted)
	require.False(t, m.access(m.poor.String(), lessons[3]).Granted)
	require.NoError(t, m.buy(m.owner, course, 3*stream))
	m.next(24 * time.Hour)
	require.True(t, m.access(m.owner.String(), lessons[2]).Granted)
	require.False(t, m.access(m.owner.String(), lessons[3]).Granted, "gone before it was bought")
}

func (s *stage) work2(name string) string { return s.fixture.work(s.alice, name, "") }

func TestTemplatePreview(t *testing.T) {
	m := newMarket(t)
	ask := func(req types.QueryTemplatePreviewRequest) types.TemplatePreview {
		res, err := m.q.TemplatePreview(m.Ctx, &req)
		require.NoError(t, err)
		return res.Preview
	}
	before := m.state()
	p := ask(types.QueryTemplatePreviewRequest{Work: m.unsold, Viewer: m.buyer.String()})
	require.True(t, p.ForSale && !p.Access)
	require.Equal(t, token.Coin(4*stream), p.Price)
	require.EqualValues(t, 10_000, p.RefundBps)
	require.EqualValues(t, 4*stream*150/10000, p.Distribution.RoyaltyPart.Int64())
	require.True(t, p.Distribution.CreatorPart.GTE(math.NewInt(4*stream*9000/10000)))
	require.Equal(t, before, m.state(), "a preview changes nothing")
	p = ask(types.QueryTemplatePreviewRequest{Work: m.unsold, Facts: []types.TemplateFact{{Name: "viewer.purchases", Value: types.NewTemplateValue(template.IntValue(1))}}})
	require.True(t, p.Access && !p.ForSale)
	require.Nil(t, p.Distribution)
	require.Contains(t, p.PriceError, "sells nothing")
	p = ask(types.QueryTemplatePreviewRequest{Terms: &types.TemplateTerms{Template: m.once, Args: []types.TemplateArg{num("back", 20_000)}}, Viewer: m.buyer.String()})
	require.Contains(t, p.RefundError, "basis points")
	require.Zero(t, p.RefundBps)
	for name, c := range map[string]struct {
		req types.QueryTemplatePreviewRequest
		err error
	}{
		"nothing":     {types.QueryTemplatePreviewRequest{}, types.ErrNotForSale},
		"no offer":    {types.QueryTemplatePreviewRequest{Work: m.work}, types.ErrNotForSale},
		"no work":     {types.QueryTemplatePreviewRequest{Work: "x"}, contenttypes.ErrInvalidWorkID},
		"no viewer":   {types.QueryTemplatePreviewRequest{Work: m.unsold, Viewer: "x"}, types.ErrInvalidAddress},
		"no template": {types.QueryTemplatePreviewRequest{Terms: &types.TemplateTerms{Template: m.bob.String() + "/9"}}, types.ErrTemplateNotFound},
		"bad args":    {types.QueryTemplatePreviewRequest{Terms: &types.TemplateTerms{Template: m.once, Args: []types.TemplateArg{num("x", 1)}}}, types.ErrInvalidTemplateArgs},
		"bad fact":    {types.QueryTemplatePreviewRequest{Work: m.unsold, Facts: []types.TemplateFact{{Name: "x", Value: num("", 1).Value}}}, types.ErrInvalidFact},
		"bad value":   {types.QueryTemplatePreviewRequest{Work: m.unsold, Facts: []types.TemplateFact{{Name: "offered"}}}, types.ErrInvalidTemplateArgs},
	} {
		_, err := m.q.TemplatePreview(m.Ctx, &c.req)
		require.ErrorIs(t, err, c.err, name)
	}
	for _, req := range []types.QueryTemplateStandingRequest{{Work: "x", Viewer: m.buyer.String()}, {Work: m.work, Viewer: "x"}} {
		_, err := m.q.TemplateStanding(m.Ctx, &req)
		require.Error(t, err)
	}
	_, err := m.q.Templates(m.Ctx, &types.QueryTemplatesRequest{Author: "x"})
	require.ErrorIs(t, err, types.ErrInvalidAddress)
	_, err = m.q.Template(m.Ctx, &types.QueryTemplateRequest{Template: "x"})
	require.ErrorIs(t, err, types.ErrInvalidTemplateID)
}

// Gas is charged before the work, by length and by the most that it can cost.
func TestTemplateGas(t *testing.T) {
	m := newMarket(t)
	gas := func(id string) uint64 {
		m.NextTx()
		cache, _ := m.Ctx.CacheContext()
		cache = cache.WithGasMeter(newMeter())
		_, err := m.q.TemplatePreview(cache, &types.QueryTemplatePreviewRequest{Terms: &types.TemplateTerms{Template: id}})
		require.NoError(t, err)
		return cache.GasMeter().GasConsumed()
	}
	dear := m.publish(&types.MsgPublishTemplate{
		Author: m.bob.String(), Title: "Dear", Access: "true", Price: strings.TrimSuffix(strings.Repeat("steps([1,2,3],9)+", 20), "+"), Refund: "0",
	})
	cheap := m.publish(&types.MsgPublishTemplate{Author: m.bob.String(), Title: "Dear", Access: "true", Price: strings.Repeat(" ", 338) + "1", Refund: "0"})
	require.Greater(t, gas(dear), gas(cheap)+20*35*types.TemplateUnitGas)
	require.Greater(t, gas(cheap), uint64(types.TemplateCheckGas+340*types.TemplateByteGas))
}

func newMeter() storetypes.GasMeter { return storetypes.NewInfiniteGasMeter() }

// At most 16 purchases of a viewer wait to be refundable, and those whose window has ended make room.
func TestTooManyRefundable(t *testing.T) {
	m := newMarket(t)
	id := m.publish(shipped(t, m.bob, "pay-what-you-want"))
	m.offer(m.alice, m.unsold, types.NewTemplateOffer(id))
	for range types.MaxRefundable {
		require.NoError(t, m.buy(m.buyer, m.unsold, stream))
	}
	m.refused(map[string]refusal{"one more": {&types.MsgPurchaseByTemplate{
		Buyer: m.buyer.String(), Work: m.unsold, OffersVersion: m.offersVersion(m.unsold), MaxPrice: token.Coin(stream),
	}, types.ErrTooManyRefundable}})
	m.next(window)
	m.next(time.Second)
	pay := token.Coin(7 * stream)
	require.NoError(t, m.send(&types.MsgPurchaseByTemplate{Buyer: m.buyer.String(), Work: m.unsold, OffersVersion: m.offersVersion(m.unsold), MaxPrice: pay, Pay: &pay}))
	standing, totals := m.standing(m.buyer, m.unsold)
	require.Len(t, standing.Recent, 1)
	require.EqualValues(t, types.MaxRefundable, standing.History.Purchases)
	require.Equal(t, types.TemplateTotals{Work: m.unsold, Buyers: 1, Sales: 17, Gross: 16*100_000 + 7*stream}, totals)
}
