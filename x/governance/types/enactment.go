package types

import (
	errorsmod "cosmossdk.io/errors"

	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/tx"
)

var (
	_ codectypes.UnpackInterfacesMessage = (*Enactment)(nil)
	_ codectypes.UnpackInterfacesMessage = (*GenesisState)(nil)
	_ codectypes.UnpackInterfacesMessage = (*QueryEnactmentResponse)(nil)
	_ codectypes.UnpackInterfacesMessage = (*QueryEnactmentsResponse)(nil)
)

// Known reports whether s is a status that an enactment can have.
func (s EnactmentStatus) Known() bool {
	return s >= ENACTMENT_STATUS_QUEUED && s <= ENACTMENT_STATUS_CANCELLED
}

// Queued reports whether e waits for its time.
func (e Enactment) Queued() bool { return e.Status == ENACTMENT_STATUS_QUEUED }

// Msgs returns the messages, which the codec must have unpacked. Errors: ErrUnreadable.
func (e Enactment) Msgs() ([]sdk.Msg, error) { return unpacked(e.Messages, ErrUnreadable) }

// Validate checks one stored enactment by itself; its messages' rules are the keeper's.
func (e Enactment) Validate() error {
	if e.Id == 0 || !e.Status.Known() {
		return errorsmod.Wrapf(ErrInvalidGenesis, "enactment %d: id or status", e.Id)
	}
	if err := validateMessages(e.Messages); err != nil {
		return errorsmod.Wrapf(err, "enactment %d", e.Id)
	}
	if e.EnactedAt <= 0 || e.ExecuteAt < e.EnactedAt {
		return errorsmod.Wrapf(ErrInvalidGenesis, "enactment %d: times", e.Id)
	}
	if e.Queued() != (e.ClosedAt == 0) || (e.ClosedAt != 0 && e.ClosedAt < e.EnactedAt) {
		return errorsmod.Wrapf(ErrInvalidGenesis, "enactment %d: closed_at does not fit its status", e.Id)
	}
	if (e.Status == ENACTMENT_STATUS_FAILED) != (e.Failure != nil) {
		return errorsmod.Wrapf(ErrInvalidGenesis, "enactment %d: failure does not fit its status", e.Id)
	}
	return nil
}

// validateMessages bounds number and size.
func validateMessages(messages []*codectypes.Any) error {
	if len(messages) == 0 {
		return ErrNoMessages
	}
	if len(messages) > MaxMessages {
		return errorsmod.Wrapf(ErrTooManyMessages, "%d messages", len(messages))
	}
	size := 0
	for i, m := range messages {
		if m == nil {
			return errorsmod.Wrapf(ErrInvalidMessage, "message %d is unset", i)
		}
		size += m.Size()
	}
	if size > MaxMessageBytes {
		return errorsmod.Wrapf(ErrMessagesTooLarge, "%d bytes", size)
	}
	return nil
}

// unpacked reads messages that the codec has unpacked.
func unpacked(messages []*codectypes.Any, failure error) ([]sdk.Msg, error) {
	msgs := make([]sdk.Msg, len(messages))
	for i, m := range messages {
		msg, ok := m.GetCachedValue().(sdk.Msg)
		if !ok {
			return nil, errorsmod.Wrapf(failure, "message %d (%.100q)", i, m.TypeUrl)
		}
		msgs[i] = msg
	}
	return msgs, nil
}

// UnpackInterfaces lets the codec read the messages.
func (e Enactment) UnpackInterfaces(unpacker codectypes.AnyUnpacker) error {
	return tx.UnpackInterfaces(unpacker, e.Messages)
}

// UnpackInterfaces lets the codec read the messages.
func (gs GenesisState) UnpackInterfaces(unpacker codectypes.AnyUnpacker) error {
	for _, e := range gs.Enactments {
		if err := e.UnpackInterfaces(unpacker); err != nil {
			return err
		}
	}
	return nil
}

// UnpackInterfaces lets the codec read the messages.
func (r QueryEnactmentResponse) UnpackInterfaces(unpacker codectypes.AnyUnpacker) error {
	return r.Enactment.UnpackInterfaces(unpacker)
}

// UnpackInterfaces lets the codec read the messages.
func (r QueryEnactmentsResponse) UnpackInterfaces(unpacker codectypes.AnyUnpacker) error {
	for _, e := range r.Enactments {
		if err := e.UnpackInterfaces(unpacker); err != nil {
			return err
		}
	}
	return nil
}
