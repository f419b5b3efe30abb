package types

import (
	"bytes"

	errorsmod "cosmossdk.io/errors"

	"github.com/streamchain/streamchain/keyshare"
)

// MaxWindowSeconds bounds how much one key opens, in seconds of media time.
const MaxWindowSeconds = 3600

// Validate checks how media is encrypted: by a scheme that holders know, under a secret whose public side is a point. ErrInvalidKeys.
func (k *Keys) Validate() error {
	if k.Suite != keyshare.Suite {
		return errorsmod.Wrapf(ErrInvalidKeys, "suite %.40q, not %s", k.Suite, keyshare.Suite)
	}
	if _, err := keyshare.ParseCommitments([][]byte{k.C0}); err != nil {
		return errorsmod.Wrapf(ErrInvalidKeys, "c0: %s", err)
	}
	if k.WindowSeconds < 1 || k.WindowSeconds > MaxWindowSeconds {
		return errorsmod.Wrapf(ErrInvalidKeys, "windows of %d seconds", k.WindowSeconds)
	}
	return nil
}

// SameSecret says whether two versions of a work are encrypted under one secret, or neither of them is.
func SameSecret(a, b *Keys) bool {
	if a == nil || b == nil {
		return a == b
	}
	return bytes.Equal(a.C0, b.C0)
}
