package follow_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/chainclient"
	"github.com/streamchain/streamchain/indexer/follow"
	"github.com/streamchain/streamchain/indexer/project"
	"github.com/streamchain/streamchain/indexer/store"
	"github.com/streamchain/streamchain/testutil/indexscale"
)

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func chain(t testing.TB, cfg indexscale.Config) *indexscale.Chain {
	t.Helper()
	c, err := indexscale.New(cfg)
	require.NoError(t, err)
	return c
}

func openStore(t testing.TB, dir string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), dir)
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func follower(t testing.TB, s *store.Store, source follow.Source, cfg follow.Config) *follow.Follower {
	t.Helper()
	p, err := project.New(nil)
	require.NoError(t, err)
	cfg.Store, cfg.Source, cfg.Projector, cfg.Log, cfg.Temp = s, source, p, quiet(), t.TempDir()
	return follow.New(cfg)
}

// rebuilt is the digest of the chain up to a height, made at once.
func rebuilt(t testing.TB, source follow.Source, height int64) string {
	t.Helper()
	s := openStore(t, t.TempDir())
	require.NoError(t, follower(t, s, source, follow.Config{Until: height}).Run(t.Context()))
	d, err := s.Digest(t.Context())
	require.NoError(t, err)
	return d
}

func TestBatchesDoNotMatter(t *testing.T) {
	c := chain(t, indexscale.Config{Works: 50, Blocks: 60})
	want := rebuilt(t, c, 60)
	for _, batch := range []int{1, 7, 60} {
		s := openStore(t, t.TempDir())
		f := follower(t, s, c, follow.Config{Batch: batch, Fetch: 3, Until: 60})
		require.NoError(t, f.Run(t.Context()))
		require.EqualValues(t, 60, f.State().Blocks)
		got, err := s.Digest(t.Context())
		require.NoError(t, err)
		require.Equal(t, want, got, "batches of %d", batch)
	}
	require.NotEqual(t, want, rebuilt(t, c, 59))
}

// source changes what a chain says.
type source struct {
	*indexscale.Chain
	down   atomic.Bool
	tip    atomic.Int64
	change func(*chainclient.RawBlock)
}

var errDown = errors.New("down")

func (s *source) Status(ctx context.Context) (chainclient.Status, error) {
	if s.down.Load() {
		return chainclient.Status{}, errDown
	}
	st, err := s.Chain.Status(ctx)
	if tip := s.tip.Load(); tip > 0 {
		st.Height = min(st.Height, tip)
	}
	return st, err
}

func (s *source) RawBlock(ctx context.Context, h int64) (chainclient.RawBlock, error) {
	if s.down.Load() {
		return chainclient.RawBlock{}, errDown
	}
	b, err := s.Chain.RawBlock(ctx, h)
	if err == nil && s.change != nil {
		s.change(&b)
	}
	return b, err
}

func (s *source) Genesis(ctx context.Context, w io.Writer) error {
	if s.down.Load() {
		_, _ = w.Write([]byte(`{"app_state":{`))
		return errDown
	}
	return s.Chain.Genesis(ctx, w)
}

func TestPlantedGapStops(t *testing.T) {
	s := openStore(t, t.TempDir())
	src := &source{Chain: chain(t, indexscale.Config{Works: 20, Blocks: 20}), change: func(b *chainclient.RawBlock) {
		if b.Height == 13 {
			b.Height = 14
		}
	}}
	require.ErrorIs(t, follower(t, s, src, follow.Config{Batch: 5}).Run(t.Context()), project.ErrGap)
	h, err := s.Height(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 10, h, "the batch is not in")
	src.change = nil
	require.NoError(t, follower(t, s, src, follow.Config{Batch: 5, Until: 20}).Run(t.Context()))
	got, err := s.Digest(t.Context())
	require.NoError(t, err)
	require.Equal(t, rebuilt(t, src.Chain, 20), got)
}

func TestAnotherChainStops(t *testing.T) {
	s := openStore(t, t.TempDir())
	require.NoError(t, follower(t, s, chain(t, indexscale.Config{Works: 20, Blocks: 20}), follow.Config{Until: 20}).Run(t.Context()))
	reset := chain(t, indexscale.Config{Works: 20, Blocks: 30, Seed: 1})
	require.ErrorIs(t, follower(t, s, reset, follow.Config{}).Run(t.Context()), project.ErrFork)
	shorter := &source{Chain: reset}
	shorter.tip.Store(5) // it is behind: the next block says that it is another
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	time.AfterFunc(300*time.Millisecond, func() { shorter.tip.Store(30) })
	require.ErrorIs(t, follower(t, s, shorter, follow.Config{Poll: 10 * time.Millisecond}).Run(ctx), project.ErrFork)
}

func TestWaitsForItsNodeAndWakes(t *testing.T) {
	s := openStore(t, t.TempDir())
	src := &source{Chain: chain(t, indexscale.Config{Works: 20, Blocks: 20})}
	src.tip.Store(5)
	src.down.Store(true)
	f := follower(t, s, src, follow.Config{Poll: 10 * time.Millisecond, Until: 20})
	done := make(chan error, 1)
	go func() { done <- f.Run(t.Context()) }()
	reach := func(height int64) {
		for end := time.After(10 * time.Second); f.State().Height < height; {
			changed := f.Changed()
			if f.State().Height >= height {
				return
			}
			select {
			case <-changed:
			case <-end:
				require.Fail(t, "it does not go on", "%+v", f.State())
			}
		}
	}
	require.Eventually(t, func() bool { return f.State().Failed != nil }, 5*time.Second, 10*time.Millisecond)
	src.down.Store(false)
	reach(5)
	src.down.Store(true)
	require.Eventually(t, func() bool { return f.State().Failed != nil }, 5*time.Second, 10*time.Millisecond)
	src.tip.Store(20)
	src.down.Store(false)
	reach(20)
	require.NoError(t, <-done)
	got, err := s.Digest(t.Context())
	require.NoError(t, err)
	require.Equal(t, rebuilt(t, src.Chain, 20), got)
}

func TestManifestsGiveTitles(t *testing.T) {
	c := chain(t, indexscale.Config{Works: 30, Blocks: 1})
	path := filepath.Join(t.TempDir(), "manifests.car")
	file, err := os.Create(path)
	require.NoError(t, err)
	require.NoError(t, c.WriteManifests(file))
	require.NoError(t, file.Close())
	m, err := follow.OpenManifests(path)
	require.NoError(t, err)
	defer m.Close()
	p, err := project.New(m)
	require.NoError(t, err)
	s := openStore(t, t.TempDir())
	require.NoError(t, follow.New(follow.Config{Store: s, Source: c, Projector: p, Log: quiet(), Temp: t.TempDir(), Until: 1}).Run(t.Context()))
	var title string
	require.NoError(t, s.Read().QueryRow("SELECT title FROM works WHERE n = 8").Scan(&title))
	require.Equal(t, c.Title(7), title)
	_, ok, err := m.Manifest("bafyreicnyemlfz3yiihntxoeckjjpe3ydnu55ulbqzqbx4jxv3ob7lvnxy")
	require.NoError(t, err)
	require.False(t, ok)
	_, err = follow.OpenManifests(filepath.Join(t.TempDir(), "none"))
	require.Error(t, err)
}

// No row says which viewer watched what by the second.
func TestNoHistoryOfWatching(t *testing.T) {
	dir := t.TempDir()
	s := openStore(t, dir)
	c := chain(t, indexscale.Config{Works: 20, Blocks: 40})
	require.NoError(t, follower(t, s, c, follow.Config{Until: 40}).Run(t.Context()))
	var metered, kept int
	require.NoError(t, s.Read().QueryRow("SELECT SUM(payments) FROM totals WHERE scope = 'all' AND rail = 'metered'").Scan(&metered))
	require.Equal(t, 40*5, metered)
	require.NoError(t, s.Read().QueryRow(`SELECT (SELECT COUNT(*) FROM events WHERE type LIKE '%Session%' OR data LIKE '%RAIL_METERED%') + (SELECT COUNT(*) FROM payments WHERE rail = 'metered')`).Scan(&kept))
	require.Zero(t, kept)
}
