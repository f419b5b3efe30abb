package storage

import (
	autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"

	"github.com/streamchain/streamchain/x/storage/types"
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
		RpcMethod: "Params", Use: "params", Short: "Show bonds, times and how many copies are wanted",
		Example: "streamd query storage params",
	}, {
		RpcMethod: "Provider", Use: "provider [operator]", Short: "Show a provider", PositionalArgs: args("operator"),
		Example: "streamd query storage provider stream1…",
	}, {
		RpcMethod: "Providers", Use: "providers", Short: "List providers",
		Example: "streamd query storage providers --status active --page-limit 20",
	}, {
		RpcMethod: "ProviderByAgent", Use: "provider-of [agent]", Short: "Show the provider that an account acts for", PositionalArgs: args("agent"),
		Example: "streamd query storage provider-of stream1…",
	}, {
		RpcMethod: "Deal", Use: "deal [work] [operator]", Short: "Show a live deal and what it has earned", PositionalArgs: args("work", "operator"),
		Example: "streamd query storage deal bafyrei… stream1…",
	}, {
		RpcMethod: "DealsByWork", Use: "deals [work]", Short: "List the live deals of a work and count its copies", PositionalArgs: args("work"),
		Example: "streamd query storage deals bafyrei…",
	}, {
		RpcMethod: "DealsByProvider", Use: "deals-of [operator]", Short: "List a provider's live deals", PositionalArgs: args("operator"),
		Example: "streamd query storage deals-of stream1… --page-limit 20",
	}, {
		RpcMethod: "WorkEscrow", Use: "escrow [work]", Short: "Show what pays for a work, and until when", PositionalArgs: args("root"),
		Example: "streamd query storage escrow bafyrei…",
	}, {
		RpcMethod: "Claimable", Use: "claimable [operator]", Short: "Show what a provider has earned", PositionalArgs: args("operator"),
		Example: "streamd query storage claimable stream1… --page-limit 50",
	}, {
		RpcMethod: "Period", Use: "period", Short: "Show where the clock of proofs stands, and the chain's randomness",
		Example: "streamd query storage period",
	}, {
		RpcMethod: "Proofs", Use: "proofs [operator]", Short: "Show how a provider proves what it keeps, and its open challenges", PositionalArgs: args("operator"),
		Example: "streamd query storage proofs stream1…",
	}, {
		RpcMethod: "Repairs", Use: "repairs", Short: "List the copies that are wanted, of one work or of all",
		Example: "streamd query storage repairs --work bafyrei… --page-limit 20",
	}, {
		RpcMethod: "Pool", Use: "pool", Short: "Show the common pool and the median price at which it keeps works",
		Example: "streamd query storage pool",
	}, {
		RpcMethod: "Match", Use: "match [work]", Short: "Show what emission may be matched against a work's own revenue", PositionalArgs: args("root"),
		Example: "streamd query storage match bafyrei…",
	}, {
		RpcMethod: "KeySet", Use: "keys [work]", Short: "Show who holds the keys of a work", PositionalArgs: args("work"),
		Example: "streamd query storage keys bafyrei…",
	}, {
		RpcMethod: "KeySetsByHolder", Use: "keys-of [operator]", Short: "List the works whose keys a provider holds", PositionalArgs: args("operator"),
		Example: "streamd query storage keys-of stream1… --page-limit 20",
	}}
}

func txCommands() []*autocliv1.RpcCommandOptions {
	return []*autocliv1.RpcCommandOptions{{
		RpcMethod: "RegisterProvider", Use: "register-provider", Short: "Make your account a storage provider and lock its bond",
		Example: "streamd tx storage register-provider --agent stream1… --endpoints https://node.example.com --region eu-west " +
			"--capacity-bytes 107374182400 --price-per-gib-day 500 --bond 1100000000 --from operator",
	}, {
		RpcMethod: "UpdateProvider", Use: "update-provider", Short: "Replace a provider's terms, all of them",
		Example: "streamd tx storage update-provider --agent stream1… --endpoints https://node.example.com --region eu-west " +
			"--capacity-bytes 107374182400 --price-per-gib-day 400 --from operator",
	}, {
		RpcMethod: "AddBond", Use: "add-bond [amount]", Short: "Add ustream to the bond", PositionalArgs: args("amount"),
		Example: "streamd tx storage add-bond 5000000 --from operator",
	}, {
		RpcMethod: "Leave", Use: "leave", Short: "Take no more deals and start the wait for the bond",
		Example: "streamd tx storage leave --from operator",
	}, {
		RpcMethod: "WithdrawBond", Use: "withdraw-bond", Short: "Get the bond back after leaving",
		Example: "streamd tx storage withdraw-bond --from operator",
	}, {
		RpcMethod: "RequestDeals", Use: "request-deals [work] [prepayment] [max-price-per-gib-day]", Short: "Ask providers to keep your work and pay into its escrow",
		PositionalArgs: args("work", "prepayment", "max_price_per_gib_day"),
		Example:        "streamd tx storage request-deals bafyrei… 5000000ustream 1000 --providers stream1… --providers stream1… --from alice",
	}, {
		RpcMethod: "FundWork", Use: "fund [work] [amount]", Short: "Pay into a work's escrow, for good", PositionalArgs: args("work", "amount"),
		Example: "streamd tx storage fund bafyrei… 5000000ustream --from bob",
	}, {
		RpcMethod: "FundServing", Use: "fund-serving [work] [amount]", Short: "Pay for what viewers watch of a work without paying by the tick, for good",
		PositionalArgs: args("work", "amount"),
		Example:        "streamd tx storage fund-serving bafyrei… 5000000ustream --from bob",
	}, {
		RpcMethod: "AcceptDeal", Use: "accept [work]", Short: "Accept a deal (`storaged` does it once it holds the bytes)", PositionalArgs: args("work"),
		Example: "streamd tx storage accept bafyrei… --piece-root 5f…e1 --piece-size 22700000 --from agent",
	}, {
		RpcMethod: "EndDeal", Use: "end-deal [work] [operator]", Short: "End a deal, or decline or cancel a request", PositionalArgs: args("work", "operator"),
		Example: "streamd tx storage end-deal bafyrei… stream1… --from alice",
	}, {
		RpcMethod: "ClaimStorage", Use: "claim", Short: "Get paid what your deals have earned",
		Example: "streamd tx storage claim --works bafyrei… --works bafyrei… --to stream1… --from operator",
	}, {
		RpcMethod: "SetBeacon", Use: "set-beacon", Short: "Commit to the values that your proofs will reveal (`storaged` does it)",
		Example: "streamd tx storage set-beacon --root 5f…e1 --from agent",
	}, {
		RpcMethod: "Prove", Use: "prove [period]", Short: "Answer your challenges of the open period (`storaged` does it)", PositionalArgs: args("period"),
		Example: "streamd tx storage prove 42 --reveal 7a…03 --answers '{\"index\":0,\"slice\":\"…\"}' --from agent",
	}, {
		RpcMethod: "ReportLoss", Use: "report-loss", Short: "End the deals of works whose bytes you have lost",
		Example: "streamd tx storage report-loss --works bafyrei… --works bafyrei… --from agent",
	}, {
		RpcMethod: "RefuseWork", Use: "refuse [work] [denylist]", Short: "End the deal of a work that your denylist names (`storaged` does it)", PositionalArgs: args("work", "denylist"),
		Example: "streamd tx storage refuse bafyrei… badbits --from agent",
	}, {
		RpcMethod: "RepairWork", Use: "repair [work] [operator]", Short: "Take the copy that another provider had (`storaged` does it once it holds the bytes)",
		PositionalArgs: args("work", "operator"),
		Example:        "streamd tx storage repair bafyrei… stream1… --piece-root 5f…e1 --piece-size 22700000 --from agent",
	}, {
		RpcMethod: "OfferKeys", Use: "offer-keys", Short: "Be drawn to hold keys, or without a key no more (`storaged` does it)",
		Example: "streamd tx storage offer-keys --seal-key 5f…e1 --from agent",
	}, {
		RpcMethod: "DrawKeySet", Use: "draw-keys [work]", Short: "Draw who shall hold the keys of an encrypted work (`publish` does it)", PositionalArgs: args("work"),
		Example: "streamd tx storage draw-keys bafyrei… --from alice",
	}, {
		RpcMethod: "DealKeys", Use: "deal-keys [root]", Short: "Give the drawn holders their shares (`publish` does it)", PositionalArgs: args("root"),
		Example: "streamd tx storage deal-keys bafyrei… --commitments 5f…e1 --sealed 7a…03 --from alice",
	}, {
		RpcMethod: "Reshare", Use: "reshare [root] [version]", Short: "Hand your share over to the holders drawn next (`storaged` does it)", PositionalArgs: args("root", "version"),
		Example: "streamd tx storage reshare bafyrei… 2 --commitments 5f…e1 --sealed 7a…03 --from agent",
	}, {
		RpcMethod: "AcceptShare", Use: "accept-share [root] [version]", Short: "Say that you hold your share (`storaged` does it once it has checked it)", PositionalArgs: args("root", "version"),
		Example: "streamd tx storage accept-share bafyrei… 1 --from agent",
	}, {
		// signed by the governance account, so it goes inside a proposal
		RpcMethod: "UpdateParams", Skip: true,
	}}
}
