package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"

	"github.com/streamchain/streamchain/x/storage/types"
)

// setAdd puts a deal that became active into its provider's proof set, from the period after
// the next on: the set of the next one is frozen since before the first reveal of this one,
// out of which its seed comes.
func (k *Keeper) setAdd(ctx context.Context, d types.Deal) error {
	p, err := k.Period(ctx)
	if err != nil {
		return err
	}
	c, err := k.changes.Get(ctx, collections.Join3(p.Number+1, d.Operator, d.Work))
	switch {
	case err == nil && !c.Add:
		// it has never left; what waited was its removal
		if err := k.changes.Remove(ctx, changeKeyOf(c)); err != nil {
			return err
		}
		return k.setVoid(ctx, p.Number, d, false)
	case err != nil && !errors.Is(err, collections.ErrNotFound):
		return err
	}
	c = types.SetChange{Period: p.Number + 1, Operator: d.Operator, Work: d.Work, Add: true, Size_: d.PieceSize}
	return k.changes.Set(ctx, changeKeyOf(c), c)
}

// setRemove takes a deal that was active out of its provider's proof set, from the period
// after the next on. void says that it ended by no doing of the provider: challenges that fall
// on it are drawn again from now on. Else its bytes must be kept until the removal is applied.
func (k *Keeper) setRemove(ctx context.Context, d types.Deal, void bool) error {
	p, err := k.Period(ctx)
	if err != nil {
		return err
	}
	c, err := k.changes.Get(ctx, collections.Join3(p.Number+1, d.Operator, d.Work))
	if err == nil && c.Add {
		// it came since the period began, so no set has it
		return k.changes.Remove(ctx, changeKeyOf(c))
	}
	if err != nil && !errors.Is(err, collections.ErrNotFound) {
		return err
	}
	c = types.SetChange{Period: p.Number + 1, Operator: d.Operator, Work: d.Work}
	if err := k.changes.Set(ctx, changeKeyOf(c), c); err != nil || !void {
		return err
	}
	return k.setVoid(ctx, p.Number, d, true)
}

// setVoid marks the slot of a deal, or the older change that will bring it.
func (k *Keeper) setVoid(ctx context.Context, number uint64, d types.Deal, void bool) error {
	i, err := k.slotOf.Get(ctx, collections.Join(d.Operator, d.Work))
	if err == nil {
		at := collections.Join(d.Operator, i)
		slot, err := k.slots.Get(ctx, at)
		if err != nil {
			return err
		}
		slot.Void = void
		return k.slots.Set(ctx, at, slot)
	}
	if !errors.Is(err, collections.ErrNotFound) {
		return err
	}
	c, err := k.changes.Get(ctx, collections.Join3(number, d.Operator, d.Work))
	if errors.Is(err, collections.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	c.Void = c.Add && void
	return k.changes.Set(ctx, changeKeyOf(c), c)
}

// missedSeconds is how much time missed periods have cost a provider.
func (k *Keeper) missedSeconds(ctx context.Context, operator string) (uint64, error) {
	s, err := k.proofState(ctx, operator)
	return s.MissedSeconds, err
}

func changeKeyOf(c types.SetChange) changeKey { return collections.Join3(c.Period, c.Operator, c.Work) }
