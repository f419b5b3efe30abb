package app_test

import (
	"testing"
	"time"

	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	consensustypes "github.com/cosmos/cosmos-sdk/x/consensus/types"
	distrtypes "github.com/cosmos/cosmos-sdk/x/distribution/types"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"
	slashingtypes "github.com/cosmos/cosmos-sdk/x/slashing/types"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	"github.com/streamchain/streamchain/app"
	"github.com/streamchain/streamchain/testutil/replicas"
	"github.com/streamchain/streamchain/token"
	governancetypes "github.com/streamchain/streamchain/x/governance/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
)

// extremes are the parameters of the SDK's modules, each at its least or at its most.
// Deposits at their most are what an account of this test can pay.
func extremes(authority string, most bool) []sdk.Msg {
	const day, unit = 24 * time.Hour, 1_000_000
	pick := func(a, b int64) int64 {
		if most {
			return b
		}
		return a
	}
	dec := func(a, b int64) math.LegacyDec { return math.LegacyNewDecWithPrec(pick(a, b), 4) }
	span := func(a, b time.Duration) time.Duration { return time.Duration(pick(int64(a), int64(b))) }
	gov := govv1.DefaultParams()
	gov.MinDeposit, gov.ExpeditedMinDeposit = []sdk.Coin{token.Coin(pick(unit, 4000*unit))}, []sdk.Coin{token.Coin(pick(2*unit, 9000*unit))}
	deposit, voting, expedited := span(day, 30*day), span(day, 30*day), span(6*time.Hour, 14*day)
	gov.MaxDepositPeriod, gov.VotingPeriod, gov.ExpeditedVotingPeriod = &deposit, &voting, &expedited
	gov.Quorum, gov.Threshold, gov.VetoThreshold = dec(100, 1000).String(), dec(5000, 6667).String(), dec(2000, 5000).String()
	gov.ExpeditedThreshold, gov.MinInitialDepositRatio = dec(5001, 8000).String(), dec(0, 10_000).String()
	gov.MinDepositRatio, gov.ProposalCancelRatio = dec(0, 1000).String(), dec(0, 10_000).String()
	return []sdk.Msg{
		&consensustypes.MsgUpdateParams{
			Authority: authority,
			Block:     &cmtproto.BlockParams{MaxBytes: pick(1<<20, 8<<20), MaxGas: pick(50_000_000, 500_000_000)},
			Evidence:  &cmtproto.EvidenceParams{MaxAgeNumBlocks: pick(100_000, 10_000_000), MaxAgeDuration: span(14*day, 60*day), MaxBytes: pick(64<<10, 8<<20)},
			Validator: &cmtproto.ValidatorParams{PubKeyTypes: []string{"ed25519"}},
		},
		&stakingtypes.MsgUpdateParams{Authority: authority, Params: stakingtypes.Params{
			UnbondingTime: span(14*day, 60*day), MaxValidators: uint32(pick(20, 300)), MaxEntries: uint32(pick(1, 100)), HistoricalEntries: uint32(pick(0, 10_000)),
			BondDenom: token.BaseDenom, MinCommissionRate: dec(0, 2000), KeyRotationFee: token.Coin(pick(unit, 10_000*unit)),
		}},
		&slashingtypes.MsgUpdateParams{Authority: authority, Params: slashingtypes.Params{
			SignedBlocksWindow: pick(100, 100_000), MinSignedPerWindow: dec(500, 9000), DowntimeJailDuration: span(time.Minute, 7*day),
			SlashFractionDoubleSign: dec(100, 5000), SlashFractionDowntime: dec(0, 500),
		}},
		&govv1.MsgUpdateParams{Authority: authority, Params: gov},
		&distrtypes.MsgUpdateParams{Authority: authority, Params: distrtypes.Params{
			CommunityTax: dec(0, 2000), BaseProposerReward: math.LegacyZeroDec(), BonusProposerReward: math.LegacyZeroDec(), WithdrawAddrEnabled: most,
		}},
		&authtypes.MsgUpdateParams{Authority: authority, Params: authtypes.Params{
			MaxMemoCharacters: uint64(pick(256, 4096)), TxSigLimit: uint64(pick(7, 20)), TxSizeCostPerByte: uint64(pick(1, 100)),
			SigVerifyCostED25519: uint64(pick(100, 10_000)), SigVerifyCostSecp256k1: uint64(pick(100, 10_000)), SigVerifyCostMlDsa65: uint64(pick(100, 100_000)),
		}},
	}
}

// TestChainOutlivesExtremes: what a vote may set of the SDK's modules, all at the least or all at the most, leaves a chain that makes blocks, takes
// transactions and proposals, and can be voted back.
func TestChainOutlivesExtremes(t *testing.T) {
	for name, most := range map[string]bool{"least": false, "most": true} {
		t.Run(name, func(t *testing.T) {
			c := capture(t)
			enact, err := governancetypes.NewMsgEnact(authtypes.NewModuleAddress(govtypes.ModuleName).String(), extremes(app.Authority(), most)...)
			require.NoError(t, err)
			r := c.propose(true, enact)
			require.Zero(t, r.Code, r.Log)
			require.Equal(t, govv1.StatusPassed, c.pass().Status)
			c.enactments++
			e := c.closed(c.enactments)
			require.Equal(t, governancetypes.ENACTMENT_STATUS_DONE, e.Status, "%v", e.Failure)
			staking, err := c.App.Staking.GetParams(c.App.CommittedContext())
			require.NoError(t, err)
			require.Equal(t, map[bool]uint32{false: 20, true: 300}[most], staking.MaxValidators)

			bob, alice := c.Account("bob"), c.Account("alice")
			for range 30 {
				c.Must(t, bob, &streamtypes.MsgDeposit{Owner: bob.String(), Amount: token.Coin(1_000_000)})
				c.Finalize(t, replicas.Step)
			}
			gov, err := c.App.Gov.Params.Get(c.App.CommittedContext())
			require.NoError(t, err)
			back, err := governancetypes.NewMsgEnact(authtypes.NewModuleAddress(govtypes.ModuleName).String(), extremes(app.Authority(), !most)...)
			require.NoError(t, err)
			p, err := govv1.NewMsgSubmitProposal([]sdk.Msg{back}, gov.MinDeposit, alice.String(), "", "t", "s", false)
			require.NoError(t, err)
			c.Must(t, alice, p)
			c.proposals++
			c.Must(t, alice, govv1.NewMsgVote(alice.Addr(), c.proposals, govv1.OptionYes, ""))
			require.Eventually(t, func() bool {
				c.Finalize(t, 6*time.Hour)
				p, err := c.App.Gov.Proposals.Get(c.App.CommittedContext(), c.proposals)
				require.NoError(t, err)
				return p.Status == govv1.StatusPassed
			}, time.Minute, time.Millisecond)
			c.enactments++
			require.Equal(t, governancetypes.ENACTMENT_STATUS_DONE, c.closed(c.enactments).Status)
		})
	}
}
