package nodeclient_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ipfs/boxo/ipld/merkledag"
	"github.com/ipfs/boxo/ipld/unixfs"
	uio "github.com/ipfs/boxo/ipld/unixfs/io"
	"github.com/ipfs/go-cid"
	ipld "github.com/ipfs/go-ipld-format"
	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/nodeclient"
	"github.com/streamchain/streamchain/storagenode/dag/dagtest"
	"github.com/streamchain/streamchain/storagenode/wire"
)

const chunk = 64 << 10

var open = nodeclient.Request{Admit: nodeclient.Open}

// copied fetches a file from the pool and holds it to want.
func copied(t *testing.T, p *nodeclient.Pool, file cid.Cid, want []byte, req nodeclient.Request) (*sink, nodeclient.Copied) {
	t.Helper()
	f := &nodeclient.Fetcher{Pool: p}
	out := newSink()
	got, err := f.Copy(t.Context(), out, file, int64(len(want)), req)
	require.NoError(t, err)
	require.True(t, bytes.Equal(want, out.Bytes()))
	require.EqualValues(t, len(want), got.Bytes)
	return out, got
}

// A file comes from all nodes at once, in order, whatever its shape.
func TestCopyFromSeveral(t *testing.T) {
	t.Parallel()
	b := dagtest.New(t)
	var nodes []*fake
	for i := range 3 {
		nodes = append(nodes, newFake(t, b, fmt.Sprint("op", i), func(int32, http.ResponseWriter, *http.Request, []byte) bool {
			time.Sleep(5 * time.Millisecond)
			return false
		}))
	}
	for _, size := range []int{0, 1, chunk, chunk + 1, 40*chunk + 7} {
		want := dagtest.Bytes(size)
		p := pool(nodes...)
		_, got := copied(t, p, b.File(want, chunk, 5).Cid(), want, open)
		require.Empty(t, p.Blamed())
		if size > 10*chunk {
			require.Len(t, got.From, 3, "all have a part")
		}
	}
}

// Whatever one node does from some moment on, the reader waits less than 4 s at any time, gets no wrong byte,
// the node is named, and it is left alone from then on.
func TestOneBadNode(t *testing.T) {
	for name, how := range map[string]func(int32) manner{"stalls": stalls, "silent": silent, "lies": lies, "dies": dies} {
		for _, sole := range []bool{false, true} {
			t.Run(fmt.Sprint(name, " sole=", sole), func(t *testing.T) {
				t.Parallel()
				b := dagtest.New(t)
				want := dagtest.Bytes(60*chunk + 99)
				file := b.File(want, chunk, 174).Cid()
				// the others take their time: they would else have given everything before the bad one is asked often enough to turn bad
				calm := func(int32, http.ResponseWriter, *http.Request, []byte) bool {
					time.Sleep(5 * time.Millisecond)
					return false
				}
				bad, good, spare := newFake(t, b, "a-bad", how(3)), newFake(t, b, "b-good", calm), newFake(t, b, "c-spare", calm)
				p := pool(bad, good, spare)
				req := open
				req.Sole = sole
				out, _ := copied(t, p, file, want, req)
				require.Less(t, out.gap, 4*time.Second)
				require.Equal(t, []string{bad.name}, p.Blamed())
				before := bad.asked.Load()
				require.LessOrEqual(t, before, int32(3+8))
				s := statOf(t, p, bad)
				require.Positive(t, s.Corrupt+s.Stalls+s.Failures, "%+v", s)
				if name == "lies" {
					require.Positive(t, s.Corrupt)
				}
				copied(t, p, file, want, req)
				require.Equal(t, before, bad.asked.Load(), "it is not asked again")
				if sole {
					require.Zero(t, spare.asked.Load(), "one is paid at a time")
					total := int32(1 + 61)
					require.LessOrEqual(t, before+good.asked.Load(), 2*total+10, "what came was kept")
				}
			})
		}
	}
}

// Where one node is paid, one that failed is not gone back to because of what was still on its way, nor is a third one
// begun with before the second has answered.
func TestSoleStaysWithTheNext(t *testing.T) {
	for name, bad := range map[string]func(int32) manner{"lies": lies, "dies": dies} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := dagtest.New(t)
			want := dagtest.Bytes(30 * chunk)
			late := func(n int32, w http.ResponseWriter, r *http.Request, data []byte) bool {
				if n == 2 {
					return bad(2)(n, w, r, data)
				}
				if n > 2 {
					time.Sleep(300 * time.Millisecond)
				}
				return false
			}
			one, two, three := newFake(t, b, "a", late), newFake(t, b, "b", func(n int32, _ http.ResponseWriter, _ *http.Request, _ []byte) bool {
				if n == 1 {
					time.Sleep(900 * time.Millisecond)
				}
				return false
			}), newFake(t, b, "c", nil)
			p := pool(one, two, three)
			req := open
			req.Sole = true
			copied(t, p, b.File(want, chunk, 174).Cid(), want, req)
			require.LessOrEqual(t, one.asked.Load(), int32(1+4))
			require.Zero(t, three.asked.Load())
		})
	}
}

// One that was only slow to answer stays the one who is paid.
func TestSoleGoesBackToWhoWasSlow(t *testing.T) {
	t.Parallel()
	b := dagtest.New(t)
	want := dagtest.Bytes(20 * chunk)
	one := newFake(t, b, "a", func(n int32, _ http.ResponseWriter, _ *http.Request, _ []byte) bool {
		if n == 2 {
			time.Sleep(nodeclient.Silence + 300*time.Millisecond)
		}
		return false
	})
	two := newFake(t, b, "b", nil)
	p := pool(one, two)
	paid := func(ctx context.Context, leg *nodeclient.Leg, get func(nodeclient.Credentials) (string, error)) error {
		if leg.Info.Operator == "b" {
			// its lane is not open yet
			if err := leg.Hold(func() error {
				select {
				case <-time.After(2 * time.Second):
					return nil
				case <-ctx.Done():
					return ctx.Err()
				}
			}); err != nil {
				return err
			}
		}
		return nodeclient.Open(ctx, leg, get)
	}
	copied(t, p, b.File(want, chunk, 174).Cid(), want, nodeclient.Request{Admit: paid, Sole: true})
	require.Zero(t, two.asked.Load())
	require.Empty(t, p.Blamed())
}

// Every request that the bad nodes get hangs at once: each costs its silence, not the whole wait.
func TestSeveralSilentNodes(t *testing.T) {
	t.Parallel()
	b := dagtest.New(t)
	want := dagtest.Bytes(20 * chunk)
	file := b.File(want, chunk, 174).Cid()
	one, two, good := newFake(t, b, "a", silent(1)), newFake(t, b, "b", stalls(1)), newFake(t, b, "c", nil)
	p := pool(one, two, good)
	out, _ := copied(t, p, file, want, open)
	require.Less(t, out.gap, 5*time.Second)
	require.ElementsMatch(t, []string{"a", "b"}, p.Blamed())
}

// A node that drips is raced for being slow, not blamed, and left.
func TestSlowNodeIsRaced(t *testing.T) {
	t.Parallel()
	b := dagtest.New(t)
	want := dagtest.Bytes(12 * 4 * chunk)
	file := b.File(want, 4*chunk, 174).Cid()
	slow, fast := newFake(t, b, "a-slow", paced(20<<10)), newFake(t, b, "b-fast", nil)
	p := pool(slow, fast)
	out, _ := copied(t, p, file, want, open)
	require.Less(t, out.gap, 3*time.Second)
	require.Empty(t, p.Blamed())
	require.Positive(t, statOf(t, p, slow).Slow)
	before := slow.asked.Load()
	copied(t, p, file, want, open)
	require.LessOrEqual(t, slow.asked.Load(), before+1, "its measured rate speaks against it")
}

// Nodes that all send as slowly as the reader's own line allows are not raced against each other again and again.
func TestSlowLineIsNotRaced(t *testing.T) {
	t.Parallel()
	b := dagtest.New(t)
	want := dagtest.Bytes(8 * 2 * chunk)
	file := b.File(want, 2*chunk, 174).Cid()
	x, y := newFake(t, b, "x", paced(60<<10)), newFake(t, b, "y", paced(60<<10))
	p := pool(x, y)
	copied(t, p, file, want, open)
	require.LessOrEqual(t, x.asked.Load()+y.asked.Load(), int32(9+3))
}

// The only node that falls silent and comes back is waited for, and not blamed.
func TestOnlyNodeIsWaitedFor(t *testing.T) {
	t.Parallel()
	b := dagtest.New(t)
	want := dagtest.Bytes(3 * chunk)
	only := newFake(t, b, "only", func(n int32, _ http.ResponseWriter, _ *http.Request, _ []byte) bool {
		if n == 2 {
			time.Sleep(2 * time.Second)
		}
		return false
	})
	p := pool(only)
	copied(t, p, b.File(want, chunk, 174).Cid(), want, open)
	require.Empty(t, p.Blamed())
	require.Equal(t, 1, statOf(t, p, only).Stalls)
}

// When nobody gives the bytes, that is said soon, with what each node did; a node that is found meanwhile saves the day.
func TestNobodyGives(t *testing.T) {
	t.Parallel()
	b := dagtest.New(t)
	want := dagtest.Bytes(3 * chunk)
	file := b.File(want, chunk, 174).Cid()
	dead, liar := newFake(t, b, "dead", nil), newFake(t, b, "liar", lies(1))
	dead.srv.Close()
	p := pool(dead, liar)
	f := &nodeclient.Fetcher{Pool: p}
	start := time.Now()
	_, err := f.Copy(t.Context(), io.Discard, file, 1<<20, open)
	require.ErrorIs(t, err, nodeclient.ErrNoNode)
	require.Less(t, time.Since(start), 3*time.Second)
	_, _, err = nodeclient.NewPool(nil).Block(t.Context(), file, open)
	require.ErrorIs(t, err, nodeclient.ErrNoNode)

	late := newFake(t, b, "late", nil)
	f.Refresh = func(context.Context) { p.Add(late.node()) }
	var out bytes.Buffer
	_, err = f.Copy(t.Context(), &out, file, 1<<20, open)
	require.NoError(t, err)
	require.Equal(t, want, out.Bytes())
}

var errLimit = errors.New("no more money")

// What another node cannot change ends the fetch, but not before a node that is asked already has had its chance.
func TestFinalErrors(t *testing.T) {
	t.Parallel()
	b := dagtest.New(t)
	want := dagtest.Bytes(chunk)
	file := b.File(want, 1<<20, 174).Cid()
	one, two := newFake(t, b, "one", nil), newFake(t, b, "two", nil)
	broke := func(ctx context.Context, leg *nodeclient.Leg, get func(nodeclient.Credentials) (string, error)) error {
		if leg.Info.Operator == "two" {
			return nodeclient.Final(errLimit)
		}
		return nodeclient.Open(ctx, leg, get)
	}
	p := pool(two)
	_, _, err := p.Block(t.Context(), file, nodeclient.Request{Admit: broke})
	require.ErrorIs(t, err, errLimit)
	require.NotErrorIs(t, err, nodeclient.ErrNoNode)
	require.Empty(t, p.Blamed(), "it is not the node's fault")

	one.behave(func(int32, http.ResponseWriter, *http.Request, []byte) bool {
		time.Sleep(2 * time.Second)
		return false
	})
	p = pool(one, two)
	data, from, err := p.Block(t.Context(), file, nodeclient.Request{Admit: broke, Sole: true})
	require.NoError(t, err)
	require.Equal(t, "one", from)
	require.Equal(t, want, data)
}

// While an Admit waits for something that is not the node, the node is not raced.
func TestHold(t *testing.T) {
	t.Parallel()
	b := dagtest.New(t)
	want := dagtest.Bytes(chunk)
	file := b.File(want, 1<<20, 174).Cid()
	one, two := newFake(t, b, "one", nil), newFake(t, b, "two", nil)
	p := pool(one, two)
	_, from, err := p.Block(t.Context(), file, nodeclient.Request{Admit: func(ctx context.Context, leg *nodeclient.Leg, get func(nodeclient.Credentials) (string, error)) error {
		if err := leg.Hold(func() error { time.Sleep(2 * time.Second); return nil }); err != nil {
			return err
		}
		return nodeclient.Open(ctx, leg, get)
	}})
	require.NoError(t, err)
	require.Equal(t, "one", from)
	require.Zero(t, two.asked.Load())
	require.Zero(t, statOf(t, p, one).Stalls)
}

// memory is a Cache.
type memory struct {
	mu   sync.Mutex
	rows map[string][]byte
}

func (m *memory) Get(id cid.Cid) ([]byte, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	data, ok := m.rows[id.KeyString()]
	return data, ok
}

func (m *memory) Put(id cid.Cid, data []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.rows[id.KeyString()] = data
}

// What was fetched once is not fetched again; what has changed on the disk since is.
func TestCache(t *testing.T) {
	t.Parallel()
	b := dagtest.New(t)
	want := dagtest.Bytes(9 * chunk)
	file := b.File(want, chunk, 174).Cid()
	node := newFake(t, b, "op", nil)
	m := &memory{rows: map[string][]byte{}}
	f := &nodeclient.Fetcher{Pool: pool(node), Cache: m}
	for i, asked := range []int32{10, 10, 11} {
		if i == 2 {
			for k, v := range m.rows {
				bad := bytes.Clone(v)
				bad[0] ^= 1
				m.rows[k] = bad
				break
			}
		}
		var out bytes.Buffer
		_, err := f.Copy(t.Context(), &out, file, 1<<20, open)
		require.NoError(t, err)
		require.Equal(t, want, out.Bytes())
		require.Equal(t, asked, node.asked.Load())
	}
}

// A directory of thousands of files is sharded: a path in it needs a few of its parts, each once.
func TestShardedDirectory(t *testing.T) {
	t.Parallel()
	b := dagtest.New(t)
	entries := map[string]ipld.Node{}
	for i := range 6000 {
		entries[fmt.Sprintf("seg%05d.m4s", i)] = merkledag.NewRawNode([]byte(fmt.Sprint(i)))
	}
	for _, n := range entries {
		require.NoError(t, b.Add(t.Context(), n))
	}
	dir := b.Dir(entries, uio.WithMaxLinks(1000))
	fs, err := unixfs.ExtractFSNode(dir)
	require.NoError(t, err)
	require.Equal(t, unixfs.THAMTShard, fs.Type())
	root := b.Dir(map[string]ipld.Node{"v0": dir}).Cid()
	node := newFake(t, b, "op", nil)
	f := &nodeclient.Fetcher{Pool: pool(node)}
	for _, i := range []int{0, 4711, 5999} {
		id, err := f.Find(t.Context(), root, []string{"v0", fmt.Sprintf("seg%05d.m4s", i)}, open)
		require.NoError(t, err)
		var out bytes.Buffer
		_, err = f.Copy(t.Context(), &out, id, 100, open)
		require.NoError(t, err)
		require.Equal(t, fmt.Sprint(i), out.String())
	}
	require.Less(t, node.asked.Load(), int32(20))
	_, err = f.Find(t.Context(), root, []string{"v0", "seg06000.m4s"}, open)
	require.ErrorIs(t, err, nodeclient.ErrNoSuchFile)
	list, err := f.List(t.Context(), dir.Cid(), open)
	require.NoError(t, err)
	require.Len(t, list, 6000)
}

// A creator's hostile layout is refused, whoever serves it, and no node is blamed for it.
func TestHostileLayouts(t *testing.T) {
	t.Parallel()
	b := dagtest.New(t)
	leaf := b.File(dagtest.Bytes(100), 1<<20, 174)
	empty := b.File(nil, 1<<20, 174)
	file := func(sizes ...uint64) cid.Cid {
		fs := unixfs.NewFSNode(unixfs.TFile)
		n := &merkledag.ProtoNode{}
		require.NoError(t, n.SetCidBuilder(merkledag.V1CidPrefix()))
		for _, s := range sizes {
			fs.AddBlockSize(s)
			part := leaf
			if s == 0 {
				part = empty
			}
			require.NoError(t, n.AddNodeLink("", part))
		}
		raw, err := fs.GetBytes()
		require.NoError(t, err)
		n.SetData(raw)
		require.NoError(t, b.Add(t.Context(), n))
		return n.Cid()
	}
	dir := b.Dir(map[string]ipld.Node{"x": leaf}).Cid()
	p := pool(newFake(t, b, "op", nil))
	f := &nodeclient.Fetcher{Pool: p}
	for name, c := range map[string]struct {
		id   cid.Cid
		want error
	}{
		"a part of another size": {file(100, 99), nodeclient.ErrUnsupportedDAG},
		"empty parts":            {file(100, 0, 0), nodeclient.ErrUnsupportedDAG},
		"a folder":               {dir, nodeclient.ErrUnsupportedDAG},
		"too large":              {file(100, 100, 100), nodeclient.ErrTooLarge},
		"another hash":           {cid.NewCidV1(cid.Raw, append([]byte{0x11, 20}, make([]byte, 20)...)), nodeclient.ErrUnsupportedDAG},
	} {
		_, err := f.Copy(t.Context(), io.Discard, c.id, 250, open)
		require.ErrorIs(t, err, c.want, name)
	}
	_, err := f.Find(t.Context(), dir, []string{"y"}, open)
	require.ErrorIs(t, err, nodeclient.ErrNoSuchFile)
	_, err = f.Find(t.Context(), dir, []string{"x", "y"}, open)
	require.ErrorIs(t, err, nodeclient.ErrNoSuchFile)
	require.Empty(t, p.Blamed())
}

// Who stops reading stops the fetching.
func TestCancel(t *testing.T) {
	t.Parallel()
	b := dagtest.New(t)
	want := dagtest.Bytes(200 * chunk)
	file := b.File(want, chunk, 1024).Cid()
	node := newFake(t, b, "op", nil)
	ctx, cancel := context.WithCancel(t.Context())
	f := &nodeclient.Fetcher{Pool: pool(node)}
	var n atomic.Int32
	_, err := f.Copy(ctx, writer(func(p []byte) (int, error) {
		if n.Add(1) == 3 {
			cancel()
		}
		return len(p), nil
	}), file, 1<<30, open)
	require.ErrorIs(t, err, context.Canceled)
	require.Less(t, node.asked.Load(), int32(40))
}

type writer func([]byte) (int, error)

func (w writer) Write(p []byte) (int, error) { return w(p) }

func TestScoresArePersistent(t *testing.T) {
	t.Parallel()
	b := dagtest.New(t)
	want := dagtest.Bytes(4 * chunk)
	file := b.File(want, chunk, 174).Cid()
	liar, good := newFake(t, b, "a-liar", lies(1)), newFake(t, b, "b-good", nil)
	book := nodeclient.OpenBook(t.TempDir() + "/sub/nodes.json")
	now := time.Now()
	require.Empty(t, book.Scores(now))
	p := pool(liar, good)
	copied(t, p, file, want, open)
	require.NoError(t, book.Save(p.Scores(), now))

	next := nodeclient.NewPool(book.Scores(now.Add(time.Hour)))
	next.Add(liar.node())
	next.Add(good.node())
	require.Equal(t, good.name, next.Best())
	before := liar.asked.Load()
	copied(t, next, file, want, open)
	require.Equal(t, before, liar.asked.Load(), "the next run begins with the good one")

	scores := book.Scores(now.Add(12 * time.Hour))
	require.InDelta(t, 64, scores[liar.name].Faults, 1, "a quarter after two half-lives")
	later := nodeclient.NewPool(book.Scores(now.Add(8 * 24 * time.Hour)))
	later.Add(liar.node())
	later.Add(good.node())
	require.Equal(t, liar.name, later.Best(), "all is forgotten")

	require.NoError(t, book.Save(map[string]nodeclient.Score{"other": {Seen: now.Unix()}}, now))
	require.Len(t, book.Scores(now), 3, "what another run saw stays")
}

// What is asked may be refused in ways that a viewer can read.
func TestProblemsOfBlocks(t *testing.T) {
	t.Parallel()
	b := dagtest.New(t)
	file := b.File(dagtest.Bytes(100), 1<<20, 174).Cid()
	node := newFake(t, b, "op", func(_ int32, w http.ResponseWriter, _ *http.Request, _ []byte) bool {
		wire.NewProblem(http.StatusPaymentRequired, wire.PaymentRequired, "pay").Write(w)
		return true
	})
	_, _, err := pool(node).Block(t.Context(), file, open)
	var p *wire.Problem
	require.ErrorAs(t, err, &p)
	require.Equal(t, wire.PaymentRequired, p.Slug)
	node.behave(func(_ int32, w http.ResponseWriter, _ *http.Request, _ []byte) bool {
		_, _ = w.Write(make([]byte, 3<<20))
		return true
	})
	_, _, err = node.node().Block(t.Context(), file, nodeclient.Credentials{}, nil)
	require.ErrorIs(t, err, nodeclient.ErrCorrupt, "more than a block may have")
}
