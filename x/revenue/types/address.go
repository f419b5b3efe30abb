package types

import (
	"strings"

	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/address"

	"github.com/streamchain/streamchain/token"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
)

// ParseAddress reads an account address (stream1…). Ledgers key on its text, so it refuses
// the all-capitals spelling too, with ErrInvalidAddress: an account has one row. It does not ask
// the SDK's global configuration for the prefix, which costs a system call each time.
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

// IsCreatorID reports whether s is meant as a creator's id; it may still be malformed.
func IsCreatorID(s string) bool { return strings.HasPrefix(s, contenttypes.CreatorPrefix+"1") }

// ValidateRecipient refuses what is neither an account's address nor a creator's id, with
// ErrInvalidAddress or content's ErrInvalidCreatorID.
func ValidateRecipient(s string) error {
	var err error
	if IsCreatorID(s) {
		_, err = contenttypes.ParseCreatorID(s)
	} else {
		_, err = ParseAddress(s)
	}
	return err
}

// ValidateSubject refuses what is neither a work's cid nor a creator's id.
func ValidateSubject(s string) error {
	var err error
	if IsCreatorID(s) {
		_, err = contenttypes.ParseCreatorID(s)
	} else {
		_, err = contenttypes.ParseWorkID(s)
	}
	return err
}

// ValidateDenom refuses what no coin can be called with ErrInvalidDenom.
func ValidateDenom(denom string) error {
	if err := sdk.ValidateDenom(denom); err != nil {
		return errorsmod.Wrapf(ErrInvalidDenom, "%.100q", denom)
	}
	return nil
}

// ValidateCoin refuses a coin that is not valid, positive and of at most MaxGrossBits, with ErrInvalidAmount.
func ValidateCoin(c sdk.Coin) error {
	if c.Amount.IsNil() || !c.IsValid() || !c.IsPositive() || c.Amount.BigIntMut().BitLen() > MaxGrossBits {
		return errorsmod.Wrapf(ErrInvalidAmount, "%.100q", c.Denom)
	}
	return nil
}
