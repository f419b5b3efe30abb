package types

import (
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
)

const basisPoints = 10_000

// NewServing is the empty serving budget of a work.
func NewServing(root string) Serving {
	return Serving{Root: root, PaidIn: math.ZeroInt(), PaidOut: math.ZeroInt(), Base: math.ZeroInt(), Paid: math.ZeroInt()}
}

// Balance is what the budget holds, in nano-ustream.
func (s Serving) Balance() math.Int { return s.PaidIn.Sub(s.PaidOut) }

// At is the budget in the day of now: the balance with which a day begins bounds what it pays.
func (s Serving) At(now int64) Serving {
	if day := now / DaySeconds; day > s.Day {
		s.Day, s.Base, s.Paid = day, s.Balance(), math.ZeroInt()
	}
	return s
}

// Fund adds coins that are there: they count from this day.
func (s Serving) Fund(amount math.Int) Serving {
	s.PaidIn, s.Base = s.PaidIn.Add(amount), s.Base.Add(amount)
	return s
}

// Endow adds coins that are on their way from x/revenue. They count from the next day, when they
// have long arrived.
func (s Serving) Endow(amount math.Int) Serving {
	s.PaidIn = s.PaidIn.Add(amount)
	return s
}

// Cap is the most that the day pays in all, in nano-ustream.
func (s Serving) Cap(dailyBps uint32) math.Int {
	return s.Base.MulRaw(int64(dailyBps)).QuoRaw(basisPoints)
}

// ProviderCap is the most of it that one of so many providers earns: all of it where there is one,
// two parts of deals + 1 where there are more. A provider that makes up viewers takes no more
// than its part, and one that serves twice as many as the others is still paid for them.
func (s Serving) ProviderCap(dailyBps, deals uint32) math.Int {
	return s.Cap(dailyBps).MulRaw(2).QuoRaw(max(2, int64(deals)+1))
}

// PayFor is what seconds of media time pay a provider that has earned earned in the day, where
// deals providers keep the work.
func (s Serving) PayFor(p Params, seconds uint64, deals uint32, earned math.Int) math.Int {
	pay := p.ServingRate.Mul(math.NewIntFromUint64(seconds))
	for _, left := range []math.Int{
		s.Cap(p.ServingDailyBps).Sub(s.Paid), s.ProviderCap(p.ServingDailyBps, deals).Sub(earned), s.Balance(),
	} {
		pay = math.MinInt(pay, left)
	}
	return math.MaxInt(pay, math.ZeroInt())
}

// Pay takes what a provider earned.
func (s Serving) Pay(amount math.Int) Serving {
	s.PaidOut, s.Paid = s.PaidOut.Add(amount), s.Paid.Add(amount)
	return s
}

// At is what the provider earned in the day of now.
func (d ServingDay) At(now int64) ServingDay {
	if day := now / DaySeconds; day > d.Day {
		d.Day, d.Paid = day, math.ZeroInt()
	}
	return d
}

// Validate checks one stored budget by itself.
func (s Serving) Validate() error {
	if _, err := contenttypes.ParseWorkID(s.Root); err != nil {
		return err
	}
	for _, amount := range []math.Int{s.PaidIn, s.PaidOut, s.Base, s.Paid} {
		if amount.IsNil() || amount.IsNegative() {
			return errorsmod.Wrapf(ErrInvalidGenesis, "serving budget %s: amounts must be set and not negative", s.Root)
		}
	}
	// base = balance at the day's beginning + paid in by messages since
	if s.PaidOut.GT(s.PaidIn) || s.Paid.GT(s.PaidOut) || s.Paid.GT(s.Base) || s.Base.GT(s.Balance().Add(s.Paid)) || s.Day < 0 {
		return errorsmod.Wrapf(ErrInvalidGenesis, "serving budget %s: it has paid more than it had", s.Root)
	}
	return nil
}

func (gs GenesisState) validateServings() error {
	budgets := make(map[string]Serving, len(gs.Servings))
	left := make(map[string]math.Int, len(gs.Servings))
	for _, s := range gs.Servings {
		if err := s.Validate(); err != nil {
			return err
		}
		if _, twice := budgets[s.Root]; twice {
			return errorsmod.Wrapf(ErrInvalidGenesis, "serving budget %s occurs twice", s.Root)
		}
		budgets[s.Root], left[s.Root] = s, s.Paid
	}
	seen := make(map[[2]string]bool, len(gs.ServingDays))
	for _, d := range gs.ServingDays {
		s, known := budgets[d.Root]
		key := [2]string{d.Root, d.Operator}
		if _, err := ParseAddress(d.Operator); err != nil {
			return err
		}
		if !known || seen[key] || d.Day > s.Day || d.Paid.IsNil() || !d.Paid.IsPositive() {
			return errorsmod.Wrapf(ErrInvalidGenesis, "serving of %s by %s: twice, or of no budget's day", d.Root, d.Operator)
		}
		seen[key] = true
		if d.Day == s.Day {
			left[d.Root] = left[d.Root].Sub(d.Paid)
		}
	}
	for _, s := range gs.Servings {
		if !left[s.Root].IsZero() {
			return errorsmod.Wrapf(ErrInvalidGenesis, "serving budget %s: paid is not the sum of what its providers earned", s.Root)
		}
	}
	return nil
}
