package stream

import (
	autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"

	"github.com/streamchain/streamchain/x/stream/types"
)

// AutoCLIOptions puts every query and message on the command line.
func (AppModule) AutoCLIOptions() *autocliv1.ModuleOptions {
	return &autocliv1.ModuleOptions{
		Query: &autocliv1.ServiceCommandDescriptor{
			Service:           types.Query_serviceDesc.ServiceName,
			RpcCommandOptions: queryCommands(),
		},
		Tx: &autocliv1.ServiceCommandDescriptor{
			Service:           types.Msg_serviceDesc.ServiceName,
			RpcCommandOptions: txCommands(),
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

func queryCommands() []*autocliv1.RpcCommandOptions {
	return []*autocliv1.RpcCommandOptions{{
		RpcMethod: "Params", Use: "params", Short: "Show the least deposit and cap, the open fee and the times of lanes",
		Example: "streamd query stream params",
	}, {
		RpcMethod: "Escrow", Use: "escrow [owner] [denom]", Short: "Show what a viewer has deposited and what is free of it",
		PositionalArgs: args("owner", "denom"),
		Example:        "streamd query stream escrow stream1… ustream",
	}, {
		RpcMethod: "SessionKey", Use: "key [owner] [pubkey]", Short: "Show a session key and what it may still spend",
		PositionalArgs: args("owner", "pubkey"),
		Example:        "streamd query stream key stream1… 3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29",
	}, {
		RpcMethod: "SessionKeys", Use: "keys [owner]", Short: "List a viewer's session keys",
		PositionalArgs: args("owner"),
		Example:        "streamd query stream keys stream1…",
	}, {
		RpcMethod: "Lane", Use: "lane [owner] [provider] [denom]", Short: "Show the open lane between a viewer and a storage provider, or that of a generation",
		PositionalArgs: args("owner", "provider", "denom"),
		Example:        "streamd query stream lane stream1… stream1… ustream --generation 3",
	}, {
		RpcMethod: "LanesByOwner", Use: "lanes-by-owner [owner]", Short: "List a viewer's open lanes, or those that are closing",
		PositionalArgs: args("owner"),
		Example:        "streamd query stream lanes-by-owner stream1… --closing",
	}, {
		RpcMethod: "LanesByProvider", Use: "lanes-by-provider [provider]", Short: "List a storage provider's open lanes, or those that are closing",
		PositionalArgs: args("provider"),
		Example:        "streamd query stream lanes-by-provider stream1… --closing",
	}, {
		RpcMethod: "NextGeneration", Use: "next-generation [owner] [provider]", Short: "Show the generation that the next lane intent must say",
		PositionalArgs: args("owner", "provider"),
		Example:        "streamd query stream next-generation stream1… stream1…",
	}, {
		RpcMethod: "Session", Use: "session [owner] [provider] [denom] [generation] [session]", Short: "Show what is settled of a session of an open or closing lane",
		PositionalArgs: args("owner", "provider", "denom", "generation", "session"),
		Example:        "streamd query stream session stream1… stream1… ustream 3 1",
	}, {
		RpcMethod: "Tier", Use: "tier [address]", Short: "Show an account's tier by what it has delegated, and its discount",
		PositionalArgs: args("address"),
		Example:        "streamd query stream tier stream1…",
	}, {
		RpcMethod: "Flow", Use: "flow [flow]", Short: "Show a flow as it stands now", PositionalArgs: args("flow"),
		Example: "streamd query stream flow stream1…-1",
	}, {
		RpcMethod: "FlowsBySender", Use: "flows-by-sender [sender]", Short: "List the flows that an account pays", PositionalArgs: args("sender"),
		Example: "streamd query stream flows-by-sender stream1…",
	}, {
		RpcMethod: "FlowsByRecipient", Use: "flows-by-recipient [recipient]", Short: "List the flows that an account earns",
		PositionalArgs: args("recipient"),
		Example:        "streamd query stream flows-by-recipient stream1…",
	}, {
		RpcMethod: "Economics", Use: "economics", Short: "Show every fee, share, burn and emission of the chain",
		Example: "streamd query stream economics",
	}}
}

func txCommands() []*autocliv1.RpcCommandOptions {
	return []*autocliv1.RpcCommandOptions{{
		RpcMethod: "GrantSessionKey", Use: "grant-key", Short: "Let a key sign for you within a limit for 24 hours, or change its terms",
		Example: "streamd tx stream grant-key --pubkey O2onvM62pC1imqjQKm8Nc2UyFXceJDpjrASKGLWdopk= --limit 5000000ustream " +
			"--expires 1798761600 --scope payment-and-access --from alice",
	}, {
		RpcMethod: "RevokeSessionKey", Use: "revoke-key", Short: "Stop a key from signing anything new",
		Example: "streamd tx stream revoke-key --pubkey O2onvM62pC1imqjQKm8Nc2UyFXceJDpjrASKGLWdopk= --from alice",
	}, {
		RpcMethod: "Deposit", Use: "deposit [amount]", Short: "Add to your escrow", PositionalArgs: args("amount"),
		Example: "streamd tx stream deposit 5000000ustream --from alice",
	}, {
		RpcMethod: "Withdraw", Use: "withdraw [amount]", Short: "Take from your escrow what no lane has reserved",
		PositionalArgs: args("amount"),
		Example:        "streamd tx stream withdraw 1000000ustream --to stream1… --from alice",
	}, {
		RpcMethod: "OpenLanes", Use: "open-lanes", Short: "Open lanes for your storage provider from viewers' signed intents",
		Example: `streamd tx stream open-lanes --intents '{"chain_id":"streamchain-1","escrow_owner":"stream1…","denom":"ustream",` +
			`"provider":"stream1…","generation":1,"cap":100000,"submit_by":1767226200,"expires":1767229200,"pubkey":"…","signature":"…"}' --from node`,
	}, {
		RpcMethod: "ReportUse", Use: "report-use", Short: "Prove what viewers watched at your storage provider without paying by the tick (`storaged` does it)",
		Example: `streamd tx stream report-use --items '{"session":{"chain_id":"streamchain-1","escrow_owner":"stream1…","provider":"stream1…",` +
			`"session":1,"work":"bafyrei…","tick_seconds":1,"max_ticks":600,"root":"…","expires":1767229200,"pubkey":"…","signature":"…"},"n":300,"word":"…"}' --from node`,
	}, {
		RpcMethod: "Settle", Use: "settle", Short: "Pay the ticks of sessions whose words you hold",
		Example: `streamd tx stream settle --settlements '{"session":{"chain_id":"streamchain-1","escrow_owner":"stream1…","denom":"ustream",` +
			`"provider":"stream1…","generation":1,"session":1,"work":"bafyrei…","price_per_tick":100,"tick_seconds":1,"max_ticks":7200,` +
			`"root":"…","expires":1767229200,"pubkey":"…","signature":"…"},"n":60,"word":"…"}' --from node`,
	}, {
		RpcMethod: "CloseLane", Use: "close-lane [owner] [denom] [generation]", Short: "Close a lane of your storage provider before its time",
		PositionalArgs: args("owner", "denom", "generation"),
		Example:        "streamd tx stream close-lane stream1… ustream 3 --from node",
	}, {
		RpcMethod: "Tip", Use: "tip [subject] [amount]", Short: "Pay a creator directly", PositionalArgs: args("subject", "amount"),
		Example: `streamd tx stream tip bafyrei… 1000000ustream --memo "thank you" --from alice`,
	}, {
		RpcMethod: "CreateFlow", Use: "create-flow [recipient] [deposit] [rate-amount] [rate-seconds]",
		Short:          "Pay an account by the second, out of a deposit",
		PositionalArgs: args("recipient", "deposit", "rate_amount", "rate_seconds"),
		Example:        "streamd tx stream create-flow stream1… 30000000ustream 1000000 86400 --from alice",
	}, {
		RpcMethod: "TopUpFlow", Use: "top-up-flow [flow] [amount]", Short: "Add to the deposit of a flow", PositionalArgs: args("flow", "amount"),
		Example: "streamd tx stream top-up-flow stream1…-1 30000000ustream --from alice",
	}, {
		RpcMethod: "PauseFlow", Use: "pause-flow [flow]", Short: "Stop a flow of yours from accruing", PositionalArgs: args("flow"),
		Example: "streamd tx stream pause-flow stream1…-1 --from alice",
	}, {
		RpcMethod: "ResumeFlow", Use: "resume-flow [flow]", Short: "Let a paused flow of yours accrue again", PositionalArgs: args("flow"),
		Example: "streamd tx stream resume-flow stream1…-1 --from alice",
	}, {
		RpcMethod: "ReRateFlow", Use: "re-rate-flow [flow] [rate-amount] [rate-seconds]", Short: "Change the rate of a flow of yours",
		PositionalArgs: args("flow", "rate_amount", "rate_seconds"),
		Example:        "streamd tx stream re-rate-flow stream1…-1 2000000 86400 --from alice",
	}, {
		RpcMethod: "CancelFlow", Use: "cancel-flow [flow]", Short: "End a flow that you pay or earn", PositionalArgs: args("flow"),
		Example: "streamd tx stream cancel-flow stream1…-1 --from alice",
	}, {
		RpcMethod: "WithdrawFlow", Use: "withdraw-flow [flow]", Short: "Pay out what you have earned by a flow", PositionalArgs: args("flow"),
		Example: "streamd tx stream withdraw-flow stream1…-1 --to stream1… --from bob",
	}, {
		// signed by the governance account, so it goes inside a proposal
		RpcMethod: "UpdateParams", Skip: true,
	}}
}
