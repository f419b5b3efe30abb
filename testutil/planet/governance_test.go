package planet_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"

	"github.com/streamchain/streamchain/app"
	"github.com/streamchain/streamchain/testutil/planet"
	"github.com/streamchain/streamchain/token"
	governancetypes "github.com/streamchain/streamchain/x/governance/types"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
)

// vote proposes to enact msgs, votes for it, and returns the enactment once it has run.
func vote(p *planet.Planet, id uint64, msgs ...sdk.Msg) governancetypes.Enactment {
	enact, err := governancetypes.NewMsgEnact(authtypes.NewModuleAddress(govtypes.ModuleName).String(), msgs...)
	require.NoError(p.T, err)
	proposal, err := govv1.NewMsgSubmitProposal([]sdk.Msg{enact}, sdk.NewCoins(token.Coin(1000)), p.Addr("alice"), "", "t", "s", false)
	require.NoError(p.T, err)
	p.Send("alice", proposal)
	p.Send("validator", govv1.NewMsgVote(p.Account("validator").Address(), id, govv1.OptionYes, ""))
	var e governancetypes.Enactment
	p.Eventually(func() bool {
		res, err := governancetypes.NewQueryClient(p.Chain.Client.Conn()).Enactment(p.T.Context(), &governancetypes.QueryEnactmentRequest{Id: id})
		if err != nil {
			return false
		}
		e = res.Enactment
		return e.Status == governancetypes.ENACTMENT_STATUS_DONE || e.Status == governancetypes.ENACTMENT_STATUS_FAILED
	}, "the enactment runs")
	return e
}

func revenueParams(p *planet.Planet) revenuetypes.Params {
	res, err := revenuetypes.NewQueryClient(p.Chain.Client.Conn()).Params(p.T.Context(), &revenuetypes.QueryParamsRequest{})
	require.NoError(p.T, err)
	return res.Params
}

// TestGovernance: a vote changes a parameter after its timelock, and none lowers the creators' floor.
func TestGovernance(t *testing.T) {
	t.Parallel()
	p := planet.New(t, planet.Config{})
	params := revenueParams(p)
	params.RefundWindowSeconds = 60
	params.Rails = slices.Clone(params.Rails)
	params.Rails[0].CreatorBps, params.Rails[0].BurnBps = 9050, 50
	require.Equal(t, governancetypes.ENACTMENT_STATUS_DONE, vote(p, 1, &revenuetypes.MsgUpdateParams{Authority: app.Authority(), Params: params}).Status)
	require.Equal(t, params, revenueParams(p))

	greedy := params
	greedy.RefundWindowSeconds = 1
	greedy.Rails = slices.Clone(params.Rails)
	greedy.Rails[0].CreatorBps, greedy.Rails[0].TreasuryBps = 8999, 251
	failed := vote(p, 2, &revenuetypes.MsgUpdateParams{Authority: app.Authority(), Params: greedy})
	require.Equal(t, governancetypes.ENACTMENT_STATUS_FAILED, failed.Status)
	require.Equal(t, revenuetypes.ErrCreatorFloor.Codespace(), failed.Failure.Codespace)
	require.Equal(t, revenuetypes.ErrCreatorFloor.ABCICode(), failed.Failure.Code)
	require.Equal(t, params, revenueParams(p), "not the other changes of it either")
}

// TestNoWayAroundTheTimelock: a proposal changes nothing by itself, in whichever name.
func TestNoWayAroundTheTimelock(t *testing.T) {
	t.Parallel()
	p := planet.New(t, planet.Config{})
	params := revenueParams(p)
	changed := params
	changed.RefundWindowSeconds = 77
	gov := authtypes.NewModuleAddress(govtypes.ModuleName).String()
	propose := func(authority string) error {
		direct := &revenuetypes.MsgUpdateParams{Authority: authority, Params: changed}
		proposal, err := govv1.NewMsgSubmitProposal([]sdk.Msg{direct}, sdk.NewCoins(token.Coin(1000)), p.Addr("alice"), "", "t", "s", false)
		require.NoError(t, err)
		_, err = p.TrySend("alice", proposal)
		return err
	}
	require.Error(t, propose(app.Authority()), "x/gov does not sign for the timelock")
	require.ErrorContains(t, propose(gov), governancetypes.ErrInvalidMessage.Error(), "nor does x/gov run anything but enactments")
	require.Equal(t, params, revenueParams(p))
}
