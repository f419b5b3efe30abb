package types

import (
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
)

// NewEscrow is the empty escrow of a work.
func NewEscrow(root string, now int64) Escrow {
	return Escrow{
		Root: root, Balance: math.ZeroInt(), Owed: math.ZeroInt(), Rate: math.ZeroInt(), PaidIn: math.ZeroInt(), FromPool: math.ZeroInt(),
		UpdatedAt: now,
	}
}

// Accrue counts the seconds up to now. A second counts only where the balance pays all deals
// for the whole of it: then each deal's part is its rate times the seconds, to the nano, in
// whatever order deals are settled, and balance + owed stays what it was.
//
// Call it before anything changes balance or rate: coins that come now pay for no second
// before now, so a payout never runs ahead of the coins of this block.
func (e Escrow) Accrue(now int64) Escrow {
	if now <= e.UpdatedAt {
		return e
	}
	covered := e.coverable()
	if elapsed := uint64(now - e.UpdatedAt); covered > elapsed {
		covered = elapsed
	}
	e.UpdatedAt = now
	if covered == 0 {
		return e
	}
	paid := e.Rate.Mul(math.NewIntFromUint64(covered))
	e.Balance, e.Owed, e.Index = e.Balance.Sub(paid), e.Owed.Add(paid), e.Index+covered
	return e
}

// coverable is how many seconds the balance still pays; none where there is nothing to pay.
func (e Escrow) coverable() uint64 {
	if !e.Rate.IsPositive() {
		return 0
	}
	seconds := e.Balance.Quo(e.Rate)
	if !seconds.IsInt64() {
		return 1<<63 - 1
	}
	return seconds.Uint64()
}

// Dry reports whether the balance does not pay for one more second, though there is something
// to pay. The escrow must be counted up to now.
func (e Escrow) Dry() bool { return e.Rate.IsPositive() && e.Balance.LT(e.Rate) }

// DryAt is the live time in Unix seconds up to which the balance pays; zero where there is
// nothing to pay, or where it pays for longer than time is counted.
func (e Escrow) DryAt() int64 {
	seconds := e.coverable()
	if !e.Rate.IsPositive() || seconds > uint64(1<<63-1-e.UpdatedAt) {
		return 0
	}
	return e.UpdatedAt + int64(seconds)
}

// Accrued is what of e's owed belongs to a deal, in nano-ustream: its rate for each second that
// was covered since it was last settled, missed or not.
func (e Escrow) Accrued(d Deal) math.Int {
	return d.Rate.Mul(math.NewIntFromUint64(e.since(d)))
}

func (e Escrow) since(d Deal) uint64 {
	if d.Status != DEAL_STATUS_ACTIVE || e.Index <= d.Index {
		return 0
	}
	return e.Index - d.Index
}

// Pay is what settling an active deal moves, in nano-ustream.
type Pay struct {
	// Earned goes to the provider, out of owed.
	Earned math.Int
	// Voided is what missed proofs have cost it: it goes back to the balance, out of owed.
	Voided math.Int
	// Bounty goes to the provider, out of the deal's bounty.
	Bounty math.Int
}

// Total is what the provider gets.
func (p Pay) Total() math.Int { return p.Earned.Add(p.Bounty) }

// PayOf says what settling d moves, where missed is its provider's count of missed seconds now.
// A second that proofs were missed for earns nothing. The bounty is spread over BountyPeriods
// of proven, covered time; it rounds down, so that nothing is gained by settling often.
func (e Escrow) PayOf(d Deal, missed uint64, periodSeconds int64) Pay {
	seconds, voided := e.since(d), uint64(0)
	if missed > d.MissedSeconds {
		voided = min(seconds, missed-d.MissedSeconds)
	}
	proven := math.NewIntFromUint64(seconds - voided)
	bounty := math.ZeroInt()
	if d.BountyLeft.IsPositive() {
		bounty = math.MinInt(d.BountyLeft, d.Bounty.Mul(proven).QuoRaw(BountyPeriods*periodSeconds))
	}
	return Pay{Earned: d.Rate.Mul(proven), Voided: d.Rate.Mul(math.NewIntFromUint64(voided)), Bounty: bounty}
}

// Excess is what amount, in nano-ustream, would lift the balance above EndowedDays of all deals,
// at most amount. Where nothing is to be paid yet, nobody can say what is enough.
func (e Escrow) Excess(amount math.Int) math.Int {
	if !e.Rate.IsPositive() {
		return math.ZeroInt()
	}
	above := e.Balance.Add(amount).Sub(e.Rate.MulRaw(EndowedDays * DaySeconds))
	return math.MaxInt(math.ZeroInt(), math.MinInt(amount, above))
}

// Validate checks one stored escrow by itself.
func (e Escrow) Validate() error {
	if _, err := contenttypes.ParseWorkID(e.Root); err != nil {
		return err
	}
	for _, amount := range []math.Int{e.Balance, e.Owed, e.Rate, e.PaidIn, e.FromPool} {
		if amount.IsNil() || amount.IsNegative() {
			return errorsmod.Wrapf(ErrInvalidGenesis, "escrow %s: balance, owed, rate, paid_in and from_pool must be set and not negative", e.Root)
		}
	}
	if e.FromPool.GT(e.PaidIn.MulRaw(PoolMultiple)) {
		return errorsmod.Wrapf(ErrInvalidGenesis, "escrow %s: from_pool is more than the pool may give", e.Root)
	}
	if e.CheckAt < 0 || (e.CheckAt == 0 && e.DryAt() > 0) {
		return errorsmod.Wrapf(ErrInvalidGenesis, "escrow %s: check_at", e.Root)
	}
	if e.UpdatedAt < 0 || e.Deals > MaxDealsPerRoot || e.Index > 1<<62 {
		return errorsmod.Wrapf(ErrInvalidGenesis, "escrow %s: updated_at, index or deals", e.Root)
	}
	return nil
}

// Validate checks one stored earning by itself.
func (e Earning) Validate() error {
	if _, err := ParseAddress(e.Operator); err != nil {
		return err
	}
	if e.Amount.IsNil() || !e.Amount.IsPositive() {
		return errorsmod.Wrapf(ErrInvalidGenesis, "earning of %s must be positive", e.Operator)
	}
	return nil
}
