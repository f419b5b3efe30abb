package types

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"

	errorsmod "cosmossdk.io/errors"

	"github.com/streamchain/streamchain/keyshare"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
)

const keySetTag = "streamchain/keyset/v1"

// PickHolder says which of count willing providers the try asks, in the draw of a version of a key set.
func PickHolder(seed [32]byte, keyID [32]byte, version uint64, try uint32, count uint64) uint64 {
	b := append([]byte(keySetTag), seed[:]...)
	b = append(b, keyID[:]...)
	b = binary.BigEndian.AppendUint64(b, version)
	h := sha256.Sum256(binary.BigEndian.AppendUint32(b, try))
	return mod(h[:16], count)
}

// KeySetSize is how many of those who were found hold the keys: the largest odd number. Two thresholds of
// an odd number always have a holder in common, who counts what a lane owes; two halves of an even one have none.
func KeySetSize(found int) int {
	if found = min(found, MaxKeyHolders); found%2 == 0 {
		return max(found-1, 0)
	}
	return found
}

// KeyThreshold is how many of an odd number of holders must answer: more than half.
func KeyThreshold(holders int) uint32 { return uint32(holders+1) / 2 }

// Holder returns the holder that operator is in the set, nil where it is none.
func (s *KeySet) Holder(operator string) *KeyHolder {
	if s == nil {
		return nil
	}
	i := slices.IndexFunc(s.Holders, func(h KeyHolder) bool { return h.Operator == operator })
	if i < 0 {
		return nil
	}
	return &s.Holders[i]
}

// Complete says whether all holders have accepted.
func (s *KeySet) Complete() bool {
	return !slices.ContainsFunc(s.Holders, func(h KeyHolder) bool { return !h.Accepted })
}

// Activate makes a complete set the one that answers. Shares that were sealed for its holders are theirs now.
func (s KeySet) Activate() KeySet {
	s.Status, s.Dealings = KEY_SET_STATUS_ACTIVE, nil
	s.Holders = slices.Clone(s.Holders)
	for i := range s.Holders {
		s.Holders[i].Sealed = nil
	}
	return s
}

// Validate checks one stored set by itself.
func (s KeySet) Validate() error {
	if _, err := contenttypes.ParseWorkID(s.Root); err != nil {
		return err
	}
	bad := func(what string) error { return errorsmod.Wrapf(ErrInvalidGenesis, "key set %s: %s", s.Root, what) }
	if n := len(s.Holders); s.Version == 0 || n == 0 || n != KeySetSize(n) || s.Threshold != KeyThreshold(n) || s.DrawnAt < 0 || s.Deadline < s.DrawnAt {
		return bad("version, holders, threshold or times")
	}
	seen := map[string]bool{}
	for i, h := range s.Holders {
		if _, err := ParseAddress(h.Operator); err != nil {
			return err
		}
		if seen[h.Operator] || int(h.Index) != i+1 || len(h.SealKey) != keyshare.SealKeyLen {
			return bad("a holder twice, its index or its seal_key")
		}
		seen[h.Operator] = true
	}
	if (s.Status == KEY_SET_STATUS_DRAWN) != (len(s.Commitments) == 0) {
		return bad("commitments do not fit the status")
	}
	if s.Status != KEY_SET_STATUS_DRAWN && len(s.Commitments) != int(s.Threshold) {
		return bad("commitments do not fit the threshold")
	}
	switch s.Status {
	case KEY_SET_STATUS_DRAWN, KEY_SET_STATUS_DEALT:
		if s.Complete() {
			return bad("all have accepted, yet it is not active")
		}
	case KEY_SET_STATUS_ACTIVE:
		if !s.Complete() || len(s.Dealings) > 0 {
			return bad("active, yet not complete")
		}
	default:
		return bad("status")
	}
	return nil
}

// Validate checks every field by itself.
func (m *MsgOfferKeys) Validate() error {
	if _, err := ParseAddress(m.Agent); err != nil {
		return err
	}
	// one for which nothing can be sealed would stop every dealing to a set that has its provider
	if len(m.SealKey) != 0 && !keyshare.UsableSealKey(m.SealKey) {
		return errorsmod.Wrapf(ErrInvalidSealKey, "%d bytes, or of low order", len(m.SealKey))
	}
	return nil
}

// Validate checks every field by itself.
func (m *MsgDrawKeySet) Validate() error {
	if _, err := ParseAddress(m.Signer); err != nil {
		return err
	}
	_, err := contenttypes.ParseWorkID(m.Work)
	return err
}

// Validate checks every field by itself.
func (m *MsgDealKeys) Validate() error {
	return validateDealing(m.Controller, m.Root, m.Commitments, m.Sealed)
}

// Validate checks every field by itself.
func (m *MsgReshare) Validate() error {
	return validateDealing(m.Agent, m.Root, m.Commitments, m.Sealed)
}

func validateDealing(signer, root string, commitments, sealed [][]byte) error {
	if _, err := ParseAddress(signer); err != nil {
		return err
	}
	if _, err := contenttypes.ParseWorkID(root); err != nil {
		return err
	}
	if len(commitments) == 0 || len(commitments) > MaxKeyHolders || len(sealed) == 0 || len(sealed) > MaxKeyHolders {
		return errorsmod.Wrapf(ErrInvalidDealing, "%d commitments, %d shares", len(commitments), len(sealed))
	}
	if _, err := keyshare.ParseCommitments(commitments); err != nil {
		return errorsmod.Wrap(ErrInvalidDealing, err.Error())
	}
	for i, s := range sealed {
		if len(s) < MinSealed || len(s) > MaxSealed {
			return errorsmod.Wrapf(ErrInvalidDealing, "share %d has %d bytes", i, len(s))
		}
	}
	return nil
}

// Validate checks every field by itself.
func (m *MsgAcceptShare) Validate() error {
	if _, err := ParseAddress(m.Agent); err != nil {
		return err
	}
	_, err := contenttypes.ParseWorkID(m.Root)
	return err
}

// validateKeySets checks the sets against the providers: of a work at most one that is active and then one that is not.
func (gs GenesisState) validateKeySets() error {
	providers, offers := make(map[string]bool, len(gs.Providers)), map[string]bool{}
	for _, p := range gs.Providers {
		providers[p.Operator] = true
		if p.Willing() {
			offers[p.Operator] = true
		}
		if n := len(p.SealKey); n != 0 && (!keyshare.UsableSealKey(p.SealKey) || p.Status != PROVIDER_STATUS_ACTIVE) {
			return errorsmod.Wrapf(ErrInvalidGenesis, "provider %s: seal_key", p.Operator)
		}
	}
	willing := map[string]bool{}
	for _, operator := range gs.Willing {
		if willing[operator] || !offers[operator] {
			return errorsmod.Wrapf(ErrInvalidGenesis, "willing %s: twice, or without a seal_key", operator)
		}
		willing[operator] = true
	}
	if len(willing) != len(offers) {
		return errorsmod.Wrap(ErrInvalidGenesis, "a provider with a seal_key is not among the willing")
	}
	type slot struct {
		root   string
		active bool
	}
	seen := map[slot]uint64{}
	for _, s := range gs.KeySets {
		if err := s.Validate(); err != nil {
			return err
		}
		at := slot{s.Root, s.Status == KEY_SET_STATUS_ACTIVE}
		if seen[at] > 0 {
			return errorsmod.Wrapf(ErrInvalidGenesis, "key set %s occurs twice", s.Root)
		}
		seen[at] = s.Version
		for _, h := range s.Holders {
			if !providers[h.Operator] {
				return errorsmod.Wrapf(ErrInvalidGenesis, "key set %s: %s is no provider", s.Root, h.Operator)
			}
		}
	}
	for _, s := range gs.KeySets {
		if s.Status != KEY_SET_STATUS_ACTIVE && s.Version <= seen[slot{s.Root, true}] {
			return errorsmod.Wrapf(ErrInvalidGenesis, "key set %s: version %d does not follow", s.Root, s.Version)
		}
	}
	return nil
}
