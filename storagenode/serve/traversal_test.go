package serve_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ipfs/go-cid"
	"github.com/multiformats/go-base32"
	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/storagenode/blob"
	"github.com/streamchain/streamchain/storagenode/catalog"
	"github.com/streamchain/streamchain/storagenode/dag"
	"github.com/streamchain/streamchain/storagenode/dag/dagtest"
	"github.com/streamchain/streamchain/storagenode/nodetest"
	"github.com/streamchain/streamchain/storagenode/serve"
)

const canary = "this stands in a file that nobody may read"

// onDisk serves a presentation out of a folder that is full of secrets and of links to them, with a router in front.
func onDisk(t *testing.T) (addr, home string, media cid.Cid, blocks *blob.Disk) {
	t.Helper()
	ctx := context.Background()
	home = t.TempDir()
	b := dagtest.New(t)
	media, cover := b.Presentation(1)
	blocks, err := blob.OpenDisk(filepath.Join(home, "data", "blocks"), 1<<30)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, blocks.Close()) })
	cat, err := catalog.Open(filepath.Join(home, "data"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, cat.Close()) })
	require.NoError(t, cat.Ingest(ctx, blocks, b.Store, catalog.Entry{ID: "w", Live: true, Root: "w", Media: media.String(), Cover: cover.String()}))
	for _, p := range []string{"secret.txt", "config.toml", "data/secret.txt", "data/blocks/secret.txt", "etc/passwd", "data/etc/passwd"} {
		require.NoError(t, os.MkdirAll(filepath.Join(home, filepath.Dir(p)), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(home, p), []byte(canary), 0o600))
	}
	for _, at := range []string{"data/link", "data/blocks/link", "data/blocks/" + media.String(), "link"} {
		require.NoError(t, os.Symlink(home, filepath.Join(home, at)))
	}
	mux := http.NewServeMux()
	mux.Handle("/ipfs/", &serve.Server{Blocks: blocks, Catalog: cat, Gate: &gate{open: true}})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	srv := serve.NewHTTPServer(mux)
	go func() { _ = srv.Serve(l) }()
	t.Cleanup(func() { _ = srv.Close() })
	return l.Addr().String(), home, media, blocks
}

// raw sends a request line as it stands: clients clean what they are given.
func raw(t *testing.T, addr, method, target string) (status int, answer string) {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	require.NoError(t, err)
	defer c.Close()
	require.NoError(t, c.SetDeadline(time.Now().Add(10*time.Second)))
	_, err = io.WriteString(c, method+" "+target+" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
	require.NoError(t, err)
	br := bufio.NewReader(c)
	res, err := http.ReadResponse(br, &http.Request{Method: method})
	require.NoError(t, err, target)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err, target)
	var head strings.Builder
	require.NoError(t, res.Header.Write(&head))
	return res.StatusCode, head.String() + string(body)
}

func TestNoPathLeadsOut(t *testing.T) {
	addr, _, media, _ := onDisk(t)
	all := nodetest.Traversals(media.String(), "/", "/ipfs/", "/ipfs/"+media.String()+"/", "/ipfs/"+media.String()+"/v0/")
	require.GreaterOrEqual(t, len(all), 500)
	for _, target := range all {
		status, answer := raw(t, addr, http.MethodGet, target)
		// an absolute request line or a query that is cut off may name the root itself, which is a folder
		require.Contains(t, []int{400, 404}, status, "%q: %s", target, answer)
		require.NotContains(t, answer, canary, "%q", target)
		require.NotContains(t, answer, "root:x:", "%q", target)
	}
	for _, target := range []string{"http://elsewhere/../../secret.txt", "http://elsewhere//secret.txt", "file:///etc/passwd", "*", "elsewhere:80"} {
		for _, method := range []string{http.MethodGet, http.MethodConnect, http.MethodPost} {
			status, answer := raw(t, addr, method, target)
			require.Contains(t, []int{400, 404, 405}, status, "%s %q: %s", method, target, answer)
			require.NotContains(t, answer, canary)
		}
	}
	status, _ := raw(t, addr, http.MethodGet, "/ipfs/"+media.String()+"/master.m3u8")
	require.Equal(t, 200, status, "what is there is served")
}

// Somebody who can write links into the data folder still cannot make the node send what they lead to: bytes count by
// their hash.
func TestNoLinkLeadsOut(t *testing.T) {
	addr, home, media, blocks := onDisk(t)
	n, err := dag.Resolve(context.Background(), blocks, media, []string{"v0", "seg1.m4s"})
	require.NoError(t, err)
	linked := 0
	for _, c := range append([]cid.Cid{n.Cid}, n.Links[0].Cid, n.Links[1].Cid) {
		key := base32.RawStdEncoding.EncodeToString(c.Hash())
		file := filepath.Join(home, "data", "blocks", key[len(key)-3:len(key)-1], key+".data")
		require.NoError(t, os.Remove(file), "blocks lie where this test thinks")
		require.NoError(t, os.Symlink(filepath.Join(home, "secret.txt"), file))
		linked++
		for _, target := range []string{"/ipfs/" + media.String() + "/v0/seg1.m4s", "/ipfs/" + c.String() + "?format=raw", "/ipfs/" + c.String() + "?format=car", "/ipfs/" + c.String()} {
			status, answer := raw(t, addr, http.MethodGet, target)
			require.Equal(t, 500, status, "%q: %s", target, answer)
			require.NotContains(t, answer, canary)
		}
	}
	require.Equal(t, 3, linked)
}
