package watch

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ipfs/go-cid"
	ipld "github.com/ipfs/go-ipld-format"
	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/nodeclient"
	"github.com/streamchain/streamchain/storagenode/dag/dagtest"
	"github.com/streamchain/streamchain/storagenode/nodetest"
	"github.com/streamchain/streamchain/storagenode/wire"
	subtypes "github.com/streamchain/streamchain/x/subscription/types"
)

var (
	free  = subtypes.AccessDecision{Granted: true, By: subtypes.ACCESS_BY_FREE}
	owned = subtypes.AccessDecision{Granted: true, By: subtypes.ACCESS_BY_PURCHASE}
)

const total = 4 * segments // ticks of the work

func (w *world) holds(res *Result, out *sink, err error) {
	w.t.Helper()
	require.NoError(w.t, err)
	require.True(w.t, res.Verified)
	require.True(w.t, bytes.Equal(w.want, out.Bytes()), "%d of %d bytes", out.Len(), len(w.want))
	require.EqualValues(w.t, len(w.want), res.Bytes)
}

// What is free or owned comes from all nodes that have it.
func TestGrantedFromSeveral(t *testing.T) {
	t.Parallel()
	for by, d := range map[string]subtypes.AccessDecision{"free": free, "purchase": owned} {
		w := newWorld(t, 3, d, song)
		for _, n := range w.nodes {
			n.behave(func(int32, http.Handler, http.ResponseWriter, *http.Request) bool {
				time.Sleep(40 * time.Millisecond)
				return false
			})
			if by == "purchase" { // nodes ask who it is
				n.chain.Decide("", w.root, subtypes.AccessDecision{Reason: subtypes.ReasonPaymentRequired})
				n.chain.Decide(w.account().String(), w.root, owned)
			}
		}
		if by == "free" {
			w.viewer = "" // and anybody may watch
		}
		var out sink
		var last Progress
		res, err := w.watch(t.Context(), t.TempDir(), &out, func(o *Options) { o.Progress = func(p Progress) { last = p } })
		w.holds(res, &out, err)
		require.Equal(t, by, res.GrantedBy)
		require.Len(t, res.Nodes, 3)
		require.Empty(t, res.Blamed)
		require.Zero(t, res.Ticks)
		require.Zero(t, sum(w.paid()))
		require.InDelta(t, total, res.SecondsWatched, 1e-9)
		require.InDelta(t, total, last.Seconds, 1e-9)
		require.NotEmpty(t, last.Node)
		blocks := 0
		for _, s := range res.Stats {
			require.Positive(t, s.LatencyMS)
			blocks += s.Blocks
		}
		require.Equal(t, 2+2+1+segments*12, blocks, "each block once")
	}
}

// By the tick, one node is paid, each second once.
func TestMeteredPaysOneNodeOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3, nodetest.Metered(price, 4), song)
	var out sink
	res, err := w.watch(t.Context(), t.TempDir(), &out, func(o *Options) {
		o.Progress = func(p Progress) {
			require.EqualValues(t, (p.Seconds-4)*price, p.Spent, "nothing is paid before what comes before it is there")
		}
	})
	w.holds(res, &out, err)
	require.Equal(t, "metered", res.GrantedBy)
	require.EqualValues(t, total-4, res.Ticks, "the first four seconds are a preview")
	require.EqualValues(t, total-4, sum(w.paid()))
	require.Equal(t, 1, w.lanes())
	require.Equal(t, 1, w.prepared)
	require.Equal(t, fmt.Sprintf("%dustream", (total-4)*price), res.Spent)
}

// A node that is paid and gives no more, or something else, in the middle of a segment: the viewer waits less than five
// seconds, gets the rest of that segment elsewhere, keeps what came, and pays twice for no more than that segment.
func TestMeteredTrouble(t *testing.T) {
	// the fourth block of a segment's twelve, and the one that begins a segment
	for _, from := range []int32{12 + 4, 12 + 1} {
		for trouble, how := range troubles(from) {
			t.Run(fmt.Sprint(trouble, from), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, 3, nodetest.Metered(price, 0), song)
				var out sink
				var first atomic.Pointer[string]
				var blamed []string
				res, err := w.watch(t.Context(), t.TempDir(), &out, func(o *Options) {
					o.Progress = func(p Progress) {
						if first.Load() == nil {
							first.Store(&p.Node)
							w.of(p.Node).behave(how)
						}
						blamed = p.Blamed
					}
				})
				w.holds(res, &out, err)
				require.Less(t, out.gap, 5*time.Second, "the longest that nothing came")
				require.Equal(t, []string{*first.Load()}, res.Blamed)
				require.Equal(t, res.Blamed, blamed, "and it was said at once")
				require.Equal(t, 2, w.lanes(), "no lane that is not needed")
				require.LessOrEqual(t, sum(w.paid()), uint32(total+4), "one segment of four ticks was on its way")
				require.LessOrEqual(t, res.Ticks, uint64(total+4))
				require.GreaterOrEqual(t, sum(w.paid()), uint32(total))
				bad := slices.IndexFunc(res.Stats, func(s nodeclient.Stat) bool { return s.Operator == *first.Load() })
				require.Equal(t, trouble == "lies", res.Stats[bad].Corrupt > 0, "%+v", res.Stats[bad])
				sumBlocks := 0
				for _, s := range res.Stats {
					sumBlocks += s.Blocks
				}
				require.Equal(t, 2+2+1+segments*12, sumBlocks, "what was verified was not fetched again")
			})
		}
	}
}

func honestly(int32, http.Handler, http.ResponseWriter, *http.Request) bool { return false }

// What is free loses no second to the same troubles, and costs nothing but a second request.
func TestFreeTrouble(t *testing.T) {
	for trouble := range troubles(1) {
		t.Run(trouble, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 3, free, song)
			how := troubles(1)[trouble]
			w.nodes[1].behave(func(n int32, honest http.Handler, rw http.ResponseWriter, r *http.Request) bool {
				if n < 5 || !bytesAsked(r) {
					return false
				}
				r.Header.Set(wire.HeaderPay, "x") // the lies are about paid requests, and what is free reads no payment
				return how(n, honest, rw, r)
			})
			var out sink
			res, err := w.watch(t.Context(), t.TempDir(), &out, nil)
			w.holds(res, &out, err)
			require.Less(t, out.gap, 3*time.Second)
			require.LessOrEqual(t, len(res.Blamed), 1)
			if len(res.Blamed) == 1 {
				require.Equal(t, nodetest.Address(name(1)), res.Blamed[0])
			}
		})
	}
}

// A node that falls silent while its lane shall be opened is left; one that lives and waits for a slow chain is not.
func TestOpeningALane(t *testing.T) {
	t.Run("silent", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, 2, nodetest.Metered(price, 4), song)
		var dead atomic.Pointer[server]
		for _, n := range w.nodes {
			n.behave(func(_ int32, _ http.Handler, _ http.ResponseWriter, r *http.Request) bool {
				if r.Method == http.MethodPost && dead.CompareAndSwap(nil, n) || dead.Load() == n {
					hang(r)
					return true
				}
				return false
			})
		}
		var out sink
		res, err := w.watch(t.Context(), t.TempDir(), &out, nil)
		w.holds(res, &out, err)
		require.Less(t, out.gap, 5*time.Second)
		require.Len(t, res.Blamed, 1)
		require.Equal(t, dead.Load(), w.of(res.Blamed[0]))
		require.EqualValues(t, total-4, sum(w.paid()))
	})
	t.Run("a slow chain", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, 2, nodetest.Metered(price, 4), song)
		for _, n := range w.nodes {
			n.chain.Slow = 4 * time.Second
		}
		var out sink
		res, err := w.watch(t.Context(), t.TempDir(), &out, nil)
		w.holds(res, &out, err)
		require.Empty(t, res.Blamed)
		require.Equal(t, 1, w.lanes())
	})
}

// A node that hangs in everything costs its silence once, also when sessions are closed at the end.
func TestEndIsNotHeldUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2, nodetest.Metered(price, 0), song)
	var out sink
	var dead atomic.Bool
	res, err := w.watch(t.Context(), t.TempDir(), &out, func(o *Options) {
		o.Progress = func(p Progress) {
			if dead.CompareAndSwap(false, true) {
				w.of(p.Node).behave(func(_ int32, _ http.Handler, _ http.ResponseWriter, r *http.Request) bool {
					hang(r)
					return true
				})
			}
		}
	})
	w.holds(res, &out, err)
	require.Less(t, out.gap, 5*time.Second)
	require.Less(t, time.Since(out.last), patience+2*time.Second)
}

// Whoever stops and goes on neither fetches nor pays anything again.
func TestGoesOn(t *testing.T) {
	t.Parallel()
	for _, d := range []subtypes.AccessDecision{free, nodetest.Metered(price, 0)} {
		w := newWorld(t, 2, d, song)
		home := t.TempDir()
		ctx, cancel := context.WithCancel(t.Context())
		first := sink{f: func(sum int) {
			if sum > 3*segBytes {
				cancel()
			}
		}}
		_, err := w.watch(ctx, home, &first, nil)
		require.ErrorIs(t, err, context.Canceled)
		asked := w.nodes[0].asked.Load() + w.nodes[1].asked.Load()
		var out sink
		res, err := w.watch(t.Context(), home, &out, nil)
		w.holds(res, &out, err)
		require.LessOrEqual(t, w.nodes[0].asked.Load()+w.nodes[1].asked.Load(), int32(2+2+1+segments*12)+perhaps, "blocks that were on their way come twice")
		require.Greater(t, w.nodes[0].asked.Load()+w.nodes[1].asked.Load(), asked)
		if d.Metered != nil {
			require.EqualValues(t, total, sum(w.paid()))
			require.EqualValues(t, total, res.Ticks)
			require.Equal(t, 1, w.lanes())
		}
	}
}

// perhaps is how many blocks may be on their way when a watch is stopped.
const perhaps = 12

// The next watch begins with the node that did well.
func TestScoresAreKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2, nodetest.Metered(price, 0), song)
	home := t.TempDir()
	var out sink
	var bad string
	_, err := w.watch(t.Context(), home, &out, func(o *Options) {
		o.Progress = func(p Progress) {
			if bad == "" {
				bad = p.Node
				w.of(bad).behave(troubles(1)["lies"])
			}
		}
	})
	require.NoError(t, err)
	w.of(bad).behave(honestly)
	before := w.of(bad).asked.Load()
	w.viewer = "bob"
	out = sink{}
	res, err := w.watch(t.Context(), home, &out, nil)
	w.holds(res, &out, err)
	require.Equal(t, before, w.of(bad).asked.Load())
}

// A node that says that more is due than it gave is left, and gets none of it.
func TestGreedyNode(t *testing.T) {
	t.Parallel()
	for _, due := range []wire.Terms{{Due: 30, Used: 4, Paid: 4}, {Due: 30, Used: 29, Paid: 4}, {Due: 3, Used: 9, Paid: 4}} {
		w := newWorld(t, 2, nodetest.Metered(price, 0), song)
		var out sink
		greedy := ""
		res, err := w.watch(t.Context(), t.TempDir(), &out, func(o *Options) {
			o.Progress = func(p Progress) {
				if greedy != "" {
					return
				}
				greedy = p.Node
				w.of(greedy).behave(func(_ int32, _ http.Handler, rw http.ResponseWriter, r *http.Request) bool {
					if r.Header.Get(wire.HeaderPay) == "" {
						return false
					}
					problem := wire.NewProblem(http.StatusPaymentRequired, wire.PaymentRequired, "more")
					problem.Terms = &due
					problem.Write(rw)
					return true
				})
			}
		})
		w.holds(res, &out, err)
		require.Equal(t, []string{greedy}, res.Blamed)
		require.LessOrEqual(t, res.Ticks, uint64(total+4))
	}
}

// As it plays, the next segment comes while the last one plays: a node that falls silent then is not noticed.
func TestRealtimeHidesAStall(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2, nodetest.Metered(price, 0), func(b dagtest.Builder) (cid.Cid, []byte) { return long(b, 4) })
	var out sink
	start := time.Now()
	silent := ""
	res, err := w.watch(t.Context(), t.TempDir(), &out, func(o *Options) {
		o.Realtime = true
		o.Progress = func(p Progress) {
			require.LessOrEqual(t, p.Spent, uint64(p.Seconds+4)*price, "at most one segment ahead")
			if silent == "" {
				silent = p.Node
				w.of(silent).behave(troubles(1)["is silent"])
			}
		}
	})
	w.holds(res, &out, err)
	require.Equal(t, []string{silent}, res.Blamed)
	require.GreaterOrEqual(t, time.Since(start), 12*time.Second)
	require.Less(t, out.gap, 5*time.Second)
}

func TestSpendLimit(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2, nodetest.Metered(price, 0), song)
	fee := w.nodes[0].chain.Params.OpenFee.Uint64()
	var out sink
	res, err := w.watch(t.Context(), t.TempDir(), &out, func(o *Options) { o.MaxSpend = fee + 10*price })
	require.ErrorIs(t, err, ErrSpendLimit)
	require.NotErrorIs(t, err, ErrNoNode)
	require.EqualValues(t, 8, res.Ticks, "two segments, and nothing for a third that cannot be paid whole")
	require.Empty(t, res.Blamed)
	require.Equal(t, w.want[:out.Len()], out.Bytes())
}

func TestNobodyAnswers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2, free, song)
	for _, n := range w.nodes {
		n.http.Close()
	}
	_, err := w.watch(t.Context(), t.TempDir(), io.Discard, nil)
	require.ErrorIs(t, err, ErrNoNode)
	w = newWorld(t, 2, free, song)
	for _, n := range w.nodes {
		n.behave(func(_ int32, _ http.Handler, rw http.ResponseWriter, r *http.Request) bool {
			if bytesAsked(r) {
				wire.NewProblem(http.StatusNotFound, wire.NotFound, "none").Write(rw)
			}
			return bytesAsked(r)
		})
	}
	res, err := w.watch(t.Context(), t.TempDir(), io.Discard, nil)
	require.ErrorIs(t, err, ErrNoNode, "that a node has no playlist does not mean that the work has none")
	require.Len(t, res.Blamed, 2)
}

// book is a work of one file, several of two.
func book(b dagtest.Builder) (cid.Cid, []byte) {
	data := dagtest.Bytes(30*chunk + 5)
	return b.Dir(map[string]ipld.Node{
		"files":      b.Dir(map[string]ipld.Node{"book.pdf": b.File(data, chunk, 7)}),
		"index.json": b.File([]byte(`{"version":1,"files":[{"path":"files/book.pdf","size":1,"type":"application/pdf"}]}`), chunk, 7),
	}).Cid(), data
}

func several(b dagtest.Builder) (cid.Cid, []byte) {
	data := dagtest.Bytes(3 * chunk)
	return b.Dir(map[string]ipld.Node{"readme.txt": b.File([]byte("hello"), chunk, 7), "bin": b.Dir(map[string]ipld.Node{"tool": b.File(data, chunk, 7)})}).Cid(), data
}

// A work that does not play is written as it is.
func TestFiles(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3, free, book)
	for _, n := range w.nodes {
		n.behave(func(int32, http.Handler, http.ResponseWriter, *http.Request) bool {
			time.Sleep(40 * time.Millisecond)
			return false
		})
	}
	var out sink
	var last Progress
	res, err := w.watch(t.Context(), t.TempDir(), &out, func(o *Options) { o.Progress = func(p Progress) { last = p } })
	w.holds(res, &out, err)
	require.Len(t, res.Nodes, 3, "ranges come from all")
	require.EqualValues(t, len(w.want), last.Bytes)
	require.Zero(t, res.SecondsWatched)

	w = newWorld(t, 1, nodetest.Metered(price, 0), book)
	res, err = w.watch(t.Context(), t.TempDir(), io.Discard, nil)
	require.ErrorIs(t, err, ErrMeteredFile)
	require.Zero(t, res.Ticks)
	require.Zero(t, w.lanes())

	w = newWorld(t, 1, free, several)
	_, err = w.watch(t.Context(), t.TempDir(), io.Discard, nil)
	require.ErrorIs(t, err, ErrSeveralFiles)
	require.ErrorContains(t, err, "bin/tool, readme.txt")
	out = sink{}
	res, err = w.watch(t.Context(), t.TempDir(), &out, func(o *Options) { o.Path = "bin/tool" })
	w.holds(res, &out, err)
	_, err = w.watch(t.Context(), t.TempDir(), io.Discard, func(o *Options) { o.Path = "bin/none" })
	require.ErrorIs(t, err, nodeclient.ErrNoSuchFile)

	w = newWorld(t, 1, free, func(b dagtest.Builder) (cid.Cid, []byte) { return b.Dir(nil).Cid(), nil })
	_, err = w.watch(t.Context(), t.TempDir(), io.Discard, nil)
	require.ErrorIs(t, err, ErrUnsupported)
}

// A film of more than five hours lies in a sharded directory.
func TestSharded(t *testing.T) {
	t.Parallel()
	const many = 300
	w := newWorld(t, 2, nodetest.Metered(price, 0), func(b dagtest.Builder) (cid.Cid, []byte) { return long(b, many) })
	var out sink
	res, err := w.watch(t.Context(), t.TempDir(), &out, nil)
	w.holds(res, &out, err)
	require.EqualValues(t, 4*many, res.Ticks)
}
