package types

import (
	errorsmod "cosmossdk.io/errors"

	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/tx"
)

var (
	_ sdk.HasValidateBasic               = (*MsgEnact)(nil)
	_ codectypes.UnpackInterfacesMessage = (*MsgEnact)(nil)
)

// NewMsgEnact packs messages for a proposal; authority is x/gov's account.
func NewMsgEnact(authority string, messages ...sdk.Msg) (*MsgEnact, error) {
	packed, err := tx.SetMsgs(messages)
	if err != nil {
		return nil, err
	}
	return &MsgEnact{Authority: authority, Messages: packed}, nil
}

// Msgs returns the messages, which the codec must have unpacked. Errors: ErrInvalidMessage.
func (m *MsgEnact) Msgs() ([]sdk.Msg, error) { return unpacked(m.Messages, ErrInvalidMessage) }

// UnpackInterfaces lets the codec read the messages.
func (m MsgEnact) UnpackInterfaces(unpacker codectypes.AnyUnpacker) error {
	return tx.UnpackInterfaces(unpacker, m.Messages)
}

// ValidateBasic is Validate: x/gov calls it when a proposal is submitted, so that one which
// can never pass is refused before anybody votes. It is no substitute: the message server
// validates again.
func (m *MsgEnact) ValidateBasic() error { return m.Validate() }

// Validate checks what can be known without the chain: number, size and form of the messages.
// Errors: ErrInvalidAddress, ErrNoMessages, ErrTooManyMessages, ErrMessagesTooLarge,
// ErrInvalidMessage, ErrNestedMessage, ErrConsensusAuthority, ErrOutOfBounds.
func (m *MsgEnact) Validate() error {
	if _, err := ParseAddress(m.Authority); err != nil {
		return err
	}
	if err := validateMessages(m.Messages); err != nil {
		return err
	}
	msgs, err := m.Msgs()
	if err != nil {
		return err
	}
	for i, msg := range msgs {
		if carriesMessages(msg) {
			return errorsmod.Wrapf(ErrNestedMessage, "message %d (%s)", i, sdk.MsgTypeURL(msg))
		}
		if err := RequireBounds(msg); err != nil {
			return errorsmod.Wrapf(err, "message %d (%s)", i, sdk.MsgTypeURL(msg))
		}
		if v, ok := msg.(sdk.HasValidateBasic); ok {
			if err := v.ValidateBasic(); err != nil {
				return errorsmod.Wrapf(ErrInvalidMessage, "message %d (%s): %s", i, sdk.MsgTypeURL(msg), err)
			}
		}
	}
	return nil
}

// carriesMessages reports whether msg holds other messages: MsgEnact itself, authz's MsgExec,
// gov's MsgSubmitProposal and what else may come. What they carry would run under another
// name than the one that was voted on.
func carriesMessages(msg sdk.Msg) bool {
	carrier, ok := msg.(codectypes.UnpackInterfacesMessage)
	if !ok {
		return false
	}
	var f finder
	// an error is not about nesting; the codec has read these fields already
	_ = carrier.UnpackInterfaces(&f)
	return f.found
}

// finder unpacks nothing; it sees whether anything to unpack is a message.
type finder struct{ found bool }

// UnpackAny notes whether target is a message, and goes on into what is unpacked already.
func (f *finder) UnpackAny(a *codectypes.Any, target any) error {
	if _, ok := target.(*sdk.Msg); ok {
		f.found = true
		return nil
	}
	if a == nil {
		return nil
	}
	if inner, ok := a.GetCachedValue().(codectypes.UnpackInterfacesMessage); ok {
		return inner.UnpackInterfaces(f)
	}
	return nil
}

// Validate checks every field by itself.
func (m *MsgCancelEnactment) Validate() error {
	if _, err := ParseAddress(m.Authority); err != nil {
		return err
	}
	if m.Id == 0 {
		return errorsmod.Wrap(ErrEnactmentNotFound, "ids begin at 1")
	}
	return nil
}

// Validate checks every field by itself.
func (m *MsgUpdateParams) Validate() error {
	if _, err := ParseAddress(m.Authority); err != nil {
		return err
	}
	return m.Params.ValidateVoted()
}
