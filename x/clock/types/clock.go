package types

import "errors"

// Advance returns the clock after a block at blockNanos (nanoseconds since the Unix
// epoch). Live time moves by the block time's step, at most MaxStepNanos, and never back.
func (c Clock) Advance(blockNanos int64) Clock {
	step := min(max(blockNanos-c.BlockNanos, 0), MaxStepNanos)
	return Clock{LiveNanos: c.LiveNanos + step, BlockNanos: max(c.BlockNanos, blockNanos)}
}

// Validate refuses a clock that runs before the epoch or ahead of the blocks.
func (c Clock) Validate() error {
	if c.LiveNanos <= 0 || c.BlockNanos <= 0 {
		return errors.New("clock: live time and block time must be after the Unix epoch")
	}
	if c.LiveNanos > c.BlockNanos {
		return errors.New("clock: live time cannot be ahead of block time")
	}
	return nil
}

// DefaultGenesis starts live time at the first block.
func DefaultGenesis() *GenesisState { return &GenesisState{} }

// Validate checks the clock where one is given.
func (gs GenesisState) Validate() error {
	if gs.Clock == nil {
		return nil
	}
	return gs.Clock.Validate()
}
