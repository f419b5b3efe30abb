package types

import (
	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// ParseAddress reads an account address (stream1…). It refuses everything else with
// ErrInvalidAddress. Store the result's String: bech32 also allows all capitals.
func ParseAddress(s string) (sdk.AccAddress, error) {
	addr, err := sdk.AccAddressFromBech32(s)
	if err != nil {
		return nil, errorsmod.Wrapf(ErrInvalidAddress, "%q: %s", s, err)
	}
	return addr, nil
}
