package types

import (
	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// Validate checks every field by itself, and that the expressions are in the language.
func (m *MsgPublishTemplate) Validate() error {
	author, err := ParseAddress(m.Author)
	if err != nil {
		return err
	}
	if err := ValidateTitle(m.Title); err != nil {
		return err
	}
	if m.RoyaltyBps > MaxRoyaltyBps {
		return errorsmod.Wrapf(ErrInvalidRoyalty, "%d", m.RoyaltyBps)
	}
	if m.Previous == "" {
		return nil
	}
	previous, err := ParseTemplateID(m.Previous)
	if err == nil && !previous.Author.Equals(author) {
		return errorsmod.Wrap(ErrNotAuthor, m.Previous)
	}
	return err
}

// Template is the template as it will be stored, without what only the chain knows.
func (m *MsgPublishTemplate) Template() Template {
	return Template{
		Author: m.Author, Title: m.Title, Access: m.Access, Price: m.Price, Refund: m.Refund, Params: m.Params,
		RoyaltyBps: m.RoyaltyBps, Previous: m.Previous,
	}
}

// Validate checks every field by itself.
func (m *MsgRemoveTemplate) Validate() error {
	if _, err := ParseAddress(m.Author); err != nil {
		return err
	}
	_, err := ParseTemplateID(m.Template)
	return err
}

// Validate checks every field by itself, and that the buyer allows what it chooses to pay.
func (m *MsgPurchaseByTemplate) Validate() error {
	if _, _, err := m.Parties(); err != nil {
		return err
	}
	if _, err := ItemKey(m.Work); err != nil {
		return err
	}
	if err := ValidateMaxPrice(m.MaxPrice); err != nil {
		return err
	}
	if m.Referrer != "" {
		if _, err := ParseAddress(m.Referrer); err != nil {
			return errorsmod.Wrap(ErrInvalidReferrer, err.Error())
		}
	}
	if m.Pay == nil {
		return nil
	}
	if err := ValidatePrice(*m.Pay); err != nil {
		return errorsmod.Wrap(err, "pay")
	}
	if m.Pay.Amount.GT(m.MaxPrice.Amount) {
		return errorsmod.Wrapf(ErrPriceAboveMax, "pay is %s, the most allowed %s", m.Pay, m.MaxPrice)
	}
	return nil
}

// Parties reads who pays and who gets the access.
func (m *MsgPurchaseByTemplate) Parties() (buyer, recipient sdk.AccAddress, err error) {
	return parties(m.Buyer, m.Recipient)
}

// Validate checks every field by itself.
func (m *MsgRefundByTemplate) Validate() error {
	if _, _, err := m.Parties(); err != nil {
		return err
	}
	_, err := ItemKey(m.Work)
	return err
}

// Parties reads who paid and who has the purchase.
func (m *MsgRefundByTemplate) Parties() (buyer, recipient sdk.AccAddress, err error) {
	return parties(m.Buyer, m.Recipient)
}
