package types

import errorsmod "cosmossdk.io/errors"

// AcceptSeconds is how long after its delay a rotation can be accepted: 7 days. Without an end, a key that was named once
// could take the creator over years later.
const AcceptSeconds = 7 * 24 * 3600

// Validate checks one stored rotation by itself.
func (r Rotation) Validate() error {
	if _, err := ParseCreatorID(r.Creator); err != nil {
		return err
	}
	if err := validateLower(r.Controller); err != nil {
		return err
	}
	if err := validateLower(r.NewController); err != nil {
		return err
	}
	if r.Controller == r.NewController || r.RequestedAt <= 0 || r.ReadyAt <= r.RequestedAt || r.ExpiresAt <= r.ReadyAt {
		return errorsmod.Wrapf(ErrInvalidGenesis, "rotation of %s", r.Creator)
	}
	return nil
}

// Live reports whether the rotation can be accepted now or later.
func (r Rotation) Live(now int64) bool { return now < r.ExpiresAt }

// Validate checks every field by itself.
func (m *MsgRotateController) Validate() error {
	if _, err := ParseAddress(m.Controller); err != nil {
		return err
	}
	if _, err := ParseCreatorID(m.Creator); err != nil {
		return err
	}
	_, err := ParseAddress(m.NewController)
	return err
}

// Validate checks every field by itself.
func (m *MsgVetoRotation) Validate() error {
	if _, err := ParseAddress(m.Controller); err != nil {
		return err
	}
	_, err := ParseCreatorID(m.Creator)
	return err
}

// Validate checks every field by itself.
func (m *MsgAcceptRotation) Validate() error {
	if _, err := ParseAddress(m.NewController); err != nil {
		return err
	}
	_, err := ParseCreatorID(m.Creator)
	return err
}

// validateVerification checks attesters, attestations and rotations against the creators.
func (gs GenesisState) validateVerification(creators map[string]bool) error {
	attesters := make(map[string]bool, len(gs.Attesters))
	for _, a := range gs.Attesters {
		if err := a.Validate(); err != nil {
			return err
		}
		if attesters[a.Attester] {
			return errorsmod.Wrapf(ErrInvalidGenesis, "attester %s occurs twice", a.Attester)
		}
		attesters[a.Attester] = true
	}
	count := make(map[string]int, len(gs.Attestations))
	seen := make(map[string]bool, len(gs.Attestations))
	for _, a := range gs.Attestations {
		if err := a.Validate(); err != nil {
			return err
		}
		key := a.Creator + "/" + a.Attester
		count[a.Creator]++
		if seen[key] || !creators[a.Creator] || !attesters[a.Attester] || count[a.Creator] > MaxAttestations {
			return errorsmod.Wrapf(ErrInvalidGenesis, "attestation of %s by %s: twice, one too many, or of nobody", a.Creator, a.Attester)
		}
		seen[key] = true
	}
	return gs.validateRotations(creators)
}

func (gs GenesisState) validateRotations(creators map[string]bool) error {
	controllers := make(map[string]string, len(gs.Creators))
	for _, c := range gs.Creators {
		controllers[c.Id] = c.Controller
	}
	seen := make(map[string]bool, len(gs.Rotations))
	for _, r := range gs.Rotations {
		if err := r.Validate(); err != nil {
			return err
		}
		if seen[r.Creator] || !creators[r.Creator] || controllers[r.Creator] != r.Controller {
			return errorsmod.Wrapf(ErrInvalidGenesis, "rotation of %s: twice, of nobody or by another controller", r.Creator)
		}
		seen[r.Creator] = true
	}
	return nil
}
