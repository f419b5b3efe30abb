package types

import "cosmossdk.io/math"

// Bond is what somebody put up for one outcome.
type Bond struct {
	Owner  string
	Amount math.Int
	// Side is the ruling under which it returns; unspecified returns whatever happens.
	Side Choice
}

// Seat is one juror's place on one jury.
type Seat struct {
	Juror string
	Round uint32
	Seats uint32
	// Choice is unspecified where no vote was revealed.
	Choice Choice
	Terms  Terms
}

// Case is what the final ruling of a dispute settles.
type Case struct {
	Ruling Choice
	Bonds  []Bond
	Seats  []Seat
	// Winner says whether there is an account to compensate.
	Winner bool
}

// Settlement is who gets what, in ustream. Returned matches the case's bonds, Paid and Slashed
// its seats.
type Settlement struct {
	Returned, Paid, Slashed []math.Int
	// Compensation is the winning party's, Treasury the remainder.
	Compensation, Treasury math.Int
}

// penalty is what a place loses: nothing where it voted with the final ruling, the seat's stake
// where it voted against it, and half as much again where it did not vote.
func (s Seat) penalty(ruling Choice) math.Int {
	switch s.Choice {
	case ruling:
		return math.ZeroInt()
	case CHOICE_UNSPECIFIED:
		return s.Terms.Lock().MulRaw(int64(s.Seats))
	}
	return s.Terms.SeatStake.MulRaw(int64(s.Seats))
}

// Settle shares out the bonds that the ruling went against and what seats lost. Every seat that
// voted with the final ruling gets its fee; where the pot is too small for that, bonds that won
// give up to half of theirs. Half of what is left over compensates the party that won, the rest
// goes to those seats in equal parts, and what cannot be divided to the treasury. Nothing is
// made and nothing is lost: Conserved is true for every case.
func (c Case) Settle() Settlement {
	s := Settlement{Compensation: math.ZeroInt(), Treasury: math.ZeroInt()}
	pot, reserve := math.ZeroInt(), math.ZeroInt()
	for _, b := range c.Bonds {
		switch b.Side {
		case CHOICE_UNSPECIFIED:
			s.Returned = append(s.Returned, b.Amount)
		case c.Ruling:
			s.Returned, reserve = append(s.Returned, b.Amount), reserve.Add(b.Amount.QuoRaw(FeeBonds))
		default:
			s.Returned, pot = append(s.Returned, math.ZeroInt()), pot.Add(b.Amount)
		}
	}
	for _, seat := range c.Seats {
		lost := seat.penalty(c.Ruling)
		s.Slashed, pot = append(s.Slashed, lost), pot.Add(lost)
	}
	fees, coherent := s.payFees(c, pot.Add(reserve))
	if fees.GT(pot) {
		s.takeFromWinners(c, fees.Sub(pot))
		return s
	}
	s.shareOut(c, pot.Sub(fees), coherent)
	return s
}

// payFees gives every coherent seat its fee while there is something, and returns their sum and
// the number of those seats.
func (s *Settlement) payFees(c Case, available math.Int) (fees math.Int, coherent int64) {
	fees = math.ZeroInt()
	for _, seat := range c.Seats {
		pay := math.ZeroInt()
		if seat.Choice == c.Ruling {
			pay = math.MinInt(seat.Terms.SeatFee.MulRaw(int64(seat.Seats)), available.Sub(fees))
			coherent += int64(seat.Seats)
		}
		s.Paid, fees = append(s.Paid, pay), fees.Add(pay)
	}
	return fees, coherent
}

// takeFromWinners takes what fees are short from bonds that won, the first ones first, at most half of each.
func (s *Settlement) takeFromWinners(c Case, short math.Int) {
	for i, b := range c.Bonds {
		if b.Side == c.Ruling {
			take := math.MinInt(short, b.Amount.QuoRaw(FeeBonds))
			s.Returned[i], short = s.Returned[i].Sub(take), short.Sub(take)
		}
	}
}

// shareOut divides what is left over after fees.
func (s *Settlement) shareOut(c Case, rest math.Int, coherent int64) {
	half := rest.QuoRaw(2)
	rest = rest.Sub(half)
	if c.Winner {
		s.Compensation = half
	} else {
		s.Treasury = half
	}
	if coherent > 0 {
		each := rest.QuoRaw(coherent)
		for i, seat := range c.Seats {
			if seat.Choice == c.Ruling {
				bonus := each.MulRaw(int64(seat.Seats))
				s.Paid[i], rest = s.Paid[i].Add(bonus), rest.Sub(bonus)
			}
		}
	}
	s.Treasury = s.Treasury.Add(rest)
}

// Conserved reports whether a settlement gives out what the case has put in, to the ustream.
func (c Case) Conserved(s Settlement) bool {
	in, out := Sum(s.Slashed), Sum(s.Returned).Add(Sum(s.Paid)).Add(s.Compensation).Add(s.Treasury)
	for _, b := range c.Bonds {
		in = in.Add(b.Amount)
	}
	return in.Equal(out)
}

// Sum adds up amounts.
func Sum(amounts []math.Int) math.Int {
	sum := math.ZeroInt()
	for _, a := range amounts {
		sum = sum.Add(a)
	}
	return sum
}
