package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/storage/types"
)

// actsFor is the operator that addr acts for, or empty.
func (f *fixture) actsFor(addr sdk.AccAddress) string {
	f.T.Helper()
	p, err := f.k.ProviderByAgent(f.Ctx, addr)
	if err != nil {
		require.ErrorIs(f.T, err, types.ErrProviderNotFound)
	}
	return p.Operator
}

func TestProviderFromRegistrationToWithdrawal(t *testing.T) {
	f := newFixture(t)
	msg := f.registerMsg("a")
	msg.Endpoints = []string{"HTTPS://Node.A.com:443/", "http://8.8.8.8:8181"}
	f.must(msg)
	a, agent := f.Addr("a"), f.agent("a")
	require.Equal(t, []string{"EventProviderRegistered"}, f.events())
	require.Equal(t, types.Provider{
		Operator: a.String(), Agent: agent.String(), Endpoints: []string{"https://node.a.com", "http://8.8.8.8:8181"}, Region: "eu-west",
		CapacityBytes: 10 * gib, PricePerGibDay: math.NewInt(perSecond), Bond: math.NewInt(1010 * stream),
		Status: types.PROVIDER_STATUS_ACTIVE, NetworkPrefix: "a.com", RegisteredAt: f.now(),
	}, f.row("a"))
	require.EqualValues(t, 990*stream, f.Balance(a))
	require.Equal(t, []string{a.String(), a.String()}, []string{f.actsFor(a), f.actsFor(agent)})

	f.must(&types.MsgAddBond{Operator: a.String(), Amount: math.NewInt(stream)})
	other := f.Addr("another agent")
	f.must(&types.MsgUpdateProvider{
		Operator: a.String(), Agent: other.String(), Endpoints: []string{"https://[2606:4700::1]"}, Region: "us", CapacityBytes: 11 * gib, PricePerGibDay: math.OneInt(),
	})
	require.Equal(t, "2606:4700::/48", f.row("a").NetworkPrefix)
	require.Equal(t, []string{a.String(), "", a.String()}, []string{f.actsFor(a), f.actsFor(agent), f.actsFor(other)})

	f.must(&types.MsgLeave{Operator: a.String()})
	require.Equal(t, a.String(), f.actsFor(other), "what was served can still be settled")
	f.next(types.DefaultUnbondingSeconds * time.Second)
	f.must(&types.MsgWithdrawBond{Operator: a.String()})
	require.EqualValues(t, 2000*stream, f.Balance(a))
	require.Equal(t, types.PROVIDER_STATUS_GONE, f.row("a").Status)
	require.Equal(t, []string{"", ""}, []string{f.actsFor(a), f.actsFor(other)})

	// it starts anew, and its former agent is free for another
	b := f.registerMsg("b")
	b.Agent = other.String()
	f.must(b)
	f.next(time.Minute)
	msg.Agent = ""
	f.must(msg)
	require.Equal(t, a.String(), f.row("a").Agent)
	require.Equal(t, f.now(), f.row("a").RegisteredAt)
}

// Being named as an agent needs no consent, so it must not lock an account out.
func TestNamedAgentRegistersItself(t *testing.T) {
	f := newFixture(t)
	f.Funded("victim", 2000*stream)
	squatter := f.registerMsg("squatter")
	squatter.Agent = f.Addr("victim").String()
	f.must(squatter)
	require.Equal(t, squatter.Operator, f.actsFor(f.Addr("victim")))
	victim := f.registerMsg("victim")
	f.must(victim)
	require.Equal(t, victim.Operator, f.actsFor(f.Addr("victim")))
	require.Equal(t, squatter.Operator, f.row("squatter").Agent)
}

// A vote that raises bonds ends no deal, and whoever is below takes no more before he adds to his.
func TestRaisedBondBindsOnlyWhatIsNew(t *testing.T) {
	f := newFixture(t)
	alice := f.creator("alice")
	f.provider("a")
	film, song := f.work(alice, "film", gib, ""), f.work(alice, "song", gib, "")
	f.ask(alice, film, 0, "a")
	f.accept("a", film)
	f.ask(alice, song, 0, "a")
	f.setParams(func(p *types.Params) { p.MinBond = math.NewInt(1500 * stream) })
	require.EqualValues(t, 1, f.row("a").ActiveDeals)
	require.ErrorIs(t, f.send(f.acceptMsg("a", song)), types.ErrBondTooSmall)
	f.must(&types.MsgAddBond{Operator: f.Addr("a").String(), Amount: math.NewInt(500 * stream)})
	f.accept("a", song)
	f.setParams(func(p *types.Params) { p.MinBond = math.NewInt(2000 * stream) })
	update := &types.MsgUpdateProvider{
		Operator: f.Addr("a").String(), Endpoints: []string{"https://a.com"}, Region: "us", CapacityBytes: 2 * gib, PricePerGibDay: math.OneInt(),
	}
	require.ErrorIs(t, f.send(update), types.ErrBondTooSmall)
}
