package types

import (
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
)

// Rate is what a deal of so many bytes earns at a price in ustream for a GiB-day, in
// nano-ustream a second. It rounds up: a provider never works below its price, and the
// difference is less than a ten-thousandth of a ustream a day.
func Rate(pricePerGiBDay math.Int, size uint64) math.Int {
	return RateOf(pricePerGiBDay, math.NewIntFromUint64(size))
}

// RateOf is Rate of a sum of sizes.
func RateOf(pricePerGiBDay, size math.Int) math.Int {
	const unit = GiB * DaySeconds
	return Nano(pricePerGiBDay).Mul(size).AddRaw(unit - 1).QuoRaw(unit)
}

// Validate checks one stored deal by itself.
func (d Deal) Validate() error {
	for _, id := range []string{d.Work, d.Root} {
		if _, err := contenttypes.ParseWorkID(id); err != nil {
			return err
		}
	}
	if _, err := ParseAddress(d.Operator); err != nil {
		return err
	}
	if d.Rate.IsNil() || d.Rate.IsNegative() || d.RequestedAt < 0 || d.ExpiresAt <= d.RequestedAt {
		return errorsmod.Wrapf(ErrInvalidGenesis, "deal %s of %s: rate or times", d.Work, d.Operator)
	}
	for _, amount := range []math.Int{d.Bounty, d.BountyLeft, d.MaxRate} {
		if amount.IsNil() || amount.IsNegative() {
			return errorsmod.Wrapf(ErrInvalidGenesis, "deal %s of %s: bounty, bounty_left or max_rate", d.Work, d.Operator)
		}
	}
	if d.BountyLeft.GT(d.Bounty) || d.Rate.GT(d.MaxRate) {
		return errorsmod.Wrapf(ErrInvalidGenesis, "deal %s of %s: bounty_left above bounty, or rate above max_rate", d.Work, d.Operator)
	}
	switch d.Status {
	case DEAL_STATUS_REQUESTED:
		if d.Index != 0 || d.AcceptedAt != 0 || d.MissedSeconds != 0 || !d.BountyLeft.Equal(d.Bounty) {
			return errorsmod.Wrapf(ErrInvalidGenesis, "deal %s of %s: requested, yet accepted", d.Work, d.Operator)
		}
	case DEAL_STATUS_ACTIVE:
		if d.AcceptedAt < d.RequestedAt || d.AcceptedAt >= d.ExpiresAt {
			return errorsmod.Wrapf(ErrInvalidGenesis, "deal %s of %s: accepted_at", d.Work, d.Operator)
		}
	default:
		return errorsmod.Wrapf(ErrInvalidGenesis, "deal %s of %s: status %d", d.Work, d.Operator, d.Status)
	}
	return nil
}
