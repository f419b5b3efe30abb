package types

import (
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"
)

// The emission of STREAM. All of it is constants: no vote can mint.
const (
	// GenesisSupply is 100,000,000 STREAM, in ustream.
	GenesisSupply = 100_000_000_000_000
	// EmissionBps is the most of GenesisSupply that is minted in one of the first years.
	EmissionBps = 200
	// YearSeconds is a year of live time.
	YearSeconds = 365 * 24 * hourSeconds
	// FirstEraYears is how long that holds; then it halves, and again every EraYears.
	FirstEraYears = 8
	// EraYears is the length of each era after the first.
	EraYears = 4
	// EmissionStakersBps, EmissionStorageBps and EmissionParticipationBps say who it is for.
	EmissionStakersBps       = 8000
	EmissionStorageBps       = 1000
	EmissionParticipationBps = 1000
	// MaxMatches is the most works that one block looks at for storage emission.
	MaxMatches = 10
	// MatchTurnDivisor bounds what one work gets in its turn to a part of what is due, so that
	// the first in the order do not take all.
	MatchTurnDivisor = 10

	bpsWhole = 10_000
)

// FirstYearly is what a year of the first era emits, in ustream.
func FirstYearly() math.Int { return math.NewInt(GenesisSupply).MulRaw(EmissionBps).QuoRaw(bpsWhole) }

// Scheduled is all that is emitted in the first seconds of live time, in ustream. Emission
// between two times is the difference, so no rounding adds up, however long a block is.
func Scheduled(seconds int64) math.Int {
	sum, yearly, span := math.ZeroInt(), FirstYearly(), int64(FirstEraYears*YearSeconds)
	for seconds > 0 && yearly.IsPositive() {
		n := min(seconds, span)
		sum = sum.Add(yearly.MulRaw(n).QuoRaw(YearSeconds))
		seconds, yearly, span = seconds-n, yearly.QuoRaw(2), EraYears*YearSeconds
	}
	return sum
}

// YearlyAt is what a year emits at the rate that holds after seconds of live time, and when
// that halves.
func YearlyAt(seconds int64) (yearly math.Int, halvesAt int64) {
	yearly, halvesAt = FirstYearly(), FirstEraYears*YearSeconds
	for seconds >= halvesAt && yearly.IsPositive() {
		yearly, halvesAt = yearly.QuoRaw(2), halvesAt+EraYears*YearSeconds
	}
	return yearly, halvesAt
}

// NewEmission begins now, with this supply.
func NewEmission(now int64, supply math.Int) Emission {
	zero := math.ZeroInt()
	return Emission{BeganAt: now, LastAt: now, GenesisSupply: supply, Stakers: zero, Storage: zero, Participation: zero, StorageDue: zero}
}

// Minted is all that was minted.
func (e Emission) Minted() math.Int { return e.Stakers.Add(e.Storage).Add(e.Participation) }

// Validate checks a stored emission by itself: nothing was minted beyond the schedule.
func (e Emission) Validate() error {
	for _, amount := range [5]math.Int{e.GenesisSupply, e.Stakers, e.Storage, e.Participation, e.StorageDue} {
		if amount.IsNil() || amount.IsNegative() {
			return errorsmod.Wrap(ErrInvalidGenesis, "emission: an amount is not set, or negative")
		}
	}
	if e.BeganAt <= 0 || e.LastAt < e.BeganAt {
		return errorsmod.Wrap(ErrInvalidGenesis, "emission: began_at and last_at")
	}
	if most := Scheduled(e.LastAt - e.BeganAt); e.Minted().Add(e.StorageDue).GT(most) {
		return errorsmod.Wrapf(ErrInvalidGenesis, "emission: more was minted than the schedule's %s", most)
	}
	return nil
}
