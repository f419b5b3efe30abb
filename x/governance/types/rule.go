package types

import (
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// RuleOf returns what enacted messages need together, which carry no others. held is what the treasury has of a denom.
func RuleOf(msgs []sdk.Msg, held func(denom string) math.Int) Rule {
	var rule Rule
	var spent sdk.Coins
	large := false
	for _, msg := range msgs {
		track := TrackOf(msg)
		rule = rule.And(track.Rule())
		if track != TRACK_TREASURY {
			continue
		}
		coins, plain := Spends(msg)
		spent = spent.Add(coins...)
		large = large || !plain
	}
	for _, c := range spent {
		// c / treasury > LargeSpendBps / 10,000, of what is there when it is asked
		large = large || c.Amount.GT(math.MaxInt(held(c.Denom), math.ZeroInt()).MulRaw(LargeSpendBps).QuoRaw(10_000))
	}
	if large {
		rule.TurnoutBps = max(rule.TurnoutBps, LargeSpendTurnoutBps)
	}
	return rule
}

// ProposalRule returns what a proposal of x/gov needs that carries msgs: the strictest of all that it would do. What is no MsgEnact
// counts as an upgrade. A proposal that does nothing has no rule of ours.
func ProposalRule(msgs []sdk.Msg, held func(denom string) math.Int) Rule {
	strictest := TRACK_UPGRADE.Rule()
	var rule Rule
	var enacted []sdk.Msg
	for _, msg := range msgs {
		enact, ok := msg.(*MsgEnact)
		if !ok {
			rule = rule.And(strictest)
			continue
		}
		inner, err := enact.Msgs()
		if err != nil {
			return strictest
		}
		enacted = append(enacted, inner...)
	}
	// spends of several enactments of one proposal count together
	return rule.And(RuleOf(enacted, held))
}
