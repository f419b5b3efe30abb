// Package chainclient is the Go client of the chain: queries over gRPC, signing and
// broadcasting with retries, decoding typed events, following blocks.
//
// It is the only way that off-chain code sees the chain: it links module types, never
// a keeper or the app. It keeps no state but each signer's next sequence, so any number
// of programs may run beside each other with different signers.
//
// Start at Dial; then Conn for queries, Broadcast to send, FollowBlocks to listen.
package chainclient
