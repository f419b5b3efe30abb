package types

import (
	"crypto/sha256"

	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/bech32"
)

// creatorTag keeps creator ids apart from every other hash of an address.
const creatorTag = "streamchain/creator/v1"

// CreatorID is a creator's id: 20 bytes, the same for ever, whoever controls the creator later.
type CreatorID []byte

// NewCreatorID derives the id of the creator whose first controller this is.
func NewCreatorID(controller sdk.AccAddress) CreatorID {
	sum := sha256.Sum256(append([]byte(creatorTag), controller...))
	return sum[:CreatorIDLen]
}

// ParseCreatorID reads the text form (streamcreator1…). It refuses every other spelling of
// the same bytes with ErrInvalidCreatorID, so that an id has one text.
func ParseCreatorID(s string) (CreatorID, error) {
	prefix, bz, err := bech32.DecodeAndConvert(s)
	if err != nil {
		return nil, errorsmod.Wrapf(ErrInvalidCreatorID, "%q: %s", s, err)
	}
	if prefix != CreatorPrefix || len(bz) != CreatorIDLen || CreatorID(bz).String() != s {
		return nil, errorsmod.Wrapf(ErrInvalidCreatorID, "%q", s)
	}
	return bz, nil
}

// String is the text form (streamcreator1…).
func (id CreatorID) String() string {
	s, err := bech32.ConvertAndEncode(CreatorPrefix, id)
	if err != nil {
		return ""
	}
	return s
}

// Validate checks one stored creator by itself.
func (c Creator) Validate() error {
	if _, err := ParseCreatorID(c.Id); err != nil {
		return err
	}
	addr, err := ParseAddress(c.Controller)
	if err != nil {
		return err
	}
	if addr.String() != c.Controller {
		return errorsmod.Wrapf(ErrInvalidAddress, "%q is not in lower case", c.Controller)
	}
	if c.RegisteredAt <= 0 {
		return errorsmod.Wrapf(ErrInvalidGenesis, "creator %s: registered_at must be set", c.Id)
	}
	if err := validateDeposit(c.HandleDeposit); err != nil {
		return errorsmod.Wrapf(err, "creator %s", c.Id)
	}
	if c.Handle != "" {
		return ValidateHandle(c.Handle)
	}
	if c.HandleDeposit.IsPositive() {
		return errorsmod.Wrapf(ErrInvalidGenesis, "creator %s: a deposit without a handle", c.Id)
	}
	return nil
}

func validateDeposit(amount math.Int) error {
	if amount.IsNil() || amount.IsNegative() {
		return errorsmod.Wrap(ErrInvalidGenesis, "a deposit must be set and not negative")
	}
	return nil
}
