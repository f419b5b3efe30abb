// Package chainclient is the Go client of the chain: queries over gRPC, signing and
// broadcasting with retries, decoding typed events, following blocks. It is public: programs
// outside this repository may build on it. Apps in TypeScript use sdk/ts.
//
// # Queries
//
// [Dial] connects to one node and checks that it is of the chain. [Client.Conn] carries the
// query clients of the modules (types.NewQueryClient of each x/*/types) and of the SDK; calls
// that fail because the node restarts are repeated for [Config].Patience. [AtHeight] asks for
// an earlier state, [Client.Prove] for a row of the state with its proof.
//
// # Transactions
//
// [Client.Broadcast] simulates messages, signs them with a [Signer], sends them, and waits
// until a block holds them. Transactions of one account queue, so any number of goroutines
// may share a client; programs that share an account find their place again by themselves.
// [Client.BroadcastWithin] bounds fee and height, [Client.FeesFrom] lets an allowance pay.
//
// A refusal is a [*TxError], which unwraps to the module's sentinel error, so that
// errors.Is(err, contenttypes.ErrHandleTaken) holds; call [RegisterErrors] for those that a
// program compares with. [ErrUnconfirmed] means that the outcome is not known: look for the
// transaction by its hash before sending again.
//
// # Blocks
//
// [Client.FollowBlocks] gives every block once and in order with its typed events, through
// restarts; [Client.RawBlock] keeps what this program does not know.
//
// # What it is not
//
// It is the only way that off-chain code of this repository sees the chain: it links module
// types, never a keeper or the app. It keeps no state but each signer's next sequence, trusts
// its node (but for Prove), and knows nothing of storage nodes (package nodeclient).
package chainclient
