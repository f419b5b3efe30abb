package content

import (
	autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"

	"github.com/streamchain/streamchain/x/content/types"
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
		RpcMethod: "Params", Use: "params", Short: "Show deposits and the life of a commit",
		Example: "streamd query content params",
	}, {
		RpcMethod: "Creator", Use: "creator [id]", Short: "Show a creator by id", PositionalArgs: args("creator"),
		Example: "streamd query content creator streamcreator1…",
	}, {
		RpcMethod: "CreatorByHandle", Use: "handle [handle]", Short: "Show the creator that holds a handle", PositionalArgs: args("handle"),
		Example: "streamd query content handle alice",
	}, {
		RpcMethod: "HandleReservation", Use: "handle-reservation [handle]", Short: "Show until when a handle is reserved that was given up or taken away",
		PositionalArgs: args("handle"), Example: "streamd query content handle-reservation alice",
	}, {
		RpcMethod: "CreatorByController", Use: "creator-of [address]", Short: "Show the creator that an account controls", PositionalArgs: args("controller"),
		Example: "streamd query content creator-of stream1…",
	}, {
		RpcMethod: "Creators", Use: "creators", Short: "List creators",
		Example: "streamd query content creators --page-limit 20",
	}, {
		RpcMethod: "Work", Use: "work [cid]", Short: "Show one version of a work", PositionalArgs: args("work"),
		Example: "streamd query content work bafyrei…",
	}, {
		RpcMethod: "WorksByCreator", Use: "works [creator]", Short: "List a creator's works, oldest first", PositionalArgs: args("creator"),
		Example: "streamd query content works streamcreator1… --status active",
	}, {
		RpcMethod: "Versions", Use: "versions [root]", Short: "List the versions of a work, oldest first", PositionalArgs: args("root"),
		Example: "streamd query content versions bafyrei…",
	}, {
		RpcMethod: "Collection", Use: "collection [id]", Short: "Show a collection and its works in order", PositionalArgs: args("collection"),
		Example: "streamd query content collection streamcreator1…/c1",
	}, {
		RpcMethod: "CollectionsByCreator", Use: "collections [creator]", Short: "List a creator's collections, oldest first", PositionalArgs: args("creator"),
		Example: "streamd query content collections streamcreator1…",
	}, {
		RpcMethod: "CollectionsOfWork", Use: "collections-of [work]", Short: "List the collections that a work is in, or was", PositionalArgs: args("work"),
		Example: "streamd query content collections-of bafyrei…",
	}, {
		RpcMethod: "Commit", Use: "commit [hash]", Short: "Show a live commit by its hash in hexadecimal", PositionalArgs: args("hash"),
		Example: "streamd query content commit 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
	}, {
		RpcMethod: "Feed", Use: "feed [id]", Short: "Show a feed generator", PositionalArgs: args("feed"),
		Example: "streamd query content feed stream1…/short-songs",
	}, {
		RpcMethod: "Feeds", Use: "feeds", Short: "List feed generators, all of them or one account's",
		Example: "streamd query content feeds --owner stream1…",
	}, {
		RpcMethod: "Level", Use: "level [creator]", Short: "Show how far a creator is verified", PositionalArgs: args("creator"),
		Example: "streamd query content level streamcreator1…",
	}, {
		RpcMethod: "Attestations", Use: "attestations [creator]", Short: "List what attesters said for a creator", PositionalArgs: args("creator"),
		Example: "streamd query content attestations streamcreator1…",
	}, {
		RpcMethod: "Attesters", Use: "attesters", Short: "List who may vouch for creators",
		Example: "streamd query content attesters",
	}, {
		RpcMethod: "Rotation", Use: "rotation [creator]", Short: "Show the change of a creator's controller that waits", PositionalArgs: args("creator"),
		Example: "streamd query content rotation streamcreator1…",
	}, {
		RpcMethod: "RotationsTo", Use: "rotations-to [address]", Short: "List the creators that an account is to take over", PositionalArgs: args("new_controller"),
		Example: "streamd query content rotations-to stream1…",
	}}
}

func txCommands() []*autocliv1.RpcCommandOptions {
	return []*autocliv1.RpcCommandOptions{{
		RpcMethod: "RegisterCreator", Use: "register-creator", Short: "Make your account a creator, once",
		Example: "streamd tx content register-creator --handle alice --from alice",
	}, {
		RpcMethod: "SetHandle", Use: "set-handle [creator] [handle]", Short: "Take or change a handle; an empty one gives it up",
		PositionalArgs: args("creator", "handle"),
		Example:        "streamd tx content set-handle streamcreator1… alice --from alice",
	}, {
		RpcMethod: "Commit", Use: "commit [hash]", Short: "Date the hash of media that you will publish", PositionalArgs: args("hash"),
		Example: "streamd tx content commit 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 --from alice",
	}, {
		RpcMethod: "Publish", Use: "publish-manifest [creator] [media]",
		Short:          "Publish a work from the fields of its manifest (`streamd publish` does the whole job)",
		PositionalArgs: args("creator", "media"),
		Example: "streamd tx content publish-manifest streamcreator1… bafybei… --kind video --title \"A film\" " +
			"--duration-seconds 30 --piece-root 5f…e1 --piece-size 22700000 --licence CC-BY-3.0 --from alice",
	}, {
		RpcMethod: "Retire", Use: "retire [cid]", Short: "Withdraw every version of a work, for good", PositionalArgs: args("work"),
		Example: "streamd tx content retire bafyrei… --from alice",
	}, {
		RpcMethod: "CreateCollection", Use: "create-collection [creator] [kind] [title]", Short: "Make an album, series, course or podcast of your works",
		PositionalArgs: args("creator", "kind", "title"),
		Example:        `streamd tx content create-collection streamcreator1… series "A series" --works bafyrei…,bafyrei… --from alice`,
	}, {
		RpcMethod: "UpdateCollection", Use: "update-collection [collection]", Short: "Take works in or out of a collection, order them, or change its title",
		PositionalArgs: args("collection"),
		Example:        "streamd tx content update-collection streamcreator1…/c1 --add bafyrei… --remove bafyrei… --from alice",
	}, {
		RpcMethod: "RegisterFeed", Use: "register-feed [name] [endpoint] [key] [title]", Short: "Register a service that recommends works",
		PositionalArgs: args("name", "endpoint", "key", "title"),
		Example: "streamd tx content register-feed short-songs https://feeds.example.com 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 " +
			"\"Short songs\" --description \"Under four minutes, by newcomers\" --from alice",
	}, {
		RpcMethod: "UpdateFeed", Use: "update-feed [id] [endpoint] [key] [title]", Short: "Replace all that your feed says of itself",
		PositionalArgs: args("feed", "endpoint", "key", "title"),
		Example:        "streamd tx content update-feed stream1…/short-songs https://feeds.example.com 9f86…0a08 \"Short songs\" --from alice",
	}, {
		RpcMethod: "RemoveFeed", Use: "remove-feed [id]", Short: "Remove your feed and get its deposit back", PositionalArgs: args("feed"),
		Example: "streamd tx content remove-feed stream1…/short-songs --from alice",
	}, {
		// signed by the governance account, so it goes inside a proposal
		RpcMethod: "UpdateParams", Skip: true,
	}, {
		RpcMethod: "SetAttester", Skip: true,
	}, {
		RpcMethod: "Attest", Use: "attest [creator] [level] [evidence-hash] [expires]",
		Short:          "Vouch for a creator (`streamd attest` checks a domain first)",
		PositionalArgs: args("creator", "level", "evidence_hash", "expires"),
		Example:        "streamd tx content attest streamcreator1… 2 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 1830000000 --from attester",
	}, {
		RpcMethod: "RevokeAttestation", Use: "revoke-attestation [creator] [attester]", Short: "Take back your word for a creator",
		PositionalArgs: args("creator", "attester"),
		Example:        "streamd tx content revoke-attestation streamcreator1… stream1… --from attester",
	}, {
		RpcMethod: "RotateController", Use: "rotate-controller [creator] [new-controller]", Short: "Ask for another account to act for your creator, after a delay",
		PositionalArgs: args("creator", "new_controller"),
		Example:        "streamd tx content rotate-controller streamcreator1… stream1… --from alice",
	}, {
		RpcMethod: "VetoRotation", Use: "veto-rotation [creator]", Short: "Refuse a change of your creator's controller within its delay",
		PositionalArgs: args("creator"),
		Example:        "streamd tx content veto-rotation streamcreator1… --from alice",
	}, {
		RpcMethod: "AcceptRotation", Use: "accept-rotation [creator]", Short: "Take a creator over, after the delay",
		PositionalArgs: args("creator"),
		Example:        "streamd tx content accept-rotation streamcreator1… --from newkey",
	}}
}
