package watch

import (
	"context"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// proved is the ticks of price zero that all nodes hold words for.
func (w *world) proved() (sum uint32) {
	for _, n := range w.nodes {
		for _, p := range n.uses.Pending() {
			sum += p.Settlement.N
		}
	}
	return sum
}

// Who watches what is his proves each second to the nodes that gave it, and pays nothing.
func TestWatchingIsProved(t *testing.T) {
	for name, private := range map[string]bool{"proved": false, "private": true} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, 3, owned, song)
			var out sink
			res, err := w.watch(context.Background(), t.TempDir(), &out, func(o *Options) { o.Private = private })
			require.NoError(t, err)
			require.Equal(t, w.want, out.Bytes())
			require.Equal(t, "0ustream", res.Spent)
			if private {
				require.Zero(t, w.proved())
				return
			}
			// a node is asked for bytes and a session at once, so the first segments may be before it
			require.LessOrEqual(t, w.proved(), uint32(4*segments))
			require.EqualValues(t, w.proved(), res.Proved)
			require.Positive(t, res.Proved)
		})
	}
}

// A viewer without a granted key proves nothing and is granted none; one who plays in real time proves as he goes.
func TestProvingNeedsAKey(t *testing.T) {
	w := newWorld(t, 2, free, song)
	home := t.TempDir()
	_, err := w.watch(context.Background(), home, io.Discard, nil)
	require.NoError(t, err)
	require.Zero(t, w.proved())
	require.Zero(t, w.prepared)

	require.NoError(t, Forget(home, w.account().String(), w.root))
	device, err := openDevice(context.Background(), home, w.account().String())
	require.NoError(t, err)
	key := device.key
	require.NoError(t, device.close())
	for _, n := range w.nodes {
		n.chain.Grant(w.account().String(), key, 2)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 9*time.Second)
	defer cancel()
	_, err = w.watch(ctx, home, io.Discard, func(o *Options) { o.Realtime = true })
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.InDelta(t, 9, int(w.proved()), 5)
}
