package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/cmd/internal/exit"
	"github.com/streamchain/streamchain/indexer/config"
	"github.com/streamchain/streamchain/indexer/store"
)

func run(t *testing.T, args ...string) (string, error) {
	t.Helper()
	root := newRoot()
	var out bytes.Buffer
	root.SetOut(&out)
	root.SetErr(&out)
	root.SetArgs(args)
	err := root.ExecuteContext(context.Background())
	return out.String(), err
}

func TestInit(t *testing.T) {
	home := filepath.Join(t.TempDir(), "indexer")
	args := []string{"init", "--home", home, "--url", "https://w.example.org/", "--app-rpc", "https://rpc.example.org", "--app-rest", "https://rest.example.org", "--listen", "127.0.0.1:0"}
	_, err := run(t, args...)
	require.NoError(t, err)
	cfg, err := config.Load(configPath(home))
	require.NoError(t, err)
	require.Equal(t, "https://w.example.org", cfg.HTTP.URL)
	require.Equal(t, "https://rpc.example.org", cfg.Apps.RPC)
	require.False(t, cfg.Apps.AllowPrivateNodes)
	fi, err := os.Stat(configPath(home))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), fi.Mode().Perm())
	_, err = run(t, args...)
	require.Equal(t, exit.Usage, exit.Code(err), "a configuration is not replaced by accident")
	_, err = run(t, append(args, "--force", "--local")...)
	require.NoError(t, err)
	cfg, err = config.Load(configPath(home))
	require.NoError(t, err)
	require.True(t, cfg.Apps.AllowPrivateNodes)
}

func TestMistakes(t *testing.T) {
	home := t.TempDir()
	for _, args := range [][]string{
		{"init", "--home", home, "--url", "w.example.org"},
		{"init", "--home", home, "--listen", "nowhere"},
		{"init", "--home", home, "--sponsor", "ftp://x"},
		{"init", "--nonsense"},
	} {
		_, err := run(t, args...)
		require.Equal(t, exit.Usage, exit.Code(err), "%v: %v", args, err)
	}
	for _, command := range []string{"start", "status", "reindex", "digest"} {
		_, err := run(t, command, "--home", home)
		require.Equal(t, exit.NotFound, exit.Code(err), command)
	}
	for _, text := range []string{"[chain]\nspeed = 1\n", "[index]\nbatch = 0\n", "[http]\ntrusted_proxies = [\"10.0.0.1\"]\n", "[apps]\nrest = \"\"\n"} {
		require.NoError(t, os.WriteFile(configPath(home), []byte(text), 0o600))
		_, err := run(t, "digest", "--home", home)
		require.Equal(t, exit.Usage, exit.Code(err), text)
	}
}

func TestDigest(t *testing.T) {
	home := t.TempDir()
	_, err := run(t, "init", "--home", home, "--listen", "127.0.0.1:9")
	require.NoError(t, err)
	out, err := run(t, "digest", "--home", home, "-o", "json")
	require.NoError(t, err)
	var d struct {
		Height int64  `json:"height"`
		Digest string `json:"digest"`
	}
	require.NoError(t, json.Unmarshal([]byte(out), &d))
	require.EqualValues(t, -1, d.Height)
	require.Len(t, d.Digest, 64)
	s, err := store.Open(t.Context(), filepath.Join(home, "index"))
	require.NoError(t, err)
	require.NoError(t, s.Write(t.Context(), func(tx *store.Tx) error { return tx.SetMeta("schema", "0") }))
	require.NoError(t, s.Close())
	_, err = run(t, "digest", "--home", home)
	require.Equal(t, exit.Usage, exit.Code(err))
	require.ErrorContains(t, err, "reindex")
	_, err = run(t, "status", "--home", home)
	require.Equal(t, exit.Network, exit.Code(err))
}
