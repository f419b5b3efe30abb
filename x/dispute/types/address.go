package types

import (
	"github.com/ipfs/go-cid"

	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

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

// ValidateEvidence refuses what is not the usual spelling of a CID with ErrInvalidEvidence.
func ValidateEvidence(s string) error {
	if len(s) > MaxCIDLen {
		return errorsmod.Wrapf(ErrInvalidEvidence, "%d bytes", len(s))
	}
	c, err := cid.Decode(s)
	if err != nil || c.String() != s {
		return errorsmod.Wrapf(ErrInvalidEvidence, "%.100q", s)
	}
	return nil
}

// validateAmount refuses with ErrInvalidAmount what is not a positive amount that a sum of them
// could hold.
func validateAmount(name string, a math.Int) error {
	if a.IsNil() || !a.IsPositive() || a.BigInt().BitLen() > 128 {
		return errorsmod.Wrap(ErrInvalidAmount, name)
	}
	return nil
}

// validateOptional lets zero and nothing pass too.
func validateOptional(name string, a math.Int) error {
	if a.IsNil() || a.IsZero() {
		return nil
	}
	return validateAmount(name, a)
}

// OrZero is a, or zero where a message left it out.
func OrZero(a math.Int) math.Int {
	if a.IsNil() {
		return math.ZeroInt()
	}
	return a
}

// sound reports whether a stored amount is there and not negative.
func sound(amounts ...math.Int) bool {
	for _, a := range amounts {
		if a.IsNil() || a.IsNegative() || a.BigInt().BitLen() > 128 {
			return false
		}
	}
	return true
}
