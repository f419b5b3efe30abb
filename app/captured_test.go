package app_test

import (
	"slices"
	"testing"

	abci "github.com/cometbft/cometbft/abci/types"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	"github.com/stretchr/testify/require"

	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	"github.com/cosmos/cosmos-sdk/x/authz"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	consensustypes "github.com/cosmos/cosmos-sdk/x/consensus/types"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"
	minttypes "github.com/cosmos/cosmos-sdk/x/mint/types"

	"github.com/streamchain/streamchain/app"
	"github.com/streamchain/streamchain/testutil/replicas"
	"github.com/streamchain/streamchain/token"
	governancekeeper "github.com/streamchain/streamchain/x/governance/keeper"
	governancetypes "github.com/streamchain/streamchain/x/governance/types"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
)

// captured is a chain whose whole stake is alice's, and whose council is alice and four others: the worst that a vote can be. frank is nobody.
type captured struct {
	*replicas.Chain
	T                     *testing.T
	proposals, enactments uint64
}

func capture(t *testing.T) *captured {
	t.Helper()
	c := replicas.NewChain(t, replicas.NewGenesis(t, everybody...), replicas.Options{})
	c.Finalize(t, replicas.Step)
	t.Cleanup(func() { require.NoError(t, c.App.CheckInvariants(c.App.CommittedContext())) })
	return &captured{T: t, Chain: c}
}

// deed is what no vote may do. refused is what stops it in its own module when everybody has voted for it; where that is nil it runs and changes
// nothing that counts, and harmless says so.
type deed struct {
	msg      func(c *captured, authority string) sdk.Msg
	alone    *errorsmod.Error // in somebody's own name
	refused  *errorsmod.Error // enacted
	early    *errorsmod.Error // where x/gov refuses it at submission already
	harmless func(c *captured)
}

func revenueParams(c *captured) revenuetypes.Params {
	params, err := c.App.Revenue.Params(c.App.CommittedContext())
	require.NoError(c.T, err)
	return params
}

var deeds = map[string]deed{
	"lowering the creators' 90 %": {
		msg: func(c *captured, authority string) sdk.Msg {
			params := revenueParams(c)
			params.Rails = slices.Clone(params.Rails)
			params.Rails[0].CreatorBps, params.Rails[0].TreasuryBps = 8999, params.Rails[0].TreasuryBps+params.Rails[0].CreatorBps-8999
			return &revenuetypes.MsgUpdateParams{Authority: authority, Params: params}
		},
		alone: revenuetypes.ErrCreatorFloor, refused: revenuetypes.ErrCreatorFloor,
	},
	"raising emission": {
		msg: func(_ *captured, authority string) sdk.Msg {
			params := minttypes.DefaultParams()
			params.MintDenom, params.InflationMin, params.InflationMax = token.BaseDenom, math.LegacyOneDec(), math.LegacyOneDec()
			return &minttypes.MsgUpdateParams{Authority: authority, Params: params}
		},
		alone: sdkerrors.ErrUnauthorized,
		harmless: func(c *captured) {
			supply := c.App.Bank.GetSupply(c.App.CommittedContext(), token.BaseDenom).Amount
			c.Finalize(c.T, replicas.Step)
			added := c.App.Bank.GetSupply(c.App.CommittedContext(), token.BaseDenom).Amount.Sub(supply)
			require.True(c.T, added.LTE(streamtypes.FirstYearly().QuoRaw(streamtypes.YearSeconds).MulRaw(3)), "%s in two seconds", added)
		},
	},
	"pausing withdrawals": {
		msg: func(_ *captured, authority string) sdk.Msg {
			return &governancetypes.MsgPause{Member: authority, TypeUrl: sdk.MsgTypeURL(&streamtypes.MsgWithdraw{}), Seconds: 60, Reason: "none"}
		},
		alone: governancetypes.ErrNotPausable, refused: governancetypes.ErrNotPausable,
	},
	"pausing claims": {
		msg: func(_ *captured, authority string) sdk.Msg {
			return &governancetypes.MsgPause{Member: authority, TypeUrl: sdk.MsgTypeURL(&revenuetypes.MsgClaim{}), Seconds: 60, Reason: "none"}
		},
		alone: governancetypes.ErrNotPausable, refused: governancetypes.ErrNotPausable,
	},
	"freezing the coin": {
		msg: func(_ *captured, authority string) sdk.Msg {
			return &banktypes.MsgSetSendEnabled{Authority: authority, SendEnabled: []*banktypes.SendEnabled{{Denom: token.BaseDenom}}}
		},
		alone: sdkerrors.ErrUnauthorized, early: governancetypes.ErrOutOfBounds,
	},
	"skipping the timelock": {
		msg: func(_ *captured, authority string) sdk.Msg {
			return &governancetypes.MsgUpdateParams{Authority: authority, Params: governancetypes.Params{}}
		},
		alone: governancetypes.ErrTimelockTooShort, refused: governancetypes.ErrTimelockTooShort,
	},
	"an authority above all": {
		msg: func(c *captured, authority string) sdk.Msg {
			return &consensustypes.MsgUpdateParams{Authority: authority, Auth: &cmtproto.AuthorityParams{Authority: c.Account("alice").String()}}
		},
		alone: sdkerrors.ErrUnauthorized, early: governancetypes.ErrConsensusAuthority,
	},
}

// TestNoWayToDoIt: whoever has all votes and the council cannot do what this chain promises that nobody can, in whichever wrapping.
func TestNoWayToDoIt(t *testing.T) {
	for name, d := range deeds {
		t.Run(name, func(t *testing.T) {
			c := capture(t)
			bob := c.Account("bob")
			c.Must(t, bob, &streamtypes.MsgDeposit{Owner: bob.String(), Amount: token.Coin(5_000_000)})
			before := revenueParams(c)
			for _, who := range []string{"frank", "alice", "bob"} { // nobody, all stake, the council
				c.refusedPlain(c.Account(who), d)
			}
			c.refusedProposals(d, false)
			c.refusedProposals(d, true)
			c.enacted(d)
			require.Equal(t, before, revenueParams(c))
		})
	}
}

// TestDepositsStay: no vote spends the deposits of proposals, which x/gov must give back at the end of a block.
func TestDepositsStay(t *testing.T) {
	c := capture(t)
	gov := authtypes.NewModuleAddress(govtypes.ModuleName)
	coins := sdk.NewCoins(token.Coin(5000))
	for _, msg := range []sdk.Msg{
		banktypes.NewMsgSend(gov, c.Account("frank").Addr(), coins),
		&streamtypes.MsgTip{Payer: gov.String(), Subject: "none", Amount: coins[0]},
		govv1.NewMsgVote(gov, 1, govv1.OptionYes, ""),
	} {
		c.is(governancetypes.ErrInvalidMessage, c.propose(false, msg), sdk.MsgTypeURL(msg))
	}
	enact, err := governancetypes.NewMsgEnact(gov.String(), banktypes.NewMsgSend(sdk.MustAccAddressFromBech32(app.Authority()), c.Account("bob").Addr(), coins))
	require.NoError(t, err)
	mixed := []sdk.Msg{enact, banktypes.NewMsgSend(gov, c.Account("frank").Addr(), coins)}
	c.is(governancetypes.ErrInvalidMessage, c.propose(false, mixed...), "behind an enactment")
	require.Zero(t, c.propose(false, enact).Code)
}

// is fails the test where a result is not the error.
func (c *captured) is(want *errorsmod.Error, r *abci.ExecTxResult, why string) {
	c.T.Helper()
	require.Equal(c.T, []any{want.Codespace(), want.ABCICode()}, []any{r.Codespace, r.Code}, "%s: %s", why, r.Log)
}

func (c *captured) refusedPlain(from replicas.Account, d deed) {
	c.T.Helper()
	c.is(d.alone, c.Run(c.T, from, d.msg(c, from.String()))[0], "in one's own name")
	own := authz.NewMsgExec(from.Addr(), []sdk.Msg{d.msg(c, from.String())})
	c.is(d.alone, c.Run(c.T, from, &own)[0], "nested, in one's own name")
	c.is(sdkerrors.ErrInvalidPubKey, c.Run(c.T, from, d.msg(c, app.Authority()))[0], "in the name of governance")
	exec := authz.NewMsgExec(from.Addr(), []sdk.Msg{d.msg(c, app.Authority())})
	c.is(authz.ErrNoAuthorizationFound, c.Run(c.T, from, &exec)[0], "authz, in the name of governance")
	enact, err := governancetypes.NewMsgEnact(from.String(), d.msg(c, app.Authority()))
	require.NoError(c.T, err)
	want := governancetypes.ErrNotGov
	if d.early != nil {
		want = d.early
	}
	c.is(want, c.Run(c.T, from, enact)[0], "enacted by somebody")
}

// propose submits, and returns the result.
func (c *captured) propose(expedited bool, msgs ...sdk.Msg) *abci.ExecTxResult {
	c.T.Helper()
	p, err := govv1.NewMsgSubmitProposal(msgs, sdk.NewCoins(token.Coin(5000)), c.Account("alice").String(), "", "t", "s", expedited)
	require.NoError(c.T, err)
	r := c.Run(c.T, c.Account("alice"), p)[0]
	if r.Code == 0 {
		c.proposals++
	}
	return r
}

// pass votes for the newest proposal with all stake, and returns how it ended.
func (c *captured) pass() govv1.Proposal {
	c.T.Helper()
	c.Must(c.T, c.Account("alice"), govv1.NewMsgVote(c.Account("alice").Addr(), c.proposals, govv1.OptionYes, ""))
	for range 12 {
		p, err := c.App.Gov.Proposals.Get(c.App.CommittedContext(), c.proposals)
		require.NoError(c.T, err)
		if p.Status != govv1.StatusVotingPeriod {
			return p
		}
		c.Finalize(c.T, replicas.Step)
	}
	require.Fail(c.T, "the vote does not end")
	return govv1.Proposal{}
}

func (c *captured) refusedProposals(d deed, expedited bool) {
	c.T.Helper()
	gov := authtypes.NewModuleAddress(govtypes.ModuleName).String()
	c.is(govtypes.ErrInvalidSigner, c.propose(expedited, d.msg(c, app.Authority())), "proposed in the name of governance")
	c.is(governancetypes.ErrInvalidMessage, c.propose(expedited, d.msg(c, gov)), "proposed without a timelock")

	enact := func(msgs ...sdk.Msg) sdk.Msg {
		e, err := governancetypes.NewMsgEnact(gov, msgs...)
		require.NoError(c.T, err)
		return e
	}
	exec := authz.NewMsgExec(sdk.MustAccAddressFromBech32(app.Authority()), []sdk.Msg{d.msg(c, app.Authority())})
	submit, err := govv1.NewMsgSubmitProposal([]sdk.Msg{d.msg(c, app.Authority())}, nil, app.Authority(), "", "t", "s", expedited)
	require.NoError(c.T, err)
	for why, msg := range map[string]sdk.Msg{"in an enactment": enact(d.msg(c, app.Authority())), "in authz": &exec, "in a proposal": submit} {
		r := c.propose(expedited, enact(msg))
		c.is(govtypes.ErrInvalidProposalMsg, r, why) // x/gov keeps our text and not our code
		require.Contains(c.T, r.Log, governancetypes.ErrNestedMessage.Error(), why)
	}
}

// enacted lets everybody vote for it, expedited: the last thing that stands in the way is the module itself.
func (c *captured) enacted(d deed) {
	c.T.Helper()
	enact, err := governancetypes.NewMsgEnact(authtypes.NewModuleAddress(govtypes.ModuleName).String(), d.msg(c, app.Authority()))
	require.NoError(c.T, err)
	r := c.propose(true, enact)
	if d.early != nil {
		c.is(govtypes.ErrInvalidProposalMsg, r, "submitted")
		require.Contains(c.T, r.Log, d.early.Error())
		return
	}
	require.Zero(c.T, r.Code, r.Log)
	require.Equal(c.T, govv1.StatusPassed, c.pass().Status)
	c.enactments++
	e := c.closed(c.enactments)
	if d.refused == nil {
		require.Equal(c.T, governancetypes.ENACTMENT_STATUS_DONE, e.Status, "%v", e.Failure)
		d.harmless(c)
		return
	}
	require.Equal(c.T, governancetypes.ENACTMENT_STATUS_FAILED, e.Status)
	require.Equal(c.T, &governancetypes.Failure{Codespace: d.refused.Codespace(), Code: d.refused.ABCICode()}, e.Failure)
}

// closed waits until an enactment has run.
func (c *captured) closed(id uint64) governancetypes.Enactment {
	c.T.Helper()
	for range 8 {
		e, err := c.App.Governance.GetEnactment(c.App.CommittedContext(), id)
		require.NoError(c.T, err)
		if !e.Queued() {
			return e
		}
		c.Finalize(c.T, replicas.Step)
	}
	require.Fail(c.T, "it does not run")
	return governancetypes.Enactment{}
}

// TestNoWeakerTrack: a proposal's track follows from the strictest thing it does; an expedited one needs and waits as much as another.
func TestNoWeakerTrack(t *testing.T) {
	c := capture(t)
	params := revenueParams(c)
	params.RefundWindowSeconds = 11
	fees := &revenuetypes.MsgUpdateParams{Authority: app.Authority(), Params: params}
	pay := banktypes.NewMsgSend(sdk.MustAccAddressFromBech32(app.Authority()), c.Account("bob").Addr(), sdk.NewCoins(token.Coin(1)))
	pause := &governancetypes.MsgPause{Member: app.Authority(), TypeUrl: sdk.MsgTypeURL(&streamtypes.MsgTip{}), Seconds: 1, Reason: "none"}
	cancel := &governancetypes.MsgCancelEnactment{Authority: authtypes.NewModuleAddress(govtypes.ModuleName).String(), Id: 99}
	governance, err := c.App.Governance.Params(c.App.CommittedContext())
	require.NoError(t, err)
	for why, msgs := range map[string][]sdk.Msg{
		"alone": {fees}, "behind a payment": {pay, fees}, "before a payment": {fees, pay}, "behind a pause": {pause, fees}, "among both": {pause, fees, pay},
	} {
		for _, expedited := range []bool{false, true} {
			enact, err := governancetypes.NewMsgEnact(authtypes.NewModuleAddress(govtypes.ModuleName).String(), msgs...)
			require.NoError(t, err)
			require.Zero(t, c.propose(expedited, enact).Code)
			rule, err := governancekeeper.NewQueryServer(c.App.Governance).Outlook(c.App.CommittedContext(), &governancetypes.QueryOutlookRequest{ProposalId: c.proposals})
			require.NoError(t, err)
			want := governancetypes.TRACK_FEES_AND_COURT.Rule()
			require.Equal(t, want.Track, rule.Rule.Track, why)
			require.GreaterOrEqual(t, rule.Rule.ApprovalBps, want.ApprovalBps, why)
			require.GreaterOrEqual(t, rule.Rule.TurnoutBps, want.TurnoutBps, why)
			require.True(t, rule.Rule.House, why)
			require.Equal(t, govv1.StatusPassed, c.pass().Status)
			c.enactments++
			e := c.closed(c.enactments)
			require.GreaterOrEqual(t, e.ExecuteAt-e.EnactedAt, governance.Scale(want.TimelockSeconds), why)
		}
	}
	// what withdraws a decision cannot come cheaper either
	require.Zero(t, c.propose(true, cancel).Code)
	rule, err := governancekeeper.NewQueryServer(c.App.Governance).Outlook(c.App.CommittedContext(), &governancetypes.QueryOutlookRequest{ProposalId: c.proposals})
	require.NoError(t, err)
	require.Equal(t, governancetypes.TRACK_UPGRADE, rule.Rule.Track)
}

// TestQuorum: x/gov's own quorum stands above no track's turnout, or that track would need more than it says; and it refuses what the tally reports as not met.
func TestQuorum(t *testing.T) {
	c := capture(t)
	params, err := c.App.Gov.Params.Get(c.App.CommittedContext())
	require.NoError(t, err)
	quorum := math.LegacyMustNewDecFromStr(params.Quorum)
	require.True(t, quorum.IsPositive())
	for _, track := range governancetypes.Tracks() {
		require.True(t, quorum.LTE(math.LegacyNewDecWithPrec(int64(track.Rule().TurnoutBps), 4)), "%s: a turnout of %d bps is refused by a quorum of %s", track, track.Rule().TurnoutBps, quorum)
	}
}
