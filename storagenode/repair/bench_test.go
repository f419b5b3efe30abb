package repair_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/ipfs/go-cid"
	ipld "github.com/ipfs/go-ipld-format"
	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/storagenode/blob"
	"github.com/streamchain/streamchain/storagenode/dag/dagtest"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
)

// benchSize is about how many bytes the lost work has: eight segments of 8 MiB.
const benchSize = 64 << 20

// bigWork is the media of a work, its CAR and its piece root.
func bigWork(b *testing.B) (cid.Cid, []byte, [32]byte) {
	b.Helper()
	from := dagtest.New(b)
	dir := map[string]ipld.Node{}
	for i := range 8 {
		dir[fmt.Sprintf("seg%d.m4s", i)] = from.File(dagtest.Bytes(benchSize/8+i), 1<<20, 1024)
	}
	media := from.Dir(dir).Cid()
	car, root := from.Piece(media)
	return media, car, root
}

// BenchmarkRepair brings one lost copy back, from disk to disk over loopback: a node finds that the copy is wanted, fetches
// the work from its holder, holds every block to its CID and the whole to the piece root, stores it, promises it, and has
// the tree that its proofs need.
func BenchmarkRepair(b *testing.B) {
	w := newWorld(b)
	onDisk := func(name, region string) *node {
		disk, err := blob.OpenDisk(b.TempDir(), 1<<30)
		require.NoError(b, err)
		b.Cleanup(func() { require.NoError(b, disk.Close()) })
		n := w.nodeOn(disk, name, region)
		return n
	}
	holder, dead, fresh := onDisk("holder", "eu"), onDisk("dead", "us"), onDisk("fresh", "as")
	media, car, root := bigWork(b)
	work := w.publish(media, cid.Undef, car, root, holder)
	dead.srv.Close()
	b.SetBytes(int64(len(car)))
	b.ResetTimer()
	b.StopTimer()
	for i := range b.N {
		w.chain.WantCopy(work.Cid, dead.op, storagetypes.DEAL_END_TERMINATED)
		b.StartTimer()
		require.EqualValues(b, i+1, fresh.look(b).Taken)
		require.Equal(b, 1, fresh.sync(b).Kept)
		b.StopTimer()
		require.Equal(b, holder.store.Used(), fresh.store.Used())
		require.Len(b, fresh.Catalog.Find(media), 1)
		delete(w.chain.DealRows, work.Cid+"/"+fresh.op)
		for _, e := range fresh.Catalog.All() {
			require.NoError(b, fresh.Catalog.Drop(context.Background(), fresh.store, e.ID))
		}
		require.Zero(b, fresh.store.Used())
	}
}

// BenchmarkCopy is the peer of BenchmarkRepair: the same bytes as one file over the same loopback to the same disk, by
// net/http, synced once, and nothing verified.
func BenchmarkCopy(b *testing.B) {
	_, car, _ := bigWork(b)
	dir := b.TempDir()
	require.NoError(b, os.WriteFile(filepath.Join(dir, "piece.car"), car, 0o600))
	srv := httptest.NewServer(http.FileServer(http.Dir(dir)))
	defer srv.Close()
	b.SetBytes(int64(len(car)))
	for b.Loop() {
		res, err := http.Get(srv.URL + "/piece.car") //nolint:noctx // as plain as it gets
		require.NoError(b, err)
		out, err := os.Create(filepath.Join(dir, "copy.car"))
		require.NoError(b, err)
		n, err := io.Copy(out, res.Body)
		require.NoError(b, err)
		require.EqualValues(b, len(car), n)
		require.NoError(b, out.Sync())
		require.NoError(b, out.Close())
		require.NoError(b, res.Body.Close())
	}
}
