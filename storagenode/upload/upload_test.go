package upload_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ipfs/go-cid"
	ipld "github.com/ipfs/go-ipld-format"
	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/nodeclient"
	"github.com/streamchain/streamchain/piece"
	"github.com/streamchain/streamchain/storagenode/admit"
	"github.com/streamchain/streamchain/storagenode/blob"
	"github.com/streamchain/streamchain/storagenode/catalog"
	"github.com/streamchain/streamchain/storagenode/dag"
	"github.com/streamchain/streamchain/storagenode/dag/dagtest"
	"github.com/streamchain/streamchain/storagenode/nodetest"
	"github.com/streamchain/streamchain/storagenode/serve"
	"github.com/streamchain/streamchain/storagenode/upload"
	"github.com/streamchain/streamchain/storagenode/wire"
)

type fixture struct {
	t     *testing.T
	from  dagtest.Builder
	s     *upload.Server
	srv   *httptest.Server
	chain *nodetest.Chain
	car   []byte
	root  [32]byte
}

func setup(t *testing.T) *fixture {
	t.Helper()
	cat, err := catalog.Open(t.TempDir())
	require.NoError(t, err)
	_, op := nodetest.Account("op")
	f := &fixture{t: t, from: dagtest.New(t), chain: nodetest.NewChain(op.String(), "")}
	f.chain.Creators[nodetest.Address("alice")] = "streamcreator1alice"
	f.chain.Creators[nodetest.Address("bob")] = "streamcreator1bob"
	f.s = &upload.Server{
		Node: admit.Node{ChainID: nodetest.ChainID, Operator: op.String(), Bytes: op}, Chain: f.chain, Blocks: blob.NewMem(1 << 20), Catalog: cat,
		Dir: filepath.Join(t.TempDir(), "uploads"), Max: 1 << 20,
	}
	mux := http.NewServeMux()
	mux.Handle("/v1/uploads/{piece}", f.s)
	f.srv = httptest.NewServer(serve.Common(mux))
	t.Cleanup(func() { f.srv.Close(); require.NoError(t, cat.Close()) })
	media, cover := f.from.Presentation(1)
	f.car, f.root = f.from.Piece(media, cover)
	return f
}

func (f *fixture) sign(who string, root [32]byte, size int) string {
	key, _ := nodetest.Account(who)
	u := wire.Upload{Piece: root, Size: uint64(size), Expires: time.Now().Unix() + 240, PubKey: key.PubKey().Bytes()}
	sig, err := key.Sign(u.SignBytes(nodetest.ChainID, f.s.Node.Bytes))
	require.NoError(f.t, err)
	u.Signature = sig
	return u.String()
}

func (f *fixture) put(who string, root [32]byte, size int, body []byte, header ...string) (int, *wire.Problem, wire.UploadState) {
	f.t.Helper()
	req, err := http.NewRequest(http.MethodPut, f.srv.URL+"/v1/uploads/"+wire.PieceText(root), bytes.NewReader(body))
	require.NoError(f.t, err)
	req.Header.Set(wire.HeaderUpload, f.sign(who, root, size))
	req.Header.Set("Content-Type", "application/vnd.ipld.car")
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	require.NoError(f.t, err)
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	require.NoError(f.t, err)
	var st wire.UploadState
	if res.StatusCode >= 400 {
		return res.StatusCode, wire.ReadProblem(res.StatusCode, raw), st
	}
	require.NoError(f.t, json.Unmarshal(raw, &st))
	return res.StatusCode, nil, st
}

func pieceOf(t *testing.T, car []byte) [32]byte {
	root, _, err := piece.Sum(bytes.NewReader(car))
	require.NoError(t, err)
	return root
}

func TestUpload(t *testing.T) {
	f := setup(t)
	c := nodeclient.New(http.DefaultClient, f.srv.URL)
	sign := func() (string, error) { return f.sign("alice", f.root, len(f.car)), nil }
	up := func() error {
		return c.Upload(context.Background(), f.root, bytes.NewReader(f.car), int64(len(f.car)), sign, func(int64) {})
	}
	require.NoError(t, up())
	e, ok := f.s.Catalog.Brought(f.root[:], "streamcreator1alice")
	require.True(t, ok)
	require.False(t, e.Live)
	media, cover, err := e.Roots()
	require.NoError(t, err)
	var out bytes.Buffer
	require.NoError(t, dag.WriteCAR(context.Background(), f.s.Blocks, []cid.Cid{media, cover}, &out))
	require.Equal(t, f.car, out.Bytes())
	left, err := os.ReadDir(f.s.Dir)
	require.NoError(t, err)
	require.Empty(t, left)
	require.NoError(t, up(), "again is no error")
	_, ok = f.s.Catalog.Brought(f.root[:], "streamcreator1bob")
	require.False(t, ok, "bob has not brought it")

	require.NoError(t, f.s.Sweep(context.Background(), time.Now().Add(30*time.Minute)))
	require.NotZero(t, f.s.Blocks.Used())
	require.NoError(t, f.s.Sweep(context.Background(), time.Now().Add(2*time.Hour)))
	require.Zero(t, f.s.Blocks.Used(), "nobody made a deal")
}

func TestResume(t *testing.T) {
	f := setup(t)
	n := len(f.car)
	status, _, st := f.put("alice", f.root, n, f.car[:1000])
	require.Equal(t, 200, status)
	require.Equal(t, wire.UploadState{Piece: wire.PieceText(f.root), Offset: 1000, Size: int64(n)}, st)
	status, p, _ := f.put("alice", f.root, n, f.car)
	require.Equal(t, 409, status)
	require.Equal(t, wire.UploadOffset, p.Slug)
	require.EqualValues(t, 1000, *p.Offset)
	_, p, _ = f.put("bob", f.root, n, f.car[1000:], "Content-Range", fmt.Sprintf("bytes 1000-%d/%d", n-1, n))
	require.EqualValues(t, 0, *p.Offset, "each creator has an upload of its own")

	req, err := http.NewRequest(http.MethodHead, f.srv.URL+"/v1/uploads/"+wire.PieceText(f.root), nil)
	require.NoError(t, err)
	req.Header.Set(wire.HeaderUpload, f.sign("alice", f.root, n))
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	require.Equal(t, "1000", res.Header.Get(wire.HeaderOffset))

	status, _, st = f.put("alice", f.root, n, f.car[1000:], "Content-Range", fmt.Sprintf("bytes 1000-%d/%d", n-1, n))
	require.Equal(t, 201, status)
	require.True(t, st.Complete)
}

// Whatever is not exactly the piece that was signed for leaves nothing behind.
func TestMismatches(t *testing.T) {
	f := setup(t)
	media, cover := f.from.Presentation(1)
	lone := f.from.File([]byte("beside it"), 1<<20, 174)
	beside := append(append([]byte{}, f.car...), func() []byte {
		car, _ := f.from.Piece(lone.Cid())
		return car[len(car)-(1+36+9):] // its one section
	}()...)
	swapped, _ := f.from.Piece(cover, media)
	flipped := append([]byte{}, f.car...)
	flipped[len(flipped)-1] ^= 1
	noMedia := f.from.Dir(map[string]ipld.Node{"x": lone})
	halfCAR, _ := f.from.Piece(noMedia.Cid())
	half := halfCAR[:len(halfCAR)-(1+36+9)]
	like, other := []byte("one of the size"), []byte("two of the size")
	twin, _ := f.from.Piece(f.from.Dir(map[string]ipld.Node{"x": f.from.File(like, 1<<20, 174)}).Cid())
	twinCAR, _ := f.from.Piece(f.from.Dir(map[string]ipld.Node{"x": f.from.File(other, 1<<20, 174)}).Cid())
	three, _ := f.from.Piece(media, cover, lone.Cid())
	for name, body := range map[string][]byte{"flipped": flipped, "beside": beside, "a block missing": half, "three roots": three, "no CAR": []byte("hello"), "another piece": swapped, "a twin": twinCAR} {
		root := pieceOf(t, body)
		if name == "another piece" || name == "flipped" {
			root = f.root
		}
		if name == "a twin" {
			root = pieceOf(t, twin)
		}
		status, p, _ := f.put("alice", root, len(body), body)
		require.Equal(t, 422, status, name)
		require.Equal(t, wire.UploadMismatch, p.Slug, name)
		require.Zero(t, f.s.Blocks.Used(), name)
		require.Empty(t, f.s.Catalog.All(), name)
		left, err := os.ReadDir(f.s.Dir)
		require.NoError(t, err)
		require.Empty(t, left, "it starts again at zero")
	}
	status, _, _ := f.put("alice", f.root, len(f.car), f.car)
	require.Equal(t, 201, status)
}

func TestRefusals(t *testing.T) {
	f := setup(t)
	n := len(f.car)
	for name, tc := range map[string]struct {
		who    string
		root   [32]byte
		size   int
		header []string
		slug   string
	}{
		"no creator":    {"carol", f.root, n, nil, wire.NotACreator},
		"too large":     {"alice", f.root, 2 << 20, nil, wire.UploadTooLarge},
		"empty":         {"alice", f.root, 0, nil, wire.UploadTooLarge},
		"wrong type":    {"alice", f.root, n, []string{"Content-Type", "text/html"}, wire.UnsupportedContent},
		"no proof":      {"alice", f.root, n, []string{wire.HeaderUpload, ""}, wire.AuthMalformed},
		"another size":  {"alice", f.root, n - 1, nil, wire.BadRequest},
		"bad range":     {"alice", f.root, n, []string{"Content-Range", "bytes x"}, wire.BadRequest},
		"other total":   {"alice", f.root, n, []string{"Content-Range", "bytes 0-1/5"}, wire.BadRequest},
		"another piece": {"alice", f.root, n, []string{wire.HeaderUpload, f.sign("alice", [32]byte{1}, n)}, wire.BadRequest},
	} {
		_, p, _ := f.put(tc.who, tc.root, tc.size, f.car, tc.header...)
		require.NotNil(t, p, name)
		require.Equal(t, tc.slug, p.Slug, name)
	}
	key, _ := nodetest.Account("alice")
	u := wire.Upload{Piece: f.root, Size: uint64(n), Expires: time.Now().Unix() + 240, PubKey: key.PubKey().Bytes()}
	sig, err := key.Sign(u.SignBytes("test-2", f.s.Node.Bytes))
	require.NoError(t, err)
	u.Signature = sig
	_, p, _ := f.put("alice", f.root, n, f.car, wire.HeaderUpload, u.String())
	require.Equal(t, wire.AuthSignature, p.Slug, "a signature for another chain")

	f.s.Blocks = blob.NewMem(uint64(n - 1))
	_, p, _ = f.put("alice", f.root, n, f.car)
	require.Equal(t, wire.DiskFull, p.Slug)
	require.Equal(t, 507, p.Status)
	f.s.Blocks = blob.NewMem(1 << 20)
	for i := range 4 {
		status, _, _ := f.put("alice", [32]byte{byte(i)}, n, f.car[:10])
		require.Equal(t, 200, status)
	}
	_, p, _ = f.put("alice", f.root, n, f.car[:10])
	require.Equal(t, wire.TooManyRequests, p.Slug)
}

// Bytes that bob copied are not alice's, and alice's are not served under bob's work.
func TestForeignBytes(t *testing.T) {
	f := setup(t)
	status, _, _ := f.put("alice", f.root, len(f.car), f.car)
	require.Equal(t, 201, status)
	up, _ := f.s.Catalog.Brought(f.root[:], "streamcreator1alice")
	theft := catalog.Entry{ID: "w", Live: true, Creator: "streamcreator1bob", Media: up.Media, Cover: up.Cover, Piece: up.Piece, PieceSize: up.PieceSize}
	require.ErrorIs(t, f.s.Catalog.Promote(context.Background(), f.s.Blocks, theft), catalog.ErrForeign)
	for _, change := range []func(*catalog.Entry){
		func(e *catalog.Entry) { e.Cover = "" }, func(e *catalog.Entry) { e.Media = up.Cover }, func(e *catalog.Entry) { e.PieceSize++ },
	} {
		e := theft
		e.Creator = "streamcreator1alice"
		change(&e)
		require.ErrorIs(t, f.s.Catalog.Promote(context.Background(), f.s.Blocks, e), catalog.ErrForeign, "not the work's bytes")
	}
	own := theft
	own.Creator = "streamcreator1alice"
	require.NoError(t, f.s.Catalog.Promote(context.Background(), f.s.Blocks, own))
	require.Len(t, f.s.Catalog.All(), 1)
	used := f.s.Blocks.Used()
	require.NoError(t, f.s.Sweep(context.Background(), time.Now().Add(48*time.Hour)))
	require.Equal(t, used, f.s.Blocks.Used(), "a work with a deal stays")
}
