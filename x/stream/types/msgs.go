package types

import errorsmod "cosmossdk.io/errors"

// Validate checks every field by itself. The message server calls it, so that it also
// holds inside authz and governance.
func (m *MsgGrantSessionKey) Validate() error {
	if _, err := ParseAddress(m.Owner); err != nil {
		return err
	}
	if m.Expires <= 0 {
		return errorsmod.Wrapf(ErrInvalidKeyExpiry, "%d", m.Expires)
	}
	return ValidateGrant(m.Pubkey, m.Limit, m.Scope)
}

// Validate checks every field by itself.
func (m *MsgRevokeSessionKey) Validate() error {
	if _, err := ParseAddress(m.Owner); err != nil {
		return err
	}
	if len(m.Pubkey) != PubkeyLen {
		return errorsmod.Wrapf(ErrInvalidPubkey, "%d bytes", len(m.Pubkey))
	}
	return nil
}

// Validate checks every field by itself.
func (m *MsgDeposit) Validate() error {
	if _, err := ParseAddress(m.Owner); err != nil {
		return err
	}
	return ValidateAmount(m.Amount)
}

// Validate checks every field by itself.
func (m *MsgWithdraw) Validate() error {
	if _, err := ParseAddress(m.Owner); err != nil {
		return err
	}
	if m.To != "" {
		if _, err := ParseAddress(m.To); err != nil {
			return err
		}
	}
	return ValidateAmount(m.Amount)
}

// Validate checks the signer and the number of items. The items are checked one by one where
// they are executed: a malformed one must not stop the others.
func (m *MsgOpenLanes) Validate() error {
	if _, err := ParseAddress(m.Submitter); err != nil {
		return err
	}
	return validateItems(len(m.Intents))
}

// Validate checks the signer and the number of items, like MsgOpenLanes.Validate.
func (m *MsgSettle) Validate() error {
	if _, err := ParseAddress(m.Submitter); err != nil {
		return err
	}
	return validateItems(len(m.Settlements))
}

// Validate checks every field by itself.
func (m *MsgCloseLane) Validate() error {
	if _, err := ParseAddress(m.Agent); err != nil {
		return err
	}
	if _, err := ParseAddress(m.Owner); err != nil {
		return err
	}
	if err := ValidateDenom(m.Denom); err != nil {
		return err
	}
	if m.Generation == 0 {
		return errorsmod.Wrap(ErrGeneration, "zero")
	}
	return nil
}

// Validate checks every field but the subject, which x/content reads.
func (m *MsgTip) Validate() error {
	if _, err := ParseAddress(m.Payer); err != nil {
		return err
	}
	if err := ValidateAmount(m.Amount); err != nil {
		return err
	}
	return ValidateMemo(m.Memo)
}

// Validate checks every field by itself.
func (m *MsgUpdateParams) Validate() error {
	if _, err := ParseAddress(m.Authority); err != nil {
		return err
	}
	return m.Params.Validate()
}

func validateItems(n int) error {
	if n == 0 || n > MaxItems {
		return errorsmod.Wrapf(ErrBatchSize, "%d items", n)
	}
	return nil
}
