package prove_test

import (
	"crypto/sha256"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/storagenode/prove"
)

// up hashes v n times.
func up(v []byte, n int) []byte {
	for range n {
		sum := sha256.Sum256(v)
		v = sum[:]
	}
	return v
}

// When the values run out, a new chain is there in time, and the old one is revealed to its end.
func TestSeedsRunOut(t *testing.T) {
	path := filepath.Join(t.TempDir(), "beacon.seed")
	s, err := prove.OpenSeeds(path, "c", []byte("op"))
	require.NoError(t, err)
	root, err := s.Fresh(nil)
	require.NoError(t, err)
	same, err := s.Fresh(nil)
	require.NoError(t, err)
	require.Equal(t, root, same, "tried again, it is the same")
	var last []byte
	seed := s.Last(root)
	for i := prove.Spare + 3; i >= 0; i-- {
		at := up(seed, i)
		reveal, enough, ok := s.Next(at)
		require.Equal(t, i > 0, ok)
		require.Equal(t, i > prove.Spare, enough, i)
		if ok {
			require.Equal(t, at, up(reveal, 1))
			last = reveal
		}
	}
	require.Equal(t, seed, last)
	next, err := s.Fresh(up(seed, 2))
	require.NoError(t, err)
	require.NotEqual(t, root, next)
	again, err := prove.OpenSeeds(path, "c", []byte("op"))
	require.NoError(t, err)
	for _, r := range [][]byte{root, next} {
		a, _, ok := s.Next(r)
		b, _, ok2 := again.Next(r)
		require.True(t, ok && ok2)
		require.Equal(t, a, b)
	}
	fresh, err := again.Fresh(seed)
	require.NoError(t, err)
	require.Equal(t, next, fresh, "the newest is not in use yet")
}

// A chain that was revealed to its last value is not committed to again.
func TestSeedsUsedUp(t *testing.T) {
	s, err := prove.OpenSeeds(filepath.Join(t.TempDir(), "beacon.seed"), "c", []byte("op"))
	require.NoError(t, err)
	root, err := s.Fresh(nil)
	require.NoError(t, err)
	next, err := s.Fresh(s.Last(root))
	require.NoError(t, err)
	require.NotEqual(t, root, next)
}

// Another chain or operator reveals other values; what a crash left of a line does not matter.
func TestSeedsAreApart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "beacon.seed")
	roots := map[string]bool{}
	for _, id := range [][2]string{{"c", "op"}, {"c", "op2"}, {"d", "op"}, {"co", "p"}} {
		s, err := prove.OpenSeeds(path, id[0], []byte(id[1]))
		require.NoError(t, err)
		root, err := s.Fresh(nil)
		require.NoError(t, err)
		roots[string(root)] = true
	}
	require.Len(t, roots, 4)
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, append(raw, "abcd"...), 0o600))
	s, err := prove.OpenSeeds(path, "c", []byte("op"))
	require.NoError(t, err)
	root, err := s.Fresh(nil)
	require.NoError(t, err)
	require.True(t, roots[string(root)])
}
