// Package sessions is the HTTP side of paying: it opens lanes on the chain for viewers, many in one
// transaction, opens sessions inside them, takes words, and closes.
//
// Invariants: no session is opened but within a lane that a block holds, with the lane's key, at the price that
// the work asks now; a lane intent is submitted only when the chain would take it, so strangers cannot make the node
// pay gas for nothing; posting the same body again does nothing twice.
//
// It holds no state of its own: package ledger does. It never settles: package settle does.
// Start at Server, then Lanes.
package sessions
