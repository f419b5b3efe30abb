package storagenode_test

import (
	"bufio"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/storagenode/dag/dagtest"
	"github.com/streamchain/streamchain/storagenode/nodetest"
)

const canary = "this stands in a file that nobody may read"

// No path of any route of a whole node leads to a file, whatever lies in its home; nor does it create or change one.
func TestNoRouteLeadsOut(t *testing.T) {
	chain, cfg := newChain(), config(t)
	_, url, _ := start(t, cfg, chain)
	for _, p := range []string{"secret.txt", "etc/passwd", "data/secret.txt", "data/etc/passwd", "data/uploads/secret.txt", "data/blocks/secret.txt", "keyring-test/agent.info", "config.toml", ".env"} {
		require.NoError(t, os.MkdirAll(filepath.Join(cfg.Home, filepath.Dir(p)), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(cfg.Home, p), []byte(canary), 0o600))
	}
	require.NoError(t, os.Symlink(cfg.Home, filepath.Join(cfg.Home, "data", "uploads", "link")))
	media, _ := dagtest.New(t).Presentation(1)
	before := tree(t, cfg.Home)
	all := nodetest.Traversals(media.String(), "/", "/ipfs/", "/v1/", "/v1/uploads/", "/v1/sessions/", "/metrics/", "/v1/info/")
	require.GreaterOrEqual(t, len(all), 500)
	for i, target := range all {
		methods := []string{http.MethodGet}
		if i%7 == 0 {
			methods = append(methods, http.MethodPut, http.MethodDelete)
		}
		for _, method := range methods {
			status, answer := rawRequest(t, strings.TrimPrefix(url, "http://"), method, target)
			require.Contains(t, []int{400, 404, 405}, status, "%s %q: %s", method, target, answer)
			require.NotContains(t, answer, canary, "%s %q", method, target)
			require.NotContains(t, answer, "root:x:", "%s %q", method, target)
		}
	}
	require.Equal(t, before, tree(t, cfg.Home))
}

// tree are the files beneath dir, but for the databases that a running node writes.
func tree(t *testing.T, dir string) (names []string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !strings.Contains(path, "/catalog/") {
			names = append(names, path)
		}
		return nil
	}))
	return names
}

func rawRequest(t *testing.T, addr, method, target string) (status int, answer string) {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	require.NoError(t, err)
	defer c.Close()
	require.NoError(t, c.SetDeadline(time.Now().Add(10*time.Second)))
	_, err = io.WriteString(c, method+" "+target+" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
	require.NoError(t, err)
	res, err := http.ReadResponse(bufio.NewReader(c), &http.Request{Method: method})
	require.NoError(t, err, target)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err, target)
	return res.StatusCode, string(body)
}
