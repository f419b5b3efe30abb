package blob_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/storagenode/blob"
)

func TestRoom(t *testing.T) {
	disk := uint64(1000)
	r := blob.NewRoom(blob.NewMem(100), func() uint64 { return disk })
	require.NoError(t, r.Hold("a", 60))
	require.ErrorIs(t, r.Hold("b", 41), blob.ErrDiskFull, "what is under way counts")
	require.NoError(t, r.Hold("b", 40))
	require.Zero(t, r.Left())
	require.NoError(t, r.Hold("a", 60), "again for the same")
	r.Release("a")
	require.EqualValues(t, 60, r.Left())
	disk = 50
	require.EqualValues(t, 10, r.Left(), "the disk may have less than the quota")
	require.ErrorIs(t, r.Hold("a", 11), blob.ErrDiskFull)
}
