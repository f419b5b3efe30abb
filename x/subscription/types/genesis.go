package types

import errorsmod "cosmossdk.io/errors"

// DefaultGenesis has the default parameters and nothing else.
func DefaultGenesis() *GenesisState { return &GenesisState{Params: DefaultParams()} }

// Validate checks every record by itself and against the others: it is also a part of the
// keeper's CheckInvariants, which knows works and creators.
func (gs GenesisState) Validate() error {
	if err := gs.Params.Validate(); err != nil {
		return err
	}
	plans, err := gs.validatePlans()
	if err != nil {
		return err
	}
	if err := gs.validateOffers(plans); err != nil {
		return err
	}
	if err := gs.validateEntitlements(); err != nil {
		return err
	}
	if err := gs.validateRentals(); err != nil {
		return err
	}
	if err := gs.validateTrials(plans); err != nil {
		return err
	}
	if err := gs.validateTemplates(); err != nil {
		return err
	}
	if err := gs.validatePasses(); err != nil {
		return err
	}
	return gs.validateSubscriptions(plans)
}

// validatePlans returns the plans by id.
func (gs GenesisState) validatePlans() (map[string]Plan, error) {
	ids := make(map[string]Plan, len(gs.Plans))
	last := make(map[string]uint64)
	open := make(map[string]int)
	for _, r := range gs.Plans {
		if err := r.Validate(); err != nil {
			return nil, err
		}
		key, err := ParsePlanID(r.Plan.Id)
		if err != nil {
			return nil, err
		}
		creator := key.Creator.String()
		last[creator]++
		// a gap or a repeat would let the sequence give an id out twice
		if key.Number != last[creator] {
			return nil, errorsmod.Wrapf(ErrInvalidGenesis, "plan %s comes as number %d of its creator", r.Plan.Id, last[creator])
		}
		if !r.Plan.Closed {
			open[creator]++
		}
		if open[creator] > MaxOpenPlans {
			return nil, errorsmod.Wrapf(ErrInvalidGenesis, "creator %s has more than %d open plans", creator, MaxOpenPlans)
		}
		ids[r.Plan.Id] = r.Plan
	}
	return ids, nil
}

func (gs GenesisState) validateOffers(plans map[string]Plan) error {
	seen := make(map[string]bool, len(gs.Offers))
	for _, l := range gs.Offers {
		if err := l.Validate(); err != nil {
			return err
		}
		if seen[l.Work] {
			return errorsmod.Wrapf(ErrInvalidGenesis, "offers of %s occur twice", l.Work)
		}
		seen[l.Work] = true
		for _, id := range l.PlanIDs() {
			if plans[id].Id == "" {
				return errorsmod.Wrapf(ErrInvalidGenesis, "offers of %s: no plan %s", l.Work, id)
			}
		}
	}
	return nil
}

func (gs GenesisState) validateEntitlements() error {
	seen := make(map[[2]string]bool, len(gs.Entitlements))
	for _, e := range gs.Entitlements {
		if err := e.Validate(); err != nil {
			return err
		}
		key := [2]string{e.Viewer, e.Work}
		if seen[key] {
			return errorsmod.Wrapf(ErrInvalidGenesis, "purchase of %s by %s occurs twice", e.Work, e.Viewer)
		}
		seen[key] = true
	}
	return nil
}

func (gs GenesisState) validateRentals() error {
	seen := make(map[[2]string]bool, len(gs.Rentals))
	for _, r := range gs.Rentals {
		if err := r.Validate(); err != nil {
			return err
		}
		key := [2]string{r.Viewer, r.Work}
		if seen[key] {
			return errorsmod.Wrapf(ErrInvalidGenesis, "rental of %s by %s occurs twice", r.Work, r.Viewer)
		}
		seen[key] = true
	}
	return nil
}

func (gs GenesisState) validateTrials(plans map[string]Plan) error {
	seen := make(map[Trial]bool, len(gs.Trials))
	for _, t := range gs.Trials {
		if err := t.Validate(); err != nil {
			return err
		}
		if plans[t.Plan].Id == "" || seen[t] {
			return errorsmod.Wrapf(ErrInvalidGenesis, "trial of %s by %s is of no plan, or occurs twice", t.Plan, t.Viewer)
		}
		seen[t] = true
	}
	return nil
}

func (gs GenesisState) validateSubscriptions(plans map[string]Plan) error {
	seen := make(map[[2]string]bool, len(gs.Subscriptions))
	for _, s := range gs.Subscriptions {
		plan := plans[s.Plan]
		if plan.Id == "" {
			return errorsmod.Wrapf(ErrInvalidGenesis, "subscription of %s: no plan %s", s.Viewer, s.Plan)
		}
		if err := s.Validate(plan); err != nil {
			return err
		}
		key := [2]string{s.Viewer, s.Plan}
		if seen[key] {
			return errorsmod.Wrapf(ErrInvalidGenesis, "subscription of %s to %s occurs twice", s.Viewer, s.Plan)
		}
		seen[key] = true
	}
	return nil
}
