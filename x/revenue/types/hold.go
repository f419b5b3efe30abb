package types

import (
	"strconv"
	"strings"

	errorsmod "cosmossdk.io/errors"
)

// HoldID is the id of a payer's n-th hold. It needs no counter that all payers share.
func HoldID(payer string, sequence uint64) string {
	return payer + "-" + strconv.FormatUint(sequence, 10)
}

// ParseHoldID reads an id. It refuses every other spelling with ErrInvalidHoldID.
func ParseHoldID(id string) (payer string, sequence uint64, err error) {
	payer, digits, _ := strings.Cut(id, "-")
	sequence, err = strconv.ParseUint(digits, 10, 64)
	if err != nil || sequence == 0 || HoldID(payer, sequence) != id {
		return "", 0, errorsmod.Wrapf(ErrInvalidHoldID, "%.150q", id)
	}
	if _, err := ParseAddress(payer); err != nil {
		return "", 0, errorsmod.Wrapf(ErrInvalidHoldID, "%.150q", id)
	}
	return payer, sequence, nil
}

// Validate checks one stored hold by itself.
func (h Hold) Validate() error {
	payer, sequence, err := ParseHoldID(h.Id)
	if err != nil {
		return err
	}
	if payer != h.Payment.Payer || sequence != h.Sequence {
		return errorsmod.Wrapf(ErrInvalidGenesis, "hold %s: payer or sequence do not fit the id", h.Id)
	}
	if err := h.Payment.Validate(); err != nil {
		return errorsmod.Wrapf(err, "hold %s", h.Id)
	}
	if !h.Payment.Rail.Refundable() {
		return errorsmod.Wrapf(ErrInvalidGenesis, "hold %s: %s is not held", h.Id, h.Payment.Rail)
	}
	for _, subject := range []string{h.Payment.Subject, h.Creator} {
		if err := ValidateSubject(subject); err != nil {
			return errorsmod.Wrapf(err, "hold %s", h.Id)
		}
	}
	if !IsCreatorID(h.Creator) || h.HeldAt <= 0 || h.ReleaseAt <= h.HeldAt || h.DueAt < h.ReleaseAt {
		return errorsmod.Wrapf(ErrInvalidGenesis, "hold %s: creator or times", h.Id)
	}
	return nil
}
