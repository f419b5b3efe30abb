package types

import (
	"bytes"

	errorsmod "cosmossdk.io/errors"
)

// DefaultGenesis has the default parameters and nothing else.
func DefaultGenesis() *GenesisState { return &GenesisState{Params: DefaultParams(), NextId: 1} }

// Validate checks every record by itself and against the others.
func (gs GenesisState) Validate() error {
	if err := gs.Params.Validate(); err != nil {
		return err
	}
	last := uint64(0)
	for _, e := range gs.Enactments {
		if err := e.Validate(); err != nil {
			return err
		}
		if e.Id <= last {
			return errorsmod.Wrapf(ErrInvalidGenesis, "enactment %d comes after %d", e.Id, last)
		}
		last = e.Id
	}
	if err := gs.Council.Validate(); err != nil {
		return err
	}
	for i, d := range gs.Delegations {
		if err := d.Validate(); err != nil {
			return err
		}
		if i > 0 && !before(gs.Delegations[i-1], d) {
			return errorsmod.Wrapf(ErrInvalidGenesis, "the delegation of %s on track %d is out of order", d.Delegator, d.Track)
		}
	}
	for i, p := range gs.Pauses {
		if err := p.Validate(); err != nil {
			return err
		}
		if i > 0 && gs.Pauses[i-1].TypeUrl >= p.TypeUrl {
			return errorsmod.Wrapf(ErrInvalidGenesis, "the pause of %s is out of order", p.TypeUrl)
		}
	}
	if err := gs.validateSeats(); err != nil {
		return err
	}
	// an id is never given out twice
	if gs.NextId <= last {
		return errorsmod.Wrapf(ErrInvalidGenesis, "next_id must be above %d", last)
	}
	return nil
}

// before reports whether a stands before b in the store: by the bytes of the delegator's address, then by track. Both are valid.
func before(a, b Delegation) bool {
	x, _ := ParseAddress(a.Delegator)
	y, _ := ParseAddress(b.Delegator)
	c := bytes.Compare(x, y)
	return c < 0 || c == 0 && a.Track < b.Track
}
