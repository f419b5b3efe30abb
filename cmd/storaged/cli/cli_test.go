package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/cmd/internal/exit"
	"github.com/streamchain/streamchain/storagenode"
	"github.com/streamchain/streamchain/storagenode/nodetest"
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
	home := filepath.Join(t.TempDir(), "node")
	op := nodetest.Address("op")
	args := []string{"init", "--home", home, "--operator", op, "--endpoint", "https://node.example.org/", "--region", "eu-north", "--capacity", "500GiB", "--price", "0.001stream", "-o", "json"}
	out, err := run(t, args...)
	require.NoError(t, err)
	var m made
	require.NoError(t, json.Unmarshal([]byte(out), &m))
	require.Len(t, strings.Fields(m.Mnemonic), 24)
	require.Equal(t, op, m.Operator)
	require.Contains(t, strings.Join(m.Register, " "), "--agent "+m.Agent+" --endpoints https://node.example.org --region eu-north --capacity-bytes 536870912000 --price-per-gib-day 1000 --bond 1500000000 --from "+op)
	cfg, err := storagenode.LoadConfig(m.Config)
	require.NoError(t, err)
	require.Equal(t, "500GiB", cfg.Storage.Capacity.String())
	fi, err := os.Stat(m.Config)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), fi.Mode().Perm())

	_, err = run(t, args...)
	require.Equal(t, exit.Usage, exit.Code(err), "a configuration is not replaced by accident")
	out, err = run(t, append(args, "--force", "--local")...)
	require.NoError(t, err)
	var again made
	require.NoError(t, json.Unmarshal([]byte(out), &again))
	require.Equal(t, m.Agent, again.Agent, "the key is kept")
	require.Empty(t, again.Mnemonic)
}

func TestMistakes(t *testing.T) {
	home := t.TempDir()
	op := nodetest.Address("op")
	for _, args := range [][]string{
		{"init", "--home", home},
		{"init", "--home", home, "--operator", "me", "--endpoint", "https://x.example"},
		{"init", "--home", home, "--operator", op, "--endpoint", "x"},
		{"init", "--home", home, "--operator", op, "--endpoint", "https://x.example", "--capacity", "lots"},
		{"init", "--nonsense"},
	} {
		_, err := run(t, args...)
		require.Equal(t, exit.Usage, exit.Code(err), "%v: %v", args, err)
	}
	_, err := run(t, "start", "--home", home)
	require.Equal(t, exit.NotFound, exit.Code(err))
	require.NoError(t, os.WriteFile(filepath.Join(home, "config.toml"), []byte("[chain]\nspeed = 1\n"), 0o600))
	_, err = run(t, "start", "--home", home)
	require.Equal(t, exit.Usage, exit.Code(err))
	require.ErrorContains(t, err, "speed")
}

// The doctor says what is wrong and what to do, one line each.
func TestDoctorWithoutChain(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for a chain that is not there")
	}
	home := t.TempDir()
	_, err := run(t, "init", "--home", home, "--operator", nodetest.Address("op"), "--endpoint", "http://127.0.0.1:9", "--capacity", "1MiB", "--listen", "127.0.0.1:0",
		"--grpc", "127.0.0.1:9", "--rpc", "http://127.0.0.1:9")
	require.NoError(t, err)
	out, err := run(t, "doctor", "--home", home, "-o", "json")
	require.Error(t, err)
	var found []finding
	require.NoError(t, json.Unmarshal([]byte(out[:strings.LastIndex(out, "]")+1]), &found))
	ok := map[string]bool{}
	for _, f := range found {
		ok[f.Check] = f.OK
		require.True(t, f.OK || f.Fix != "", f.Check)
	}
	require.Equal(t, map[string]bool{"configuration": true, "disk": true, "denylists": true, "port": true, "key": true, "chain": false}, ok)
	_, err = run(t, "status", "--home", home)
	require.Equal(t, exit.Network, exit.Code(err))
}
