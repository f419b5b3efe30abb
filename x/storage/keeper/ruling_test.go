package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/streamchain/streamchain/x/storage/types"
)

// A ruling takes its part of what is left of the bond, rounded down, for the pool.
func TestSlashBond(t *testing.T) {
	f := newFixture(t)
	op := f.provider("op")
	p, err := f.k.GetProvider(f.Ctx, op.String())
	require.NoError(t, err)
	pool, err := f.k.Pool(f.Ctx)
	require.NoError(t, err)
	took, err := f.k.SlashBond(f.Ctx, op.String(), 333, "dispute/1")
	require.NoError(t, err)
	require.Equal(t, p.Bond.MulRaw(333).QuoRaw(10_000), took)
	left, err := f.k.GetProvider(f.Ctx, op.String())
	require.NoError(t, err)
	require.Equal(t, p.Bond.Sub(took), left.Bond)
	now, err := f.k.Pool(f.Ctx)
	require.NoError(t, err)
	require.Equal(t, pool.Add(types.Nano(took)), now)

	for _, bps := range []uint32{0, 10_001} {
		_, err = f.k.SlashBond(f.Ctx, op.String(), bps, "dispute/1")
		require.ErrorIs(t, err, types.ErrInvalidAmount)
	}
	_, err = f.k.SlashBond(f.Ctx, f.Addr("nobody").String(), 1, "dispute/1")
	require.ErrorIs(t, err, types.ErrProviderNotFound)
	_, err = f.k.SlashBond(f.Ctx, op.String(), 10_000, "dispute/1")
	require.NoError(t, err)
	took, err = f.k.SlashBond(f.Ctx, op.String(), 10_000, "dispute/1")
	require.NoError(t, err)
	require.Equal(t, math.ZeroInt(), took, "there is nothing left")
}
