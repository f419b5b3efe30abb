package watch

import (
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/ipfs/go-cid"
	ipld "github.com/ipfs/go-ipld-format"
	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/nodeclient"
	"github.com/streamchain/streamchain/storagenode/dag/dagtest"
)

// nested are some empty folders that hold each other many times: two hundred thousand paths in four blocks.
func nested(b dagtest.Builder) (cid.Cid, []byte) {
	n := b.Dir(nil)
	for range 3 {
		entries := map[string]ipld.Node{}
		for i := range 58 {
			entries[fmt.Sprint(i)] = n
		}
		n = b.Dir(entries)
	}
	return n.Cid(), nil
}

// A viewer gives up soon on a work that has nothing but folders.
func TestFoldersWithoutEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, free, nested)
	start := time.Now()
	_, err := w.watch(t.Context(), t.TempDir(), io.Discard, nil)
	require.ErrorIs(t, err, nodeclient.ErrUnsupportedDAG)
	require.Less(t, time.Since(start), 30*time.Second)
}
