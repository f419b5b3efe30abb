package types

import (
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"
)

const stream = 1_000_000

// Bounds of the parameters. They are constants: no vote can move them.
const (
	// MinBond and MaxBond bound bonds, in ustream.
	MinBond = stream
	MaxBond = 1_000_000 * stream
	// MaxMinStake bounds the least stake, in ustream.
	MaxMinStake = 1_000_000 * stream
	// LeastEvidenceSeconds is how long a respondent has at least: two weeks to hear of it and answer.
	LeastEvidenceSeconds = 14 * day
	// LeastVoteSeconds is how long sealing and revealing last at least.
	LeastVoteSeconds = day
	// LeastAppealSeconds is how long a ruling can be appealed at least.
	LeastAppealSeconds = 2 * day
	// MaxStepSeconds bounds every step, so that a dispute ends while its payments still wait.
	MaxStepSeconds = 14 * day
	// MaxEvidenceSeconds bounds the respondent's time.
	MaxEvidenceSeconds = 30 * day
	// MaxInterimSeconds bounds the restriction before a ruling.
	MaxInterimSeconds = 14 * day
	// LeastUnstakeSeconds and MaxUnstakeSeconds bound how long stake that was taken back waits.
	LeastUnstakeSeconds = 7 * day
	MaxUnstakeSeconds   = 60 * day
	// LeastDrawSeconds and MaxDrawSeconds bound how long a jury is looked for.
	LeastDrawSeconds = 3 * day
	MaxDrawSeconds   = 30 * day
	// MaxSlashBps bounds what a fault costs a provider: a tenth of its bond.
	MaxSlashBps = 1000
)

// DefaultParams returns the defaults.
func DefaultParams() Params {
	p := Params{MinStake: math.NewInt(500 * stream), UnstakeSeconds: 21 * day, InterimSeconds: 14 * day, DrawSeconds: 14 * day}
	for _, k := range Kinds() {
		t := Terms{
			Kind: k, Bond: math.NewInt(200 * stream), InterimBond: math.ZeroInt(), EvidenceSeconds: 14 * day,
			CommitSeconds: 4 * day, RevealSeconds: 3 * day, AppealSeconds: 4 * day,
			SeatFee: math.NewInt(10 * stream), SeatStake: math.NewInt(25 * stream),
		}
		switch {
		case k.Restricts():
			t.InterimBond = math.NewInt(1000 * stream)
		case k == KIND_REFUND: // most payments are small
			t.Bond, t.SeatFee, t.SeatStake = math.NewInt(20*stream), math.NewInt(stream), math.NewInt(10*stream)
		case k == KIND_PROVIDER_FAULT:
			t.SlashBps = 500
		}
		p.Terms = append(p.Terms, t)
	}
	return p
}

// Of returns the terms of a kind. Errors: ErrInvalidKind.
func (p Params) Of(k Kind) (Terms, error) {
	for _, t := range p.Terms {
		if t.Kind == k {
			return t, nil
		}
	}
	return Terms{}, errorsmod.Wrapf(ErrInvalidKind, "%d", k)
}

// Lock is what one seat locks of a juror's stake: what missing the vote costs, in ustream. It
// is one and a half times what voting against the final ruling costs, rounded up.
func (t Terms) Lock() math.Int { return t.SeatStake.MulRaw(3).AddRaw(1).QuoRaw(2) }

// RoundBond is what a jury of so many seats needs as a bond, in ustream, rounded up.
func (t Terms) RoundBond(seats uint32) math.Int {
	return t.Bond.MulRaw(int64(seats)).AddRaw(FirstSeats - 1).QuoRaw(FirstSeats)
}

// Validate refuses terms that no genesis can have with ErrInvalidParams.
func (t Terms) Validate() error {
	bad := func(what string) error { return errorsmod.Wrapf(ErrInvalidParams, "%s: %s", t.Kind, what) }
	switch {
	case !t.Kind.Known():
		return bad("kind")
	case !sound(t.Bond, t.InterimBond, t.SeatFee, t.SeatStake):
		return bad("an amount is missing or negative")
	case t.Bond.LT(math.NewInt(MinBond)) || t.Bond.GT(math.NewInt(MaxBond)):
		return bad("bond must be 1 to 1,000,000 STREAM")
	case t.InterimBond.GT(math.NewInt(MaxBond)) || t.InterimBond.IsPositive() != t.Kind.Restricts():
		return bad("interim_bond must be positive, at most 1,000,000 STREAM, where the kind restricts a work, and else zero")
	case !t.SeatFee.IsPositive() || t.SeatFee.MulRaw(FirstSeats*FeeBonds).GT(t.Bond):
		return bad("the seat_fee of 7 seats must be at most half of the bond")
	case !t.SeatStake.IsPositive() || t.SeatStake.GT(math.NewInt(MaxBond)):
		return bad("seat_stake must be positive, at most 1,000,000 STREAM")
	case t.SlashBps > MaxSlashBps || (t.SlashBps > 0) != (t.Kind == KIND_PROVIDER_FAULT):
		return bad("slash_bps must be 1 to 1,000 for a provider's fault, and else zero")
	case t.EvidenceSeconds < 1 || t.EvidenceSeconds > MaxEvidenceSeconds:
		return bad("evidence_seconds")
	}
	for _, s := range []int64{t.CommitSeconds, t.RevealSeconds, t.AppealSeconds} {
		if s < 1 || s > MaxStepSeconds {
			return bad("commit_seconds, reveal_seconds and appeal_seconds must be positive, at most 14 days")
		}
	}
	return nil
}

// Validate refuses parameters that no genesis can have with ErrInvalidParams. Short times are
// for local networks.
func (p Params) Validate() error {
	kinds := Kinds()
	if len(p.Terms) != len(kinds) {
		return errorsmod.Wrapf(ErrInvalidParams, "terms of %d kinds, not %d", len(p.Terms), len(kinds))
	}
	lock := math.ZeroInt()
	for i, t := range p.Terms {
		if t.Kind != kinds[i] {
			return errorsmod.Wrap(ErrInvalidParams, "terms must be in the order of the kinds")
		}
		if err := t.Validate(); err != nil {
			return err
		}
		lock = math.MaxInt(lock, t.Lock())
	}
	switch {
	case !sound(p.MinStake) || p.MinStake.LT(lock.MulRaw(StakeSeats)) || p.MinStake.GT(math.NewInt(MaxMinStake)):
		return errorsmod.Wrap(ErrInvalidParams, "min_stake must cover what 8 seats can lose, at most 1,000,000 STREAM")
	case p.UnstakeSeconds < 1 || p.UnstakeSeconds > MaxUnstakeSeconds:
		return errorsmod.Wrap(ErrInvalidParams, "unstake_seconds")
	case p.InterimSeconds < 1 || p.InterimSeconds > MaxInterimSeconds:
		return errorsmod.Wrap(ErrInvalidParams, "interim_seconds must be positive, at most 14 days")
	case p.DrawSeconds < 1 || p.DrawSeconds > MaxDrawSeconds:
		return errorsmod.Wrap(ErrInvalidParams, "draw_seconds")
	}
	return nil
}

// ValidateVoted refuses parameters that no vote can set: those of Validate, and shorter times
// than everybody needs to hear of a claim, to vote and to appeal.
func (p Params) ValidateVoted() error {
	if err := p.Validate(); err != nil {
		return err
	}
	for _, t := range p.Terms {
		if t.EvidenceSeconds < LeastEvidenceSeconds || t.CommitSeconds < LeastVoteSeconds || t.RevealSeconds < LeastVoteSeconds || t.AppealSeconds < LeastAppealSeconds {
			return errorsmod.Wrapf(ErrInvalidParams, "%s: at least 14 days for an answer, a day each for sealing and revealing, 2 for an appeal", t.Kind)
		}
	}
	if p.UnstakeSeconds < LeastUnstakeSeconds || p.DrawSeconds < LeastDrawSeconds {
		return errorsmod.Wrap(ErrInvalidParams, "unstake_seconds must be at least 7 days, draw_seconds 3")
	}
	return nil
}

// Shorten makes every time one of seconds, for networks on one machine.
func (p Params) Shorten(seconds int64) Params {
	terms := append([]Terms(nil), p.Terms...)
	for i := range terms {
		terms[i].EvidenceSeconds, terms[i].CommitSeconds, terms[i].RevealSeconds, terms[i].AppealSeconds = seconds, seconds, seconds, seconds
	}
	p.Terms, p.UnstakeSeconds, p.InterimSeconds = terms, seconds, 4*seconds
	return p
}
