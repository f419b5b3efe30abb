package types

import (
	"crypto/sha256"
	"math/bits"

	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
)

// missMask has a bit for each period that is remembered.
const missMask = 1<<MissMemory - 1

// NewProofState is the standing of a provider that has none yet.
func NewProofState(operator string) ProofState {
	return ProofState{Operator: operator, Slashed: math.ZeroInt()}
}

// Commit sets the root of a hash chain while the period called number is the newest, and says
// from which period it counts. Never at once: whoever could commit and reveal in one period
// would choose the value knowing the reveals of the others, and with it the next seed. A chain
// that replaces another waits one period more, so that the old one is still revealed from in
// the window that is near.
func (s ProofState) Commit(number uint64, root []byte) ProofState {
	s.Beacon, s.NextBeacon, s.BeaconFrom = s.beaconAt(number), root, number+1
	if len(s.Beacon) > 0 {
		s.BeaconFrom = number + 2
	}
	return s
}

// beaconAt is the value whose preimage is revealed in the period called number; empty where there is none.
func (s ProofState) beaconAt(number uint64) []byte {
	if len(s.NextBeacon) > 0 && number >= s.BeaconFrom {
		return s.NextBeacon
	}
	return s.Beacon
}

// Reveal moves the hash chain on by one value, in the period called number.
// Errors: ErrAlreadyProved, ErrNoBeacon, ErrWrongReveal.
func (s ProofState) Reveal(number uint64, reveal []byte) (ProofState, error) {
	if s.Answered >= number {
		return s, errorsmod.Wrapf(ErrAlreadyProved, "period %d", number)
	}
	beacon := s.beaconAt(number)
	if len(beacon) == 0 {
		return s, errorsmod.Wrapf(ErrNoBeacon, "period %d, from %d", number, s.BeaconFrom)
	}
	if sum := sha256.Sum256(reveal); string(sum[:]) != string(beacon) {
		return s, errorsmod.Wrapf(ErrWrongReveal, "beacon %x", beacon)
	}
	if len(s.NextBeacon) > 0 && number >= s.BeaconFrom {
		s.NextBeacon, s.BeaconFrom = nil, 0
	}
	s.Answered, s.Beacon = number, reveal
	return s, nil
}

// Prove books a period that was proved whole.
func (s ProofState) Prove() ProofState {
	s.Misses = s.Misses << 1 & missMask
	s.Proven++
	return s
}

// Miss books a period that was missed, and its seconds.
func (s ProofState) Miss(seconds int64) ProofState {
	s.Misses = (s.Misses<<1 | 1) & missMask
	s.Missed++
	s.MissedSeconds += uint64(seconds)
	return s
}

// RecentMisses is how many of the newest 14 periods were missed.
func (s ProofState) RecentMisses() uint32 { return uint32(bits.OnesCount32(s.Misses)) }

// Validate checks one stored state by itself.
func (s ProofState) Validate() error {
	if _, err := ParseAddress(s.Operator); err != nil {
		return err
	}
	for _, b := range [][]byte{s.Beacon, s.NextBeacon} {
		if len(b) != 0 && len(b) != HashLen {
			return errorsmod.Wrapf(ErrInvalidGenesis, "proof state of %s: beacon", s.Operator)
		}
	}
	if (len(s.NextBeacon) == 0) != (s.BeaconFrom == 0) {
		return errorsmod.Wrapf(ErrInvalidGenesis, "proof state of %s: next_beacon and beacon_from", s.Operator)
	}
	if s.Misses > missMask || s.Slashed.IsNil() || s.Slashed.IsNegative() || s.MissedSeconds > 1<<62 || s.Missed < uint64(s.RecentMisses()) {
		return errorsmod.Wrapf(ErrInvalidGenesis, "proof state of %s: misses, missed or slashed", s.Operator)
	}
	if (s.SetSize == 0) != (s.SetBytes == 0) || s.SetSize > s.SetBytes {
		return errorsmod.Wrapf(ErrInvalidGenesis, "proof state of %s: set_size and set_bytes", s.Operator)
	}
	return nil
}

// Validate checks one change by itself.
func (c SetChange) Validate() error {
	if _, err := ParseAddress(c.Operator); err != nil {
		return err
	}
	if _, err := contenttypes.ParseWorkID(c.Work); err != nil {
		return err
	}
	if c.Add != (c.Size_ > 0) || (c.Void && !c.Add) {
		return errorsmod.Wrapf(ErrInvalidGenesis, "change of %s of %s: size and void belong to what comes", c.Work, c.Operator)
	}
	return nil
}
