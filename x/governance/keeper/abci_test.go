package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/streamchain/streamchain/x/governance/types"
)

// One failing message undoes the whole enactment, whatever way it fails, and the others of
// the block run.
func TestFailureIsWhole(t *testing.T) {
	for name, c := range map[string]struct {
		amount    int64
		codespace string
		code      uint32
	}{
		"an error":        {5000, sdkerrors.RootCodespace, sdkerrors.ErrInsufficientFunds.ABCICode()},
		"a panic":         {panics, types.ModuleName, types.ErrPanicked.ABCICode()},
		"too much gas":    {burnsGas, types.ModuleName, types.ErrOutOfGas.ABCICode()},
		"an invalid coin": {0, sdkerrors.RootCodespace, sdkerrors.ErrInvalidCoins.ABCICode()},
	} {
		f := newFixture(t)
		f.fund(2000)
		bad := f.enact(f.pay("carol", 100), f.pay("carol", c.amount), f.pay("carol", 100))
		good := f.enact(f.pay("dave", 100))
		f.next(lock)
		require.Equal(t, types.ENACTMENT_STATUS_FAILED, f.status(bad), name)
		require.Equal(t, types.ENACTMENT_STATUS_DONE, f.status(good), name)
		require.Zero(t, f.Balance(f.Addr("carol")), name)
		require.EqualValues(t, 1900, f.ModuleBalance(types.ModuleName), name)
		e, err := f.k.GetEnactment(f.Ctx, bad)
		require.NoError(t, err)
		require.Equal(t, &types.Failure{Message: 1, Codespace: c.codespace, Code: c.code}, e.Failure, name)
		require.True(t, f.has("streamchain.governance.v1.EventEnactmentFailed"), name)
		transfers := 0
		for _, e := range f.Ctx.EventManager().Events() {
			if e.Type == "transfer" {
				transfers++
			}
		}
		require.Equal(t, 1, transfers, "%s: no event tells of what was undone", name)
		f.next(types.RetrySeconds * time.Second)
		require.Equal(t, types.ENACTMENT_STATUS_FAILED, f.status(bad), "%s: it is not tried again", name)
	}
}

// Coins that a message leaves to the end of the block arrive: an enactment runs before it.
func TestVirtualCoinsArrive(t *testing.T) {
	f := newFixture(t)
	f.fund(2000)
	f.enact(f.pay("carol", virtual))
	f.next(lock)
	f.next(time.Second)
	require.EqualValues(t, 2*virtual, f.Balance(f.Addr("carol")))
	require.EqualValues(t, 2000-2*virtual, f.ModuleBalance(types.ModuleName))
}

func TestCapAndOrder(t *testing.T) {
	f := newFixture(t)
	f.fund(1000)
	var ids []uint64
	for range types.MaxExecutions + 5 {
		ids = append(ids, f.enact(f.pay("carol", 1)))
	}
	f.next(lock)
	require.EqualValues(t, types.MaxExecutions, f.Balance(f.Addr("carol")))
	require.Equal(t, types.ENACTMENT_STATUS_DONE, f.status(ids[types.MaxExecutions-1]), "first in, first out")
	require.Equal(t, types.ENACTMENT_STATUS_QUEUED, f.status(ids[types.MaxExecutions]))
	f.next(time.Second)
	require.EqualValues(t, types.MaxExecutions+5, f.Balance(f.Addr("carol")))
}

func TestPrune(t *testing.T) {
	f := newFixture(t)
	f.fund(10)
	done, failed, cancelled := f.enact(f.pay("carol", 1)), f.enact(f.pay("carol", 100)), f.enact(f.pay("carol", 1))
	require.NoError(t, f.send(&types.MsgCancelEnactment{Authority: f.gov, Id: cancelled}))
	f.next(lock)
	f.next(types.RetentionSeconds*time.Second - lock)
	_, err := f.k.GetEnactment(f.Ctx, cancelled)
	require.ErrorIs(t, err, types.ErrEnactmentNotFound)
	require.Equal(t, types.ENACTMENT_STATUS_DONE, f.status(done))
	f.next(lock)
	for _, id := range []uint64{done, failed} {
		_, err := f.k.GetEnactment(f.Ctx, id)
		require.ErrorIs(t, err, types.ErrEnactmentNotFound)
	}
	require.True(t, f.has("streamchain.governance.v1.EventEnactmentPruned"))
	require.EqualValues(t, 4, f.enact(f.pay("carol", 1)), "ids are never given out twice")
}

// With no timelock, as on a local network, an enactment runs in the next block.
func TestNoTimelock(t *testing.T) {
	f := bareFixture(t)
	require.NoError(t, f.k.InitGenesis(f.Ctx, types.GenesisState{NextId: 1}))
	f.fund(10)
	id := f.enact(f.pay("carol", 1))
	require.Equal(t, types.ENACTMENT_STATUS_QUEUED, f.status(id))
	f.next(time.Nanosecond)
	require.Equal(t, types.ENACTMENT_STATUS_DONE, f.status(id))
	require.NoError(t, f.k.CheckInvariants(f.Ctx))
}

// An enactment whose record cannot be read does not stop the block or the others. It is
// tried again, and once it can be read it runs, or is cancelled where it was put off to.
func TestUnreadableIsPutOff(t *testing.T) {
	for _, cancel := range []bool{false, true} {
		f := newFixture(t)
		f.fund(10)
		bad, good := f.enact(f.pay("carol", 1)), f.enact(f.pay("dave", 1))
		store := f.StoreService(stored).OpenKVStore(f.Ctx)
		key := append([]byte{1}, 0, 0, 0, 0, 0, 0, 0, byte(bad))
		row, err := store.Get(key)
		require.NoError(t, err)
		require.NotEmpty(t, row)
		require.NoError(t, store.Set(key, []byte{0xff}))
		f.next(lock)
		require.Equal(t, types.ENACTMENT_STATUS_DONE, f.status(good))
		require.True(t, f.has("streamchain.governance.v1.EventEnactmentPutOff"))
		require.NoError(t, f.StoreService(stored).OpenKVStore(f.Ctx).Set(key, row))
		require.NoError(t, f.k.CheckInvariants(f.Ctx))
		if cancel {
			require.NoError(t, f.send(&types.MsgCancelEnactment{Authority: f.gov, Id: bad}))
		}
		require.NoError(t, f.k.CheckInvariants(f.Ctx))
		f.next(types.RetrySeconds * time.Second)
		if cancel {
			require.Equal(t, types.ENACTMENT_STATUS_CANCELLED, f.status(bad))
			require.Zero(t, f.Balance(f.Addr("carol")))
			continue
		}
		require.Equal(t, types.ENACTMENT_STATUS_DONE, f.status(bad))
		require.EqualValues(t, 1, f.Balance(f.Addr("carol")))
	}
}

// A stray entry of the queue runs nothing a second time.
func TestStrayEntry(t *testing.T) {
	f := newFixture(t)
	f.fund(10)
	id := f.enact(f.pay("carol", 1))
	f.next(lock)
	require.NoError(t, f.StoreService(stored).OpenKVStore(f.Ctx).Set(queueKey(3, 1, byte(id)), []byte{}))
	require.ErrorIs(t, f.k.CheckInvariants(f.Ctx), types.ErrInvariant)
	f.next(time.Second)
	require.EqualValues(t, 1, f.Balance(f.Addr("carol")))
	require.NoError(t, f.k.CheckInvariants(f.Ctx), "it is gone")
}
