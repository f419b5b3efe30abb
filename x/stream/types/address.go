package types

import (
	"strings"

	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/address"

	"github.com/streamchain/streamchain/token"
)

// ParseAddress reads an account address (stream1…). It refuses everything else, the
// all-capitals spelling too, with ErrInvalidAddress: an account is written in one way, in
// state and in what session keys sign. It does not ask the SDK's global configuration for the
// prefix, which costs a system call each time.
func ParseAddress(s string) (sdk.AccAddress, error) {
	addr, err := sdk.GetFromBech32(s, token.Prefix)
	if err != nil {
		return nil, errorsmod.Wrapf(ErrInvalidAddress, "%.100q: %s", s, err)
	}
	if len(addr) == 0 || len(addr) > address.MaxAddrLen || strings.ToLower(s) != s {
		return nil, errorsmod.Wrapf(ErrInvalidAddress, "%.100q", s)
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
