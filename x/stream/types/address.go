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
		return nil, errorsmod.Wrapf(ErrInvalidAddress, "%.100q: %s", s, err)
	}
	return addr, nil
}

// ValidateDenom refuses what no coin can be called with ErrInvalidDenom.
func ValidateDenom(denom string) error {
	if err := sdk.ValidateDenom(denom); err != nil {
		return errorsmod.Wrapf(ErrInvalidDenom, "%.100q", denom)
	}
	return nil
}

// ValidateAmount refuses a coin that is not valid and positive with ErrInvalidAmount.
func ValidateAmount(c sdk.Coin) error {
	if c.Amount.IsNil() || !c.IsValid() || !c.IsPositive() {
		return errorsmod.Wrapf(ErrInvalidAmount, "%.100s", c.Denom)
	}
	return nil
}
