package types

import (
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
)

// NewMatch is the empty row of a work.
func NewMatch(root string, now int64) Match {
	return Match{Root: root, Epoch: epochOf(now), Left: math.ZeroInt(), Allowance: math.ZeroInt()}
}

// At is the row at the live time now: where an epoch has ended, half of what it left is the
// allowance of the next one, and of that one only.
func (m Match) At(now int64) Match {
	epoch := epochOf(now)
	if epoch <= m.Epoch {
		return m
	}
	next := NewMatch(m.Root, now)
	if epoch == m.Epoch+1 {
		next.Allowance = m.Left.QuoRaw(MatchDivisor)
	}
	return next
}

func epochOf(now int64) uint64 { return uint64(max(now, 0)) / MatchEpochSeconds }

// Validate checks one stored row by itself.
func (m Match) Validate() error {
	if _, err := contenttypes.ParseWorkID(m.Root); err != nil {
		return err
	}
	for _, amount := range []math.Int{m.Left, m.Allowance} {
		if amount.IsNil() || amount.IsNegative() {
			return errorsmod.Wrapf(ErrInvalidGenesis, "match %s: left or allowance", m.Root)
		}
	}
	return nil
}

// validateMatches checks what was counted for emission, and the price at which the pool pays.
func (gs GenesisState) validateMatches() error {
	if outside(gs.MedianPrice, 0, MaxPricePerGiBDay) {
		return errorsmod.Wrap(ErrInvalidGenesis, "median_price is no price")
	}
	seen := make(map[string]bool, len(gs.Matches))
	for _, m := range gs.Matches {
		if err := m.Validate(); err != nil {
			return err
		}
		if seen[m.Root] {
			return errorsmod.Wrapf(ErrInvalidGenesis, "match %s occurs twice", m.Root)
		}
		seen[m.Root] = true
	}
	return nil
}
