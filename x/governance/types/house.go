package types

import (
	"bytes"

	errorsmod "cosmossdk.io/errors"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
)

// Limits of the creators' house. They are constants: no vote can shut creators out of it, or let a crowd in.
const (
	// SeatLevel is the least level of verification of a creator with a seat.
	SeatLevel = 2
	// SeatAgeSeconds is how old a creator's first work must be: 90 days.
	SeatAgeSeconds = 90 * day
	// SeatSeconds is how long a seat lasts, unless it is renewed: 180 days.
	SeatSeconds = 180 * day
	// HouseQuorumSeats is how many seats there must be before the house decides.
	HouseQuorumSeats = 50
	// HouseTurnoutBps is how many of the seats must vote, in basis points, before the house decides.
	HouseTurnoutBps = 1000
	// MaxSeatSweep is the most expired seats that one block removes.
	MaxSeatSweep = 200
)

// SeatAge is SeatAgeSeconds, or less where a genesis has shortened the timelocks. A vote that lengthens them does not lengthen it:
// that would shut creators out.
func (p Params) SeatAge() int64 { return min(SeatAgeSeconds, p.Scale(SeatAgeSeconds)) }

// Validate checks one stored seat by itself.
func (s Seat) Validate() error {
	if _, err := contenttypes.ParseCreatorID(s.Creator); err != nil {
		return err
	}
	if s.TakenAt <= 0 || s.ExpiresAt <= s.TakenAt {
		return errorsmod.Wrapf(ErrInvalidGenesis, "seat of %s: taken %d, expires %d", s.Creator, s.TakenAt, s.ExpiresAt)
	}
	return nil
}

// Live reports whether the seat has not expired at live time now.
func (s Seat) Live(now int64) bool { return now < s.ExpiresAt }

// Validate checks every field by itself.
func (m *MsgTakeSeat) Validate() error {
	if _, err := ParseAddress(m.Controller); err != nil {
		return err
	}
	_, err := contenttypes.ParseCreatorID(m.Creator)
	return err
}

func (gs GenesisState) validateSeats() error {
	var last []byte
	for _, s := range gs.Seats {
		if err := s.Validate(); err != nil {
			return err
		}
		id, err := contenttypes.ParseCreatorID(s.Creator)
		if err != nil {
			return err
		}
		if last != nil && bytes.Compare(last, id) >= 0 {
			return errorsmod.Wrapf(ErrInvalidGenesis, "the seat of %s is out of order", s.Creator)
		}
		last = id
	}
	return nil
}
