package types

import (
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
)

// Set is a provider's frozen proof set as the draw sees it: slots numbered from zero.
type Set interface {
	// Size is the number of slots.
	Size() uint64
	// Bytes is the sum of their sizes.
	Bytes() uint64
	// At is slot i, for i < Size.
	At(i uint64) (ProofSlot, error)
	// Find is the slot which holds byte x of all slots one after the other, for x < Bytes, and
	// which byte of the slot that is.
	Find(x uint64) (i, offset uint64, err error)
}

// Draw is all but the set that decides a provider's challenges.
type Draw struct {
	ChainID string
	// Seed is the period's.
	Seed []byte
	// Operator is the address in bytes.
	Operator []byte
	Period   uint64
}

// Challenges are what the provider must show, in the order of their indexes, without piece
// roots. Four are drawn by size, so that what is big is asked as often as it is paid, and four
// over deals, so that a small work is not safe to drop. One that falls on a void slot is drawn
// again, at most 15 times, and then falls away. Errors: those of the set.
func (d Draw) Challenges(set Set) ([]Challenge, error) {
	var out []Challenge
	if set.Size() == 0 || set.Bytes() == 0 {
		return nil, nil
	}
	for index := range uint32(Challenges) {
		for try := range uint32(1 + MaxRedraws) {
			slot, offset, err := d.pick(set, index, try)
			if err != nil {
				return nil, err
			}
			if slot.Void || slot.Size_ == 0 {
				continue
			}
			out = append(out, Challenge{Index: index, Work: slot.Work, Offset: offset &^ (LeafSize - 1), PieceSize: slot.Size_})
			break
		}
	}
	return out, nil
}

// pick draws one byte of one slot.
func (d Draw) pick(set Set, index, try uint32) (slot ProofSlot, offset uint64, err error) {
	h := d.hash(index, try)
	first := h[:16]
	if index < ChallengesBySize {
		i, offset, err := set.Find(mod(first, set.Bytes()))
		if err != nil {
			return ProofSlot{}, 0, err
		}
		slot, err = set.At(i)
		return slot, offset, err
	}
	slot, err = set.At(mod(first, set.Size()))
	if err != nil || slot.Size_ == 0 {
		return slot, 0, err
	}
	return slot, mod(h[16:], slot.Size_), nil
}

// hash is what one try at one challenge is drawn from.
func (d Draw) hash(index, try uint32) [32]byte {
	b := appendText([]byte(challengeTag), []byte(d.ChainID))
	b = appendText(append(b, d.Seed...), d.Operator)
	b = binary.BigEndian.AppendUint64(b, d.Period)
	b = binary.BigEndian.AppendUint32(b, index)
	return sha256.Sum256(binary.BigEndian.AppendUint32(b, try))
}

// mod is the 128-bit big-endian number b modulo n: 64 bits more than n has, so that no remainder
// is likelier than another by more than 2⁻⁶⁴.
func mod(b []byte, n uint64) uint64 {
	return bits.Rem64(binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:16]), n)
}
