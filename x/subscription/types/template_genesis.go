package types

import errorsmod "cosmossdk.io/errors"

// validateTemplates checks templates by themselves, and that offers and standings name them.
func (gs GenesisState) validateTemplates() error {
	last := make(map[string]uint64, len(gs.TemplateSequences))
	for _, s := range gs.TemplateSequences {
		if _, err := ParseAddress(s.Author); err != nil {
			return err
		}
		if _, twice := last[s.Author]; twice || s.Last == 0 {
			return errorsmod.Wrapf(ErrInvalidGenesis, "sequence of templates of %s", s.Author)
		}
		last[s.Author] = s.Last
	}
	known := make(map[string]Template, len(gs.Templates))
	for _, t := range gs.Templates {
		if err := t.Validate(); err != nil {
			return err
		}
		key, err := ParseTemplateID(t.Id)
		if err != nil {
			return err
		}
		// a number beyond the sequence would be given out again
		if _, twice := known[t.Id]; twice || key.Number > last[t.Author] {
			return errorsmod.Wrapf(ErrInvalidGenesis, "template %s", t.Id)
		}
		known[t.Id] = t
	}
	for _, l := range gs.Offers {
		for _, o := range l.Offers {
			if o.GetTemplate() == nil {
				continue
			}
			if err := requireKnown(known, o.GetTemplate().Terms); err != nil {
				return errorsmod.Wrapf(err, "offers of %s", l.Work)
			}
		}
	}
	return gs.validateStandings(known)
}

// requireKnown refuses terms whose template is not there for ever, or which do not fit it.
func requireKnown(known map[string]Template, terms TemplateTerms) error {
	t, ok := known[terms.Template]
	if !ok || !t.Used {
		return errorsmod.Wrapf(ErrInvalidGenesis, "no template %s that was used", terms.Template)
	}
	program, err := t.Program()
	if err != nil {
		return err
	}
	_, err = terms.Bind(program)
	return err
}

// validateStandings checks standings against templates, totals and each other.
func (gs GenesisState) validateStandings(known map[string]Template) error {
	counted := make(map[string]TemplateTotals)
	referrals := make(map[[2]string]uint64)
	seen := make(map[[2]string]bool, len(gs.TemplateStandings))
	for _, s := range gs.TemplateStandings {
		if err := s.Validate(); err != nil {
			return err
		}
		key := [2]string{s.Viewer, s.Work}
		if seen[key] {
			return errorsmod.Wrapf(ErrInvalidGenesis, "standing of %s in %s occurs twice", s.Viewer, s.Work)
		}
		seen[key] = true
		if s.Terms != nil {
			if err := requireKnown(known, *s.Terms); err != nil {
				return errorsmod.Wrapf(err, "standing of %s in %s", s.Viewer, s.Work)
			}
		}
		if s.Referrer != "" {
			referrals[[2]string{s.Referrer, s.Work}]++
		}
		sum, t := s.Sum(), counted[s.Work]
		t.Work, t.Sales, t.Gross = s.Work, t.Sales+sum.Purchases, plus(t.Gross, sum.Paid)
		if sum.Purchases > 0 {
			t.Buyers++
		}
		counted[s.Work] = t
	}
	brought := 0
	for _, s := range gs.TemplateStandings {
		if n := referrals[[2]string{s.Viewer, s.Work}]; n != s.Referrals {
			return errorsmod.Wrapf(ErrInvalidGenesis, "standing of %s in %s: %d referrals, not %d", s.Viewer, s.Work, n, s.Referrals)
		}
		if s.Referrals > 0 {
			brought++
		}
	}
	if brought != len(referrals) {
		return errorsmod.Wrap(ErrInvalidGenesis, "a referrer has no standing")
	}
	return gs.validateTotals(counted)
}

func (gs GenesisState) validateTotals(counted map[string]TemplateTotals) error {
	seen := make(map[string]bool, len(gs.TemplateTotals))
	for _, t := range gs.TemplateTotals {
		if err := t.Validate(); err != nil {
			return err
		}
		want := counted[t.Work]
		want.Work = t.Work
		if seen[t.Work] || t != want {
			return errorsmod.Wrapf(ErrInvalidGenesis, "totals of %s", t.Work)
		}
		seen[t.Work] = true
	}
	for _, s := range gs.TemplateStandings {
		if !seen[s.Work] {
			return errorsmod.Wrapf(ErrInvalidGenesis, "no totals of %s", s.Work)
		}
	}
	return nil
}
