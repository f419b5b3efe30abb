package types

import (
	errorsmod "cosmossdk.io/errors"

	streamtypes "github.com/streamchain/streamchain/x/stream/types"
)

// Bounds and defaults of the parameters. The bounds are constants: no vote can move them.
const (
	// DefaultMinPeriodSeconds is a day.
	DefaultMinPeriodSeconds = 24 * 3600
	// MinMinPeriodSeconds leaves room for local networks, whose days are short.
	MinMinPeriodSeconds = 1
	// MaxMinPeriodSeconds is 31 days: monthly plans stay possible.
	MaxMinPeriodSeconds = 31 * 24 * 3600
	// DefaultGraceSeconds is three days: a tenth of a month.
	DefaultGraceSeconds = 3 * 24 * 3600
	// MaxGraceSeconds is a week. None is a choice.
	MaxGraceSeconds = 7 * 24 * 3600
	// DefaultPassCloseSeconds is as long as the oldest report of a session of price zero may be late.
	DefaultPassCloseSeconds = streamtypes.UseWindowSeconds
	// MaxPassCloseSeconds is a week: creators are not kept waiting for longer.
	MaxPassCloseSeconds = 7 * 24 * 3600
)

// DefaultParams returns the defaults.
func DefaultParams() Params {
	return Params{MinPeriodSeconds: DefaultMinPeriodSeconds, GraceSeconds: DefaultGraceSeconds, PassCloseSeconds: DefaultPassCloseSeconds}
}

// PassGraceOf is how long access by a pass goes on while a renewal waits in the queue.
func (p Params) PassGraceOf(period int64) int64 { return min(p.GraceSeconds, period/GracePart) }

// GraceOf is how long access goes on after a period while its renewal waits or is tried again.
func (p Params) GraceOf(plan Plan) int64 { return min(p.GraceSeconds, plan.PeriodSeconds/GracePart) }

// Validate refuses parameters out of bounds with ErrInvalidParams.
func (p Params) Validate() error {
	if p.MinPeriodSeconds < MinMinPeriodSeconds || p.MinPeriodSeconds > MaxMinPeriodSeconds {
		return errorsmod.Wrapf(ErrInvalidParams, "min_period_seconds must be %d to %d", MinMinPeriodSeconds, MaxMinPeriodSeconds)
	}
	if p.GraceSeconds < 0 || p.GraceSeconds > MaxGraceSeconds {
		return errorsmod.Wrapf(ErrInvalidParams, "grace_seconds must be 0 to %d", MaxGraceSeconds)
	}
	if p.PassCloseSeconds < 0 || p.PassCloseSeconds > MaxPassCloseSeconds {
		return errorsmod.Wrapf(ErrInvalidParams, "pass_close_seconds must be 0 to %d", MaxPassCloseSeconds)
	}
	return nil
}
