package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	"github.com/streamchain/streamchain/token"
	"github.com/streamchain/streamchain/x/content/types"
)

// Deleting or damaging any row breaks an invariant, and neither makes the end of a block
// or a check panic.
func TestInvariantsSeeEveryRow(t *testing.T) {
	f := populated(t)
	f.advance(types.DefaultCommitTTLSeconds)
	ctx := f.Ctx
	broken := 0
	for _, row := range rows(f) {
		key := []byte(row[0])
		if key[0] == types.ParamsKey.Bytes()[0] {
			continue
		}
		for _, value := range [][]byte{nil, {0xff}, append([]byte(row[1]), 0xff)} {
			f.Ctx, _ = ctx.CacheContext()
			store := f.StoreService(types.StoreKey).OpenKVStore(f.Ctx)
			if value == nil && key[0] == types.FeedsKey.Bytes()[0] {
				continue // a feed is one row, and nothing else tells of it
			}
			if value == nil {
				require.NoError(t, store.Delete(key))
			} else if row[1] != "" {
				require.NoError(t, store.Set(key, value))
			} else {
				continue // a key set has no values
			}
			require.Error(t, f.k.CheckInvariants(f.Ctx), "row %x", key)
			require.NoError(t, f.k.EndBlock(f.Ctx), "row %x", key)
			broken++
		}
	}
	f.Ctx = ctx
	require.Greater(t, broken, 60)
}

// A row of an index that no record implies is seen too.
func TestInvariantsSeeForeignIndexRows(t *testing.T) {
	f := populated(t)
	ctx := f.Ctx
	for _, row := range rows(f) {
		if row[0][0] == types.ParamsKey.Bytes()[0] {
			continue
		}
		f.Ctx, _ = ctx.CacheContext()
		key := []byte(row[0])
		key[len(key)-1] ^= 1
		require.NoError(t, f.StoreService(types.StoreKey).OpenKVStore(f.Ctx).Set(key, []byte(row[1])))
		require.ErrorIs(t, f.k.CheckInvariants(f.Ctx), types.ErrInvariant, "row %x", key)
	}
	f.Ctx = ctx
}

func TestInvariantsSeeMissingCoins(t *testing.T) {
	f := populated(t)
	held := f.ModuleBalance(types.ModuleName)
	require.NoError(t, f.Bank.SendCoins(f.Ctx, f.Funded("donor", 7), authtypes.NewModuleAddress(types.ModuleName), sdk.NewCoins(token.Coin(7))))
	require.NoError(t, f.k.CheckInvariants(f.Ctx), "donations are allowed")
	ctx := f.Ctx
	f.Ctx, _ = ctx.CacheContext()
	require.NoError(t, f.Bank.SendCoinsFromModuleToAccount(f.Ctx, types.ModuleName, f.Addr("thief"), sdk.NewCoins(token.Coin(8))))
	require.ErrorIs(t, f.k.CheckInvariants(f.Ctx), types.ErrInvariant)
	f.Ctx = ctx
	require.EqualValues(t, held+7, f.ModuleBalance(types.ModuleName))
}
