package receipt

import (
	"fmt"
	"strings"

	"github.com/cosmos/gogoproto/proto"

	"cosmossdk.io/math"

	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	"github.com/cosmos/cosmos-sdk/x/authz"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	consensustypes "github.com/cosmos/cosmos-sdk/x/consensus/types"
	distrtypes "github.com/cosmos/cosmos-sdk/x/distribution/types"
	"github.com/cosmos/cosmos-sdk/x/feegrant"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"
	minttypes "github.com/cosmos/cosmos-sdk/x/mint/types"
	slashingtypes "github.com/cosmos/cosmos-sdk/x/slashing/types"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"
	upgradetypes "github.com/cosmos/cosmos-sdk/x/upgrade/types"

	"github.com/streamchain/streamchain/token"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	disputetypes "github.com/streamchain/streamchain/x/dispute/types"
	governancetypes "github.com/streamchain/streamchain/x/governance/types"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

func askedOfStorage(m proto.Message) string {
	switch m := m.(type) {
	case *storagetypes.MsgRegisterProvider:
		return fmt.Sprintf("%s becomes a storage provider: %d bytes at %s a GiB and day, with a bond of %s.", m.Operator, m.CapacityBytes, rate(token.BaseDenom, m.PricePerGibDay), rate(token.BaseDenom, m.Bond))
	case *storagetypes.MsgUpdateProvider:
		return fmt.Sprintf("%s offers %d bytes at %s a GiB and day from now on, at %s.", m.Operator, m.CapacityBytes, rate(token.BaseDenom, m.PricePerGibDay), strings.Join(m.Endpoints, ", "))
	case *storagetypes.MsgAddBond:
		return fmt.Sprintf("%s adds %s to its bond.", m.Operator, rate(token.BaseDenom, m.Amount))
	case *storagetypes.MsgLeave:
		return fmt.Sprintf("%s takes no more works, and leaves when others have its copies.", m.Operator)
	case *storagetypes.MsgWithdrawBond:
		return fmt.Sprintf("%s takes its bond back.", m.Operator)
	case *storagetypes.MsgRequestDeals:
		return fmt.Sprintf("%s asks %s to keep %s, and pays %s ahead.", m.Funder, count(len(m.Providers), "provider"), m.Work, coinText(m.Prepayment))
	case *storagetypes.MsgFundWork:
		return fmt.Sprintf("%s pays %s for keeping %s.", m.Funder, coinText(m.Amount), m.Work)
	case *storagetypes.MsgFundServing:
		return fmt.Sprintf("%s pays %s for serving %s.", m.Funder, coinText(m.Amount), m.Work)
	case *storagetypes.MsgAcceptDeal:
		return fmt.Sprintf("%s has %s and keeps it.", m.Agent, m.Work)
	case *storagetypes.MsgEndDeal:
		return fmt.Sprintf("%s ends the deal of %s about %s.", m.Signer, m.Operator, m.Work)
	case *storagetypes.MsgClaimStorage:
		return fmt.Sprintf("%s claims what it has earned by keeping %s, to %s.", m.Operator, count(len(m.Works), "work"), or(m.To, "itself"))
	case *storagetypes.MsgSetBeacon:
		return fmt.Sprintf("%s commits to the numbers that it will give to the beacon.", m.Agent)
	case *storagetypes.MsgProve:
		return fmt.Sprintf("%s proves for period %d that it has what it keeps: %s.", m.Agent, m.Period, count(len(m.Answers), "answer"))
	case *storagetypes.MsgReportLoss:
		return fmt.Sprintf("%s reports that it has lost %s.", m.Agent, count(len(m.Works), "work"))
	case *storagetypes.MsgRefuseWork:
		return fmt.Sprintf("%s refuses to keep %s, by the list %s.", m.Agent, m.Work, m.Denylist)
	case *storagetypes.MsgRepairWork:
		return fmt.Sprintf("%s keeps %s in the place of %s.", m.Agent, m.Work, m.Operator)
	}
	return askedOfKeys(m)
}

func askedOfKeys(m proto.Message) string {
	switch m := m.(type) {
	case *storagetypes.MsgOfferKeys:
		return fmt.Sprintf("%s is ready to hold keys of works.", m.Agent)
	case *storagetypes.MsgDrawKeySet:
		return fmt.Sprintf("%s has holders drawn for the keys of %s.", m.Signer, m.Work)
	case *storagetypes.MsgDealKeys:
		return fmt.Sprintf("%s deals the keys of %s to %s.", m.Controller, m.Root, count(len(m.Sealed), "holder"))
	case *storagetypes.MsgReshare:
		return fmt.Sprintf("%s passes its share of the keys of %s on to new holders.", m.Agent, m.Root)
	case *storagetypes.MsgAcceptShare:
		return fmt.Sprintf("%s has checked its share of the keys of %s, and holds it.", m.Agent, m.Root)
	case *streamtypes.MsgReportUse:
		return fmt.Sprintf("%s reports what was watched without paying by the second, in %s.", m.Agent, count(len(m.Items), "session"))
	}
	return ""
}

func askedOfCourt(m proto.Message) string {
	stream := func(amount math.Int) string { return rate(token.BaseDenom, amount) }
	switch m := m.(type) {
	case *disputetypes.MsgOpenDispute:
		return fmt.Sprintf("%s opens a dispute (%s) about %s, with a bond of %s.", m.Claimant, enum(m.Kind.String(), "KIND_"), m.Subject, stream(m.Bond))
	case *disputetypes.MsgRespond:
		return fmt.Sprintf("%s answers dispute %d.", m.Responder, m.Dispute)
	case *disputetypes.MsgAddEvidence:
		return fmt.Sprintf("%s adds evidence to dispute %d.", m.Party, m.Dispute)
	case *disputetypes.MsgContestHold:
		return fmt.Sprintf("%s contests %s of payment %s in dispute %d.", m.Claimant, stream(m.Amount), m.HoldId, m.Dispute)
	case *disputetypes.MsgAppeal:
		return fmt.Sprintf("%s appeals in dispute %d, with a bond of at most %s.", m.Appellant, m.Dispute, stream(m.MaxBond))
	case *disputetypes.MsgCommitVote:
		return fmt.Sprintf("Juror %s votes in dispute %d; nobody sees how before all have voted.", m.Juror, m.Dispute)
	case *disputetypes.MsgRevealVote:
		return fmt.Sprintf("Juror %s opens its vote in dispute %d: %s.", m.Juror, m.Dispute, enum(m.Choice.String(), "CHOICE_"))
	case *disputetypes.MsgStakeJuror:
		return fmt.Sprintf("%s stakes %s as a juror.", m.Juror, stream(m.Amount))
	case *disputetypes.MsgUnstakeJuror:
		return fmt.Sprintf("%s takes %s of its stake as a juror back.", m.Juror, stream(m.Amount))
	case *disputetypes.MsgClaimOwed:
		return fmt.Sprintf("%s claims what the court owes it.", m.Account)
	}
	return ""
}

func askedOfGovernance(m proto.Message) string {
	switch m := m.(type) {
	case *governancetypes.MsgEnact:
		return "Once the wait has passed: " + joined(m.Messages)
	case *governancetypes.MsgCancelEnactment:
		return fmt.Sprintf("Enactment %d is withdrawn.", m.Id)
	case *governancetypes.MsgDelegateVote:
		return fmt.Sprintf("%s lends %s its vote on %s.", m.Delegator, m.Delegate, topic(m.Track))
	case *governancetypes.MsgUndelegateVote:
		return fmt.Sprintf("%s ends what %s lends of its vote on %s.", m.Signer, m.Delegator, topic(m.Track))
	case *governancetypes.MsgTakeSeat:
		return fmt.Sprintf("%s takes or renews the seat of %s in the creators' house.", m.Controller, m.Creator)
	case *governancetypes.MsgSetCouncil:
		return fmt.Sprintf("The council is %s.", or(strings.Join(m.Members, ", "), "nobody"))
	case *governancetypes.MsgPause:
		return fmt.Sprintf("%s votes to pause %s for %s: %s.", m.Member, m.TypeUrl, span(m.Seconds), strings.TrimSuffix(short(m.Reason), "."))
	case *governancetypes.MsgResume:
		return fmt.Sprintf("%s ends the pause of %s.", m.Signer, m.TypeUrl)
	case *govv1.MsgSubmitProposal:
		return fmt.Sprintf("%s proposes “%s”, with a deposit of %s. If it passes: %s", m.Proposer, short(m.Title), amounts(m.InitialDeposit), joined(m.Messages))
	case *govv1.MsgDeposit:
		return fmt.Sprintf("%s adds %s to the deposit of proposal %d.", m.Depositor, amounts(m.Amount), m.ProposalId)
	case *govv1.MsgVote:
		return fmt.Sprintf("%s votes %s on proposal %d.", m.Voter, enum(m.Option.String(), "VOTE_OPTION_"), m.ProposalId)
	case *govv1.MsgVoteWeighted:
		return fmt.Sprintf("%s splits its vote on proposal %d.", m.Voter, m.ProposalId)
	case *govv1.MsgCancelProposal:
		return fmt.Sprintf("%s withdraws proposal %d.", m.Proposer, m.ProposalId)
	case *upgradetypes.MsgSoftwareUpgrade:
		return fmt.Sprintf("From block %d on the chain runs version %s.", m.Plan.Height, m.Plan.Name)
	case *upgradetypes.MsgCancelUpgrade:
		return "The upgrade that was planned is withdrawn."
	}
	return paramsOf(m)
}

// paramsOf says whose parameters a message replaces.
func paramsOf(m proto.Message) string {
	var of string
	switch m.(type) {
	case *contenttypes.MsgUpdateParams:
		of = "content"
	case *disputetypes.MsgUpdateParams:
		of = "the court"
	case *governancetypes.MsgUpdateParams:
		of = "governance"
	case *revenuetypes.MsgUpdateParams:
		of = "revenue"
	case *storagetypes.MsgUpdateParams:
		of = "storage"
	case *streamtypes.MsgUpdateParams:
		of = "payments by the second"
	case *subscriptiontypes.MsgUpdateParams:
		of = "offers and plans"
	case *stakingtypes.MsgUpdateParams:
		of = "staking"
	case *slashingtypes.MsgUpdateParams:
		of = "slashing"
	case *govv1.MsgUpdateParams:
		of = "votes"
	case *distrtypes.MsgUpdateParams:
		of = "distribution"
	case *authtypes.MsgUpdateParams:
		of = "transactions"
	case *banktypes.MsgUpdateParams:
		of = "sending coins"
	case *minttypes.MsgUpdateParams:
		of = "minting, which mean nothing on this chain"
	case *consensustypes.MsgUpdateParams:
		of = "consensus"
	default:
		return ""
	}
	return fmt.Sprintf("The parameters of %s are replaced.", of)
}

func askedOfAccounts(m proto.Message) string {
	switch m := m.(type) {
	case *banktypes.MsgMultiSend:
		return fmt.Sprintf("Coins go to %s.", count(len(m.Outputs), "account"))
	case *stakingtypes.MsgUndelegate:
		return fmt.Sprintf("%s takes %s of its stake back from %s.", m.DelegatorAddress, coinText(m.Amount), m.ValidatorAddress)
	case *stakingtypes.MsgBeginRedelegate:
		return fmt.Sprintf("%s moves %s of its stake from %s to %s.", m.DelegatorAddress, coinText(m.Amount), m.ValidatorSrcAddress, m.ValidatorDstAddress)
	case *stakingtypes.MsgCancelUnbondingDelegation:
		return fmt.Sprintf("%s leaves %s staked with %s after all.", m.DelegatorAddress, coinText(m.Amount), m.ValidatorAddress)
	case *stakingtypes.MsgCreateValidator:
		return fmt.Sprintf("%s becomes a validator with %s: “%s”.", m.ValidatorAddress, coinText(m.Value), short(m.Description.Moniker))
	case *stakingtypes.MsgEditValidator:
		return fmt.Sprintf("Validator %s changes what it says about itself.", m.ValidatorAddress)
	case *slashingtypes.MsgUnjail:
		return fmt.Sprintf("Validator %s makes blocks again.", m.ValidatorAddr)
	case *distrtypes.MsgWithdrawDelegatorReward:
		return fmt.Sprintf("%s claims what its stake with %s has earned.", m.DelegatorAddress, m.ValidatorAddress)
	case *distrtypes.MsgWithdrawValidatorCommission:
		return fmt.Sprintf("Validator %s claims its commission.", m.ValidatorAddress)
	case *distrtypes.MsgSetWithdrawAddress:
		return fmt.Sprintf("What %s earns by staking goes to %s.", m.DelegatorAddress, m.WithdrawAddress)
	case *feegrant.MsgGrantAllowance:
		return fmt.Sprintf("%s pays fees for %s.", m.Granter, m.Grantee)
	case *feegrant.MsgRevokeAllowance:
		return fmt.Sprintf("%s pays no more fees for %s.", m.Granter, m.Grantee)
	case *authz.MsgGrant:
		return fmt.Sprintf("%s lets %s act in its name.", m.Granter, m.Grantee)
	case *authz.MsgRevoke:
		return fmt.Sprintf("%s does not let %s do %s in its name any more.", m.Granter, m.Grantee, m.MsgTypeUrl)
	case *authz.MsgExec:
		return fmt.Sprintf("%s, in others' names: %s", m.Grantee, joined(m.Msgs))
	}
	return ""
}

// joined are the sentences of packed messages.
func joined(packed []*codectypes.Any) string {
	if len(packed) == 0 {
		return "nothing."
	}
	all := make([]string, len(packed))
	for i, p := range packed {
		if p == nil {
			all[i] = Sentence(unknown(""))
			continue
		}
		all[i] = Sentence(Decode(p.TypeUrl, p.Value))
	}
	return strings.Join(all, " ")
}

// enum is a value's name in words.
func enum(name, prefix string) string {
	return strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(name, prefix), "_", " "))
}

func topic(t governancetypes.Track) string {
	if t == governancetypes.TRACK_UNSPECIFIED {
		return "everything"
	}
	return enum(t.String(), "TRACK_")
}
