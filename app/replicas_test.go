package app_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/testutil/replicas"
)

// everybody are accounts that publish, pay, watch and store, each of them everything: few, so
// that they meet in the same rows.
var everybody = []string{"alice", "bob", "carol", "dave", "erin", "frank"}

// TestReplicasAgree runs random transactions of every module on copies that execute in
// different ways.
func TestReplicasAgree(t *testing.T) {
	blocks, perBlock := 96, 40 // juries of the first blocks are drawn from the third period on
	if testing.Short() {
		blocks = 10
	}
	counts := map[string]replicas.Count{}
	for seed := range uint64(2) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			s := replicas.New(t, replicas.NewGenesis(t, everybody...), replicas.All()...)
			traffic := replicas.NewTraffic(t, s.Leader(), seed)
			for range blocks {
				txs, res := s.Block(t, traffic.Next(perBlock)...)
				traffic.Learn(txs, res)
				// between any two blocks, not only after the last
				require.NoError(t, s.Leader().App.CheckInvariants(s.Leader().App.CommittedContext()))
			}
			for _, c := range s.Chains {
				require.NoError(t, c.App.CheckInvariants(c.App.CommittedContext()), c.Options.Name)
			}
			traffic.Add(counts)
		})
	}
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		c := counts[name]
		t.Logf("%-52s %4d of %4d; %.100s", name, c.Worked, c.Sent, c.Failure)
		if !testing.Short() {
			require.NotZero(t, c.Worked, "%s never succeeded: the traffic does not reach it: %s", name, c.Failure)
		}
	}
}
