package project_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

func offers(subject string, version uint64, all ...subscriptiontypes.Offer) *subscriptiontypes.EventOffersSet {
	return &subscriptiontypes.EventOffersSet{Creator: creatorID("alice"), List: subscriptiontypes.OfferList{Work: subject, Version: version, Offers: all, SetAt: 7}}
}

func TestOffersAreFlat(t *testing.T) {
	b := newBench(t, "")
	b.creators("alice")
	work := b.publish(film, "alice")
	template := subscriptiontypes.Template{Id: addr("t") + "/1", Author: addr("t"), Title: "T", Access: "true", Price: "1", Refund: "0", Version: 1, Deposit: ustream(1), RoyaltyBps: 50}
	b.tx(nil, &subscriptiontypes.EventTemplatePublished{Template: template})
	for _, c := range []struct {
		offer subscriptiontypes.Offer
		want  string
		bits  int
	}{
		{subscriptiontypes.Offer{Kind: &subscriptiontypes.Offer_Free{Free: &subscriptiontypes.FreeOffer{}}}, `{"kind":"free"}`, 1},
		{subscriptiontypes.NewMeteredOffer(math.NewInt(9), 2, 3), `{"kind":"metered","price":{"denom":"ustream","amount":"9"},"tick_seconds":2,"preview_seconds":3}`, 2},
		{subscriptiontypes.Offer{Kind: &subscriptiontypes.Offer_Purchase{Purchase: &subscriptiontypes.PurchaseOffer{Price: ustream(5)}}}, `{"kind":"purchase","price":{"denom":"ustream","amount":"5"}}`, 4},
		{subscriptiontypes.Offer{Kind: &subscriptiontypes.Offer_Rental{Rental: &subscriptiontypes.RentalOffer{Price: ustream(5), DurationSeconds: 60}}}, `{"kind":"rental","price":{"denom":"ustream","amount":"5"},"duration_seconds":60}`, 8},
		{subscriptiontypes.Offer{Kind: &subscriptiontypes.Offer_Plan{Plan: &subscriptiontypes.PlanOffer{PlanIds: []string{"a/1"}}}}, `{"kind":"plan","plans":["a/1"]}`, 16},
		{subscriptiontypes.Offer{Kind: &subscriptiontypes.Offer_Tier{Tier: &subscriptiontypes.TierOffer{Tier: streamtypes.TIER_GOLD}}}, `{"kind":"tier","tier":"gold"}`, 32},
		{subscriptiontypes.Offer{Kind: &subscriptiontypes.Offer_Token{Token: &subscriptiontypes.TokenOffer{Minimum: ustream(8)}}}, `{"kind":"token","price":{"denom":"ustream","amount":"8"}}`, 64},
		{subscriptiontypes.Offer{Kind: &subscriptiontypes.Offer_PayWhatYouWant{PayWhatYouWant: &subscriptiontypes.PayWhatYouWantOffer{Minimum: ustream(8)}}}, `{"kind":"pay-what-you-want","price":{"denom":"ustream","amount":"8"}}`, 128},
		{
			subscriptiontypes.Offer{Kind: &subscriptiontypes.Offer_Template{Template: &subscriptiontypes.TemplateOffer{Terms: subscriptiontypes.TemplateTerms{Template: template.Id, Args: []subscriptiontypes.TemplateArg{
				{Name: "n", Value: subscriptiontypes.TemplateValue{Type: subscriptiontypes.TEMPLATE_TYPE_INT, Number: 1 << 60}},
				{Name: "b", Value: subscriptiontypes.TemplateValue{Type: subscriptiontypes.TEMPLATE_TYPE_BOOL, Truth: true}},
				{Name: "l", Value: subscriptiontypes.TemplateValue{Type: subscriptiontypes.TEMPLATE_TYPE_LIST, Numbers: []int64{1, 2}}},
				{Name: "s", Value: subscriptiontypes.TemplateValue{Type: subscriptiontypes.TEMPLATE_TYPE_STRING, Text: "x"}},
			}}}}},
			`{"kind":"template","template":"` + template.Id + `","args":{"b":true,"l":["1","2"],"n":"1152921504606846976","s":"x"}}`, 256,
		},
	} {
		b.tx(nil, offers(work, 1, c.offer))
		b.commit()
		require.Equal(t, fmt.Sprintf("[%s]|%d", c.want, c.bits), b.rows("SELECT o.offers, w.prices FROM offers o JOIN works w ON w.root = o.subject"))
		require.Equal(t, "1", b.rows("SELECT COUNT(*) FROM work_prices"))
	}
	require.Equal(t, "1", b.rows("SELECT works FROM templates"))
	b.tx(nil, offers(work, 2))
	b.commit()
	require.Equal(t, "0|0", b.rows("SELECT w.prices, t.works FROM works w, templates t"))
	b.tx(nil, &subscriptiontypes.EventTemplateRemoved{Template: template.Id, Author: template.Author, Deposit: ustream(1)})
	b.commit()
	require.Empty(t, b.rows("SELECT id FROM templates"))
}

// A work can be had in the ways of its collections, of plans and of passes too.
func TestPricesOfOthers(t *testing.T) {
	b := newBench(t, "")
	b.creators("alice")
	one, two := b.publish(film, "alice"), b.publish(song, "alice")
	prices := func() string { return b.rows("SELECT prices FROM works ORDER BY n") }
	c := contenttypes.Collection{Id: creatorID("alice") + "/c1", Kind: contenttypes.COLLECTION_KIND_ALBUM, Title: "Album", Works: 1, Version: 1, CreatedAt: 3, UpdatedAt: 3}
	b.tx(nil, &contenttypes.EventCollectionCreated{Creator: creatorID("alice"), Collection: c, Works: []string{one}},
		offers(c.Id, 1, subscriptiontypes.Offer{Kind: &subscriptiontypes.Offer_Purchase{Purchase: &subscriptiontypes.PurchaseOffer{Price: ustream(5)}}}))
	b.commit()
	require.Equal(t, "4\n0", prices())
	c.Version, c.Works = 2, 1
	b.tx(nil, &contenttypes.EventCollectionUpdated{Creator: creatorID("alice"), Collection: c, Works: []string{two}, Added: []string{two}, Removed: []string{one}})
	b.commit()
	require.Equal(t, "0\n4", prices())
	require.Equal(t, c.Id+"|album|Album|1|2", b.rows("SELECT id, kind, title, works, version FROM collections"))

	plan := subscriptiontypes.Plan{Id: creatorID("alice") + "/1", Title: "P", Price: ustream(7), PeriodSeconds: 60, Coverage: subscriptiontypes.COVERAGE_LISTED, Works: 1, CreatedAt: 4}
	b.tx(nil, &subscriptiontypes.EventPlanCreated{Creator: creatorID("alice"), Plan: plan, Works: []string{one}})
	b.commit()
	require.Equal(t, "16\n4", prices())
	plan.Closed = true
	b.tx(nil, &subscriptiontypes.EventPlanUpdated{Plan: plan})
	b.commit()
	require.Equal(t, "0\n4", prices())
	all := plan
	all.Id, all.Coverage, all.Closed = creatorID("alice")+"/2", subscriptiontypes.COVERAGE_ALL, false
	b.tx(nil, &subscriptiontypes.EventPlanCreated{Creator: creatorID("alice"), Plan: all})
	b.commit()
	require.Equal(t, "16\n20", prices())
	b.publish(keyed, "alice")
	require.Equal(t, "16\n20\n16", prices(), "a plan over all covers later works")
	all.Closed = true
	b.tx(nil, &subscriptiontypes.EventPlanUpdated{Plan: all})
	b.commit()
	require.Equal(t, "0\n4\n0", prices())

	pass := subscriptiontypes.Pass{Id: "pass-1", Curator: addr("c"), Title: "Pass", Price: ustream(9), PeriodSeconds: 60, CreatedAt: 5, Creators: 1}
	b.tx(nil, &subscriptiontypes.EventPassCreated{Pass: pass, Creators: []string{creatorID("alice")}})
	b.commit()
	require.Equal(t, "0\n4\n0", prices(), "not before the creator accepts")
	b.tx(nil, &subscriptiontypes.EventPassJoined{Pass: "pass-1", Creator: creatorID("alice")})
	b.commit()
	require.Equal(t, "16\n20\n16", prices())
	pass.Closed = true
	b.tx(nil, &subscriptiontypes.EventPassUpdated{Pass: pass})
	b.commit()
	require.Equal(t, "0\n4\n0", prices())
	pass.Closed = false
	b.tx(nil, &subscriptiontypes.EventPassUpdated{Pass: pass}, &subscriptiontypes.EventPassLeft{Pass: "pass-1", Creator: creatorID("alice")})
	b.commit()
	require.Equal(t, "0\n4\n0", prices())
	require.Equal(t, "plan\nplan\npass", b.rows("SELECT kind FROM plans ORDER BY n"))
}

func TestRights(t *testing.T) {
	b := newBench(t, "")
	b.creators("alice")
	work := b.publish(film, "alice")
	v := addr("viewer")
	rental := subscriptiontypes.Rental{Viewer: v, Work: work, HoldId: "h-1", RentedAt: 1, ExpiresAt: 50, Price: ustream(3)}
	b.tx(nil, &subscriptiontypes.EventRented{Renter: addr("friend"), Rental: rental, Creator: creatorID("alice")})
	b.commit()
	require.Equal(t, "rental|50|h-1|"+addr("friend"), b.rows("SELECT right, until, hold, buyer FROM entitlements"))
	rental.ExpiresAt, rental.HoldId = 90, "h-2"
	b.tx(nil, &subscriptiontypes.EventRented{Renter: v, Rental: rental, Creator: creatorID("alice")})
	b.ends(&subscriptiontypes.EventRentalExpired{Viewer: v, Work: work, ExpiresAt: 50})
	b.commit()
	require.Equal(t, "90|h-2", b.rows("SELECT until, hold FROM entitlements"), "what was rented anew does not end with the old")
	b.tx(nil, &subscriptiontypes.EventEntitlementRevoked{Viewer: v, Work: work, HoldId: "h-1"})
	b.commit()
	require.Equal(t, "90|h-2", b.rows("SELECT until, hold FROM entitlements"), "another payment was refunded")
	b.ends(&subscriptiontypes.EventRentalExpired{Viewer: v, Work: work, ExpiresAt: 90})
	b.commit()
	require.Empty(t, b.rows("SELECT * FROM entitlements"))

	buy := &subscriptiontypes.EventTemplatePurchased{Buyer: v, Viewer: v, Work: work, Creator: creatorID("alice"), Template: "t/1", Price: ustream(5), Paid: ustream(4), HoldId: "h-3"}
	b.tx(nil, buy)
	again := *buy
	again.HoldId = "h-4"
	b.tx(nil, &again)
	b.commit()
	require.Equal(t, "template|t/1|2|h-4|4", b.rows("SELECT right, template, purchases, hold, price FROM entitlements"))
	b.tx(nil, &subscriptiontypes.EventTemplateRefunded{Viewer: v, Work: work, HoldId: "h-4"})
	b.commit()
	require.Equal(t, "1|", b.rows("SELECT purchases, hold FROM entitlements"))
	b.tx(nil, &subscriptiontypes.EventTemplateRefunded{Viewer: v, Work: work, HoldId: "h-3"})
	b.commit()
	require.Empty(t, b.rows("SELECT * FROM entitlements"))
}

func TestSubscriptions(t *testing.T) {
	b := newBench(t, "")
	v, plan := addr("viewer"), creatorID("alice")+"/1"
	sub := subscriptiontypes.Subscription{Viewer: v, Plan: plan, StartedAt: 1, ExpiresAt: 61}
	row := func() string {
		return b.rows("SELECT started_at, expires_at, renewals, payer, max_denom, max_price FROM subscriptions")
	}
	for _, step := range []struct {
		e    proto.Message
		want string
	}{
		{&subscriptiontypes.EventSubscribed{Subscriber: v, Subscription: sub, Creator: creatorID("alice"), Periods: 1, Paid: ustream(1)}, "1|61|0|||"},
		{&subscriptiontypes.EventRenewalSet{Viewer: v, Plan: plan, Signer: v, Mandate: &subscriptiontypes.Mandate{Payer: v, MaxPrice: ustream(3), Renewals: 5}}, "1|61|5|" + v + "|ustream|3"},
		{&subscriptiontypes.EventRenewalSet{Viewer: v, Plan: plan, Signer: v}, "1|61|0|||"},
		{&subscriptiontypes.EventRenewed{Subscription: subscriptiontypes.Subscription{Viewer: v, Plan: plan, StartedAt: 1, ExpiresAt: 121}, Paid: ustream(1)}, "1|121|0|||"},
		{&subscriptiontypes.EventSubscriptionExpired{Viewer: v, Plan: plan, ExpiresAt: 121, Reason: "ended"}, ""},
		{&subscriptiontypes.EventSubscribed{Subscriber: v, Subscription: sub, Creator: creatorID("alice"), Periods: 1, Paid: ustream(1)}, "1|61|0|||"},
		{&subscriptiontypes.EventCancelled{Viewer: v, Plan: plan, Kept: ustream(0)}, ""},
	} {
		b.tx(nil, step.e)
		b.commit()
		require.Equal(t, step.want, row(), "%T", step.e)
	}
	b.tx(nil, &subscriptiontypes.EventCancelled{Viewer: v, Plan: plan, Kept: ustream(0)})
	b.fails("rebuild it with")
}

// Who pays for a pass, for itself or as a gift, pays once a period; what it went to is nobody's business.
func TestPasses(t *testing.T) {
	b := newBench(t, "")
	b.creators("alice", "bob")
	one, two := b.publish(film, "alice"), b.publish(keyed, "bob")
	v, giver := addr("viewer"), addr("giver")
	pass := subscriptiontypes.Pass{Id: "pass-1", Curator: addr("c"), Title: "Pass", Price: ustream(100_000), PeriodSeconds: 100, CreatedAt: 5}
	now := b.time.Unix()
	sub := subscriptiontypes.PassSubscription{
		Viewer: v, Pass: "pass-1", PeriodSeconds: 100, Renewals: 2, MaxPrice: math.NewInt(100_000), Carried: math.ZeroInt(), DueAt: 1,
		Periods: []subscriptiontypes.PassPeriod{{StartedAt: now - 50, Price: pass.Price, Payer: giver}, {StartedAt: now + 50, Price: pass.Price, Payer: v}},
	}
	b.tx(nil, &subscriptiontypes.EventPassCreated{Pass: pass}, &subscriptiontypes.EventPassSubscribed{Subscription: sub, Paid: ustream(200_000), Subscriber: giver})
	b.commit()
	row := func() string {
		return b.rows("SELECT expires_at - ?, renewals, max_price, periods FROM subscriptions", now)
	}
	require.Equal(t, fmt.Sprintf("150|2|100000|[%d,%d]", now-50, now+50), row())
	b.ends(&subscriptiontypes.EventPassRenewed{Viewer: v, Pass: "pass-1", Paid: pass.Price, ExpiresAt: now + 250})
	b.commit()
	require.Equal(t, fmt.Sprintf("250|1|100000|[%d,%d,%d]", now-50, now+50, now+150), row())

	p1, p2 := paid(revenuetypes.RAIL_PLAN, one, "alice", "viewer", 60_000), paid(revenuetypes.RAIL_PLAN, two, "bob", "viewer", 30_000)
	p1.Reference, p2.Reference = "pass-1", "pass-1"
	closed := &subscriptiontypes.EventPassPeriodClosed{
		Viewer: v, Pass: "pass-1", StartedAt: now - 50, Fee: pass.Price, CarriedIn: ustream(0), CarriedOut: ustream(10_000), Refunded: ustream(0), Payer: giver,
		Shares: []subscriptiontypes.PassShare{{Work: one, Creator: creatorID("alice"), Amount: math.NewInt(60_000)}, {Work: two, Creator: creatorID("bob"), Amount: math.NewInt(30_000)}},
	}
	b.ends(p1, p2, closed)
	b.commit(60 * time.Second)
	require.Equal(t, fmt.Sprintf("250|1|100000|[%d,%d]", now+50, now+150), row())
	require.Equal(t, "plan|pass-1||"+giver+"|90000|81000", b.rows("SELECT rail, subject, creator, payer, gross, json_extract(parts, '$.creator') FROM payments"))
	require.Equal(t, "0", b.rows("SELECT COUNT(*) FROM events WHERE type LIKE '%PassPeriodClosed' OR type LIKE '%Distributed' OR data LIKE '%"+one+"%' AND data LIKE '%"+v+"%'"))
	require.Equal(t, "1|60000|60000|54000|1800|600|0", b.sums("totals", "scope = 'work' AND key = '"+one+"'"))

	b.tx(nil, &subscriptiontypes.EventPassCancelled{Viewer: v, Pass: "pass-1", Refunds: []subscriptiontypes.PlanRefund{{Payer: v, Amount: pass.Price}}})
	b.commit()
	require.Equal(t, fmt.Sprintf("150|0||[%d]", now+50), row())
	last := *closed
	last.Shares, last.StartedAt = nil, now+50
	b.ends(&last)
	b.commit()
	require.Empty(t, row())
	odd := *closed
	b.ends(p1, &odd)
	b.fails("a period of pass-1 paid 90000")
}
