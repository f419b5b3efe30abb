package types

import (
	"slices"

	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
)

// Validate checks every field by itself; the keeper knows the shortest period.
func (m *MsgCreatePass) Validate() error {
	if _, err := ParseAddress(m.Curator); err != nil {
		return err
	}
	if err := ValidateTitle(m.Title); err != nil {
		return err
	}
	if err := ValidatePassPrice(m.Price); err != nil {
		return err
	}
	if err := ValidatePeriod(m.PeriodSeconds, 1); err != nil {
		return err
	}
	return validatePassCreators(m.Creators)
}

func validatePassCreators(creators []string) error {
	if len(creators) > MaxPassCreators {
		return errorsmod.Wrapf(ErrInvalidPassCreators, "%d creators", len(creators))
	}
	seen := make(map[string]bool, len(creators))
	for _, c := range creators {
		if _, err := contenttypes.ParseCreatorID(c); err != nil {
			return err
		}
		if seen[c] {
			return errorsmod.Wrapf(ErrInvalidPassCreators, "%s occurs twice", c)
		}
		seen[c] = true
	}
	return nil
}

// Validate checks every field by itself.
func (m *MsgUpdatePass) Validate() error {
	if _, err := ParseAddress(m.Curator); err != nil {
		return err
	}
	if _, err := ParsePassID(m.Pass); err != nil {
		return err
	}
	if err := ValidateTitle(m.Title); err != nil {
		return err
	}
	if err := ValidatePassPrice(m.Price); err != nil {
		return err
	}
	return validatePassCreators(slices.Concat(m.Add, m.Remove))
}

func validateMember(controller, pass, creator string) error {
	if _, err := ParseAddress(controller); err != nil {
		return err
	}
	if _, err := ParsePassID(pass); err != nil {
		return err
	}
	_, err := contenttypes.ParseCreatorID(creator)
	return err
}

// Validate checks every field by itself.
func (m *MsgJoinPass) Validate() error { return validateMember(m.Controller, m.Pass, m.Creator) }

// Validate checks every field by itself.
func (m *MsgLeavePass) Validate() error { return validateMember(m.Controller, m.Pass, m.Creator) }

// Validate checks every field by itself.
func (m *MsgSubscribePass) Validate() error {
	subscriber, recipient, err := m.Parties()
	if err != nil {
		return err
	}
	if m.Renewals > 0 && !subscriber.Equals(recipient) {
		return errorsmod.Wrapf(ErrGiftRenewed, "%d renewals", m.Renewals)
	}
	if _, err := ParsePassID(m.Pass); err != nil {
		return err
	}
	if m.Periods == 0 || m.Periods > MaxPeriods {
		return errorsmod.Wrapf(ErrInvalidPeriods, "%d periods", m.Periods)
	}
	if err := ValidateMaxPrice(m.MaxPrice); err != nil {
		return err
	}
	return ValidatePrice(m.MaxPrice)
}

// Parties reads who pays and who gets the access.
func (m *MsgSubscribePass) Parties() (subscriber, recipient sdk.AccAddress, err error) {
	return parties(m.Subscriber, m.Recipient)
}

// Validate checks every field by itself.
func (m *MsgCancelPass) Validate() error {
	if _, err := ParseAddress(m.Viewer); err != nil {
		return err
	}
	_, err := ParsePassID(m.Pass)
	return err
}
