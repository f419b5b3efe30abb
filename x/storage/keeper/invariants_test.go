package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/streamchain/streamchain/token"
	"github.com/streamchain/streamchain/x/storage/types"
)

// A row that is lost or strays in is found, whichever it is.
func TestInvariantsFindEveryLostRow(t *testing.T) {
	f, _ := populated(t)
	require.NoError(t, f.k.CheckInvariants(f.Ctx))
	for _, row := range rows(f) {
		switch row[0][0] {
		case types.ParamsKey.Bytes()[0], types.EarningsKey.Bytes()[0], types.PoolKey.Bytes()[0], types.PeriodKey.Bytes()[0],
			types.MedianPriceKey.Bytes()[0], types.MatchesKey.Bytes()[0], types.BondClaimsKey.Bytes()[0]:
			continue // nothing else implies these
		}
		cache, _ := f.Ctx.CacheContext()
		require.NoError(t, f.StoreService(types.StoreKey).OpenKVStore(cache).Delete([]byte(row[0])))
		if row[0][0] == types.ProvidersKey.Bytes()[0] && row[0][1:] == f.Addr("gone").String() {
			require.NoError(t, f.k.CheckInvariants(cache), "nothing points to one that is gone")
			continue
		}
		require.ErrorIs(t, f.k.CheckInvariants(cache), types.ErrInvariant, "%q", row[0])
	}
}

func TestInvariantsFindStrayRows(t *testing.T) {
	f, _ := populated(t)
	for _, row := range rows(f) {
		switch row[0][0] {
		case types.AgentsKey.Bytes()[0], types.DealsByRootKey.Bytes()[0], types.DealsByProviderKey.Bytes()[0], types.RequestQueueKey.Bytes()[0],
			types.RepairsByRootKey.Bytes()[0], types.DryQueueKey.Bytes()[0], types.PricesKey.Bytes()[0]:
		default:
			continue
		}
		cache, _ := f.Ctx.CacheContext()
		require.NoError(t, f.StoreService(types.StoreKey).OpenKVStore(cache).Set([]byte(row[0]+"x"), []byte(row[1])))
		require.ErrorIs(t, f.k.CheckInvariants(cache), types.ErrInvariant, "%q", row[0])
	}
}

func TestInvariantsFindMissingCoins(t *testing.T) {
	f, _ := populated(t)
	owed, err := f.k.Liabilities(f.Ctx)
	require.NoError(t, err)
	require.EqualValues(t, f.ModuleBalance(types.ModuleName), owed.Int64())
	cache, _ := f.Ctx.CacheContext()
	require.NoError(t, f.Bank.SendCoinsFromModuleToAccount(cache, types.ModuleName, f.Addr("thief"), sdk.NewCoins(token.Coin(1))))
	require.ErrorIs(t, f.k.CheckInvariants(cache), types.ErrInvariant)
}

// A request whose row cannot be read neither halts the chain nor holds up the others.
func TestExpiryThatFailsIsPutOff(t *testing.T) {
	f := bareFixture(t)
	require.NoError(t, f.k.InitGenesis(f.Ctx, *types.DefaultGenesis()))
	alice := f.creator("alice")
	film := f.work(alice, "film", gib, "")
	f.provider("a")
	f.provider("b")
	f.ask(alice, film, 0, "a", "b")
	store := f.StoreService(types.StoreKey).OpenKVStore(f.Ctx)
	var broken, good string
	for _, row := range rows(f) {
		if row[0][0] == types.DealsKey.Bytes()[0] && broken == "" {
			broken, good = row[0], row[1]
		}
	}
	require.NoError(t, store.Set([]byte(broken), []byte("nonsense")))
	f.jump(types.DefaultRequestTTLSeconds * time.Second)
	f.Ctx = f.Ctx.WithEventManager(sdk.NewEventManager())
	require.NoError(t, f.k.EndBlock(f.Ctx))
	require.ElementsMatch(t, []string{"EventDealExpiryFailed", "EventDealEnded"}, f.events())

	require.NoError(t, store.Set([]byte(broken), []byte(good)))
	require.NoError(t, f.k.CheckInvariants(f.Ctx))
	require.NoError(t, f.k.EndBlock(f.Ctx))
	require.EqualValues(t, 1, f.escrow(film).Escrow.Deals, "not before the time that it was put off to")
	f.jump(types.ExpireRetrySeconds * time.Second)
	require.NoError(t, f.k.EndBlock(f.Ctx))
	require.Zero(t, f.escrow(film).Escrow.Deals)
	require.NoError(t, f.k.CheckInvariants(f.Ctx))
}

// An entry that was put off stands in nobody's way when its deal was asked for again.
func TestStaleQueueEntryIsDropped(t *testing.T) {
	f := newFixture(t)
	alice := f.creator("alice")
	film := f.work(alice, "film", gib, "")
	f.provider("a")
	f.ask(alice, film, 0, "a")
	store := f.StoreService(types.StoreKey).OpenKVStore(f.Ctx)
	var stale [2]string
	for _, row := range rows(f) {
		if row[0][0] == types.RequestQueueKey.Bytes()[0] {
			stale = row
		}
	}
	f.next(types.DefaultRequestTTLSeconds * time.Second)
	f.next(time.Second)
	f.ask(alice, film, 5, "a")
	require.NoError(t, store.Set([]byte(stale[0]), []byte(stale[1])))
	require.NoError(t, f.k.EndBlock(f.Ctx))
	f.accept("a", film)
	require.Equal(t, math.NewInt(5_000_000_000).String(), f.escrow(film).Escrow.Balance.String())
}
