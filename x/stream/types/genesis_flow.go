package types

import errorsmod "cosmossdk.io/errors"

// validateMoney checks flows and emission.
func (gs GenesisState) validateMoney() error {
	last := make(map[string]uint64, len(gs.FlowSequences))
	for _, s := range gs.FlowSequences {
		if _, err := ParseAddress(s.Sender); err != nil {
			return err
		}
		if _, twice := last[s.Sender]; twice || s.Last == 0 {
			return errorsmod.Wrapf(ErrInvalidGenesis, "flow sequence of %s: twice or zero", s.Sender)
		}
		last[s.Sender] = s.Last
	}
	seen := make(map[string]bool, len(gs.Flows))
	for _, f := range gs.Flows {
		if err := f.Validate(); err != nil {
			return err
		}
		if seen[f.Id] || f.Sequence > last[f.Sender] {
			return errorsmod.Wrapf(ErrInvalidGenesis, "flow %s: twice, or its sender has had fewer", f.Id)
		}
		seen[f.Id] = true
	}
	if gs.Emission == nil {
		return nil
	}
	return gs.Emission.Validate()
}

// Equal reports whether two flows are the same in all they say.
func (f Flow) Equal(o Flow) bool {
	if o.RateAmount.IsNil() || f.RateAmount.IsNil() || !f.RateAmount.Equal(o.RateAmount) || !f.Balance.Equal(o.Balance) || !f.Accrued.Equal(o.Accrued) {
		return false
	}
	f.RateAmount, f.Balance, f.Accrued = o.RateAmount, o.Balance, o.Accrued
	return f == o
}
