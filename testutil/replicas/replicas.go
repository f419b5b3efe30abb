package replicas

import (
	"fmt"
	"testing"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/stretchr/testify/require"
)

// All are the ways to execute a block that must agree.
func All() []Options {
	return []Options{
		{Name: "sequential"},
		{Name: "parallel with 2", Workers: 2},
		{Name: "parallel with 8", Workers: 8},
		{Name: "sequential and blind", Blind: true},
		{Name: "parallel and blind", Workers: 4, Blind: true},
	}
}

// Set are copies of one chain. The first one proposes.
type Set struct{ Chains []*Chain }

// New starts a copy for each of the options.
func New(t testing.TB, g Genesis, options ...Options) *Set {
	t.Helper()
	s := &Set{}
	for _, o := range options {
		s.Chains = append(s.Chains, NewChain(t, g, o))
	}
	return s
}

// Leader is the copy that proposes.
func (s *Set) Leader() *Chain { return s.Chains[0] }

// Block lets the leader propose what fits of the transactions, every copy vote, and every copy
// execute the block. It fails the test where they differ, and returns the block and its results.
func (s *Set) Block(t testing.TB, txs ...[]byte) ([][]byte, *abci.ResponseFinalizeBlock) {
	t.Helper()
	for _, c := range s.Chains {
		if c.Options.Blind {
			continue
		}
		for _, raw := range txs {
			c.Check(t, raw)
		}
	}
	leader := s.Leader()
	next, at := leader.Height+1, leader.Time.Add(Step)
	prepared, err := leader.App.PrepareProposal(&abci.RequestPrepareProposal{Height: next, Time: at, Txs: txs, MaxTxBytes: 2 << 20})
	require.NoError(t, err)
	var first *abci.ResponseFinalizeBlock
	for _, c := range s.Chains {
		vote, err := c.App.ProcessProposal(&abci.RequestProcessProposal{Height: next, Time: at, Txs: prepared.Txs, Hash: blockHash(next)})
		require.NoError(t, err)
		require.Equal(t, abci.ResponseProcessProposal_ACCEPT, vote.Status, c.Options.Name)
		res := c.Finalize(t, Step, prepared.Txs...)
		if first == nil {
			first = res
			continue
		}
		require.NoError(t, Differ(first, res), "height %d: %s against %s", next, c.Options.Name, leader.Options.Name)
	}
	return prepared.Txs, first
}

// Differ says where two results of one block differ first: in a transaction, in the block's own
// events, in the validators, or in the state alone.
func Differ(a, b *abci.ResponseFinalizeBlock) error {
	if len(a.TxResults) != len(b.TxResults) {
		return fmt.Errorf("%d against %d results", len(a.TxResults), len(b.TxResults))
	}
	for i := range a.TxResults {
		if x, y := a.TxResults[i].String(), b.TxResults[i].String(); x != y {
			return fmt.Errorf("transaction %d:\n%s\nagainst\n%s", i, x, y)
		}
	}
	rest := func(r *abci.ResponseFinalizeBlock) string {
		c := *r
		c.TxResults, c.AppHash = nil, nil
		return c.String()
	}
	if x, y := rest(a), rest(b); x != y {
		return fmt.Errorf("block:\n%s\nagainst\n%s", x, y)
	}
	if string(a.AppHash) != string(b.AppHash) {
		return fmt.Errorf("app hash %X against %X", a.AppHash, b.AppHash)
	}
	return nil
}
