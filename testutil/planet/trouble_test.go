package planet_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/storagenode/wire"
	"github.com/streamchain/streamchain/testutil/planet"
	"github.com/streamchain/streamchain/token"
	"github.com/streamchain/streamchain/watch"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

// once calls f with the first report that says so many seconds were watched.
func once(seconds float64, f func(watch.Progress)) func(watch.Progress) {
	done := false
	return func(pr watch.Progress) {
		if !done && pr.Seconds >= seconds {
			done = true
			f(pr)
		}
	}
}

// nodeOf is the node of an operator's address.
func nodeOf(p *planet.Planet, operator string) *planet.Node {
	for _, n := range p.Nodes {
		if p.Addr(n.Operator) == operator {
			return n
		}
	}
	require.Fail(p.T, "no such node", operator)
	return nil
}

// TestNodeKilled: the node that serves is killed mid-watch; the viewer goes on with another, and pays each second once.
// What the dead node had earned it settles when it is back.
func TestNodeKilled(t *testing.T) {
	t.Parallel()
	p := planet.New(t, planet.Config{Nodes: 2})
	song := p.Publish("alice", p.Song("16"), metered(0))
	var dead *planet.Node
	res, media := p.Watch("viewer", song.Work, 2*stream, once(8, func(pr watch.Progress) {
		dead = nodeOf(p, pr.Node)
		dead.Kill(t)
	}))
	plays(t, media)
	require.Len(t, res.Nodes, 2)
	require.Contains(t, res.Blamed, p.Addr(dead.Operator))

	p.Settle()
	living, _ := meteredPayments(p, "viewer")
	require.NotZero(t, living)
	require.Less(t, living, int64(res.Ticks)*tick)
	dead.Start(t)
	p.Eventually(func() bool {
		p.Settle()
		balance, free := escrow(p, "viewer")
		return balance == free
	}, "the session of the node that was killed ends")
	paid, payments := meteredPayments(p, "viewer")
	servers, creator := map[string]bool{}, int64(0)
	for _, pay := range payments {
		servers[pay.Server], creator = true, creator+pay.CreatorPaid.Int64()
	}
	require.Len(t, servers, 2)
	// sixteen seconds, and a tick that two segments share is bought at both nodes
	require.InDelta(t, 16.5*tick, float64(paid), 1.5*tick)
	require.LessOrEqual(t, paid, int64(res.Ticks)*tick)
	require.Equal(t, creator, p.Claim("alice", p.Creator("alice")))
}

// TestNodeLies: bytes with one bit changed are found out, blamed, and fetched elsewhere.
func TestNodeLies(t *testing.T) {
	t.Parallel()
	p := planet.New(t, planet.Config{Nodes: 2})
	song := p.Publish("alice", p.Song("14"), metered(0))
	honest, want := p.Watch("bob", song.Work, 2*stream, nil)
	var liar *planet.Node
	res, got := p.Watch("viewer", song.Work, 2*stream, once(4, func(pr watch.Progress) {
		liar = nodeOf(p, pr.Node)
		liar.FlipBits()
	}))
	require.Equal(t, want, got)
	require.Equal(t, []string{p.Addr(liar.Operator)}, res.Blamed)
	// what was paid before the lie was seen is one segment, and what it shares with its neighbours
	require.LessOrEqual(t, res.Ticks, honest.Ticks+6)
	p.Settle()
}

// TestNodeStalls: a node that stops in the middle of a segment costs the viewer seconds, and the price of that segment.
func TestNodeStalls(t *testing.T) {
	t.Parallel()
	p := planet.New(t, planet.Config{Nodes: 3})
	song := p.Publish("alice", p.Song("18"), metered(0))
	var stalled *planet.Node
	var last time.Time
	var gap time.Duration
	res, media := p.Watch("viewer", song.Work, 2*stream, func(pr watch.Progress) {
		if !last.IsZero() {
			gap = max(gap, time.Since(last))
		}
		last = time.Now()
		if pr.Seconds >= 8 && stalled == nil {
			stalled = nodeOf(p, pr.Node)
			stalled.StallMidway()
		}
	})
	plays(t, media)
	t.Logf("the longest that nothing came: %s", gap)
	require.Less(t, gap, 5*time.Second)
	require.Equal(t, []string{p.Addr(stalled.Operator)}, res.Blamed)
	require.Len(t, res.Stats, 3)
	// a segment of four seconds, and what it shares with its neighbours
	require.InDelta(t, 18+5, float64(res.Ticks), 1.5)
	p.Eventually(func() bool {
		p.Settle()
		balance, free := escrow(p, "viewer")
		return balance == free
	}, "all sessions end")
	paid, payments := meteredPayments(p, "viewer")
	for _, pay := range payments {
		require.Positive(t, res.Nodes[pay.Server], "who gave nothing that is paid was never paid")
	}
	require.LessOrEqual(t, paid, int64(res.Ticks)*tick)
	require.GreaterOrEqual(t, paid, int64(18*tick))
}

// TestFile: a file of several blocks comes whole from three nodes of which one lies and one stalls in the middle; who
// could pay for it by the tick only is told that he cannot.
func TestFile(t *testing.T) {
	t.Parallel()
	p := planet.New(t, planet.Config{Nodes: 3})
	want := bytes.Repeat([]byte("all that is written in this book, line for line\n"), 130_000)
	path := filepath.Join(t.TempDir(), "book.txt")
	require.NoError(t, os.WriteFile(path, want, 0o600))
	book := p.Publish("bob", path, subscriptiontypes.NewPurchaseOffer(token.Coin(stream)))
	p.Send("viewer", &subscriptiontypes.MsgPurchase{Buyer: p.Addr("viewer"), Work: book.Work, MaxPrice: token.Coin(stream)})
	p.Nodes[0].FlipBits()
	p.Nodes[1].Stall()
	start := time.Now()
	res, got := p.Watch("viewer", book.Work, 0, nil)
	require.Less(t, time.Since(start), 5*time.Second)
	require.True(t, bytes.Equal(want, got))
	require.Equal(t, "purchase", res.GrantedBy)
	require.Subset(t, []string{p.Addr(p.Nodes[0].Operator), p.Addr(p.Nodes[1].Operator)}, res.Blamed)
	require.Contains(t, res.Nodes, p.Addr(p.Nodes[2].Operator))

	p.Send("bob", &subscriptiontypes.MsgSetOffers{Controller: p.Addr("bob"), Work: book.Work, Offers: []subscriptiontypes.Offer{metered(0)}})
	_, _, err := p.TryWatch("mallory", book.Work, stream, nil)
	require.ErrorIs(t, err, watch.ErrMeteredFile)
}

// TestNodeGreedy: a node that asks for more ticks than it gave is left, and gets none of them.
func TestNodeGreedy(t *testing.T) {
	t.Parallel()
	p := planet.New(t, planet.Config{Nodes: 2})
	song := p.Publish("alice", p.Song("14"), metered(0))
	var greedy *planet.Node
	res, _ := p.Watch("viewer", song.Work, 2*stream, once(4, func(pr watch.Progress) {
		greedy = nodeOf(p, pr.Node)
		greedy.AskFor(14)
	}))
	require.Equal(t, []string{p.Addr(greedy.Operator)}, res.Blamed)
	p.Settle()
	p.Settle()
	_, payments := meteredPayments(p, "viewer")
	for _, pay := range payments {
		if pay.Server == p.Addr(greedy.Operator) {
			require.LessOrEqual(t, pay.Gross.Int64(), int64(5*tick), "the one segment that it gave")
		}
	}
}

// TestDiskRots: a node never serves a block that no longer matches its id; it says so, and fetches it again.
func TestDiskRots(t *testing.T) {
	t.Parallel()
	p := planet.New(t, planet.Config{Nodes: 2})
	song := p.Publish("alice", p.Song("10"), metered(0))
	_, want := p.Watch("bob", song.Work, 2*stream, nil)
	rotten := p.Nodes[0]
	rotten.Stop(t)
	require.NotZero(t, rotten.Rot(t, 20<<10))
	rotten.Start(t)
	fund(p, "mallory", stream)
	s := draft(p, "mallory", rotten, song.Work, 12)
	require.NoError(t, s.open())
	corrupt := 0
	for i := range uint32(3) {
		var data []byte
		n := s.due(i)
		p.Eventually(func() bool {
			var err error
			if data, err = s.segment(i, n); err != nil {
				// damaged, or away while it is fetched again
				require.Contains(t, []string{wire.CorruptBlock, wire.NotFound}, slug(err), "%v", err)
				require.Empty(t, data)
				corrupt++
			}
			return err == nil
		}, "the block comes back from the other node")
		require.Contains(t, string(want), string(data))
	}
	require.GreaterOrEqual(t, corrupt, 1, "the bytes were damaged")
	_, got := p.Watch("viewer", song.Work, 2*stream, nil)
	require.Equal(t, want, got)
}

// TestChainStops: a watch that has begun goes on while the chain is down, and is settled when it is back.
func TestChainStops(t *testing.T) {
	t.Parallel()
	p := planet.New(t, planet.Config{Nodes: 1})
	song := p.Publish("alice", p.Song("14"), metered(0))
	down := once(4, func(watch.Progress) { p.Chain.Stop(t) })
	up := once(12, func(watch.Progress) { p.Chain.Start(t) })
	res, media := p.Watch("viewer", song.Work, 2*stream, func(pr watch.Progress) {
		down(pr)
		up(pr)
	})
	plays(t, media)
	require.InDelta(t, 14, float64(res.Ticks), 1)
	require.Empty(t, res.Blamed)
	p.Settle()
	paid, _ := meteredPayments(p, "viewer")
	require.Equal(t, int64(res.Ticks)*tick, paid)
}
