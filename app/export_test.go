package app_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/app"
	"github.com/streamchain/streamchain/testutil/replicas"
)

// TestExportImport: what is exported, imported and exported again is the same, module by module,
// and both chains go on.
func TestExportImport(t *testing.T) {
	g := replicas.NewGenesis(t, everybody...)
	s := replicas.New(t, g, replicas.Options{Name: "sequential"})
	traffic := replicas.NewTraffic(t, s.Leader(), 3)
	for range 15 {
		txs, res := s.Block(t, traffic.Next(30)...)
		traffic.Learn(txs, res)
	}
	first := s.Leader()
	exported, err := first.App.ExportAppStateAndValidators(false, nil, nil)
	require.NoError(t, err)
	require.Equal(t, first.Height+1, exported.Height)
	require.Len(t, exported.Validators, 1)

	g.State, g.Height, g.Time = exported.AppState, exported.Height, first.Time
	second := replicas.NewChain(t, g, replicas.Options{})
	again, err := second.App.ExportGenesis()
	require.NoError(t, err)
	var want, got map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(exported.AppState, &want))
	require.NoError(t, json.Unmarshal(again, &got))
	require.Len(t, got, len(want))
	for name := range want {
		require.JSONEq(t, string(want[name]), string(got[name]), name)
	}
	alice, bob := second.Account("alice"), second.Account("bob")
	second.Finalize(t, replicas.Step)
	second.Must(t, alice, send(alice, bob, 1))
	require.NoError(t, second.App.CheckInvariants(second.App.CommittedContext()))
}

func TestExportZeroHeight(t *testing.T) {
	_, err := bare().ExportAppStateAndValidators(true, nil, nil)
	require.ErrorIs(t, err, app.ErrZeroHeight)
}

// TestGenesisMustAddUp: a genesis whose ledgers owe what is not there is refused.
func TestGenesisMustAddUp(t *testing.T) {
	g := replicas.NewGenesis(t, everybody...)
	var state map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(g.State, &state))
	var stream map[string]any
	require.NoError(t, json.Unmarshal(state["stream"], &stream))
	stream["escrows"] = []any{map[string]any{"owner": g.Accounts[0].String(), "denom": "ustream", "balance": "1000000", "reserved": "0"}}
	raw, err := json.Marshal(stream)
	require.NoError(t, err)
	state["stream"] = raw
	g.State, err = json.Marshal(state)
	require.NoError(t, err)
	require.ErrorContains(t, replicas.InitError(t, g), "custody holds")
}
