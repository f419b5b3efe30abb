package types

import (
	"strings"

	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/address"

	"github.com/streamchain/streamchain/token"
)

// ParseAddress reads an account address (stream1…). Rows key on its text, so it refuses the
// all-capitals spelling too, with ErrInvalidAddress: an account has one row.
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

// ValidateAmount refuses what is not positive, or of more than MaxAmountBits, with ErrInvalidAmount.
func ValidateAmount(amount math.Int) error {
	if amount.IsNil() || !amount.IsPositive() || amount.BigIntMut().BitLen() > MaxAmountBits {
		return ErrInvalidAmount
	}
	return nil
}

// Nano is an amount of ustream in nano-ustream.
func Nano(ustream math.Int) math.Int { return ustream.MulRaw(NanoPerUstream) }
