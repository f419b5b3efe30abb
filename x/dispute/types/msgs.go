package types

import (
	errorsmod "cosmossdk.io/errors"

	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
)

// Validate checks every field by itself.
func (m *MsgOpenDispute) Validate() error {
	if _, err := ParseAddress(m.Claimant); err != nil {
		return err
	}
	if !m.Kind.Known() {
		return errorsmod.Wrapf(ErrInvalidKind, "%d", m.Kind)
	}
	if m.Subject == "" || len(m.Subject) > 200 {
		return errorsmod.Wrap(ErrInvalidSubject, "empty or too long")
	}
	if err := ValidateEvidence(m.Evidence); err != nil {
		return err
	}
	if err := validateAmount("bond", m.Bond); err != nil {
		return err
	}
	if err := validateOptional("amount", m.Amount); err != nil {
		return err
	}
	if m.Kind != KIND_REFUND && OrZero(m.Amount).IsPositive() {
		return errorsmod.Wrap(ErrInvalidAmount, "only a refund contests an amount on opening")
	}
	if m.Interim && !m.Kind.Restricts() {
		return errorsmod.Wrap(ErrNoInterim, m.Kind.String())
	}
	return m.validateShares()
}

func (m *MsgOpenDispute) validateShares() error {
	if m.Kind != KIND_SPLIT {
		if len(m.Shares) > 0 {
			return errorsmod.Wrap(ErrInvalidShares, m.Kind.String())
		}
		return nil
	}
	if err := revenuetypes.ValidateShares(m.Shares); err != nil {
		return errorsmod.Wrap(ErrInvalidShares, err.Error())
	}
	for _, s := range m.Shares {
		if s.Recipient == m.Claimant {
			return nil
		}
	}
	return errorsmod.Wrap(ErrInvalidShares, "the claimant has no share")
}

// Validate checks every field by itself.
func (m *MsgRespond) Validate() error {
	if _, err := ParseAddress(m.Responder); err != nil {
		return err
	}
	return ValidateEvidence(m.Evidence)
}

// Validate checks every field by itself.
func (m *MsgAddEvidence) Validate() error {
	if _, err := ParseAddress(m.Party); err != nil {
		return err
	}
	return ValidateEvidence(m.Evidence)
}

// Validate checks every field by itself.
func (m *MsgContestHold) Validate() error {
	if _, err := ParseAddress(m.Claimant); err != nil {
		return err
	}
	if err := validateOptional("amount", m.Amount); err != nil {
		return err
	}
	return validateOptional("add_bond", m.AddBond)
}

// Validate checks every field by itself.
func (m *MsgAppeal) Validate() error {
	if _, err := ParseAddress(m.Appellant); err != nil {
		return err
	}
	if err := ValidateEvidence(m.Evidence); err != nil {
		return err
	}
	return validateAmount("max_bond", m.MaxBond)
}

// Validate checks every field by itself.
func (m *MsgCommitVote) Validate() error {
	if _, err := ParseAddress(m.Juror); err != nil {
		return err
	}
	if len(m.Commit) != HashLen {
		return errorsmod.Wrapf(ErrInvalidHash, "commit: %d bytes", len(m.Commit))
	}
	return nil
}

// Validate checks every field by itself.
func (m *MsgRevealVote) Validate() error {
	if _, err := ParseAddress(m.Juror); err != nil {
		return err
	}
	if !m.Choice.Known() {
		return errorsmod.Wrapf(ErrInvalidChoice, "%d", m.Choice)
	}
	if len(m.Salt) != HashLen {
		return errorsmod.Wrapf(ErrInvalidHash, "salt: %d bytes", len(m.Salt))
	}
	return nil
}

// Validate checks every field by itself.
func (m *MsgStakeJuror) Validate() error {
	if _, err := ParseAddress(m.Juror); err != nil {
		return err
	}
	return validateAmount("amount", m.Amount)
}

// Validate checks every field by itself.
func (m *MsgUnstakeJuror) Validate() error {
	if _, err := ParseAddress(m.Juror); err != nil {
		return err
	}
	return validateAmount("amount", m.Amount)
}

// Validate checks every field by itself.
func (m *MsgClaimOwed) Validate() error {
	_, err := ParseAddress(m.Account)
	return err
}

// Validate checks every field by itself.
func (m *MsgUpdateParams) Validate() error {
	if _, err := ParseAddress(m.Authority); err != nil {
		return err
	}
	return m.Params.ValidateVoted()
}
