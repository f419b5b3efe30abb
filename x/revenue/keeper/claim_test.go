package keeper_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	"github.com/streamchain/streamchain/token"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	"github.com/streamchain/streamchain/x/revenue/types"
)

// rejection is a message that must fail with err and change nothing.
type rejection struct {
	name string
	msg  sdk.Msg
	err  error
}

func (f *fixture) reject(cases []rejection) {
	f.T.Helper()
	before := f.state()
	for _, c := range cases {
		// on the state itself: a keeper must not write before its checks
		require.ErrorIs(f.T, f.handle(f.Ctx, c.msg), c.err, c.name)
		require.Equal(f.T, before, f.state(), c.name)
	}
}

func (f *fixture) tip(payer sdk.AccAddress, subject string, amount int64) {
	f.T.Helper()
	_, err := f.pay(types.Payment{Rail: types.RAIL_TIP, Subject: subject, Payer: payer.String(), Gross: token.Coin(amount)})
	require.NoError(f.T, err)
}

func TestClaim(t *testing.T) {
	f := newFixture(t)
	alice, creator := f.creator("alice")
	viewer, purse := f.Funded("viewer", stream), f.Addr("purse")
	f.tip(viewer, creator, 10_000)
	// in the very block of the tip, whose coins are not in custody's balance yet
	require.NoError(t, f.send(&types.MsgClaim{Claimant: alice.String(), Recipient: creator}))
	require.Zero(t, f.claimable(creator))
	require.ErrorIs(t, f.send(&types.MsgClaim{Claimant: alice.String(), Recipient: creator}), types.ErrNothingToClaim, "once")
	require.Contains(t, f.events(), "EventClaimed")
	require.Zero(t, f.Balance(alice), "paid at the end of the block")
	require.NoError(t, f.k.CheckInvariants(f.Ctx, nil))
	f.next(time.Second)
	require.EqualValues(t, 9700, f.Balance(alice))
	f.next(time.Second)
	require.EqualValues(t, 9700, f.Balance(alice), "paid once")

	f.tip(viewer, creator, 10_000)
	require.NoError(t, f.send(&types.MsgClaim{Claimant: alice.String(), Recipient: creator, Denoms: []string{"other", token.BaseDenom}, To: purse.String()}))
	f.next(time.Second)
	require.EqualValues(t, 9700, f.Balance(purse))

	// an account's own coins, named and not
	node := f.Addr("node")
	for i, recipient := range []string{"", node.String()} {
		_, err := f.pay(types.Payment{Rail: types.RAIL_METERED, Subject: creator, Payer: viewer.String(), Gross: token.Coin(10_000), Server: node.String()})
		require.NoError(t, err)
		require.NoError(t, f.send(&types.MsgClaim{Claimant: node.String(), Recipient: recipient}))
		f.next(time.Second)
		require.EqualValues(t, 300*(i+1), f.Balance(node))
	}
}

func TestClaimRejections(t *testing.T) {
	f := newFixture(t)
	alice, creator := f.creator("alice")
	bob, bobs := f.creator("bob")
	f.tip(f.Funded("viewer", stream), creator, 10_000)
	many := make([]string, types.MaxDenoms+1)
	for i := range many {
		many[i] = fmt.Sprint("denom", i)
	}
	claim := func(change func(*types.MsgClaim)) sdk.Msg {
		m := &types.MsgClaim{Claimant: alice.String(), Recipient: creator}
		change(m)
		return m
	}
	cases := []rejection{
		{"another's creator", claim(func(m *types.MsgClaim) { m.Claimant = bob.String() }), contenttypes.ErrNotController},
		{"another account", claim(func(m *types.MsgClaim) { m.Recipient = bob.String() }), types.ErrNotRecipient},
		{"nothing earned", claim(func(m *types.MsgClaim) { m.Claimant, m.Recipient = bob.String(), bobs }), types.ErrNothingToClaim},
		{"nothing of its own", claim(func(m *types.MsgClaim) { m.Recipient = "" }), types.ErrNothingToClaim},
		{"nothing in the denom", claim(func(m *types.MsgClaim) { m.Denoms = []string{"uatom"} }), types.ErrNothingToClaim},
		{"to a module account", claim(func(m *types.MsgClaim) { m.To = authtypes.NewModuleAddress("storage").String() }), types.ErrBlockedAddress},
		{"to custody", claim(func(m *types.MsgClaim) { m.To = authtypes.NewModuleAddress("revenue").String() }), types.ErrBlockedAddress},
		{"denom twice", claim(func(m *types.MsgClaim) { m.Denoms = []string{token.BaseDenom, token.BaseDenom} }), types.ErrInvalidClaim},
		{"17 denoms", claim(func(m *types.MsgClaim) { m.Denoms = many }), types.ErrInvalidClaim},
		{"no denom", claim(func(m *types.MsgClaim) { m.Denoms = []string{""} }), types.ErrInvalidDenom},
		{"denom with NUL", claim(func(m *types.MsgClaim) { m.Denoms = []string{"ustream\x00"} }), types.ErrInvalidDenom},
		{"denom of 10 MiB", claim(func(m *types.MsgClaim) { m.Denoms = []string{strings.Repeat("x", 10<<20)} }), types.ErrInvalidDenom},
		{"creator in capitals", claim(func(m *types.MsgClaim) { m.Recipient = strings.ToUpper(creator) }), types.ErrInvalidAddress},
		{"creator malformed", claim(func(m *types.MsgClaim) { m.Recipient = creator[:len(creator)-1] + "!" }), contenttypes.ErrInvalidCreatorID},
		{"recipient is a work", claim(func(m *types.MsgClaim) { m.Recipient = workID("film") }), types.ErrInvalidAddress},
		{"to a creator", claim(func(m *types.MsgClaim) { m.To = creator }), types.ErrInvalidAddress},
	}
	for _, a := range badAddresses {
		cases = append(cases, rejection{"claimant " + a, claim(func(m *types.MsgClaim) { m.Claimant = a }), types.ErrInvalidAddress})
		if a == "" {
			continue
		}
		cases = append(cases,
			rejection{"recipient " + a, claim(func(m *types.MsgClaim) { m.Recipient = a }), types.ErrInvalidAddress},
			rejection{"to " + a, claim(func(m *types.MsgClaim) { m.To = a }), types.ErrInvalidAddress})
	}
	f.reject(cases)
	require.EqualValues(t, 9700, f.claimable(creator))
}

func TestClaimOfManyDenoms(t *testing.T) {
	f := newFixture(t)
	alice, creator := f.creator("alice")
	viewer := f.Addr("viewer")
	params := types.DefaultParams()
	params.Denoms = nil
	for i := range types.MaxDenoms - 1 {
		params.Denoms = append(params.Denoms, fmt.Sprintf("denom%02d", i))
	}
	params.Denoms = append(params.Denoms, token.BaseDenom)
	require.NoError(t, f.send(&types.MsgUpdateParams{Authority: f.Authority, Params: params}))
	paid := func(denoms []string) {
		for _, denom := range denoms {
			f.mint(viewer, sdk.NewInt64Coin(denom, 1000))
			_, err := f.pay(types.Payment{Rail: types.RAIL_TIP, Subject: creator, Payer: viewer.String(), Gross: sdk.NewInt64Coin(denom, 1000)})
			require.NoError(t, err)
		}
	}
	paid(params.Denoms)
	// denoms that replace others on the list leave more than one claim takes
	old := params.Denoms
	params.Denoms = []string{"another", token.BaseDenom}
	require.NoError(t, f.send(&types.MsgUpdateParams{Authority: f.Authority, Params: params}))
	paid(params.Denoms[:1])
	require.NoError(t, f.send(&types.MsgClaim{Claimant: alice.String(), Recipient: creator}))
	require.NoError(t, f.send(&types.MsgClaim{Claimant: alice.String(), Recipient: creator}))
	require.ErrorIs(t, f.send(&types.MsgClaim{Claimant: alice.String(), Recipient: creator}), types.ErrNothingToClaim)
	f.next(time.Second)
	require.Len(t, f.Bank.GetAllBalances(f.Ctx, alice), len(old)+1)
}

func TestPayoutThatFailsIsClaimableAgain(t *testing.T) {
	for name, breakIt := range map[string]func(f *fixture, to string){
		"blocked meanwhile": func(f *fixture, to string) { f.bank.blocked = to },
		"the bank panics":   func(f *fixture, to string) { f.bank.panicsTo = to },
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			alice, creator := f.creator("alice")
			bob, bobs := f.creator("bob")
			viewer, purse := f.Funded("viewer", stream), f.Addr("purse")
			f.tip(viewer, creator, 10_000)
			f.tip(viewer, bobs, 10_000)
			require.NoError(t, f.send(&types.MsgClaim{Claimant: alice.String(), Recipient: creator, To: purse.String()}))
			require.NoError(t, f.send(&types.MsgClaim{Claimant: bob.String(), Recipient: bobs}))
			breakIt(f, purse.String())
			ctx := f.Ctx
			f.next(time.Second)
			require.EqualValues(t, 9700, f.claimable(creator), "back where it came from")
			require.EqualValues(t, 9700, f.Balance(bob), "the others are paid")
			f.Ctx, ctx = ctx, f.Ctx
			require.Contains(t, f.events(), "EventPayoutFailed")
			f.Ctx = ctx
			require.NoError(t, f.send(&types.MsgClaim{Claimant: alice.String(), Recipient: creator, To: alice.String()}))
			f.next(time.Second)
			require.EqualValues(t, 9700, f.Balance(alice))
		})
	}
}

func TestReleaseForTheModulesAbove(t *testing.T) {
	f := newFixture(t)
	viewer := f.Funded("viewer", 100)
	require.NoError(t, f.k.Collect(f.Ctx, viewer, token.Coin(100)))
	f.escrow = sdk.NewCoins(token.Coin(100))
	require.NoError(t, f.k.CheckInvariants(f.Ctx, f.escrow))
	require.ErrorIs(t, f.k.CheckInvariants(f.Ctx, sdk.NewCoins(token.Coin(101))), types.ErrInvariant)
	f.next(time.Second)
	require.NoError(t, f.k.CheckInvariants(f.Ctx, f.escrow))

	meter := storetypes.NewGasMeter(1_000_000)
	for range 3 {
		require.NoError(t, f.k.Release(f.Ctx.WithGasMeter(meter), viewer, token.Coin(10)))
	}
	require.GreaterOrEqual(t, meter.GasConsumed(), uint64(3*types.PayoutGas), "the transfer at the end of the block is paid for now")
	f.NextTx()
	require.NoError(t, f.k.Release(f.Ctx, viewer, token.Coin(30)))
	f.escrow = sdk.NewCoins(token.Coin(40))
	require.NoError(t, f.k.CheckInvariants(f.Ctx, f.escrow))
	f.next(time.Second)
	require.EqualValues(t, 60, f.Balance(viewer))
}

// Modules whose EndBlock comes later also collect, distribute and release.
func TestAfterTheBlockIsSettled(t *testing.T) {
	f := newFixture(t)
	_, creator := f.creator("alice")
	film := f.work(creator, "film")
	viewer := f.Funded("viewer", stream)
	late := func(ctx sdk.Context) error {
		require.NoError(t, f.k.Collect(ctx, viewer, token.Coin(10_010)))
		_, err := f.k.Distribute(ctx, types.Payment{Rail: types.RAIL_PLAN, Subject: film, Payer: viewer.String(), Gross: token.Coin(10_000)})
		require.NoError(t, err)
		require.NoError(t, f.k.Release(ctx, f.Addr("purse"), token.Coin(10)))
		require.NoError(t, f.k.CheckInvariants(ctx, nil))
		return nil
	}
	f.tip(viewer, creator, 10_000)
	f.NextBlock(time.Second, func(ctx sdk.Context) error { return f.k.EndBlock(ctx) }, late)
	require.EqualValues(t, 10, f.Balance(f.Addr("purse")), "paid at once")
	require.EqualValues(t, 9700+9050, f.claimable(creator))
	require.EqualValues(t, 100, f.ModuleBalance("governance"), "the parts wait a block")
	require.NoError(t, f.k.CheckInvariants(f.Ctx, nil))
	f.next(time.Second)
	require.EqualValues(t, 300, f.ModuleBalance("governance"))
	require.EqualValues(t, 350, f.ModuleBalance("storage"))
	require.NoError(t, f.k.CheckInvariants(f.Ctx, nil))
}
