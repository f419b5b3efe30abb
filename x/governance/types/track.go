package types

import (
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	streamtypes "github.com/streamchain/streamchain/x/stream/types"
)

const day = 24 * 3600

// LargeSpendBps is the part of the treasury above which a spend needs LargeSpendTurnoutBps.
const (
	LargeSpendBps        = 100
	LargeSpendTurnoutBps = 3340
)

// Tracks are all tracks, strictest first.
func Tracks() []Track {
	return []Track{TRACK_UPGRADE, TRACK_FEES_AND_COURT, TRACK_CONTENT_POLICY, TRACK_PARAMETERS, TRACK_TREASURY, TRACK_SAFETY}
}

// Known reports whether t is a track, or the word for all of them.
func (t Track) Known() bool { return t >= TRACK_UNSPECIFIED && t <= TRACK_SAFETY }

// Rule returns what the track needs. The figures are constants: no vote can lower what a vote needs.
func (t Track) Rule() Rule {
	switch t {
	case TRACK_FEES_AND_COURT:
		return Rule{Track: t, ApprovalBps: 6667, TurnoutBps: 2500, TimelockSeconds: 3 * day, House: true}
	case TRACK_CONTENT_POLICY:
		return Rule{Track: t, ApprovalBps: 6000, TurnoutBps: 2500, TimelockSeconds: 2 * day, House: true}
	case TRACK_PARAMETERS:
		return Rule{Track: t, ApprovalBps: 6000, TurnoutBps: 2000, TimelockSeconds: 2 * day}
	case TRACK_TREASURY:
		return Rule{Track: t, ApprovalBps: 5000, TurnoutBps: 1500, TimelockSeconds: day}
	case TRACK_SAFETY:
		return Rule{Track: t, ApprovalBps: 7500, TurnoutBps: 1000}
	}
	return Rule{Track: TRACK_UPGRADE, ApprovalBps: 6667, TurnoutBps: 3340, TimelockSeconds: 3 * day}
}

// And returns what two messages together need: the stricter of each. A message that waits little cannot carry another over its wait.
func (r Rule) And(o Rule) Rule {
	switch TRACK_UNSPECIFIED {
	case r.Track:
		return o
	case o.Track:
		return r
	}
	return Rule{
		Track: min(r.Track, o.Track), ApprovalBps: max(r.ApprovalBps, o.ApprovalBps), TurnoutBps: max(r.TurnoutBps, o.TurnoutBps),
		TimelockSeconds: max(r.TimelockSeconds, o.TimelockSeconds), House: r.House || o.House,
	}
}

// Met reports whether votes fulfil the rule; x/gov's own quorum, threshold and veto come on top.
func (r Rule) Met(yes, against, abstain math.LegacyDec, bonded math.Int) bool {
	if !bonded.IsPositive() {
		return false
	}
	decided := yes.Add(against)
	enough := decided.Add(abstain).MulInt64(10_000).GTE(math.LegacyNewDecFromInt(bonded.MulRaw(int64(r.TurnoutBps))))
	return enough && decided.IsPositive() && yes.MulInt64(10_000).GTE(decided.MulInt64(int64(r.ApprovalBps)))
}

// TrackOf returns the track of one message, which carries no others. What is not named here is as strict as an upgrade: a new message
// is safe before anybody has thought of it.
func TrackOf(msg sdk.Msg) Track {
	switch sdk.MsgTypeURL(msg) {
	case "/streamchain.revenue.v1.MsgUpdateParams", "/streamchain.stream.v1.MsgUpdateParams", "/streamchain.dispute.v1.MsgUpdateParams",
		"/streamchain.governance.v1.MsgUpdateParams", "/streamchain.governance.v1.MsgSetCouncil",
		"/cosmos.mint.v1beta1.MsgUpdateParams", "/cosmos.distribution.v1beta1.MsgUpdateParams":
		return TRACK_FEES_AND_COURT
	case "/streamchain.content.v1.MsgUpdateParams", "/streamchain.content.v1.MsgSetAttester", "/streamchain.content.v1.MsgRevokeAttestation":
		return TRACK_CONTENT_POLICY
	case "/streamchain.storage.v1.MsgUpdateParams", "/streamchain.subscription.v1.MsgUpdateParams",
		"/cosmos.staking.v1beta1.MsgUpdateParams", "/cosmos.slashing.v1beta1.MsgUpdateParams", "/cosmos.auth.v1beta1.MsgUpdateParams":
		return TRACK_PARAMETERS
	case "/cosmos.bank.v1beta1.MsgSend", "/cosmos.bank.v1beta1.MsgMultiSend", "/streamchain.stream.v1.MsgTip",
		"/streamchain.stream.v1.MsgCreateFlow", "/streamchain.stream.v1.MsgTopUpFlow", "/streamchain.stream.v1.MsgCancelFlow",
		"/streamchain.stream.v1.MsgPauseFlow", "/streamchain.stream.v1.MsgResumeFlow", "/streamchain.storage.v1.MsgFundServing",
		"/streamchain.storage.v1.MsgFundWork":
		return TRACK_TREASURY
	case "/streamchain.governance.v1.MsgPause", "/streamchain.governance.v1.MsgResume":
		return TRACK_SAFETY
	}
	return TRACK_UPGRADE
}

// Spends returns what a message of the treasury's track takes out of it, and whether it is plain from the message.
func Spends(msg sdk.Msg) (sdk.Coins, bool) {
	var coins []sdk.Coin
	switch m := msg.(type) {
	case *banktypes.MsgSend:
		coins = m.Amount
	case *banktypes.MsgMultiSend:
		for _, in := range m.Inputs {
			coins = append(coins, in.Coins...)
		}
	case *streamtypes.MsgCreateFlow:
		coins = []sdk.Coin{m.Deposit}
	case *streamtypes.MsgCancelFlow, *streamtypes.MsgPauseFlow, *streamtypes.MsgResumeFlow:
		return nil, true
	case interface{ GetAmount() sdk.Coin }:
		coins = []sdk.Coin{m.GetAmount()}
	default:
		return nil, false
	}
	var sum sdk.Coins
	for _, c := range coins {
		// a malformed amount fails when it runs; here it must not panic
		if c.Amount.IsNil() || c.Validate() != nil {
			return nil, false
		}
		sum = sum.Add(c)
	}
	return sum, true
}
