package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/x/revenue/types"
)

// An imposed sheet is in force at once, in place of the one in force and of any that waits.
func TestImposeSplit(t *testing.T) {
	f := newFixture(t)
	alice, creator := f.creator("alice")
	film := f.work(creator, "film")
	bob, carol := f.Addr("bob"), f.Addr("carol")
	f.set(alice, film, sheet(creator, 4000, bob, 6000))
	_, missing := f.set(alice, film, sheet(creator, 9000, bob, 1000))
	require.Equal(t, []string{bob.String()}, missing)

	require.ErrorIs(t, f.k.CheckSplit(f.Ctx, film, sheet(creator, 9999)), types.ErrInvalidSplit)
	require.ErrorIs(t, f.k.ImposeSplit(f.Ctx, film, sheet(creator, 9999)), types.ErrInvalidSplit)
	require.NoError(t, f.k.CheckSplit(f.Ctx, film, sheet(carol, 10_000)))
	require.NoError(t, f.k.ImposeSplit(f.Ctx, film, sheet(carol, 10_000)))
	got := f.split(film)
	require.Equal(t, sheet(carol, 10_000), got.Split.Shares)
	require.EqualValues(t, 3, got.Split.Version, "no number is given twice")
	require.Nil(t, got.Pending)
}
