package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/x/content/types"
)

// A ruling reaches every version, twice is once, and restoring gives back what was before.
func TestRestrictAndRestore(t *testing.T) {
	f := newFixture(t)
	controller, _ := f.creator("alice")
	root := f.publish(publishMsg(controller, "one"))
	next := publishMsg(controller, "two")
	next.Previous = root.Cid
	second := f.publish(next)
	statuses := func() []types.WorkStatus {
		a, err := f.k.GetWork(f.Ctx, root.Cid)
		require.NoError(t, err)
		b, err := f.k.GetWork(f.Ctx, second.Cid)
		require.NoError(t, err)
		require.Equal(t, root.Deposit, a.Deposit, "deposits stay")
		return []types.WorkStatus{a.Status, b.Status}
	}
	restricted, active := types.WORK_STATUS_RESTRICTED, types.WORK_STATUS_ACTIVE
	before, err := f.k.RestrictWork(f.Ctx, second.Cid, "dispute/1")
	require.NoError(t, err)
	require.Equal(t, active, before)
	require.Equal(t, []types.WorkStatus{restricted, restricted}, statuses())
	after := f.state()
	before, err = f.k.RestrictWork(f.Ctx, root.Cid, "dispute/1")
	require.NoError(t, err)
	require.Equal(t, restricted, before)
	require.Equal(t, after, f.state())

	require.ErrorIs(t, f.k.RestoreWork(f.Ctx, root.Cid, restricted, "dispute/1"), types.ErrInvalidStatus)
	require.NoError(t, f.k.RestoreWork(f.Ctx, root.Cid, active, "dispute/1"))
	require.NoError(t, f.k.RestoreWork(f.Ctx, root.Cid, active, "dispute/1"))
	require.Equal(t, []types.WorkStatus{active, active}, statuses())
	_, err = f.k.RestrictWork(f.Ctx, "bafy", "dispute/1")
	require.ErrorIs(t, err, types.ErrInvalidWorkID)
}

// A handle that is taken away is nobody's, and its deposit is the treasury's.
func TestRevokeHandle(t *testing.T) {
	f := newFixture(t)
	controller, id := f.creator("alice")
	require.NoError(t, f.setHandle("alice", "famous"))
	c, err := f.k.GetCreator(f.Ctx, id)
	require.NoError(t, err)
	treasury, own := f.ModuleBalance("governance"), f.Balance(controller)
	require.NoError(t, f.k.RevokeHandle(f.Ctx, id, "famous", "dispute/1"))
	after := f.state()
	require.NoError(t, f.k.RevokeHandle(f.Ctx, id, "famous", "dispute/1"))
	require.Equal(t, after, f.state())
	require.Equal(t, treasury+c.HandleDeposit.Int64(), f.ModuleBalance("governance"))
	require.Equal(t, own, f.Balance(controller))
	_, err = f.k.CreatorByHandle(f.Ctx, "famous")
	require.ErrorIs(t, err, types.ErrCreatorNotFound)
}
