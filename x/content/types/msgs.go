package types

import errorsmod "cosmossdk.io/errors"

// Validate checks every field by itself. The message server calls it, so that it also
// holds inside authz and governance.
func (m *MsgRegisterCreator) Validate() error {
	if _, err := ParseAddress(m.Controller); err != nil {
		return err
	}
	if m.Handle == "" {
		return nil
	}
	return ValidateHandle(m.Handle)
}

// Validate checks every field by itself.
func (m *MsgSetHandle) Validate() error {
	if _, err := ParseAddress(m.Controller); err != nil {
		return err
	}
	if _, err := ParseCreatorID(m.Creator); err != nil {
		return err
	}
	if m.Handle == "" {
		return nil
	}
	return ValidateHandle(m.Handle)
}

// Validate checks every field by itself.
func (m *MsgCommit) Validate() error {
	if _, err := ParseAddress(m.Sender); err != nil {
		return err
	}
	return ValidateHash(m.Hash)
}

// Validate checks every field by itself; Manifest checks the manifest's.
func (m *MsgPublish) Validate() error {
	if _, err := ParseAddress(m.Controller); err != nil {
		return err
	}
	if n := len(m.Salt); n != 0 && (n < MinSaltLen || n > MaxSaltLen) {
		return errorsmod.Wrapf(ErrInvalidSalt, "%d bytes", n)
	}
	return nil
}

// Validate checks every field by itself.
func (m *MsgRetire) Validate() error {
	if _, err := ParseAddress(m.Controller); err != nil {
		return err
	}
	_, err := ParseWorkID(m.Work)
	return err
}

// Validate checks every field by itself.
func (m *MsgUpdateParams) Validate() error {
	if _, err := ParseAddress(m.Authority); err != nil {
		return err
	}
	return m.Params.Validate()
}
