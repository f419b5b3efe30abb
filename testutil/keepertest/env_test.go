package keepertest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/testutil/keepertest"
	"github.com/streamchain/streamchain/token"
)

func TestEnv(t *testing.T) {
	e := keepertest.New(t)
	alice := e.Funded("alice", 100)
	require.NoError(t, e.Bank.SendCoinsFromAccountToModuleVirtual(e.Ctx, alice, "revenue", sdk.NewCoins(token.Coin(40))))
	require.EqualValues(t, 60, e.Balance(alice))
	require.EqualValues(t, 0, e.ModuleBalance("revenue"), "virtual coins arrive at the end of the block")
	before, err := e.Clock.Now(e.Ctx)
	require.NoError(t, err)
	e.NextBlock(150 * time.Second)
	require.EqualValues(t, 40, e.ModuleBalance("revenue"))
	after, err := e.Clock.Now(e.Ctx)
	require.NoError(t, err)
	require.EqualValues(t, 150, after-before)
	e.NextBlock(time.Second)
	require.EqualValues(t, 40, e.ModuleBalance("revenue"), "credited once")
}
