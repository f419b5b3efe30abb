package keeper_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	"github.com/streamchain/streamchain/token"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	"github.com/streamchain/streamchain/x/revenue/types"
)

func TestAutomaticPayout(t *testing.T) {
	f := newFixture(t)
	alice, creator := f.creator("alice")
	film, viewer, to := f.work(creator, "film"), f.Funded("viewer", 100*stream), f.Addr("cold wallet")
	set := &types.MsgSetPayout{Claimant: alice.String(), Recipient: creator, To: to.String(), Threshold: token.Coin(5 * stream)}
	require.NoError(t, f.send(set))
	tip := func(amount int64) {
		p := sale(viewer, film, amount)
		p.Rail = types.RAIL_PLAN
		_, err := f.pay(p)
		require.NoError(t, err)
	}
	tip(5 * stream) // 4,525,000 for the creator
	f.next(time.Second)
	require.Zero(t, f.Balance(to))
	tip(stream)
	f.next(time.Second)
	require.EqualValues(t, 5_430_000, f.Balance(to), "all of it, once it has passed the threshold")
	require.Zero(t, f.claimable(creator))
	f.next(time.Second)
	res, err := f.q.Payouts(f.Ctx, &types.QueryPayoutsRequest{Recipient: creator})
	require.NoError(t, err)
	require.Equal(t, []types.Payout{{Recipient: creator, To: to.String(), Threshold: token.Coin(5 * stream)}}, res.Payouts)

	// claimed by hand in the block in which it was due
	tip(10 * stream)
	require.NoError(t, f.send(&types.MsgClaim{Claimant: alice.String(), Recipient: creator}))
	f.next(time.Second)
	require.EqualValues(t, 5_430_000, f.Balance(to))
	require.EqualValues(t, 9_050_000, f.Balance(alice))

	// what is there already is due at once
	tip(4 * stream)
	set.Threshold = token.Coin(types.MinPayout)
	require.NoError(t, f.send(set))
	f.next(time.Second)
	require.EqualValues(t, 5_430_000+3_620_000, f.Balance(to))

	// an account that cannot be paid ends nothing where nothing is due any more
	tip(5 * stream)
	require.NoError(t, f.send(&types.MsgClaim{Claimant: alice.String(), Recipient: creator}))
	f.bank.blocked = to.String()
	f.next(time.Second)
	f.bank.blocked = ""
	res, err = f.q.Payouts(f.Ctx, &types.QueryPayoutsRequest{Recipient: creator})
	require.NoError(t, err)
	require.Equal(t, []types.Payout{{Recipient: creator, To: to.String(), Threshold: set.Threshold}}, res.Payouts)

	// an account that cannot be paid ends it
	tip(5 * stream)
	f.bank.blocked = to.String()
	ctx := f.Ctx
	f.next(time.Second)
	require.EqualValues(t, 4_525_000, f.claimable(creator))
	f.Ctx, ctx = ctx, f.Ctx
	require.Contains(t, f.events(), "EventPayoutSet")
	f.Ctx = ctx
	f.bank.blocked = ""
	f.reject([]rejection{{"ended", &types.MsgSetPayout{Claimant: alice.String(), Recipient: creator, Threshold: token.Coin(0)}, types.ErrPayoutNotFound}})
	set.To = ""
	require.NoError(t, f.send(set))
	require.NoError(t, f.send(&types.MsgSetPayout{Claimant: alice.String(), Recipient: creator, Threshold: token.Coin(0)}), "while it is due")
	f.next(time.Second)
	require.EqualValues(t, 4_525_000, f.claimable(creator))
}

func TestSetPayoutRejections(t *testing.T) {
	f := newFixture(t)
	alice, creator := f.creator("alice")
	bob := f.Addr("bob")
	with := func(change func(*types.MsgSetPayout)) sdk.Msg {
		m := &types.MsgSetPayout{Claimant: alice.String(), Recipient: creator, Threshold: token.Coin(types.MinPayout)}
		change(m)
		return m
	}
	cases := []rejection{
		{"dust", with(func(m *types.MsgSetPayout) { m.Threshold = token.Coin(types.MinPayout - 1) }), types.ErrInvalidPayout},
		{"negative", with(func(m *types.MsgSetPayout) { m.Threshold.Amount = m.Threshold.Amount.Neg() }), types.ErrInvalidPayout},
		{"no threshold", with(func(m *types.MsgSetPayout) { m.Threshold = sdk.Coin{} }), types.ErrInvalidPayout},
		{"too much", with(func(m *types.MsgSetPayout) { m.Threshold.Amount = pow2(types.MaxGrossBits) }), types.ErrInvalidPayout},
		{"another's", with(func(m *types.MsgSetPayout) { m.Claimant = bob.String() }), contenttypes.ErrNotController},
		{"another account's", with(func(m *types.MsgSetPayout) { m.Recipient = bob.String() }), types.ErrNotRecipient},
		{"blocked", with(func(m *types.MsgSetPayout) { m.To = authtypes.NewModuleAddress("mint").String() }), types.ErrBlockedAddress},
		{"recipient", with(func(m *types.MsgSetPayout) { m.Recipient = "x" }), types.ErrInvalidAddress},
		{"end of nothing", with(func(m *types.MsgSetPayout) { m.Threshold = token.Coin(0) }), types.ErrPayoutNotFound},
	}
	for _, a := range badAddresses {
		cases = append(cases, rejection{"claimant " + a, with(func(m *types.MsgSetPayout) { m.Claimant = a }), types.ErrInvalidAddress})
		if a != "" {
			cases = append(cases, rejection{"to " + a, with(func(m *types.MsgSetPayout) { m.To = a }), types.ErrInvalidAddress})
		}
	}
	f.reject(cases)
	for i := range types.MaxDenoms {
		require.NoError(t, f.send(with(func(m *types.MsgSetPayout) { m.Threshold.Denom = fmt.Sprintf("denom%02d", i) })))
	}
	f.reject([]rejection{{"17 denoms", with(func(*types.MsgSetPayout) {}), types.ErrTooManyPayouts}})
	require.NoError(t, f.send(with(func(m *types.MsgSetPayout) { m.Threshold = sdk.NewInt64Coin("denom00", 2*types.MinPayout) })), "one of them again")
}

// A thousand that are due at once: two hundred a block, none lost.
func TestAutomaticPayoutsAreCapped(t *testing.T) {
	f := newFixture(t)
	viewer := f.Funded("viewer", 10_000*stream)
	const many = 1000
	for i := range many {
		controller, creator := f.creator(fmt.Sprint("c", i))
		require.NoError(t, f.send(&types.MsgSetPayout{Claimant: controller.String(), Recipient: creator, Threshold: token.Coin(types.MinPayout)}))
		p := sale(viewer, creator, 2*stream)
		p.Rail = types.RAIL_TIP
		_, err := f.pay(p)
		require.NoError(t, err)
	}
	for done := 0; done < many; {
		f.next(time.Second)
		done += types.MaxPayouts
		paid := 0
		for i := range many {
			if f.Balance(f.Addr(fmt.Sprint("c", i))) > 0 {
				paid++
			}
		}
		require.Equal(t, done, paid)
	}
}
