package types

import errorsmod "cosmossdk.io/errors"

const (
	// ReservedLevel is the least level of verification of who may take a handle that a ruling took from another while it is reserved:
	// the person whose name it is must not wait and then race for it, and whoever takes it instead has shown who he is.
	ReservedLevel = 2
	// MaxReferenceLen bounds what names a ruling, in bytes.
	MaxReferenceLen = 64
)

// Live reports whether the handle is reserved at live time now.
func (r Reservation) Live(now int64) bool { return now < r.Until }

// Allows reports whether a creator of that level may take the handle before the reservation is over: its own, where it gave it up, and
// where a ruling took it, another's that is verified.
func (r Reservation) Allows(creator string, level uint32) bool {
	if r.Reference == "" {
		return creator == r.Creator
	}
	return creator != r.Creator && level >= ReservedLevel
}

// Validate checks one stored reservation by itself.
func (r Reservation) Validate() error {
	if err := ValidateHandle(r.Handle); err != nil {
		return err
	}
	if _, err := ParseCreatorID(r.Creator); err != nil {
		return err
	}
	if err := validateDeposit(r.Deposit); err != nil {
		return errorsmod.Wrapf(err, "reserved handle %s", r.Handle)
	}
	if r.FreedAt <= 0 || r.Until <= r.FreedAt || len(r.Reference) > MaxReferenceLen || r.Reference != "" && r.Deposit.IsPositive() {
		return errorsmod.Wrapf(ErrInvalidGenesis, "reserved handle %s: times, reference, or a deposit after a ruling", r.Handle)
	}
	return nil
}

// validateReservations checks that no look is reserved twice, or held.
func (gs GenesisState) validateReservations(creators map[string]bool) error {
	looks := make(map[string]bool, len(gs.Reservations))
	for _, r := range gs.Reservations {
		if err := r.Validate(); err != nil {
			return err
		}
		look := Skeleton(r.Handle)
		if looks[look] || !creators[r.Creator] {
			return errorsmod.Wrapf(ErrInvalidGenesis, "reserved handle %s: twice, or of nobody", r.Handle)
		}
		looks[look] = true
	}
	for _, c := range gs.Creators {
		if c.Handle != "" && looks[Skeleton(c.Handle)] {
			return errorsmod.Wrapf(ErrInvalidGenesis, "handle %s is held and reserved", c.Handle)
		}
	}
	return nil
}
