package catalog_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/ipfs/go-cid"
	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/storagenode/blob"
	"github.com/streamchain/streamchain/storagenode/blob/blobtest"
	"github.com/streamchain/streamchain/storagenode/catalog"
	"github.com/streamchain/streamchain/storagenode/dag"
	"github.com/streamchain/streamchain/storagenode/dag/dagtest"
)

// What nothing names is removed, also while other works are being brought in; what something names stays.
func TestCollect(t *testing.T) {
	ctx := context.Background()
	d, err := blob.OpenDisk(t.TempDir(), 1<<26)
	require.NoError(t, err)
	defer d.Close()
	c, err := catalog.Open(t.TempDir())
	require.NoError(t, err)
	defer c.Close()
	b := dagtest.New(t)
	type work struct{ media, cover cid.Cid }
	var works []work
	for i := range 6 {
		media, cover := b.Presentation(1 + i*1000)
		works = append(works, work{media, cover})
	}
	orphans := 0
	for i := range 50 {
		data := fmt.Appendf(nil, "left by a crash %d", i)
		require.NoError(t, d.Put(ctx, blobtest.Block(t, cid.Raw, data), data))
		orphans++
	}
	var wg sync.WaitGroup
	for i, w := range works {
		wg.Go(func() {
			e := catalog.Entry{ID: fmt.Sprint(i), Live: true, Media: w.media.String(), Cover: w.cover.String()}
			if err := c.Ingest(ctx, d, b.Store, e); err != nil {
				t.Error(err)
			}
		})
	}
	removed := 0
	for range 5 {
		n, err := c.Collect(ctx, d)
		require.NoError(t, err)
		removed += n
	}
	wg.Wait()
	n, err := c.Collect(ctx, d)
	require.NoError(t, err)
	require.Equal(t, orphans, removed+n)
	for _, w := range works {
		require.NoError(t, dag.Walk(ctx, d, []cid.Cid{w.media, w.cover}, func(*dag.Node, []byte) error { return nil }))
	}
	for i := range works {
		require.NoError(t, c.Drop(ctx, d, fmt.Sprint(i)))
	}
	require.Zero(t, d.Used())
}

// What was listed as orphaned while it was being brought in stays.
func TestCollectDuringIngest(t *testing.T) {
	ctx := context.Background()
	d, err := blob.OpenDisk(t.TempDir(), 1<<26)
	require.NoError(t, err)
	defer d.Close()
	c, err := catalog.Open(t.TempDir())
	require.NoError(t, err)
	defer c.Close()
	b := dagtest.New(t)
	media, cover := b.Presentation(1)
	removed := make(chan int, 1)
	src := &slow{Getter: b.Store, at: 20, do: func() {
		listed := make(chan struct{})
		go func() {
			n, err := c.Collect(ctx, listing{d, listed})
			if err != nil {
				t.Error(err)
			}
			removed <- n
		}()
		<-listed
	}}
	require.NoError(t, c.Ingest(ctx, d, src, catalog.Entry{ID: "w", Live: true, Media: media.String(), Cover: cover.String()}))
	require.Zero(t, <-removed)
	require.NoError(t, dag.Walk(ctx, d, []cid.Cid{media, cover}, func(*dag.Node, []byte) error { return nil }))
}

// slow does something once, before one of its blocks.
type slow struct {
	dag.Getter
	at int
	do func()
}

func (s *slow) Get(ctx context.Context, c cid.Cid) ([]byte, error) {
	if s.at--; s.at == 0 {
		s.do()
	}
	return s.Getter.Get(ctx, c)
}

// listing says when all blocks were listed.
type listing struct {
	*blob.Disk
	done chan struct{}
}

func (l listing) Each(ctx context.Context, f func(cid.Cid) error) error {
	defer close(l.done)
	return l.Disk.Each(ctx, f)
}
