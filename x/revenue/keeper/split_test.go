package keeper_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
	"github.com/streamchain/streamchain/x/revenue/types"
)

// sheet writes shares as "who bps who bps …" for tests.
func sheet(pairs ...any) []types.Share {
	var shares []types.Share
	for i := 0; i < len(pairs); i += 2 {
		who, isText := pairs[i].(string)
		if !isText {
			who = pairs[i].(sdk.AccAddress).String()
		}
		shares = append(shares, types.Share{Recipient: who, Bps: uint32(pairs[i+1].(int))})
	}
	return shares
}

// set proposes a sheet and returns whose consent is missing.
func (f *fixture) set(controller sdk.AccAddress, subject string, shares []types.Share) (uint64, []string) {
	f.T.Helper()
	res, err := f.msg.SetSplit(f.Ctx, &types.MsgSetSplit{Controller: controller.String(), Subject: subject, Shares: shares})
	require.NoError(f.T, err)
	return res.Version, res.Missing
}

func (f *fixture) split(subject string) *types.QuerySplitResponse {
	f.T.Helper()
	res, err := f.q.Split(f.Ctx, &types.QuerySplitRequest{Subject: subject})
	require.NoError(f.T, err)
	return res
}

func TestSplitOfAWorkOverridesItsCreators(t *testing.T) {
	f := newFixture(t)
	alice, creator := f.creator("alice")
	film, song := f.work(creator, "film"), f.work(creator, "song")
	bob, carol := f.Addr("bob"), f.Addr("carol")
	viewer := f.Funded("viewer", stream)
	require.Equal(t, types.DefaultSplit(creator), f.split(film).Split)

	// adding people takes only from the creator, who agrees by proposing
	version, missing := f.set(alice, creator, sheet(creator, 6000, bob, 4000))
	require.EqualValues(t, 1, version)
	require.Empty(t, missing)
	require.Equal(t, []string{"EventSplitProposed", "EventSplitSet"}, f.events())
	require.Equal(t, creator, f.split(film).Split.Subject, "its creator's sheet is in force for the work")
	f.tip(viewer, film, 10_000)
	require.Equal(t, []int64{5820, 3880}, []int64{f.claimable(creator), f.claimable(bob.String())})

	// a sheet of the work's own that leaves bob out needs his consent: it is his share that shrinks
	version, missing = f.set(alice, film, sheet(creator, 9000, carol, 1000))
	require.Equal(t, []string{bob.String()}, missing)
	require.EqualValues(t, 1, f.split(film).Split.Version)
	require.Equal(t, missing, f.split(film).Missing)
	f.tip(viewer, film, 10_000)
	require.EqualValues(t, 2*3880, f.claimable(bob.String()), "the old sheet is in force meanwhile")
	require.NoError(t, f.send(&types.MsgAcceptSplit{Recipient: bob.String(), Subject: film, Version: version}))
	f.tip(viewer, film, 10_000)
	require.EqualValues(t, 2*3880, f.claimable(bob.String()), "what was credited stays")
	require.EqualValues(t, 970, f.claimable(carol.String()))
	require.Nil(t, f.split(film).Pending)
	require.Equal(t, film, f.split(film).Split.Subject)
	require.Equal(t, creator, f.split(song).Split.Subject)

	// a recipient that is an account claims for itself
	require.NoError(t, f.send(&types.MsgClaim{Claimant: bob.String()}))
	f.next(time.Second)
	require.EqualValues(t, 2*3880, f.Balance(bob))
}

func TestConsent(t *testing.T) {
	f := newFixture(t)
	alice, creator := f.creator("alice")
	bob, carol, dave := f.Addr("bob"), f.Addr("carol"), f.Addr("dave")
	f.set(alice, creator, sheet(creator, 2500, bob, 2500, carol, 2500, alice, 2500))
	accept := func(who sdk.AccAddress, version uint64) error {
		return f.send(&types.MsgAcceptSplit{Recipient: who.String(), Subject: creator, Version: version})
	}

	// growing and staying need no consent; the proposer's own account and its creator agree by proposing
	v2, missing := f.set(alice, creator, sheet(carol, 2499, bob, 2499, dave, 5000, creator, 1, alice, 1))
	require.Equal(t, []string{bob.String(), carol.String()}, missing, "in the order of the sheet in force")
	require.NoError(t, accept(bob, v2))
	require.ErrorIs(t, accept(bob, v2), types.ErrAlreadyAccepted)
	require.ErrorIs(t, accept(dave, v2), types.ErrConsentNotNeeded)
	require.ErrorIs(t, accept(alice, v2), types.ErrConsentNotNeeded)
	require.ErrorIs(t, accept(f.Addr("stranger"), v2), types.ErrConsentNotNeeded)
	require.Equal(t, []string{carol.String()}, f.split(creator).Missing)

	// a new proposal replaces the pending one, and what was accepted of it
	v3, missing := f.set(alice, creator, sheet(creator, 5001, bob, 2499, carol, 2500))
	require.Equal(t, v2+1, v3)
	require.Equal(t, []string{bob.String()}, missing)
	require.ErrorIs(t, accept(carol, v2), types.ErrSplitVersion)
	require.NoError(t, accept(bob, v3))
	require.Equal(t, v3, f.split(creator).Split.Version)
	require.ErrorIs(t, accept(bob, v3), types.ErrSplitNotPending)

	// the sheet in force proposed again withdraws a pending one, and its number is not reused
	v4, missing := f.set(alice, creator, sheet(creator, 10_000))
	require.Len(t, missing, 2)
	v5, missing := f.set(alice, creator, sheet(creator, 5001, bob, 2499, carol, 2500))
	require.Empty(t, missing)
	require.Equal(t, v4+1, v5)
	require.ErrorIs(t, accept(bob, v4), types.ErrSplitNotPending)
	v6, _ := f.set(alice, creator, sheet(creator, 10_000))
	require.Equal(t, v5+1, v6)
}

func TestPendingSplitLapses(t *testing.T) {
	f := newFixture(t)
	alice, creator := f.creator("alice")
	film := f.work(creator, "film")
	bob, carol := f.Addr("bob"), f.Addr("carol")
	f.set(alice, creator, sheet(creator, 5000, bob, 5000))
	version, _ := f.set(alice, film, sheet(creator, 10_000))

	// the creator's sheet, against which bob would consent, changes in the meantime: now carol would lose too
	_, missing := f.set(alice, creator, sheet(creator, 1000, bob, 5000, carol, 4000))
	require.Empty(t, missing)
	accept := &types.MsgAcceptSplit{Recipient: bob.String(), Subject: film, Version: version}
	require.True(t, f.split(film).Lapsed)
	require.ErrorIs(t, f.send(accept), types.ErrSplitLapsed)
	version, missing = f.set(alice, film, sheet(creator, 10_000))
	require.Equal(t, []string{bob.String(), carol.String()}, missing)
	require.False(t, f.split(film).Lapsed)

	// another controller is not bound by what its predecessor proposed
	f.content.controllers[creator] = f.Addr("mallory").String()
	require.True(t, f.split(film).Lapsed)
	accept.Version = version
	require.ErrorIs(t, f.send(accept), types.ErrSplitLapsed)
	f.content.controllers[creator] = alice.String()
	require.NoError(t, f.send(accept))
}

func TestSplitRejections(t *testing.T) {
	f := newFixture(t)
	alice, creator := f.creator("alice")
	bob, bobs := f.creator("bob")
	film := f.work(creator, "film")
	a, b := f.Addr("a"), f.Addr("b")
	f.set(alice, film, sheet(creator, 5000, a, 5000))
	version, _ := f.set(alice, film, sheet(creator, 10_000))

	tooMany := make([]types.Share, types.MaxShares+1)
	for i := range tooMany {
		tooMany[i] = types.Share{Recipient: f.Addr(fmt.Sprint(i)).String(), Bps: 303}
	}
	tooMany[0].Bps = 10_000 - 303*types.MaxShares
	set := func(change func(*types.MsgSetSplit)) sdk.Msg {
		m := &types.MsgSetSplit{Controller: alice.String(), Subject: film, Shares: sheet(creator, 10_000)}
		change(m)
		return m
	}
	shares := func(s []types.Share) sdk.Msg { return set(func(m *types.MsgSetSplit) { m.Shares = s }) }
	accept := func(change func(*types.MsgAcceptSplit)) sdk.Msg {
		m := &types.MsgAcceptSplit{Recipient: a.String(), Subject: film, Version: version}
		change(m)
		return m
	}
	cases := []rejection{
		{"another's work", set(func(m *types.MsgSetSplit) { m.Controller = bob.String() }), contenttypes.ErrNotController},
		{"a recipient", set(func(m *types.MsgSetSplit) { m.Controller = a.String() }), contenttypes.ErrNotController},
		{"unknown work", set(func(m *types.MsgSetSplit) { m.Subject = workID("x") }), contenttypes.ErrWorkNotFound},
		{"no subject", set(func(m *types.MsgSetSplit) { m.Subject = "" }), contenttypes.ErrInvalidWorkID},
		{"subject an account", set(func(m *types.MsgSetSplit) { m.Subject = a.String() }), contenttypes.ErrInvalidWorkID},
		{"no shares", shares(nil), types.ErrInvalidSplit},
		{"33 shares", shares(tooMany), types.ErrInvalidSplit},
		{"9,999", shares(sheet(creator, 9999)), types.ErrInvalidSplit},
		{"10,001", shares(sheet(creator, 5000, a, 5001)), types.ErrInvalidSplit},
		{"more than the whole", shares(sheet(creator, 10_001)), types.ErrInvalidSplit},
		{"wraps around", shares([]types.Share{{Recipient: creator, Bps: 1 << 31}, {Recipient: a.String(), Bps: 1 << 31}, {Recipient: b.String(), Bps: 10_000}}), types.ErrInvalidSplit},
		{"zero", shares(sheet(creator, 10_000, a, 0)), types.ErrInvalidSplit},
		{"twice", shares(sheet(a, 5000, a, 5000)), types.ErrInvalidSplit},
		{"creator twice", shares(sheet(creator, 5000, creator, 5000)), types.ErrInvalidSplit},
		{"another creator", shares(sheet(creator, 5000, bobs, 5000)), types.ErrForeignCreator},
		{"a work", shares(sheet(creator, 5000, film, 5000)), types.ErrInvalidAddress},
		{"malformed creator", shares(sheet(creator[:30], 10_000)), contenttypes.ErrInvalidCreatorID},
		{"accept another version", accept(func(m *types.MsgAcceptSplit) { m.Version++ }), types.ErrSplitVersion},
		{"accept version 0", accept(func(m *types.MsgAcceptSplit) { m.Version = 0 }), types.ErrSplitVersion},
		{"accept as a stranger", accept(func(m *types.MsgAcceptSplit) { m.Recipient = b.String() }), types.ErrConsentNotNeeded},
		{"accept as the controller", accept(func(m *types.MsgAcceptSplit) { m.Recipient = alice.String() }), types.ErrConsentNotNeeded},
		{"accept nothing pending", accept(func(m *types.MsgAcceptSplit) { m.Subject = creator }), types.ErrSplitNotPending},
		{"accept for an unknown work", accept(func(m *types.MsgAcceptSplit) { m.Subject = workID("x") }), contenttypes.ErrWorkNotFound},
		{"accept for nothing", accept(func(m *types.MsgAcceptSplit) { m.Subject = "" }), contenttypes.ErrInvalidWorkID},
	}
	for _, module := range []string{"revenue", "storage", authtypes.FeeCollectorName, "stream"} {
		cases = append(cases, rejection{"module " + module, shares(sheet(creator, 5000, authtypes.NewModuleAddress(module), 5000)), types.ErrBlockedAddress})
	}
	for _, bad := range badAddresses {
		cases = append(cases,
			rejection{"controller " + bad, set(func(m *types.MsgSetSplit) { m.Controller = bad }), types.ErrInvalidAddress},
			rejection{"recipient " + bad, accept(func(m *types.MsgAcceptSplit) { m.Recipient = bad }), types.ErrInvalidAddress},
			rejection{"share of " + bad, shares(sheet(creator, 5000, bad, 5000)), types.ErrInvalidAddress})
	}
	cases = append(cases, rejection{"subject of 10 MiB", set(func(m *types.MsgSetSplit) { m.Subject = strings.Repeat("b", 10<<20) }), contenttypes.ErrInvalidWorkID})
	f.reject(cases)
	require.Equal(t, version, f.split(film).Pending.Version)

	// the treasury's account can receive
	_, missing := f.set(bob, bobs, sheet(bobs, 5000, f.Authority, 5000))
	require.Empty(t, missing)
}

func TestSplitOf32(t *testing.T) {
	f := newFixture(t)
	alice, creator := f.creator("alice")
	var shares []types.Share
	for i := range types.MaxShares {
		shares = append(shares, types.Share{Recipient: f.Addr(fmt.Sprint("r", i)).String(), Bps: 312})
	}
	shares[31].Bps = 10_000 - 31*312
	f.set(alice, creator, shares)
	viewer := f.Funded("viewer", stream)
	for amount := int64(1); amount <= 40; amount++ {
		d, err := f.pay(types.Payment{Rail: types.RAIL_TIP, Subject: creator, Payer: viewer.String(), Gross: sdk.NewInt64Coin("ustream", amount)})
		require.NoError(t, err)
		require.Len(t, d.Credits, 32)
		require.EqualValues(t, 1, d.SplitVersion)
	}
	total := int64(0)
	for _, s := range shares {
		total += f.claimable(s.Recipient)
	}
	require.EqualValues(t, 40*41/2, total, "amounts this small leave nothing to the protocol, and nothing is lost")
}
