package keeper

import (
	"context"

	"cosmossdk.io/collections"

	"github.com/streamchain/streamchain/x/storage/types"
)

// initProofs loads the clock of proofs and every provider's standing and set, with the indexes
// and sums that the sets imply.
func (k *Keeper) initProofs(ctx context.Context, gs types.GenesisState) error {
	if gs.Period.Begun() {
		if err := k.period.Set(ctx, gs.Period); err != nil {
			return err
		}
	}
	for _, set := range gs.ProofSets {
		s := types.NewProofState(set.Operator)
		for _, slot := range set.Slots {
			if err := k.appendSlot(ctx, s, slot); err != nil {
				return err
			}
			s.SetSize, s.SetBytes = s.SetSize+1, s.SetBytes+slot.Size_
		}
	}
	for _, s := range gs.ProofStates {
		if err := k.proofs.Set(ctx, s.Operator, s); err != nil {
			return err
		}
	}
	for _, c := range gs.SetChanges {
		if err := k.changes.Set(ctx, changeKeyOf(c), c); err != nil {
			return err
		}
	}
	for _, operator := range gs.Terminating {
		if err := k.terminating.Set(ctx, operator); err != nil {
			return err
		}
	}
	return nil
}

// exportProofs adds what initProofs loads.
func (k *Keeper) exportProofs(ctx context.Context, gs *types.GenesisState) (err error) {
	if gs.Period, err = k.Period(ctx); err != nil {
		return err
	}
	if gs.ProofStates, err = values(ctx, k.proofs); err != nil {
		return err
	}
	err = k.slots.Walk(ctx, nil, func(key slotKey, slot types.ProofSlot) (bool, error) {
		if last := len(gs.ProofSets) - 1; last < 0 || gs.ProofSets[last].Operator != key.K1() {
			gs.ProofSets = append(gs.ProofSets, types.ProofSet{Operator: key.K1()})
		}
		set := &gs.ProofSets[len(gs.ProofSets)-1]
		set.Slots = append(set.Slots, slot)
		return false, nil
	})
	if err != nil {
		return err
	}
	if gs.SetChanges, err = values(ctx, k.changes); err != nil {
		return err
	}
	return k.terminating.Walk(ctx, nil, func(operator string) (bool, error) {
		gs.Terminating = append(gs.Terminating, operator)
		return false, nil
	})
}

// checkProofs compares every index of proof sets with the sets, and every sum with the slots
// that it sums. The records themselves are checked as a genesis.
func (k *Keeper) checkProofs(ctx context.Context, gs types.GenesisState) error {
	slots := 0
	for _, set := range gs.ProofSets {
		counted, err := k.counted.Has(ctx, set.Operator)
		if err != nil || !counted {
			return invariant("%s has a set and is not counted", set.Operator)
		}
		total := make([]uint64, len(set.Slots)+1) // of the slots before i
		for i, slot := range set.Slots {
			slots++
			total[i+1] = total[i] + slot.Size_
			stored, err := k.slots.Get(ctx, collections.Join(set.Operator, uint64(i)))
			if err != nil || stored != slot {
				return invariant("slot %d of %s is not where it belongs", i, set.Operator)
			}
			if at, err := k.slotOf.Get(ctx, collections.Join(set.Operator, slot.Work)); err != nil || at != uint64(i) {
				return invariant("%s of %s does not lead to slot %d", slot.Work, set.Operator, i)
			}
			n := uint64(i + 1)
			if sum, err := k.setSums.Get(ctx, collections.Join(set.Operator, n)); err != nil || sum != total[n]-total[n-n&-n] {
				return invariant("sum %d of the set of %s", n, set.Operator)
			}
		}
	}
	for _, s := range gs.ProofStates {
		if stored, err := k.proofs.Get(ctx, s.Operator); err != nil || stored.Operator != s.Operator {
			return invariant("proof state of %s is stored under another id", s.Operator)
		}
	}
	for _, c := range gs.SetChanges {
		if stored, err := k.changes.Get(ctx, changeKeyOf(c)); err != nil || stored != c {
			return invariant("change of %s of %s is stored under another id", c.Work, c.Operator)
		}
	}
	if err := sameCount(ctx, "slots by deal", slots, k.slotOf.Walk); err != nil {
		return err
	}
	if err := sameCount(ctx, "sums of sets", slots, k.setSums.Walk); err != nil {
		return err
	}
	return sameCount(ctx, "counted sets", len(gs.ProofSets), walkKeys(k.counted))
}
