package types

import (
	"slices"

	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// Validate checks every field by itself. The message server calls it, so that it also
// holds inside authz and governance.
func (m *MsgClaim) Validate() error {
	if _, err := ParseAddress(m.Claimant); err != nil {
		return err
	}
	if m.Recipient != "" {
		if err := ValidateRecipient(m.Recipient); err != nil {
			return err
		}
	}
	if m.To != "" {
		if _, err := ParseAddress(m.To); err != nil {
			return err
		}
	}
	if len(m.Denoms) > MaxDenoms {
		return errorsmod.Wrapf(ErrInvalidClaim, "%d denoms", len(m.Denoms))
	}
	for i, denom := range m.Denoms {
		if err := ValidateDenom(denom); err != nil {
			return err
		}
		if slices.Contains(m.Denoms[:i], denom) {
			return errorsmod.Wrapf(ErrInvalidClaim, "%s occurs twice", denom)
		}
	}
	return nil
}

// Validate checks every field by itself.
func (m *MsgSetSplit) Validate() error {
	if _, err := ParseAddress(m.Controller); err != nil {
		return err
	}
	if err := ValidateSubject(m.Subject); err != nil {
		return err
	}
	return ValidateShares(m.Shares)
}

// Validate checks every field by itself.
func (m *MsgAcceptSplit) Validate() error {
	if _, err := ParseAddress(m.Recipient); err != nil {
		return err
	}
	if err := ValidateSubject(m.Subject); err != nil {
		return err
	}
	if m.Version == 0 {
		return errorsmod.Wrap(ErrSplitVersion, "0")
	}
	return nil
}

// Validate checks every field by itself.
func (m *MsgRefund) Validate() error {
	if _, err := ParseAddress(m.Controller); err != nil {
		return err
	}
	_, _, err := ParseHoldID(m.HoldId)
	return err
}

// Validate checks every field by itself.
func (m *MsgSetPayout) Validate() error {
	for _, a := range [2]string{m.Claimant, m.To} {
		if a == "" && m.Claimant != "" {
			continue
		}
		if _, err := ParseAddress(a); err != nil {
			return err
		}
	}
	if m.Recipient != "" {
		if err := ValidateRecipient(m.Recipient); err != nil {
			return err
		}
	}
	return ValidateThreshold(m.Threshold)
}

// ValidateThreshold refuses with ErrInvalidPayout what is neither zero nor at least MinPayout.
func ValidateThreshold(c sdk.Coin) error {
	if c.Amount.IsNil() || !c.IsValid() || (!c.IsZero() && c.Amount.LT(math.NewInt(MinPayout))) || c.Amount.BigIntMut().BitLen() > MaxGrossBits {
		return errorsmod.Wrapf(ErrInvalidPayout, "%.100q", c.Denom)
	}
	return nil
}

// Validate checks every field by itself.
func (m *MsgClaimRebate) Validate() error {
	_, err := ParseAddress(m.Viewer)
	return err
}

// Validate checks every field by itself.
func (m *MsgSetDerivationTerms) Validate() error {
	if _, err := ParseAddress(m.Controller); err != nil {
		return err
	}
	if err := validateWork(m.Work); err != nil {
		return err
	}
	if m.MinBps > MaxParentBps {
		return errorsmod.Wrapf(ErrInvalidTerms, "%d", m.MinBps)
	}
	return nil
}

// Validate checks every field by itself.
func (m *MsgAcceptDerivation) Validate() error {
	if _, err := ParseAddress(m.Controller); err != nil {
		return err
	}
	if err := validateWork(m.Work); err != nil {
		return err
	}
	return validateWork(m.Parent)
}

// validateWork refuses what is no work's cid.
func validateWork(s string) error {
	if IsCreatorID(s) {
		return errorsmod.Wrap(ErrNotWork, s)
	}
	return ValidateSubject(s)
}

// Validate checks every field by itself.
func (m *MsgUpdateParams) Validate() error {
	if _, err := ParseAddress(m.Authority); err != nil {
		return err
	}
	return m.Params.Validate()
}

// Parse returns the account that asks and the one that gets the coins.
func (m *MsgClaim) Parse() (claimant, to sdk.AccAddress, err error) {
	if claimant, err = ParseAddress(m.Claimant); err != nil || m.To == "" {
		return claimant, claimant, err
	}
	to, err = ParseAddress(m.To)
	return claimant, to, err
}
