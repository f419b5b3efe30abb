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
				RpcMethod: "Params", Use: "params", Short: "Show how the timelocks are scaled",
				Example: "streamd query governance params",
			}, {
				RpcMethod: "Enactment", Use: "enactment [id]", Short: "Show an enactment", PositionalArgs: args("id"),
				Example: "streamd query governance enactment 1",
			}, {
				RpcMethod: "Enactments", Use: "enactments", Short: "List enactments, oldest first",
				Example: "streamd query governance enactments --status queued",
			}, {
				RpcMethod: "Outlook", Use: "outlook [proposal-id]", Short: "Show what a proposal needs and where its votes stand", PositionalArgs: args("proposal_id"),
				Example: "streamd query governance outlook 1",
			}, {
				RpcMethod: "Rules", Use: "rules", Short: "List what each kind of decision needs, strictest first",
				Example: "streamd query governance rules",
			}, {
				RpcMethod: "Delegations", Use: "delegations [delegator]", Short: "Show to whom an account lends its vote", PositionalArgs: args("delegator"),
				Example: "streamd query governance delegations stream1…",
			}, {
				RpcMethod: "Delegators", Use: "delegators [delegate]", Short: "List who lends a vote to an account", PositionalArgs: args("delegate"),
				Example: "streamd query governance delegators stream1…",
			}, {
				RpcMethod: "Seat", Use: "seat [creator]", Short: "Show a creator's seat in the creators' house, and whether its vote counts", PositionalArgs: args("creator"),
				Example: "streamd query governance seat streamcreator1…",
			}, {
				RpcMethod: "Seats", Use: "seats", Short: "List the creators' house, and how many seats it has",
				Example: "streamd query governance seats --page-limit 20",
			}, {
				RpcMethod: "Council", Use: "council", Short: "Show the council and what is paused or voted on",
				Example: "streamd query governance council",
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
				RpcMethod: "DelegateVote", Use: "delegate-vote [delegate]", Short: "Lend your vote to somebody; your own vote overrides it",
				PositionalArgs: args("delegate"),
				FlagOptions:    map[string]*autocliv1.FlagOptions{"track": {Usage: "only for one kind of decision: upgrade, fees-and-court, content-policy, parameters, treasury or safety", DefaultValue: "unspecified"}},
				Example:        "streamd tx governance delegate-vote stream1… --track treasury --from alice",
			}, {
				RpcMethod: "UndelegateVote", Use: "undelegate-vote [delegator]", Short: "Take a lent vote back, or refuse one that was lent to you",
				PositionalArgs: args("delegator"),
				Example:        "streamd tx governance undelegate-vote $(streamd keys show alice -a) --track treasury --from alice",
			}, {
				RpcMethod: "Pause", Use: "pause [type-url] [seconds] [reason]", Short: "Vote in the council for pausing a type of message",
				PositionalArgs: args("type_url", "seconds", "reason"),
				Example:        `streamd tx governance pause /streamchain.content.v1.MsgPublish 3600 "works without media are accepted" --from member`,
			}, {
				RpcMethod: "Resume", Use: "resume [type-url]", Short: "End a pause before its time", PositionalArgs: args("type_url"),
				Example: "streamd tx governance resume /streamchain.content.v1.MsgPublish --from member",
			}, {
				RpcMethod: "TakeSeat", Use: "take-seat [creator]", Short: "Take your creator's seat in the creators' house, or renew it", PositionalArgs: args("creator"),
				Example: "streamd tx governance take-seat streamcreator1… --from alice",
			}, {
				// signed by the governance account, so they go inside a MsgEnact
				RpcMethod: "UpdateParams", Skip: true,
			}, {
				RpcMethod: "SetCouncil", Skip: true,
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
