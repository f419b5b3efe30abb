package voucher

import (
	"bytes"

	"filippo.io/edwards25519"
)

// UsableKey reports whether b is the canonical encoding of a point of the prime-order group of ed25519 other than the
// identity. With a key that has a low-order part some signatures verify in one library and not in another, or for any
// message.
func UsableKey(b []byte) bool {
	if len(b) != 32 {
		return false
	}
	p, err := new(edwards25519.Point).SetBytes(b)
	if err != nil || !bytes.Equal(p.Bytes(), b) {
		return false
	}
	var one [32]byte
	one[0] = 1
	scalar, err := new(edwards25519.Scalar).SetCanonicalBytes(one[:])
	if err != nil {
		return false
	}
	identity := edwards25519.NewIdentityPoint()
	// (l − 1)·P + P = l·P is the identity just where P has no low-order part
	lp := new(edwards25519.Point).ScalarMult(new(edwards25519.Scalar).Negate(scalar), p)
	return p.Equal(identity) != 1 && lp.Add(lp, p).Equal(identity) == 1
}
