package flow

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"

	"github.com/streamchain/streamchain/chainclient"
	disputetypes "github.com/streamchain/streamchain/x/dispute/types"
)

// The key alone opens a sealed vote again, on any machine, and only where it was sealed.
func TestSaltFollowsFromKey(t *testing.T) {
	key := secp256k1.GenPrivKeyFromSecret([]byte("juror"))
	sealed, err := newPlace("chain-1", 7, 2, chainclient.KeySigner(key))
	require.NoError(t, err)
	for _, c := range []disputetypes.Choice{disputetypes.CHOICE_UPHOLD, disputetypes.CHOICE_DISMISS} {
		again, err := newPlace("chain-1", 7, 2, chainclient.KeySigner(secp256k1.GenPrivKeyFromSecret([]byte("juror"))))
		require.NoError(t, err)
		again.commit = sealed.seal(c)
		opened, err := again.open()
		require.NoError(t, err)
		require.Equal(t, c, opened)
	}
	for name, at := range map[string]func() (place, error){
		"chain":   func() (place, error) { return newPlace("chain-2", 7, 2, chainclient.KeySigner(key)) },
		"dispute": func() (place, error) { return newPlace("chain-1", 8, 2, chainclient.KeySigner(key)) },
		"round":   func() (place, error) { return newPlace("chain-1", 7, 1, chainclient.KeySigner(key)) },
		"key": func() (place, error) {
			return newPlace("chain-1", 7, 2, chainclient.KeySigner(secp256k1.GenPrivKeyFromSecret([]byte("other"))))
		},
	} {
		other, err := at()
		require.NoError(t, err)
		require.NotEqual(t, sealed.salt, other.salt, name)
		other.commit = sealed.seal(disputetypes.CHOICE_UPHOLD)
		_, err = other.open()
		require.Error(t, err, name)
	}
	_, err = sealed.open()
	require.ErrorContains(t, err, "sealed no vote")
}
