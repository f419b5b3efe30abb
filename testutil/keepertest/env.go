package keepertest

import (
	"crypto/sha256"
	"testing"
	"time"

	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/stretchr/testify/require"

	corestore "cosmossdk.io/core/store"
	"cosmossdk.io/log/v2"

	"github.com/cosmos/cosmos-sdk/codec"
	"github.com/cosmos/cosmos-sdk/codec/address"
	codectestutil "github.com/cosmos/cosmos-sdk/codec/testutil"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/runtime"
	"github.com/cosmos/cosmos-sdk/std"
	"github.com/cosmos/cosmos-sdk/store/v2"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	authkeeper "github.com/cosmos/cosmos-sdk/x/auth/keeper"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	bankkeeper "github.com/cosmos/cosmos-sdk/x/bank/keeper"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	minttypes "github.com/cosmos/cosmos-sdk/x/mint/types"

	"github.com/streamchain/streamchain/token"
	clockkeeper "github.com/streamchain/streamchain/x/clock/keeper"
	clocktypes "github.com/streamchain/streamchain/x/clock/types"
)

// ChainID is the chain id of every keeper test.
const ChainID = "streamchain-test-1"

// Modules are the module accounts and stores that Env mounts for our modules.
var Modules = []string{"content", "storage", "revenue", "stream", "subscription", "dispute", "governance"}

// Env is a chain of one goroutine: a store, real auth and bank, and the clock.
type Env struct {
	T         testing.TB
	Ctx       sdk.Context
	Cdc       codec.Codec
	Registry  codectypes.InterfaceRegistry
	Account   authkeeper.AccountKeeper
	Bank      bankkeeper.BaseKeeper
	Clock     clockkeeper.Keeper
	Authority string // the governance module account, authority of every module

	keys map[string]*storetypes.KVStoreKey
	obj  map[string]*storetypes.ObjectStoreKey
}

// New returns an Env at height 1, 2026-01-01 00:00:00 UTC.
func New(t testing.TB) *Env {
	t.Helper()
	token.Configure()
	e := &Env{T: t}
	e.Registry = codectestutil.CodecOptions{AccAddressPrefix: token.Prefix, ValAddressPrefix: token.Prefix + "valoper"}.NewInterfaceRegistry()
	std.RegisterInterfaces(e.Registry)
	authtypes.RegisterInterfaces(e.Registry)
	banktypes.RegisterInterfaces(e.Registry)
	e.Cdc = codec.NewProtoCodec(e.Registry)

	names := append([]string{authtypes.StoreKey, banktypes.StoreKey, clocktypes.StoreKey}, Modules...)
	e.keys = storetypes.NewKVStoreKeys(names...)
	e.obj = storetypes.NewObjectStoreKeys(banktypes.ObjectStoreKey, "object:revenue")
	db := dbm.NewMemDB()
	cms := store.NewCommitMultiStore(db, log.NewNopLogger())
	for _, n := range names {
		cms.MountStoreWithDB(e.keys[n], storetypes.StoreTypeIAVL, nil) // nil: each under its own prefix of db
	}
	for _, n := range []string{banktypes.ObjectStoreKey, "object:revenue"} {
		cms.MountStoreWithDB(e.obj[n], storetypes.StoreTypeObject, nil)
	}
	require.NoError(t, cms.LoadLatestVersion())
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	e.Ctx = sdk.NewContext(cms, cmtproto.Header{ChainID: ChainID, Height: 1, Time: start}, false, log.NewNopLogger())

	perms := map[string][]string{
		authtypes.FeeCollectorName: nil,
		minttypes.ModuleName:       {authtypes.Minter},
		"revenue":                  {authtypes.Burner},
	}
	blocked := map[string]bool{}
	for _, m := range Modules {
		if _, ok := perms[m]; !ok {
			perms[m] = nil
		}
	}
	for m := range perms {
		blocked[authtypes.NewModuleAddress(m).String()] = true
	}
	delete(blocked, authtypes.NewModuleAddress("governance").String())
	e.Authority = authtypes.NewModuleAddress("governance").String()

	e.Account = authkeeper.NewAccountKeeper(e.Cdc, e.StoreService(authtypes.StoreKey), authtypes.ProtoBaseAccount,
		perms, address.NewBech32Codec(token.Prefix), token.Prefix, e.Authority)
	e.Bank = bankkeeper.NewBaseKeeper(e.Cdc, e.StoreService(banktypes.StoreKey), e.Account, blocked, e.Authority,
		log.NewNopLogger()).WithObjStoreKey(e.obj[banktypes.ObjectStoreKey])
	require.NoError(t, e.Account.Params.Set(e.Ctx, authtypes.DefaultParams()))
	require.NoError(t, e.Bank.SetParams(e.Ctx, banktypes.DefaultParams()))
	// registered here, before any transaction could, as genesis does on the chain
	for m := range perms {
		e.Account.GetModuleAccount(e.Ctx, m)
	}
	e.Clock = clockkeeper.NewKeeper(e.Cdc, e.StoreService(clocktypes.StoreKey))
	require.NoError(t, e.Clock.BeginBlock(e.Ctx))
	return e
}

// StoreService is the persistent store of the module called name.
func (e *Env) StoreService(name string) corestore.KVStoreService {
	return runtime.NewKVStoreService(e.keys[name])
}

// ObjectKey is the object store called name, for example "object:revenue".
func (e *Env) ObjectKey(name string) *storetypes.ObjectStoreKey { return e.obj[name] }

// Addr is the deterministic account address called name, without coins.
func (e *Env) Addr(name string) sdk.AccAddress {
	sum := sha256.Sum256([]byte("keepertest/" + name))
	return sum[:20]
}

// Funded is Addr(name) with amount ustream minted to it.
func (e *Env) Funded(name string, amount int64) sdk.AccAddress {
	e.T.Helper()
	addr := e.Addr(name)
	coins := sdk.NewCoins(token.Coin(amount))
	require.NoError(e.T, e.Bank.MintCoins(e.Ctx, minttypes.ModuleName, coins))
	require.NoError(e.T, e.Bank.SendCoinsFromModuleToAccount(e.Ctx, minttypes.ModuleName, addr, coins))
	return addr
}

// Balance is addr's balance of STREAM in ustream.
func (e *Env) Balance(addr sdk.AccAddress) int64 {
	return e.Bank.GetBalance(e.Ctx, addr, token.BaseDenom).Amount.Int64()
}

// ModuleBalance is the module account's balance of STREAM in ustream.
func (e *Env) ModuleBalance(name string) int64 { return e.Balance(authtypes.NewModuleAddress(name)) }

// NextBlock ends the block (bank first, then each end in order), moves time by d and
// begins the next one. A clock step is at most a minute, so a longer d takes more blocks.
func (e *Env) NextBlock(d time.Duration, ends ...func(sdk.Context) error) {
	e.T.Helper()
	for {
		require.NoError(e.T, e.Bank.CreditVirtualAccounts(e.Ctx))
		for _, end := range ends {
			require.NoError(e.T, end(e.Ctx))
		}
		e.clearObjects()
		step := min(d, time.Minute)
		e.Ctx = e.Ctx.WithBlockHeight(e.Ctx.BlockHeight() + 1).WithBlockTime(e.Ctx.BlockTime().Add(step)).
			WithTxIndex(0).WithEventManager(sdk.NewEventManager())
		require.NoError(e.T, e.Clock.BeginBlock(e.Ctx))
		if d -= step; d <= 0 {
			return
		}
	}
}

// NextTx gives the next calls a transaction index of their own.
func (e *Env) NextTx() { e.Ctx = e.Ctx.WithTxIndex(e.Ctx.TxIndex() + 1) }

// clearObjects empties the object stores, as a commit does.
func (e *Env) clearObjects() {
	for _, key := range e.obj {
		s := e.Ctx.ObjectStore(key)
		var keys [][]byte
		it := s.Iterator(nil, nil)
		for ; it.Valid(); it.Next() {
			keys = append(keys, it.Key())
		}
		if err := it.Close(); err != nil {
			e.T.Fatal(err)
		}
		for _, k := range keys {
			s.Delete(k)
		}
	}
}
