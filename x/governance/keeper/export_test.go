package keeper

import (
	"context"

	"github.com/streamchain/streamchain/x/governance/types"
)

// Decide is what the tally asks of a rule.
func (k *Keeper) Decide(ctx context.Context, rule types.Rule, c Count, votes []Ballot) (bool, HouseCount, error) {
	return k.met(ctx, rule, c, votes)
}
