package types

import (
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
)

// DrawPoint is the place in the line of all stake, from 0 to total-1, that one attempt of a
// round draws from a seed of the beacon. 128 bits are reduced, so that no place is more likely
// than another by more than 2⁻⁶⁴. total must not be zero.
func DrawPoint(chainID string, seed [32]byte, dispute uint64, round, attempt uint32, total uint64) uint64 {
	b := append([]byte(drawDomain), 0)
	b = binary.BigEndian.AppendUint16(b, uint16(len(chainID)))
	b = append(b, chainID...)
	b = append(b, seed[:]...)
	b = binary.BigEndian.AppendUint64(b, dispute)
	b = binary.BigEndian.AppendUint32(b, round)
	b = binary.BigEndian.AppendUint32(b, attempt)
	sum := sha256.Sum256(b)
	return bits.Rem64(binary.BigEndian.Uint64(sum[:8]), binary.BigEndian.Uint64(sum[8:16]), total)
}
