package keyshare

import (
	"errors"
	"fmt"
)

var (
	// ErrThreshold says that threshold or number of holders are out of bounds.
	ErrThreshold = errors.New("the threshold must be 1 to the number of holders, of which there are at most 32")
	// ErrEncoding says that bytes are no scalar, no point, or the point at infinity.
	ErrEncoding = errors.New("not a canonical ristretto255 scalar or point")
	// ErrShare says that a share does not lie on the committed polynomial.
	ErrShare = errors.New("the share does not fit the commitments: ask the dealer for another")
	// ErrTooFew says that too few answers were right. LiarsError comes with it where some were wrong.
	ErrTooFew = errors.New("too few holders answered rightly: ask more of them")
	// ErrDealing says that a dealing of a resharing is not of the share that it claims.
	ErrDealing = errors.New("the dealing does not hand over the dealer's share")
	// ErrSealed says that something sealed is damaged, or for another key or purpose.
	ErrSealed = errors.New("the sealed bytes are damaged or for another key")
	// ErrWindow says that a window's name cannot be hashed.
	ErrWindow = errors.New("a rendition's name has 1 to 64 bytes")
)

// LiarsError names the holders whose answers were wrong.
type LiarsError struct {
	Indexes []uint16
}

func (e *LiarsError) Error() string { return fmt.Sprintf("false answers of holders %v", e.Indexes) }
