package app

import (
	"encoding/json"
	"fmt"

	abci "github.com/cometbft/cometbft/abci/types"
	dbm "github.com/cosmos/cosmos-db"

	autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"
	reflectionv1 "cosmossdk.io/api/cosmos/reflection/v1"
	"cosmossdk.io/log/v2"

	"github.com/cosmos/cosmos-sdk/baseapp"
	"github.com/cosmos/cosmos-sdk/baseapp/blockexec"
	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/codec"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/runtime"
	runtimeservices "github.com/cosmos/cosmos-sdk/runtime/services"
	servertypes "github.com/cosmos/cosmos-sdk/server/types"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/module"
	"github.com/cosmos/cosmos-sdk/version"

	"github.com/streamchain/streamchain/token"
)

// Name is the application's name.
const Name = "streamchain"

var (
	_ runtime.AppI            = (*App)(nil)
	_ servertypes.Application = (*App)(nil)
)

// App is the chain's state machine behind ABCI.
type App struct {
	*baseapp.BaseApp
	Keepers

	enc          encoding
	stores       stores
	modules      *module.Manager
	basics       module.BasicManager
	configurator module.Configurator
}

// New builds the state machine on db. It panics where the wiring is wrong or the newest state
// cannot be loaded: there is nobody to return an error to. With loadLatest unset the caller
// loads a height before anything else.
func New(logger log.Logger, db dbm.DB, loadLatest bool, opts servertypes.AppOptions, options ...func(*baseapp.BaseApp)) *App {
	token.Configure()
	enc, err := newEncoding()
	if err != nil {
		panic(err)
	}
	app := &App{enc: enc, stores: newStores()}
	app.newBaseApp(logger, db, opts, options)
	app.newCoreKeepers(logger)
	app.newStakingKeepers()
	app.newUpgradeKeeper(opts)
	app.newOurKeepers()
	app.setHooks()
	app.modules = app.newModuleManager()
	app.basics = newBasics(app.modules)
	app.basics.RegisterLegacyAminoCodec(enc.amino)
	app.basics.RegisterInterfaces(enc.registry)
	setOrder(app.modules)
	if err := app.register(); err != nil {
		panic(err)
	}
	if loadLatest {
		if err := app.LoadLatestVersion(); err != nil {
			panic(fmt.Errorf("load the newest state: %w", err))
		}
	}
	return app
}

func (app *App) newBaseApp(logger log.Logger, db dbm.DB, opts servertypes.AppOptions, options []func(*baseapp.BaseApp)) {
	decode := app.enc.tx.TxDecoder()
	options = append(options, proposals(decode))
	app.BaseApp = baseapp.NewBaseApp(Name, logger, db, decode, options...)
	app.SetVersion(version.Version)
	app.SetInterfaceRegistry(app.enc.registry)
	app.SetTxEncoder(app.enc.tx.TxEncoder())
	// off for every executor: with it, a block that is full would end differently in parallel
	app.SetDisableBlockGasMeter(true)
	blockexec.Apply(app.BaseApp, opts, app.stores.all(), decode, func(storetypes.MultiStore) string { return token.BaseDenom })
	if err := app.RegisterStreamingServices(opts, app.stores.kv); err != nil {
		panic(err)
	}
}

// register mounts the stores and puts every service and handler in its place.
func (app *App) register() error {
	app.configurator = module.NewConfigurator(app.enc.cdc, app.MsgServiceRouter(), app.GRPCQueryRouter())
	if err := app.modules.RegisterServices(app.configurator); err != nil {
		return err
	}
	autocliv1.RegisterQueryServer(app.GRPCQueryRouter(), runtimeservices.NewAutoCLIQueryService(app.modules.Modules))
	reflection, err := runtimeservices.NewReflectionService()
	if err != nil {
		return err
	}
	reflectionv1.RegisterReflectionServiceServer(app.GRPCQueryRouter(), reflection)
	app.MountKVStores(app.stores.kv)
	app.MountObjectStores(app.stores.obj)
	app.SetInitChainer(app.InitChainer)
	app.SetPreBlocker(app.PreBlocker)
	app.SetBeginBlocker(app.BeginBlocker)
	app.SetEndBlocker(app.EndBlocker)
	return app.setAnteHandler()
}

// PreBlocker runs before a block's transactions are looked at.
func (app *App) PreBlocker(ctx sdk.Context, _ *abci.RequestFinalizeBlock) (*sdk.ResponsePreBlock, error) {
	return app.modules.PreBlock(ctx)
}

// BeginBlocker runs before a block's transactions.
func (app *App) BeginBlocker(ctx sdk.Context) (sdk.BeginBlock, error) {
	return app.modules.BeginBlock(ctx)
}

// EndBlocker runs after a block's transactions.
func (app *App) EndBlocker(ctx sdk.Context) (sdk.EndBlock, error) { return app.modules.EndBlock(ctx) }

// InitChainer loads the genesis. It makes every module account too: a plain send to the
// address of one that is not there yet would make it a common account for ever.
func (app *App) InitChainer(ctx sdk.Context, req *abci.RequestInitChain) (*abci.ResponseInitChain, error) {
	var gs GenesisState
	if err := json.Unmarshal(req.AppStateBytes, &gs); err != nil {
		return nil, fmt.Errorf("the genesis cannot be read: %w", err)
	}
	if err := app.Upgrade.SetModuleVersionMap(ctx, app.modules.GetVersionMap()); err != nil {
		return nil, err
	}
	res, err := app.modules.InitGenesis(ctx, app.enc.cdc, gs)
	if err != nil {
		return nil, err
	}
	for _, name := range moduleAccountNames() {
		app.Account.GetModuleAccount(ctx, name)
	}
	if err := app.CheckInvariants(ctx); err != nil {
		return nil, fmt.Errorf("the genesis does not add up: %w", err)
	}
	return res, nil
}

// LoadHeight loads the state of a past height.
func (app *App) LoadHeight(height int64) error { return app.LoadVersion(height) }

// LegacyAmino is the codec of sign bytes for hardware wallets.
func (app *App) LegacyAmino() *codec.LegacyAmino { return app.enc.amino }

// AppCodec is the codec of state and messages.
func (app *App) AppCodec() codec.Codec { return app.enc.cdc }

// InterfaceRegistry knows every message.
func (app *App) InterfaceRegistry() codectypes.InterfaceRegistry { return app.enc.registry }

// TxConfig is how transactions are written and signed.
func (app *App) TxConfig() client.TxConfig { return app.enc.tx }

// SimulationManager is nil: the chain is not run in the SDK's simulator.
func (app *App) SimulationManager() *module.SimulationManager { return nil }

// Modules are the modules by name.
func (app *App) Modules() map[string]any { return app.modules.Modules }

// Basics is the part of the modules that needs no state.
func (app *App) Basics() module.BasicManager { return app.basics }

// Options are settings without a configuration file, by the name of their flag.
type Options map[string]any

// Get returns nil for what is not set.
func (o Options) Get(name string) any { return o[name] }
