package subscription

import (
	autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"

	"github.com/streamchain/streamchain/x/subscription/types"
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
		RpcMethod: "Params", Use: "params", Short: "Show the shortest period of a plan and the grace of a renewal",
		Example: "streamd query subscription params",
	}, {
		RpcMethod: "Access", Use: "access [work]", Short: "Decide whether a viewer may have a work, and show what it costs", PositionalArgs: args("work"),
		Example: "streamd query subscription access bafyrei… --viewer stream1…",
	}, {
		RpcMethod: "Offers", Use: "offers [work]", Short: "Show what a work or a collection offers", PositionalArgs: args("work"),
		Example: "streamd query subscription offers bafyrei…",
	}, {
		RpcMethod: "Plan", Use: "plan [id]", Short: "Show a plan", PositionalArgs: args("plan"),
		Example: "streamd query subscription plan streamcreator1…/1",
	}, {
		RpcMethod: "PlanWorks", Use: "plan-works [id]", Short: "List the works that a plan lists", PositionalArgs: args("plan"),
		Example: "streamd query subscription plan-works streamcreator1…/1",
	}, {
		RpcMethod: "PlansByCreator", Use: "plans [creator]", Short: "List a creator's plans, oldest first", PositionalArgs: args("creator"),
		Example: "streamd query subscription plans streamcreator1…",
	}, {
		RpcMethod: "Subscriptions", Use: "subscriptions [viewer]", Short: "List a viewer's running subscriptions", PositionalArgs: args("viewer"),
		Example: "streamd query subscription subscriptions stream1…",
	}, {
		RpcMethod: "Rentals", Use: "rentals [viewer]", Short: "List a viewer's running rentals", PositionalArgs: args("viewer"),
		Example: "streamd query subscription rentals stream1…",
	}, {
		RpcMethod: "Purchases", Use: "purchases [viewer]", Short: "List what a viewer owns", PositionalArgs: args("viewer"),
		Example: "streamd query subscription purchases stream1…",
	}, {
		RpcMethod: "Template", Use: "template [id]", Short: "Show a monetization template", PositionalArgs: args("template"),
		Example: "streamd query subscription template stream1…/1",
	}, {
		RpcMethod: "Templates", Use: "templates", Short: "List monetization templates: all, or those of --author",
		Example: "streamd query subscription templates --author stream1…",
	}, {
		RpcMethod: "TemplateStanding", Use: "template-standing [work] [viewer]", Short: "Show what a viewer has bought of a work or collection by templates",
		PositionalArgs: args("work", "viewer"),
		Example:        "streamd query subscription template-standing bafyrei… stream1…",
	}, {
		RpcMethod: "TemplatePreview", Use: "template-preview", Short: "Show what a template answers, and who would get what (`streamd template try` is easier)",
		Example: `streamd query subscription template-preview --work bafyrei… --viewer stream1… --facts '{"name":"viewer.purchases","value":{"type":1,"number":"1"}}'`,
	}, {
		RpcMethod: "Pass", Use: "pass [id]", Short: "Show a pass over many creators", PositionalArgs: args("pass"),
		Example: "streamd query subscription pass pass-1",
	}, {
		RpcMethod: "Passes", Use: "passes", Short: "List passes: all, or those that --creator is in",
		Example: "streamd query subscription passes --creator streamcreator1…",
	}, {
		RpcMethod: "PassMembers", Use: "pass-members [id]", Short: "List the creators that a pass lists", PositionalArgs: args("pass"),
		Example: "streamd query subscription pass-members pass-1",
	}, {
		RpcMethod: "PassSubscriptions", Use: "pass-subscriptions [viewer]", Short: "List a viewer's passes", PositionalArgs: args("viewer"),
		Example: "streamd query subscription pass-subscriptions stream1…",
	}, {
		RpcMethod: "PassPreview", Use: "pass-preview [viewer] [pass]", Short: "Show what counts for a viewer's fee and who would get what now", PositionalArgs: args("viewer", "pass"),
		Example: "streamd query subscription pass-preview stream1… pass-1",
	}}
}

func txCommands() []*autocliv1.RpcCommandOptions {
	return []*autocliv1.RpcCommandOptions{{
		RpcMethod: "SetOffers", Use: "set-offers [work]", Short: "Replace all that a work or a collection offers; without --offers, withdraw all", PositionalArgs: args("work"),
		Example: `streamd tx subscription set-offers bafyrei… \
  --offers '{"purchase":{"price":{"denom":"ustream","amount":"5000000"}}}' \
  --offers '{"metered":{"price_per_tick":"100","tick_seconds":1,"preview_seconds":10}}' --from alice`,
	}, {
		RpcMethod: "CreatePlan", Use: "create-plan [creator] [title] [price] [period-seconds]",
		Short:          "Make a plan of all your works, or of those listed with --works",
		PositionalArgs: args("creator", "title", "price", "period_seconds"),
		Example:        `streamd tx subscription create-plan streamcreator1… "Everything" 3000000ustream 2592000 --coverage all --from alice`,
	}, {
		RpcMethod: "UpdatePlan", Use: "update-plan [plan] [price] [title]", Short: "Set a plan's price and title, and whether it is closed",
		PositionalArgs: args("plan", "price", "title"),
		Example:        `streamd tx subscription update-plan streamcreator1…/1 4000000ustream "Everything" --closed --from alice`,
	}, {
		RpcMethod: "Purchase", Use: "purchase [work] [max-price]", Short: "Buy lasting access to a work or a collection, for you or as a gift",
		PositionalArgs: args("work", "max_price"),
		Example:        "streamd tx subscription purchase bafyrei… 5000000ustream --recipient stream1… --from viewer",
	}, {
		RpcMethod: "Rent", Use: "rent [work] [duration-seconds] [max-price]", Short: "Buy access to a work or a collection that ends, for you or as a gift",
		PositionalArgs: args("work", "duration_seconds", "max_price"),
		Example:        "streamd tx subscription rent bafyrei… 172800 1000000ustream --from viewer",
	}, {
		RpcMethod: "SetRenewal", Use: "set-renewal [plan] [max-price] [renewals]", Short: "Change what renews a subscription; with 0, end that",
		PositionalArgs: args("plan", "max_price", "renewals"),
		Example:        "streamd tx subscription set-renewal streamcreator1…/1 3000000ustream 0 --from viewer",
	}, {
		RpcMethod: "Cancel", Use: "cancel [plan]", Short: "End a subscription now and get back what is unused", PositionalArgs: args("plan"),
		Example: "streamd tx subscription cancel streamcreator1…/1 --from viewer",
	}, {
		RpcMethod: "Subscribe", Use: "subscribe [plan] [max-price] [periods]", Short: "Buy periods of a plan, for you or as a gift; the price is for one",
		PositionalArgs: args("plan", "max_price", "periods"),
		Example:        "streamd tx subscription subscribe streamcreator1…/1 3000000ustream 1 --renewals 12 --from viewer",
	}, {
		RpcMethod: "PublishTemplate", Use: "publish-template [title]", Short: "Publish a monetization template (`streamd template publish` does it from a file)",
		PositionalArgs: args("title"),
		Example: `streamd tx subscription publish-template "Sold once" --access 'viewer.purchases > 0' \
  --price 'viewer.purchases > 0 ? -1 : 5000000' --refund 0 --royalty-bps 100 --from bob`,
	}, {
		RpcMethod: "RemoveTemplate", Use: "remove-template [id]", Short: "Take back a template that nobody has used, and its deposit",
		PositionalArgs: args("template"),
		Example:        "streamd tx subscription remove-template stream1…/1 --from bob",
	}, {
		RpcMethod: "PurchaseByTemplate", Use: "purchase-by-template [work] [max-price] [offers-version]", Short: "Buy what a template sells now, for you or as a gift",
		PositionalArgs: args("work", "max_price", "offers_version"),
		Example:        "streamd tx subscription purchase-by-template bafyrei… 5000000ustream 1 --pay 2000000ustream --referrer stream1… --from viewer",
	}, {
		RpcMethod: "RefundByTemplate", Use: "refund-by-template [work]", Short: "Give back the last purchase by a template, as far as it allows",
		PositionalArgs: args("work"),
		Example:        "streamd tx subscription refund-by-template bafyrei… --from viewer",
	}, {
		RpcMethod: "CreatePass", Use: "create-pass [title] [price] [period-seconds]", Short: "Make a pass over many creators; each has to accept",
		PositionalArgs: args("title", "price", "period_seconds"),
		Example:        `streamd tx subscription create-pass "All of it" 10000000ustream 2592000 --creators streamcreator1…,streamcreator1… --from bob`,
	}, {
		RpcMethod: "UpdatePass", Use: "update-pass [pass] [title] [price]", Short: "Set a pass's title and price, whether it is closed, and whom it lists",
		PositionalArgs: args("pass", "title", "price"),
		Example:        `streamd tx subscription update-pass pass-1 "All of it" 12000000ustream --add streamcreator1… --from bob`,
	}, {
		RpcMethod: "JoinPass", Use: "join-pass [pass] [creator]", Short: "Accept that a pass sells your works", PositionalArgs: args("pass", "creator"),
		Example: "streamd tx subscription join-pass pass-1 streamcreator1… --from alice",
	}, {
		RpcMethod: "LeavePass", Use: "leave-pass [pass] [creator]", Short: "Leave a pass; periods that have begun cover you to their end", PositionalArgs: args("pass", "creator"),
		Example: "streamd tx subscription leave-pass pass-1 streamcreator1… --from alice",
	}, {
		RpcMethod: "SubscribePass", Use: "subscribe-pass [pass] [max-price] [periods]", Short: "Buy periods of a pass, for you or as a gift; the price is for one",
		PositionalArgs: args("pass", "max_price", "periods"),
		Example:        "streamd tx subscription subscribe-pass pass-1 10000000ustream 1 --renewals 12 --from viewer",
	}, {
		RpcMethod: "CancelPass", Use: "cancel-pass [pass]", Short: "End renewals and give the periods that have not begun back to who paid", PositionalArgs: args("pass"),
		Example: "streamd tx subscription cancel-pass pass-1 --from viewer",
	}, {
		// signed by the governance account, so it goes inside a proposal
		RpcMethod: "UpdateParams", Skip: true,
	}}
}
