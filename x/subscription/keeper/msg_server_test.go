package keeper_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/streamchain/streamchain/token"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	"github.com/streamchain/streamchain/x/subscription/types"
)

// stage is a state in which each message of the tables below would pass but for one field.
type stage struct {
	*fixture
	alice, bob         sdk.AccAddress
	aliceID            string
	buyer, poor, owner sdk.AccAddress
	work, version      string // alice's, on sale
	unsold             string // alice's, without offers
	retired            string // alice's, was on sale
	restricted         string // alice's, is on sale
	bobs               string // bob's
	plan, closed       string // alice's
	bobsPlan           string
}

func newStage(t testing.TB) *stage {
	f := newFixture(t)
	s := &stage{fixture: f, buyer: f.Funded("buyer", 100*stream), poor: f.Funded("poor", 1), owner: f.Funded("owner", 100*stream)}
	s.alice, s.aliceID = f.creator("alice")
	s.bob, _ = f.creator("bob")
	s.work = f.work(s.alice, "work", "")
	s.version = f.work(s.alice, "work, again", s.work)
	s.unsold = f.work(s.alice, "unsold", "")
	s.retired = f.work(s.alice, "retired", "")
	s.restricted = f.work(s.alice, "restricted", "")
	s.bobs = f.work(s.bob, "bob's", "")
	for _, work := range []string{s.work, s.retired, s.restricted} {
		f.offer(s.alice, work, types.NewPurchaseOffer(token.Coin(5*stream)))
	}
	require.NoError(t, f.purchase(s.owner, s.work, 5*stream))
	s.plan, s.closed, s.bobsPlan = f.plan(s.alice, 3*stream), f.plan(s.alice, 3*stream), f.plan(s.bob, stream)
	require.NoError(t, f.send(&types.MsgUpdatePlan{Controller: s.alice.String(), Plan: s.closed, Price: token.Coin(3 * stream), Title: "Closed", Closed: true}))
	f.retire(s.alice, s.retired)
	f.content.restricted[s.restricted] = true
	return s
}

// refused checks that each message is refused with its error and changes nothing.
func (s *stage) refused(cases map[string]refusal) {
	s.T.Helper()
	for name, c := range cases {
		before := s.state()
		require.ErrorIs(s.T, s.send(c.msg), c.err, name)
		require.Equal(s.T, before, s.state(), name)
	}
}

type refusal struct {
	msg sdk.Msg
	err error
}

// badAddresses are what no account is called.
func (s *stage) badAddresses() map[string]string {
	return map[string]string{
		"malformed": "stream1", "foreign prefix": "cosmos1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqnrql8a", "in capitals": strings.ToUpper(s.buyer.String()),
		"a creator": s.aliceID, "long": strings.Repeat("stream1", 10_000), "invalid UTF-8": "\xff\xfe",
	}
}

func TestSetOffersRejections(t *testing.T) {
	s := newStage(t)
	with := func(offers ...types.Offer) *types.MsgSetOffers {
		return &types.MsgSetOffers{Controller: s.alice.String(), Work: s.work, Offers: offers}
	}
	on := func(controller sdk.AccAddress, work string) *types.MsgSetOffers {
		return &types.MsgSetOffers{Controller: controller.String(), Work: work, Offers: []types.Offer{types.NewFreeOffer()}}
	}
	price := func(denom string, amount math.Int) *types.MsgSetOffers {
		return with(types.NewPurchaseOffer(sdk.Coin{Denom: denom, Amount: amount}))
	}
	metered := func(amount math.Int, tick, preview uint32) *types.MsgSetOffers {
		return with(types.NewMeteredOffer(amount, tick, preview))
	}
	uint65, _ := math.NewIntFromString("18446744073709551616")
	plans := make([]string, types.MaxPlanOffers+1)
	for i := range plans {
		plans[i] = s.aliceID + "/" + strings.Repeat("1", i+1)
	}
	free := types.NewFreeOffer()
	s.refused(map[string]refusal{
		"another creator":       {on(s.bob, s.work), contenttypes.ErrNotController},
		"a viewer":              {on(s.buyer, s.work), contenttypes.ErrNotController},
		"a later version":       {on(s.alice, s.version), types.ErrNotRoot},
		"retired":               {on(s.alice, s.retired), types.ErrWorkNotActive},
		"restricted":            {on(s.alice, s.restricted), types.ErrWorkNotActive},
		"unknown work":          {on(s.alice, unknownWork(t)), contenttypes.ErrWorkNotFound},
		"malformed work":        {on(s.alice, "bafy"), contenttypes.ErrInvalidWorkID},
		"seventeen offers":      {with(slices.Repeat([]types.Offer{free}, types.MaxOffers+1)...), types.ErrTooManyOffers},
		"free twice":            {with(free, free), types.ErrDuplicateOffer},
		"no kind":               {with(types.Offer{}), types.ErrInvalidOffer},
		"empty kind":            {with(types.Offer{Kind: &types.Offer_Purchase{}}), types.ErrInvalidOffer},
		"price zero":            {price(token.BaseDenom, math.ZeroInt()), types.ErrInvalidPrice},
		"price negative":        {price(token.BaseDenom, math.NewInt(-1)), types.ErrInvalidPrice},
		"price unset":           {price(token.BaseDenom, math.Int{}), types.ErrInvalidPrice},
		"price above the most":  {price(token.BaseDenom, math.NewInt(types.MaxPrice).AddRaw(1)), types.ErrInvalidPrice},
		"price of 2^255":        {price(token.BaseDenom, math.NewIntFromBigInt(math.NewInt(2).BigInt()).MulRaw(1<<62).MulRaw(1<<62)), types.ErrInvalidPrice},
		"price in atoms":        {price("uatom", math.OneInt()), types.ErrWrongDenom},
		"price in nothing":      {price("", math.OneInt()), types.ErrWrongDenom},
		"tick price zero":       {metered(math.ZeroInt(), 1, 0), types.ErrInvalidPrice},
		"tick price negative":   {metered(math.NewInt(-1), 1, 0), types.ErrInvalidPrice},
		"tick price unset":      {metered(math.Int{}, 1, 0), types.ErrInvalidPrice},
		"tick price of 65 bits": {metered(uint65, 1, 0), types.ErrInvalidPrice},
		"tick of no seconds":    {metered(math.OneInt(), 0, 0), types.ErrInvalidOffer},
		"tick too long":         {metered(math.OneInt(), types.MaxTickSeconds+1, 0), types.ErrInvalidOffer},
		"preview too long":      {metered(math.OneInt(), 1, types.MaxPreviewSeconds+1), types.ErrInvalidOffer},
		"no plans":              {with(types.NewPlanOffer()), types.ErrInvalidOffer},
		"too many plans":        {with(types.NewPlanOffer(plans...)), types.ErrInvalidOffer},
		"a plan twice":          {with(types.NewPlanOffer(s.plan, s.plan)), types.ErrInvalidOffer},
		"malformed plan":        {with(types.NewPlanOffer(s.aliceID)), types.ErrInvalidPlanID},
		"plan number zero":      {with(types.NewPlanOffer(s.aliceID + "/0")), types.ErrInvalidPlanID},
		"plan number 01":        {with(types.NewPlanOffer(s.aliceID + "/01")), types.ErrInvalidPlanID},
		"plan number +1":        {with(types.NewPlanOffer(s.aliceID + "/+1")), types.ErrInvalidPlanID},
		"plan of two slashes":   {with(types.NewPlanOffer(s.plan + "/1")), types.ErrInvalidPlanID},
		"unknown plan":          {with(types.NewPlanOffer(s.aliceID + "/99")), types.ErrPlanNotFound},
		"closed plan":           {with(types.NewPlanOffer(s.closed)), types.ErrPlanClosed},
		"another's plan":        {with(types.NewPlanOffer(s.bobsPlan)), types.ErrForeignPlan},
	})
	for name, address := range s.badAddresses() {
		s.refused(map[string]refusal{name: {&types.MsgSetOffers{Controller: address, Work: s.work}, types.ErrInvalidAddress}})
	}
	// the widest that is allowed
	f := with(types.NewFreeOffer(), types.NewPurchaseOffer(token.Coin(types.MaxPrice)),
		types.NewMeteredOffer(uint65.SubRaw(1), types.MaxTickSeconds, types.MaxPreviewSeconds), types.NewPlanOffer(s.plan))
	require.NoError(t, s.send(f))
}

func TestCreatePlanRejections(t *testing.T) {
	s := newStage(t)
	with := func(change func(*types.MsgCreatePlan)) *types.MsgCreatePlan {
		msg := &types.MsgCreatePlan{
			Controller: s.alice.String(), Creator: s.aliceID, Title: "Plan", Price: token.Coin(1),
			PeriodSeconds: types.DefaultMinPeriodSeconds, Coverage: types.COVERAGE_ALL,
		}
		change(msg)
		return msg
	}
	listed := func(works ...string) *types.MsgCreatePlan {
		return with(func(m *types.MsgCreatePlan) { m.Coverage, m.Works = types.COVERAGE_LISTED, works })
	}
	many := make([]string, types.MaxPlanWorks+1)
	s.refused(map[string]refusal{
		"another creator":   {with(func(m *types.MsgCreatePlan) { m.Controller = s.bob.String() }), contenttypes.ErrNotController},
		"unknown creator":   {with(func(m *types.MsgCreatePlan) { m.Creator = contenttypes.NewCreatorID(s.buyer).String() }), contenttypes.ErrCreatorNotFound},
		"malformed creator": {with(func(m *types.MsgCreatePlan) { m.Creator = s.alice.String() }), contenttypes.ErrInvalidCreatorID},
		"no title":          {with(func(m *types.MsgCreatePlan) { m.Title = "" }), types.ErrInvalidTitle},
		"blank title":       {with(func(m *types.MsgCreatePlan) { m.Title = " \u00a0" }), types.ErrInvalidTitle},
		"long title":        {with(func(m *types.MsgCreatePlan) { m.Title = strings.Repeat("x", types.MaxTitleLen+1) }), types.ErrInvalidTitle},
		"title not UTF-8":   {with(func(m *types.MsgCreatePlan) { m.Title = "\xff" }), types.ErrInvalidTitle},
		"title with NUL":    {with(func(m *types.MsgCreatePlan) { m.Title = "a\x00b" }), types.ErrInvalidTitle},
		"title reversed":    {with(func(m *types.MsgCreatePlan) { m.Title = "a\u202eb" }), types.ErrInvalidTitle},
		"title isolated":    {with(func(m *types.MsgCreatePlan) { m.Title = "a\u2066b" }), types.ErrInvalidTitle},
		"price zero":        {with(func(m *types.MsgCreatePlan) { m.Price = token.Coin(0) }), types.ErrInvalidPrice},
		"price unset":       {with(func(m *types.MsgCreatePlan) { m.Price = sdk.Coin{Denom: token.BaseDenom} }), types.ErrInvalidPrice},
		"no price":          {with(func(m *types.MsgCreatePlan) { m.Price = sdk.Coin{} }), types.ErrWrongDenom},
		"price too high":    {with(func(m *types.MsgCreatePlan) { m.Price.Amount = math.NewInt(types.MaxPrice).AddRaw(1) }), types.ErrInvalidPrice},
		"price in atoms":    {with(func(m *types.MsgCreatePlan) { m.Price = sdk.NewInt64Coin("uatom", 1) }), types.ErrWrongDenom},
		"period zero":       {with(func(m *types.MsgCreatePlan) { m.PeriodSeconds = 0 }), types.ErrInvalidPeriod},
		"period negative":   {with(func(m *types.MsgCreatePlan) { m.PeriodSeconds = -1 }), types.ErrInvalidPeriod},
		"period too short":  {with(func(m *types.MsgCreatePlan) { m.PeriodSeconds-- }), types.ErrInvalidPeriod},
		"period too long":   {with(func(m *types.MsgCreatePlan) { m.PeriodSeconds = types.MaxPeriodSeconds + 1 }), types.ErrInvalidPeriod},
		"no coverage":       {with(func(m *types.MsgCreatePlan) { m.Coverage = 0 }), types.ErrInvalidCoverage},
		"unknown coverage":  {with(func(m *types.MsgCreatePlan) { m.Coverage = 9 }), types.ErrInvalidCoverage},
		"all and a list":    {with(func(m *types.MsgCreatePlan) { m.Works = []string{s.work} }), types.ErrInvalidCoverage},
		"an empty list":     {listed(), types.ErrInvalidCoverage},
		"too long a list":   {listed(many...), types.ErrInvalidCoverage},
		"a work twice":      {listed(s.work, s.work), types.ErrInvalidCoverage},
		"malformed work":    {listed("x"), contenttypes.ErrInvalidWorkID},
		"unknown work":      {listed(unknownWork(t)), contenttypes.ErrWorkNotFound},
		"a later version":   {listed(s.version), types.ErrNotRoot},
		"another's work":    {listed(s.work, s.bobs), types.ErrForeignWork},
		"retired work":      {listed(s.retired), types.ErrWorkNotActive},
		"restricted work":   {listed(s.restricted), types.ErrWorkNotActive},
	})
	for name, address := range s.badAddresses() {
		s.refused(map[string]refusal{name: {with(func(m *types.MsgCreatePlan) { m.Controller = address }), types.ErrInvalidAddress}})
	}
	require.NoError(t, s.send(with(func(m *types.MsgCreatePlan) {
		m.Title, m.PeriodSeconds, m.Price = strings.Repeat("é", types.MaxTitleLen/2), types.MaxPeriodSeconds, token.Coin(types.MaxPrice)
	})))
}

func TestTooManyPlans(t *testing.T) {
	s := newStage(t)
	for range types.MaxOpenPlans - 1 {
		s.fixture.plan(s.alice, stream)
	}
	s.refused(map[string]refusal{
		"one more": {&types.MsgCreatePlan{
			Controller: s.alice.String(), Creator: s.aliceID, Title: "x", Price: token.Coin(1), PeriodSeconds: 86400, Coverage: types.COVERAGE_ALL,
		}, types.ErrTooManyPlans},
		"one opened again": {&types.MsgUpdatePlan{Controller: s.alice.String(), Plan: s.closed, Title: "x", Price: token.Coin(1)}, types.ErrTooManyPlans},
	})
	require.NoError(t, s.send(&types.MsgUpdatePlan{Controller: s.alice.String(), Plan: s.closed, Title: "Still closed", Price: token.Coin(1), Closed: true}))
	require.NoError(t, s.send(&types.MsgUpdatePlan{Controller: s.alice.String(), Plan: s.plan, Title: "x", Price: token.Coin(1), Closed: true}))
	require.NoError(t, s.send(&types.MsgUpdatePlan{Controller: s.alice.String(), Plan: s.closed, Title: "x", Price: token.Coin(1)}))
}

func TestUpdatePlanRejections(t *testing.T) {
	s := newStage(t)
	with := func(change func(*types.MsgUpdatePlan)) *types.MsgUpdatePlan {
		msg := &types.MsgUpdatePlan{Controller: s.alice.String(), Plan: s.plan, Title: "Plan", Price: token.Coin(1)}
		change(msg)
		return msg
	}
	s.refused(map[string]refusal{
		"another creator": {with(func(m *types.MsgUpdatePlan) { m.Controller = s.bob.String() }), contenttypes.ErrNotController},
		"malformed plan":  {with(func(m *types.MsgUpdatePlan) { m.Plan = "1" }), types.ErrInvalidPlanID},
		"unknown plan":    {with(func(m *types.MsgUpdatePlan) { m.Plan = s.aliceID + "/9" }), types.ErrPlanNotFound},
		"no title":        {with(func(m *types.MsgUpdatePlan) { m.Title = "" }), types.ErrInvalidTitle},
		"price zero":      {with(func(m *types.MsgUpdatePlan) { m.Price = token.Coin(0) }), types.ErrInvalidPrice},
		"price in atoms":  {with(func(m *types.MsgUpdatePlan) { m.Price = sdk.NewInt64Coin("uatom", 1) }), types.ErrWrongDenom},
	})
	for name, address := range s.badAddresses() {
		s.refused(map[string]refusal{name: {with(func(m *types.MsgUpdatePlan) { m.Controller = address }), types.ErrInvalidAddress}})
	}
}

func TestPurchaseRejections(t *testing.T) {
	s := newStage(t)
	buy := func(buyer sdk.AccAddress, work string, most sdk.Coin, recipient string) *types.MsgPurchase {
		return &types.MsgPurchase{Buyer: buyer.String(), Work: work, MaxPrice: most, Recipient: recipient}
	}
	most := token.Coin(5 * stream)
	s.refused(map[string]refusal{
		"not for sale":         {buy(s.buyer, s.unsold, most, ""), types.ErrNotForSale},
		"retired":              {buy(s.buyer, s.retired, most, ""), types.ErrWorkNotActive},
		"restricted":           {buy(s.buyer, s.restricted, most, ""), types.ErrWorkNotActive},
		"unknown work":         {buy(s.buyer, unknownWork(t), most, ""), contenttypes.ErrWorkNotFound},
		"malformed work":       {buy(s.buyer, "x", most, ""), contenttypes.ErrInvalidWorkID},
		"price above the most": {buy(s.buyer, s.work, token.Coin(5*stream-1), ""), types.ErrPriceAboveMax},
		"nothing allowed":      {buy(s.buyer, s.work, token.Coin(0), ""), types.ErrPriceAboveMax},
		"most negative":        {buy(s.buyer, s.work, sdk.Coin{Denom: token.BaseDenom, Amount: math.NewInt(-1)}, ""), types.ErrInvalidPrice},
		"most unset":           {buy(s.buyer, s.work, sdk.Coin{Denom: token.BaseDenom}, ""), types.ErrInvalidPrice},
		"no most":              {buy(s.buyer, s.work, sdk.Coin{}, ""), types.ErrWrongDenom},
		"most in atoms":        {buy(s.buyer, s.work, sdk.NewInt64Coin("uatom", 5*stream), ""), types.ErrWrongDenom},
		"owned":                {buy(s.owner, s.version, most, ""), types.ErrAlreadyOwned},
		"a gift that is owned": {buy(s.buyer, s.work, most, s.owner.String()), types.ErrAlreadyOwned},
		"an empty wallet":      {buy(s.poor, s.work, most, ""), sdkerrors.ErrInsufficientFunds},
	})
	for name, address := range s.badAddresses() {
		s.refused(map[string]refusal{
			name:            {&types.MsgPurchase{Buyer: address, Work: s.work, MaxPrice: most}, types.ErrInvalidAddress},
			"gift, " + name: {buy(s.buyer, s.work, most, address), types.ErrInvalidRecipient},
		})
	}
	// any amount is a limit
	huge := sdk.Coin{Denom: token.BaseDenom, Amount: math.NewIntFromBigInt(math.NewInt(types.MaxPrice).BigInt()).MulRaw(types.MaxPrice)}
	require.NoError(t, s.send(buy(s.buyer, s.work, huge, "")))
}

func TestSubscribeRejections(t *testing.T) {
	s := newStage(t)
	with := func(change func(*types.MsgSubscribe)) *types.MsgSubscribe {
		msg := &types.MsgSubscribe{Subscriber: s.buyer.String(), Plan: s.plan, MaxPrice: token.Coin(3 * stream), Periods: 1}
		change(msg)
		return msg
	}
	s.refused(map[string]refusal{
		"malformed plan":       {with(func(m *types.MsgSubscribe) { m.Plan = s.work }), types.ErrInvalidPlanID},
		"unknown plan":         {with(func(m *types.MsgSubscribe) { m.Plan = s.aliceID + "/9" }), types.ErrPlanNotFound},
		"closed plan":          {with(func(m *types.MsgSubscribe) { m.Plan = s.closed }), types.ErrPlanClosed},
		"no periods":           {with(func(m *types.MsgSubscribe) { m.Periods = 0 }), types.ErrInvalidPeriods},
		"thirteen periods":     {with(func(m *types.MsgSubscribe) { m.Periods = 13 }), types.ErrInvalidPeriods},
		"price above the most": {with(func(m *types.MsgSubscribe) { m.MaxPrice = token.Coin(3*stream - 1) }), types.ErrPriceAboveMax},
		"most in atoms":        {with(func(m *types.MsgSubscribe) { m.MaxPrice = sdk.NewInt64Coin("uatom", 3*stream) }), types.ErrWrongDenom},
		"most unset":           {with(func(m *types.MsgSubscribe) { m.MaxPrice.Amount = math.Int{} }), types.ErrInvalidPrice},
		"an empty wallet":      {with(func(m *types.MsgSubscribe) { m.Subscriber = s.poor.String() }), sdkerrors.ErrInsufficientFunds},
	})
	for name, address := range s.badAddresses() {
		s.refused(map[string]refusal{
			name:            {with(func(m *types.MsgSubscribe) { m.Subscriber = address }), types.ErrInvalidAddress},
			"gift, " + name: {with(func(m *types.MsgSubscribe) { m.Recipient = address }), types.ErrInvalidRecipient},
		})
	}
}

func TestUpdateParams(t *testing.T) {
	s := newStage(t)
	with := func(authority string, seconds int64) *types.MsgUpdateParams {
		return &types.MsgUpdateParams{Authority: authority, Params: types.Params{MinPeriodSeconds: seconds}}
	}
	s.refused(map[string]refusal{
		"a user":    {with(s.alice.String(), 3600), types.ErrNotAuthority},
		"nobody":    {with("", 3600), types.ErrInvalidAddress},
		"zero":      {with(s.Authority, 0), types.ErrInvalidParams},
		"negative":  {with(s.Authority, -1), types.ErrInvalidParams},
		"too large": {with(s.Authority, types.MaxMinPeriodSeconds+1), types.ErrInvalidParams},
	})
	require.NoError(t, s.send(with(s.Authority, types.MaxMinPeriodSeconds)))
	require.True(t, s.has("EventParamsUpdated"))
	res, err := s.q.Params(s.Ctx, &types.QueryParamsRequest{})
	require.NoError(t, err)
	require.EqualValues(t, types.MaxMinPeriodSeconds, res.Params.MinPeriodSeconds)
	// a plan of a day keeps its period, and can be changed and sold
	require.NoError(t, s.send(&types.MsgUpdatePlan{Controller: s.alice.String(), Plan: s.plan, Title: "x", Price: token.Coin(1)}))
	require.NoError(t, s.subscribe(s.buyer, s.plan, 1, 1))
	require.NoError(t, s.send(with(s.Authority, types.MinMinPeriodSeconds)))
}
