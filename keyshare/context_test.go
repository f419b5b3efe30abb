package keyshare_test

import (
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/keyshare"
)

func TestContextsAreFixedAndDifferent(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range [][]byte{
		keyshare.ShareContext("root", 1, 2, 0), keyshare.ShareContext("root", 1, 2, 1), keyshare.ShareContext("root", 2, 2, 0), keyshare.ShareContext("root", 1, 3, 0),
		keyshare.ShareContext("other", 1, 2, 0), keyshare.AnswerContext([32]byte{1}, "a", 1, 1), keyshare.AnswerContext([32]byte{2}, "a", 1, 1),
		keyshare.AnswerContext([32]byte{1}, "b", 1, 1), keyshare.AnswerContext([32]byte{1}, "a", 2, 1), keyshare.AnswerContext([32]byte{1}, "a", 1, 2),
	} {
		require.Len(t, c, 32)
		require.False(t, seen[string(c)])
		seen[string(c)] = true
	}
	require.Equal(t, "875de79e40fb899f7d1b1f7494d6db44a0a503962f366d5b683ee88914548b78", hex.EncodeToString(keyshare.ShareContext("root", 1, 2, 3)))
	require.Equal(t, "82b47d46bc74dd99ad2ba8689b0088d5656fe93cb2644210e62f8ce1f0d0ac87", hex.EncodeToString(keyshare.AnswerContext([32]byte{1}, "a", 2, 3)))
}
