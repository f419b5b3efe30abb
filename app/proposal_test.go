package app_test

import (
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	cmttypes "github.com/cometbft/cometbft/types"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/app"
	"github.com/streamchain/streamchain/testutil/replicas"
	"github.com/streamchain/streamchain/token"
)

func accepted(t require.TestingT, c *replicas.Chain, txs [][]byte) bool {
	res, err := c.App.ProcessProposal(&abci.RequestProcessProposal{Height: c.Height + 1, Time: c.Time.Add(time.Second), Txs: txs})
	require.NoError(t, err)
	return res.Status == abci.ResponseProcessProposal_ACCEPT
}

func prepare(t require.TestingT, c *replicas.Chain, maxBytes int64, txs [][]byte) [][]byte {
	res, err := c.App.PrepareProposal(&abci.RequestPrepareProposal{Height: c.Height + 1, Time: c.Time.Add(time.Second), Txs: txs, MaxTxBytes: maxBytes})
	require.NoError(t, err)
	return res.Txs
}

// TestProposals: whatever the mempool holds, what is proposed is within the limits, in the order
// of the mempool, leaves out nothing that would have fitted, and is accepted.
func TestProposals(t *testing.T) {
	c := replicas.NewChain(t, replicas.NewGenesis(t, everybody...), replicas.Options{})
	c.Finalize(t, replicas.Step)
	alice := c.Account("alice")
	pool := make([][]byte, 40)
	gas := make([]uint64, len(pool))
	for i := range pool {
		gas[i] = []uint64{1, 1_000_000, 30_000_000, 60_000_000, app.MaxBlockGas, app.MaxBlockGas + 1, 1 << 63, ^uint64(0)}[i%8]
		tx := replicas.Tx{From: alice, Sequence: uint64(i), Msgs: []sdk.Msg{send(alice, alice, 1)}, Gas: gas[i], Fee: sdk.NewCoins(token.Coin(1))}
		pool[i] = c.Sign(t, tx)
	}
	garbage := [][]byte{nil, {}, []byte("no transaction"), pool[0][:len(pool[0])-1], append(pool[1][:len(pool[1]):len(pool[1])], 0)}
	rapid.Check(t, func(rt *rapid.T) {
		var txs [][]byte
		index := map[string]int{}
		for range rapid.IntRange(0, 60).Draw(rt, "n") {
			if rapid.IntRange(0, 9).Draw(rt, "bad") == 0 {
				txs = append(txs, rapid.SampledFrom(garbage).Draw(rt, "garbage"))
				continue
			}
			i := rapid.IntRange(0, len(pool)-1).Draw(rt, "tx")
			index[string(pool[i])] = i
			txs = append(txs, pool[i])
		}
		maxBytes := rapid.SampledFrom([]int64{0, 300, 2000, 1 << 20}).Draw(rt, "bytes")
		got := prepare(rt, c, maxBytes, txs)
		require.True(rt, accepted(rt, c, got))
		want := fitting(txs, index, gas, maxBytes)
		require.Equal(rt, len(want), len(got))
		for i := range want {
			require.Equal(rt, want[i], got[i])
		}
	})
}

// fitting is the greedy choice, written the plain way.
func fitting(txs [][]byte, index map[string]int, gas []uint64, maxBytes int64) [][]byte {
	var out [][]byte
	taken := map[string]bool{}
	var usedGas, usedBytes float64
	for _, raw := range txs {
		i, ok := index[string(raw)]
		size := float64(cmttypes.ComputeProtoSizeForTxs([]cmttypes.Tx{raw}))
		if !ok || taken[string(raw)] || usedGas+float64(gas[i]) > app.MaxBlockGas || usedBytes+size > float64(maxBytes) {
			continue
		}
		taken[string(raw)] = true
		usedGas, usedBytes = usedGas+float64(gas[i]), usedBytes+size
		out = append(out, raw)
	}
	return out
}

// TestProposalsRefused: a proposer cannot put over the limits what the others would execute.
func TestProposalsRefused(t *testing.T) {
	c := replicas.NewChain(t, replicas.NewGenesis(t, everybody...), replicas.Options{})
	c.Finalize(t, replicas.Step)
	alice := c.Account("alice")
	sign := func(seq, gas uint64) []byte {
		return c.Sign(t, replicas.Tx{From: alice, Sequence: seq, Msgs: []sdk.Msg{send(alice, alice, 1)}, Gas: gas, Fee: sdk.NewCoins(token.Coin(1))})
	}
	half, more := sign(0, app.MaxBlockGas/2), sign(1, app.MaxBlockGas/2+1)
	large := c.Sign(t, replicas.Tx{From: alice, Msgs: manySends(alice, 12_000), Gas: 1})
	require.Greater(t, len(large)*2, app.MaxBlockBytes)
	require.Less(t, len(large), app.MaxBlockBytes)
	larger := c.Sign(t, replicas.Tx{From: alice, Sequence: 1, Msgs: manySends(alice, 12_000), Gas: 1})
	count := make([][]byte, app.MaxBlockTxs+1)
	for i := range count {
		count[i] = sign(uint64(i), 2)
	}
	for name, x := range map[string]struct {
		txs  [][]byte
		want bool
	}{
		"nothing":      {nil, true},
		"half":         {[][]byte{half}, true},
		"gas":          {[][]byte{half, more}, false},
		"overflow":     {[][]byte{half, sign(1, ^uint64(0)-app.MaxBlockGas/2+1)}, false},
		"undecodable":  {[][]byte{half, []byte("?")}, false},
		"empty":        {[][]byte{{}}, false},
		"twice":        {[][]byte{half, half}, false},
		"large":        {[][]byte{large}, true},
		"bytes":        {[][]byte{large, larger}, false},
		"as many":      {count[1:], true},
		"one too many": {count, false},
	} {
		require.Equal(t, x.want, accepted(t, c, x.txs), name)
	}
	require.Len(t, prepare(t, c, 1<<30, count), app.MaxBlockTxs)
}

func manySends(from replicas.Account, n int) []sdk.Msg {
	msgs := make([]sdk.Msg, n)
	for i := range msgs {
		msgs[i] = send(from, from, 1)
	}
	return msgs
}
