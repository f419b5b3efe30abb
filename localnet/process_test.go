package localnet

import (
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// TestStartedIsSeen: a part that was started is seen to run from then on, even where its program must be read from disk first; one that
// ended is not.
func TestStartedIsSeen(t *testing.T) {
	n := &Net{cfg: Config{Home: t.TempDir()}}
	tail, err := exec.LookPath("tail")
	require.NoError(t, err)
	program, err := os.ReadFile(tail)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(n.path("part"), nil, 0o600))
	for range 20 {
		cold(t, n.path("tail"), program)
		require.NoError(t, n.start("part", n.path("tail"), "-f", n.path("part")))
		pid := n.pid("part")
		require.NoError(t, n.stop("part"))
		require.NotZero(t, pid)
	}
	require.NoError(t, n.start("part", "/bin/false", n.path("part")))
	require.Eventually(t, func() bool { return n.pid("part") == 0 }, stopPatience, 10*time.Millisecond)
}

// cold writes a program that is on disk only: not in the cache of files.
func cold(t *testing.T, path string, program []byte) {
	t.Helper()
	require.NoError(t, os.RemoveAll(path))
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o700)
	require.NoError(t, err)
	_, err = f.Write(program)
	require.NoError(t, err)
	require.NoError(t, f.Sync())
	require.NoError(t, unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_DONTNEED))
	require.NoError(t, f.Close())
}
