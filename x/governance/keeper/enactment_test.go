package keeper_test

import (
	"strings"
	"testing"
	"time"

	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	"github.com/stretchr/testify/require"

	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/x/authz"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	consensustypes "github.com/cosmos/cosmos-sdk/x/consensus/types"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"

	"github.com/streamchain/streamchain/token"
	"github.com/streamchain/streamchain/x/governance/types"
)

func TestTreasurySpend(t *testing.T) {
	f := newFixture(t)
	f.fund(1000)
	id := f.enact(f.pay("carol", 300), f.pay("dave", 200))
	require.EqualValues(t, 1, id)
	require.True(t, f.has("streamchain.governance.v1.EventEnacted"))
	f.next(lock - time.Second)
	require.Equal(t, types.ENACTMENT_STATUS_QUEUED, f.status(id))
	require.Zero(t, f.Balance(f.Addr("carol")))
	f.next(time.Second)
	require.Equal(t, types.ENACTMENT_STATUS_DONE, f.status(id))
	require.EqualValues(t, 300, f.Balance(f.Addr("carol")))
	require.EqualValues(t, 200, f.Balance(f.Addr("dave")))
	require.EqualValues(t, 500, f.ModuleBalance(types.ModuleName))
	require.True(t, f.has("transfer"), "the messages' own events are kept")
	require.True(t, f.has("streamchain.governance.v1.EventEnactmentExecuted"))
	f.next(time.Minute)
	require.EqualValues(t, 500, f.ModuleBalance(types.ModuleName), "it runs once")
}

func TestUpdateParams(t *testing.T) {
	f := newFixture(t)
	double := types.Params{TimelockPpm: 2 * types.DefaultTimelockPPM}
	first := f.enact(&types.MsgUpdateParams{Authority: f.k.Authority(), Params: double})
	waiting := f.enact(f.pay("carol", 1))
	f.next(3*lock - time.Second)
	require.Equal(t, types.ENACTMENT_STATUS_QUEUED, f.status(first), "fees wait three days")
	require.Equal(t, types.ENACTMENT_STATUS_FAILED, f.status(waiting), "a payment waits one")
	f.next(time.Second)
	require.Equal(t, types.ENACTMENT_STATUS_DONE, f.status(first))
	params, err := f.k.Params(f.Ctx)
	require.NoError(t, err)
	require.Equal(t, double, params)
	require.True(t, f.has("streamchain.governance.v1.EventParamsUpdated"))

	// what is queued keeps its time
	second := f.enact(&types.MsgUpdateParams{Authority: f.k.Authority(), Params: types.DefaultParams()})
	e, err := f.k.GetEnactment(f.Ctx, second)
	require.NoError(t, err)
	require.EqualValues(t, 6*lock/time.Second, e.ExecuteAt-e.EnactedAt)
}

func TestUpdateParamsRejections(t *testing.T) {
	f := newFixture(t)
	before := f.rows()
	for name, c := range map[string]struct {
		msg types.MsgUpdateParams
		err error
	}{
		"nobody":    {types.MsgUpdateParams{Params: types.DefaultParams()}, types.ErrInvalidAddress},
		"x/gov":     {types.MsgUpdateParams{Authority: f.gov, Params: types.DefaultParams()}, types.ErrNotAuthority},
		"a user":    {types.MsgUpdateParams{Authority: f.Addr("eve").String(), Params: types.DefaultParams()}, types.ErrNotAuthority},
		"capitals":  {types.MsgUpdateParams{Authority: strings.ToUpper(f.k.Authority()), Params: types.DefaultParams()}, types.ErrInvalidAddress},
		"negative":  {types.MsgUpdateParams{Authority: f.k.Authority(), Params: types.Params{TimelockPpm: -1}}, types.ErrInvalidParams},
		"too long":  {types.MsgUpdateParams{Authority: f.k.Authority(), Params: types.Params{TimelockPpm: types.MaxTimelockPPM + 1}}, types.ErrInvalidParams},
		"too short": {types.MsgUpdateParams{Authority: f.k.Authority(), Params: types.Params{TimelockPpm: types.DefaultTimelockPPM - 1}}, types.ErrTimelockTooShort},
		"none":      {types.MsgUpdateParams{Authority: f.k.Authority()}, types.ErrTimelockTooShort},
	} {
		require.ErrorIs(t, f.send(&c.msg), c.err, name)
		require.Equal(t, before, f.rows(), name)
	}
	require.ErrorIs(t, f.k.UpdateParams(f.Ctx, types.Params{}), types.ErrTimelockTooShort, "in the keeper too")
	require.NoError(t, f.send(&types.MsgUpdateParams{Authority: f.k.Authority(), Params: types.Params{TimelockPpm: types.MaxTimelockPPM}}))
}

func TestEnactRejections(t *testing.T) {
	f := newFixture(t)
	before := f.rows()
	pack := func(msgs ...sdk.Msg) []*codectypes.Any {
		m, err := types.NewMsgEnact(f.gov, msgs...)
		require.NoError(t, err)
		return m.Messages
	}
	pay := f.pay("carol", 1)
	foreign := f.pay("carol", 1)
	foreign.FromAddress = f.Addr("eve").String()
	byGov := f.pay("carol", 1)
	byGov.FromAddress = f.gov
	malformed := f.pay("carol", 1)
	malformed.FromAddress = "stream1"
	inner, err := types.NewMsgEnact(f.gov, pay)
	require.NoError(t, err)
	self := sdk.MustAccAddressFromBech32(f.k.Authority())
	exec := authz.NewMsgExec(self, []sdk.Msg{pay})
	proposal, err := govv1.NewMsgSubmitProposal([]sdk.Msg{pay}, nil, f.k.Authority(), "", "t", "s", false)
	require.NoError(t, err)
	big := f.pay("carol", 1)
	big.ToAddress = strings.Repeat("a", types.MaxMessageBytes)
	cancel := &types.MsgCancelEnactment{Authority: f.k.Authority(), Id: 1}
	revoke := authz.NewMsgRevoke(self, f.Addr("eve"), "x")

	for name, c := range map[string]struct {
		authority string
		messages  []*codectypes.Any
		err       error
	}{
		"by a user":                {f.Addr("eve").String(), pack(pay), types.ErrNotGov},
		"by governance":            {f.k.Authority(), pack(pay), types.ErrNotGov},
		"by nobody":                {"", pack(pay), types.ErrInvalidAddress},
		"no messages":              {f.gov, nil, types.ErrNoMessages},
		"seventeen messages":       {f.gov, pack(pay, pay, pay, pay, pay, pay, pay, pay, pay, pay, pay, pay, pay, pay, pay, pay, pay), types.ErrTooManyMessages},
		"too large":                {f.gov, pack(big), types.ErrMessagesTooLarge},
		"unset message":            {f.gov, []*codectypes.Any{nil}, types.ErrInvalidMessage},
		"empty message":            {f.gov, []*codectypes.Any{{}}, types.ErrInvalidMessage},
		"unknown type":             {f.gov, []*codectypes.Any{{TypeUrl: "/no.such.Msg", Value: []byte{1}}}, types.ErrInvalidMessage},
		"nested enactment":         {f.gov, pack(inner), types.ErrNestedMessage},
		"nested in authz":          {f.gov, pack(&exec), types.ErrNestedMessage},
		"nested in a proposal":     {f.gov, pack(pay, proposal), types.ErrNestedMessage},
		"another's signature":      {f.gov, pack(pay, foreign), types.ErrWrongSigner},
		"x/gov's signature":        {f.gov, pack(byGov), types.ErrWrongSigner},
		"a malformed signer":       {f.gov, pack(malformed), types.ErrWrongSigner},
		"the authority above all":  {f.gov, pack(pay, &consensustypes.MsgUpdateParams{Authority: f.k.Authority(), Auth: &cmtproto.AuthorityParams{Authority: f.Addr("eve").String()}}), types.ErrConsensusAuthority},
		"handled by nobody":        {f.gov, pack(&revoke), types.ErrUnroutable},
		"two signers, a multisend": {f.gov, pack(&banktypes.MsgMultiSend{Inputs: []banktypes.Input{{Address: f.k.Authority()}, {Address: f.gov}}}), types.ErrWrongSigner},
	} {
		msg := &types.MsgEnact{Authority: c.authority, Messages: c.messages}
		require.ErrorIs(t, f.send(msg), c.err, name)
		require.Equal(t, before, f.rows(), name)
	}
	// a cancel signed by governance is routable; it fails when it runs
	id := f.enact(cancel)
	f.next(3 * lock)
	e, err := f.k.GetEnactment(f.Ctx, id)
	require.NoError(t, err)
	require.Equal(t, &types.Failure{Codespace: types.ModuleName, Code: types.ErrNotGov.ABCICode()}, e.Failure)
}

// x/gov refuses at submission what Validate can see, before anybody votes.
func TestValidateBasic(t *testing.T) {
	f := newFixture(t)
	good, err := types.NewMsgEnact(f.gov, f.pay("carol", 1))
	require.NoError(t, err)
	var msg sdk.HasValidateBasic = good
	require.NoError(t, msg.ValidateBasic())
	nested, err := types.NewMsgEnact(f.gov, good)
	require.NoError(t, err)
	require.ErrorIs(t, nested.ValidateBasic(), types.ErrNestedMessage)
	zero, err := types.NewMsgEnact(f.gov, &govv1.MsgDeposit{})
	require.NoError(t, err)
	require.NoError(t, zero.ValidateBasic(), "a message without rules of its own")
	bad, err := types.NewMsgEnact(f.gov, &types.MsgEnact{Authority: "x"})
	require.NoError(t, err)
	require.ErrorIs(t, bad.ValidateBasic(), types.ErrInvalidMessage, "an invalid message")
}

func TestCancel(t *testing.T) {
	f := newFixture(t)
	f.fund(1000)
	id := f.enact(f.pay("carol", 300))
	other := f.enact(f.pay("dave", 300))
	for name, c := range map[string]struct {
		msg types.MsgCancelEnactment
		err error
	}{
		"a user":     {types.MsgCancelEnactment{Authority: f.Addr("eve").String(), Id: id}, types.ErrNotGov},
		"governance": {types.MsgCancelEnactment{Authority: f.k.Authority(), Id: id}, types.ErrNotGov},
		"malformed":  {types.MsgCancelEnactment{Authority: "x", Id: id}, types.ErrInvalidAddress},
		"no id":      {types.MsgCancelEnactment{Authority: f.gov}, types.ErrEnactmentNotFound},
		"unknown":    {types.MsgCancelEnactment{Authority: f.gov, Id: 9}, types.ErrEnactmentNotFound},
	} {
		require.ErrorIs(t, f.send(&c.msg), c.err, name)
	}
	f.next(lock - time.Second)
	require.NoError(t, f.send(&types.MsgCancelEnactment{Authority: f.gov, Id: id}))
	require.Equal(t, types.ENACTMENT_STATUS_CANCELLED, f.status(id))
	require.ErrorIs(t, f.send(&types.MsgCancelEnactment{Authority: f.gov, Id: id}), types.ErrNotQueued)
	f.next(time.Second)
	require.Zero(t, f.Balance(f.Addr("carol")))
	require.EqualValues(t, 300, f.Balance(f.Addr("dave")), "the other one runs")
	require.ErrorIs(t, f.send(&types.MsgCancelEnactment{Authority: f.gov, Id: other}), types.ErrNotQueued)
}

func TestQueries(t *testing.T) {
	f := newFixture(t)
	f.fund(10)
	done := f.enact(f.pay("carol", 1))
	f.next(lock)
	queued := f.enact(f.pay("carol", 1))

	params, err := f.q.Params(f.Ctx, &types.QueryParamsRequest{})
	require.NoError(t, err)
	require.Equal(t, types.DefaultParams(), params.Params)
	one, err := f.q.Enactment(f.Ctx, &types.QueryEnactmentRequest{Id: done})
	require.NoError(t, err)
	require.Equal(t, done, one.Enactment.Id)
	bz, err := f.Cdc.MarshalJSON(one)
	require.NoError(t, err)
	require.Contains(t, string(bz), "/cosmos.bank.v1beta1.MsgSend")
	_, err = f.q.Enactment(f.Ctx, &types.QueryEnactmentRequest{Id: 9})
	require.ErrorIs(t, err, types.ErrEnactmentNotFound)

	all, err := f.q.Enactments(f.Ctx, &types.QueryEnactmentsRequest{})
	require.NoError(t, err)
	require.Len(t, all.Enactments, 2)
	waiting, err := f.q.Enactments(f.Ctx, &types.QueryEnactmentsRequest{Status: types.ENACTMENT_STATUS_QUEUED})
	require.NoError(t, err)
	require.Len(t, waiting.Enactments, 1)
	require.Equal(t, queued, waiting.Enactments[0].Id)
	bz, err = f.Cdc.MarshalJSON(waiting)
	require.NoError(t, err)
	require.Contains(t, string(bz), token.BaseDenom)
	_, err = f.q.Enactments(f.Ctx, &types.QueryEnactmentsRequest{Status: 9})
	require.ErrorIs(t, err, types.ErrInvalidStatus)
}
