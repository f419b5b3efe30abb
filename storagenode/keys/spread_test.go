package keys_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/storagenode/keys/keystest"
	"github.com/streamchain/streamchain/storagenode/nodetest"
	"github.com/streamchain/streamchain/storagenode/wire"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
)

// spread is a viewer whose lane pays for so many windows, at seven holders of whom four answer. He opens windows by a session of his choice at the
// holders of his choice, as long as they let him.
func spread(t *testing.T, windows uint64) (open func(session uint64, n uint32, holders ...int) (answered int)) {
	w := keystest.New(t, 7).Active()
	w.Decide("", nodetest.Metered(price, 0))
	a := ask(t, w, "viewer")
	w.Grant(a.owner.String(), a.key, streamtypes.SESSION_KEY_SCOPE_PAYMENT_AND_ACCESS)
	w.Lane(a.owner.String(), a.key, windows*keystest.WindowSeconds*price)
	return func(session uint64, n uint32, holders ...int) (answered int) {
		_, pay := w.Pay(a.owner.String(), a.key, session, price, 1000)
		for _, h := range holders {
			a.n, a.to = w.Nodes[h%7], w.Nodes[h%7].Account
			opened, p := a.send(pay(n*keystest.WindowSeconds), keystest.Windows(100*uint32(session)+n)...)
			if p != nil {
				require.Equal(t, wire.LaneExhausted, p.Slug)
			}
			answered += opened
		}
		return answered
	}
}

// Two thresholds share a holder, who counts both sessions: what one has opened for the whole cap, the other does not open again.
func TestTwoThresholdsOpenNoMoreThanTheCap(t *testing.T) {
	const windows = 8
	open := spread(t, windows)
	for n := range uint32(windows) {
		require.Equal(t, 4, open(1, n+1, 0, 1, 2, 3))
	}
	require.Zero(t, open(1, windows+1, 0, 1, 2, 3))
	require.Equal(t, 3, open(2, 1, 3, 4, 5, 6), "holder 3 has answered for the whole cap")
}

// Whoever rotates many sessions over all thresholds opens n / t times the cap, 1.75 of seven holders, and not a window more: ADR 0008.
func TestManyThresholdsOpenNoMoreThanTheirNumber(t *testing.T) {
	const windows = 8
	open := spread(t, windows)
	opened := 0
	for n := range uint32(windows) {
		for session := range 7 {
			if open(uint64(session+1), n+1, session, session+1, session+2, session+3) == 4 {
				opened++
			}
		}
	}
	require.Equal(t, windows*7/4, opened)
}
