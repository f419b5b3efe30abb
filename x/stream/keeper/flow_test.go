package keeper_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	"github.com/streamchain/streamchain/token"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	"github.com/streamchain/streamchain/x/stream/types"
)

// flow makes a flow of 1,000 ustream in 7 seconds.
func (f *fixture) flow(sender, recipient sdk.AccAddress, deposit int64) string {
	f.T.Helper()
	res := f.must(&types.MsgCreateFlow{
		Sender: sender.String(), Recipient: recipient.String(), Deposit: token.Coin(deposit), RateAmount: math.NewInt(1000), RateSeconds: 7,
	})
	return res.(*types.MsgCreateFlowResponse).Flow
}

func (f *fixture) flowNow(id string) types.Flow {
	f.T.Helper()
	res, err := f.q.Flow(f.Ctx, &types.QueryFlowRequest{Flow: id})
	require.NoError(f.T, err)
	return res.Flow
}

// A flow from its first second to its last unit: nothing is paid that has not accrued, nothing
// that has accrued is lost, and no coin is anywhere else.
func TestFlow(t *testing.T) {
	f := newFixture(t)
	alice, bob := f.Funded("alice", 10*stream), f.Addr("bob")
	began := f.now()
	id := f.flow(alice, bob, 200_000)
	require.Equal(t, alice.String()+"-1", id)
	require.EqualValues(t, 10*stream-200_000, f.Balance(alice))
	f.at(began + 10)
	require.EqualValues(t, 1428, f.flowNow(id).Accrued.Int64(), "10,000 sevenths")
	got := f.must(&types.MsgWithdrawFlow{Recipient: bob.String(), Flow: id}).(*types.MsgWithdrawFlowResponse)
	require.Equal(t, token.Coin(1428), got.Amount)
	f.at(began + 11)
	require.EqualValues(t, 1428, f.Balance(bob))
	require.EqualValues(t, 11_000/7-1428, f.flowNow(id).Accrued.Int64(), "the part of a unit is kept")

	f.must(&types.MsgPauseFlow{Sender: alice.String(), Flow: id})
	f.at(began + 60)
	require.EqualValues(t, 143, f.flowNow(id).Accrued.Int64(), "a paused flow accrues nothing")
	f.must(&types.MsgResumeFlow{Sender: alice.String(), Flow: id})
	f.at(began + 67)
	require.EqualValues(t, 1143, f.flowNow(id).Accrued.Int64())
	f.must(&types.MsgReRateFlow{Sender: alice.String(), Flow: id, RateAmount: math.NewInt(10_000), RateSeconds: 1})
	f.at(began + 70)
	require.EqualValues(t, 31_143, f.flowNow(id).Accrued.Int64())
	f.at(began + 120)
	dry := f.flowNow(id)
	require.True(t, dry.Balance.IsZero(), "it has run dry")
	require.EqualValues(t, 200_000-1428, dry.Accrued.Int64())
	f.at(began + 170)
	f.must(&types.MsgTopUpFlow{Payer: bob.String(), Flow: id, Amount: token.Coin(1000)})
	require.EqualValues(t, 1000, f.flowNow(id).Balance.Int64(), "a dry flow owes nothing for the time since")
	f.at(began + 171)
	got = f.must(&types.MsgWithdrawFlow{Recipient: bob.String(), Flow: id, To: f.Addr("carol").String()}).(*types.MsgWithdrawFlowResponse)
	require.EqualValues(t, 200_000-1428+1000, got.Amount.Amount.Int64())
	_, err := f.q.Flow(f.Ctx, &types.QueryFlowRequest{Flow: id})
	require.ErrorIs(t, err, types.ErrFlowNotFound, "it ends with its last unit")
	f.at(began + 172)
	require.Equal(t, got.Amount.Amount.Int64(), f.Balance(f.Addr("carol")))
	require.Zero(t, f.ModuleBalance(revenuetypes.ModuleName))

	// cancelled by either side, each has its part
	second := f.flow(alice, bob, 100_000)
	require.Equal(t, alice.String()+"-2", second)
	before, had := f.Balance(alice), f.Balance(bob)
	f.at(f.now() + 14)
	ended := f.must(&types.MsgCancelFlow{Signer: bob.String(), Flow: second}).(*types.MsgCancelFlowResponse)
	require.Equal(t, token.Coin(2000), ended.Paid)
	require.Equal(t, token.Coin(98_000), ended.Returned)
	f.at(f.now() + 1)
	require.EqualValues(t, before+98_000, f.Balance(alice))
	require.EqualValues(t, had+2000, f.Balance(bob))
}

// A flow that starts later accrues nothing before, and can be cancelled with all of it.
func TestFlowStartsLater(t *testing.T) {
	f := newFixture(t)
	alice, bob := f.Funded("alice", 10*stream), f.Addr("bob")
	start := f.now() + 100
	res := f.must(&types.MsgCreateFlow{
		Sender: alice.String(), Recipient: bob.String(), Deposit: token.Coin(200_000), RateAmount: math.NewInt(10), RateSeconds: 1, StartsAt: start,
	})
	id := res.(*types.MsgCreateFlowResponse).Flow
	for _, at := range []int64{start - 50, start} {
		f.at(at)
		require.True(t, f.flowNow(id).Accrued.IsZero())
		_, err := f.send(&types.MsgWithdrawFlow{Recipient: bob.String(), Flow: id})
		require.ErrorIs(t, err, types.ErrNothingAccrued)
	}
	f.at(start + 3)
	require.EqualValues(t, 30, f.flowNow(id).Accrued.Int64())
	byRecipient, err := f.q.FlowsByRecipient(f.Ctx, &types.QueryFlowsByRecipientRequest{Recipient: bob.String()})
	require.NoError(t, err)
	bySender, err := f.q.FlowsBySender(f.Ctx, &types.QueryFlowsBySenderRequest{Sender: alice.String()})
	require.NoError(t, err)
	require.Equal(t, []types.Flow{f.flowNow(id)}, byRecipient.Flows)
	require.Equal(t, byRecipient.Flows, bySender.Flows)
}

func TestFlowsRefuse(t *testing.T) {
	f := newFixture(t)
	alice, bob, carol := f.Funded("alice", 10*stream), f.Addr("bob"), f.Funded("carol", stream)
	id := f.flow(alice, bob, 200_000)
	paused := f.flow(alice, bob, 200_000)
	f.must(&types.MsgPauseFlow{Sender: alice.String(), Flow: paused})
	create := func(edit func(*types.MsgCreateFlow)) sdk.Msg {
		m := &types.MsgCreateFlow{Sender: alice.String(), Recipient: bob.String(), Deposit: token.Coin(stream), RateAmount: math.NewInt(1), RateSeconds: 1}
		edit(m)
		return m
	}
	bad := strings.Replace(alice.String(), "stream1", "cosmos1", 1)
	huge := math.NewIntFromBigInt(math.NewInt(1).BigInt().Lsh(math.NewInt(1).BigInt(), 130))
	for name, c := range map[string]struct {
		msg  sdk.Msg
		want error
	}{
		"create: sender":        {create(func(m *types.MsgCreateFlow) { m.Sender = bad }), types.ErrInvalidAddress},
		"create: recipient":     {create(func(m *types.MsgCreateFlow) { m.Recipient = "" }), types.ErrInvalidAddress},
		"create: to itself":     {create(func(m *types.MsgCreateFlow) { m.Recipient = m.Sender }), types.ErrInvalidFlow},
		"create: to a module":   {create(func(m *types.MsgCreateFlow) { m.Recipient = authtypes.NewModuleAddress("mint").String() }), types.ErrInvalidFlow},
		"create: little":        {create(func(m *types.MsgCreateFlow) { m.Deposit = token.Coin(types.DefaultMinDeposit - 1) }), types.ErrDepositTooSmall},
		"create: zero":          {create(func(m *types.MsgCreateFlow) { m.Deposit = token.Coin(0) }), types.ErrInvalidAmount},
		"create: huge":          {create(func(m *types.MsgCreateFlow) { m.Deposit.Amount = huge }), types.ErrInvalidAmount},
		"create: denom":         {create(func(m *types.MsgCreateFlow) { m.Deposit.Denom = "uatom" }), revenuetypes.ErrDenomNotAllowed},
		"create: no rate":       {create(func(m *types.MsgCreateFlow) { m.RateAmount = math.Int{} }), types.ErrInvalidRate},
		"create: zero rate":     {create(func(m *types.MsgCreateFlow) { m.RateAmount = math.ZeroInt() }), types.ErrInvalidRate},
		"create: negative rate": {create(func(m *types.MsgCreateFlow) { m.RateAmount = math.NewInt(-1) }), types.ErrInvalidRate},
		"create: huge rate":     {create(func(m *types.MsgCreateFlow) { m.RateAmount = huge }), types.ErrInvalidRate},
		"create: no seconds":    {create(func(m *types.MsgCreateFlow) { m.RateSeconds = 0 }), types.ErrInvalidRate},
		"create: many seconds":  {create(func(m *types.MsgCreateFlow) { m.RateSeconds = types.MaxRateSeconds + 1 }), types.ErrInvalidRate},
		"create: in the past":   {create(func(m *types.MsgCreateFlow) { m.StartsAt = f.now() - 1 }), types.ErrInvalidFlow},
		"create: negative":      {create(func(m *types.MsgCreateFlow) { m.StartsAt = -1 }), types.ErrInvalidFlow},
		"create: far ahead":     {create(func(m *types.MsgCreateFlow) { m.StartsAt = f.now() + types.MaxFlowDelay + 1 }), types.ErrInvalidFlow},
		"top up: payer":         {&types.MsgTopUpFlow{Payer: bad, Flow: id, Amount: token.Coin(1)}, types.ErrInvalidAddress},
		"top up: id":            {&types.MsgTopUpFlow{Payer: carol.String(), Flow: "x", Amount: token.Coin(1)}, types.ErrInvalidFlowID},
		"top up: no flow":       {&types.MsgTopUpFlow{Payer: carol.String(), Flow: alice.String() + "-9", Amount: token.Coin(1)}, types.ErrFlowNotFound},
		"top up: zero":          {&types.MsgTopUpFlow{Payer: carol.String(), Flow: id, Amount: token.Coin(0)}, types.ErrInvalidAmount},
		"top up: denom":         {&types.MsgTopUpFlow{Payer: carol.String(), Flow: id, Amount: sdk.NewInt64Coin("uatom", 1)}, types.ErrFlowDenom},
		"pause: sender":         {&types.MsgPauseFlow{Sender: "", Flow: id}, types.ErrInvalidAddress},
		"pause: id":             {&types.MsgPauseFlow{Sender: alice.String(), Flow: alice.String() + "-01"}, types.ErrInvalidFlowID},
		"pause: another":        {&types.MsgPauseFlow{Sender: bob.String(), Flow: id}, types.ErrNotSender},
		"pause: twice":          {&types.MsgPauseFlow{Sender: alice.String(), Flow: paused}, types.ErrFlowPaused},
		"resume: another":       {&types.MsgResumeFlow{Sender: bob.String(), Flow: paused}, types.ErrNotSender},
		"resume: sender":        {&types.MsgResumeFlow{Sender: bad, Flow: paused}, types.ErrInvalidAddress},
		"resume: runs":          {&types.MsgResumeFlow{Sender: alice.String(), Flow: id}, types.ErrFlowRuns},
		"re-rate: another":      {&types.MsgReRateFlow{Sender: bob.String(), Flow: id, RateAmount: math.NewInt(1), RateSeconds: 1}, types.ErrNotSender},
		"re-rate: sender":       {&types.MsgReRateFlow{Sender: bad, Flow: id, RateAmount: math.NewInt(1), RateSeconds: 1}, types.ErrInvalidAddress},
		"re-rate: rate":         {&types.MsgReRateFlow{Sender: alice.String(), Flow: id, RateAmount: math.ZeroInt(), RateSeconds: 1}, types.ErrInvalidRate},
		"cancel: another":       {&types.MsgCancelFlow{Signer: carol.String(), Flow: id}, types.ErrNotParty},
		"cancel: signer":        {&types.MsgCancelFlow{Signer: bad, Flow: id}, types.ErrInvalidAddress},
		"withdraw: sender":      {&types.MsgWithdrawFlow{Recipient: alice.String(), Flow: id}, types.ErrNotRecipient},
		"withdraw: recipient":   {&types.MsgWithdrawFlow{Recipient: bad, Flow: id}, types.ErrInvalidAddress},
		"withdraw: to":          {&types.MsgWithdrawFlow{Recipient: bob.String(), Flow: id, To: bad}, types.ErrInvalidAddress},
		"withdraw: nothing":     {&types.MsgWithdrawFlow{Recipient: bob.String(), Flow: id}, types.ErrNothingAccrued},
	} {
		before, err := f.k.ExportGenesis(f.Ctx)
		require.NoError(t, err)
		coins := f.Balance(alice)
		_, err = f.send(c.msg)
		require.ErrorIs(t, err, c.want, name)
		after, err := f.k.ExportGenesis(f.Ctx)
		require.NoError(t, err)
		require.Equal(t, before, after, name)
		require.Equal(t, coins, f.Balance(alice), name)
	}
	f.at(f.now() + 7)
	_, err := f.send(&types.MsgWithdrawFlow{Recipient: bob.String(), Flow: id, To: authtypes.NewModuleAddress("mint").String()})
	require.ErrorIs(t, err, revenuetypes.ErrBlockedAddress)
	// coins that vest cannot be deposited: what is in a flow was spendable
	_, err = f.send(&types.MsgCreateFlow{Sender: bob.String(), Recipient: alice.String(), Deposit: token.Coin(stream), RateAmount: math.NewInt(1), RateSeconds: 1})
	require.Error(t, err)
}

// Escrows and flows take the denoms that x/revenue takes, and no others.
func TestEscrowsOfSeveralDenoms(t *testing.T) {
	f := newFixture(t)
	alice, bob := f.Funded("alice", 10*stream), f.Addr("bob")
	atom := sdk.NewInt64Coin("uatom", stream)
	require.NoError(t, f.Bank.MintCoins(f.Ctx, "mint", sdk.NewCoins(atom.AddAmount(atom.Amount))))
	require.NoError(t, f.Bank.SendCoins(f.Ctx, authtypes.NewModuleAddress("mint"), alice, sdk.NewCoins(atom.AddAmount(atom.Amount))))
	deposit := &types.MsgDeposit{Owner: alice.String(), Amount: atom}
	create := &types.MsgCreateFlow{Sender: alice.String(), Recipient: bob.String(), Deposit: atom, RateAmount: math.NewInt(1), RateSeconds: 1}
	for _, msg := range []sdk.Msg{deposit, create} {
		_, err := f.send(msg)
		require.ErrorIs(t, err, revenuetypes.ErrDenomNotAllowed)
	}
	params := revenuetypes.DefaultParams()
	params.Denoms = []string{"uatom", token.BaseDenom}
	require.NoError(t, f.revenue.UpdateParams(f.Ctx, params))
	f.must(deposit)
	f.must(create)
	f.must(&types.MsgDeposit{Owner: alice.String(), Amount: token.Coin(stream)})
	total, err := f.k.EscrowTotal(f.Ctx)
	require.NoError(t, err)
	require.Equal(t, sdk.NewCoins(atom.AddAmount(atom.Amount), token.Coin(stream)), total)
	// off the list again, what is there can still leave
	require.NoError(t, f.revenue.UpdateParams(f.Ctx, revenuetypes.DefaultParams()))
	f.must(&types.MsgWithdraw{Owner: alice.String(), Amount: atom})
	f.must(&types.MsgCancelFlow{Signer: alice.String(), Flow: alice.String() + "-1"})
}
