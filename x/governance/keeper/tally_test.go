package keeper_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
	"github.com/streamchain/streamchain/x/governance/keeper"
	"github.com/streamchain/streamchain/x/governance/types"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
)

// A count agrees with one that goes through every delegation by itself and asks who decides over it.
func TestCountAgainstBruteForce(t *testing.T) {
	env := newFixture(t)
	module := authtypes.NewModuleAddress(types.ModuleName)
	people := make([]sdk.AccAddress, 9)
	for i := range people {
		people[i] = env.Addr(fmt.Sprint("person", i))
	}
	people[8] = module
	cases, clean := 0, env.Ctx
	defer func() { env.Ctx = clean }()
	rapid.Check(t, func(r *rapid.T) {
		// each of a hundred checks counts a hundred votes
		for range 100 {
			cases++
			f := env
			f.Ctx, _ = clean.CacheContext()
			*f.staking = stakes{}
			validators := rapid.IntRange(1, 3).Draw(r, "validators")
			for v := range validators {
				shares, names := map[string]int64{}, []string{}
				for p := range people {
					names = append(names, fmt.Sprint(p))
					shares[fmt.Sprint(p)] = rapid.Int64Range(0, 3).Draw(r, "shares") * 1000
				}
				shares[fmt.Sprint(v)] += 1000
				f.staking.bond(people[v], rapid.SampledFrom([]int64{100, 100, 73}).Draw(r, "rate"), shares, names, func(n string) sdk.AccAddress { return people[n[0]-'0'] })
			}
			track := rapid.SampledFrom([]types.Track{0, types.TRACK_TREASURY}).Draw(r, "track")
			for range rapid.IntRange(0, 8).Draw(r, "delegations") {
				from, to := rapid.IntRange(0, 7).Draw(r, "from"), rapid.IntRange(0, 7).Draw(r, "to")
				on := rapid.SampledFrom([]types.Track{0, types.TRACK_TREASURY, types.TRACK_UPGRADE}).Draw(r, "on")
				if from != to {
					require.NoError(r, f.k.DelegateVote(f.Ctx, types.Delegation{Delegator: people[from].String(), Delegate: people[to].String(), Track: on}))
				}
			}
			votes := map[string]govv1.WeightedVoteOptions{}
			var ballots []keeper.Ballot
			for p := range 8 {
				if o := rapid.SampledFrom([]govv1.WeightedVoteOptions{nil, nil, options("1"), options("", "1"), options("0.5", "", "0.25", "0.25")}).Draw(r, "vote"); o != nil {
					votes[people[p].String()] = o
					ballots = append(ballots, keeper.Ballot{Voter: people[p], Options: o})
				}
			}
			got, err := f.k.CountVotes(f.Ctx, ballots, track)
			require.NoError(r, err)
			want := f.bruteForce(r, votes, track, module)
			for i, d := range []math.LegacyDec{got.Yes, got.No, got.Veto, got.Abstain} {
				require.True(r, d.Sub(want[i]).Abs().LT(math.LegacyNewDecWithPrec(1, 9)), "option %d: %s, not %s", i, d, want[i])
			}
			require.True(r, got.Voted().LTE(math.LegacyNewDecFromInt(got.Bonded.AddRaw(1))), "no stake votes twice")
		}
	})
	require.GreaterOrEqual(t, cases, 10_000)
}

func (f *fixture) bruteForce(r *rapid.T, votes map[string]govv1.WeightedVoteOptions, track types.Track, module sdk.AccAddress) [4]math.LegacyDec {
	out := [4]math.LegacyDec{math.LegacyZeroDec(), math.LegacyZeroDec(), math.LegacyZeroDec(), math.LegacyZeroDec()}
	for _, d := range f.staking.delegations {
		if d.DelegatorAddress == module.String() {
			continue
		}
		v := f.staking.validators[slices.IndexFunc(f.staking.validators, func(v stakingtypes.Validator) bool { return v.OperatorAddress == d.ValidatorAddress })]
		decides := votes[d.DelegatorAddress]
		if decides == nil {
			lent, err := f.k.Delegations(f.Ctx, sdk.MustAccAddressFromBech32(d.DelegatorAddress))
			require.NoError(r, err)
			delegate := ""
			for _, l := range lent { // that of all tracks comes first, so that of the track wins
				if l.Track == 0 || l.Track == track {
					delegate = l.Delegate
				}
			}
			decides = votes[delegate]
		}
		if decides == nil {
			operator, err := f.staking.ValidatorAddressCodec().StringToBytes(v.OperatorAddress)
			require.NoError(r, err)
			decides = votes[sdk.AccAddress(operator).String()]
		}
		power := d.Shares.MulInt(v.Tokens).Quo(v.DelegatorShares)
		for _, o := range decides {
			i := slices.Index([]govv1.VoteOption{govv1.OptionYes, govv1.OptionNo, govv1.OptionNoWithVeto, govv1.OptionAbstain}, o.Option)
			out[i] = out[i].Add(power.Mul(math.LegacyMustNewDecFromStr(o.Weight)))
		}
	}
	return out
}

func TestRuleMet(t *testing.T) {
	for name, c := range map[string]struct {
		track                 types.Track
		yes, against, abstain int64
		want                  bool
	}{
		"upgrade, enough":                {types.TRACK_UPGRADE, 2230, 1110, 0, true},
		"upgrade, one short of approval": {types.TRACK_UPGRADE, 2226, 1114, 0, false},
		"upgrade, one short of turnout":  {types.TRACK_UPGRADE, 3339, 0, 0, false},
		"abstaining is turnout":          {types.TRACK_UPGRADE, 2000, 0, 1340, true},
		"abstaining alone approves not":  {types.TRACK_UPGRADE, 0, 0, 9000, false},
		"fees":                           {types.TRACK_FEES_AND_COURT, 2500, 0, 0, true},
		"fees, turnout":                  {types.TRACK_FEES_AND_COURT, 2499, 0, 0, false},
		"policy":                         {types.TRACK_CONTENT_POLICY, 1500, 1000, 0, true},
		"policy, approval":               {types.TRACK_CONTENT_POLICY, 1499, 1001, 0, false},
		"parameters":                     {types.TRACK_PARAMETERS, 1200, 800, 0, true},
		"parameters, turnout":            {types.TRACK_PARAMETERS, 1999, 0, 0, false},
		"treasury":                       {types.TRACK_TREASURY, 750, 750, 0, true},
		"treasury, turnout":              {types.TRACK_TREASURY, 1499, 0, 0, false},
		"safety":                         {types.TRACK_SAFETY, 750, 250, 0, true},
		"safety, approval":               {types.TRACK_SAFETY, 749, 251, 0, false},
	} {
		dec := math.LegacyNewDec
		got := c.track.Rule().Met(dec(c.yes), dec(c.against), dec(c.abstain), math.NewInt(10_000))
		require.Equal(t, c.want, got, name)
		require.False(t, c.track.Rule().Met(dec(c.yes), dec(c.against), dec(c.abstain), math.ZeroInt()), "%s: nothing is bonded", name)
	}
}

func rule(track types.Track, approval, turnout uint32, timelock int64) types.Rule {
	house := track == types.TRACK_FEES_AND_COURT || track == types.TRACK_CONTENT_POLICY
	return types.Rule{Track: track, ApprovalBps: approval, TurnoutBps: turnout, TimelockSeconds: timelock, House: house}
}

// A proposal needs what its strictest message needs, and of each figure the strictest.
func TestRuleOf(t *testing.T) {
	f := newFixture(t)
	f.fund(100_000)
	enact := func(msgs ...sdk.Msg) sdk.Msg {
		m, err := types.NewMsgEnact(f.gov, msgs...)
		require.NoError(t, err)
		return m
	}
	safe := &types.MsgPause{Member: f.k.Authority(), TypeUrl: publish, Seconds: 1, Reason: "r"}
	day := int64(24 * 3600)
	multi := f.pay("carol", 1)
	for name, c := range map[string]struct {
		msgs []sdk.Msg
		want types.Rule
	}{
		"nothing":                  {nil, types.Rule{}},
		"a small payment":          {[]sdk.Msg{enact(f.pay("carol", 1000))}, rule(types.TRACK_TREASURY, 5000, 1500, day)},
		"more than a hundredth":    {[]sdk.Msg{enact(f.pay("carol", 1001))}, rule(types.TRACK_TREASURY, 5000, 3340, day)},
		"in two messages":          {[]sdk.Msg{enact(f.pay("carol", 600), f.pay("carol", 600))}, rule(types.TRACK_TREASURY, 5000, 3340, day)},
		"in two enactments":        {[]sdk.Msg{enact(f.pay("carol", 600)), enact(f.pay("carol", 600))}, rule(types.TRACK_TREASURY, 5000, 3340, day)},
		"a pause":                  {[]sdk.Msg{enact(safe)}, rule(types.TRACK_SAFETY, 7500, 1000, 0)},
		"a pause and a payment":    {[]sdk.Msg{enact(safe, multi)}, rule(types.TRACK_TREASURY, 7500, 1500, day)},
		"fees":                     {[]sdk.Msg{enact(&revenuetypes.MsgUpdateParams{})}, rule(types.TRACK_FEES_AND_COURT, 6667, 2500, 3*day)},
		"policy, and a payment":    {[]sdk.Msg{enact(&contenttypes.MsgUpdateParams{}, multi)}, rule(types.TRACK_CONTENT_POLICY, 6000, 2500, 2*day)},
		"an attester":              {[]sdk.Msg{enact(&contenttypes.MsgSetAttester{})}, rule(types.TRACK_CONTENT_POLICY, 6000, 2500, 2*day)},
		"its word":                 {[]sdk.Msg{enact(&contenttypes.MsgRevokeAttestation{})}, rule(types.TRACK_CONTENT_POLICY, 6000, 2500, 2*day)},
		"fees under an upgrade":    {[]sdk.Msg{enact(&revenuetypes.MsgUpdateParams{}), &types.MsgCancelEnactment{}}, types.Rule{Track: types.TRACK_UPGRADE, ApprovalBps: 6667, TurnoutBps: 3340, TimelockSeconds: 3 * day, House: true}},
		"what nobody thought of":   {[]sdk.Msg{enact(&contenttypes.MsgRetire{})}, rule(types.TRACK_UPGRADE, 6667, 3340, 3*day)},
		"a cancellation":           {[]sdk.Msg{&types.MsgCancelEnactment{Authority: f.gov, Id: 1}}, rule(types.TRACK_UPGRADE, 6667, 3340, 3*day)},
		"a pause by x/gov itself":  {[]sdk.Msg{safe}, rule(types.TRACK_UPGRADE, 6667, 3340, 3*day)},
		"a pause, another's vote":  {[]sdk.Msg{enact(safe), &govv1.MsgVote{}}, rule(types.TRACK_UPGRADE, 7500, 3340, 3*day)},
		"an amount that is no one": {[]sdk.Msg{enact(f.pay("carol", -5))}, rule(types.TRACK_TREASURY, 5000, 3340, day)},
	} {
		p, err := govv1.NewProposal(c.msgs, 1, time.Unix(1, 0), time.Unix(2, 0), "", "t", "s", f.Addr("eve"), false)
		require.NoError(t, err, name)
		require.Equal(t, c.want, f.k.RuleOf(f.Ctx, p), name)
	}
}

// Every message of ours either can be paused or stands here, so that whoever adds one decides.
func TestPausable(t *testing.T) {
	never := []string{
		"content.MsgRetire", "content.MsgRemoveFeed", "content.MsgUpdateCollection", "content.MsgUpdateParams", "content.MsgSetAttester", "content.MsgRevokeAttestation",
		"content.MsgRotateController", "content.MsgVetoRotation", "content.MsgAcceptRotation",
		"dispute.MsgOpenDispute", "dispute.MsgRespond", "dispute.MsgAddEvidence", "dispute.MsgContestHold", "dispute.MsgAppeal", "dispute.MsgCommitVote",
		"dispute.MsgRevealVote", "dispute.MsgStakeJuror", "dispute.MsgUnstakeJuror", "dispute.MsgClaimOwed", "dispute.MsgUpdateParams",
		"governance.MsgEnact", "governance.MsgCancelEnactment", "governance.MsgUpdateParams", "governance.MsgDelegateVote",
		"governance.MsgUndelegateVote", "governance.MsgSetCouncil", "governance.MsgPause", "governance.MsgResume", "governance.MsgTakeSeat",
		"revenue.MsgClaim", "revenue.MsgSetSplit", "revenue.MsgAcceptSplit", "revenue.MsgRefund", "revenue.MsgUpdateParams",
		"revenue.MsgSetPayout", "revenue.MsgClaimRebate", "revenue.MsgSetDerivationTerms", "revenue.MsgAcceptDerivation",
		"storage.MsgUpdateProvider", "storage.MsgAddBond", "storage.MsgLeave", "storage.MsgWithdrawBond", "storage.MsgFundWork", "storage.MsgFundServing",
		"storage.MsgAcceptDeal", "storage.MsgEndDeal", "storage.MsgClaimStorage", "storage.MsgSetBeacon", "storage.MsgProve",
		"storage.MsgReportLoss", "storage.MsgRefuseWork", "storage.MsgRepairWork", "storage.MsgReshare", "storage.MsgAcceptShare",
		"storage.MsgUpdateParams",
		"stream.MsgRevokeSessionKey", "stream.MsgWithdraw", "stream.MsgSettle", "stream.MsgCloseLane", "stream.MsgUpdateParams",
		"stream.MsgReportUse", "stream.MsgTopUpFlow", "stream.MsgPauseFlow", "stream.MsgResumeFlow", "stream.MsgReRateFlow", "stream.MsgCancelFlow",
		"stream.MsgWithdrawFlow", "subscription.MsgUpdatePass", "subscription.MsgJoinPass", "subscription.MsgLeavePass", "subscription.MsgCancelPass", "subscription.MsgSetRenewal", "subscription.MsgCancel", "subscription.MsgRemoveTemplate", "subscription.MsgRefundByTemplate",
		"subscription.MsgUpdatePlan", "subscription.MsgUpdateParams",
	}
	rpc := regexp.MustCompile(`(?m)^  rpc \w+\((Msg\w+)\)`)
	pausable := 0
	for _, module := range []string{"content", "dispute", "governance", "revenue", "storage", "stream", "subscription"} {
		text, err := os.ReadFile("../../../proto/streamchain/" + module + "/v1/tx.proto")
		require.NoError(t, err)
		for _, m := range rpc.FindAllStringSubmatch(string(text), -1) {
			is := types.Pausable("/streamchain." + module + ".v1." + m[1])
			require.NotEqual(t, slices.Contains(never, module+"."+m[1]), is, "%s.%s: it is on both lists, or on none", module, m[1])
			if is {
				pausable++
			}
		}
	}
	require.Equal(t, 27, pausable)
	for _, url := range []string{"/cosmos.gov.v1.MsgVote", "/cosmos.bank.v1beta1.MsgSend", "/cosmos.staking.v1beta1.MsgUndelegate", "/cosmos.upgrade.v1beta1.MsgSoftwareUpgrade", ""} {
		require.False(t, types.Pausable(url), url)
	}
}
