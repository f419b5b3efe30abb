package dispute

import (
	autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"

	"github.com/streamchain/streamchain/x/dispute/types"
)

// AutoCLIOptions puts every query and message on the command line.
func (AppModule) AutoCLIOptions() *autocliv1.ModuleOptions {
	return &autocliv1.ModuleOptions{
		Query: &autocliv1.ServiceCommandDescriptor{Service: types.Query_serviceDesc.ServiceName, RpcCommandOptions: queries()},
		Tx:    &autocliv1.ServiceCommandDescriptor{Service: types.Msg_serviceDesc.ServiceName, RpcCommandOptions: append(claims(), juries()...)},
	}
}

func queries() []*autocliv1.RpcCommandOptions {
	return []*autocliv1.RpcCommandOptions{{
		RpcMethod: "Params", Use: "params", Short: "Show what each kind of dispute costs and how long its steps are",
		Example: "streamd query dispute params",
	}, {
		RpcMethod: "Dispute", Use: "dispute [id]", Short: "Show a dispute, and what an appeal would need", PositionalArgs: args("id"),
		Example: "streamd query dispute dispute 1",
	}, {
		RpcMethod: "Disputes", Use: "disputes", Short: "List disputes, newest first",
		Example: "streamd query dispute disputes --status appeal",
	}, {
		RpcMethod: "DisputesOf", Use: "disputes-of [creator-or-operator]", Short: "List disputes against a creator or a storage provider", PositionalArgs: args("respondent"),
		Example: "streamd query dispute disputes-of streamcreator1…",
	}, {
		RpcMethod: "Ballots", Use: "ballots [dispute] [round]", Short: "Show a round's jury while the dispute is open", PositionalArgs: args("dispute", "round"),
		Example: "streamd query dispute ballots 1 0",
	}, {
		RpcMethod: "Juror", Use: "juror [address]", Short: "Show a juror's stake", PositionalArgs: args("address"),
		Example: "streamd query dispute juror stream1…",
	}, {
		RpcMethod: "Jurors", Use: "jurors", Short: "List jurors",
		Example: "streamd query dispute jurors",
	}, {
		RpcMethod: "Duties", Use: "duties [address]", Short: "List the juries that a juror sits on", PositionalArgs: args("address"),
		Example: "streamd query dispute duties stream1…",
	}, {
		RpcMethod: "Owed", Use: "owed [account]", Short: "Show what an account can claim", PositionalArgs: args("account"),
		Example: "streamd query dispute owed stream1…",
	}, {
		RpcMethod: "Notices", Use: "notices", Short: "List the public log of claims, rulings and takedowns",
		Example: "streamd query dispute notices --after 10",
	}, {
		RpcMethod: "Remedies", Use: "remedies", Short: "List rulings that are still to be carried out, with the last failure",
		Example: "streamd query dispute remedies",
	}}
}

func claims() []*autocliv1.RpcCommandOptions {
	return []*autocliv1.RpcCommandOptions{{
		RpcMethod: "OpenDispute", Use: "open-dispute [kind] [subject] [evidence] [bond]", Short: "Make a claim; amounts are in ustream",
		PositionalArgs: args("kind", "subject", "evidence", "bond"),
		Example: `streamd tx dispute open-dispute infringement bafyrei… bafkrei… 200000000 --interim --from alice
streamd tx dispute open-dispute refund stream1…-1 bafkrei… 20000000 --from viewer
streamd tx dispute open-dispute split bafyrei… bafkrei… 200000000 --shares '{"recipient":"stream1…","bps":10000}' --from bob`,
	}, {
		RpcMethod: "Respond", Use: "respond [dispute] [evidence]", Short: "Answer a claim, with a bond", PositionalArgs: args("dispute", "evidence"),
		Example: "streamd tx dispute respond 1 bafkrei… --from creator",
	}, {
		RpcMethod: "AddEvidence", Use: "add-evidence [dispute] [evidence]", Short: "Point jurors to another document", PositionalArgs: args("dispute", "evidence"),
		Example: "streamd tx dispute add-evidence 1 bafkrei… --from alice",
	}, {
		RpcMethod: "ContestHold", Use: "contest-hold [dispute] [hold-id]", Short: "Let another held payment wait for the ruling", PositionalArgs: args("dispute", "hold_id"),
		Example: "streamd tx dispute contest-hold 1 stream1…-1 --add-bond 1000000 --from alice",
	}, {
		RpcMethod: "Appeal", Use: "appeal [dispute] [evidence] [max-bond]", Short: "Ask for a larger jury", PositionalArgs: args("dispute", "evidence", "max_bond"),
		Example: "streamd tx dispute appeal 1 bafkrei… 450000000 --from alice",
	}, {
		RpcMethod: "ClaimOwed", Use: "claim-owed", Short: "Claim bonds that returned, rewards and stake that was taken back",
		Example: "streamd tx dispute claim-owed --from alice",
	}}
}

func juries() []*autocliv1.RpcCommandOptions {
	return []*autocliv1.RpcCommandOptions{{
		RpcMethod: "StakeJuror", Use: "stake-juror [amount]", Short: "Add to your stake as a juror, in ustream", PositionalArgs: args("amount"),
		Example: "streamd tx dispute stake-juror 500000000 --from juror",
	}, {
		RpcMethod: "UnstakeJuror", Use: "unstake-juror [amount]", Short: "Take free stake back, after a wait", PositionalArgs: args("amount"),
		Example: "streamd tx dispute unstake-juror 500000000 --from juror",
	}, {
		RpcMethod: "CommitVote", Use: "commit-vote [dispute] [round] [commit]", Short: "Seal a vote; `streamd juror commit` makes the hash", PositionalArgs: args("dispute", "round", "commit"),
		Example: "streamd tx dispute commit-vote 1 0 6Pu… --from juror",
	}, {
		RpcMethod: "RevealVote", Use: "reveal-vote [dispute] [round] [choice] [salt]", Short: "Show a vote; `streamd juror reveal` finds the salt", PositionalArgs: args("dispute", "round", "choice", "salt"),
		Example: "streamd tx dispute reveal-vote 1 0 uphold 6Pu… --from juror",
	}, {
		// signed by the governance account, so it goes inside a MsgEnact
		RpcMethod: "UpdateParams", Skip: true,
	}}
}

func args(fields ...string) []*autocliv1.PositionalArgDescriptor {
	out := make([]*autocliv1.PositionalArgDescriptor, len(fields))
	for i, f := range fields {
		out[i] = &autocliv1.PositionalArgDescriptor{ProtoField: f}
	}
	return out
}
