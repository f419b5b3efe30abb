package types

import errorsmod "cosmossdk.io/errors"

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
	// an id is never given out twice
	if gs.NextId <= last {
		return errorsmod.Wrapf(ErrInvalidGenesis, "next_id must be above %d", last)
	}
	return nil
}
