package planet_test

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/testutil/planet"
	"github.com/streamchain/streamchain/watch"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

// crowd is how many viewers watch at a time.
const crowd = 20

// longestStop is how long a viewer's picture may stand still.
const longestStop = 5 * time.Second

// copies are the nodes with an active deal of a work.
func copies(p *planet.Planet, work string) (out []*planet.Node, counted uint32) {
	p.T.Helper()
	res, err := storagetypes.NewQueryClient(p.Chain.Client.Conn()).DealsByWork(context.Background(), &storagetypes.QueryDealsByWorkRequest{Work: work})
	require.NoError(p.T, err)
	for _, d := range res.Deals {
		if d.Status == storagetypes.DEAL_STATUS_ACTIVE {
			out = append(out, nodeOf(p, d.Operator))
		}
	}
	return out, res.Copies
}

// seat is one of the crowd. Its player begins with the first segment, keeps nothing in reserve but what has come, and stands
// still when it has played that.
type seat struct {
	media   bytes.Buffer
	err     error
	stopped time.Duration // the longest time at once

	last        time.Time
	played, has time.Duration
}

// came is told that so much media is there.
func (s *seat) came(seconds float64) {
	now := time.Now()
	if !s.last.IsZero() {
		s.played += now.Sub(s.last)
		if late := s.played - s.has; late > 0 {
			s.stopped, s.played = max(s.stopped, late), s.has
		}
	}
	s.last, s.has = now, time.Duration(seconds*float64(time.Second))
}

// watchAsOne has a crowd of viewers without accounts watch a free work as it plays. Each calls seen with how far it is.
func watchAsOne(p *planet.Planet, work string, seen func(seconds float64)) []*seat {
	var done sync.WaitGroup
	seats := make([]*seat, crowd)
	dir := p.T.TempDir()
	for i := range seats {
		s := &seat{}
		seats[i] = s
		done.Go(func() {
			_, s.err = watch.Watch(p.T.Context(), p.Chain.Client, nil, watch.Options{
				Work: work, Home: filepath.Join(dir, fmt.Sprint(i)), Out: &s.media, Realtime: true, AllowPrivate: true,
				Progress: func(pr watch.Progress) {
					s.came(pr.Seconds)
					seen(pr.Seconds)
				},
			})
		})
	}
	done.Wait()
	return seats
}

// lose publishes a free song in three copies on six nodes, has a crowd watch it, and kills two of the three nodes that keep
// it in the middle. Nobody stops, and everybody gets every byte.
func lose(t *testing.T, p *planet.Planet) (work string, dead []*planet.Node) {
	t.Helper()
	song := p.PublishCopies("alice", p.Song("24"), 3, subscriptiontypes.NewFreeOffer())
	holders, counted := copies(p, song.Work)
	require.Len(t, holders, 3)
	require.EqualValues(t, 3, counted)
	_, want := p.Watch("viewer", song.Work, 0, nil)
	dead = holders[:2]
	var kill sync.Once
	seats := watchAsOne(p, song.Work, func(seconds float64) {
		if seconds >= 8 {
			kill.Do(func() {
				for _, n := range dead {
					n.Kill(t)
				}
			})
		}
	})
	longest := time.Duration(0)
	for i, s := range seats {
		require.NoError(t, s.err, "viewer %d", i)
		require.True(t, bytes.Equal(want, s.media.Bytes()), "viewer %d has every byte", i)
		longest = max(longest, s.stopped)
	}
	plays(t, want)
	require.Less(t, longest, longestStop)
	t.Logf("%d viewers; the longest that one stood still was %s", crowd, longest.Round(time.Millisecond))
	return song.Work, dead
}

// returns waits until a work has three copies again, all of them on nodes that live and serve it.
func returns(t *testing.T, p *planet.Planet, work string, dead []*planet.Node, patience time.Duration) {
	t.Helper()
	from := time.Now()
	for {
		now, counted := copies(p, work)
		now = slices.DeleteFunc(now, func(n *planet.Node) bool { return slices.Contains(dead, n) })
		if len(now) == 3 && counted == 3 {
			break
		}
		require.Less(t, time.Since(from), patience, "the copies return by themselves; now %d", len(now))
		time.Sleep(100 * time.Millisecond)
	}
	t.Logf("three copies again after %s", time.Since(from).Round(100*time.Millisecond))
	res, err := storagetypes.NewQueryClient(p.Chain.Client.Conn()).Repairs(context.Background(), &storagetypes.QueryRepairsRequest{Work: work})
	require.NoError(t, err)
	require.Empty(t, res.Repairs)
	// the new copies are whole: the only old one may go as well
	now, _ := copies(p, work)
	_, want := p.Watch("viewer", work, 0, nil)
	for _, n := range now[:2] {
		n.Kill(t)
	}
	res2, got := p.Watch("bob", work, 0, nil)
	require.Equal(t, want, got)
	require.NotEmpty(t, res2.Nodes)
}

// TestNodesLost: two of the three nodes that keep a work are killed at once while twenty viewers watch. Their operators see
// it and report the loss with their cold keys, since the machines say nothing any more; other nodes bring the work back.
func TestNodesLost(t *testing.T) {
	t.Parallel()
	p := planet.New(t, planet.Config{Nodes: 6})
	work, dead := lose(t, p)
	for _, n := range dead {
		p.Send(n.Operator, &storagetypes.MsgReportLoss{Agent: p.Addr(n.Operator), Works: []string{work}})
	}
	returns(t, p, work, dead, 20*time.Second)
}

// TestNodesLostSilently is TestNodesLost where nobody says anything: the chain sees it by missed proofs, ends the deals when
// half of the newest fourteen are missed, and other nodes bring the work back. With the shortest periods that takes minutes.
func TestNodesLostSilently(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for seven periods of proofs")
	}
	t.Parallel()
	p := planet.New(t, planet.Config{Nodes: 6, Period: 20 * time.Second, Window: 5 * time.Second})
	work, dead := lose(t, p)
	returns(t, p, work, dead, 5*time.Minute)
	for _, n := range dead {
		res, err := storagetypes.NewQueryClient(p.Chain.Client.Conn()).Provider(context.Background(), &storagetypes.QueryProviderRequest{Operator: p.Addr(n.Operator)})
		require.NoError(t, err)
		require.Equal(t, storagetypes.PROVIDER_STATUS_LEAVING, res.Provider.Status)
		require.Less(t, res.Provider.Bond.Int64(), int64(storagetypes.LeastMinBond), "it was slashed")
	}
}
