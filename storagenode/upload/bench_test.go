package upload_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ipfs/go-cid"
	ipld "github.com/ipfs/go-ipld-format"
	"github.com/stretchr/testify/require"

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

// benchSize is about how many bytes a piece has in benchmarks: eight segments of 8 MiB.
const benchSize = 64 << 20

// importer is a node with a real disk, and a piece.
type importer struct {
	b     *testing.B
	s     *upload.Server
	srv   *httptest.Server
	car   []byte
	root  [32]byte
	media cid.Cid
	path  string // of a file that holds the CAR
}

func newImporter(b *testing.B) *importer {
	b.Helper()
	from := dagtest.New(b)
	dir := map[string]ipld.Node{}
	for i := range 8 {
		dir[fmt.Sprintf("seg%d.m4s", i)] = from.File(dagtest.Bytes(benchSize/8+i), 1<<20, 1024)
	}
	i := &importer{b: b, media: from.Dir(dir).Cid(), path: filepath.Join(b.TempDir(), "piece.car")}
	i.car, i.root = from.Piece(i.media)
	require.NoError(b, os.WriteFile(i.path, i.car, 0o600))
	cat, err := catalog.Open(b.TempDir())
	require.NoError(b, err)
	disk, err := blob.OpenDisk(b.TempDir(), 1<<30)
	require.NoError(b, err)
	_, op := nodetest.Account("op")
	chain := nodetest.NewChain(op.String(), "")
	chain.Creators[nodetest.Address("alice")] = "streamcreator1alice"
	i.s = &upload.Server{
		Node: admit.Node{ChainID: nodetest.ChainID, Operator: op.String(), Bytes: op}, Chain: chain, Blocks: disk, Catalog: cat, Dir: filepath.Join(b.TempDir(), "uploads"), Max: 1 << 30,
	}
	mux := http.NewServeMux()
	mux.Handle("/v1/uploads/{piece}", i.s)
	i.srv = httptest.NewServer(serve.Common(mux))
	b.Cleanup(func() {
		i.srv.Close()
		require.NoError(b, cat.Close())
		require.NoError(b, disk.Close())
	})
	return i
}

// put sends the first n bytes of the CAR.
func (i *importer) put(n, status int) {
	i.b.Helper()
	key, _ := nodetest.Account("alice")
	u := wire.Upload{Piece: i.root, Size: uint64(len(i.car)), Expires: time.Now().Unix() + 240, PubKey: key.PubKey().Bytes()}
	sig, err := key.Sign(u.SignBytes(nodetest.ChainID, i.s.Node.Bytes))
	require.NoError(i.b, err)
	u.Signature = sig
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPut, i.srv.URL+"/v1/uploads/"+wire.PieceText(i.root), bytes.NewReader(i.car[:n]))
	require.NoError(i.b, err)
	req.Header.Set(wire.HeaderUpload, u.String())
	req.Header.Set("Content-Type", "application/vnd.ipld.car")
	res, err := http.DefaultClient.Do(req)
	require.NoError(i.b, err)
	require.NoError(i.b, res.Body.Close())
	require.Equal(i.b, status, res.StatusCode)
}

func (i *importer) entry(id string, live bool) catalog.Entry {
	return catalog.Entry{ID: id, Live: live, Work: id, Root: id, Creator: "streamcreator1alice", Media: i.media.String(), Piece: i.root[:], PieceSize: uint64(len(i.car))}
}

// open verifies the blocks of the CAR.
func (i *importer) open() *dag.CARFile {
	i.b.Helper()
	f, err := os.Open(i.path)
	require.NoError(i.b, err)
	i.b.Cleanup(func() { _ = f.Close() })
	car, err := dag.OpenCAR(f, int64(len(i.car)))
	require.NoError(i.b, err)
	return car
}

func (i *importer) ingest(car *dag.CARFile) {
	i.b.Helper()
	require.NoError(i.b, i.s.Catalog.Ingest(context.Background(), i.s.Blocks, car, i.entry(catalog.UploadID(i.root[:], "streamcreator1alice"), false)))
}

// forget empties the node again.
func (i *importer) forget() {
	i.b.Helper()
	for _, e := range i.s.Catalog.All() {
		require.NoError(i.b, i.s.Catalog.Drop(context.Background(), i.s.Blocks, e.ID))
	}
	require.Zero(i.b, i.s.Blocks.Used())
}

// BenchmarkImport takes a piece, whole by HTTP and stage by stage: the body to disk, every block against its CID, the
// canonical CAR against the piece root, the blocks to the store, and what makes a waiting upload a live work. SHA-256 of
// the same bytes on one core is their peer.
func BenchmarkImport(b *testing.B) {
	ctx, work := context.Background(), nodetest.WorkID("work")
	for _, stage := range []struct {
		name string
		once func(i *importer) // runs with the timer stopped, and starts it for what is measured
	}{
		{"whole", func(i *importer) {
			i.b.StartTimer()
			i.put(len(i.car), http.StatusCreated)
			i.b.StopTimer()
			i.forget()
		}},
		{"receive", func(i *importer) {
			i.b.StartTimer()
			i.put(len(i.car)-1, http.StatusOK)
			i.b.StopTimer()
			require.NoError(i.b, os.RemoveAll(i.s.Dir))
		}},
		{"blocks", func(i *importer) {
			i.b.StartTimer()
			i.open()
			i.b.StopTimer()
		}},
		{"piece", func(i *importer) {
			car := i.open()
			i.b.StartTimer()
			var p piece.Builder
			require.NoError(i.b, dag.WriteCAR(ctx, car, car.Roots, &p))
			require.Equal(i.b, i.root, p.Root())
			i.b.StopTimer()
		}},
		{"ingest", func(i *importer) {
			car := i.open()
			i.b.StartTimer()
			i.ingest(car)
			i.b.StopTimer()
			i.forget()
		}},
		{"promote", func(i *importer) {
			i.ingest(i.open())
			i.b.StartTimer()
			require.NoError(i.b, i.s.Catalog.Promote(ctx, i.s.Blocks, i.entry(work, true)))
			i.b.StopTimer()
			i.forget()
		}},
	} {
		b.Run(stage.name, func(b *testing.B) {
			i := newImporter(b)
			if stage.name != "promote" { // which moves no bytes
				b.SetBytes(int64(len(i.car)))
			}
			b.ReportAllocs()
			b.ResetTimer()
			b.StopTimer()
			for range b.N {
				stage.once(i)
			}
		})
	}
}

// BenchmarkSHA256 is the peer of BenchmarkImport.
func BenchmarkSHA256(b *testing.B) {
	data := dagtest.Bytes(benchSize)
	b.SetBytes(benchSize)
	for b.Loop() {
		sha256.Sum256(data)
	}
}
