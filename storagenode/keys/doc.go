// Package keys is the holder: it keeps a node's shares of the secrets of encrypted works, and answers for windows of those that a viewer may see.
//
// Holder does what the chain asks of a holder: it offers itself, checks and keeps dealt shares, hands them over in resharings, and erases what is
// replaced. Server answers POST /v1/keys. Book remembers what was paid for and released; Settler has the chain pay what a server left.
//
// Invariants: a share is on disk, synced, before the chain hears that it is accepted; it is erased only when the chain shows a newer set that is
// active, or a newer draw than one that never was. What the rules do not allow is refused. What was paid for is on disk before it is answered.
// No share, word or answer is ever in a log.
//
// It does not know a key: it answers with its part, and a viewer needs the parts of others.
//
// Start at Holder.Step and Server.
package keys
