package app

import (
	"context"
	"slices"

	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
)

// income tells x/governance who has earned, from the totals of x/revenue.
type income struct{ totals revenuetypes.QueryServer }

// HasEarned reports whether anything was ever paid to a creator. x/revenue bounds how many denoms there are.
func (i income) HasEarned(ctx context.Context, creator string) (bool, error) {
	res, err := i.totals.Totals(ctx, &revenuetypes.QueryTotalsRequest{Subject: creator})
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(res.Totals, func(t revenuetypes.Total) bool { return t.CreatorPart.IsPositive() }), nil
}
