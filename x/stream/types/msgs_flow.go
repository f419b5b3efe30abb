package types

import (
	errorsmod "cosmossdk.io/errors"
)

// Validate checks every field by itself.
func (m *MsgCreateFlow) Validate() error {
	for _, a := range [2]string{m.Sender, m.Recipient} {
		if _, err := ParseAddress(a); err != nil {
			return err
		}
	}
	if m.Sender == m.Recipient || m.StartsAt < 0 {
		return errorsmod.Wrap(ErrInvalidFlow, m.Recipient)
	}
	if err := ValidateFlowAmount(m.Deposit); err != nil {
		return err
	}
	return ValidateRate(m.RateAmount, m.RateSeconds)
}

// Validate checks every field by itself.
func (m *MsgTopUpFlow) Validate() error {
	if err := validateParty(m.Payer, m.Flow); err != nil {
		return err
	}
	return ValidateFlowAmount(m.Amount)
}

// Validate checks every field by itself.
func (m *MsgPauseFlow) Validate() error { return validateParty(m.Sender, m.Flow) }

// Validate checks every field by itself.
func (m *MsgResumeFlow) Validate() error { return validateParty(m.Sender, m.Flow) }

// Validate checks every field by itself.
func (m *MsgReRateFlow) Validate() error {
	if err := validateParty(m.Sender, m.Flow); err != nil {
		return err
	}
	return ValidateRate(m.RateAmount, m.RateSeconds)
}

// Validate checks every field by itself.
func (m *MsgCancelFlow) Validate() error { return validateParty(m.Signer, m.Flow) }

// Validate checks every field by itself.
func (m *MsgWithdrawFlow) Validate() error {
	if m.To != "" {
		if _, err := ParseAddress(m.To); err != nil {
			return err
		}
	}
	return validateParty(m.Recipient, m.Flow)
}

func validateParty(signer, flow string) error {
	if _, err := ParseAddress(signer); err != nil {
		return err
	}
	_, _, err := ParseFlowID(flow)
	return err
}
