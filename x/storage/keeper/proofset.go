package keeper

import (
	"context"
	"errors"
	"math/bits"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"

	"github.com/streamchain/streamchain/x/storage/types"
)

// proofState is a provider's standing, new and empty where it has none.
func (k *Keeper) proofState(ctx context.Context, operator string) (types.ProofState, error) {
	s, err := k.proofs.Get(ctx, operator)
	if errors.Is(err, collections.ErrNotFound) {
		return types.NewProofState(operator), nil
	}
	return s, err
}

// apply brings one provider's set up to date with one change, and drops the change. A deal that
// is there already, or gone already, stays so.
func (k *Keeper) apply(ctx context.Context, c types.SetChange) error {
	if err := k.changes.Remove(ctx, changeKeyOf(c)); err != nil {
		return err
	}
	s, err := k.proofState(ctx, c.Operator)
	if err != nil {
		return err
	}
	at, err := k.slotOf.Get(ctx, collections.Join(c.Operator, c.Work))
	if err != nil && !errors.Is(err, collections.ErrNotFound) {
		return err
	}
	switch known := err == nil; {
	case c.Add && !known:
		return k.appendSlot(ctx, s, types.ProofSlot{Work: c.Work, Size_: c.Size_, Void: c.Void})
	case !c.Add && known:
		return k.dropSlot(ctx, s, at)
	}
	return nil
}

// appendSlot adds a slot at the end of a set.
func (k *Keeper) appendSlot(ctx context.Context, s types.ProofState, slot types.ProofSlot) error {
	total, carry := bits.Add64(s.SetBytes, slot.Size_, 0)
	if carry > 0 || slot.Size_ == 0 {
		return errorsmod.Wrapf(types.ErrInvariant, "set of %s: %d bytes and %d", s.Operator, s.SetBytes, slot.Size_)
	}
	if s.SetSize == 0 {
		if err := k.counted.Set(ctx, s.Operator); err != nil {
			return err
		}
	}
	if err := k.putSlot(ctx, s.Operator, s.SetSize, slot); err != nil {
		return err
	}
	if err := k.appendSum(ctx, s.Operator, s.SetSize+1, slot.Size_); err != nil {
		return err
	}
	s.SetSize, s.SetBytes = s.SetSize+1, total
	return k.proofs.Set(ctx, s.Operator, s)
}

// dropSlot removes a slot; the last one takes its place, so that slots stay dense.
func (k *Keeper) dropSlot(ctx context.Context, s types.ProofState, at uint64) error {
	gone, err := k.slots.Get(ctx, collections.Join(s.Operator, at))
	if err != nil {
		return err
	}
	end := s.SetSize - 1
	last, err := k.slots.Get(ctx, collections.Join(s.Operator, end))
	if err != nil {
		return err
	}
	if err := k.slotOf.Remove(ctx, collections.Join(s.Operator, gone.Work)); err != nil {
		return err
	}
	if err := k.slots.Remove(ctx, collections.Join(s.Operator, end)); err != nil {
		return err
	}
	// node SetSize sums nothing but what ends with the last slot, and no other node has that slot
	if err := k.setSums.Remove(ctx, collections.Join(s.Operator, s.SetSize)); err != nil {
		return err
	}
	if at != end {
		if err := k.putSlot(ctx, s.Operator, at, last); err != nil {
			return err
		}
		if err := k.changeSums(ctx, s.Operator, at+1, end, last.Size_-gone.Size_); err != nil {
			return err
		}
	}
	s.SetSize, s.SetBytes = end, s.SetBytes-gone.Size_
	if end == 0 {
		if err := k.counted.Remove(ctx, s.Operator); err != nil {
			return err
		}
	}
	return k.proofs.Set(ctx, s.Operator, s)
}

func (k *Keeper) putSlot(ctx context.Context, operator string, at uint64, slot types.ProofSlot) error {
	if err := k.slots.Set(ctx, collections.Join(operator, at), slot); err != nil {
		return err
	}
	return k.slotOf.Set(ctx, collections.Join(operator, slot.Work), at)
}

// appendSum adds node n, from one, to a Fenwick tree of n-1: it sums the slots behind node
// n − lowbit(n) up to its own.
func (k *Keeper) appendSum(ctx context.Context, operator string, n, size uint64) error {
	for low, i := n&-n, n-1; i > n-low; i -= i & -i {
		part, err := k.setSums.Get(ctx, collections.Join(operator, i))
		if err != nil {
			return err
		}
		size += part
	}
	return k.setSums.Set(ctx, collections.Join(operator, n), size)
}

// changeSums adds delta, which may be negative modulo 2⁶⁴, to all nodes up to n that sum node i.
func (k *Keeper) changeSums(ctx context.Context, operator string, i, n, delta uint64) error {
	for ; i <= n; i += i & -i {
		sum, err := k.setSums.Get(ctx, collections.Join(operator, i))
		if err != nil {
			return err
		}
		if err := k.setSums.Set(ctx, collections.Join(operator, i), sum+delta); err != nil {
			return err
		}
	}
	return nil
}

var _ types.Set = frozenSet{}

// frozenSet is a provider's set as the draw sees it. Finding a byte reads one node for each
// doubling of the set, so a provider of a million deals proves for little more gas than one of ten.
type frozenSet struct {
	k     *Keeper
	ctx   context.Context
	state types.ProofState
}

// Size is the number of slots.
func (f frozenSet) Size() uint64 { return f.state.SetSize }

// Bytes is the sum of their sizes.
func (f frozenSet) Bytes() uint64 { return f.state.SetBytes }

// At is slot i.
func (f frozenSet) At(i uint64) (types.ProofSlot, error) {
	return f.k.slots.Get(f.ctx, collections.Join(f.state.Operator, i))
}

// Find is the slot that holds byte x, and which of its bytes that is.
func (f frozenSet) Find(x uint64) (i, offset uint64, err error) {
	for step := uint64(1) << (bits.Len64(f.Size()) - 1); step > 0; step >>= 1 {
		if i+step > f.Size() {
			continue
		}
		sum, err := f.k.setSums.Get(f.ctx, collections.Join(f.state.Operator, i+step))
		if err != nil {
			return 0, 0, err
		}
		if sum <= x {
			i, x = i+step, x-sum
		}
	}
	return i, x, nil
}
