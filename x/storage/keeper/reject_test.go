package keeper_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	"github.com/streamchain/streamchain/token"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	"github.com/streamchain/streamchain/x/storage/types"
)

var (
	badAddresses = []string{"", "stream1", "cosmos1zg69v7yszg69v7yszg69v7yszg69v7ysn5wczw", "streamvaloper1abc", "\x00", strings.Repeat("x", 5000)}
	badWorks     = []string{"", "bafy", "Qmx", strings.Repeat("b", 1<<20)}
	huge         = math.NewIntFromUint64(1).MulRaw(1 << 62).MulRaw(1 << 62).MulRaw(1 << 4)
	badAmounts   = []math.Int{{}, math.ZeroInt(), math.NewInt(-1), huge, math.NewIntWithDecimal(1, 76)}
)

func TestRegisterProviderRejections(t *testing.T) {
	f := newFixture(t)
	f.provider("taken")
	good := f.registerMsg("new")
	poor := f.Funded("poor", 1010*stream-1).String()
	set := func(change func(*types.MsgRegisterProvider)) sdk.Msg {
		m := *good
		change(&m)
		return &m
	}
	cases := []rejection{
		{"again", f.registerMsg("taken"), types.ErrProviderExists},
		{"module account", set(func(m *types.MsgRegisterProvider) { m.Operator = authtypes.NewModuleAddress("revenue").String() }), types.ErrBlockedAddress},
		{"another's agent", set(func(m *types.MsgRegisterProvider) { m.Agent = f.agent("taken").String() }), types.ErrAgentTaken},
		{"another's operator", set(func(m *types.MsgRegisterProvider) { m.Agent = f.Addr("taken").String() }), types.ErrAgentTaken},
		{"one ustream short", set(func(m *types.MsgRegisterProvider) { m.Bond = math.NewInt(1010*stream - 1) }), types.ErrBondTooSmall},
		{"a byte too many", set(func(m *types.MsgRegisterProvider) { m.CapacityBytes++ }), types.ErrBondTooSmall},
		{"all bytes there are", set(func(m *types.MsgRegisterProvider) { m.CapacityBytes = 1<<64 - 1 }), types.ErrBondTooSmall},
		{"no bytes", set(func(m *types.MsgRegisterProvider) { m.CapacityBytes = 0 }), types.ErrInvalidCapacity},
		{"no coins", set(func(m *types.MsgRegisterProvider) { m.Operator = poor }), sdkerrors.ErrInsufficientFunds},
		{"no endpoints", set(func(m *types.MsgRegisterProvider) { m.Endpoints = nil }), types.ErrInvalidEndpoint},
		{"private endpoint", set(func(m *types.MsgRegisterProvider) { m.Endpoints = append(m.Endpoints, "http://10.0.0.1") }), types.ErrInvalidEndpoint},
		{"price unset", set(func(m *types.MsgRegisterProvider) { m.PricePerGibDay = math.Int{} }), types.ErrInvalidPrice},
		{"price negative", set(func(m *types.MsgRegisterProvider) { m.PricePerGibDay = math.NewInt(-1) }), types.ErrInvalidPrice},
		{"price", set(func(m *types.MsgRegisterProvider) { m.PricePerGibDay = math.NewInt(types.MaxPricePerGiBDay + 1) }), types.ErrInvalidPrice},
	}
	for _, r := range []string{"", "a", "EU", "eu_west", "eu west", "ü-west", strings.Repeat("a", 33)} {
		cases = append(cases, rejection{"region " + r, set(func(m *types.MsgRegisterProvider) { m.Region = r }), types.ErrInvalidRegion})
	}
	for _, b := range badAmounts {
		cases = append(cases, rejection{"bond", set(func(m *types.MsgRegisterProvider) { m.Bond = b }), types.ErrInvalidAmount})
	}
	for _, a := range append(badAddresses, strings.ToUpper(good.Operator)) {
		cases = append(cases, rejection{"operator " + a, set(func(m *types.MsgRegisterProvider) { m.Operator = a }), types.ErrInvalidAddress})
		if a != "" {
			cases = append(cases, rejection{"agent " + a, set(func(m *types.MsgRegisterProvider) { m.Agent = a }), types.ErrInvalidAddress})
		}
	}
	f.reject(cases)
	f.must(good)
}

func TestUpdateProviderRejections(t *testing.T) {
	f := newFixture(t)
	alice := f.creator("alice")
	film := f.work(alice, "film", 2*gib, "")
	f.provider("p")
	f.provider("other")
	f.ask(alice, film, 0, "p")
	f.accept("p", film)
	good := &types.MsgUpdateProvider{
		Operator: f.Addr("p").String(), Agent: f.agent("p").String(), Endpoints: []string{"https://p.com"}, Region: "us", CapacityBytes: 2 * gib, PricePerGibDay: math.ZeroInt(),
	}
	set := func(change func(*types.MsgUpdateProvider)) sdk.Msg {
		m := *good
		change(&m)
		return &m
	}
	cases := []rejection{
		{"unknown", set(func(m *types.MsgUpdateProvider) { m.Operator = f.Addr("nobody").String() }), types.ErrProviderNotFound},
		{"by the agent", set(func(m *types.MsgUpdateProvider) { m.Operator = f.agent("p").String() }), types.ErrProviderNotFound},
		{"another's agent", set(func(m *types.MsgUpdateProvider) { m.Agent = f.agent("other").String() }), types.ErrAgentTaken},
		{"another's operator", set(func(m *types.MsgUpdateProvider) { m.Agent = f.Addr("other").String() }), types.ErrAgentTaken},
		{"less than its deals", set(func(m *types.MsgUpdateProvider) { m.CapacityBytes-- }), types.ErrInvalidCapacity},
		{"more than its bond", set(func(m *types.MsgUpdateProvider) { m.CapacityBytes = 10*gib + 1 }), types.ErrBondTooSmall},
		{"no bytes", set(func(m *types.MsgUpdateProvider) { m.CapacityBytes = 0 }), types.ErrInvalidCapacity},
		{"private endpoint", set(func(m *types.MsgUpdateProvider) { m.Endpoints = []string{"http://localhost"} }), types.ErrInvalidEndpoint},
		{"region", set(func(m *types.MsgUpdateProvider) { m.Region = "" }), types.ErrInvalidRegion},
		{"price", set(func(m *types.MsgUpdateProvider) { m.PricePerGibDay = math.NewInt(-1) }), types.ErrInvalidPrice},
	}
	for _, a := range badAddresses {
		cases = append(cases, rejection{"operator " + a, set(func(m *types.MsgUpdateProvider) { m.Operator = a }), types.ErrInvalidAddress})
	}
	f.reject(cases)
	f.must(good)
}

func TestBondRejections(t *testing.T) {
	f := newFixture(t)
	alice := f.creator("alice")
	film := f.work(alice, "film", gib, "")
	busy, idle, leaving, gone := f.provider("busy").String(), f.provider("idle").String(), f.provider("leaving").String(), f.provider("gone").String()
	f.ask(alice, film, 0, "busy")
	f.accept("busy", film)
	f.must(&types.MsgLeave{Operator: gone})
	f.jump(types.DefaultUnbondingSeconds * time.Second)
	f.must(&types.MsgWithdrawBond{Operator: gone})
	f.must(&types.MsgLeave{Operator: leaving})
	f.jump((types.DefaultUnbondingSeconds - 1) * time.Second)

	one, nobody := math.OneInt(), f.Addr("nobody").String()
	update := &types.MsgUpdateProvider{Operator: leaving, Endpoints: []string{"https://p.com"}, Region: "us", CapacityBytes: gib, PricePerGibDay: one}
	cases := []rejection{
		{"bond of nobody", &types.MsgAddBond{Operator: nobody, Amount: one}, types.ErrProviderNotFound},
		{"bond by the agent", &types.MsgAddBond{Operator: f.agent("idle").String(), Amount: one}, types.ErrProviderNotFound},
		{"bond of one leaving", &types.MsgAddBond{Operator: leaving, Amount: one}, types.ErrProviderInactive},
		{"bond of one gone", &types.MsgAddBond{Operator: gone, Amount: one}, types.ErrProviderInactive},
		{"bond without coins", &types.MsgAddBond{Operator: idle, Amount: math.NewInt(1000 * stream)}, sdkerrors.ErrInsufficientFunds},
		{"update of one leaving", update, types.ErrProviderInactive},
		{"nobody leaves", &types.MsgLeave{Operator: nobody}, types.ErrProviderNotFound},
		{"agent leaves", &types.MsgLeave{Operator: f.agent("idle").String()}, types.ErrProviderNotFound},
		{"leaves with deals", &types.MsgLeave{Operator: busy}, types.ErrActiveDeals},
		{"leaves twice", &types.MsgLeave{Operator: leaving}, types.ErrProviderInactive},
		{"leaves when gone", &types.MsgLeave{Operator: gone}, types.ErrProviderInactive},
		{"nobody withdraws", &types.MsgWithdrawBond{Operator: nobody}, types.ErrProviderNotFound},
		{"agent withdraws", &types.MsgWithdrawBond{Operator: f.agent("leaving").String()}, types.ErrProviderNotFound},
		{"withdraws while active", &types.MsgWithdrawBond{Operator: idle}, types.ErrNotLeaving},
		{"withdraws a second early", &types.MsgWithdrawBond{Operator: leaving}, types.ErrBondLocked},
		{"withdraws twice", &types.MsgWithdrawBond{Operator: gone}, types.ErrNotLeaving},
	}
	for _, a := range badAddresses {
		cases = append(cases,
			rejection{"bond of " + a, &types.MsgAddBond{Operator: a, Amount: one}, types.ErrInvalidAddress},
			rejection{"leave of " + a, &types.MsgLeave{Operator: a}, types.ErrInvalidAddress},
			rejection{"withdrawal of " + a, &types.MsgWithdrawBond{Operator: a}, types.ErrInvalidAddress})
	}
	for _, b := range badAmounts {
		cases = append(cases, rejection{"amount", &types.MsgAddBond{Operator: idle, Amount: b}, types.ErrInvalidAmount})
	}
	f.reject(cases)
	f.jump(time.Second)
	f.must(&types.MsgWithdrawBond{Operator: leaving})
}

func TestRequestDealsRejections(t *testing.T) {
	f := newFixture(t)
	alice, bob := f.creator("alice"), f.creator("bob")
	film, big, retired := f.work(alice, "film", gib, ""), f.work(alice, "big", 10*gib+1, ""), f.work(alice, "retired", gib, "")
	_, err := f.publish.Retire(f.Ctx, &contenttypes.MsgRetire{Controller: alice.String(), Work: retired})
	require.NoError(t, err)
	for _, n := range []string{"a", "b", "c", "leaving"} {
		f.provider(n)
	}
	same := f.registerMsg("same")
	same.Endpoints = []string{"https://other.a.com"}
	f.must(same)
	f.must(&types.MsgLeave{Operator: f.Addr("leaving").String()})
	f.ask(alice, film, 0, "a")
	nine := []string{"1", "2", "3", "4", "5", "6", "7", "8", "9"}

	ask := func(change func(*types.MsgRequestDeals)) sdk.Msg {
		m := f.askMsg(alice, film, 5, "b")
		change(m)
		return m
	}
	cases := []rejection{
		{"another's work", f.askMsg(bob, film, 5, "b"), contenttypes.ErrNotController},
		{"a stranger", f.askMsg(f.Addr("b"), film, 5, "b"), contenttypes.ErrNotController},
		{"unknown work", f.askMsg(alice, nowhere("x"), 5, "b"), contenttypes.ErrWorkNotFound},
		{"retired work", f.askMsg(alice, retired, 5, "b"), types.ErrWorkNotActive},
		{"no providers", f.askMsg(alice, film, 5), types.ErrInvalidRequest},
		{"nine providers", f.askMsg(alice, film, 5, nine...), types.ErrInvalidRequest},
		{"one twice", f.askMsg(alice, film, 5, "b", "b"), types.ErrInvalidRequest},
		{"an unknown one", f.askMsg(alice, film, 5, "b", "nobody"), types.ErrProviderNotFound},
		{"an agent", f.askMsg(alice, film, 5, "b-agent"), types.ErrProviderNotFound},
		{"one leaving", f.askMsg(alice, film, 5, "b", "leaving"), types.ErrProviderInactive},
		{"asked already", f.askMsg(alice, film, 5, "b", "a"), types.ErrDealExists},
		{"same network", f.askMsg(alice, film, 5, "b", "same"), types.ErrSameNetwork},
		{"no room", f.askMsg(alice, big, 5, "b"), types.ErrNoCapacity},
		{"dearer than allowed", ask(func(m *types.MsgRequestDeals) { m.MaxPricePerGibDay = math.OneInt() }), types.ErrPriceAboveMax},
		{"no price", ask(func(m *types.MsgRequestDeals) { m.MaxPricePerGibDay = math.ZeroInt() }), types.ErrInvalidAmount},
		{"an unset price", ask(func(m *types.MsgRequestDeals) { m.MaxPricePerGibDay = math.Int{} }), types.ErrInvalidAmount},
		{"no coins", f.askMsg(alice, film, 1_000_000*stream, "b"), sdkerrors.ErrInsufficientFunds},
		{"other coins", ask(func(m *types.MsgRequestDeals) { m.Prepayment = sdk.NewInt64Coin("uatom", 5) }), types.ErrInvalidDenom},
		{"no other coins", ask(func(m *types.MsgRequestDeals) { m.Prepayment = sdk.NewInt64Coin("uatom", 0) }), types.ErrInvalidDenom},
		{"no coin", ask(func(m *types.MsgRequestDeals) { m.Prepayment = sdk.Coin{} }), types.ErrInvalidDenom},
	}
	for _, b := range badAmounts {
		if b.IsNil() || !b.IsZero() {
			cases = append(cases, rejection{"amount", ask(func(m *types.MsgRequestDeals) { m.Prepayment = sdk.Coin{Denom: token.BaseDenom, Amount: b} }), types.ErrInvalidAmount})
		}
	}
	for _, a := range badAddresses {
		cases = append(cases,
			rejection{"funder " + a, ask(func(m *types.MsgRequestDeals) { m.Funder = a }), types.ErrInvalidAddress},
			rejection{"provider " + a, ask(func(m *types.MsgRequestDeals) { m.Providers = append(m.Providers, a) }), types.ErrInvalidAddress})
	}
	for _, w := range badWorks {
		cases = append(cases, rejection{"work", ask(func(m *types.MsgRequestDeals) { m.Work = w }), contenttypes.ErrInvalidWorkID})
	}
	f.reject(cases)
	f.ask(alice, film, 0, "b", "c")
}

func TestDealsOfAWorkAreBounded(t *testing.T) {
	f := newFixture(t)
	alice := f.creator("alice")
	for i := range types.MaxDealsPerWork + 1 {
		f.provider(fmt.Sprint("n", i))
	}
	work := ""
	for version := range types.MaxDealsPerRoot / types.MaxDealsPerWork {
		work = f.work(alice, fmt.Sprint("film", version), 1, work)
		for i := range types.MaxDealsPerWork {
			f.ask(alice, work, 0, fmt.Sprint("n", i))
		}
		f.reject([]rejection{{"33rd of a version", f.askMsg(alice, work, 0, fmt.Sprint("n", types.MaxDealsPerWork)), types.ErrTooManyDeals}})
	}
	work = f.work(alice, "one more", 1, work)
	f.reject([]rejection{{"257th of a root", f.askMsg(alice, work, 0, "n0"), types.ErrTooManyDeals}})
	require.EqualValues(t, types.MaxDealsPerRoot, f.escrow(work).Escrow.Deals)

	// retiring cancels them all, at once
	_, err := f.publish.Retire(f.Ctx, &contenttypes.MsgRetire{Controller: alice.String(), Work: work})
	require.NoError(t, err)
	require.Zero(t, f.escrow(work).Escrow.Deals)
}

func TestFundWorkRejections(t *testing.T) {
	f := newFixture(t)
	alice := f.creator("alice")
	film, retired := f.work(alice, "film", gib, ""), f.work(alice, "retired", gib, "")
	_, err := f.publish.Retire(f.Ctx, &contenttypes.MsgRetire{Controller: alice.String(), Work: retired})
	require.NoError(t, err)
	fund := func(change func(*types.MsgFundWork)) sdk.Msg {
		m := &types.MsgFundWork{Funder: f.Addr("fan").String(), Work: film, Amount: token.Coin(5)}
		change(m)
		return m
	}
	f.Funded("fan", 10)
	cases := []rejection{
		{"unknown work", fund(func(m *types.MsgFundWork) { m.Work = nowhere("x") }), contenttypes.ErrWorkNotFound},
		{"retired work that nobody keeps", fund(func(m *types.MsgFundWork) { m.Work = retired }), types.ErrWorkNotActive},
		{"no coins", fund(func(m *types.MsgFundWork) { m.Amount = token.Coin(11) }), sdkerrors.ErrInsufficientFunds},
		{"other coins", fund(func(m *types.MsgFundWork) { m.Amount = sdk.NewInt64Coin("uatom", 5) }), types.ErrInvalidDenom},
	}
	for _, b := range badAmounts {
		cases = append(cases, rejection{"amount", fund(func(m *types.MsgFundWork) { m.Amount = sdk.Coin{Denom: token.BaseDenom, Amount: b} }), types.ErrInvalidAmount})
	}
	for _, a := range badAddresses {
		cases = append(cases, rejection{"funder " + a, fund(func(m *types.MsgFundWork) { m.Funder = a }), types.ErrInvalidAddress})
	}
	for _, w := range badWorks {
		cases = append(cases, rejection{"work", fund(func(m *types.MsgFundWork) { m.Work = w }), contenttypes.ErrInvalidWorkID})
	}
	f.reject(cases)
	f.must(fund(func(*types.MsgFundWork) {}))
}

func TestAcceptDealRejections(t *testing.T) {
	f := newFixture(t)
	alice := f.creator("alice")
	film, long, full, late := f.work(alice, "film", gib, ""), f.work(alice, "long", 6*gib, ""), f.work(alice, "full", 6*gib, ""), f.work(alice, "late", gib, "")
	f.provider("a")
	f.provider("b")
	leaving := f.registerMsg("leaving")
	f.must(leaving)
	f.ask(alice, late, 0, "a")
	f.next((types.DefaultRequestTTLSeconds - 30) * time.Second)
	f.ask(alice, long, 0, "a")
	f.ask(alice, full, 0, "a")
	f.accept("a", long)
	f.ask(alice, film, 0, "a", "b", "leaving")
	f.must(&types.MsgLeave{Operator: leaving.Operator})
	f.jump(30 * time.Second) // late is due, and not swept yet
	// b moves into a's network after it was asked
	f.accept("a", film)
	f.must(&types.MsgUpdateProvider{
		Operator: f.Addr("b").String(), Agent: f.agent("b").String(), Endpoints: []string{"https://b.a.com"}, Region: "eu-west", CapacityBytes: gib, PricePerGibDay: math.ZeroInt(),
	})

	accept := func(name string, change func(*types.MsgAcceptDeal)) sdk.Msg {
		m := f.acceptMsg(name, film)
		change(m)
		return m
	}
	same := func(*types.MsgAcceptDeal) {}
	cases := []rejection{
		{"a stranger", accept("nobody", same), types.ErrProviderNotFound},
		{"not asked", accept("b", func(m *types.MsgAcceptDeal) { m.Work = long }), types.ErrDealNotFound},
		{"unknown work", accept("b", func(m *types.MsgAcceptDeal) { m.Work = nowhere("x") }), types.ErrDealNotFound},
		{"one leaving", accept("leaving", same), types.ErrProviderInactive},
		{"twice", accept("a", same), types.ErrDealNotRequested},
		{"too late", f.acceptMsg("a", late), types.ErrRequestExpired},
		{"no room", f.acceptMsg("a", full), types.ErrNoCapacity},
		{"same network", accept("b", same), types.ErrSameNetwork},
		{"other bytes", accept("b", func(m *types.MsgAcceptDeal) { m.PieceRoot = make([]byte, 32) }), types.ErrPieceMismatch},
		{"no root", accept("b", func(m *types.MsgAcceptDeal) { m.PieceRoot = nil }), types.ErrPieceMismatch},
		{"long root", accept("b", func(m *types.MsgAcceptDeal) { m.PieceRoot = append(m.PieceRoot, 0) }), types.ErrPieceMismatch},
		{"other size", accept("b", func(m *types.MsgAcceptDeal) { m.PieceSize++ }), types.ErrPieceMismatch},
	}
	for _, a := range badAddresses {
		cases = append(cases, rejection{"agent " + a, accept("b", func(m *types.MsgAcceptDeal) { m.Agent = a }), types.ErrInvalidAddress})
	}
	for _, w := range badWorks {
		cases = append(cases, rejection{"work", accept("b", func(m *types.MsgAcceptDeal) { m.Work = w }), contenttypes.ErrInvalidWorkID})
	}
	f.reject(cases)

	// the operator is an agent too
	f.must(&types.MsgUpdateProvider{
		Operator: f.Addr("b").String(), Endpoints: []string{"https://b.com"}, Region: "eu-west", CapacityBytes: gib, PricePerGibDay: math.ZeroInt(),
	})
	f.reject([]rejection{{"the former agent", accept("b", same), types.ErrProviderNotFound}})
	f.must(accept("b", func(m *types.MsgAcceptDeal) { m.Agent = f.Addr("b").String() }))
}

func TestEndDealRejections(t *testing.T) {
	f := newFixture(t)
	alice, bob := f.creator("alice"), f.creator("bob")
	film := f.work(alice, "film", gib, "")
	f.provider("a")
	f.provider("b")
	f.ask(alice, film, 10_000_000, "a", "b")
	f.accept("a", film)
	f.jump((types.DefaultMinDealSeconds - 1) * time.Second)
	end := func(signer sdk.AccAddress, name string) *types.MsgEndDeal {
		return &types.MsgEndDeal{Signer: signer.String(), Work: film, Operator: f.Addr(name).String()}
	}
	cases := []rejection{
		{"a stranger", end(f.Addr("nobody"), "a"), types.ErrNotParty},
		{"another creator", end(bob, "a"), types.ErrNotParty},
		{"another provider", end(f.Addr("b"), "a"), types.ErrNotParty},
		{"another's agent", end(f.agent("b"), "a"), types.ErrNotParty},
		{"operator a second early", end(f.Addr("a"), "a"), types.ErrDealTooYoung},
		{"agent a second early", end(f.agent("a"), "a"), types.ErrDealTooYoung},
		{"no deal", end(alice, "nobody"), types.ErrDealNotFound},
		{"unknown work", &types.MsgEndDeal{Signer: alice.String(), Work: nowhere("x"), Operator: f.Addr("a").String()}, types.ErrDealNotFound},
	}
	for _, a := range badAddresses {
		cases = append(cases,
			rejection{"signer " + a, &types.MsgEndDeal{Signer: a, Work: film, Operator: f.Addr("a").String()}, types.ErrInvalidAddress},
			rejection{"operator " + a, &types.MsgEndDeal{Signer: alice.String(), Work: film, Operator: a}, types.ErrInvalidAddress})
	}
	for _, w := range badWorks {
		cases = append(cases, rejection{"work", &types.MsgEndDeal{Signer: alice.String(), Work: w, Operator: f.Addr("a").String()}, contenttypes.ErrInvalidWorkID})
	}
	f.reject(cases)
	f.jump(time.Second)
	f.must(end(f.agent("a"), "a"))
	f.reject([]rejection{{"twice", end(f.agent("a"), "a"), types.ErrDealNotFound}})
}

func TestClaimStorageRejections(t *testing.T) {
	f := newFixture(t)
	alice := f.creator("alice")
	film, waiting, slow := f.work(alice, "film", gib, ""), f.work(alice, "waiting", gib, ""), f.work(alice, "slow", 1000, "")
	f.provider("a")
	f.provider("b")
	f.ask(alice, film, 1000, "a")
	f.ask(alice, waiting, 1000, "a")
	f.ask(alice, slow, 1000, "a")
	f.accept("a", film)
	f.accept("a", slow)
	f.jump(time.Minute)
	claim := func(change func(*types.MsgClaimStorage)) sdk.Msg {
		m := f.claimMsg("a", film)
		change(m)
		return m
	}
	var many []string
	for range types.MaxClaim + 1 {
		many = append(many, film)
	}
	cases := []rejection{
		{"nothing settled", f.claimMsg("a"), types.ErrNothingToClaim},
		{"less than one ustream", f.claimMsg("a", slow), types.ErrNothingToClaim},
		{"nothing earned", f.claimMsg("b"), types.ErrNothingToClaim},
		{"a stranger", f.claimMsg("nobody"), types.ErrNothingToClaim},
		{"the agent", f.claimMsg("a-agent", film), types.ErrDealNotFound},
		{"another's deal", f.claimMsg("b", film), types.ErrDealNotFound},
		{"a request", f.claimMsg("a", film, waiting), types.ErrDealNotActive},
		{"unknown work", f.claimMsg("a", film, nowhere("x")), types.ErrDealNotFound},
		{"51 works", f.claimMsg("a", many...), types.ErrInvalidClaim},
	}
	for _, m := range []string{"revenue", "storage", authtypes.FeeCollectorName} {
		cases = append(cases, rejection{"to " + m, claim(func(c *types.MsgClaimStorage) { c.To = authtypes.NewModuleAddress(m).String() }), types.ErrBlockedAddress})
	}
	for _, a := range badAddresses {
		cases = append(cases, rejection{"operator " + a, claim(func(c *types.MsgClaimStorage) { c.Operator = a }), types.ErrInvalidAddress})
		if a != "" {
			cases = append(cases, rejection{"to " + a, claim(func(c *types.MsgClaimStorage) { c.To = a }), types.ErrInvalidAddress})
		}
	}
	for _, w := range badWorks {
		cases = append(cases, rejection{"work", claim(func(c *types.MsgClaimStorage) { c.Works = append(c.Works, w) }), contenttypes.ErrInvalidWorkID})
	}
	f.reject(cases)
	f.must(claim(func(c *types.MsgClaimStorage) { c.Works = many[1:]; c.To = f.Addr("cold").String() }))
	require.EqualValues(t, 60, f.Balance(f.Addr("cold")), "naming a work 50 times pays it once")
}

func TestUpdateParamsRejections(t *testing.T) {
	f := newFixture(t)
	set := func(change func(*types.Params)) sdk.Msg {
		m := &types.MsgUpdateParams{Authority: f.Authority, Params: types.DefaultParams()}
		change(&m.Params)
		return m
	}
	cases := []rejection{
		{"somebody", &types.MsgUpdateParams{Authority: f.Addr("x").String(), Params: types.DefaultParams()}, types.ErrNotAuthority},
		{"nobody", &types.MsgUpdateParams{Params: types.DefaultParams()}, types.ErrInvalidAddress},
		{"unset", &types.MsgUpdateParams{Authority: f.Authority}, types.ErrInvalidParams},
		{"relaxed", set(func(p *types.Params) { p.RelaxedNetworkRules = true }), types.ErrRulesFixed},
		{"min_bond low", set(func(p *types.Params) { p.MinBond = math.NewInt(types.LeastMinBond - 1) }), types.ErrInvalidParams},
		{"min_bond high", set(func(p *types.Params) { p.MinBond = math.NewInt(types.MostMinBond + 1) }), types.ErrInvalidParams},
		{"bond_per_gib low", set(func(p *types.Params) { p.BondPerGib = math.NewInt(-1) }), types.ErrInvalidParams},
		{"bond_per_gib high", set(func(p *types.Params) { p.BondPerGib = math.NewInt(types.MostBondPerGiB + 1) }), types.ErrInvalidParams},
		{"unbonding low", set(func(p *types.Params) { p.UnbondingSeconds = types.MinUnbondingSeconds - 1 }), types.ErrInvalidParams},
		{"unbonding high", set(func(p *types.Params) { p.UnbondingSeconds = types.MaxUnbondingSeconds + 1 }), types.ErrInvalidParams},
		{"request low", set(func(p *types.Params) { p.RequestTtlSeconds = types.MinRequestTTLSeconds - 1 }), types.ErrInvalidParams},
		{"request high", set(func(p *types.Params) { p.RequestTtlSeconds = types.MaxRequestTTLSeconds + 1 }), types.ErrInvalidParams},
		{"deal low", set(func(p *types.Params) { p.MinDealSeconds = -1 }), types.ErrInvalidParams},
		{"deal high", set(func(p *types.Params) { p.MinDealSeconds = types.LongestMinDealSeconds + 1 }), types.ErrInvalidParams},
		{"no copies", set(func(p *types.Params) { p.TargetCopies = 0 }), types.ErrInvalidParams},
		{"33 copies", set(func(p *types.Params) { p.TargetCopies = 33 }), types.ErrInvalidParams},
	}
	f.reject(cases)
	f.must(set(func(p *types.Params) { p.TargetCopies = 5 }))
}
