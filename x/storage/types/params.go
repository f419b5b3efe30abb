package types

import (
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"
)

// Bounds and defaults of the parameters. The bounds are constants: no vote can move them.
const (
	// DefaultMinBond is 1,000 STREAM in ustream.
	DefaultMinBond = 1_000_000_000
	// LeastMinBond is 1 STREAM: a provider always has something to lose.
	LeastMinBond = 1_000_000
	// MostMinBond is 1,000,000 STREAM: no vote can price everyone out.
	MostMinBond = 1_000_000_000_000
	// DefaultBondPerGiB is 1 STREAM in ustream.
	DefaultBondPerGiB = 1_000_000
	// MostBondPerGiB is 1,000 STREAM.
	MostBondPerGiB = 1_000_000_000
	// DefaultUnbondingSeconds is 14 days.
	DefaultUnbondingSeconds = 14 * DaySeconds
	// MinUnbondingSeconds is an hour, enough to settle what was served before leaving.
	MinUnbondingSeconds = 3600
	// MaxUnbondingSeconds is 90 days: a bond is not kept for ever.
	MaxUnbondingSeconds = 90 * DaySeconds
	// DefaultRequestTTLSeconds is an hour.
	DefaultRequestTTLSeconds = 3600
	// MinRequestTTLSeconds is enough for a node that already holds the bytes.
	MinRequestTTLSeconds = 60
	// MaxRequestTTLSeconds is 7 days: requests carry no deposit, so they must go.
	MaxRequestTTLSeconds = 7 * DaySeconds
	// DefaultMinDealSeconds is 30 days, what publishers prepay by default.
	DefaultMinDealSeconds = 30 * DaySeconds
	// LongestMinDealSeconds is a year: no vote can bind providers for longer.
	LongestMinDealSeconds = 365 * DaySeconds
	// DefaultPeriodSeconds is a day.
	DefaultPeriodSeconds = DaySeconds
	// MinPeriodSeconds is enough for the least window, on a network that tests.
	MinPeriodSeconds = 20
	// MaxPeriodSeconds is 7 days: what is lost is found in weeks, not in months.
	MaxPeriodSeconds = 7 * DaySeconds
	// DefaultWindowSeconds is an hour: a node that restarts still proves.
	DefaultWindowSeconds = 3600
	// MinWindowSeconds is a few blocks. The most is half of a period, so that there is time to count.
	MinWindowSeconds = 5
	// DefaultServingRate is an ustream for each second of media time, in nano-ustream.
	DefaultServingRate = NanoPerUstream
	// MostServingRate is a hundredth of a STREAM a second.
	MostServingRate = 10_000 * NanoPerUstream
	// DefaultServingDailyBps lets a serving budget lose a tenth in a day.
	DefaultServingDailyBps = 1_000
	// MostServingDailyBps is half: what viewers that are not real could take leaves time to notice.
	MostServingDailyBps = 5_000
	// DefaultTargetCopies is how many counted copies are wanted.
	DefaultTargetCopies = 3
)

// DefaultParams returns the defaults.
func DefaultParams() Params {
	return Params{
		MinBond:           math.NewInt(DefaultMinBond),
		BondPerGib:        math.NewInt(DefaultBondPerGiB),
		UnbondingSeconds:  DefaultUnbondingSeconds,
		RequestTtlSeconds: DefaultRequestTTLSeconds,
		MinDealSeconds:    DefaultMinDealSeconds,
		TargetCopies:      DefaultTargetCopies,
		PeriodSeconds:     DefaultPeriodSeconds,
		WindowSeconds:     DefaultWindowSeconds,
		ServingRate:       math.NewInt(DefaultServingRate),
		ServingDailyBps:   DefaultServingDailyBps,
	}
}

// Validate refuses parameters out of bounds with ErrInvalidParams.
func (p Params) Validate() error {
	if outside(p.MinBond, LeastMinBond, MostMinBond) {
		return errorsmod.Wrapf(ErrInvalidParams, "min_bond must be %d to %d ustream", LeastMinBond, MostMinBond)
	}
	if outside(p.BondPerGib, 0, MostBondPerGiB) {
		return errorsmod.Wrapf(ErrInvalidParams, "bond_per_gib must be 0 to %d ustream", MostBondPerGiB)
	}
	if outside(p.ServingRate, 0, MostServingRate) {
		return errorsmod.Wrapf(ErrInvalidParams, "serving_rate must be 0 to %d nano-ustream", int64(MostServingRate))
	}
	for _, s := range []struct {
		name        string
		value       int64
		least, most int64
	}{
		{"unbonding_seconds", p.UnbondingSeconds, MinUnbondingSeconds, MaxUnbondingSeconds},
		{"request_ttl_seconds", p.RequestTtlSeconds, MinRequestTTLSeconds, MaxRequestTTLSeconds},
		{"min_deal_seconds", p.MinDealSeconds, 0, LongestMinDealSeconds},
		{"target_copies", int64(p.TargetCopies), 1, MaxDealsPerWork},
		{"period_seconds", p.PeriodSeconds, MinPeriodSeconds, MaxPeriodSeconds},
		{"serving_daily_bps", int64(p.ServingDailyBps), 0, MostServingDailyBps},
		{"window_seconds", p.WindowSeconds, MinWindowSeconds, p.PeriodSeconds / 2},
	} {
		if s.value < s.least || s.value > s.most {
			return errorsmod.Wrapf(ErrInvalidParams, "%s must be %d to %d", s.name, s.least, s.most)
		}
	}
	return nil
}

// RequiredBond is the least bond of a provider that offers so many bytes, in ustream. A GiB
// that is begun counts whole.
func (p Params) RequiredBond(capacity uint64) math.Int {
	gibs := capacity / GiB
	if capacity%GiB > 0 {
		gibs++
	}
	return p.MinBond.Add(p.BondPerGib.Mul(math.NewIntFromUint64(gibs)))
}

func outside(amount math.Int, least, most int64) bool {
	return amount.IsNil() || amount.LT(math.NewInt(least)) || amount.GT(math.NewInt(most))
}

// KeySetSeconds is how long a key set may be prepared. On test networks everything goes faster.
func (p Params) KeySetSeconds() int64 {
	if p.RelaxedNetworkRules {
		return 120
	}
	return 3600
}
