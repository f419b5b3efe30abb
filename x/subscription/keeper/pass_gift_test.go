package keeper_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/token"
	"github.com/streamchain/streamchain/x/subscription/types"
)

func (s *passStage) gives(from, to sdk.AccAddress, periods uint32) error {
	return s.send(&types.MsgSubscribePass{
		Subscriber: from.String(), Recipient: to.String(), Pass: s.pass, MaxPrice: token.Coin(passFee), Periods: periods,
	})
}

// The recipient has the access, and what it does not watch goes back to the giver: a fee never rolls into a period that another account pays.
func TestPassGift(t *testing.T) {
	s := newPassStage(t)
	giver, viewer := s.Funded("giver", 40*stream), s.Funded("viewer", 10*stream)
	require.NoError(t, s.gives(giver, viewer, 2))
	require.NoError(t, s.buys(viewer, 1, 0))
	require.Zero(t, s.Balance(viewer))
	require.True(t, s.access(viewer.String(), s.works[0][0]).Granted)
	require.False(t, s.access(giver.String(), s.works[0][0]).Granted)
	require.ErrorIs(t, s.send(&types.MsgCancelPass{Viewer: giver.String(), Pass: s.pass}), types.ErrNotSubscribed, "a gift is not taken back")
	require.NoError(t, s.watches(viewer, s.works[0][0], 30))
	s.after(s.closeAt)
	require.EqualValues(t, 5*stream, s.gross(s.works[0][0]))
	require.Equal(t, math.NewInt(5*stream), s.preview(viewer).Subscription.Carried, "rolls within the gift")
	require.EqualValues(t, 20*stream, s.Balance(giver))
	s.after(day)
	require.True(t, s.preview(viewer).Subscription.Carried.IsZero(), "and not into the viewer's own")
	require.EqualValues(t, 35*stream, s.Balance(giver))
	s.after(day)
	require.EqualValues(t, 10*stream, s.Balance(viewer))
	require.EqualValues(t, 35*stream, s.Balance(giver))
}

// Who paid a period counts as who spent it, for rebates.
func TestPassGiftIsSpentByTheGiver(t *testing.T) {
	s := newPassStage(t)
	giver, viewer := s.Funded("giver", 40*stream), s.Funded("viewer", 10*stream)
	require.NoError(t, s.gives(giver, viewer, 1))
	require.NoError(t, s.watches(viewer, s.works[0][0], 30))
	s.after(s.closeAt)
	gs, err := s.revenue.ExportGenesis(s.Ctx)
	require.NoError(t, err)
	var spenders []string
	for _, row := range gs.Spending {
		spenders = append(spenders, row.Payer)
	}
	require.Equal(t, []string{giver.String()}, spenders)
}

// Cancelling gives each period that has not begun back to who paid it.
func TestPassGiftCancel(t *testing.T) {
	s := newPassStage(t)
	one, two, viewer := s.Funded("one", 40*stream), s.Funded("two", 40*stream), s.Funded("viewer", 10*stream)
	require.NoError(t, s.gives(one, viewer, 2))
	require.NoError(t, s.gives(two, viewer, 3))
	require.NoError(t, s.buys(viewer, 1, 0))
	require.NoError(t, s.send(&types.MsgCancelPass{Viewer: viewer.String(), Pass: s.pass}))
	s.next(time.Second)
	require.EqualValues(t, 30*stream, s.Balance(one), "the running period goes on")
	require.EqualValues(t, 40*stream, s.Balance(two))
	require.EqualValues(t, 10*stream, s.Balance(viewer))
}

// Strangers cannot leave a viewer without a pass of its own choice, whatever they give and in whatever order.
func TestPassGiftsAreBounded(t *testing.T) {
	s := newPassStage(t)
	stranger, viewer := s.Funded("stranger", 100_000*stream), s.Funded("viewer", 100_000*stream)
	passes := []string{s.pass}
	for range types.MaxViewerPasses {
		s.pass = s.newPass(s.ids[0])
		require.NoError(t, s.joins(0))
		passes = append(passes, s.pass)
	}
	give := func(i int, periods uint32) error {
		s.pass = passes[i]
		return s.gives(stranger, viewer, periods)
	}
	buy := func(i int) error {
		s.pass = passes[i]
		return s.buys(viewer, 1, 0)
	}
	require.NoError(t, buy(0))
	require.NoError(t, give(0, 12))
	require.ErrorIs(t, give(0, 1), types.ErrTooManyPassGifts, "12 periods of one pass")
	s.pass = passes[0]
	require.NoError(t, s.buys(viewer, 11, 0), "the other half is the viewer's")
	for i := 1; i < types.MaxGiftedPasses; i++ {
		require.NoError(t, give(i, 1), i)
	}
	require.NoError(t, give(1, 1), "more of what was given")
	require.ErrorIs(t, give(types.MaxGiftedPasses, 1), types.ErrTooManyPassGifts)
	require.NoError(t, buy(types.MaxGiftedPasses))
	require.ErrorIs(t, give(types.MaxGiftedPasses, 1), types.ErrTooManyPassGifts, "also where the viewer has it: its own period can end first")
	for i := types.MaxGiftedPasses + 1; i < types.MaxViewerPasses; i++ {
		require.NoError(t, buy(i), i)
	}
	require.ErrorIs(t, buy(types.MaxViewerPasses), types.ErrTooManyPasses)
	s.check()
	for name, spoil := range map[string]func(*types.GenesisState){
		"one more pass": func(g *types.GenesisState) {
			i := slices.IndexFunc(g.PassSubscriptions, func(r types.PassSubscriptionRecord) bool { return r.Subscription.Gifts() == 0 })
			g.PassSubscriptions[i].Subscription.Periods[0].Payer = stranger.String()
		},
		"one more period": func(g *types.GenesisState) {
			s := g.PassSubscriptions[0].Subscription
			require.Equal(t, fmt.Sprint(types.MaxGiftedPeriods, 24), fmt.Sprint(s.Gifts(), len(s.Periods)))
			s.Periods[0].Payer = stranger.String()
		},
	} {
		g, err := s.k.ExportGenesis(s.Ctx)
		require.NoError(t, err)
		require.NoError(t, g.Validate())
		spoil(g)
		require.ErrorIs(t, g.Validate(), types.ErrInvalidGenesis, name)
	}
}

// A renewal is the viewer's payment, also while a gift has not closed; a gift puts it off and takes nothing of it.
func TestPassGiftBeforeRenewal(t *testing.T) {
	s := newPassStage(t)
	giver, viewer := s.Funded("giver", 10*stream), s.Funded("viewer", 20*stream)
	require.NoError(t, s.buys(viewer, 1, 1))
	require.NoError(t, s.gives(giver, viewer, 1))
	s.ends(day)
	require.False(t, s.has("EventPassRenewed"))
	s.ends(day)
	require.True(t, s.has("EventPassRenewed"))
	var payers []string
	for _, p := range s.preview(viewer).Subscription.Periods {
		payers = append(payers, p.Payer)
	}
	require.Equal(t, []string{viewer.String(), giver.String(), viewer.String()}, payers)
	s.after(2 * s.closeAt)
	require.EqualValues(t, 10*stream, s.Balance(giver))
}
