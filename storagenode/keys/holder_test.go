package keys_test

import (
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/keyshare"
	"github.com/streamchain/streamchain/storagenode/keys"
	"github.com/streamchain/streamchain/storagenode/keys/keystest"
	"github.com/streamchain/streamchain/storagenode/nodetest"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
)

var ctx = context.Background()

func TestOffers(t *testing.T) {
	w := keystest.New(t, 1)
	n := w.Nodes[0]
	closed := false
	n.Holder.Closed = func() bool { return closed }
	for range 3 {
		_, err := n.Holder.Step(ctx)
		require.NoError(t, err)
		require.Equal(t, n.Store.SealKey(), n.Chain.Providers[n.Operator].SealKey)
	}
	require.Equal(t, 1, n.Chain.Asked["offer keys"])
	// the key is the same after a restart, and only its owner can read it
	before := n.Store.SealKey()
	n.Open(w)
	require.Equal(t, before, n.Store.SealKey())
	private(t, n.Dir)
	n.Holder.Closed = func() bool { return true }
	_, err := n.Holder.Step(ctx)
	require.NoError(t, err)
	require.Empty(t, n.Chain.Providers[n.Operator].SealKey)
}

// private fails where others can read a file.
func private(t *testing.T, dir string) {
	t.Helper()
	files := 0
	require.NoError(t, filepath.WalkDir(filepath.Join(dir, "keys"), func(path string, d fs.DirEntry, err error) error {
		require.NoError(t, err)
		st, err := d.Info()
		require.NoError(t, err)
		require.Zero(t, st.Mode().Perm()&0o077, path)
		if !d.IsDir() {
			files++
		}
		return nil
	}))
	require.Positive(t, files)
}

// killed is a chain whose AcceptShare is never heard: the node dies before it, or before the answer.
type killed struct {
	*nodetest.Chain
	after bool
}

var errKilled = errors.New("killed")

func (k killed) AcceptShare(ctx context.Context, root string, version uint64) error {
	if k.after {
		if err := k.Chain.AcceptShare(ctx, root, version); err != nil {
			return err
		}
	}
	return errKilled
}

func TestKillBetweenStoreAndAccept(t *testing.T) {
	for _, after := range []bool{false, true} {
		w := keystest.New(t, 3)
		w.Draw(w.Nodes...)
		w.Deal()
		n := w.Nodes[0]
		n.Holder.Chain = killed{n.Chain, after}
		_, err := n.Holder.Step(ctx)
		require.ErrorIs(t, err, errKilled)
		held, err := n.Store.List()
		require.NoError(t, err)
		require.Len(t, held, 1, "the share is kept before the chain hears of it")
		private(t, n.Dir)
		require.Equal(t, after, w.Sets.Pending[w.Root].Holders[0].Accepted)

		n.Open(w)
		w.Step()
		w.Step()
		require.EqualValues(t, 1, w.Sets.Active[w.Root].Version)
		share, err := n.Store.Get(held[0])
		require.NoError(t, err)
		commitments, err := keyshare.ParseCommitments(w.Sets.Active[w.Root].Commitments)
		require.NoError(t, err)
		require.NoError(t, share.Verify(commitments))
	}
}

func TestBadSharesAreNotAccepted(t *testing.T) {
	for name, spoil := range map[string]func(w *keystest.World, s *storagetypes.KeySet){
		"of another secret": func(w *keystest.World, s *storagetypes.KeySet) {
			_, shares, err := keyshare.NewSecret(rand.Reader).Deal(rand.Reader, 2, 3)
			require.NoError(t, err)
			secret := shares[0].Bytes()
			s.Holders[0].Sealed, err = keyshare.Seal(s.Holders[0].SealKey, keyshare.ForHolder, keyshare.ShareContext(w.Root, 1, 1, 0), secret[:])
			require.NoError(t, err)
		},
		"another holder's": func(_ *keystest.World, s *storagetypes.KeySet) { s.Holders[0].Sealed = s.Holders[1].Sealed },
		"of another version": func(_ *keystest.World, s *storagetypes.KeySet) {
			s.Version++
		},
		"damaged": func(_ *keystest.World, s *storagetypes.KeySet) { s.Holders[0].Sealed[40] ^= 1 },
	} {
		t.Run(name, func(t *testing.T) {
			w := keystest.New(t, 3)
			w.Draw(w.Nodes...)
			w.Deal()
			s := w.Sets.Pending[w.Root]
			spoil(w, &s)
			w.Sets.Pending[w.Root] = s
			_, err := w.Nodes[0].Holder.Step(ctx)
			require.Error(t, err)
			require.False(t, w.Sets.Pending[w.Root].Holders[0].Accepted)
			held, err := w.Nodes[0].Store.List()
			require.NoError(t, err)
			require.Empty(t, held)
		})
	}
}

func TestResharing(t *testing.T) {
	w := keystest.New(t, 6)
	w.Draw(w.Nodes[:3]...)
	w.Deal()
	w.Step()
	require.EqualValues(t, 1, w.Sets.Active[w.Root].Version)
	now := time.Now()
	for _, n := range w.Nodes {
		n.Holder.Clock = func() time.Time { return now }
	}
	c0 := w.Sets.Active[w.Root].Commitments[0]
	w.Draw(w.Nodes[1:]...)
	w.Step() // dealings
	w.Step() // acceptances
	active := w.Sets.Active[w.Root]
	require.EqualValues(t, 2, active.Version)
	require.Len(t, active.Holders, 5)
	require.Equal(t, c0, active.Commitments[0])
	commitments, err := keyshare.ParseCommitments(active.Commitments)
	require.NoError(t, err)
	for i, n := range w.Nodes[1:] {
		share, err := n.Store.Get(keys.Held{Root: w.Root, Version: 2})
		require.NoError(t, err)
		require.EqualValues(t, i+1, share.Index)
		require.NoError(t, share.Verify(commitments))
	}
	w.Step()
	// replaced shares stay for a minute, and are then gone; those that answer stay
	now = now.Add(keys.EraseAfter - time.Second)
	w.Step()
	for _, n := range w.Nodes[:3] {
		_, err := n.Store.Get(keys.Held{Root: w.Root, Version: 1})
		require.NoError(t, err)
	}
	now = now.Add(2 * time.Second)
	w.Step()
	for i, n := range w.Nodes {
		_, err := n.Store.Get(keys.Held{Root: w.Root, Version: 1})
		require.ErrorIs(t, err, keys.ErrNoShare)
		_, err = n.Store.Get(keys.Held{Root: w.Root, Version: 2})
		require.Equal(t, i > 0, err == nil)
	}
	now = now.Add(time.Hour)
	w.Step()
	_, err = w.Nodes[1].Store.Get(keys.Held{Root: w.Root, Version: 2})
	require.NoError(t, err)
}

func TestSharesOfADrawThatFailedAreErased(t *testing.T) {
	w := keystest.New(t, 3)
	w.Draw(w.Nodes...)
	w.Deal()
	now := time.Now()
	n := w.Nodes[0]
	n.Holder.Clock = func() time.Time { return now }
	step := func() {
		_, err := n.Holder.Step(ctx)
		require.NoError(t, err)
		now = now.Add(2 * keys.EraseAfter)
	}
	step()
	step()
	_, err := n.Store.Get(keys.Held{Root: w.Root, Version: 1})
	require.NoError(t, err, "it may become active still")
	w.Draw(w.Nodes[1:]...)
	step()
	step()
	_, err = n.Store.Get(keys.Held{Root: w.Root, Version: 1})
	require.ErrorIs(t, err, keys.ErrNoShare)
}

func TestAChainThatSaysNothingErasesNothing(t *testing.T) {
	w := keystest.New(t, 1).Active()
	n := w.Nodes[0]
	now := time.Now()
	n.Holder.Clock = func() time.Time { return now }
	w.Sets.Mu.Lock()
	clear(w.Sets.Active)
	w.Sets.Mu.Unlock()
	for range 3 {
		_, err := n.Holder.Step(ctx)
		require.NoError(t, err)
		now = now.Add(time.Hour)
	}
	_, err := n.Store.Get(keys.Held{Root: w.Root, Version: 1})
	require.NoError(t, err)
	w.Each(func(c *nodetest.Chain) { c.Down = true })
	_, err = n.Holder.Step(ctx)
	require.Error(t, err)
}

func TestDamagedShare(t *testing.T) {
	w := keystest.New(t, 1).Active()
	n := w.Nodes[0]
	files, err := filepath.Glob(filepath.Join(n.Dir, "keys", "shares", "*"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	require.NoError(t, os.WriteFile(files[0], []byte("1 00"), 0o600))
	_, err = n.Store.Get(keys.Held{Root: w.Root, Version: 1})
	require.Error(t, err)
	require.NotErrorIs(t, err, keys.ErrNoShare)
}
