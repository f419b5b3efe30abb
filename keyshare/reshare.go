package keyshare

import (
	"fmt"
	"io"
	"slices"

	"github.com/cloudflare/circl/group"
)

// Dealing hands one holder's share over to new holders. As many holders as the old threshold deal; each new holder's share is made of one part
// from every dealer. The parts are secret, the commitments public.
type Dealing struct {
	Dealer      uint16 // the old index
	Commitments Commitments
}

// Reshare deals the share to new holders, of which any threshold will do. ErrThreshold.
func (s Share) Reshare(chance io.Reader, threshold, holders int) (Dealing, []Share, error) {
	coefficients := []group.Scalar{s.scalar}
	for range threshold - 1 {
		coefficients = append(coefficients, randomScalar(chance))
	}
	c, parts, err := deal(coefficients, threshold, holders)
	return Dealing{s.Index, c}, parts, err
}

// Reshared is what the new holders' shares will be committed to; C0 stays what it was. It needs exactly as many dealings of different dealers
// as the old threshold, all to the same new one. Everybody can check it. ErrDealing, ErrThreshold.
func Reshared(old Commitments, dealings []Dealing) (Commitments, error) {
	indexes, err := dealers(old, dealings)
	if err != nil {
		return Commitments{}, err
	}
	sum := make([]group.Element, dealings[0].Commitments.Threshold())
	for i := range sum {
		sum[i] = ristretto.Identity()
	}
	for _, d := range dealings {
		if !d.Commitments.points[0].IsEqual(old.public(d.Dealer)) {
			return Commitments{}, fmt.Errorf("%w: %d", ErrDealing, d.Dealer)
		}
		weight := lagrange(indexes, d.Dealer)
		for i, p := range d.Commitments.points {
			sum[i] = ristretto.NewElement().Add(sum[i], ristretto.NewElement().Mul(p, weight))
		}
	}
	return Commitments{sum}, nil
}

func dealers(old Commitments, dealings []Dealing) ([]uint16, error) {
	if len(dealings) != old.Threshold() || len(dealings) == 0 {
		return nil, fmt.Errorf("%w: %d dealings for a threshold of %d", ErrThreshold, len(dealings), old.Threshold())
	}
	var indexes []uint16
	for _, d := range dealings {
		switch {
		case d.Dealer < 1 || d.Dealer > MaxHolders || slices.Contains(indexes, d.Dealer):
			return nil, fmt.Errorf("%w: dealer %d", ErrDealing, d.Dealer)
		case d.Commitments.Threshold() == 0 || d.Commitments.Threshold() != dealings[0].Commitments.Threshold():
			return nil, fmt.Errorf("%w: of different thresholds", ErrThreshold)
		}
		indexes = append(indexes, d.Dealer)
	}
	return indexes, nil
}

// Receive makes a new holder's share out of the parts that the dealers gave it, in the order of the dealings. Each part is checked against its
// dealing, so that a bad one names its dealer. ErrDealing, ErrThreshold.
func Receive(old Commitments, dealings []Dealing, parts []Share) (Share, error) {
	if _, err := Reshared(old, dealings); err != nil {
		return Share{}, err
	}
	indexes, err := dealers(old, dealings)
	if err != nil {
		return Share{}, err
	}
	if len(parts) != len(dealings) {
		return Share{}, fmt.Errorf("%w: %d parts of %d dealings", ErrThreshold, len(parts), len(dealings))
	}
	share := Share{parts[0].Index, ristretto.NewScalar()}
	for i, p := range parts {
		if p.Index != share.Index || p.Verify(dealings[i].Commitments) != nil {
			return Share{}, fmt.Errorf("%w: the part of dealer %d", ErrDealing, dealings[i].Dealer)
		}
		share.scalar = ristretto.NewScalar().Add(share.scalar, ristretto.NewScalar().Mul(p.scalar, lagrange(indexes, dealings[i].Dealer)))
	}
	return share, nil
}
