package revenue

import (
	autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"

	"github.com/streamchain/streamchain/x/revenue/types"
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
		RpcMethod: "Params", Use: "params", Short: "Show the parts of each rail, the refund window and the denoms",
		Example: "streamd query revenue params",
	}, {
		RpcMethod: "Claimable", Use: "claimable [recipient]", Short: "Show what an account or a creator can claim",
		PositionalArgs: args("recipient"),
		Example:        "streamd query revenue claimable streamcreator1…",
	}, {
		RpcMethod: "Split", Use: "split [subject]", Short: "Show who shares the income of a work or a creator, and a sheet that waits for consent",
		PositionalArgs: args("subject"),
		Example:        "streamd query revenue split bafyrei…",
	}, {
		RpcMethod: "Hold", Use: "hold [id]", Short: "Show a payment in its refund window", PositionalArgs: args("hold_id"),
		Example: "streamd query revenue hold stream1…-7",
	}, {
		RpcMethod: "HoldsByPayer", Use: "holds [payer]", Short: "List an account's payments in their refund window",
		PositionalArgs: args("payer"),
		Example:        "streamd query revenue holds stream1…",
	}, {
		RpcMethod: "Totals", Use: "totals [subject]", Short: "Show what a work or a creator has earned since it was published",
		PositionalArgs: args("subject"),
		Example:        "streamd query revenue totals bafyrei…",
	}, {
		RpcMethod: "Pools", Use: "pools", Short: "Show the participation pool and all parts that the protocol has paid and burned",
		Example: "streamd query revenue pools",
	}, {
		RpcMethod: "Preview", Use: "preview [rail] [gross]", Short: "Show how a payment would be shared out",
		PositionalArgs: args("rail", "gross"),
		Example:        "streamd query revenue preview purchase 5000000ustream --subject bafyrei…",
	}, {
		RpcMethod: "Payouts", Use: "payouts [recipient]", Short: "Show the automatic payouts of an account or a creator",
		PositionalArgs: args("recipient"),
		Example:        "streamd query revenue payouts streamcreator1…",
	}, {
		RpcMethod: "Rebate", Use: "rebate [viewer]", Short: "Show what an account gets back of what its own payments left to the protocol",
		PositionalArgs: args("viewer"),
		Example:        "streamd query revenue rebate stream1…",
	}, {
		RpcMethod: "Derivation", Use: "derivation [work]", Short: "Show what works that derive from a work must give, and what it gives to its own parents",
		PositionalArgs: args("work"),
		Example:        "streamd query revenue derivation bafyrei…",
	}}
}

func txCommands() []*autocliv1.RpcCommandOptions {
	return []*autocliv1.RpcCommandOptions{{
		RpcMethod: "Claim", Use: "claim", Short: "Pay out what you, or a creator that you control, have earned",
		Example: "streamd tx revenue claim --recipient streamcreator1… --denoms ustream --to stream1… --from alice",
	}, {
		RpcMethod: "SetSplit", Use: "set-split [subject]", Short: "Propose who shares the income of a work or a creator",
		PositionalArgs: args("subject"),
		Example: `streamd tx revenue set-split bafyrei… --shares '{"recipient":"streamcreator1…","bps":7000}' ` +
			`--shares '{"recipient":"stream1…","bps":3000}' --from alice`,
	}, {
		RpcMethod: "AcceptSplit", Use: "accept-split [subject] [version]", Short: "Accept a sheet that shrinks your share",
		PositionalArgs: args("subject", "version"),
		Example:        "streamd tx revenue accept-split bafyrei… 3 --from bob",
	}, {
		RpcMethod: "Refund", Use: "refund [hold-id]", Short: "Give a payment in its refund window back, whole",
		PositionalArgs: args("hold_id"),
		Example:        "streamd tx revenue refund stream1…-7 --from alice",
	}, {
		RpcMethod: "SetPayout", Use: "set-payout [threshold]", Short: "Have blocks pay out what you, or a creator that you control, have earned; 0ustream ends it",
		PositionalArgs: args("threshold"),
		Example:        "streamd tx revenue set-payout 50000000ustream --recipient streamcreator1… --to stream1… --from alice",
	}, {
		RpcMethod: "ClaimRebate", Use: "claim-rebate", Short: "Pay out what you get back for your payments of the last closed period",
		Example: "streamd tx revenue claim-rebate --from alice",
	}, {
		RpcMethod: "SetDerivationTerms", Use: "set-derivation-terms [work] [min-bps]", Short: "Say what works that derive from yours must give",
		PositionalArgs: args("work", "min_bps"),
		Example:        "streamd tx revenue set-derivation-terms bafyrei… 1000 --open --from alice",
	}, {
		RpcMethod: "AcceptDerivation", Use: "accept-derivation [work] [parent]", Short: "Consent to a work that derives from yours",
		PositionalArgs: args("work", "parent"),
		Example:        "streamd tx revenue accept-derivation bafyrei… bafyrei… --from alice",
	}, {
		// signed by the governance account, so it goes inside a proposal
		RpcMethod: "UpdateParams", Skip: true,
	}}
}
