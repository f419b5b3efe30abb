package types

import (
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"
)

// Bounds and defaults of the parameters. The bounds are constants: no vote can move them.
const (
	// DefaultDeposit is 1 STREAM, in ustream, for a work and for a handle.
	DefaultDeposit = 1_000_000
	// MinDeposit is 0.01 STREAM: rows of state are never free.
	MinDeposit = 10_000
	// MaxDeposit is 1,000 STREAM: no vote can price everyone out.
	MaxDeposit = 1_000_000_000
	// DefaultCommitTTLSeconds is 7 days.
	DefaultCommitTTLSeconds = 7 * 24 * 3600
	// MinCommitTTLSeconds is an hour, enough to upload and publish.
	MinCommitTTLSeconds = 3600
	// MaxCommitTTLSeconds is 90 days: commits carry no deposit, so they must go.
	MaxCommitTTLSeconds = 90 * 24 * 3600
	// DefaultRotationDelaySeconds is 7 days, in which the owner of a stolen key notices.
	DefaultRotationDelaySeconds = 7 * 24 * 3600
	// MinRotationDelaySeconds is a day, the least that a vote can set: otherwise one captured vote would take the veto against a thief away.
	// A genesis can set less, for local networks.
	MinRotationDelaySeconds = 24 * 3600
	// MaxRotationDelaySeconds is 30 days: a lost key's owner waits no longer.
	MaxRotationDelaySeconds = 30 * 24 * 3600
	// DefaultHandleReserveSeconds is 90 days: who follows a name notices that it is somebody else's.
	DefaultHandleReserveSeconds = 90 * 24 * 3600
	// MinHandleReserveSeconds is 30 days, the least that a vote can set: otherwise one captured vote would free a famous name for a thief.
	// A genesis can set less, for local networks; zero frees a handle at once.
	MinHandleReserveSeconds = 30 * 24 * 3600
	// MaxHandleReserveSeconds is a year: names are not lost to everybody.
	MaxHandleReserveSeconds = 365 * 24 * 3600
)

// DefaultParams returns the defaults.
func DefaultParams() Params {
	return Params{
		WorkDeposit:          math.NewInt(DefaultDeposit),
		HandleDeposit:        math.NewInt(DefaultDeposit),
		CommitTtlSeconds:     DefaultCommitTTLSeconds,
		RotationDelaySeconds: DefaultRotationDelaySeconds,
		HandleReserveSeconds: DefaultHandleReserveSeconds,
	}
}

// Validate refuses parameters out of bounds with ErrInvalidParams.
func (p Params) Validate() error {
	if outside(p.WorkDeposit) {
		return errorsmod.Wrapf(ErrInvalidParams, "work_deposit must be %d to %d ustream", MinDeposit, MaxDeposit)
	}
	if outside(p.HandleDeposit) {
		return errorsmod.Wrapf(ErrInvalidParams, "handle_deposit must be %d to %d ustream", MinDeposit, MaxDeposit)
	}
	if p.CommitTtlSeconds < MinCommitTTLSeconds || p.CommitTtlSeconds > MaxCommitTTLSeconds {
		return errorsmod.Wrapf(ErrInvalidParams, "commit_ttl_seconds must be %d to %d", MinCommitTTLSeconds, MaxCommitTTLSeconds)
	}
	if p.RotationDelaySeconds < 1 || p.RotationDelaySeconds > MaxRotationDelaySeconds {
		return errorsmod.Wrapf(ErrInvalidParams, "rotation_delay_seconds must be 1 to %d", MaxRotationDelaySeconds)
	}
	if p.HandleReserveSeconds < 0 || p.HandleReserveSeconds > MaxHandleReserveSeconds {
		return errorsmod.Wrapf(ErrInvalidParams, "handle_reserve_seconds must be 0 to %d", MaxHandleReserveSeconds)
	}
	return nil
}

// ValidateVoted refuses parameters that no vote can set: those of Validate, a delay of rotations under a day or a reservation of handles
// under 30 days that is shorter than now (ErrInvalidParams), and other rules of networks (ErrRulesFixed).
func (p Params) ValidateVoted(now Params) error {
	if err := p.Validate(); err != nil {
		return err
	}
	if p.RotationDelaySeconds < min(MinRotationDelaySeconds, now.RotationDelaySeconds) {
		return errorsmod.Wrapf(ErrInvalidParams, "rotation_delay_seconds must be %d to %d", MinRotationDelaySeconds, MaxRotationDelaySeconds)
	}
	if p.HandleReserveSeconds < min(MinHandleReserveSeconds, now.HandleReserveSeconds) {
		return errorsmod.Wrapf(ErrInvalidParams, "handle_reserve_seconds must be %d to %d", MinHandleReserveSeconds, MaxHandleReserveSeconds)
	}
	if p.RelaxedNetworkRules != now.RelaxedNetworkRules {
		// a test network's rules on a public one would let feeds aim indexers at private hosts
		return ErrRulesFixed
	}
	return nil
}

func outside(amount math.Int) bool {
	return amount.IsNil() || amount.LT(math.NewInt(MinDeposit)) || amount.GT(math.NewInt(MaxDeposit))
}
