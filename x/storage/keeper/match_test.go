package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	contenttypes "github.com/streamchain/streamchain/x/content/types"
	"github.com/streamchain/streamchain/x/storage/types"
)

// startEpoch moves to the first second of an epoch.
func (f *fixture) startEpoch() {
	f.T.Helper()
	f.jump(time.Duration(types.MatchEpochSeconds-f.now()%types.MatchEpochSeconds) * time.Second)
}

func (f *fixture) match(work string) types.Match {
	f.T.Helper()
	res, err := f.q.Match(f.Ctx, &types.QueryMatchRequest{Root: work})
	require.NoError(f.T, err)
	return res.Match
}

// emit asks for emission and mints what is granted.
func (f *fixture) emit(work string, want int64) int64 {
	f.T.Helper()
	granted, err := f.k.MatchEmission(f.Ctx, work, math.NewInt(want))
	require.NoError(f.T, err)
	f.fund(granted.Int64())
	return granted.Int64()
}

// Half of what a work's revenue left in one epoch may be matched in the next one, and in no other.
func TestEmissionIsAMatch(t *testing.T) {
	f := newFixture(t)
	alice := f.creator("alice")
	film := f.work(alice, "film", gib, "")
	cut := f.work(alice, "cut", gib, film)
	f.startEpoch()
	require.Zero(t, f.emit(film, 100), "nothing was left yet")
	require.NoError(t, f.k.RecordLeft(f.Ctx, film, math.NewInt(70)))
	f.jump((types.MatchEpochSeconds - 1) * time.Second)
	require.NoError(t, f.k.RecordLeft(f.Ctx, film, math.NewInt(31)))
	require.Zero(t, f.emit(film, 100), "not while it is being left")
	require.EqualValues(t, 101, f.match(cut).Left.Int64(), "all versions are one work")

	f.jump(time.Second)
	require.EqualValues(t, 50, f.match(film).Allowance.Int64())
	require.True(t, f.match(film).Left.IsZero())
	require.EqualValues(t, 20, f.emit(film, 20))
	require.NoError(t, f.k.RecordLeft(f.Ctx, film, math.NewInt(7)))
	require.EqualValues(t, 30, f.emit(film, 1000), "no more than the allowance")
	require.Zero(t, f.emit(film, 1), "nor twice")
	e := f.escrow(film).Escrow
	require.Equal(t, nano(50), e.Balance.String())
	require.True(t, e.PaidIn.IsZero(), "the pool gives nothing for it")

	f.jump(2 * types.MatchEpochSeconds * time.Second)
	require.True(t, f.match(film).Allowance.IsZero(), "what is not matched in its epoch never is")
	require.Zero(t, f.emit(film, 100))
}

func TestMatchRejections(t *testing.T) {
	f := newFixture(t)
	film := f.work(f.creator("alice"), "film", gib, "")
	for _, amount := range badAmounts {
		_, err := f.k.MatchEmission(f.Ctx, film, amount)
		require.ErrorIs(t, err, types.ErrInvalidAmount)
		if !amount.IsNil() && amount.IsZero() {
			require.NoError(t, f.k.RecordLeft(f.Ctx, film, amount))
			continue
		}
		require.ErrorIs(t, f.k.RecordLeft(f.Ctx, film, amount), types.ErrInvalidAmount)
	}
	for _, work := range badWorks {
		_, err := f.k.MatchEmission(f.Ctx, work, math.OneInt())
		require.ErrorIs(t, err, contenttypes.ErrInvalidWorkID)
		require.ErrorIs(t, f.k.RecordLeft(f.Ctx, work, math.OneInt()), contenttypes.ErrInvalidWorkID)
	}
	_, err := f.q.Match(f.Ctx, &types.QueryMatchRequest{Root: nowhere("x")})
	require.ErrorIs(t, err, contenttypes.ErrWorkNotFound)
	_, err = f.q.Repairs(f.Ctx, &types.QueryRepairsRequest{Work: "x"})
	require.ErrorIs(t, err, contenttypes.ErrInvalidWorkID)
}
