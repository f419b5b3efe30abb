package upload_test

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/storagenode/nodetest"
	"github.com/streamchain/streamchain/storagenode/wire"
)

// An upload writes beneath its folder and nowhere else, whatever links lie there.
func TestLinksAreNotWrittenThrough(t *testing.T) {
	f := setup(t)
	outside := filepath.Join(t.TempDir(), "precious")
	require.NoError(t, os.WriteFile(outside, []byte("precious"), 0o600))
	require.NoError(t, os.MkdirAll(f.s.Dir, 0o700))
	link := filepath.Join(f.s.Dir, wire.PieceText(f.root)+"-streamcreator1alice.part")
	for _, to := range []string{outside, "../" + filepath.Base(outside), filepath.Join(filepath.Dir(outside), "new")} {
		require.NoError(t, os.Symlink(to, link))
		status, p, _ := f.put("alice", f.root, len(f.car), f.car)
		require.Equal(t, 500, status, "%v", p)
		kept, err := os.ReadFile(outside)
		require.NoError(t, err)
		require.Equal(t, "precious", string(kept))
		_, err = os.Stat(filepath.Join(filepath.Dir(outside), "new"))
		require.ErrorIs(t, err, os.ErrNotExist)
		require.NoError(t, os.Remove(link))
	}
	require.Zero(t, f.s.Blocks.Used())
	status, _, _ := f.put("alice", f.root, len(f.car), f.car)
	require.Equal(t, 201, status)
}

// What stands in the URL is compared with what was signed; it never becomes a name.
func TestUploadPathsLeadNowhere(t *testing.T) {
	f := setup(t)
	key := f.sign("alice", f.root, len(f.car))
	before, err := os.ReadDir(filepath.Dir(f.s.Dir))
	require.NoError(t, err)
	for _, target := range nodetest.Traversals("x", "/v1/uploads/", "/v1/uploads/"+wire.PieceText(f.root)+"/") {
		for _, method := range []string{http.MethodPut, http.MethodHead} {
			req, err := http.NewRequest(method, f.srv.URL, nil)
			require.NoError(t, err)
			req.URL.Opaque = target
			req.Header.Set(wire.HeaderUpload, key)
			req.Header.Set("Content-Type", "application/vnd.ipld.car")
			res, err := (&http.Transport{}).RoundTrip(req)
			if err != nil {
				continue // no such request can be written
			}
			_ = res.Body.Close()
			require.NotContains(t, []int{200, 201}, res.StatusCode, "%s %q", method, target)
		}
	}
	after, err := os.ReadDir(filepath.Dir(f.s.Dir))
	require.NoError(t, err)
	require.Equal(t, len(before), len(after))
	_, err = os.Stat(f.s.Dir)
	require.ErrorIs(t, err, os.ErrNotExist, "nothing was begun")
}
