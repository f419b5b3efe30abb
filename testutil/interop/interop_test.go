package interop_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ipfs/go-cid"
	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/media"
	"github.com/streamchain/streamchain/publish"
	"github.com/streamchain/streamchain/storagenode/wire"
	"github.com/streamchain/streamchain/testutil/planet"
	"github.com/streamchain/streamchain/token"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

// node runs interop.mjs.
func node(t *testing.T, args ...string) (string, error) {
	t.Helper()
	if _, err := os.Stat("node_modules"); err != nil {
		require.Empty(t, os.Getenv("INTEROP"), "node_modules is missing: make interop installs it")
		t.Skip("not installed: make interop")
	}
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(t.Context(), "node", append([]string{"interop.mjs"}, args...)...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%w: %s", err, errs.String())
	}
	return strings.TrimSpace(out.String()), nil
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
	require.NoError(t, os.WriteFile(path, data, 0o600))
}

func noise(n int) []byte {
	data := make([]byte, n)
	_, _ = rand.New(rand.NewSource(int64(n))).Read(data)
	return data
}

// nowhere takes the blocks of folders that are only named.
type nowhere struct{}

func (nowhere) Put(context.Context, cid.Cid, []byte) error { return nil }

// The CID that we give a folder is what the importer of js-ipfs gives it.
func TestSameCIDs(t *testing.T) {
	for name, fill := range map[string]func(dir string){
		"edges of chunks": func(dir string) {
			for _, n := range []int{0, 1, 1<<20 - 1, 1 << 20, 1<<20 + 1, 5<<20 + 7} {
				write(t, filepath.Join(dir, fmt.Sprint(n)), noise(n))
			}
		},
		"a presentation": func(dir string) {
			write(t, filepath.Join(dir, "master.m3u8"), []byte("#EXTM3U\n"))
			for i := range 20 {
				write(t, filepath.Join(dir, "v0", fmt.Sprintf("seg%05d.m4s", i)), noise(300_000+i))
			}
		},
		"names": func(dir string) {
			for _, n := range []string{"Ünï code", "a%2Fb", "ą/ę/ß.txt", "b", "a.b", "a/b", "a-b", "z\n", "日本", "same"} {
				write(t, filepath.Join(dir, n), []byte("same"))
			}
			require.NoError(t, os.MkdirAll(filepath.Join(dir, "empty", "nested"), 0o700))
		},
		"a directory in shards": func(dir string) {
			for i := range 1100 {
				write(t, filepath.Join(dir, "v0", fmt.Sprintf("%0240d.m4s", i)), fmt.Appendf(nil, "segment %d", i))
			}
		},
		"more chunks than one node links": func(dir string) {
			write(t, filepath.Join(dir, "long"), nil)
			require.NoError(t, os.Truncate(filepath.Join(dir, "long"), 1025<<20+3))
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			fill(dir)
			theirs, err := node(t, "import", dir)
			require.NoError(t, err)
			ours, _, err := media.BuildDAG(t.Context(), dir, nowhere{})
			require.NoError(t, err)
			require.Equal(t, ours.String(), theirs)
		})
	}
}

// free publishes a file that anybody may read and returns its media with the folder that it was made from.
func free(t *testing.T, p *planet.Planet, home, file string) (root, dir string) {
	t.Helper()
	res, err := publish.Publish(t.Context(), p.Chain.Client, p.Account("alice"), publish.Options{
		File: file, Title: filepath.Base(file), Licence: "CC0-1.0", Offers: []subscriptiontypes.Offer{subscriptiontypes.NewFreeOffer()},
		Copies: 1, PrepayDays: 30, Home: home, Private: true,
	})
	require.NoError(t, err)
	require.Equal(t, "accepted", res.Deals[0].Status)
	made, err := media.Package(t.Context(), file, filepath.Join(home, "packaged"), media.Options{}, nil)
	require.NoError(t, err)
	require.True(t, made.Reused)
	return res.Media, made.Dir
}

// Helia fetches works that were published here from a node that we run, and every byte of every file is right.
func TestHeliaFetches(t *testing.T) {
	_, err := node(t)
	require.ErrorContains(t, err, "usage")
	p := planet.New(t, planet.Config{Nodes: 1})
	n, home := p.Nodes[0], t.TempDir()
	text := filepath.Join(home, "long.txt")
	write(t, text, []byte(strings.Repeat("All that is read here was verified by its reader.\n", 80_000)))
	for _, file := range []string{p.Song("30"), text} {
		root, dir := free(t, p, home, file)
		out, err := node(t, "fetch", n.URL, root, dir)
		require.NoError(t, err)
		var got struct {
			ByBlocks struct{ Files, Bytes int }
			ByCAR    struct{ Files, Blocks int }
			ByRange  struct{ Of, Blocks int }
		}
		require.NoError(t, json.Unmarshal([]byte(out), &got))
		t.Logf("%s: %s", filepath.Base(file), out)
		require.Positive(t, got.ByBlocks.Files)
		require.Equal(t, got.ByBlocks.Files, got.ByCAR.Files)
		require.Positive(t, got.ByRange.Blocks)
		sameCAR(t, n.URL, root, dir)
	}

	// what a reader does not check would pass here
	root, dir := free(t, p, home, text)
	n.FlipBits()
	_, err = node(t, "fetch", n.URL, root, dir)
	require.ErrorContains(t, err, "the block", "a node that changes one bit is noticed")
	n.Lie.Store(nil)
	write(t, filepath.Join(dir, "beside"), []byte("x"))
	_, err = node(t, "fetch", n.URL, root, dir)
	require.ErrorContains(t, err, "the names")

	paid := p.Publish("alice", p.Song("12"), subscriptiontypes.NewPurchaseOffer(token.Coin(1_000_000)))
	_, err = node(t, "fetch", n.URL, paid.Media, dir)
	require.ErrorContains(t, err, "402", "what is not free is not given")
}

// sameCAR holds the CAR of a node to what the publisher writes, byte for byte.
func sameCAR(t *testing.T, url, root, dir string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/ipfs/"+root+"?format=car", nil)
	require.NoError(t, err)
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, res.StatusCode, "%v", wire.ReadProblem(res.StatusCode, got))
	index := media.NewIndex()
	id, _, err := media.BuildDAG(t.Context(), dir, index)
	require.NoError(t, err)
	var want bytes.Buffer
	_, _, err = media.WriteCAR(t.Context(), &want, []cid.Cid{id}, index)
	require.NoError(t, err)
	require.True(t, bytes.Equal(want.Bytes(), got))
}
