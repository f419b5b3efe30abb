package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/x/storage"
	"github.com/streamchain/streamchain/x/storage/types"
)

// proven is a state with every kind of row that proofs have: sets with void slots, changes that
// wait for either period, beacons that count later, and a provider that is terminated.
func proven(t testing.TB) *proofFixture {
	t.Helper()
	f := newProofFixture(t)
	for _, n := range []string{"a", "b", "bad"} {
		f.node(n)
	}
	var works []string
	for _, n := range []string{"one", "two", "three", "four", "five"} {
		works = append(works, f.film(n, 3000+len(n)))
	}
	for _, w := range works {
		f.keep(w, 1000, "a", "b")
	}
	f.keep(works[0], 1000, "bad")
	f.settled()
	for f.row("bad").Status == types.PROVIDER_STATUS_ACTIVE {
		f.prove("a", "b")
		f.closed()
		if f.row("bad").Status == types.PROVIDER_STATUS_ACTIVE {
			f.opened()
		}
	}
	end := func(signer, name, work string) {
		addr := f.alice
		if signer != "alice" {
			addr = f.agent(signer)
		}
		f.must(&types.MsgEndDeal{Signer: addr.String(), Work: work, Operator: f.Addr(name).String()})
	}
	end("alice", "a", works[1])
	end("a", "a", works[0])
	f.keep(works[0], 1000, "a") // it never left
	f.opened()
	end("b", "b", works[2])
	late := f.film("late", 700)
	f.keep(late, 1000, "a", "b")
	f.opened()
	f.prove("a")
	end("alice", "b", late) // the change that brings it is void
	end("a", "a", works[3])
	f.keep(works[1], 1000, "a")
	root := f.nodes["b"].chain.At(3)
	f.must(&types.MsgSetBeacon{Agent: f.agent("a").String(), Root: root[:]})
	return f
}

func TestProofsGenesisRoundTrip(t *testing.T) {
	f := proven(t)
	for range 60 {
		module := storage.NewAppModule(f.k)
		exported := module.ExportGenesis(f.Ctx, f.Cdc)
		require.NoError(t, module.ValidateGenesis(f.Cdc, nil, exported))
		other := bareFixture(t)
		other.fund(f.ModuleBalance(types.ModuleName))
		otherModule := storage.NewAppModule(other.k)
		otherModule.InitGenesis(other.Ctx, other.Cdc, exported)
		require.NoError(t, other.k.CheckInvariants(other.Ctx))
		require.Equal(t, string(exported), string(otherModule.ExportGenesis(other.Ctx, other.Cdc)))
		require.Equal(t, rows(f.fixture), rows(other))
		f.block()
	}
}

// A row of proofs that is lost or strays in is found, whichever it is.
func TestProofInvariantsFindEveryRow(t *testing.T) {
	f := proven(t)
	require.NoError(t, f.k.CheckInvariants(f.Ctx))
	kinds := map[byte]int{}
	for _, row := range rows(f.fixture) {
		kind := row[0][0]
		if kind < types.PeriodKey.Bytes()[0] || kind > types.TerminatingKey.Bytes()[0] {
			continue
		}
		kinds[kind]++
		store := func() (change func(key, value string), check func() error) {
			cache, _ := f.Ctx.CacheContext()
			kv := f.StoreService(types.StoreKey).OpenKVStore(cache)
			return func(key, value string) {
				if value == "" {
					require.NoError(t, kv.Delete([]byte(key)))
				} else {
					require.NoError(t, kv.Set([]byte(key), []byte(value)))
				}
			}, func() error { return f.k.CheckInvariants(cache) }
		}
		change, check := store()
		change(row[0], "")
		if kind != types.ProofStatesKey.Bytes()[0] && kind != types.TerminatingKey.Bytes()[0] {
			require.ErrorIs(t, check(), types.ErrInvariant, "lost %q", row[0])
		}
		if kind == types.PeriodKey.Bytes()[0] || kind == types.SetChangesKey.Bytes()[0] {
			continue // one row, and keys that end with a work
		}
		change, check = store()
		change(row[0]+"x", row[1]+"x")
		require.Error(t, check(), "stray %q", row[0])
	}
	require.Len(t, kinds, 7, "all but a provider that is terminated and has been ended")
}

func TestInconsistentProofs(t *testing.T) {
	f := proven(t)
	good, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(t, err)
	require.NoError(t, good.Validate())
	require.NotEmpty(t, good.SetChanges)
	state := func(gs *types.GenesisState, name string) *types.ProofState {
		for i, s := range gs.ProofStates {
			if s.Operator == f.Addr(name).String() {
				return &gs.ProofStates[i]
			}
		}
		return nil
	}
	add := -1
	for i, c := range good.SetChanges {
		if c.Add && add < 0 {
			add = i
		}
	}
	remove := -1
	for i, c := range good.SetChanges {
		if !c.Add && remove < 0 {
			remove = i
		}
	}
	bits := func(gs *types.GenesisState) *types.ProofSlot { return &gs.ProofSets[0].Slots[0] }
	for name, change := range map[string]func(*types.GenesisState){
		"period phase":           func(gs *types.GenesisState) { gs.Period.Phase = 0 },
		"period unset":           func(gs *types.GenesisState) { gs.Period = types.Period{} },
		"period seed":            func(gs *types.GenesisState) { gs.Period.Seed = gs.Period.Seed[1:] },
		"period reveals":         func(gs *types.GenesisState) { gs.Period.Reveals = nil },
		"open with a next seed":  func(gs *types.GenesisState) { gs.Period.NextSeed = gs.Period.Seed },
		"open and counted":       func(gs *types.GenesisState) { gs.Period.Counted = true },
		"open with a cursor":     func(gs *types.GenesisState) { gs.Period.Cursor = "x" },
		"closed without a seed":  func(gs *types.GenesisState) { gs.Period.Phase = types.PERIOD_PHASE_CLOSED },
		"period time":            func(gs *types.GenesisState) { gs.Period.OpenedAt = -1 },
		"period behind":          func(gs *types.GenesisState) { gs.Period.Number -= 2 },
		"period ahead":           func(gs *types.GenesisState) { gs.Period.Number++ },
		"not begun, not empty":   func(gs *types.GenesisState) { gs.Period.Seed = nil },
		"state twice":            func(gs *types.GenesisState) { gs.ProofStates = append(gs.ProofStates, gs.ProofStates[0]) },
		"state of nobody":        func(gs *types.GenesisState) { gs.ProofStates[0].Operator = f.Addr("nobody").String() },
		"state of no account":    func(gs *types.GenesisState) { gs.ProofStates[0].Operator = "" },
		"state missing":          func(gs *types.GenesisState) { gs.ProofStates = nil },
		"state ahead":            func(gs *types.GenesisState) { state(gs, "a").Answered = gs.Period.Number + 1 },
		"set size":               func(gs *types.GenesisState) { state(gs, "a").SetSize++ },
		"set bytes":              func(gs *types.GenesisState) { state(gs, "a").SetBytes++ },
		"misses":                 func(gs *types.GenesisState) { state(gs, "a").Misses = 1 << 14 },
		"missed":                 func(gs *types.GenesisState) { s := state(gs, "a"); s.Misses, s.Missed = 3, 1 },
		"slashed unset":          func(gs *types.GenesisState) { state(gs, "a").Slashed.BigIntMut().SetInt64(-1) },
		"beacon":                 func(gs *types.GenesisState) { state(gs, "a").Beacon = []byte{1} },
		"beacon from":            func(gs *types.GenesisState) { state(gs, "a").BeaconFrom = 0 },
		"next beacon":            func(gs *types.GenesisState) { state(gs, "a").NextBeacon = nil },
		"set twice":              func(gs *types.GenesisState) { gs.ProofSets = append(gs.ProofSets, gs.ProofSets[0]) },
		"set empty":              func(gs *types.GenesisState) { gs.ProofSets[0].Slots = nil },
		"set missing":            func(gs *types.GenesisState) { gs.ProofSets = gs.ProofSets[1:] },
		"set of another":         func(gs *types.GenesisState) { gs.ProofSets[0].Operator = f.Addr("nobody").String() },
		"slot of no work":        func(gs *types.GenesisState) { bits(gs).Work = "x" },
		"slot of no bytes":       func(gs *types.GenesisState) { bits(gs).Size_ = 0 },
		"slot twice":             func(gs *types.GenesisState) { gs.ProofSets[0].Slots[1] = *bits(gs) },
		"slot of another size":   func(gs *types.GenesisState) { bits(gs).Size_++ },
		"change twice":           func(gs *types.GenesisState) { gs.SetChanges = append(gs.SetChanges, gs.SetChanges[0]) },
		"change missing":         func(gs *types.GenesisState) { gs.SetChanges = gs.SetChanges[1:] },
		"change too late":        func(gs *types.GenesisState) { gs.SetChanges[add].Period += 2 },
		"change of nobody":       func(gs *types.GenesisState) { gs.SetChanges[add].Operator = f.Addr("nobody").String() },
		"change of no work":      func(gs *types.GenesisState) { gs.SetChanges[add].Work = "x" },
		"change without bytes":   func(gs *types.GenesisState) { gs.SetChanges[add].Size_ = 0 },
		"change of another size": func(gs *types.GenesisState) { gs.SetChanges[add].Size_++ },
		"removal with bytes":     func(gs *types.GenesisState) { gs.SetChanges[remove].Size_ = 1 },
		"removal that is void":   func(gs *types.GenesisState) { gs.SetChanges[remove].Void = true },
		"removal of what is not": func(gs *types.GenesisState) { gs.SetChanges[remove].Work = nowhere("x") },
		"terminating an active":  func(gs *types.GenesisState) { gs.Terminating = []string{f.Addr("a").String()} },
		"terminating nobody":     func(gs *types.GenesisState) { gs.Terminating = []string{"x"} },
		"leaving with deals": func(gs *types.GenesisState) {
			for i := range gs.Providers {
				if p := &gs.Providers[i]; p.Operator == f.Addr("a").String() {
					p.Status, p.UnbondAt = types.PROVIDER_STATUS_LEAVING, 1
				}
			}
		},
		"deal ahead of misses": func(gs *types.GenesisState) { gs.Deals[0].MissedSeconds = 1 << 40 },
	} {
		var bad types.GenesisState
		f.Cdc.MustUnmarshalJSON(f.Cdc.MustMarshalJSON(good), &bad)
		change(&bad)
		require.Error(t, bad.Validate(), name)
		other := bareFixture(t)
		other.fund(10_000 * stream)
		require.Error(t, other.k.InitGenesis(other.Ctx, bad), name)
		require.Empty(t, rows(other), name)
	}
}

// A chain that begins anew at height 1 does not wait for the height of the old one, and its open
// window lasts no shorter.
func TestExportToALowerHeight(t *testing.T) {
	f := newProofFixture(t)
	f.node("a")
	f.keep(f.film("one", 3000), 1000, "a")
	f.settled()
	gs, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(t, err)
	require.Greater(t, gs.Period.OpenedHeight, int64(20))
	other := bareFixture(t)
	other.fund(f.ModuleBalance(types.ModuleName))
	require.NoError(t, other.k.InitGenesis(other.Ctx, *gs))
	other.Ctx = other.Ctx.WithBlockTime(f.Ctx.BlockTime())
	other.jump(time.Duration(f.now()-other.now()) * time.Second)
	for range types.MinWindowBlocks {
		p, err := other.k.Period(other.Ctx)
		require.NoError(t, err)
		require.True(t, p.Open())
		other.next(30 * time.Second)
	}
	other.next(time.Second)
	p, err := other.k.Period(other.Ctx)
	require.NoError(t, err)
	require.False(t, p.Open())
}

// An exported chain goes on where it was: nobody is counted twice or forgotten.
func TestExportInTheMiddleOfCounting(t *testing.T) {
	f := newProofFixture(t)
	f.node("a")
	f.keep(f.film("one", 3000), 1000, "a")
	f.settled()
	for f.period().Open() {
		f.block()
	}
	gs, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(t, err)
	require.False(t, gs.Period.Counted)
	other := bareFixture(t)
	other.fund(f.ModuleBalance(types.ModuleName))
	require.NoError(t, other.k.InitGenesis(other.Ctx, *gs))
	other.Ctx = other.Ctx.WithBlockTime(f.Ctx.BlockTime()).WithBlockHeight(f.Ctx.BlockHeight())
	other.jump(time.Duration(f.now()-other.now()) * time.Second)
	for range 3 {
		f.block()
		require.NoError(t, other.k.EndBlock(other.Ctx))
		state := func(f *fixture) types.ProofState {
			res, err := f.q.Proofs(f.Ctx, &types.QueryProofsRequest{Operator: f.Addr("a").String()})
			require.NoError(t, err)
			return res.State
		}
		require.EqualValues(t, 1, state(f.fixture).Missed)
		require.Equal(t, state(f.fixture), state(other))
	}
}
