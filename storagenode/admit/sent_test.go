package admit_test

import (
	"testing"

	"github.com/ipfs/go-cid"
	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/storagenode/catalog"
	"github.com/streamchain/streamchain/storagenode/nodetest"
	"github.com/streamchain/streamchain/storagenode/serve"
	"github.com/streamchain/streamchain/storagenode/wire"
)

// A tick buys bytes, not bandwidth: whatever ranges a session asks for, what leaves is at most so many times what it bought.
func TestPaidBytesHaveAnEnd(t *testing.T) {
	f := setup(t)
	id, words := f.session(f.root)
	file, err := cid.Decode(nodetest.WorkID("segment"))
	require.NoError(t, err)
	const size = 1_000_000
	sent := 0
	ask := func(target cid.Cid, ref catalog.Ref, n uint64, paid uint32) *wire.Problem {
		_, p := f.askAll(serve.Ask{Method: "GET", Refs: []catalog.Ref{ref}, Target: target, Size: size, Bytes: n}, wire.HeaderPay, wire.Payment{Session: id, N: paid, Word: words.Word(paid)}.String())
		if p == nil {
			sent += int(n)
		}
		return p
	}
	for _, n := range []uint64{size, 1, size / 2, size / 4, size / 4} {
		require.Nil(t, ask(file, f.seg(0, 1), n, 4), "a file in parts, and once more when the line broke")
	}
	for range 1000 {
		_ = ask(file, f.seg(0, 1), size, 4)
	}
	require.LessOrEqual(t, sent, 8*size)
	p := ask(file, f.seg(0, 1), size, 4)
	require.Equal(t, wire.TooManyRequests, slug(p))
	require.Equal(t, 429, p.Status)
	other, err := cid.Decode(nodetest.WorkID("another segment"))
	require.NoError(t, err)
	require.Nil(t, ask(other, f.seg(0, 2), size, 8), "what else is bought is not touched")
}
