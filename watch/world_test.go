package watch

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	uio "github.com/ipfs/boxo/ipld/unixfs/io"
	"github.com/ipfs/go-cid"
	ipld "github.com/ipfs/go-ipld-format"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/storagenode/admit"
	"github.com/streamchain/streamchain/storagenode/catalog"
	"github.com/streamchain/streamchain/storagenode/dag/dagtest"
	"github.com/streamchain/streamchain/storagenode/keys/keystest"
	"github.com/streamchain/streamchain/storagenode/ledger"
	"github.com/streamchain/streamchain/storagenode/nodetest"
	"github.com/streamchain/streamchain/storagenode/serve"
	"github.com/streamchain/streamchain/storagenode/sessions"
	"github.com/streamchain/streamchain/storagenode/uses"
	"github.com/streamchain/streamchain/storagenode/wire"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	subtypes "github.com/streamchain/streamchain/x/subscription/types"
)

const (
	price     = 10     // of a tick of a second
	chunk     = 64_000 // bytes; a segment has several chunks, as one of more than a mebibyte has
	segBytes  = 10*chunk + 17
	segments  = 8 // of four seconds
	chainTime = 300 * time.Millisecond
)

// lie answers a request in place of the honest node, or returns false.
type lie func(n int32, honest http.Handler, w http.ResponseWriter, r *http.Request) bool

// server is a node with the real gate, ledger and sessions, on a chain in memory.
type server struct {
	chain  *nodetest.Chain
	ledger *ledger.Ledger
	uses   *ledger.Ledger
	url    string
	asked  atomic.Int32 // requests for bytes
	how    atomic.Pointer[lie]
	http   *httptest.Server
}

func (s *server) behave(how lie) { s.how.Store(&how) }

// world is some nodes that keep a work, and a chain for its viewers.
type world struct {
	t     testing.TB
	b     dagtest.Builder
	root  string
	media cid.Cid
	want  []byte
	nodes []*server
	// deciding is what the chain says of the work to everybody.
	deciding subtypes.AccessDecision

	// holders hold the keys where the work is encrypted, which opened is as the chain knows it; else both are nil.
	holders *keystest.World
	opened  *contenttypes.Work

	mu       sync.Mutex
	prepared int
	viewer   string
}

func name(i int) string { return fmt.Sprintf("op%d", i) }

// song is a presentation with one rendition.
func song(b dagtest.Builder) (media cid.Cid, want []byte) {
	list := "#EXTM3U\n#EXT-X-MAP:URI=\"init.mp4\"\n"
	dir := map[string]ipld.Node{"init.mp4": b.File(dagtest.Bytes(700), 1<<20, 174)}
	want = append(want, dagtest.Bytes(700)...)
	for i := range segments {
		data := dagtest.Bytes(segBytes + i)
		dir[fmt.Sprintf("seg%d.m4s", i)] = b.File(data, chunk, 174)
		list += fmt.Sprintf("#EXTINF:4.000,\nseg%d.m4s\n", i)
		want = append(want, data...)
	}
	dir["index.m3u8"] = b.File([]byte(list+"#EXT-X-ENDLIST\n"), 1<<20, 174)
	root := map[string]ipld.Node{"v0": b.Dir(dir), "master.m3u8": b.File([]byte("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nv0/index.m3u8\n"), 1<<20, 174)}
	return b.Dir(root).Cid(), want
}

func newWorld(t testing.TB, nodes int, d subtypes.AccessDecision, make func(dagtest.Builder) (cid.Cid, []byte)) *world {
	t.Helper()
	return newWorldOf(t, nodetest.WorkID("work"), nodes, d, make)
}

func newWorldOf(t testing.TB, root string, nodes int, d subtypes.AccessDecision, make func(dagtest.Builder) (cid.Cid, []byte)) *world {
	t.Helper()
	w := &world{t: t, b: dagtest.New(t), root: root, viewer: "viewer"}
	w.media, w.want = make(w.b)
	d.Work = w.root
	w.deciding = d
	for i := range nodes {
		w.nodes = append(w.nodes, w.newServer(i))
	}
	return w
}

func (w *world) newServer(i int) *server {
	_, op := nodetest.Account(name(i))
	s := &server{chain: nodetest.NewChain(op.String(), "")}
	s.chain.Slow = chainTime
	s.chain.Decide("", w.root, w.deciding)
	dir := w.t.TempDir()
	var err error
	s.ledger, err = ledger.Open(filepath.Join(dir, "ledger"), s.chain.Params.ServeMarginSeconds)
	require.NoError(w.t, err)
	s.uses, err = ledger.Open(filepath.Join(dir, "uses"), 0)
	require.NoError(w.t, err)
	cat, err := catalog.Open(dir)
	require.NoError(w.t, err)
	ix, err := catalog.BuildIndex(context.Background(), w.b.Store, w.media, cid.Undef)
	require.NoError(w.t, err)
	require.NoError(w.t, cat.Add(catalog.Entry{ID: w.root, Live: true, Work: w.root, Root: w.root, Media: w.media.String(), Duration: 4 * segments}, ix))
	node, reader := admit.Node{ChainID: nodetest.ChainID, Operator: op.String(), Bytes: op}, admit.NewReader(s.chain)
	lanes := sessions.NewLanes(node, reader, s.chain, s.ledger)
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { lanes.Run(ctx) })
	mux := http.NewServeMux()
	mux.Handle("/ipfs/", &serve.Server{Blocks: w.b.Store, Catalog: cat, Gate: &admit.Gate{Node: node, Reader: reader, Ledger: s.ledger}})
	(&sessions.Server{Lanes: lanes, Uses: &uses.Book{Node: node, Reader: reader, Chain: s.chain, Ledger: s.uses}}).Register(mux)
	mux.HandleFunc("GET /v1/info", func(rw http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprintf(rw, `{"chain_id":%q,"operator":%q,"capacity":"0","free":"0","max_upload":"0","height":"1"}`, nodetest.ChainID, op.String())
	})
	honest := serve.Common(mux)
	s.http = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		n := s.asked.Load()
		if strings.HasPrefix(r.URL.Path, "/ipfs/") {
			n = s.asked.Add(1)
		}
		if how := s.how.Load(); how != nil && (*how)(n, honest, rw, r) {
			return
		}
		honest.ServeHTTP(rw, r)
	}))
	s.url = s.http.URL
	w.t.Cleanup(func() {
		s.http.CloseClientConnections()
		s.http.Close()
		cancel()
		wg.Wait()
		require.NoError(w.t, s.ledger.Close())
		require.NoError(w.t, s.uses.Close())
		require.NoError(w.t, cat.Close())
	})
	return s
}

// The world is the viewer's chain.

func (w *world) ChainID() string { return nodetest.ChainID }

func (w *world) account() sdk.AccAddress {
	if w.viewer == "" {
		return nil
	}
	_, a := nodetest.Account(w.viewer)
	return a
}

func (w *world) params(context.Context) (streamtypes.Params, error) {
	return w.nodes[0].chain.Params, nil
}

func (w *world) now(context.Context) (int64, error) { return w.nodes[0].chain.Now(), nil }

func (w *world) of(operator string) *server {
	for i, n := range w.nodes {
		if nodetest.Address(name(i)) == operator {
			return n
		}
	}
	require.Fail(w.t, "no such node", operator)
	return nil
}

func (w *world) nextGeneration(ctx context.Context, provider string) (uint64, error) {
	return w.of(provider).chain.NextGeneration(ctx, w.account().String())
}

func (w *world) prepare(_ context.Context, pubkey []byte, need uint64) error {
	time.Sleep(chainTime)
	w.mu.Lock()
	w.prepared++
	w.mu.Unlock()
	for _, n := range w.nodes {
		n.chain.Mu.Lock()
		owner := w.account().String()
		n.chain.Keys[owner+"/"+string(pubkey)] = streamtypes.SessionKey{
			Owner: owner, Pubkey: pubkey, Expires: n.chain.Live + 7200, Scope: streamtypes.SESSION_KEY_SCOPE_PAYMENT_AND_ACCESS,
		}
		n.chain.Escrows[owner] = math.NewIntFromUint64(need)
		n.chain.Mu.Unlock()
	}
	w.grantAtHolders(pubkey)
	return nil
}

func (w *world) proving(_ context.Context, _ string, pubkey []byte) (uint64, error) {
	c := w.nodes[0].chain
	c.Mu.Lock()
	defer c.Mu.Unlock()
	if _, granted := c.Keys[w.account().String()+"/"+string(pubkey)]; !granted {
		return 0, nil
	}
	return 4 * segments, nil
}

// sink keeps what is written, when the first byte came and the longest pause between two writes since.
type sink struct {
	bytes.Buffer
	last time.Time
	gap  time.Duration
	f    func(sum int)
}

func (s *sink) Write(p []byte) (int, error) {
	if !s.last.IsZero() {
		s.gap = max(s.gap, time.Since(s.last))
	}
	s.last = time.Now()
	n, err := s.Buffer.Write(p)
	if s.f != nil {
		s.f(s.Len())
	}
	return n, err
}

// watch fetches the work; change may alter its options.
func (w *world) watch(ctx context.Context, home string, out io.Writer, change func(*Options)) (*Result, error) {
	opt := Options{Work: w.root, Home: home, Out: out, AllowPrivate: true}
	if w.deciding.Metered != nil {
		opt.MaxSpend = 1 << 40
	}
	if change != nil {
		change(&opt)
	}
	p, err := w.player(opt)
	if err != nil {
		return nil, err
	}
	return p.run(ctx, w.endpoints())
}

// player is one that has asked the chain for everything.
func (w *world) player(opt Options) (*player, error) {
	p := newPlayer(opt, w, w.holders)
	work := contenttypes.Work{Cid: w.root, Root: w.root, Head: w.root, Media: w.media.String()}
	if w.opened != nil {
		work = *w.opened
	}
	require.NoError(w.t, p.is(work, work))
	return p, p.admission(w.deciding)
}

func (w *world) endpoints() map[string]string {
	out := map[string]string{}
	for i, n := range w.nodes {
		out[n.url] = nodetest.Address(name(i))
	}
	return out
}

// paid is the ticks that each node holds words for.
func (w *world) paid() (ticks []uint32) {
	for _, n := range w.nodes {
		var sum uint32
		for _, p := range n.ledger.Pending() {
			sum += p.Settlement.N
		}
		ticks = append(ticks, sum)
	}
	return ticks
}

func sum(ticks []uint32) (s uint32) {
	for _, n := range ticks {
		s += n
	}
	return s
}

// lanes is how many nodes have one.
func (w *world) lanes() (n int) {
	for _, s := range w.nodes {
		s.chain.Mu.Lock()
		n += len(s.chain.Lanes)
		s.chain.Mu.Unlock()
	}
	return n
}

// hang holds the request until its client is gone, which a server notices once it has read the body.
func hang(r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	<-r.Context().Done()
}

func bytesAsked(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/ipfs/") }

// recorded is what the honest node answers.
func recorded(honest http.Handler, r *http.Request) *httptest.ResponseRecorder {
	rec := httptest.NewRecorder()
	honest.ServeHTTP(rec, r)
	return rec
}

// half sends half of the honest answer and then does as end does.
func half(honest http.Handler, w http.ResponseWriter, r *http.Request, end func()) {
	rec := recorded(honest, r)
	for k, v := range rec.Header() {
		w.Header()[k] = v
	}
	w.WriteHeader(rec.Code)
	_, _ = w.Write(rec.Body.Bytes()[:rec.Body.Len()/2])
	_ = http.NewResponseController(w).Flush()
	end()
}

// troubles are what a node may do from its n-th answer with bytes that are paid on.
func troubles(from int32) map[string]lie {
	paid := func(f lie) lie {
		var n atomic.Int32
		return func(_ int32, honest http.Handler, w http.ResponseWriter, r *http.Request) bool {
			if !bytesAsked(r) || r.Header.Get(wire.HeaderPay) == "" || n.Add(1) < from {
				return false
			}
			return f(n.Load(), honest, w, r)
		}
	}
	return map[string]lie{
		"stalls": paid(func(_ int32, honest http.Handler, w http.ResponseWriter, r *http.Request) bool {
			half(honest, w, r, func() { hang(r) })
			return true
		}),
		"is silent": paid(func(_ int32, _ http.Handler, _ http.ResponseWriter, r *http.Request) bool {
			hang(r)
			return true
		}),
		"dies": paid(func(_ int32, honest http.Handler, w http.ResponseWriter, r *http.Request) bool {
			half(honest, w, r, func() { panic(http.ErrAbortHandler) })
			return true
		}),
		"lies": paid(func(n int32, honest http.Handler, w http.ResponseWriter, r *http.Request) bool {
			rec := recorded(honest, r)
			body := rec.Body.Bytes()
			body[int(n)%len(body)] ^= 1 << (n % 8)
			for k, v := range rec.Header() {
				w.Header()[k] = v
			}
			w.WriteHeader(rec.Code)
			_, _ = w.Write(body)
			return true
		}),
	}
}

// long is a presentation whose rendition is a sharded directory.
func long(b dagtest.Builder, many int) (media cid.Cid, want []byte) {
	list := "#EXTM3U\n"
	dir := map[string]ipld.Node{}
	for i := range many {
		data := []byte(fmt.Sprintf("segment %d", i))
		dir[fmt.Sprintf("seg%d.m4s", i)] = b.File(data, chunk, 174)
		list += fmt.Sprintf("#EXTINF:4.000,\nseg%d.m4s\n", i)
		want = append(want, data...)
	}
	dir["index.m3u8"] = b.File([]byte(list), 1<<20, 174)
	root := map[string]ipld.Node{
		"v0": b.Dir(dir, uio.WithMaxLinks(50)), "master.m3u8": b.File([]byte("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nv0/index.m3u8\n"), 1<<20, 174),
	}
	return b.Dir(root).Cid(), want
}
