package keyshare

import (
	"fmt"
	"io"

	"github.com/cloudflare/circl/group"
)

// Commitments are to the coefficients of the polynomial that holds the secret: the first, C0, is the secret times
// the generator and stands in the work's manifest. There are as many as answers are needed.
type Commitments struct {
	points []group.Element
}

// ParseCommitments reads 1 to MaxHolders points of PointLen bytes. ErrThreshold, ErrEncoding.
func ParseCommitments(points [][]byte) (Commitments, error) {
	if len(points) < 1 || len(points) > MaxHolders {
		return Commitments{}, ErrThreshold
	}
	c := Commitments{points: make([]group.Element, len(points))}
	for i, b := range points {
		p, err := decodePoint(b)
		if err != nil {
			return Commitments{}, fmt.Errorf("commitment %d: %w", i, err)
		}
		c.points[i] = p
	}
	return c, nil
}

// Bytes are the points as ParseCommitments reads them.
func (c Commitments) Bytes() [][]byte {
	out := make([][]byte, len(c.points))
	for i, p := range c.points {
		b := encodePoint(p)
		out[i] = b[:]
	}
	return out
}

// Threshold is how many answers are needed.
func (c Commitments) Threshold() int { return len(c.points) }

// C0 is the public side of the secret.
func (c Commitments) C0() [PointLen]byte { return encodePoint(c.points[0]) }

// Public is the public side of the share with this index. It costs as many scalar multiplications as the threshold.
func (c Commitments) Public(index uint16) [PointLen]byte { return encodePoint(c.public(index)) }

func (c Commitments) public(index uint16) group.Element {
	at, sum := scalarOf(index), ristretto.Identity()
	for i := len(c.points) - 1; i >= 0; i-- {
		sum = ristretto.NewElement().Add(ristretto.NewElement().Mul(sum, at), c.points[i])
	}
	return sum
}

// Secret is what a creator deals and then forgets, or keeps offline: with it, every key can be derived.
type Secret struct {
	scalar group.Scalar
}

// ParseSecret reads what Secret.Bytes gave. ErrEncoding.
func ParseSecret(b []byte) (Secret, error) {
	s, err := decodeScalar(b)
	if err != nil || s.IsZero() {
		return Secret{}, ErrEncoding
	}
	return Secret{s}, nil
}

// Bytes is the secret's encoding.
func (s Secret) Bytes() [ScalarLen]byte { return encodeScalar(s.scalar) }

// C0 is the public side of the secret.
func (s Secret) C0() [PointLen]byte { return encodePoint(ristretto.NewElement().MulGen(s.scalar)) }

// NewSecret draws a secret. chance is a source of secret randomness, crypto/rand.Reader everywhere but in tests.
func NewSecret(chance io.Reader) Secret { return Secret{randomScalar(chance)} }

// Share is a holder's part. Its index is 1 to MaxHolders.
type Share struct {
	Index  uint16
	scalar group.Scalar
}

// ParseShare reads what Share.Bytes gave. ErrEncoding.
func ParseShare(index uint16, b []byte) (Share, error) {
	s, err := decodeScalar(b)
	if err != nil || index < 1 || index > MaxHolders {
		return Share{}, ErrEncoding
	}
	return Share{index, s}, nil
}

// Bytes is the share's encoding, without its index.
func (s Share) Bytes() [ScalarLen]byte { return encodeScalar(s.scalar) }

// Verify checks that the share lies on the committed polynomial: its answers will fit those of the others. ErrShare.
func (s Share) Verify(c Commitments) error {
	if s.scalar == nil || len(c.points) == 0 || !ristretto.NewElement().MulGen(s.scalar).IsEqual(c.public(s.Index)) {
		return ErrShare
	}
	return nil
}

// Deal splits the secret so that any threshold of the holders can answer. Shares have the indexes 1 to holders. ErrThreshold.
func (s Secret) Deal(chance io.Reader, threshold, holders int) (Commitments, []Share, error) {
	coefficients := []group.Scalar{s.scalar}
	for range threshold - 1 {
		coefficients = append(coefficients, randomScalar(chance))
	}
	return deal(coefficients, threshold, holders)
}

func deal(coefficients []group.Scalar, threshold, holders int) (Commitments, []Share, error) {
	if threshold < 1 || threshold > holders || holders > MaxHolders {
		return Commitments{}, nil, fmt.Errorf("%w: %d of %d", ErrThreshold, threshold, holders)
	}
	var c Commitments
	for _, a := range coefficients {
		c.points = append(c.points, ristretto.NewElement().MulGen(a))
	}
	shares := make([]Share, holders)
	for i := range shares {
		index := uint16(i + 1)
		shares[i] = Share{index, eval(coefficients, index)}
	}
	return c, shares, nil
}
