package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamchain/streamchain/testutil/keepertest"
	"github.com/streamchain/streamchain/x/clock/keeper"
	"github.com/streamchain/streamchain/x/clock/types"
)

func TestLiveTime(t *testing.T) {
	e := keepertest.New(t)
	start, err := e.Clock.Now(e.Ctx)
	require.NoError(t, err)
	require.Equal(t, e.Ctx.BlockTime().Unix(), start)

	step := func(d time.Duration) int64 {
		e.Ctx = e.Ctx.WithBlockTime(e.Ctx.BlockTime().Add(d))
		require.NoError(t, e.Clock.BeginBlock(e.Ctx))
		now, err := e.Clock.Now(e.Ctx)
		require.NoError(t, err)
		require.NoError(t, e.Clock.CheckInvariants(e.Ctx))
		return now - start
	}
	require.EqualValues(t, 5, step(5*time.Second))
	require.EqualValues(t, 65, step(6*time.Hour), "a six hour halt counts as one minute")
	require.EqualValues(t, 65, step(-time.Hour), "time never runs backwards")
	require.EqualValues(t, 65, step(time.Hour), "and the way back is not counted twice")
	require.EqualValues(t, 66, step(time.Second))
}

func TestGenesisRoundTrip(t *testing.T) {
	e := keepertest.New(t)
	gs, err := e.Clock.ExportGenesis(e.Ctx)
	require.NoError(t, err)
	require.NoError(t, gs.Validate())
	other := keepertest.New(t)
	require.NoError(t, other.Clock.InitGenesis(other.Ctx, *gs))
	again, err := other.Clock.ExportGenesis(other.Ctx)
	require.NoError(t, err)
	require.Equal(t, gs, again)

	require.NoError(t, types.DefaultGenesis().Validate())
	require.Error(t, types.GenesisState{Clock: &types.Clock{LiveNanos: 2, BlockNanos: 1}}.Validate())
	require.Error(t, types.GenesisState{Clock: &types.Clock{}}.Validate())
}

func TestQueryNow(t *testing.T) {
	e := keepertest.New(t)
	res, err := keeper.NewQueryServer(e.Clock).Now(e.Ctx, &types.QueryNowRequest{})
	require.NoError(t, err)
	require.Equal(t, e.Ctx.BlockTime().Unix(), res.LiveSeconds)
	require.Equal(t, res.LiveSeconds, res.BlockSeconds)
}
