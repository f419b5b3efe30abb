package follow_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/chainclient"
	"github.com/streamchain/streamchain/indexer/follow"
	"github.com/streamchain/streamchain/indexer/project"
	"github.com/streamchain/streamchain/indexer/store"
	"github.com/streamchain/streamchain/testutil/indexscale"
)

// TestMain runs the victim in a process of its own.
func TestMain(m *testing.M) {
	if dir := os.Getenv("FOLLOW_VICTIM"); dir != "" {
		if err := victim(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

var killed = indexscale.Config{Works: 60, Blocks: 420, Sales: 2}

// told writes a dot for each block that is asked for, so that kills fall anywhere however busy the machine is.
type told struct{ *indexscale.Chain }

func (s told) RawBlock(ctx context.Context, h int64) (chainclient.RawBlock, error) {
	fmt.Print(".")
	return s.Chain.RawBlock(ctx, h)
}

func victim(dir string) error {
	ctx := context.Background()
	c, err := indexscale.New(killed)
	if err != nil {
		return err
	}
	s, err := store.Open(ctx, dir)
	if err != nil {
		return err
	}
	p, err := project.New(nil)
	if err != nil {
		return err
	}
	batch, err := strconv.Atoi(os.Getenv("FOLLOW_BATCH"))
	if err != nil {
		return err
	}
	fmt.Println("following") // the time to make the chain is no time to be killed in
	f := follow.New(follow.Config{Store: s, Source: told{c}, Projector: p, Log: quiet(), Temp: dir, Batch: batch, Fetch: 2, Until: int64(killed.Blocks)})
	if err := f.Run(ctx); err != nil {
		return err
	}
	return s.Close()
}

// Twenty times a process that writes an index is killed with SIGKILL at a random moment, also within the genesis; the one after
// goes on. The rows are those of a rebuild.
func TestKilledTwentyTimes(t *testing.T) {
	if testing.Short() {
		t.Skip("takes minutes under the race detector, which does not see the killed processes")
	}
	const rounds = 20
	seed := uint64(time.Now().UnixNano())
	t.Log("seed", seed)
	r := rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // a test's
	dir := t.TempDir()
	var heights []int64
	for round := 0; round < rounds; round++ {
		cmd, out := start(t, dir, 1+r.IntN(8))
		// the line that says that it follows, and some dots; none: within the genesis, or before
		_, err := io.ReadFull(out, make([]byte, len("following\n")+r.IntN(25)))
		require.NoError(t, err)
		time.Sleep(time.Duration(r.IntN(30)) * time.Millisecond)
		require.NoError(t, cmd.Process.Signal(syscall.SIGKILL))
		if err := cmd.Wait(); err == nil {
			break // it was quicker
		}
		s := openStore(t, dir)
		h, err := s.Height(t.Context())
		require.NoError(t, err)
		require.NoError(t, s.Close())
		heights = append(heights, h)
	}
	t.Log("killed at", heights)
	require.Len(t, heights, rounds, "the victim ended before it was killed often enough: make its chain longer")
	slices.Sort(heights)
	require.Greater(t, len(slices.Compact(heights)), rounds/3, "the kills fell on few heights")
	cmd, _ := start(t, dir, 50)
	require.NoError(t, cmd.Wait())
	s := openStore(t, dir)
	got, err := s.Digest(t.Context())
	require.NoError(t, err)
	require.Equal(t, rebuilt(t, chain(t, killed), int64(killed.Blocks)), got)
}

func start(t *testing.T, dir string, batch int) (*exec.Cmd, *os.File) {
	t.Helper()
	read, write, err := os.Pipe()
	require.NoError(t, err)
	t.Cleanup(func() { _ = read.Close() })
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), "FOLLOW_VICTIM="+dir, fmt.Sprintf("FOLLOW_BATCH=%d", batch))
	cmd.Stdout, cmd.Stderr = write, os.Stderr
	require.NoError(t, cmd.Start())
	require.NoError(t, write.Close())
	return cmd, read
}
