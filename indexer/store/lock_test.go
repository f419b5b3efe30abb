package store_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/indexer/store"
)

// TestMain runs the one that holds an index open in a process of its own.
func TestMain(m *testing.M) {
	if dir := os.Getenv("STORE_HOLDER"); dir != "" {
		s, err := store.Open(context.Background(), dir)
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println("open")
		_, _ = io.Copy(io.Discard, os.Stdin) // until it is killed or told to end
		_ = s.Close()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// An index is open in one process at a time; one that was killed leaves it free.
func TestTwoProcesses(t *testing.T) {
	dir := t.TempDir()
	holder := exec.Command(os.Args[0]) //nolint:gosec // this test
	holder.Env = append(os.Environ(), "STORE_HOLDER="+dir)
	in, err := holder.StdinPipe()
	require.NoError(t, err)
	defer in.Close()
	out, err := holder.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, holder.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "open\n", line)

	_, err = store.Open(t.Context(), dir)
	require.ErrorIs(t, err, store.ErrLocked)
	_, err = store.Rebuild(t.Context(), dir)
	require.ErrorIs(t, err, store.ErrLocked)

	require.NoError(t, holder.Process.Kill())
	require.Error(t, holder.Wait())
	s := open(t, dir)
	second := exec.Command(os.Args[0]) //nolint:gosec // this test
	second.Env = append(os.Environ(), "STORE_HOLDER="+dir)
	said, err := second.CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(said), "another process has the index open")
	require.NoError(t, s.Close())
	require.NoError(t, open(t, dir).Close())
}
