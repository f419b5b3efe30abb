package keyshare

import (
	"cmp"
	"encoding/binary"
	"errors"
	"io"
	"slices"

	"github.com/cloudflare/circl/group"
)

// AnswerLen is the length of an encoded answer: index, point, proof.
const AnswerLen = 2 + PointLen + 2*ScalarLen

// Answer is a holder's part of a window's output, with a proof that it was made with the committed share.
type Answer struct {
	Index    uint16
	point    group.Element
	c, z     group.Scalar
	encoding [AnswerLen]byte
}

// Answer answers for a window. It costs three scalar multiplications. ErrWindow.
func (s Share) Answer(chance io.Reader, w Window) (Answer, error) {
	h, name, err := w.point()
	if err != nil {
		return Answer{}, err
	}
	point := ristretto.NewElement().Mul(h, s.scalar)
	public := ristretto.NewElement().MulGen(s.scalar)
	// the nonce hangs on the share, the window and on chance: a broken source of chance alone does not give the share away
	own, fresh := s.Bytes(), make([]byte, 32)
	if _, err := io.ReadFull(chance, fresh); err != nil {
		return Answer{}, err
	}
	r := ristretto.HashToScalar(slices.Concat(own[:], name, fresh), []byte("streamchain/nonce/v1"))
	c := challenge(name, s.Index, public, h, point, ristretto.NewElement().MulGen(r), ristretto.NewElement().Mul(h, r))
	z := ristretto.NewScalar().Add(r, ristretto.NewScalar().Mul(c, s.scalar))
	return newAnswer(s.Index, point, c, z), nil
}

func newAnswer(index uint16, point group.Element, c, z group.Scalar) Answer {
	a := Answer{Index: index, point: point, c: c, z: z}
	p, cb, zb := encodePoint(point), encodeScalar(c), encodeScalar(z)
	copy(a.encoding[:], slices.Concat(binary.BigEndian.AppendUint16(nil, index), p[:], cb[:], zb[:]))
	return a
}

// challenge hashes everything that a proof speaks of.
func challenge(name []byte, index uint16, public, h, point, a, b group.Element) group.Scalar {
	msg := binary.BigEndian.AppendUint16(nil, index)
	for _, e := range []group.Element{public, h, point, a, b} {
		p := encodePoint(e)
		msg = append(msg, p[:]...)
	}
	return ristretto.HashToScalar(append(msg, name...), []byte(proofDomain))
}

// Bytes is the answer's encoding.
func (a Answer) Bytes() []byte { return a.encoding[:] }

// ParseAnswer reads what Bytes gave. ErrEncoding.
func ParseAnswer(b []byte) (Answer, error) {
	if len(b) != AnswerLen {
		return Answer{}, ErrEncoding
	}
	index := binary.BigEndian.Uint16(b)
	point, err := decodePoint(b[2 : 2+PointLen])
	if err != nil || index < 1 || index > MaxHolders {
		return Answer{}, ErrEncoding
	}
	c, errC := decodeScalar(b[2+PointLen : 2+PointLen+ScalarLen])
	z, errZ := decodeScalar(b[2+PointLen+ScalarLen:])
	if errors.Join(errC, errZ) != nil {
		return Answer{}, ErrEncoding
	}
	return newAnswer(index, point, c, z), nil
}

// Verify checks that the holder used the share that the commitments name. It costs four scalar multiplications and as many as the
// threshold. LiarsError, ErrWindow.
func (a Answer) Verify(commitments Commitments, w Window) error {
	h, name, err := w.point()
	if err != nil {
		return err
	}
	if !a.fits(commitments, h, name) {
		return &LiarsError{[]uint16{a.Index}}
	}
	return nil
}

func (a Answer) fits(commitments Commitments, h group.Element, name []byte) bool {
	if a.point == nil || len(commitments.points) == 0 {
		return false
	}
	public := commitments.public(a.Index)
	minus := ristretto.NewScalar().Neg(a.c)
	left := ristretto.NewElement().Add(ristretto.NewElement().MulGen(a.z), ristretto.NewElement().Mul(public, minus))
	right := ristretto.NewElement().Add(ristretto.NewElement().Mul(h, a.z), ristretto.NewElement().Mul(a.point, minus))
	return a.c.IsEqual(challenge(name, a.Index, public, h, a.point, left, right))
}

// Combine makes a window's output out of answers, of which it uses the first right ones in the order given. Wrong ones and second ones of a
// holder are left out; where too few remain the error is ErrTooFew. liars are the holders whose answers, as far as they were looked at, were wrong.
func Combine(commitments Commitments, w Window, answers []Answer) (out Output, liars []uint16, err error) {
	h, name, err := w.point()
	if err != nil {
		return Output{}, nil, err
	}
	var right []Answer
	for _, a := range answers {
		if len(right) == commitments.Threshold() {
			break
		}
		if slices.ContainsFunc(right, func(r Answer) bool { return r.Index == a.Index }) {
			continue
		}
		if !a.fits(commitments, h, name) {
			liars = append(liars, a.Index)
			continue
		}
		right = append(right, a)
	}
	if len(right) < commitments.Threshold() || commitments.Threshold() == 0 {
		err := ErrTooFew
		if len(liars) > 0 {
			err = errors.Join(err, &LiarsError{liars})
		}
		return Output{}, liars, err
	}
	slices.SortFunc(right, func(a, b Answer) int { return cmp.Compare(a.Index, b.Index) })
	indexes := make([]uint16, len(right))
	for i, a := range right {
		indexes[i] = a.Index
	}
	sum := ristretto.Identity()
	for _, a := range right {
		sum = ristretto.NewElement().Add(sum, ristretto.NewElement().Mul(a.point, lagrange(indexes, a.Index)))
	}
	return Output{encodePoint(sum), name}, liars, nil
}
