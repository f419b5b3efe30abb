package types

import (
	errorsmod "cosmossdk.io/errors"
)

// Limits of verification. They are constants: no vote can move them.
const (
	// MaxLevel is the highest level of verification.
	MaxLevel = 3
	// MaxAttestationSeconds is how far ahead an attestation may expire: 730 days.
	MaxAttestationSeconds = 730 * 24 * 3600
	// MaxAttestations bounds the attestations of one creator, so that reading its level is bounded.
	MaxAttestations = 64
	// QuarterSeconds is the time in which MaxIssued is counted: 90 days.
	QuarterSeconds = 90 * 24 * 3600
	// MaxIssued is how many attestations of level 2 or 3 an attester makes in a quarter: a bought attester must not
	// verify a crowd before anybody looks.
	MaxIssued = 100
)

// Prefixes and kinds of what expires.
const (
	// ExpiryAttestation marks an attestation in the queue of expiries.
	ExpiryAttestation uint32 = 1
	// ExpiryRotation marks a rotation in it.
	ExpiryRotation uint32 = 2
	// ExpiryReservation marks a reserved handle in it.
	ExpiryReservation uint32 = 3
)

// Quarter numbers the 90 days since 1970 in which a time lies.
func Quarter(now int64) int64 { return now / QuarterSeconds }

// ValidateLevel refuses what is not 1 to 3 with ErrInvalidLevel.
func ValidateLevel(level uint32) error {
	if level < 1 || level > MaxLevel {
		return errorsmod.Wrapf(ErrInvalidLevel, "%d", level)
	}
	return nil
}

// May reports whether an attester's word of that level counts.
func (a Attester) May(level uint32) bool {
	if !a.Active {
		return false
	}
	for _, l := range a.Levels {
		if l == level {
			return true
		}
	}
	return false
}

// Validate checks one stored attester by itself.
func (a Attester) Validate() error {
	if err := validateLower(a.Attester); err != nil {
		return err
	}
	if err := validateLevels(a.Levels); err != nil {
		return err
	}
	if a.SetAt <= 0 || a.Quarter < 0 || a.Issued > MaxIssued || a.Active && len(a.Levels) == 0 {
		return errorsmod.Wrapf(ErrInvalidGenesis, "attester %s", a.Attester)
	}
	return nil
}

func validateLevels(levels []uint32) error {
	last := uint32(0)
	for _, l := range levels {
		if err := ValidateLevel(l); err != nil {
			return err
		}
		if l <= last {
			return errorsmod.Wrapf(ErrInvalidLevel, "%v: each level once, rising", levels)
		}
		last = l
	}
	return nil
}

// Live reports whether the attestation has not expired at live time now.
func (a Attestation) Live(now int64) bool { return now < a.ExpiresAt }

// Validate checks one stored attestation by itself.
func (a Attestation) Validate() error {
	if _, err := ParseCreatorID(a.Creator); err != nil {
		return err
	}
	if err := validateLower(a.Attester); err != nil {
		return err
	}
	if err := ValidateLevel(a.Level); err != nil {
		return err
	}
	if err := ValidateHash(a.EvidenceHash); err != nil {
		return err
	}
	if a.AttestedAt <= 0 || a.ExpiresAt <= a.AttestedAt || a.ExpiresAt-a.AttestedAt > MaxAttestationSeconds {
		return errorsmod.Wrapf(ErrInvalidGenesis, "attestation of %s by %s: its times", a.Creator, a.Attester)
	}
	return nil
}

// Standing counts how many attestations stand at each level or above.
type Standing [MaxLevel]uint32

// Add counts an attestation of a level.
func (s *Standing) Add(level uint32) {
	for i := range s {
		if level > uint32(i) {
			s[i]++
		}
	}
}

// Level is the highest level n at which n attestations stand.
func (s Standing) Level() (level uint32) {
	for i, n := range s {
		if n >= uint32(i)+1 {
			level = uint32(i) + 1
		}
	}
	return level
}

// validateLower checks an address of a stored row: bech32 also allows all capitals, which would be a second name.
func validateLower(address string) error {
	addr, err := ParseAddress(address)
	if err != nil {
		return err
	}
	if addr.String() != address {
		return errorsmod.Wrapf(ErrInvalidAddress, "%q is not in lower case", address)
	}
	return nil
}

// Validate checks every field by itself.
func (m *MsgSetAttester) Validate() error {
	if _, err := ParseAddress(m.Authority); err != nil {
		return err
	}
	if _, err := ParseAddress(m.Attester); err != nil {
		return err
	}
	if m.Active && len(m.Levels) == 0 {
		return errorsmod.Wrap(ErrInvalidLevel, "an active attester has levels")
	}
	return validateLevels(m.Levels)
}

// Validate checks every field by itself.
func (m *MsgAttest) Validate() error {
	if _, err := ParseAddress(m.Attester); err != nil {
		return err
	}
	if _, err := ParseCreatorID(m.Creator); err != nil {
		return err
	}
	if err := ValidateLevel(m.Level); err != nil {
		return err
	}
	if m.Expires <= 0 {
		return errorsmod.Wrapf(ErrInvalidExpiry, "%d", m.Expires)
	}
	return ValidateHash(m.EvidenceHash)
}

// Validate checks every field by itself.
func (m *MsgRevokeAttestation) Validate() error {
	if _, err := ParseAddress(m.Signer); err != nil {
		return err
	}
	if _, err := ParseCreatorID(m.Creator); err != nil {
		return err
	}
	_, err := ParseAddress(m.Attester)
	return err
}
