package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/streamchain/streamchain/token"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	"github.com/streamchain/streamchain/x/subscription/types"
)

// policies are what a work can offer in the matrix.
var policies = []string{"nothing", "free", "purchase", "metered", "plan-all", "plan-listed", "plan-offer", "everything"}

// requesters are who can ask in the matrix.
var requesters = []string{"anonymous", "stranger", "creator", "other-creator", "owner", "gifted", "refunded", "subscriber", "foreign-subscriber", "lapsed"}

// want says who grants, for every policy × state × requester. It is written as a table of
// the exceptions to denial, and knows nothing of the keeper.
func want(policy, state, requester string) types.AccessBy {
	if state == "restricted" {
		return types.ACCESS_BY_UNSPECIFIED
	}
	switch {
	case requester == "creator":
		return types.ACCESS_BY_CREATOR
	case policy == "free" || policy == "everything":
		return types.ACCESS_BY_FREE
	case requester == "owner" || requester == "gifted":
		// bought when it was sold; what it offers now does not matter
		return types.ACCESS_BY_PURCHASE
	case requester == "subscriber":
		switch policy {
		case "plan-all", "plan-listed", "plan-offer":
			return types.ACCESS_BY_PLAN
		}
	}
	return types.ACCESS_BY_UNSPECIFIED
}

func TestAccessMatrix(t *testing.T) {
	decisions := 0
	for _, policy := range policies {
		for _, state := range []string{"active", "retired", "restricted"} {
			f := newFixture(t)
			m := newMatrix(f, policy)
			switch state {
			case "retired":
				f.retire(m.alice, m.root)
			case "restricted":
				f.content.restricted[m.root] = true
			}
			for _, requester := range requesters {
				for _, version := range []string{m.root, m.head} {
					name := policy + " × " + state + " × " + requester
					d := f.access(m.viewers[requester], version)
					by := want(policy, state, requester)
					require.Equal(t, by, d.By, name)
					require.Equal(t, by != types.ACCESS_BY_UNSPECIFIED, d.Granted, name)
					require.Equal(t, m.root, d.Work, name)
					require.Equal(t, by == types.ACCESS_BY_PLAN, d.Until != 0, name)
					require.Equal(t, reason(policy, state, by), d.Reason, name)
					require.Equal(t, state == "active" && (policy == "metered" || policy == "everything"), d.Metered != nil, name)
					require.Equal(t, costs(policy, state), kinds(d), name)
					decisions++
				}
			}
			delete(f.content.restricted, m.root)
		}
	}
	require.Equal(t, len(policies)*3*len(requesters)*2, decisions)
}

func reason(policy, state string, by types.AccessBy) string {
	granted := map[types.AccessBy]string{
		types.ACCESS_BY_CREATOR: "creator", types.ACCESS_BY_FREE: "free", types.ACCESS_BY_PURCHASE: "purchased", types.ACCESS_BY_PLAN: "subscribed",
	}
	switch {
	case granted[by] != "":
		return granted[by]
	case state == "retired":
		return "work-retired"
	case state == "restricted":
		return "work-restricted"
	case policy == "nothing":
		return "not-offered"
	}
	return "payment-required"
}

func costs(policy, state string) []types.OfferKind {
	if state != "active" {
		return nil
	}
	switch policy {
	case "free":
		return []types.OfferKind{types.OFFER_KIND_FREE}
	case "purchase":
		return []types.OfferKind{types.OFFER_KIND_PURCHASE}
	case "metered":
		return []types.OfferKind{types.OFFER_KIND_METERED}
	case "plan-all", "plan-listed", "plan-offer":
		return []types.OfferKind{types.OFFER_KIND_PLAN}
	case "everything":
		return []types.OfferKind{types.OFFER_KIND_FREE, types.OFFER_KIND_PURCHASE, types.OFFER_KIND_METERED, types.OFFER_KIND_PLAN}
	}
	return nil
}

func kinds(d types.AccessDecision) []types.OfferKind {
	var out []types.OfferKind
	for _, o := range d.Offers {
		out = append(out, o.Kind)
	}
	return out
}

// newMatrix makes a work of two versions with that policy, and every requester.
func newMatrix(f *fixture, policy string) *matrix {
	m := &matrix{viewers: map[string]string{"anonymous": ""}}
	alice, _ := f.creator("alice")
	bob, _ := f.creator("bob")
	m.alice = alice
	m.root = f.work(alice, "work", "")
	m.head = f.work(alice, "work, second version", m.root)
	elsewhere := f.work(alice, "another work", "")
	for _, name := range requesters[1:] {
		m.viewers[name] = f.Funded(name, 100*stream).String()
	}
	m.viewers["creator"], m.viewers["other-creator"] = alice.String(), bob.String()

	// the lapsed one first, for a plan that covers whatever the policy covers
	plan := m.plan(f, policy, elsewhere)
	require.NoError(f.T, f.subscribe(f.Addr("lapsed"), plan, stream, 1))
	f.next(day)
	require.NoError(f.T, f.subscribe(f.Addr("subscriber"), plan, stream, 1))
	require.NoError(f.T, f.subscribe(f.Addr("foreign-subscriber"), f.plan(bob, stream), stream, 1))

	f.offer(alice, m.root, types.NewPurchaseOffer(token.Coin(stream)))
	require.NoError(f.T, f.purchase(f.Addr("owner"), m.head, stream))
	require.NoError(f.T, f.send(&types.MsgPurchase{
		Buyer: f.Addr("owner").String(), Work: m.root, MaxPrice: token.Coin(stream), Recipient: m.viewers["gifted"],
	}))
	require.NoError(f.T, f.purchase(f.Addr("refunded"), m.root, stream))
	_, err := f.revenue.Refund(f.Ctx, alice, m.viewers["refunded"]+"-1")
	require.NoError(f.T, err)

	metered := types.NewMeteredOffer(math.NewInt(7), 2, 30)
	switch policy {
	case "free":
		f.offer(alice, m.root, types.NewFreeOffer())
	case "purchase":
	case "metered":
		f.offer(alice, m.root, metered)
	case "plan-offer":
		f.offer(alice, m.root, types.NewPlanOffer(plan))
	case "everything":
		f.offer(alice, m.root, types.NewFreeOffer(), types.NewPurchaseOffer(token.Coin(stream)), metered, types.NewPlanOffer(plan))
	default:
		f.offer(alice, m.root)
	}
	return m
}

// matrix is a work, its creator, and who asks.
type matrix struct {
	alice      []byte
	root, head string
	viewers    map[string]string
}

// plan makes the plan that the policy's subscriber has.
func (m *matrix) plan(f *fixture, policy, elsewhere string) string {
	switch policy {
	case "plan-all":
		return f.plan(m.alice, stream)
	case "plan-listed":
		return f.plan(m.alice, stream, m.root)
	}
	return f.plan(m.alice, stream, elsewhere)
}

func TestAccessErrors(t *testing.T) {
	f := newFixture(t)
	alice, _ := f.creator("alice")
	work := f.work(alice, "work", "")
	for name, c := range map[string]struct {
		viewer, work string
		err          error
	}{
		"malformed viewer":  {"stream1", work, types.ErrInvalidAddress},
		"creator as viewer": {contenttypes.NewCreatorID(alice).String(), work, types.ErrInvalidAddress},
		"malformed work":    {"", "x", contenttypes.ErrInvalidWorkID},
		"unknown work":      {"", unknownWork(t), contenttypes.ErrWorkNotFound},
	} {
		d, err := f.k.Access(f.Ctx, c.viewer, c.work)
		require.ErrorIs(t, err, c.err, name)
		require.False(t, d.Granted, name)
		_, err = f.q.Access(f.Ctx, &types.QueryAccessRequest{Viewer: c.viewer, Work: c.work})
		require.ErrorIs(t, err, c.err, name)
	}
}

func unknownWork(t testing.TB) string {
	t.Helper()
	id, err := types.WorkID(make([]byte, 32))
	require.NoError(t, err)
	return id
}

// What each way to get access costs, in plain.
func TestCosts(t *testing.T) {
	f := newFixture(t)
	alice, _ := f.creator("alice")
	work := f.work(alice, "work", "")
	plan, closed, other := f.plan(alice, 3*stream), f.plan(alice, 4*stream), f.plan(alice, 5*stream, f.work(alice, "other", ""))
	require.NoError(t, f.send(&types.MsgUpdatePlan{Controller: alice.String(), Plan: closed, Price: token.Coin(4 * stream), Title: "Gone", Closed: true}))
	metered := types.NewMeteredOffer(math.NewInt(7), 2, 30)
	f.offer(alice, work, types.NewPurchaseOffer(token.Coin(9*stream)), metered, types.NewPlanOffer(other))
	d := f.access("", work)
	require.Equal(t, []types.OfferCost{
		{Kind: types.OFFER_KIND_PURCHASE, Price: token.Coin(9 * stream)},
		{Kind: types.OFFER_KIND_METERED, Price: token.Coin(7), Seconds: 2},
		{Kind: types.OFFER_KIND_PLAN, Price: token.Coin(3 * stream), Seconds: 86400, Plan: plan},
		{Kind: types.OFFER_KIND_PLAN, Price: token.Coin(5 * stream), Seconds: 86400, Plan: other},
	}, d.Offers)
	require.Equal(t, metered.GetMetered(), d.Metered)
	require.EqualValues(t, 1, d.OffersVersion)
	bz, err := f.Cdc.MarshalJSON(&types.QueryAccessResponse{Decision: d})
	require.NoError(t, err)
	require.Contains(t, string(bz), `"reason":"payment-required"`)
}

// Of several plans the one that lasts longest decides, and access ends with the second of
// the end, whether or not the row was removed.
func TestUntil(t *testing.T) {
	f := newFixture(t)
	alice, _ := f.creator("alice")
	viewer := f.Funded("viewer", 100*stream)
	work := f.work(alice, "work", "")
	short, long, shorter := f.plan(alice, stream), f.plan(alice, stream), f.plan(alice, stream)
	for plan, periods := range map[string]uint32{short: 2, long: 3, shorter: 1} {
		require.NoError(t, f.subscribe(viewer, plan, stream, periods))
	}
	start := f.now()
	require.Equal(t, start+3*86400, f.access(viewer.String(), work).Until)
	// without EndBlock: nothing is removed
	for f.now() < start+3*86400-60 {
		f.Ctx = f.Ctx.WithBlockTime(f.Ctx.BlockTime().Add(time.Minute))
		require.NoError(t, f.Clock.BeginBlock(f.Ctx))
	}
	f.Ctx = f.Ctx.WithBlockTime(f.Ctx.BlockTime().Add(59 * time.Second))
	require.NoError(t, f.Clock.BeginBlock(f.Ctx))
	require.True(t, f.access(viewer.String(), work).Granted, "in the last second")
	f.Ctx = f.Ctx.WithBlockTime(f.Ctx.BlockTime().Add(time.Second))
	require.NoError(t, f.Clock.BeginBlock(f.Ctx))
	require.False(t, f.access(viewer.String(), work).Granted)
	subs, err := f.q.Subscriptions(f.Ctx, &types.QuerySubscriptionsRequest{Viewer: viewer.String()})
	require.NoError(t, err)
	require.Empty(t, subs.Subscriptions)
}
