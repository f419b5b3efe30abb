package keeper

import (
	"context"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"

	"github.com/streamchain/streamchain/x/governance/types"
)

// ruleOf returns what messages need together, which carry no others.
func (k *Keeper) ruleOf(ctx context.Context, msgs []sdk.Msg) types.Rule {
	var rule types.Rule
	var spent sdk.Coins
	large := false
	for _, msg := range msgs {
		track := types.TrackOf(msg)
		rule = rule.And(track.Rule())
		if track != types.TRACK_TREASURY {
			continue
		}
		coins, plain := types.Spends(msg)
		spent = spent.Add(coins...)
		large = large || !plain
	}
	for _, c := range spent {
		// c / treasury > LargeSpendBps / 10,000, of what is there when it is asked
		held := k.bank.GetBalance(ctx, k.account, c.Denom).Amount
		large = large || c.Amount.GT(math.MaxInt(held, math.ZeroInt()).MulRaw(types.LargeSpendBps).QuoRaw(10_000))
	}
	if large {
		rule.TurnoutBps = max(rule.TurnoutBps, types.LargeSpendTurnoutBps)
	}
	return rule
}

// RuleOf returns what a proposal of x/gov needs: the strictest of all that it would do. What is neither a MsgEnact nor readable
// counts as an upgrade. A proposal that does nothing has no rule of ours.
func (k *Keeper) RuleOf(ctx context.Context, p govv1.Proposal) types.Rule {
	if len(p.Messages) == 0 {
		return types.Rule{}
	}
	strictest := types.TRACK_UPGRADE.Rule()
	msgs, err := p.GetMsgs()
	if err != nil {
		return strictest
	}
	var rule types.Rule
	var enacted []sdk.Msg
	for _, msg := range msgs {
		enact, ok := msg.(*types.MsgEnact)
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
	return rule.And(k.ruleOf(ctx, enacted))
}
