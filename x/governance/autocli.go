package governance

import (
	autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"

	"github.com/streamchain/streamchain/x/governance/types"
)

// AutoCLIOptions puts every query on the command line, and the message that a proposal can
// carry by itself.
func (AppModule) AutoCLIOptions() *autocliv1.ModuleOptions {
	return &autocliv1.ModuleOptions{
		Query: &autocliv1.ServiceCommandDescriptor{
			Service: types.Query_serviceDesc.ServiceName,
			RpcCommandOptions: []*autocliv1.RpcCommandOptions{{
				RpcMethod: "Params", Use: "params", Short: "Show the length of the timelock",
				Example: "streamd query governance params",
			}, {
				RpcMethod: "Enactment", Use: "enactment [id]", Short: "Show an enactment", PositionalArgs: args("id"),
				Example: "streamd query governance enactment 1",
			}, {
				RpcMethod: "Enactments", Use: "enactments", Short: "List enactments, oldest first",
				Example: "streamd query governance enactments --status queued",
			}},
		},
		Tx: &autocliv1.ServiceCommandDescriptor{
			Service: types.Msg_serviceDesc.ServiceName,
			RpcCommandOptions: []*autocliv1.RpcCommandOptions{{
				// its messages are a file: streamd tx gov submit-proposal, see README.md
				RpcMethod: "Enact", Skip: true,
			}, {
				RpcMethod: "CancelEnactment", Use: "cancel-enactment [id]", Short: "Submit a proposal that withdraws a queued enactment",
				PositionalArgs: args("id"), GovProposal: true,
				Example: `streamd tx governance cancel-enactment 1 --title "Cancel 1" --summary "It pays the wrong account" --deposit 10000000ustream --from alice`,
			}, {
				// signed by the governance account, so it goes inside a MsgEnact
				RpcMethod: "UpdateParams", Skip: true,
			}},
		},
	}
}

func args(fields ...string) []*autocliv1.PositionalArgDescriptor {
	out := make([]*autocliv1.PositionalArgDescriptor, len(fields))
	for i, f := range fields {
		out[i] = &autocliv1.PositionalArgDescriptor{ProtoField: f}
	}
	return out
}
