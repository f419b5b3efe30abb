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
	return types.RuleOf(msgs, k.held(ctx))
}

// held returns what the treasury has of a denom.
func (k *Keeper) held(ctx context.Context) func(string) math.Int {
	return func(denom string) math.Int { return k.bank.GetBalance(ctx, k.account, denom).Amount }
}

// RuleOf returns what a proposal of x/gov needs: the strictest of all that it would do. What is neither a MsgEnact nor readable
// counts as an upgrade. A proposal that does nothing has no rule of ours.
func (k *Keeper) RuleOf(ctx context.Context, p govv1.Proposal) types.Rule {
	if len(p.Messages) == 0 {
		return types.Rule{}
	}
	msgs, err := p.GetMsgs()
	if err != nil {
		return types.TRACK_UPGRADE.Rule()
	}
	return types.ProposalRule(msgs, k.held(ctx))
}
