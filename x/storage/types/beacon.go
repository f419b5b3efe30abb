package types

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
)

// Domain tags of the hashes that are specified in docs/spec/proof.md.
const (
	beaconTag    = "streamchain/beacon/v1"
	revealTag    = "streamchain/reveal/v1"
	challengeTag = "streamchain/challenge/v1"
)

// FirstSeed is the seed of period 0, which nothing is drawn with.
func FirstSeed(chainID string) []byte {
	sum := sha256.Sum256(appendText([]byte(beaconTag), []byte(chainID)))
	return sum[:]
}

// NextSeed is the seed of the period called number, out of the seed and the reveals of the one before.
func NextSeed(chainID string, number uint64, seed, reveals []byte) []byte {
	b := appendText([]byte(beaconTag), []byte(chainID))
	b = binary.BigEndian.AppendUint64(b, number)
	b = append(append(b, seed...), reveals...)
	sum := sha256.Sum256(b)
	return sum[:]
}

// AddReveal mixes a provider's reveal into the sum of all. The order does not matter, so
// whoever orders the block chooses nothing by it.
func AddReveal(reveals, operator, reveal []byte) []byte {
	b := appendText([]byte(revealTag), operator)
	sum := sha256.Sum256(append(b, reveal...))
	out := make([]byte, HashLen)
	subtle.XORBytes(out, reveals, sum[:])
	return out
}

func appendText(b, text []byte) []byte {
	b = binary.BigEndian.AppendUint16(b, uint16(len(text)))
	return append(b, text...)
}

// BeaconChain is the hash chain that a node reveals, one value a proof, in the order in which
// nobody can guess the next: value i is SHA-256 of value i+1, and the last one is the seed. The
// chain knows value 0, the root; the whole chain follows from the seed, which stays secret.
type BeaconChain struct {
	Seed [32]byte
	// Length is how many values can be revealed.
	Length uint32
}

// NewBeacon is the chain of length reveals that ends in the secret seed.
func NewBeacon(seed [32]byte, length uint32) BeaconChain {
	return BeaconChain{Seed: seed, Length: length}
}

// Root is what MsgSetBeacon commits to: value 0.
func (c BeaconChain) Root() [32]byte { return c.At(0) }

// At is value i: the seed hashed Length − i times. Beyond the end it is the seed.
func (c BeaconChain) At(i uint32) [32]byte {
	v := c.Seed
	for ; i < c.Length; i++ {
		v = sha256.Sum256(v[:])
	}
	return v
}

// Next is the value that follows the newest one that the chain of blocks knows, as
// ProofState.beacon has it; false where known is not of this chain, or its last. It needs no
// memory of what was revealed, at the price of up to Length hashes: four milliseconds for a
// century of daily proofs.
func (c BeaconChain) Next(known []byte) (reveal [32]byte, ok bool) {
	reveal = c.Seed
	for range c.Length {
		before := sha256.Sum256(reveal[:])
		if string(before[:]) == string(known) {
			return reveal, true
		}
		reveal = before
	}
	return [32]byte{}, false
}
