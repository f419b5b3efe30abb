package nodeclient_test

import (
	"bytes"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/nodeclient"
	"github.com/streamchain/streamchain/storagenode/dag/dagtest"
)

// Every bit of a block counts.
func TestEveryBitOfABlock(t *testing.T) {
	t.Parallel()
	b := dagtest.New(t)
	data := dagtest.Bytes(4096)
	id := b.File(data, 1<<20, 174).Cid()
	require.NoError(t, nodeclient.VerifyBlock(id, data))
	for bit := range len(data) * 8 {
		data[bit/8] ^= 1 << (bit % 8)
		require.ErrorIs(t, nodeclient.VerifyBlock(id, data), nodeclient.ErrCorrupt)
		data[bit/8] ^= 1 << (bit % 8)
	}
	require.ErrorIs(t, nodeclient.VerifyBlock(id, data[:4095]), nodeclient.ErrCorrupt)
	require.ErrorIs(t, nodeclient.VerifyBlock(id, append(data, 0)), nodeclient.ErrCorrupt)
}

// Whatever bit a node flips, the block comes from another, and the liar is named.
func TestFlipsAreBlamed(t *testing.T) {
	t.Parallel()
	b := dagtest.New(t)
	data := dagtest.Bytes(64 << 10)
	id := b.File(data, 1<<20, 174).Cid()
	var mu sync.Mutex
	rng := rand.New(rand.NewPCG(12, 12))
	liar := newFake(t, b, "a-liar", func(_ int32, w http.ResponseWriter, _ *http.Request, data []byte) bool {
		bad := bytes.Clone(data)
		mu.Lock()
		bit := rng.IntN(len(bad) * 8)
		mu.Unlock()
		bad[bit/8] ^= 1 << (bit % 8)
		_, _ = w.Write(bad)
		return true
	})
	honest := newFake(t, b, "b-honest", nil)
	for range 1000 {
		p := pool(liar, honest)
		got, from, err := p.Block(t.Context(), id, open)
		require.NoError(t, err)
		require.Equal(t, honest.name, from)
		require.True(t, bytes.Equal(data, got))
		require.Equal(t, []string{liar.name}, p.Blamed())
		require.Equal(t, 1, statOf(t, p, liar).Corrupt)
	}
}
