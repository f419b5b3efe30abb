package planet_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	"github.com/cosmos/cosmos-sdk/x/authz"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	"github.com/streamchain/streamchain/app"
	"github.com/streamchain/streamchain/testutil/planet"
	"github.com/streamchain/streamchain/token"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	governancetypes "github.com/streamchain/streamchain/x/governance/types"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
)

// decide proposes to enact msgs, has the accounts vote, and returns how the vote ended and what the outlook was.
func decide(p *planet.Planet, id uint64, votes map[string]govv1.VoteOption, msgs ...sdk.Msg) (govv1.ProposalStatus, *governancetypes.QueryOutlookResponse) {
	enact, err := governancetypes.NewMsgEnact(authtypes.NewModuleAddress(govtypes.ModuleName).String(), msgs...)
	require.NoError(p.T, err)
	proposal, err := govv1.NewMsgSubmitProposal([]sdk.Msg{enact}, sdk.NewCoins(token.Coin(1000)), p.Addr("alice"), "", "t", "s", false)
	require.NoError(p.T, err)
	p.Send("alice", proposal)
	for name, option := range votes {
		p.Send(name, govv1.NewMsgVote(p.Account(name).Address(), id, option, ""))
	}
	outlook, err := governancetypes.NewQueryClient(p.Chain.Client.Conn()).Outlook(p.T.Context(), &governancetypes.QueryOutlookRequest{ProposalId: id})
	require.NoError(p.T, err)
	var status govv1.ProposalStatus
	p.Eventually(func() bool {
		res, err := govv1.NewQueryClient(p.Chain.Client.Conn()).Proposal(p.T.Context(), &govv1.QueryProposalRequest{ProposalId: id})
		require.NoError(p.T, err)
		status = res.Proposal.Status
		return status != govv1.StatusVotingPeriod
	}, "the vote ends")
	return status, outlook
}

// TestTracks: what a proposal needs follows from what it does. Two fifths of the stake keep the fees as they are and do not keep a payment from being made; a vote lent to
// a delegate counts with the delegate's; and a pause holds in whichever wrapping.
func TestTracks(t *testing.T) {
	t.Parallel()
	p := planet.New(t, planet.Config{})
	validators, err := stakingtypes.NewQueryClient(p.Chain.Client.Conn()).Validators(t.Context(), &stakingtypes.QueryValidatorsRequest{})
	require.NoError(t, err)
	two := validators.Validators[0].Tokens.MulRaw(2) // to the validator's three; each enough to vote
	p.Send("validator", stakingtypes.NewMsgDelegate(p.Addr("validator"), validators.Validators[0].OperatorAddress, sdk.NewCoin(token.BaseDenom, two)))
	p.Send("mallory", stakingtypes.NewMsgDelegate(p.Addr("mallory"), validators.Validators[0].OperatorAddress, sdk.NewCoin(token.BaseDenom, two)))
	against := map[string]govv1.VoteOption{"validator": govv1.OptionYes, "mallory": govv1.OptionNo}

	params := revenueParams(p)
	params.RefundWindowSeconds = 60
	fees := &revenuetypes.MsgUpdateParams{Authority: app.Authority(), Params: params}
	status, outlook := decide(p, 1, against, fees)
	require.Equal(t, govv1.StatusRejected, status, "x/gov alone would have let it pass")
	require.Equal(t, governancetypes.TRACK_FEES_AND_COURT, outlook.Rule.Track)
	require.False(t, outlook.Met)
	require.Equal(t, two.String(), outlook.Tally.No)

	pay := &banktypes.MsgSend{FromAddress: app.Authority(), ToAddress: p.Addr("bob"), Amount: sdk.NewCoins(token.Coin(1000))}
	status, outlook = decide(p, 2, against, pay)
	require.Equal(t, govv1.StatusPassed, status)
	require.Equal(t, governancetypes.TRACK_TREASURY, outlook.Rule.Track)
	status, _ = decide(p, 3, against, pay, fees)
	require.Equal(t, govv1.StatusRejected, status, "a payment does not carry fees through")

	p.Send("mallory", &governancetypes.MsgDelegateVote{Delegator: p.Addr("mallory"), Delegate: p.Addr("bob"), Track: governancetypes.TRACK_FEES_AND_COURT})
	status, outlook = decide(p, 4, map[string]govv1.VoteOption{"validator": govv1.OptionYes, "bob": govv1.OptionNo}, fees)
	require.Equal(t, govv1.StatusRejected, status, "bob has no stake, and mallory's vote")
	require.Equal(t, two.String(), outlook.Tally.Delegated)

	publish := sdk.MsgTypeURL(&contenttypes.MsgRegisterCreator{})
	status, outlook = decide(p, 5, map[string]govv1.VoteOption{"validator": govv1.OptionYes},
		&governancetypes.MsgPause{Member: app.Authority(), TypeUrl: publish, Seconds: 600, Reason: "a bug"})
	require.Equal(t, govv1.StatusPassed, status)
	require.Equal(t, governancetypes.TRACK_SAFETY, outlook.Rule.Track)
	p.Eventually(func() bool {
		res, err := governancetypes.NewQueryClient(p.Chain.Client.Conn()).Enactment(t.Context(), &governancetypes.QueryEnactmentRequest{Id: 2})
		return err == nil && res.Enactment.Status == governancetypes.ENACTMENT_STATUS_DONE
	}, "the pause begins")
	register := &contenttypes.MsgRegisterCreator{Controller: p.Addr("bob")}
	_, refused := p.TrySend("bob", register)
	require.ErrorContains(t, refused, governancetypes.ErrPaused.Error())
	nested := authz.NewMsgExec(p.Account("bob").Address(), []sdk.Msg{register})
	_, refused = p.TrySend("bob", &nested)
	require.ErrorContains(t, refused, governancetypes.ErrPaused.Error(), "nested too")
}
