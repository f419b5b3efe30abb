package app

import (
	"context"

	"github.com/spf13/cast"

	"cosmossdk.io/log/v2"
	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/codec/address"
	"github.com/cosmos/cosmos-sdk/runtime"
	"github.com/cosmos/cosmos-sdk/server"
	servertypes "github.com/cosmos/cosmos-sdk/server/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	authkeeper "github.com/cosmos/cosmos-sdk/x/auth/keeper"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	authzkeeper "github.com/cosmos/cosmos-sdk/x/authz/keeper"
	bankkeeper "github.com/cosmos/cosmos-sdk/x/bank/keeper"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	consensuskeeper "github.com/cosmos/cosmos-sdk/x/consensus/keeper"
	consensustypes "github.com/cosmos/cosmos-sdk/x/consensus/types"
	distrkeeper "github.com/cosmos/cosmos-sdk/x/distribution/keeper"
	distrtypes "github.com/cosmos/cosmos-sdk/x/distribution/types"
	evidencekeeper "github.com/cosmos/cosmos-sdk/x/evidence/keeper"
	evidencetypes "github.com/cosmos/cosmos-sdk/x/evidence/types"
	"github.com/cosmos/cosmos-sdk/x/feegrant"
	feegrantkeeper "github.com/cosmos/cosmos-sdk/x/feegrant/keeper"
	govkeeper "github.com/cosmos/cosmos-sdk/x/gov/keeper"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"
	mintkeeper "github.com/cosmos/cosmos-sdk/x/mint/keeper"
	minttypes "github.com/cosmos/cosmos-sdk/x/mint/types"
	slashingkeeper "github.com/cosmos/cosmos-sdk/x/slashing/keeper"
	slashingtypes "github.com/cosmos/cosmos-sdk/x/slashing/types"
	stakingkeeper "github.com/cosmos/cosmos-sdk/x/staking/keeper"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"
	upgradekeeper "github.com/cosmos/cosmos-sdk/x/upgrade/keeper"
	upgradetypes "github.com/cosmos/cosmos-sdk/x/upgrade/types"

	"github.com/streamchain/streamchain/token"
	clockkeeper "github.com/streamchain/streamchain/x/clock/keeper"
	clocktypes "github.com/streamchain/streamchain/x/clock/types"
	contentkeeper "github.com/streamchain/streamchain/x/content/keeper"
	contenttypes "github.com/streamchain/streamchain/x/content/types"
	disputekeeper "github.com/streamchain/streamchain/x/dispute/keeper"
	disputetypes "github.com/streamchain/streamchain/x/dispute/types"
	governancekeeper "github.com/streamchain/streamchain/x/governance/keeper"
	governancetypes "github.com/streamchain/streamchain/x/governance/types"
	revenuekeeper "github.com/streamchain/streamchain/x/revenue/keeper"
	revenuetypes "github.com/streamchain/streamchain/x/revenue/types"
	storagekeeper "github.com/streamchain/streamchain/x/storage/keeper"
	storagetypes "github.com/streamchain/streamchain/x/storage/types"
	streamkeeper "github.com/streamchain/streamchain/x/stream/keeper"
	streamtypes "github.com/streamchain/streamchain/x/stream/types"
	subscriptionkeeper "github.com/streamchain/streamchain/x/subscription/keeper"
	subscriptiontypes "github.com/streamchain/streamchain/x/subscription/types"
)

// Keepers are the keepers of every module, the SDK's and ours.
type Keepers struct {
	Account   authkeeper.AccountKeeper
	Bank      bankkeeper.BaseKeeper
	Consensus consensuskeeper.Keeper
	Staking   *stakingkeeper.Keeper
	Slashing  slashingkeeper.Keeper
	Mint      mintkeeper.Keeper
	Distr     distrkeeper.Keeper
	Gov       *govkeeper.Keeper
	Upgrade   *upgradekeeper.Keeper
	Evidence  *evidencekeeper.Keeper
	FeeGrant  feegrantkeeper.Keeper
	Authz     authzkeeper.Keeper

	Clock        clockkeeper.Keeper
	Content      *contentkeeper.Keeper
	Storage      *storagekeeper.Keeper
	Revenue      *revenuekeeper.Keeper
	Stream       *streamkeeper.Keeper
	Subscription *subscriptionkeeper.Keeper
	Dispute      *disputekeeper.Keeper
	Governance   *governancekeeper.Keeper
}

// mint takes the place of x/mint's inflation: x/stream emits by constants. A vote can set that
// module's parameters, and none may mint past the emission cap.
func (app *App) mint(ctx sdk.Context, _ *mintkeeper.Keeper) error { return app.Stream.Mint(ctx) }

func (app *App) newCoreKeepers(logger log.Logger) {
	cdc, kv, authority := app.enc.cdc, app.stores.kv, Authority()
	app.Consensus = consensuskeeper.NewKeeper(cdc, runtime.NewKVStoreService(kv[consensustypes.StoreKey]), authority, runtime.EventService{})
	app.SetParamStore(app.Consensus.ParamsStore)
	app.Account = authkeeper.NewAccountKeeper(cdc, runtime.NewKVStoreService(kv[authtypes.StoreKey]), authtypes.ProtoBaseAccount,
		ModuleAccounts(), address.NewBech32Codec(token.Prefix), token.Prefix, authority, authkeeper.WithUnorderedTransactions(true))
	app.Bank = bankkeeper.NewBaseKeeper(cdc, runtime.NewKVStoreService(kv[banktypes.StoreKey]), app.Account, BlockedAddresses(),
		authority, logger).WithObjStoreKey(app.stores.obj[banktypes.ObjectStoreKey])
	app.FeeGrant = feegrantkeeper.NewKeeper(cdc, runtime.NewKVStoreService(kv[feegrant.StoreKey]), app.Account)
	app.Authz = authzkeeper.NewKeeper(runtime.NewKVStoreService(kv[authzkeeper.StoreKey]), cdc, app.MsgServiceRouter(), app.Account)
}

func (app *App) newStakingKeepers() {
	cdc, kv, authority := app.enc.cdc, app.stores.kv, Authority()
	app.Staking = stakingkeeper.NewKeeper(cdc, runtime.NewKVStoreService(kv[stakingtypes.StoreKey]), app.Account, app.Bank, authority,
		address.NewBech32Codec(validatorPrefix), address.NewBech32Codec(consensusPrefix))
	app.Mint = mintkeeper.NewKeeper(cdc, runtime.NewKVStoreService(kv[minttypes.StoreKey]), app.Staking, app.Account, app.Bank,
		authtypes.FeeCollectorName, authority, mintkeeper.WithMintFn(app.mint))
	app.Distr = distrkeeper.NewKeeper(cdc, runtime.NewKVStoreService(kv[distrtypes.StoreKey]), app.Account, app.Bank, app.Staking,
		authtypes.FeeCollectorName, authority)
	app.Slashing = slashingkeeper.NewKeeper(cdc, app.enc.amino, runtime.NewKVStoreService(kv[slashingtypes.StoreKey]), app.Staking, authority)
	app.Evidence = evidencekeeper.NewKeeper(cdc, runtime.NewKVStoreService(kv[evidencetypes.StoreKey]), app.Staking, app.Slashing,
		app.Account.AddressCodec(), runtime.ProvideCometInfoService())
	app.Gov = govkeeper.NewKeeper(cdc, runtime.NewKVStoreService(kv[govtypes.StoreKey]), app.Account, app.Bank, app.Distr,
		app.MsgServiceRouter(), govtypes.DefaultConfig(), authority, app.tally)
}

func (app *App) newUpgradeKeeper(opts servertypes.AppOptions) {
	skip := map[int64]bool{}
	for _, h := range cast.ToIntSlice(opts.Get(server.FlagUnsafeSkipUpgrades)) {
		skip[int64(h)] = true
	}
	app.Upgrade = upgradekeeper.NewKeeper(skip, runtime.NewKVStoreService(app.stores.kv[upgradetypes.StoreKey]), app.enc.cdc,
		cast.ToString(opts.Get(flags.FlagHome)), app.BaseApp, upgradeAuthority())
}

// newOurKeepers builds our modules, lower ones first: calls go down.
func (app *App) newOurKeepers() {
	cdc, kv, authority := app.enc.cdc, app.stores.kv, Authority()
	app.Clock = clockkeeper.NewKeeper(cdc, runtime.NewKVStoreService(kv[clocktypes.StoreKey]))
	app.Content = contentkeeper.NewKeeper(contentkeeper.Deps{
		Cdc: cdc, Store: runtime.NewKVStoreService(kv[contenttypes.StoreKey]),
		Account: app.Account, Bank: app.Bank, Clock: app.Clock, Authority: authority,
	})
	app.Storage = storagekeeper.NewKeeper(cdc, runtime.NewKVStoreService(kv[storagetypes.StoreKey]), authority, app.Bank, app.Clock, app.Content)
	app.Revenue = revenuekeeper.NewKeeper(revenuekeeper.Deps{
		Cdc: cdc, Store: runtime.NewKVStoreService(kv[revenuetypes.StoreKey]), Objects: app.stores.obj[revenuetypes.ObjectStoreKey],
		Account: app.Account, Bank: app.Bank, Clock: app.Clock, Content: app.Content, Storage: app.Storage, Authority: authority,
		StakersModule: authtypes.FeeCollectorName, TreasuryModule: governancetypes.ModuleName, StorageModule: storagetypes.ModuleName,
	})
	app.Stream = streamkeeper.NewKeeper(streamkeeper.Deps{
		Cdc: cdc, Store: runtime.NewKVStoreService(kv[streamtypes.StoreKey]),
		Clock: app.Clock, Content: app.Content, Storage: operators{app.Storage}, Revenue: app.Revenue, Staking: app.Staking, Bank: app.Bank,
		Authority: authority,
	})
	app.Subscription = subscriptionkeeper.NewKeeper(subscriptionkeeper.Deps{
		Cdc: cdc, Store: runtime.NewKVStoreService(kv[subscriptiontypes.StoreKey]),
		Clock: app.Clock, Content: app.Content, Storage: app.Storage, Revenue: app.Revenue, Stream: app.Stream, Bank: app.Bank, Authority: authority,
	})
	app.Dispute = disputekeeper.NewKeeper(disputekeeper.Deps{
		Cdc: cdc, Store: runtime.NewKVStoreService(kv[disputetypes.StoreKey]),
		Account: app.Account, Bank: app.Bank, Clock: app.Clock, Content: app.Content, Storage: app.Storage, Revenue: payments{app.Revenue}, Authority: authority,
	})
	app.Governance = governancekeeper.NewKeeper(governancekeeper.Deps{
		Cdc: cdc, Store: runtime.NewKVStoreService(kv[governancetypes.StoreKey]),
		Account: app.Account, Clock: app.Clock, Router: app.MsgServiceRouter(), Gov: upgradeAuthority(),
		Bank: app.Bank, Staking: app.Staking, Proposals: app.Gov, Modules: moduleAddresses(),
		Content: app.Content, Revenue: income{revenuekeeper.NewQueryServer(app.Revenue)},
	})
	app.SetCircuitBreaker(app.Governance)
}

// tally is x/gov's tally function: x/governance's, whose keeper is built after x/gov's.
func (app *App) tally(ctx context.Context, gov govkeeper.Keeper, p govv1.Proposal) (math.LegacyDec, math.Int, map[govv1.VoteOption]math.LegacyDec, error) {
	return app.Governance.Tally(ctx, gov, p)
}

// operators tells x/stream who acts for a provider, from the rows of x/storage.
type operators struct{ *storagekeeper.Keeper }

func (o operators) OperatorOf(ctx context.Context, agent sdk.AccAddress) (string, error) {
	p, err := o.ProviderByAgent(ctx, agent)
	return p.Operator, err
}
