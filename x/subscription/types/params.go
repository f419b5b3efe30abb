package types

import errorsmod "cosmossdk.io/errors"

// Bounds and defaults of the parameters. The bounds are constants: no vote can move them.
const (
	// DefaultMinPeriodSeconds is a day.
	DefaultMinPeriodSeconds = 24 * 3600
	// MinMinPeriodSeconds leaves room for local networks, whose days are short.
	MinMinPeriodSeconds = 1
	// MaxMinPeriodSeconds is 31 days: monthly plans stay possible.
	MaxMinPeriodSeconds = 31 * 24 * 3600
)

// DefaultParams returns the defaults.
func DefaultParams() Params { return Params{MinPeriodSeconds: DefaultMinPeriodSeconds} }

// Validate refuses parameters out of bounds with ErrInvalidParams.
func (p Params) Validate() error {
	if p.MinPeriodSeconds < MinMinPeriodSeconds || p.MinPeriodSeconds > MaxMinPeriodSeconds {
		return errorsmod.Wrapf(ErrInvalidParams, "min_period_seconds must be %d to %d", MinMinPeriodSeconds, MaxMinPeriodSeconds)
	}
	return nil
}
