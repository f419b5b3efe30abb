package types

import errorsmod "cosmossdk.io/errors"

// Bounds and defaults of the parameters. The bounds are constants: no vote can move them.
const (
	// DefaultTimelockSeconds is 2 days.
	DefaultTimelockSeconds = 2 * 24 * 3600
	// MaxTimelockSeconds is 30 days: a mistake can still be repaired in time.
	MaxTimelockSeconds = 30 * 24 * 3600
	// MinVotedTimelockSeconds is the least that a vote can set: a day to notice and to leave.
	// A genesis can set less, down to zero, for local networks.
	MinVotedTimelockSeconds = 24 * 3600
)

// DefaultParams returns the defaults.
func DefaultParams() Params { return Params{TimelockSeconds: DefaultTimelockSeconds} }

// Validate refuses parameters that no genesis can have with ErrInvalidParams.
func (p Params) Validate() error {
	if p.TimelockSeconds < 0 || p.TimelockSeconds > MaxTimelockSeconds {
		return errorsmod.Wrapf(ErrInvalidParams, "timelock_seconds must be 0 to %d", MaxTimelockSeconds)
	}
	return nil
}

// ValidateVoted refuses parameters that no vote can set: those of Validate, and a timelock
// below MinVotedTimelockSeconds with ErrTimelockTooShort. Otherwise one captured vote would
// make every later one take effect before anybody can react.
func (p Params) ValidateVoted() error {
	if err := p.Validate(); err != nil {
		return err
	}
	if p.TimelockSeconds < MinVotedTimelockSeconds {
		return errorsmod.Wrapf(ErrTimelockTooShort, "timelock_seconds must be %d to %d", MinVotedTimelockSeconds, MaxTimelockSeconds)
	}
	return nil
}
