package types

import (
	"strconv"
	"strings"

	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"
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
	if err := h.Shares.Validate(); err != nil {
		return errorsmod.Wrapf(err, "hold %s", h.Id)
	}
	// what was not paid must come out of parts that can bear it, and a whole hold was charged by its shares
	least := h.Shares.Charged(Payment{Gross: h.Payment.Gross, DiscountBps: Bps})
	if h.Shares.Rail != h.Payment.Rail || h.Charged.IsNil() || !h.Charged.IsPositive() || h.Charged.GT(h.Payment.Gross.Amount) || h.Charged.LT(least) {
		return errorsmod.Wrapf(ErrInvalidGenesis, "hold %s: what was charged does not fit the payment", h.Id)
	}
	if h.PartOf != "" {
		if of, _, err := ParseHoldID(h.PartOf); err != nil || of != payer || h.PartOf == h.Id {
			return errorsmod.Wrapf(ErrInvalidGenesis, "hold %s: part_of", h.Id)
		}
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

// Coin is what was paid and waits.
func (h Hold) Coin() sdk.Coin { return sdk.Coin{Denom: h.Payment.Gross.Denom, Amount: h.Charged} }
