package nodeclient_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ipfs/go-cid"
	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/media"
	"github.com/streamchain/streamchain/nodeclient"
	"github.com/streamchain/streamchain/storagenode/wire"
)

// work is a small tree, its root and the CAR of all of it.
func work(t testing.TB, size int) (root cid.Cid, car, file []byte) {
	t.Helper()
	dir := t.TempDir()
	rng := rand.New(rand.NewPCG(1, 2))
	file = make([]byte, size)
	for i := range file {
		file[i] = byte(rng.Uint32())
	}
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "v0"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "v0", "seg.m4s"), file, 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "master.m3u8"), []byte("#EXTM3U\n"), 0o600))
	index := media.NewIndex()
	root, _, err := media.BuildDAG(t.Context(), dir, index)
	require.NoError(t, err)
	var buf bytes.Buffer
	_, _, err = media.WriteCAR(t.Context(), &buf, []cid.Cid{root}, index)
	require.NoError(t, err)
	return root, buf.Bytes(), file
}

var segPath = []string{"v0", "seg.m4s"}

func TestFileFromCAR(t *testing.T) {
	for _, size := range []int{0, 1, 1<<20 - 1, 1 << 20, 1<<20 + 1, 5 << 20} {
		root, car, file := work(t, size)
		got, err := nodeclient.FileFromCAR(bytes.NewReader(car), root, segPath, 8<<20)
		require.NoError(t, err, size)
		require.True(t, bytes.Equal(file, got), size)
	}
	root, car, _ := work(t, 3<<20)
	_, err := nodeclient.FileFromCAR(bytes.NewReader(car), root, []string{"v0", "other"}, 8<<20)
	require.ErrorIs(t, err, nodeclient.ErrNoSuchFile)
	_, err = nodeclient.FileFromCAR(bytes.NewReader(car), root, segPath, 1<<20)
	require.ErrorIs(t, err, nodeclient.ErrTooLarge)
	_, err = nodeclient.FileFromCAR(bytes.NewReader(car), root, []string{"v0"}, 8<<20)
	require.ErrorIs(t, err, nodeclient.ErrUnsupportedDAG, "a folder is no file")
	_, err = nodeclient.FileFromCAR(bytes.NewReader(car[:len(car)/2]), root, segPath, 8<<20)
	require.Error(t, err)
	_, err = nodeclient.FileFromCAR(bytes.NewReader([]byte("no car")), root, segPath, 8<<20)
	require.ErrorIs(t, err, nodeclient.ErrCorrupt)
	other, _, _ := work(t, 7)
	_, err = nodeclient.FileFromCAR(bytes.NewReader(car), other, segPath, 8<<20)
	require.ErrorIs(t, err, nodeclient.ErrCorrupt, "the blocks of another work")
}

// Whatever bit a node flips in its answer, no wrong byte comes through.
func TestFlippedBits(t *testing.T) {
	root, car, file := work(t, 64<<10)
	rng := rand.New(rand.NewPCG(7, 7))
	refused := 0
	for range 20_000 {
		bad := bytes.Clone(car)
		bit := rng.IntN(len(bad) * 8)
		bad[bit/8] ^= 1 << (bit % 8)
		got, err := nodeclient.FileFromCAR(bytes.NewReader(bad), root, segPath, 1<<20)
		if err != nil {
			refused++
			continue
		}
		require.True(t, bytes.Equal(file, got), "bit %d", bit)
	}
	require.Greater(t, refused, 19_000)
}

func TestClientReadsProblemsAndStalls(t *testing.T) {
	root, car, file := work(t, 100_000)
	stop := make(chan struct{})
	mux := http.NewServeMux()
	mux.HandleFunc("GET /ok/ipfs/", func(w http.ResponseWriter, r *http.Request) {
		require.Equal(t, "car", r.URL.Query().Get("format"))
		require.Equal(t, "pay", r.Header.Get(wire.HeaderPay))
		w.Header().Set(wire.HeaderPaid, "3:2")
		_, _ = w.Write(car)
	})
	mux.HandleFunc("GET /due/ipfs/", func(w http.ResponseWriter, _ *http.Request) {
		p := wire.NewProblem(http.StatusPaymentRequired, wire.PaymentRequired, "pay")
		p.Terms = &wire.Terms{Due: 4}
		p.Write(w)
	})
	mux.HandleFunc("GET /silent/ipfs/", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(car[:1000])
		_ = http.NewResponseController(w).Flush()
		<-stop
	})
	srv := httptest.NewServer(mux)
	defer srv.Close()
	defer close(stop)
	hc := nodeclient.NewHTTP(true)

	got, paid, err := nodeclient.New(hc, srv.URL+"/ok").File(t.Context(), root, segPath, 1<<20, nodeclient.Credentials{Pay: "pay"})
	require.NoError(t, err)
	require.Equal(t, "3:2", paid)
	require.True(t, bytes.Equal(file, got))

	_, _, err = nodeclient.New(hc, srv.URL+"/due").File(t.Context(), root, segPath, 1<<20, nodeclient.Credentials{})
	var p *wire.Problem
	require.True(t, errors.As(err, &p))
	require.EqualValues(t, 4, p.Terms.Due)

	start := time.Now()
	_, _, err = nodeclient.New(hc, srv.URL+"/silent").File(t.Context(), root, segPath, 1<<20, nodeclient.Credentials{})
	require.ErrorIs(t, err, nodeclient.ErrStalled)
	require.Less(t, time.Since(start), 2*nodeclient.Stall)
}

func TestPrivateAddressesAreNotDialled(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "{}") }))
	defer srv.Close()
	_, err := nodeclient.New(nodeclient.NewHTTP(false), srv.URL).Info(t.Context())
	require.ErrorContains(t, err, "not a public address")
	_, err = nodeclient.New(nodeclient.NewHTTP(true), srv.URL).Info(t.Context())
	require.NoError(t, err)
}
