package store_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/indexer/store"
)

func open(t *testing.T, dir string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), dir)
	require.NoError(t, err)
	return s
}

func TestOpenTwice(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	h, err := s.Height(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, -1, h)
	who := s.Who("stream1a")
	require.NoError(t, s.Write(t.Context(), func(tx *store.Tx) error { return tx.SetHeight(7) }))
	require.NoError(t, s.Close())

	s = open(t, dir)
	defer s.Close()
	h, err = s.Height(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 7, h)
	require.Equal(t, who, s.Who("stream1a"), "the secret stays")
	require.NotEqual(t, who, s.Who("stream1b"))
	require.NotEqual(t, who, open(t, t.TempDir()).Who("stream1a"), "another index has another secret")
}

func TestWriteIsAllOrNothing(t *testing.T) {
	s := open(t, t.TempDir())
	defer s.Close()
	no := errors.New("no")
	require.ErrorIs(t, s.Write(t.Context(), func(tx *store.Tx) error {
		if err := tx.SetHeight(3); err != nil {
			return err
		}
		return no
	}), no)
	h, err := s.Height(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, -1, h)
	ended, cancel := context.WithCancel(t.Context())
	require.Error(t, s.Write(ended, func(tx *store.Tx) error { cancel(); return tx.SetHeight(4) }))
	require.NoError(t, s.Write(t.Context(), func(tx *store.Tx) error { return tx.SetHeight(5) }), "the connection is free again")
}

func TestReadersCannotWrite(t *testing.T) {
	s := open(t, t.TempDir())
	defer s.Close()
	_, err := s.Read().Exec("DELETE FROM meta")
	require.ErrorContains(t, err, "readonly")
}

func TestRebuildKeepsWhatIsLocal(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	require.NoError(t, s.SetChain(t.Context(), "a"))
	require.ErrorIs(t, s.SetChain(t.Context(), "b"), store.ErrChain)
	require.NoError(t, s.Write(t.Context(), func(tx *store.Tx) error {
		if _, err := tx.Exec("INSERT INTO params (module, data) VALUES ('x', '{}')"); err != nil {
			return err
		}
		if _, err := tx.Exec("INSERT INTO works_fts (rowid, title) VALUES (1, 'a song')"); err != nil {
			return err
		}
		_, err := tx.Exec("INSERT INTO webhooks VALUES ('w', 'https://a', '[]', 's', 0, 0, 0, 0, 0, '', 0)")
		return err
	}))
	full, err := s.Digest(t.Context())
	require.NoError(t, err)
	require.NoError(t, s.Close())
	s, err = store.Rebuild(t.Context(), dir)
	require.NoError(t, err)
	defer s.Close()
	var n int
	require.NoError(t, s.Read().QueryRow("SELECT (SELECT COUNT(*) FROM params) * 10 + (SELECT COUNT(*) FROM webhooks)").Scan(&n))
	require.Equal(t, 1, n)
	require.NoError(t, s.SetChain(t.Context(), "b"))
	empty, err := s.Digest(t.Context())
	require.NoError(t, err)
	require.NotEqual(t, full, empty)
	fresh, err := open(t, t.TempDir()).Digest(t.Context())
	require.NoError(t, err)
	require.Equal(t, fresh, empty)
}

func TestAnotherSchemaIsRefused(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	require.NoError(t, s.Write(t.Context(), func(tx *store.Tx) error { return tx.SetMeta("schema", "0") }))
	require.NoError(t, s.Close())
	_, err := store.Open(t.Context(), dir)
	require.ErrorIs(t, err, store.ErrSchema)
	s, err = store.Rebuild(t.Context(), dir)
	require.NoError(t, err)
	require.NoError(t, s.Close())
}

// Two ways to the same rows have one digest, also in the text index, whose files differ.
func TestDigestSeesRowsOnly(t *testing.T) {
	a, b := open(t, t.TempDir()), open(t, t.TempDir())
	defer a.Close()
	defer b.Close()
	put := func(s *store.Store, n int, title string) {
		require.NoError(t, s.Write(t.Context(), func(tx *store.Tx) error {
			if _, err := tx.Exec("DELETE FROM works_fts WHERE rowid = ?", n); err != nil {
				return err
			}
			_, err := tx.Exec("INSERT INTO works_fts (rowid, title) VALUES (?, ?)", n, title)
			return err
		}))
	}
	same := func() bool {
		x, err := a.Digest(t.Context())
		require.NoError(t, err)
		y, err := b.Digest(t.Context())
		require.NoError(t, err)
		return x == y
	}
	put(a, 1, "first title")
	put(a, 1, "second title")
	put(a, 2, "another")
	put(b, 2, "another")
	require.False(t, same())
	put(b, 1, "second title")
	require.True(t, same())
}
