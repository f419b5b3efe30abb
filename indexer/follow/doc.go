// Package follow keeps an index up with its chain: genesis first, then every block once and in order.
//
// It is driven by height: the cursor says which block is next, whatever has told that there is one. A block, or a batch of them while it
// catches up, goes in with the cursor in one transaction, so that a kill at any moment leaves whole blocks. It stops on what does not
// fit (a gap, another past, an event that it cannot read) and says so; it never skips. It waits through restarts of the node.
//
// Start at Follower.Run. Source is what it needs of a chain: chainclient.Client is one.
package follow
