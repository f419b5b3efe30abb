package upload_test

import (
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/storagenode/blob"
	"github.com/streamchain/streamchain/storagenode/dag"
	"github.com/streamchain/streamchain/storagenode/denylist"
	"github.com/streamchain/streamchain/storagenode/nodetest"
	"github.com/streamchain/streamchain/storagenode/wire"
)

// What has a block that a list names is not taken; nothing of it stays. The piece of a denied work is not even received.
func TestDeniedUpload(t *testing.T) {
	f := setup(t)
	own, quiet := filepath.Join(t.TempDir(), "own.deny"), slog.New(slog.NewTextHandler(io.Discard, nil))
	l, err := denylist.Open(t.TempDir(), own, nil, quiet)
	require.NoError(t, err)
	f.s.Denied, err = denylist.NewGuard(l, f.s.Catalog, quiet)
	require.NoError(t, err)
	deny := func(rule string) {
		require.NoError(t, os.WriteFile(own, []byte(rule), 0o600))
		require.True(t, l.Reload(time.Now().Add(time.Hour)))
	}
	media, cover := f.from.Presentation(1)
	leaf, err := dag.Resolve(t.Context(), f.from.Store, media, []string{"v1", "seg3.m4s"})
	require.NoError(t, err)
	hidden, err := denylist.Rule(leaf.Links[2].Cid, nil, true, false)
	require.NoError(t, err)
	for _, rule := range []string{"/ipfs/" + media.String(), "/ipfs/" + cover.String(), "/ipfs/" + leaf.Links[2].Cid.String(), hidden} {
		deny(rule)
		status, p, _ := f.put("alice", f.root, len(f.car), f.car)
		require.Equal(t, 451, status, rule)
		require.Equal(t, wire.Blocked, p.Slug)
		require.Zero(t, f.s.Blocks.Used())
		left, err := os.ReadDir(f.s.Dir)
		require.NoError(t, err)
		require.Empty(t, left)
	}
	work := nodetest.WorkID("work")
	require.NoError(t, f.s.Denied.Remember(denylist.Work{ID: work, Root: work, Media: media.String(), Cover: cover.String(), Piece: f.root[:]}))
	deny("/ipfs/" + work)
	status, p, _ := f.put("alice", f.root, len(f.car), f.car[:10])
	require.Equal(t, 451, status)
	require.Equal(t, wire.Blocked, p.Slug)
	req, err := http.NewRequest(http.MethodHead, f.srv.URL+"/v1/uploads/"+wire.PieceText(f.root), nil)
	require.NoError(t, err)
	req.Header.Set(wire.HeaderUpload, f.sign("alice", f.root, len(f.car)))
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	require.Equal(t, 451, res.StatusCode)
	deny("# nothing")
	status, _, st := f.put("alice", f.root, len(f.car), f.car)
	require.Equal(t, 201, status)
	require.True(t, st.Complete)
}

// While an upload is written it keeps its room: a second one that fits only without it is told so at once, and may come
// later. One that nobody writes keeps none.
func TestRoomIsKept(t *testing.T) {
	f := setup(t)
	store := blob.NewMem(uint64(len(f.car)) * 3 / 2)
	f.s.Blocks, f.s.Room = store, blob.NewRoom(store, nil)
	media, cover := f.from.Presentation(2)
	car, root := f.from.Piece(media, cover)
	body, sent := io.Pipe()
	req, err := http.NewRequest(http.MethodPut, f.srv.URL+"/v1/uploads/"+wire.PieceText(f.root), body)
	require.NoError(t, err)
	req.Header.Set(wire.HeaderUpload, f.sign("alice", f.root, len(f.car)))
	req.Header.Set("Content-Type", "application/vnd.ipld.car")
	over := make(chan int, 1)
	go func() {
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			over <- 0
			return
		}
		_ = res.Body.Close()
		over <- res.StatusCode
	}()
	_, err = sent.Write(f.car[:100])
	require.NoError(t, err)
	require.Eventually(t, func() bool { return f.s.Room.Left() < uint64(len(car)) }, 5*time.Second, time.Millisecond)
	status, p, _ := f.put("bob", root, len(car), car)
	require.Equal(t, 507, status)
	require.Equal(t, wire.DiskFull, p.Slug)
	require.Zero(t, store.Used())
	require.NoError(t, sent.Close())
	require.Equal(t, 200, <-over)
	require.Equal(t, store.Capacity(), f.s.Room.Left())
	status, _, _ = f.put("bob", root, len(car), car[:len(car)-1])
	require.Equal(t, 200, status)
	require.NoError(t, f.s.Sweep(t.Context(), time.Now().Add(48*time.Hour)))
	status, _, _ = f.put("bob", root, len(car), car)
	require.Equal(t, 201, status)
	require.Equal(t, store.Capacity()-store.Used(), f.s.Room.Left(), "what is complete keeps none")
}

func TestClosedToUploads(t *testing.T) {
	f := setup(t)
	f.s.Closed = func() bool { return true }
	status, p, _ := f.put("alice", f.root, len(f.car), f.car)
	require.Equal(t, 503, status)
	require.Equal(t, wire.Draining, p.Slug)
}
