package app

import (
	"embed"
	"net/http"

	"cosmossdk.io/client/v2/autocli"
	"cosmossdk.io/core/appmodule"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/grpc/cmtservice"
	nodeservice "github.com/cosmos/cosmos-sdk/client/grpc/node"
	"github.com/cosmos/cosmos-sdk/codec/address"
	runtimeservices "github.com/cosmos/cosmos-sdk/runtime/services"
	"github.com/cosmos/cosmos-sdk/server"
	"github.com/cosmos/cosmos-sdk/server/api"
	"github.com/cosmos/cosmos-sdk/server/config"
	authtx "github.com/cosmos/cosmos-sdk/x/auth/tx"

	"github.com/streamchain/streamchain/token"
)

// openapi is the description of the REST interface, made from proto/, and a page that shows it
// without loading anything from elsewhere.
//
//go:embed openapi/openapi.json openapi/index.html
var openapi embed.FS

// RegisterAPIRoutes serves queries and transactions over REST, and their description at /openapi/.
func (app *App) RegisterAPIRoutes(srv *api.Server, _ config.APIConfig) {
	ctx, mux := srv.ClientCtx, srv.GRPCGatewayRouter
	authtx.RegisterGRPCGatewayRoutes(ctx, mux)
	cmtservice.RegisterGRPCGatewayRoutes(ctx, mux)
	nodeservice.RegisterGRPCGatewayRoutes(ctx, mux)
	app.basics.RegisterGRPCGatewayRoutes(ctx, mux)
	srv.Router.PathPrefix("/openapi/").Handler(http.FileServerFS(openapi))
}

// RegisterTxService serves simulation, broadcast and search of transactions.
func (app *App) RegisterTxService(ctx client.Context) {
	authtx.RegisterTxService(app.GRPCQueryRouter(), ctx, app.Simulate, app.enc.registry)
}

// RegisterTendermintService serves blocks and validators.
func (app *App) RegisterTendermintService(ctx client.Context) {
	cmtservice.RegisterTendermintService(ctx, app.GRPCQueryRouter(), app.enc.registry, server.NewCometABCIWrapper(app).Query)
}

// RegisterNodeService serves what the node says of itself.
func (app *App) RegisterNodeService(ctx client.Context, cfg config.Config) {
	nodeservice.RegisterNodeService(ctx, app.GRPCQueryRouter(), cfg, func() int64 { return app.CommitMultiStore().EarliestVersion() })
}

// AutoCLI is what the command line is made from.
func (app *App) AutoCLI() autocli.AppOptions {
	modules := map[string]appmodule.AppModule{}
	for name, m := range app.modules.Modules {
		if m, ok := m.(appmodule.AppModule); ok {
			modules[name] = m
		}
	}
	return autocli.AppOptions{
		Modules:               modules,
		ModuleOptions:         runtimeservices.ExtractAutoCLIOptions(app.modules.Modules),
		AddressCodec:          address.NewBech32Codec(token.Prefix),
		ValidatorAddressCodec: address.NewBech32Codec(validatorPrefix),
		ConsensusAddressCodec: address.NewBech32Codec(consensusPrefix),
	}
}
