package keeper

import (
	"context"
	"errors"
	"math/bits"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"

	"github.com/streamchain/streamchain/x/dispute/types"
)

// The stakes from which juries are drawn are a Fenwick tree over slots 1 to n: node i sums the
// weights of the lowbit(i) slots that end with i. Changing a weight and finding a place read and
// write one node for each doubling of n.

// setWeight writes a juror with a new weight, and gives it a slot or takes it away. The row that
// the caller has is old afterwards. Nothing is emitted.
func (k *Keeper) setWeight(ctx context.Context, j types.Juror, weight uint64) error {
	addr, err := types.ParseAddress(j.Address)
	if err != nil {
		return err
	}
	total, err := k.treeTotal(ctx)
	if err != nil {
		return err
	}
	grown, carry := bits.Add64(total-j.Weight, weight, 0)
	if carry > 0 {
		return errorsmod.Wrap(types.ErrInvariant, "the stakes overflow")
	}
	n, err := k.treeSize(ctx)
	if err != nil {
		return err
	}
	delta := weight - j.Weight // may be negative modulo 2⁶⁴
	j.Weight = weight
	switch {
	case j.Slot == 0 && weight > 0:
		j.Slot = n + 1
		err = k.appendSlot(ctx, j.Slot, addr, weight)
	case j.Slot > 0 && weight == 0:
		slot := j.Slot
		j.Slot = 0
		err = k.dropSlot(ctx, slot, n, delta)
	case j.Slot > 0:
		err = k.changeSums(ctx, j.Slot, n, delta)
	}
	if err != nil {
		return err
	}
	if err := k.total.Set(ctx, grown); err != nil {
		return err
	}
	if j.Gone() {
		return k.jurors.Remove(ctx, addr)
	}
	return k.jurors.Set(ctx, addr, j)
}

// appendSlot adds node n, from one, to a tree of n-1.
func (k *Keeper) appendSlot(ctx context.Context, n uint64, addr []byte, weight uint64) error {
	sum := weight
	for low, i := n&-n, n-1; i > n-low; i -= i & -i {
		part, err := k.sums.Get(ctx, i)
		if err != nil {
			return err
		}
		sum += part
	}
	if err := k.sums.Set(ctx, n, sum); err != nil {
		return err
	}
	if err := k.slots.Set(ctx, n, addr); err != nil {
		return err
	}
	return k.slotCount.Set(ctx, n)
}

// dropSlot removes a slot; the last one takes its place, so that slots stay dense. gone is what
// the slot's weight changes by.
func (k *Keeper) dropSlot(ctx context.Context, at, end, gone uint64) error {
	last, err := k.slots.Get(ctx, end)
	if err != nil {
		return err
	}
	// node end sums nothing but what ends with the last slot, and no other node has that slot
	if err := k.sums.Remove(ctx, end); err != nil {
		return err
	}
	if err := k.slots.Remove(ctx, end); err != nil {
		return err
	}
	if err := k.slotCount.Set(ctx, end-1); err != nil || at == end {
		return err
	}
	mover, err := k.jurors.Get(ctx, last)
	if err != nil {
		return err
	}
	mover.Slot = at
	if err := k.jurors.Set(ctx, last, mover); err != nil {
		return err
	}
	if err := k.slots.Set(ctx, at, last); err != nil {
		return err
	}
	return k.changeSums(ctx, at, end-1, mover.Weight+gone)
}

// changeSums adds delta, which may be negative modulo 2⁶⁴, to all nodes up to n that sum slot i.
func (k *Keeper) changeSums(ctx context.Context, i, n, delta uint64) error {
	for ; i <= n; i += i & -i {
		sum, err := k.sums.Get(ctx, i)
		if err != nil {
			return err
		}
		if err := k.sums.Set(ctx, i, sum+delta); err != nil {
			return err
		}
	}
	return nil
}

// findSlot is the address in whose weight place x of the line lies. x must be below the total.
func (k *Keeper) findSlot(ctx context.Context, n, x uint64) ([]byte, error) {
	i := uint64(0)
	for step := uint64(1) << (bits.Len64(n) - 1); step > 0; step >>= 1 {
		if i+step > n {
			continue
		}
		sum, err := k.sums.Get(ctx, i+step)
		if err != nil {
			return nil, err
		}
		if sum <= x {
			i, x = i+step, x-sum
		}
	}
	return k.slots.Get(ctx, i+1)
}

func (k *Keeper) treeSize(ctx context.Context) (uint64, error) {
	return zeroWhereMissing(k.slotCount.Get(ctx))
}

func (k *Keeper) treeTotal(ctx context.Context) (uint64, error) {
	return zeroWhereMissing(k.total.Get(ctx))
}

func zeroWhereMissing(n uint64, err error) (uint64, error) {
	if errors.Is(err, collections.ErrNotFound) {
		return 0, nil
	}
	return n, err
}
