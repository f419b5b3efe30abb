package keyshare

import (
	"io"

	"github.com/cloudflare/circl/group"
)

// Suite names the algorithms in a manifest.
const Suite = "ristretto255-sha512-hkdf-sha256"

const (
	// PointLen and ScalarLen are the lengths of encodings in bytes.
	PointLen  = 32
	ScalarLen = 32
	// MaxHolders bounds the work of every check.
	MaxHolders = 32
)

// Domains of hashing to the group and to scalars.
const (
	windowDomain = "streamchain/window/v1"
	proofDomain  = "streamchain/answer/v1"
	scalarDomain = "streamchain/scalar/v1"
)

var ristretto = group.Ristretto255

func decodePoint(b []byte) (group.Element, error) {
	p := ristretto.NewElement()
	// circl takes what is not canonical only to refuse it here
	if len(b) != PointLen || p.UnmarshalBinary(b) != nil || p.IsIdentity() {
		return nil, ErrEncoding
	}
	return p, nil
}

func decodeScalar(b []byte) (group.Scalar, error) {
	s := ristretto.NewScalar()
	if len(b) != ScalarLen || s.UnmarshalBinary(b) != nil {
		return nil, ErrEncoding
	}
	if again := encodeScalar(s); string(again[:]) != string(b) {
		return nil, ErrEncoding // not reduced: one scalar, one encoding
	}
	return s, nil
}

func encodePoint(p group.Element) (out [PointLen]byte) {
	b, err := p.MarshalBinary()
	if err != nil {
		panic(err) // no element of this group fails to encode
	}
	copy(out[:], b)
	return out
}

func encodeScalar(s group.Scalar) (out [ScalarLen]byte) {
	b, err := s.MarshalBinary()
	if err != nil {
		panic(err) // no scalar of this group fails to encode
	}
	copy(out[:], b)
	return out
}

// randomScalar draws a scalar that is not zero: circl's own does not look at the source that it is given. It panics where chance fails, since there is
// nothing then that could stand for a secret.
func randomScalar(chance io.Reader) group.Scalar {
	var b [64]byte
	defer clear(b[:])
	for {
		if _, err := io.ReadFull(chance, b[:]); err != nil {
			panic("keyshare: no randomness: " + err.Error())
		}
		if s := ristretto.HashToScalar(b[:], []byte(scalarDomain)); !s.IsZero() {
			return s
		}
	}
}

func scalarOf(i uint16) group.Scalar { return ristretto.NewScalar().SetUint64(uint64(i)) }

// eval is the value at x of the polynomial with these coefficients, lowest first.
func eval(coefficients []group.Scalar, x uint16) group.Scalar {
	at, sum := scalarOf(x), ristretto.NewScalar()
	for i := len(coefficients) - 1; i >= 0; i-- {
		sum = ristretto.NewScalar().Add(ristretto.NewScalar().Mul(sum, at), coefficients[i])
	}
	return sum
}

// lagrange is the weight of index j among the indexes, for the value at zero. The indexes are different and not zero.
func lagrange(indexes []uint16, j uint16) group.Scalar {
	num, den := scalarOf(1), scalarOf(1)
	for _, m := range indexes {
		if m == j {
			continue
		}
		num = ristretto.NewScalar().Mul(num, scalarOf(m))
		den = ristretto.NewScalar().Mul(den, ristretto.NewScalar().Sub(scalarOf(m), scalarOf(j)))
	}
	return ristretto.NewScalar().Mul(num, ristretto.NewScalar().Inv(den))
}
