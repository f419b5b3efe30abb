package media

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestToolDiesWithUs: a tool does not go on writing after the process that started it was killed.
func TestToolDiesWithUs(t *testing.T) {
	mark := os.Getenv("MEDIA_TEST_MARK")
	if mark != "" {
		_ = run(context.Background(), t.TempDir(), "ffmpeg", time.Minute, func(string) bool { return true },
			"-nostdin", "-v", "error", "-re", "-f", "lavfi", "-i", "sine=d=60", "-metadata", "comment="+mark, "-f", "null", "-")
		return
	}
	mark = filepath.Base(t.TempDir()) + time.Now().Format("150405.000000000")
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestToolDiesWithUs$")
	cmd.Env = append(os.Environ(), "MEDIA_TEST_MARK="+mark)
	require.NoError(t, cmd.Start())
	works := func() bool {
		procs, err := filepath.Glob("/proc/[0-9]*/cmdline")
		require.NoError(t, err)
		for _, p := range procs {
			if line, err := os.ReadFile(p); err == nil && bytes.Contains(line, []byte("comment="+mark)) {
				return true
			}
		}
		return false
	}
	require.Eventually(t, works, 20*time.Second, 20*time.Millisecond)
	require.NoError(t, cmd.Process.Kill())
	_ = cmd.Wait() // it was killed
	require.Eventually(t, func() bool { return !works() }, 5*time.Second, 20*time.Millisecond)
}
