// Package deals keeps what the chain says this node has promised, and accepts what it was asked for: from the
// creator's upload, or from other nodes that keep the work.
//
// Invariants: a deal is accepted only for bytes that are in the store, verified block by block, whose piece root
// was computed here and is the work's; a creator's upload serves works of that creator alone; what no deal
// names any more is not served, and is removed once the chain cannot ask for proofs of it; what is promised, again too, can
// be proved: all of it was read. Bytes from other nodes are held to their CIDs like all others.
//
// The chain is read as it is now, never as a history: after any outage one Sync is enough.
// Start at Keeper.Sync.
package deals
