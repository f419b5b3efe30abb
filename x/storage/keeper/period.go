package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/storage/types"
)

// Period is where the clock of proofs stands.
func (k *Keeper) Period(ctx context.Context) (types.Period, error) {
	p, err := k.period.Get(ctx)
	if errors.Is(err, collections.ErrNotFound) {
		return types.NoPeriod(), nil
	}
	return p, err
}

// Seed is the chain's newest public randomness and the number of the period whose challenges it
// draws: the next one's where the newest period is closed, else that one's own. To draw for your
// own module, freeze what is drawn from in period n, and draw with the seed of a period of n+2
// or later: it comes out of reveals that nobody had seen in n. Whoever withholds a reveal
// chooses between two seeds, at the price of a missed proof. Errors: ErrNotBegun.
func (k *Keeper) Seed(ctx context.Context) (period uint64, seed [32]byte, err error) {
	p, err := k.Period(ctx)
	switch {
	case err != nil:
		return 0, seed, err
	case !p.Begun():
		return 0, seed, types.ErrNotBegun
	case p.Open():
		return p.Number, [32]byte(p.Seed), nil
	}
	return p.Number + 1, [32]byte(p.NextSeed), nil
}

// stepPeriod moves the clock of proofs by at most one step: it is moved by blocks and not
// computed from time, so that no halt, however long, can close a window that nobody could use.
func (k *Keeper) stepPeriod(ctx context.Context, now int64) error {
	p, err := k.Period(ctx)
	if err != nil {
		return err
	}
	params, err := k.Params(ctx)
	if err != nil {
		return err
	}
	sdkCtx := sdk.UnwrapSDKContext(ctx)
	switch {
	case p.OpenedHeight > sdkCtx.BlockHeight():
		// the chain was exported and begins anew: its window has as many blocks as any
		p.OpenedHeight = sdkCtx.BlockHeight()
		return k.period.Set(ctx, p)
	case !p.Begun():
		return k.period.Set(ctx, types.FirstPeriod(sdkCtx.ChainID(), now, sdkCtx.BlockHeight()))
	case p.CanClose(params, now, sdkCtx.BlockHeight()):
		p = p.Close(sdkCtx.ChainID())
		if err := k.period.Set(ctx, p); err != nil {
			return err
		}
		return emit(ctx, &types.EventPeriodClosed{Period: p})
	case p.Open():
		return nil
	case !p.Counted:
		return k.count(ctx, p)
	}
	applied, err := k.applyDue(ctx, p)
	if err != nil || applied > 0 || !p.CanOpenNext(params, now) {
		return err
	}
	p = p.Next(params, now, sdkCtx.BlockHeight())
	if err := k.period.Set(ctx, p); err != nil {
		return err
	}
	if err := k.updateMedian(ctx); err != nil {
		return err
	}
	return emit(ctx, &types.EventPeriodOpened{Period: p})
}

// count finds the next MaxCount providers that did not prove. Sets do not change before all
// are counted.
func (k *Keeper) count(ctx context.Context, p types.Period) error {
	var operators []string
	err := k.counted.Walk(ctx, new(collections.Range[string]).StartExclusive(p.Cursor), func(operator string) (bool, error) {
		operators = append(operators, operator)
		return len(operators) == types.MaxCount, nil
	})
	if err != nil {
		return err
	}
	for _, operator := range operators {
		err := safely(ctx, func(ctx sdk.Context) error { return k.countOne(ctx, operator, p.Number) })
		if err == nil {
			continue
		}
		if err := emit(ctx, &types.EventProofStepFailed{Operator: operator, Period: p.Number}); err != nil {
			return err
		}
	}
	if len(operators) < types.MaxCount {
		p.Counted, p.Cursor = true, ""
	} else {
		p.Cursor = operators[len(operators)-1]
	}
	return k.period.Set(ctx, p)
}

// countOne books a miss where a provider has sent no proof.
func (k *Keeper) countOne(ctx context.Context, operator string, number uint64) error {
	s, err := k.proofState(ctx, operator)
	if err != nil || s.Answered >= number {
		return err
	}
	return k.miss(ctx, s, number, nil)
}

// applyDue applies the first MaxCount changes that are due, and returns how many there were.
func (k *Keeper) applyDue(ctx context.Context, p types.Period) (int, error) {
	var due []types.SetChange
	err := k.changes.Walk(ctx, nil, func(key changeKey, c types.SetChange) (bool, error) {
		if key.K1() > p.Number || len(due) == types.MaxCount {
			return true, nil
		}
		due = append(due, c)
		return false, nil
	})
	if err != nil {
		return 0, err
	}
	for _, c := range due {
		if err := safely(ctx, func(ctx sdk.Context) error { return k.apply(ctx, c) }); err == nil {
			continue
		}
		if err := k.putOffChange(ctx, c, p.Number); err != nil {
			return 0, err
		}
	}
	return len(due), nil
}

// putOffChange moves a change that could not be applied to the next period, so that it does not
// hold up the clock. A newer change of the same deal there says more than it.
func (k *Keeper) putOffChange(ctx context.Context, c types.SetChange, number uint64) error {
	if err := k.changes.Remove(ctx, changeKeyOf(c)); err != nil {
		return err
	}
	c.Period = number + 1
	newer, err := k.changes.Has(ctx, changeKeyOf(c))
	if err != nil {
		return err
	}
	if !newer {
		if err := k.changes.Set(ctx, changeKeyOf(c), c); err != nil {
			return err
		}
	}
	return emit(ctx, &types.EventProofStepFailed{Operator: c.Operator, Work: c.Work, Period: number})
}
