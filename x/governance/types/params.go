package types

import errorsmod "cosmossdk.io/errors"

// Bounds and default of the timelocks' scale, in parts per million. The bounds are constants: no vote can move them.
const (
	// DefaultTimelockPPM leaves each track's timelock as it is. It is also the least that a vote can set: otherwise one captured vote
	// would make every later one take effect before anybody can react. A genesis can set less, down to zero, for local networks.
	DefaultTimelockPPM = 1_000_000
	// MaxTimelockPPM is ten times, 30 days at most: a mistake can still be repaired in time.
	MaxTimelockPPM = 10_000_000
)

// DefaultParams returns the defaults.
func DefaultParams() Params { return Params{TimelockPpm: DefaultTimelockPPM} }

// Scale returns a timelock of a track as it holds, in seconds.
func (p Params) Scale(seconds int64) int64 { return seconds * p.TimelockPpm / DefaultTimelockPPM }

// Validate refuses parameters that no genesis can have with ErrInvalidParams.
func (p Params) Validate() error {
	if p.TimelockPpm < 0 || p.TimelockPpm > MaxTimelockPPM {
		return errorsmod.Wrapf(ErrInvalidParams, "timelock_ppm must be 0 to %d", MaxTimelockPPM)
	}
	return nil
}

// ValidateVoted refuses parameters that no vote can set: those of Validate, and shorter timelocks than the tracks' with
// ErrTimelockTooShort.
func (p Params) ValidateVoted() error {
	if err := p.Validate(); err != nil {
		return err
	}
	if p.TimelockPpm < DefaultTimelockPPM {
		return errorsmod.Wrapf(ErrTimelockTooShort, "timelock_ppm must be %d to %d", DefaultTimelockPPM, MaxTimelockPPM)
	}
	return nil
}
