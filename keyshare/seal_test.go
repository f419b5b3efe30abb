package keyshare_test

import (
	"crypto/rand"
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/keyshare"
)

// TestKeysOfLowOrder: whatever nothing can be sealed for is refused before anybody tries, in every encoding; others are not.
func TestKeysOfLowOrder(t *testing.T) {
	for _, text := range []string{
		"0000000000000000000000000000000000000000000000000000000000000000",
		"0100000000000000000000000000000000000000000000000000000000000000",
		"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
		"5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	} {
		key, err := hex.DecodeString(text)
		require.NoError(t, err)
		for _, top := range []byte{0, 0x80} { // a bit that X25519 does not read
			key[31] |= top
			require.False(t, keyshare.UsableSealKey(key), "%x", key)
			_, err = keyshare.Seal(key, keyshare.ForHolder, nil, []byte("share"))
			require.ErrorIs(t, err, keyshare.ErrSealed)
		}
	}
	for _, n := range []int{0, 31, 33} {
		require.False(t, keyshare.UsableSealKey(make([]byte, n)))
	}
	for range 100 {
		_, public, err := keyshare.NewSealKey(rand.Reader)
		require.NoError(t, err)
		require.True(t, keyshare.UsableSealKey(public[:]))
	}
}
