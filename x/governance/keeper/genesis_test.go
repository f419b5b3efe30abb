package keeper_test

import (
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"

	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/x/governance"
	"github.com/streamchain/streamchain/x/governance/types"
)

// populated is a state with an enactment of every status.
func populated(t testing.TB) *fixture {
	f := newFixture(t)
	f.fund(1000)
	f.enact(f.pay("carol", 1))
	f.enact(f.pay("carol", 100_000))
	cancelled := f.enact(f.pay("carol", 1))
	require.NoError(t, f.send(&types.MsgCancelEnactment{Authority: f.gov, Id: cancelled}))
	f.next(lock)
	f.stake("carol", "erin")
	require.NoError(t, f.send(&types.MsgDelegateVote{Delegator: f.Addr("carol").String(), Delegate: f.Addr("dave").String()}))
	require.NoError(t, f.send(&types.MsgDelegateVote{Delegator: f.Addr("carol").String(), Delegate: f.Addr("erin").String(), Track: types.TRACK_TREASURY}))
	require.NoError(t, f.send(&types.MsgDelegateVote{Delegator: f.Addr("erin").String(), Delegate: f.Addr("dave").String(), Track: types.TRACK_TREASURY}))
	require.NoError(t, f.k.SetCouncil(f.Ctx, f.council()))
	require.NoError(t, f.send(f.pause(0, 60)))
	require.NoError(t, f.send(f.creator("ann").take()))
	require.NoError(t, f.send(f.creator("ben").take()))
	f.enact(f.pay("dave", 7), &types.MsgUpdateParams{Authority: f.k.Authority(), Params: types.Params{TimelockPpm: types.MaxTimelockPPM}})
	return f
}

func TestGenesisRoundTrip(t *testing.T) {
	f := populated(t)
	module := governance.NewAppModule(f.k)
	exported := module.ExportGenesis(f.Ctx, f.Cdc)
	require.NoError(t, module.ValidateGenesis(f.Cdc, nil, exported))

	other := bareFixture(t)
	other.fund(f.ModuleBalance(types.ModuleName))
	other.Ctx = other.Ctx.WithBlockTime(f.Ctx.BlockTime())
	otherModule := governance.NewAppModule(other.k)
	otherModule.InitGenesis(other.Ctx, other.Cdc, exported)
	require.NoError(t, other.k.CheckInvariants(other.Ctx))
	require.Equal(t, string(exported), string(otherModule.ExportGenesis(other.Ctx, other.Cdc)))
	// not only the records: every row of the store, both queues included
	require.Equal(t, f.rows(), other.rows())

	// and it goes on: what was queued runs
	for other.status(4) == types.ENACTMENT_STATUS_QUEUED {
		other.next(lock)
	}
	require.EqualValues(t, 7, other.Balance(other.Addr("dave")))
	require.EqualValues(t, 5, other.enact(other.pay("carol", 1)))
}

func TestEmptyGenesis(t *testing.T) {
	f := bareFixture(t)
	gs, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(t, err)
	require.Equal(t, types.DefaultGenesis(), gs)
	module := governance.NewAppModule(f.k)
	require.NoError(t, module.ValidateGenesis(f.Cdc, nil, module.DefaultGenesis(f.Cdc)))
	require.Error(t, module.ValidateGenesis(f.Cdc, nil, []byte(`{"params":{}}`)), "no next_id")
	require.Error(t, module.ValidateGenesis(f.Cdc, nil, []byte(`nonsense`)))
}

func TestInconsistentGenesis(t *testing.T) {
	f := populated(t)
	good, err := f.k.ExportGenesis(f.Ctx)
	require.NoError(t, err)
	for name, change := range map[string]func(*types.GenesisState){
		"seat of nobody":        func(gs *types.GenesisState) { gs.Seats[0].Creator = "x" },
		"seats out of order":    func(gs *types.GenesisState) { gs.Seats[0], gs.Seats[1] = gs.Seats[1], gs.Seats[0] },
		"seat twice":            func(gs *types.GenesisState) { gs.Seats[1] = gs.Seats[0] },
		"seat never taken":      func(gs *types.GenesisState) { gs.Seats[0].TakenAt = 0 },
		"seat without end":      func(gs *types.GenesisState) { gs.Seats[0].ExpiresAt = gs.Seats[0].TakenAt },
		"timelock negative":     func(gs *types.GenesisState) { gs.Params.TimelockPpm = -1 },
		"timelock too long":     func(gs *types.GenesisState) { gs.Params.TimelockPpm = types.MaxTimelockPPM + 1 },
		"next id taken":         func(gs *types.GenesisState) { gs.NextId = 4 },
		"next id missing":       func(gs *types.GenesisState) { gs.NextId, gs.Enactments = 0, nil },
		"id zero":               func(gs *types.GenesisState) { gs.Enactments[0].Id = 0 },
		"id twice":              func(gs *types.GenesisState) { gs.Enactments[1].Id = 1 },
		"out of order":          func(gs *types.GenesisState) { gs.Enactments[0].Id = 4; gs.Enactments[3].Id = 1 },
		"status unknown":        func(gs *types.GenesisState) { gs.Enactments[0].Status = 9 },
		"status unset":          func(gs *types.GenesisState) { gs.Enactments[0].Status = 0 },
		"no messages":           func(gs *types.GenesisState) { gs.Enactments[0].Messages = nil },
		"message unset":         func(gs *types.GenesisState) { gs.Enactments[0].Messages = []*codectypes.Any{nil} },
		"never enacted":         func(gs *types.GenesisState) { gs.Enactments[0].EnactedAt = 0 },
		"due before enacted":    func(gs *types.GenesisState) { gs.Enactments[0].ExecuteAt = 1 },
		"closed while queued":   func(gs *types.GenesisState) { gs.Enactments[3].ClosedAt = gs.Enactments[3].ExecuteAt },
		"open, yet done":        func(gs *types.GenesisState) { gs.Enactments[0].ClosedAt = 0 },
		"closed before enacted": func(gs *types.GenesisState) { gs.Enactments[0].ClosedAt = 1 },
		"failed without reason": func(gs *types.GenesisState) { gs.Enactments[1].Failure = nil },
		"council of four":       func(gs *types.GenesisState) { gs.Council.Members = gs.Council.Members[:4] },
		"member twice":          func(gs *types.GenesisState) { gs.Council.Members[1] = gs.Council.Members[0] },
		"lent to oneself":       func(gs *types.GenesisState) { gs.Delegations[0].Delegate = gs.Delegations[0].Delegator },
		"lent twice":            func(gs *types.GenesisState) { gs.Delegations = append(gs.Delegations[:1], gs.Delegations...) },
		"no such track":         func(gs *types.GenesisState) { gs.Delegations[0].Track = 7 },
		"pause of a claim":      func(gs *types.GenesisState) { gs.Pauses[0].TypeUrl = "/streamchain.revenue.v1.MsgClaim" },
		"pause voted twice":     func(gs *types.GenesisState) { gs.Pauses[0].Votes = append(gs.Pauses[0].Votes, gs.Pauses[0].Votes[0]) },
		"reason, yet done":      func(gs *types.GenesisState) { gs.Enactments[0].Failure = &types.Failure{} },
	} {
		var bad types.GenesisState
		f.Cdc.MustUnmarshalJSON(f.Cdc.MustMarshalJSON(good), &bad)
		change(&bad)
		require.Error(t, bad.Validate(), name)
		other := bareFixture(t)
		require.Error(t, other.k.InitGenesis(other.Ctx, bad), name)
		require.Empty(t, other.rows(), name)
	}
}

// queueKey is the key of an entry of a queue.
func queueKey(prefix byte, at int64, id byte) []byte {
	u := uint64(at) ^ 1<<63 // as collections orders signed integers
	return append(binary.BigEndian.AppendUint64([]byte{prefix}, u), 0, 0, 0, 0, 0, 0, 0, id)
}

// seatKey is the key of a delegate's row.
func seatKey(delegate sdk.AccAddress, track byte, delegator sdk.AccAddress) []byte {
	key := append([]byte{6, byte(len(delegate))}, delegate...)
	return append(append(key, 0, 0, 0, track), delegator...)
}

// The invariants see each row that does not fit.
func TestInvariantsBite(t *testing.T) {
	for name, plant := range map[string]func(*fixture, types.Enactment) (key, value []byte){
		"not due":        func(_ *fixture, e types.Enactment) ([]byte, []byte) { return queueKey(3, e.ExecuteAt, 4), nil },
		"due twice":      func(_ *fixture, e types.Enactment) ([]byte, []byte) { return queueKey(3, e.ExecuteAt+1, 4), []byte{} },
		"due too early":  func(_ *fixture, e types.Enactment) ([]byte, []byte) { return queueKey(3, 5, 4), []byte{} },
		"closed and due": func(_ *fixture, e types.Enactment) ([]byte, []byte) { return queueKey(3, e.ExecuteAt, 1), []byte{} },
		"due, unknown":   func(_ *fixture, e types.Enactment) ([]byte, []byte) { return queueKey(3, e.ExecuteAt, 9), []byte{} },
		"queued, pruned": func(_ *fixture, e types.Enactment) ([]byte, []byte) { return queueKey(4, e.ExecuteAt*2, 4), []byte{} },
		"lent to nobody": func(f *fixture, _ types.Enactment) ([]byte, []byte) {
			return seatKey(f.Addr("dave"), 0, f.Addr("carol")), nil
		},
		"lent by nobody": func(f *fixture, _ types.Enactment) ([]byte, []byte) {
			return seatKey(f.Addr("dave"), 3, f.Addr("zoe")), []byte{}
		},
		"seat unqueued": func(f *fixture, _ types.Enactment) ([]byte, []byte) {
			return []byte(f.rowsUnder(types.SeatQueueKey.Bytes())[0][0]), nil
		},
		"seat gone": func(f *fixture, _ types.Enactment) ([]byte, []byte) {
			return []byte(f.rowsUnder(types.SeatsKey.Bytes())[0][0]), nil
		},
		"seats counted": func(f *fixture, _ types.Enactment) ([]byte, []byte) {
			return types.SeatCountKey.Bytes(), []byte{0, 0, 0, 0, 0, 0, 0, 3}
		},
		"sequence back": func(_ *fixture, e types.Enactment) ([]byte, []byte) { return []byte{2}, []byte{0, 0, 0, 0, 0, 0, 0, 2} },
	} {
		f := populated(t)
		e, err := f.k.GetEnactment(f.Ctx, 4)
		require.NoError(t, err)
		key, value := plant(f, e)
		clean := f.Ctx
		f.Ctx, _ = f.Ctx.CacheContext()
		store := f.StoreService(stored).OpenKVStore(f.Ctx)
		if value == nil {
			has, err := store.Has(key)
			require.NoError(t, err)
			require.True(t, has, name)
			require.NoError(t, store.Delete(key))
		} else {
			require.NoError(t, store.Set(key, value))
		}
		require.ErrorIs(t, f.k.CheckInvariants(f.Ctx), types.ErrInvariant, name)
		f.Ctx = clean
		require.NoError(t, f.k.CheckInvariants(f.Ctx))
	}
}
