package keeper_test

import (
	"crypto/sha256"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/keyshare"
	"github.com/streamchain/streamchain/x/content/types"
)

// testKeys are of a secret that name stands for.
func testKeys(name string) *types.Keys {
	scalar := sha256.Sum256([]byte(name))
	scalar[31] &= 0x0f // below the group's order
	secret, err := keyshare.ParseSecret(scalar[:])
	if err != nil {
		panic(err)
	}
	c0 := secret.C0()
	return &types.Keys{Suite: keyshare.Suite, C0: c0[:], WindowSeconds: 20}
}

// TestEncryptedVersions: one secret for all versions of a work.
func TestEncryptedVersions(t *testing.T) {
	f := newFixture(t)
	alice, _ := f.creator("alice")
	first := publishMsg(alice, "one")
	first.Keys = testKeys("a")
	root := f.publish(first)
	require.Equal(t, testKeys("a"), root.Keys)
	next := publishMsg(alice, "two")
	next.Previous = root.Cid
	for name, keys := range map[string]*types.Keys{"none": nil, "another": testKeys("b")} {
		next.Keys = keys
		require.ErrorIs(t, f.send(next), types.ErrKeysChanged, name)
	}
	next.Keys = testKeys("a")
	next.Keys.WindowSeconds = 10
	require.Equal(t, uint32(10), f.publish(next).Keys.WindowSeconds)

	clear := f.publish(publishMsg(alice, "clear"))
	require.Nil(t, clear.Keys)
	after := publishMsg(alice, "clear two")
	after.Previous, after.Keys = clear.Cid, testKeys("a")
	require.ErrorIs(t, f.send(after), types.ErrKeysChanged)
}
