package types

import (
	"math/big"

	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"
)

func (gs GenesisState) validatePayouts() error {
	seen, count := once{}, make(map[string]int, len(gs.Payouts))
	for _, p := range gs.Payouts {
		if err := ValidateRecipient(p.Recipient); err != nil {
			return err
		}
		if _, err := ParseAddress(p.To); err != nil {
			return err
		}
		if err := ValidateThreshold(p.Threshold); err != nil {
			return err
		}
		if count[p.Recipient]++; p.Threshold.IsZero() || p.QueuedAt < 0 || count[p.Recipient] > MaxDenoms {
			return errorsmod.Wrapf(ErrInvalidGenesis, "payout of %s", p.Recipient)
		}
		if err := seen.add("payout", p.Recipient, p.Threshold.Denom); err != nil {
			return err
		}
	}
	return nil
}

func (gs GenesisState) validateDerivations() error {
	seen := once{}
	for _, t := range gs.Terms {
		if err := validateWork(t.Work); err != nil {
			return err
		}
		if t.MinBps > MaxParentBps {
			return errorsmod.Wrapf(ErrInvalidTerms, "%s: %d", t.Work, t.MinBps)
		}
		if err := seen.add("terms", t.Work); err != nil {
			return err
		}
	}
	for _, a := range gs.Acceptances {
		for _, work := range [2]string{a.Work, a.Parent} {
			if err := validateWork(work); err != nil {
				return err
			}
		}
		if a.AcceptedAt <= 0 || a.Work == a.Parent {
			return errorsmod.Wrapf(ErrInvalidGenesis, "acceptance of %s", a.Work)
		}
		if err := seen.add("acceptance", a.Work, a.Parent); err != nil {
			return err
		}
	}
	return nil
}

// validateRebates checks that each period's spending is what it says was left, and that no
// rebate is more than its share.
func (gs GenesisState) validateRebates() error {
	open, closed := gs.RebatePeriod, gs.ClosedPeriod
	for _, p := range [2]*RebatePeriod{open, closed} {
		if p != nil && !p.valid() {
			return errorsmod.Wrapf(ErrInvalidGenesis, "rebate period %d", p.Number)
		}
	}
	if closed != nil && (open == nil || closed.Number+1 != open.Number) || open != nil && !open.Reserved.IsZero() {
		return errorsmod.Wrap(ErrInvalidGenesis, "rebate periods do not follow each other")
	}
	seen, spent := once{}, map[uint64]math.Int{}
	for _, s := range gs.Spending {
		if _, err := ParseAddress(s.Payer); err != nil {
			return err
		}
		if s.Period == 0 || s.Left.IsNil() || !s.Left.IsPositive() {
			return errorsmod.Wrapf(ErrInvalidGenesis, "spending of %s", s.Payer)
		}
		if err := seen.add("spending", period(s.Period), s.Payer); err != nil {
			return err
		}
		if spent[s.Period].IsNil() {
			spent[s.Period] = math.ZeroInt()
		}
		spent[s.Period] = spent[s.Period].Add(s.Left)
	}
	if closed != nil && !spent[closed.Number].IsNil() && spent[closed.Number].GT(closed.Left) {
		return errorsmod.Wrapf(ErrInvalidGenesis, "the spending of period %d is more than was left", closed.Number)
	}
	return nil
}

func (p RebatePeriod) valid() bool {
	for _, amount := range [3]math.Int{p.Left, p.Reserved, p.Claimed} {
		if amount.IsNil() || amount.IsNegative() {
			return false
		}
	}
	return p.Number > 0 && p.BeganAt > 0 && p.EndsAt > p.BeganAt && p.Claimed.LTE(p.Reserved) && p.Reserved.LTE(p.Left)
}

// Share is the rebate of who left this much in the closed period: rounded down, so that all
// rebates together are never more than what is reserved.
func (p RebatePeriod) Share(left math.Int) math.Int {
	if !p.Left.IsPositive() {
		return math.ZeroInt()
	}
	return MulDiv(left, p.Reserved, p.Left)
}

// MulDiv is a × b / c, rounded down, where the product may pass the 256 bits of an amount.
func MulDiv(a, b, c math.Int) math.Int {
	x := new(big.Int).Mul(a.BigIntMut(), b.BigIntMut())
	return math.NewIntFromBigInt(x.Quo(x, c.BigIntMut()))
}

func period(number uint64) string { return math.NewIntFromUint64(number).String() }
