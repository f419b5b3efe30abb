package types

import (
	"maps"
	"math/bits"

	errorsmod "cosmossdk.io/errors"
)

// validateProofs checks the clock of proofs, every provider's standing and set, and what waits
// for a period. Once all that waits is applied, a provider's set is its active deals.
func (gs GenesisState) validateProofs() error {
	if err := gs.Period.Validate(); err != nil {
		return err
	}
	providers := make(map[string]Provider, len(gs.Providers))
	for _, p := range gs.Providers {
		providers[p.Operator] = p
	}
	sets, err := gs.setsByOperator()
	if err != nil {
		return err
	}
	states, err := gs.validateStates(providers, sets)
	if err != nil {
		return err
	}
	if err := gs.validateTerminating(providers); err != nil {
		return err
	}
	if err := gs.applyChanges(providers, sets); err != nil {
		return err
	}
	active := make(map[string]map[string]uint64, len(gs.Providers))
	for _, d := range gs.Deals {
		if d.MissedSeconds > states[d.Operator].MissedSeconds {
			return errorsmod.Wrapf(ErrInvalidGenesis, "deal %s of %s: missed_seconds above its provider's", d.Work, d.Operator)
		}
		if d.Status != DEAL_STATUS_ACTIVE {
			continue
		}
		if active[d.Operator] == nil {
			active[d.Operator] = map[string]uint64{}
		}
		active[d.Operator][d.Work] = d.PieceSize
	}
	for _, p := range gs.Providers {
		if !maps.Equal(sets[p.Operator], active[p.Operator]) {
			return errorsmod.Wrapf(ErrInvalidGenesis, "proof set of %s: with what waits it is not its active deals", p.Operator)
		}
	}
	return nil
}

// setsByOperator is the size of each work in each set.
func (gs GenesisState) setsByOperator() (map[string]map[string]uint64, error) {
	sets := make(map[string]map[string]uint64, len(gs.ProofSets))
	for _, set := range gs.ProofSets {
		if sets[set.Operator] != nil || len(set.Slots) == 0 {
			return nil, errorsmod.Wrapf(ErrInvalidGenesis, "proof set of %s: twice, or empty", set.Operator)
		}
		works := make(map[string]uint64, len(set.Slots))
		for _, s := range set.Slots {
			// a slot is a change that has been applied
			if err := (SetChange{Operator: set.Operator, Work: s.Work, Add: true, Size_: s.Size_}).Validate(); err != nil {
				return nil, err
			}
			if _, twice := works[s.Work]; twice {
				return nil, errorsmod.Wrapf(ErrInvalidGenesis, "proof set of %s: %s twice", set.Operator, s.Work)
			}
			works[s.Work] = s.Size_
		}
		sets[set.Operator] = works
	}
	return sets, nil
}

// setSum is the sum of a set's sizes, and whether it is more than can be counted.
type setSum struct {
	bytes uint64
	over  bool
}

func sumOf(set ProofSet) (sum setSum) {
	for _, slot := range set.Slots {
		total, carry := bits.Add64(sum.bytes, slot.Size_, 0)
		sum = setSum{total, sum.over || carry > 0}
	}
	return sum
}

// validateStates compares each standing with its set. Every set has one.
func (gs GenesisState) validateStates(providers map[string]Provider, sets map[string]map[string]uint64) (map[string]ProofState, error) {
	states := make(map[string]ProofState, len(gs.ProofStates))
	sums := make(map[string]setSum, len(gs.ProofSets))
	for _, set := range gs.ProofSets {
		sums[set.Operator] = sumOf(set)
	}
	found := 0
	for _, s := range gs.ProofStates {
		if err := s.Validate(); err != nil {
			return nil, err
		}
		_, twice := states[s.Operator]
		if _, known := providers[s.Operator]; twice || !known || s.Answered > gs.Period.Number {
			return nil, errorsmod.Wrapf(ErrInvalidGenesis, "proof state of %s: twice, of no provider, or ahead of the period", s.Operator)
		}
		size, set := uint64(len(sets[s.Operator])), sums[s.Operator]
		if s.SetSize != size || s.SetBytes != set.bytes || set.over {
			return nil, errorsmod.Wrapf(ErrInvalidGenesis, "proof state of %s: set_size or set_bytes are not those of its set", s.Operator)
		}
		if size > 0 {
			found++
		}
		states[s.Operator] = s
	}
	if found != len(sets) {
		return nil, errorsmod.Wrap(ErrInvalidGenesis, "a proof set has no proof state")
	}
	return states, nil
}

// validateTerminating holds the list to those that are leaving, and nobody else may leave with deals.
func (gs GenesisState) validateTerminating(providers map[string]Provider) error {
	ending := make(map[string]bool, len(gs.Terminating))
	for _, operator := range gs.Terminating {
		if ending[operator] || providers[operator].Status != PROVIDER_STATUS_LEAVING {
			return errorsmod.Wrapf(ErrInvalidGenesis, "terminating %s: twice, or not leaving", operator)
		}
		ending[operator] = true
	}
	for _, p := range gs.Providers {
		if p.Status == PROVIDER_STATUS_LEAVING && p.ActiveDeals > 0 && !ending[p.Operator] {
			return errorsmod.Wrapf(ErrInvalidGenesis, "provider %s: leaving, yet with active deals", p.Operator)
		}
	}
	return nil
}

// applyChanges checks what waits and applies it to the sets, the near period before the far one.
func (gs GenesisState) applyChanges(providers map[string]Provider, sets map[string]map[string]uint64) error {
	type key struct {
		operator, work string
		period         uint64
	}
	seen := make(map[key]bool, len(gs.SetChanges))
	for _, period := range []uint64{gs.Period.Number, gs.Period.Number + 1} {
		for _, c := range gs.SetChanges {
			if c.Period != period {
				continue
			}
			if err := c.Validate(); err != nil {
				return err
			}
			at := key{c.Operator, c.Work, period}
			if _, known := providers[c.Operator]; !known || seen[at] {
				return errorsmod.Wrapf(ErrInvalidGenesis, "change of %s of %s: twice, or of no provider", c.Work, c.Operator)
			}
			seen[at] = true
			if sets[c.Operator] == nil {
				sets[c.Operator] = map[string]uint64{}
			}
			if _, in := sets[c.Operator][c.Work]; in == c.Add {
				return errorsmod.Wrapf(ErrInvalidGenesis, "change of %s of %s: it changes nothing", c.Work, c.Operator)
			}
			if c.Add {
				sets[c.Operator][c.Work] = c.Size_
			} else {
				delete(sets[c.Operator], c.Work)
			}
		}
	}
	if len(seen) != len(gs.SetChanges) {
		return errorsmod.Wrap(ErrInvalidGenesis, "a change of a set waits for a period that is neither the newest nor the next")
	}
	return nil
}
