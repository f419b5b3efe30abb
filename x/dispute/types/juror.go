package types

import (
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"
)

// NewJuror is an account without stake.
func NewJuror(address string) Juror {
	return Juror{Address: address, Stake: math.ZeroInt(), Locked: math.ZeroInt(), Unstaking: math.ZeroInt()}
}

// Free is the part of the stake that no seat locks, in ustream.
func (j Juror) Free() math.Int { return j.Stake.Sub(j.Locked) }

// Counts is the weight that the stake will have: all of it, or nothing below the least stake.
func (j Juror) Counts(p Params) uint64 {
	if j.Stake.LT(p.MinStake) {
		return 0
	}
	return j.Stake.Uint64()
}

// Gone reports whether nothing is left of the juror.
func (j Juror) Gone() bool {
	return j.Slot == 0 && j.Stake.IsZero() && j.Locked.IsZero() && j.Unstaking.IsZero()
}

// Validate checks one stored juror by itself.
func (j Juror) Validate() error {
	if _, err := ParseAddress(j.Address); err != nil {
		return err
	}
	switch {
	case !sound(j.Stake, j.Locked, j.Unstaking) || j.Locked.GT(j.Stake) || !j.Stake.IsUint64():
		return errorsmod.Wrapf(ErrInvalidGenesis, "juror %s: amounts", j.Address)
	case (j.Slot > 0) != (j.Weight > 0) || j.UnstakeAt < 0:
		return errorsmod.Wrapf(ErrInvalidGenesis, "juror %s: slot, weight or unstake_at", j.Address)
	}
	return nil
}
