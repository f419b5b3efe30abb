package clock

import (
	autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"

	"github.com/streamchain/streamchain/x/clock/types"
)

// AutoCLIOptions puts the module's query on the command line.
func (AppModule) AutoCLIOptions() *autocliv1.ModuleOptions {
	return &autocliv1.ModuleOptions{
		Query: &autocliv1.ServiceCommandDescriptor{
			Service: types.Query_serviceDesc.ServiceName,
			RpcCommandOptions: []*autocliv1.RpcCommandOptions{{
				RpcMethod: "Now",
				Use:       "now",
				Short:     "Show live time, which every window and expiry of the chain runs on",
				Example:   "streamd query clock now",
			}},
		},
	}
}
