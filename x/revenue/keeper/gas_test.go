package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	"github.com/streamchain/streamchain/token"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	"github.com/streamchain/streamchain/x/revenue/types"
)

// gas is what do consumes.
func gas(ctx sdk.Context, do func(sdk.Context) error) (uint64, error) {
	meter := storetypes.NewInfiniteGasMeter()
	err := do(ctx.WithGasMeter(meter))
	return meter.GasConsumed(), err
}

// What runs at the end of a block, where nobody pays, was paid for when it was booked.
func TestGasOfTheEndOfTheBlockIsPaidBefore(t *testing.T) {
	w := newWorld(t)
	custody := authtypes.NewModuleAddress(types.ModuleName)
	alice, viewer := w.Funded("alice", 100*stream), w.Funded("viewer", 100*stream)
	require.NoError(t, w.k.Collect(w.Ctx, viewer, token.Coin(90*stream)))
	w.next(time.Second)
	for _, to := range []sdk.AccAddress{w.Addr("new"), viewer} {
		used, err := gas(w.Ctx, func(ctx sdk.Context) error {
			cache, _ := ctx.CacheContext()
			return w.Bank.SendCoins(cache, custody, to, sdk.Coins{token.Coin(1)})
		})
		require.NoError(t, err)
		require.LessOrEqual(t, used, uint64(types.PayoutGas))
	}

	_, err := w.content.RegisterCreator(w.Ctx, &contenttypes.MsgRegisterCreator{Controller: alice.String()})
	require.NoError(t, err)
	root := w.publish(alice, "film", "")
	_, err = w.msg.SetSplit(w.Ctx, &types.MsgSetSplit{Controller: alice.String(), Subject: root, Shares: evenSheet(w.Env, 4)})
	require.NoError(t, err)
	for range 2 {
		used, err := gas(w.Ctx, func(ctx sdk.Context) error { _, err := w.k.Distribute(ctx, sale(viewer, root, stream)); return err })
		require.NoError(t, err)
		require.LessOrEqual(t, used, uint64(types.ReleaseGas))
		used, err = gas(w.Ctx, func(ctx sdk.Context) error { _, _, err := w.k.Hold(ctx, sale(viewer, root, stream)); return err })
		require.NoError(t, err)
		require.Greater(t, used, uint64(types.ReleaseGas))
	}
}
