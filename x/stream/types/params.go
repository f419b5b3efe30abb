package types

import (
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"
)

// Bounds and defaults of the parameters. The bounds are constants: no vote can move them.
const (
	// DefaultMinDeposit is 0.1 STREAM, in ustream.
	DefaultMinDeposit = 100_000
	// LeastMinDeposit is 0.01 STREAM: an escrow is never free state.
	LeastMinDeposit = 10_000
	// MostMinDeposit is 10 STREAM: no vote can price viewers out.
	MostMinDeposit = 10_000_000

	// DefaultMinLaneCap is 0.01 STREAM, in ustream.
	DefaultMinLaneCap = 10_000
	// LeastMinLaneCap is 0.001 STREAM: a lane is never free state.
	LeastMinLaneCap = 1_000
	// MostMinLaneCap is 1 STREAM: no vote can make a viewer lock much to watch a little.
	MostMinLaneCap = 1_000_000

	// DefaultOpenFee is what opening and settling one lane costs in gas at the least price.
	DefaultOpenFee = 700
	// MostOpenFee is 0.01 STREAM: what a viewer signs for is bounded for good.
	MostOpenFee = 10_000

	// DefaultMinLaneSeconds is half an hour.
	DefaultMinLaneSeconds = 1800
	// DefaultMaxLaneSeconds is a day.
	DefaultMaxLaneSeconds = 24 * hourSeconds
	// LeastLaneSeconds is the least of both, for local networks.
	LeastLaneSeconds = 10
	// MostLaneSeconds is a week. With MostGraceSeconds it is how long a silent provider can
	// hold back a viewer's coins, so no vote can lengthen it.
	MostLaneSeconds = 7 * 24 * hourSeconds

	// DefaultGraceSeconds is an hour.
	DefaultGraceSeconds = hourSeconds
	// LeastGraceSeconds is some blocks: a provider must always get to settle.
	LeastGraceSeconds = 10
	// MostGraceSeconds is a day.
	MostGraceSeconds = 24 * hourSeconds

	// DefaultCloseGraceSeconds is five minutes: who holds a viewer's words sees the closing within
	// some blocks.
	DefaultCloseGraceSeconds = 300
	// LeastCloseGraceSeconds is some blocks, for local networks.
	LeastCloseGraceSeconds = 5
	// MostCloseGraceSeconds is an hour: a viewer whose lane is closed wants his coins.
	MostCloseGraceSeconds = hourSeconds

	// DefaultServeMarginSeconds is ten minutes.
	DefaultServeMarginSeconds = 600
)

// DefaultParams returns the defaults.
func DefaultParams() Params {
	return Params{
		MinDeposit:         math.NewInt(DefaultMinDeposit),
		MinLaneCap:         math.NewInt(DefaultMinLaneCap),
		OpenFee:            math.NewInt(DefaultOpenFee),
		MinLaneSeconds:     DefaultMinLaneSeconds,
		MaxLaneSeconds:     DefaultMaxLaneSeconds,
		SettleGraceSeconds: DefaultGraceSeconds,
		ServeMarginSeconds: DefaultServeMarginSeconds,
		CloseGraceSeconds:  DefaultCloseGraceSeconds,
	}
}

// Validate refuses parameters out of bounds with ErrInvalidParams.
func (p Params) Validate() error {
	if outside(p.MinDeposit, LeastMinDeposit, MostMinDeposit) {
		return errorsmod.Wrapf(ErrInvalidParams, "min_deposit must be %d to %d", LeastMinDeposit, MostMinDeposit)
	}
	if outside(p.MinLaneCap, LeastMinLaneCap, MostMinLaneCap) {
		return errorsmod.Wrapf(ErrInvalidParams, "min_lane_cap must be %d to %d", LeastMinLaneCap, MostMinLaneCap)
	}
	if outside(p.OpenFee, 0, MostOpenFee) {
		return errorsmod.Wrapf(ErrInvalidParams, "open_fee must be 0 to %d", MostOpenFee)
	}
	if p.MinLaneSeconds < LeastLaneSeconds || p.MinLaneSeconds > MostLaneSeconds {
		return errorsmod.Wrapf(ErrInvalidParams, "min_lane_seconds must be %d to %d", LeastLaneSeconds, MostLaneSeconds)
	}
	if p.MaxLaneSeconds < p.MinLaneSeconds || p.MaxLaneSeconds > MostLaneSeconds {
		return errorsmod.Wrapf(ErrInvalidParams, "max_lane_seconds must be min_lane_seconds to %d", MostLaneSeconds)
	}
	if p.SettleGraceSeconds < LeastGraceSeconds || p.SettleGraceSeconds > MostGraceSeconds {
		return errorsmod.Wrapf(ErrInvalidParams, "settle_grace_seconds must be %d to %d", LeastGraceSeconds, MostGraceSeconds)
	}
	if p.ServeMarginSeconds < 0 || p.ServeMarginSeconds >= p.MinLaneSeconds {
		return errorsmod.Wrap(ErrInvalidParams, "serve_margin_seconds must be 0 or more and below min_lane_seconds")
	}
	if p.CloseGraceSeconds < LeastCloseGraceSeconds || p.CloseGraceSeconds > MostCloseGraceSeconds {
		return errorsmod.Wrapf(ErrInvalidParams, "close_grace_seconds must be %d to %d", LeastCloseGraceSeconds, MostCloseGraceSeconds)
	}
	return nil
}

func outside(v math.Int, least, most int64) bool {
	return v.IsNil() || v.LT(math.NewInt(least)) || v.GT(math.NewInt(most))
}
