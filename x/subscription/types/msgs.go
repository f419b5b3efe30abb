package types

import (
	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
)

// Validate checks every field by itself. The message server calls it, so that it also holds
// inside authz and governance.
func (m *MsgSetOffers) Validate() error {
	if _, err := ParseAddress(m.Controller); err != nil {
		return err
	}
	if _, err := ItemKey(m.Work); err != nil {
		return err
	}
	return ValidateOffers(m.Offers)
}

// Validate checks every field by itself; the keeper knows the shortest period.
func (m *MsgCreatePlan) Validate() error {
	if _, err := ParseAddress(m.Controller); err != nil {
		return err
	}
	if _, err := contenttypes.ParseCreatorID(m.Creator); err != nil {
		return err
	}
	if err := ValidateTitle(m.Title); err != nil {
		return err
	}
	if err := ValidatePrice(m.Price); err != nil {
		return err
	}
	if err := ValidatePeriod(m.PeriodSeconds, 1); err != nil {
		return err
	}
	if err := ValidateTerms(m.TrialSeconds, m.MinSeconds, m.PeriodSeconds); err != nil {
		return err
	}
	return ValidateCoverage(m.Coverage, m.Works)
}

// Validate checks every field by itself.
func (m *MsgUpdatePlan) Validate() error {
	if _, err := ParseAddress(m.Controller); err != nil {
		return err
	}
	if _, err := ParsePlanID(m.Plan); err != nil {
		return err
	}
	if err := ValidateTitle(m.Title); err != nil {
		return err
	}
	return ValidatePrice(m.Price)
}

// Validate checks every field by itself.
func (m *MsgPurchase) Validate() error {
	if _, _, err := m.Parties(); err != nil {
		return err
	}
	if _, err := ItemKey(m.Work); err != nil {
		return err
	}
	if m.Pay != nil {
		if err := ValidatePrice(*m.Pay); err != nil {
			return errorsmod.Wrap(err, "pay")
		}
	}
	return ValidateMaxPrice(m.MaxPrice)
}

// Validate checks every field by itself.
func (m *MsgRent) Validate() error {
	if _, _, err := m.Parties(); err != nil {
		return err
	}
	if _, err := ItemKey(m.Work); err != nil {
		return err
	}
	return ValidateMaxPrice(m.MaxPrice)
}

// Validate checks every field by itself.
func (m *MsgSetRenewal) Validate() error {
	if _, _, err := m.Parties(); err != nil {
		return err
	}
	if _, err := ParsePlanID(m.Plan); err != nil {
		return err
	}
	if m.Renewals == 0 {
		return nil
	}
	return ValidateMaxPrice(m.MaxPrice)
}

// Validate checks every field by itself.
func (m *MsgCancel) Validate() error {
	if _, err := ParseAddress(m.Viewer); err != nil {
		return err
	}
	_, err := ParsePlanID(m.Plan)
	return err
}

// Validate checks every field by itself.
func (m *MsgSubscribe) Validate() error {
	if _, _, err := m.Parties(); err != nil {
		return err
	}
	if _, err := ParsePlanID(m.Plan); err != nil {
		return err
	}
	if m.Periods == 0 || m.Periods > MaxPeriods {
		return errorsmod.Wrapf(ErrInvalidPeriods, "%d periods", m.Periods)
	}
	return ValidateMaxPrice(m.MaxPrice)
}

// Parties reads who pays and who gets the access.
func (m *MsgPurchase) Parties() (buyer, recipient sdk.AccAddress, err error) {
	return parties(m.Buyer, m.Recipient)
}

// Parties reads who pays and who gets the access.
func (m *MsgSubscribe) Parties() (subscriber, recipient sdk.AccAddress, err error) {
	return parties(m.Subscriber, m.Recipient)
}

// Parties reads who pays and who gets the access.
func (m *MsgRent) Parties() (renter, recipient sdk.AccAddress, err error) {
	return parties(m.Renter, m.Recipient)
}

// Parties reads who signs and who has the subscription.
func (m *MsgSetRenewal) Parties() (payer, viewer sdk.AccAddress, err error) {
	return parties(m.Payer, m.Viewer)
}

func parties(payer, recipient string) (sdk.AccAddress, sdk.AccAddress, error) {
	from, err := ParseAddress(payer)
	if err != nil {
		return nil, nil, err
	}
	to, err := ParseRecipient(recipient, from)
	return from, to, err
}

// Validate checks every field by itself.
func (m *MsgUpdateParams) Validate() error {
	if _, err := ParseAddress(m.Authority); err != nil {
		return err
	}
	return m.Params.Validate()
}
