package types

import (
	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// ParseAddress reads an account address (stream1…). It refuses everything else, the
// all-capitals spelling too, with ErrInvalidAddress.
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
