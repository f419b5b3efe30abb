package types

import (
	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// Validate checks one stored purchase by itself. hold_id is empty where there was no refund window.
func (e Entitlement) Validate() error {
	if err := validateBought(e.Viewer, e.Work, e.HoldId, e.Price, e.CollectionVersion); err != nil {
		return errorsmod.Wrapf(err, "purchase of %.100s by %.100s", e.Work, e.Viewer)
	}
	if e.BoughtAt <= 0 {
		return errorsmod.Wrapf(ErrInvalidGenesis, "purchase of %s by %s: bought_at", e.Work, e.Viewer)
	}
	return nil
}

// Running reports whether r grants access at now. The second in which it expires is the first without.
func (r Rental) Running(now int64) bool { return now < r.ExpiresAt }

// Validate checks one stored rental by itself.
func (r Rental) Validate() error {
	if err := validateBought(r.Viewer, r.Work, r.HoldId, r.Price, r.CollectionVersion); err != nil {
		return errorsmod.Wrapf(err, "rental of %.100s by %.100s", r.Work, r.Viewer)
	}
	if r.RentedAt <= 0 || r.ExpiresAt <= r.RentedAt || r.DueAt < r.ExpiresAt {
		return errorsmod.Wrapf(ErrInvalidGenesis, "rental of %s by %s: times", r.Work, r.Viewer)
	}
	return nil
}

func validateBought(viewer, item, holdID string, price sdk.Coin, version uint64) error {
	if _, err := ParseAddress(viewer); err != nil {
		return err
	}
	if _, err := ItemKey(item); err != nil {
		return err
	}
	if err := ValidatePrice(price); err != nil {
		return err
	}
	if len(holdID) > MaxHoldIDLen {
		return errorsmod.Wrap(ErrInvalidGenesis, "hold_id")
	}
	if IsCollection(item) != (version > 0) {
		return errorsmod.Wrap(ErrInvalidGenesis, "collection_version must be set of a collection, and only of one")
	}
	return nil
}
