package serve_test

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/ipfs/go-cid"
	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/media"
	"github.com/streamchain/streamchain/storagenode/blob"
	"github.com/streamchain/streamchain/storagenode/catalog"
	"github.com/streamchain/streamchain/storagenode/dag/dagtest"
	"github.com/streamchain/streamchain/storagenode/serve"
)

// What a publisher writes as CAR of a folder and what a node answers for it are the same bytes, sharded directories
// and repeated files included: two packages write CARs, and the piece root of a work depends on every byte.
func TestCARIsThePublishers(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	put := func(name string, data []byte) {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, data, 0o600))
	}
	put("master.m3u8", []byte("#EXTM3U\n"))
	put("empty", nil)
	put("v0/a.m4s", dagtest.Bytes(3<<20+5))
	put("v0/b.m4s", dagtest.Bytes(3<<20+5))
	put("v1/a.m4s", dagtest.Bytes(1<<20))
	for i := range 1100 {
		put(filepath.Join("sharded", string(bytes.Repeat([]byte{'a' + byte(i%26)}, 200))+itoa(i)), []byte{byte(i)})
	}
	index, store := media.NewIndex(), blob.NewMem(1<<30)
	root, _, err := media.BuildDAG(ctx, dir, index)
	require.NoError(t, err)
	again, _, err := media.BuildDAG(ctx, dir, store)
	require.NoError(t, err)
	require.Equal(t, root, again)
	cat, err := catalog.Open(t.TempDir())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, cat.Close()) })
	ix, err := catalog.BuildIndex(ctx, store, root, cid.Undef)
	require.NoError(t, err)
	require.NoError(t, cat.Add(catalog.Entry{ID: "w", Live: true, Root: "w", Media: root.String()}, ix))
	s := serve.Common(&serve.Server{Blocks: store, Catalog: cat, Gate: public{}})

	get := func(path string) []byte {
		rec := httptest.NewRecorder()
		s.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/ipfs/"+path, nil))
		require.Equal(t, 200, rec.Code, rec.Body.String())
		return rec.Body.Bytes()
	}
	want := func(roots ...cid.Cid) []byte {
		var out bytes.Buffer
		_, _, err := media.WriteCAR(ctx, &out, roots, index)
		require.NoError(t, err)
		return out.Bytes()
	}
	require.True(t, bytes.Equal(want(root), get(root.String()+"?format=car")), "the work")
	for _, sub := range []string{"v0", "sharded", "v0/a.m4s", "empty"} {
		id, _, err := media.BuildDAG(ctx, filepath.Join(dir, sub), store)
		require.NoError(t, err)
		require.True(t, bytes.Equal(want(id), get(id.String()+"?format=car")), sub)
	}
}
