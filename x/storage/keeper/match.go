package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
	"github.com/streamchain/streamchain/x/storage/types"
)

// match returns a work's row counted up to now, new and empty where there is none.
func (k *Keeper) match(ctx context.Context, root string) (types.Match, error) {
	now, err := k.clock.Now(ctx)
	if err != nil {
		return types.Match{}, err
	}
	m, err := k.matches.Get(ctx, root)
	if errors.Is(err, collections.ErrNotFound) {
		return types.NewMatch(root, now), nil
	}
	return m.At(now), err
}

// RecordLeft counts ustream that a payment for the work whose first version is root left to burn
// and treasury. It emits nothing, for it runs in every payment, whose event names the parts.
// Errors: content's ErrInvalidWorkID, ErrInvalidAmount.
func (k *Keeper) RecordLeft(ctx context.Context, root string, amount math.Int) error {
	if _, err := contenttypes.ParseWorkID(root); err != nil {
		return err
	}
	if !amount.IsNil() && amount.IsZero() {
		return nil
	}
	if err := types.ValidateAmount(amount); err != nil {
		return err
	}
	m, err := k.match(ctx, root)
	if err != nil {
		return err
	}
	m.Left = m.Left.Add(amount)
	return k.matches.Set(ctx, root, m)
}

// MatchEmission credits a work's escrow with at most want ustream of emission, and no more than
// half of what its own revenue left in the last epoch, less what it was given since: whoever
// buys his own work gets back less than he left. It returns what was granted, which the caller
// must mint to the module account in the same block; the rest is not to be minted. It does not
// count as endowed, so the pool gives nothing for it. The caller's event names it.
// Errors: content's ErrInvalidWorkID, ErrInvalidAmount.
func (k *Keeper) MatchEmission(ctx context.Context, root string, want math.Int) (math.Int, error) {
	if _, err := contenttypes.ParseWorkID(root); err != nil {
		return math.Int{}, err
	}
	if err := types.ValidateAmount(want); err != nil {
		return math.Int{}, err
	}
	m, err := k.match(ctx, root)
	if err != nil {
		return math.Int{}, err
	}
	granted := math.MinInt(want, m.Allowance)
	if !granted.IsPositive() {
		return math.ZeroInt(), nil
	}
	m.Allowance = m.Allowance.Sub(granted)
	if err := k.matches.Set(ctx, root, m); err != nil {
		return math.Int{}, err
	}
	_, err = k.credit(ctx, root, granted)
	return granted, err
}

// Matchable returns the works after one, in the order of their roots, that emission may be
// matched for now. It looks at no more than limit rows, and returns the last of them, or nothing
// where there are no more.
func (k *Keeper) Matchable(ctx context.Context, after string, limit int) (roots []string, last string, err error) {
	now, err := k.clock.Now(ctx)
	if err != nil {
		return nil, "", err
	}
	ranger := new(collections.Range[string])
	if after != "" {
		ranger = ranger.StartExclusive(after)
	}
	seen := 0
	err = k.matches.Walk(ctx, ranger, func(root string, m types.Match) (bool, error) {
		if seen == limit {
			return true, nil
		}
		seen, last = seen+1, root
		if m.At(now).Allowance.IsPositive() {
			roots = append(roots, root)
		}
		return false, nil
	})
	if seen < limit {
		last = ""
	}
	return roots, last, err
}
