package types

import (
	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// ParseAddress reads an account address (stream1…). It refuses everything else, the
// all-capitals spelling too, with ErrInvalidAddress: rows and events name an account by one text.
func ParseAddress(s string) (sdk.AccAddress, error) {
	addr, err := sdk.AccAddressFromBech32(s)
	if err != nil {
		return nil, errorsmod.Wrapf(ErrInvalidAddress, "%.100q: %s", s, err)
	}
	if addr.String() != s {
		return nil, errorsmod.Wrapf(ErrInvalidAddress, "%.100q", s)
	}
	return addr, nil
}

// ParseRecipient reads who gets what payer buys: payer itself where s is empty. It refuses
// with ErrInvalidRecipient.
func ParseRecipient(s string, payer sdk.AccAddress) (sdk.AccAddress, error) {
	if s == "" {
		return payer, nil
	}
	addr, err := ParseAddress(s)
	if err != nil {
		return nil, errorsmod.Wrap(ErrInvalidRecipient, err.Error())
	}
	return addr, nil
}
