package types

import (
	"slices"

	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// Why a subscription ended: slugs for programs, never changed.
const (
	EndedUnrenewed  = "ended"
	EndedPlanClosed = "plan-closed"
	EndedPrice      = "price-above-max"
	EndedUnfunded   = "unfunded"
)

// Renews reports whether a mandate can charge one more period.
func (s Subscription) Renews() bool { return s.Mandate != nil && s.Mandate.Renewals > 0 }

// Until is the live time from which s grants no access: its end, and a grace later where a renewal
// can still come. The grace is what lets a renewal wait its turn, or its payer fill an empty wallet.
func (s Subscription) Until(grace int64) int64 {
	if s.Renews() {
		return s.ExpiresAt + grace
	}
	return s.ExpiresAt
}

// Running reports whether s grants access at now. The second in which it ends is the first without.
func (s Subscription) Running(now, grace int64) bool { return now < s.Until(grace) }

// Periods is the number of periods that are paid and have not ended.
func (s Subscription) Periods() int64 {
	sum := int64(0)
	for _, p := range s.Prepaid {
		sum += int64(p.Periods)
	}
	return sum
}

// Held is what lies in custody for s: the price of every period that has not ended.
func (s Subscription) Held() math.Int {
	sum := math.ZeroInt()
	for _, p := range s.Prepaid {
		sum = sum.Add(p.Price.Amount.MulRaw(int64(p.Periods)))
	}
	return sum
}

// Pay returns s with more paid periods of plan at its end. Errors: ErrTooManyPayments, ErrTooFarAhead.
func (s Subscription) Pay(p Prepaid, plan Plan, now int64) (Subscription, error) {
	s.Prepaid = slices.Clone(s.Prepaid)
	if n := len(s.Prepaid); n > 0 && s.Prepaid[n-1].Payer == p.Payer && s.Prepaid[n-1].Price.Equal(p.Price) {
		s.Prepaid[n-1].Periods += p.Periods
	} else {
		s.Prepaid = append(s.Prepaid, p)
	}
	if len(s.Prepaid) > MaxPayments {
		return Subscription{}, errorsmod.Wrap(ErrTooManyPayments, s.Plan)
	}
	s.ExpiresAt = s.PeriodStartedAt + s.Periods()*plan.PeriodSeconds
	if s.ExpiresAt-max(now, s.PeriodStartedAt) > MaxAheadSeconds {
		return Subscription{}, errorsmod.Wrap(ErrTooFarAhead, s.Plan)
	}
	s.DueAt, s.Attempts = s.PeriodStartedAt+plan.PeriodSeconds, 0
	return s, nil
}

// Elapse returns s without the periods that have ended at now, and those.
func (s Subscription) Elapse(now, period int64) (Subscription, []Prepaid) {
	var ended []Prepaid
	s.Prepaid = slices.Clone(s.Prepaid)
	for len(s.Prepaid) > 0 && now >= s.PeriodStartedAt+period {
		p := s.Prepaid[0]
		p.Periods = uint32(min(int64(p.Periods), (now-s.PeriodStartedAt)/period))
		ended = append(ended, p)
		s.PeriodStartedAt += int64(p.Periods) * period
		if s.Prepaid[0].Periods -= p.Periods; s.Prepaid[0].Periods == 0 {
			s.Prepaid = s.Prepaid[1:]
		}
	}
	if len(s.Prepaid) == 0 {
		s.Prepaid = nil
	}
	if len(ended) > 0 {
		s.DueAt = min(s.PeriodStartedAt+period, s.ExpiresAt)
	}
	return s, ended
}

// Settlement is how a subscription that ends now is paid out.
type Settlement struct {
	// Kept is what the creator gets of the running period's price, and Payer who paid it.
	Kept  sdk.Coin
	Payer string
	// Refunds are what goes back, one for each account that paid, in the order of the payments.
	Refunds []PlanRefund
}

// Refunded is the sum of the refunds.
func (s Settlement) Refunded() sdk.Coin {
	sum := sdk.NewCoin(s.Kept.Denom, math.ZeroInt())
	for _, r := range s.Refunds {
		sum = sum.Add(r.Amount)
	}
	return sum
}

// Settle pays out s, whose ended periods have elapsed. Of the running period the unused seconds go back,
// rounded down: the creator takes the remainder. Nothing is used during a trial; from the first period's
// start on it is at least the plan's min_seconds. Later periods go back whole.
func (s Subscription) Settle(now int64, plan Plan) Settlement {
	out := Settlement{Kept: sdk.NewCoin(plan.Price.Denom, math.ZeroInt())}
	for i, p := range s.Prepaid {
		back := p.Price.Amount.MulRaw(int64(p.Periods))
		if used := s.used(now, plan); i == 0 && used > 0 {
			left := p.Price.Amount.MulRaw(plan.PeriodSeconds - used).QuoRaw(plan.PeriodSeconds)
			out.Kept, out.Payer = sdk.NewCoin(p.Price.Denom, p.Price.Amount.Sub(left)), p.Payer
			back = back.Sub(p.Price.Amount).Add(left)
		}
		out.refund(p.Payer, sdk.NewCoin(p.Price.Denom, back))
	}
	return out
}

func (s *Settlement) refund(payer string, amount sdk.Coin) {
	if !amount.IsPositive() {
		return
	}
	i := slices.IndexFunc(s.Refunds, func(r PlanRefund) bool { return r.Payer == payer })
	if i < 0 {
		s.Refunds = append(s.Refunds, PlanRefund{Payer: payer, Amount: amount})
		return
	}
	s.Refunds[i].Amount = s.Refunds[i].Amount.Add(amount)
}

// used is how many seconds of the running period count as used.
func (s Subscription) used(now int64, plan Plan) int64 {
	if now < s.PeriodStartedAt {
		return 0
	}
	return min(max(now-s.PeriodStartedAt, plan.MinSeconds), plan.PeriodSeconds)
}

// Validate checks one stored subscription to plan by itself.
func (s Subscription) Validate(plan Plan) error {
	if _, err := ParseAddress(s.Viewer); err != nil {
		return err
	}
	bad := func(what string) error {
		return errorsmod.Wrapf(ErrInvalidGenesis, "subscription of %s to %s: %s", s.Viewer, s.Plan, what)
	}
	if s.StartedAt <= 0 || s.PeriodStartedAt < s.StartedAt || s.DueAt < s.PeriodStartedAt || s.ExpiresAt <= s.StartedAt {
		return bad("times")
	}
	if len(s.Prepaid) > MaxPayments || s.Attempts > MaxAttempts {
		return bad("payments or attempts")
	}
	for _, p := range s.Prepaid {
		if _, err := ParseAddress(p.Payer); err != nil {
			return err
		}
		if ValidatePrice(p.Price) != nil || p.Periods == 0 || int64(p.Periods) > MaxAheadSeconds {
			return bad("a payment")
		}
	}
	if s.ExpiresAt != s.PeriodStartedAt+s.Periods()*plan.PeriodSeconds {
		return bad("its end does not follow from what is paid")
	}
	if len(s.Prepaid) > 0 && s.DueAt < s.PeriodStartedAt+plan.PeriodSeconds {
		return bad("it is due before the running period ends")
	}
	if s.Mandate == nil {
		return nil
	}
	if _, err := ParseAddress(s.Mandate.Payer); err != nil {
		return err
	}
	if s.Mandate.Renewals == 0 {
		return bad("a mandate of nothing")
	}
	return ValidateMaxPrice(s.Mandate.MaxPrice)
}

// Validate checks one stored trial by itself.
func (t Trial) Validate() error {
	if _, err := ParseAddress(t.Viewer); err != nil {
		return err
	}
	_, err := ParsePlanID(t.Plan)
	return err
}
