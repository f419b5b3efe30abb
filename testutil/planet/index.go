package planet

import (
	"context"
	"log/slog"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/indexer/follow"
	"github.com/streamchain/streamchain/indexer/project"
	"github.com/streamchain/streamchain/indexer/store"
)

// Index is an index of the planet's chain, which follows it from its first block. A block that it cannot put in fails the test.
type Index struct {
	Store *store.Store

	p        *Planet
	follower *follow.Follower
	failed   chan error
}

// index starts an index that ends with the test, after the chain's last block is in.
func (p *Planet) index() *Index {
	p.T.Helper()
	ctx, stop := context.WithCancel(context.Background()) // the test's own ends before its cleanup
	i := p.newIndex(ctx, 0)
	go func() { i.failed <- i.follower.Run(ctx) }()
	p.T.Cleanup(func() {
		i.Await()
		stop()
		require.ErrorIs(p.T, <-i.failed, context.Canceled)
		require.NoError(p.T, i.Store.Close())
	})
	return i
}

func (p *Planet) newIndex(ctx context.Context, until int64) *Index {
	p.T.Helper()
	s, err := store.Open(ctx, p.T.TempDir())
	require.NoError(p.T, err)
	projector, err := project.New(nil)
	require.NoError(p.T, err)
	f := follow.New(follow.Config{Store: s, Source: p.Chain.Client, Projector: projector, Log: slog.New(slog.DiscardHandler), Temp: p.T.TempDir(), Until: until})
	return &Index{Store: s, p: p, follower: f, failed: make(chan error, 1)}
}

// Await waits until the newest block of now is in, and returns its height.
func (i *Index) Await() int64 {
	i.p.T.Helper()
	st, err := i.p.Chain.Client.Status(context.Background())
	require.NoError(i.p.T, err)
	for end := time.Now().Add(30 * time.Second); i.follower.State().Height < st.Height; time.Sleep(20 * time.Millisecond) {
		select {
		case err := <-i.failed:
			i.failed <- err
			require.NoError(i.p.T, err, "the index stands still")
		default:
		}
		require.True(i.p.T, time.Now().Before(end), "the index is at %d of %d", i.follower.State().Height, st.Height)
	}
	return i.follower.State().Height
}

func (i *Index) digest() string {
	i.p.T.Helper()
	d, err := i.Store.Digest(context.Background())
	require.NoError(i.p.T, err)
	return d
}

// Rebuilt makes an index up to a height anew and returns its digest and the running one's, which has to be at that height.
func (i *Index) Rebuilt() (running, rebuilt string) {
	i.p.T.Helper()
	for { // blocks go on: the running one is at a height for a moment only
		before, running := i.Await(), i.digest()
		after, err := i.Store.Height(context.Background())
		require.NoError(i.p.T, err)
		if before != after {
			continue
		}
		anew := i.p.newIndex(context.Background(), after)
		require.NoError(i.p.T, anew.follower.Run(context.Background()))
		rebuilt := anew.digest()
		require.NoError(i.p.T, anew.Store.Close())
		return running, rebuilt
	}
}
