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
)

// DefaultParams returns the defaults.
func DefaultParams() Params {
	return Params{
		WorkDeposit:      math.NewInt(DefaultDeposit),
		HandleDeposit:    math.NewInt(DefaultDeposit),
		CommitTtlSeconds: DefaultCommitTTLSeconds,
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
	return nil
}

func outside(amount math.Int) bool {
	return amount.IsNil() || amount.LT(math.NewInt(MinDeposit)) || amount.GT(math.NewInt(MaxDeposit))
}
