package watch

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/ipfs/go-cid"
	ipld "github.com/ipfs/go-ipld-format"
	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/storagenode/dag/dagtest"
	"github.com/streamchain/streamchain/storagenode/nodetest"
	subtypes "github.com/streamchain/streamchain/x/subscription/types"
)

// line is how fast a node's line is in BenchmarkRetrieval, where it has one, in bytes a second.
const line = 8 << 20

// shared is a line that all connections of a node share.
type shared struct {
	mu   sync.Mutex
	free time.Time
}

func (s *shared) wait(n int) {
	s.mu.Lock()
	s.free = s.free.Add(time.Duration(float64(n) / line * float64(time.Second)))
	if now := time.Now(); s.free.Before(now) {
		s.free = now
	}
	until := s.free
	s.mu.Unlock()
	time.Sleep(time.Until(until))
}

type throttled struct {
	http.ResponseWriter
	line *shared
}

func (t throttled) Write(p []byte) (sum int, err error) {
	for len(p) > 0 && err == nil {
		part := p[:min(len(p), 64<<10)]
		t.line.wait(len(part))
		var n int
		n, err = t.ResponseWriter.Write(part)
		sum, p = sum+n, p[n:]
	}
	return sum, err
}

func (t throttled) Unwrap() http.ResponseWriter { return t.ResponseWriter }

// BenchmarkRetrieval fetches a work that is free, in segments of 3 MiB of blocks of 1 MiB, from one node and from three, each verified
// and written to a cache on disk: over bare loopback, where the machine's cores are the limit, and over lines of 8 MiB/s.
func BenchmarkRetrieval(b *testing.B) {
	const size = 24
	film := func(d dagtest.Builder) (cid.Cid, []byte) {
		list := "#EXTM3U\n"
		dir := map[string]ipld.Node{}
		var want []byte
		for i := range size / 3 {
			data := dagtest.Bytes(3<<20 + i)
			dir[fmt.Sprintf("seg%d.m4s", i)] = d.File(data, 1<<20, 174)
			list += fmt.Sprintf("#EXTINF:4.000,\nseg%d.m4s\n", i)
			want = append(want, data...)
		}
		dir["index.m3u8"] = d.File([]byte(list), 1<<20, 174)
		return d.Dir(map[string]ipld.Node{"v0": d.Dir(dir), "master.m3u8": d.File([]byte("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nv0/index.m3u8\n"), 1<<20, 174)}).Cid(), want
	}
	for _, nodes := range []int{1, 3} {
		for _, slow := range []bool{false, true} {
			name := fmt.Sprintf("nodes=%d/loopback", nodes)
			if slow {
				name = fmt.Sprintf("nodes=%d/8MiBps", nodes)
			}
			b.Run(name, func(b *testing.B) {
				w := newWorld(b, nodes, free, film)
				for _, n := range w.nodes {
					l := &shared{}
					n.behave(func(_ int32, honest http.Handler, rw http.ResponseWriter, r *http.Request) bool {
						if slow && bytesAsked(r) {
							honest.ServeHTTP(throttled{rw, l}, r)
						}
						return slow && bytesAsked(r)
					})
				}
				b.SetBytes(int64(len(w.want)))
				for b.Loop() {
					res, err := w.watch(context.Background(), b.TempDir(), io.Discard, nil)
					require.NoError(b, err)
					require.True(b, res.Verified)
				}
			})
		}
	}
}

// began notes when the second write came: the first segment, behind the init segment.
type began struct {
	writes int
	at     time.Time
}

func (s *began) Write(p []byte) (int, error) {
	if s.writes++; s.writes == 2 {
		s.at = time.Now()
	}
	return len(p), nil
}

// BenchmarkFirstSegment is how long it takes from nothing to the first segment as it plays, clear and encrypted under five holders of which three answer, with nodes and
// holders 40 ms away: median and 95th percentile of as many starts as are run.
func BenchmarkFirstSegment(b *testing.B) {
	const away = 40 * time.Millisecond
	for _, c := range []struct {
		name   string
		d      subtypes.AccessDecision
		sealed bool
	}{{"owned/clear", owned, false}, {"owned/encrypted", owned, true}, {"metered/clear", nodetest.Metered(price, 0), false}, {"metered/encrypted", nodetest.Metered(price, 0), true}} {
		b.Run(c.name, func(b *testing.B) {
			var w *world
			if c.sealed {
				w = newSealedWorld(b, 3, 5, c.d, sealedSong)
				for _, n := range w.holders.Nodes {
					honest := n.Before
					n.Before = func(rw http.ResponseWriter, r *http.Request) bool {
						time.Sleep(away)
						return honest(rw, r)
					}
				}
			} else {
				w = newWorld(b, 3, c.d, song)
			}
			for _, n := range w.nodes {
				if c.d.Granted {
					n.chain.Decide(w.account().String(), w.root, c.d)
				}
				n.behave(func(int32, http.Handler, http.ResponseWriter, *http.Request) bool {
					time.Sleep(away)
					return false
				})
			}
			var took []float64
			for b.Loop() {
				b.StopTimer()
				ctx, stop := context.WithCancel(context.Background())
				var out began
				home := b.TempDir()
				b.StartTimer()
				start := time.Now()
				_, _ = w.watch(ctx, home, &out, func(o *Options) {
					o.Progress = func(Progress) { stop() }
				})
				stop()
				require.Equal(b, 2, min(out.writes, 2))
				took = append(took, float64(out.at.Sub(start))/float64(time.Millisecond))
			}
			slices.Sort(took)
			b.ReportMetric(took[len(took)/2], "median-ms")
			b.ReportMetric(took[min(len(took)-1, len(took)*95/100)], "p95-ms")
			b.ReportMetric(0, "ns/op")
		})
	}
}
