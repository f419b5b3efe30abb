package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/token"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	"github.com/streamchain/streamchain/x/subscription/types"
)

// Whoever may watch without paying by the tick pays its server out of the work's budget, and
// nobody else.
func TestUseIsServedByRight(t *testing.T) {
	f := newFixture(t)
	alice, creator := f.creator("alice")
	other, _ := f.creator("other")
	film, song, free := f.work(alice, "film", ""), f.work(alice, "song", ""), f.work(alice, "free", "")
	foreign := f.work(other, "foreign", "")
	plan, small := f.plan(alice, 10), f.plan(alice, 5, song)
	theirs := f.plan(other, 5)
	f.offer(alice, film, types.NewPurchaseOffer(token.Coin(7)))
	f.offer(alice, free, types.NewFreeOffer())
	f.offer(other, foreign, types.NewFreeOffer())
	buyer, fan, nobody := f.Funded("buyer", 1000), f.Funded("fan", 1000), f.Funded("nobody", 1000)
	require.NoError(t, f.purchase(buyer, film, 7))
	require.NoError(t, f.subscribe(fan, plan, 10, 1))
	require.NoError(t, f.subscribe(buyer, small, 5, 1))
	for _, c := range []struct {
		name   string
		viewer sdk.AccAddress
		work   string
		named  string
		want   error
	}{
		{"bought", buyer, film, "", nil},
		{"free", nobody, free, "", nil},
		{"subscribed", fan, film, "", nil},
		{"subscribed and named", fan, film, plan, nil},
		{"a small plan", buyer, song, small, nil},
		{"nothing", nobody, film, "", types.ErrNotEntitled},
		{"own", alice, film, "", types.ErrOwnWork},
		{"no plan", fan, film, "x", types.ErrInvalidPlanID},
		{"no such plan", fan, film, creator + "/99", types.ErrPlanNotFound},
		{"somebody else's plan", nobody, free, plan, types.ErrNotCovered},
		{"a plan that does not cover it", buyer, film, small, types.ErrNotCovered},
		{"another creator's plan", fan, foreign, plan, types.ErrNotCovered},
		{"not subscribed there", fan, foreign, theirs, types.ErrNotCovered},
	} {
		paid, err := f.k.Hooks().AfterUse(f.Ctx, streamtypes.Use{Viewer: c.viewer, Work: c.work, Provider: "node", Seconds: 12, Subscription: c.named})
		if c.want != nil {
			require.ErrorIs(t, err, c.want, c.name)
			continue
		}
		require.NoError(t, err, c.name)
		require.EqualValues(t, 12, paid.Int64(), c.name)
	}
	f.content.restricted[free] = true
	_, err := f.k.Hooks().AfterUse(f.Ctx, streamtypes.Use{Viewer: nobody, Work: free, Provider: "node", Seconds: 12})
	require.ErrorIs(t, err, types.ErrNotEntitled)
	// a subscription that has ended, and that no block has removed yet
	for range 31 * 24 * 60 {
		f.Ctx = f.Ctx.WithBlockTime(f.Ctx.BlockTime().Add(time.Minute))
		require.NoError(t, f.Clock.BeginBlock(f.Ctx))
	}
	_, err = f.k.Hooks().AfterUse(f.Ctx, streamtypes.Use{Viewer: buyer, Work: film, Provider: "node", Seconds: 12})
	require.NoError(t, err, "what was bought stays")
	f.offer(alice, song, types.NewFreeOffer())
	_, err = f.k.Hooks().AfterUse(f.Ctx, streamtypes.Use{Viewer: buyer, Work: song, Provider: "node", Seconds: 12, Subscription: small})
	require.ErrorIs(t, err, types.ErrNotCovered)
	f.next(time.Minute)
	_, err = f.k.Hooks().AfterUse(f.Ctx, streamtypes.Use{Viewer: fan, Work: film, Provider: "node", Seconds: 12})
	require.ErrorIs(t, err, types.ErrNotEntitled, "the subscription has ended")
}
