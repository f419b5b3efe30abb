// Package settle turns the words of the ledger into coins: it settles sessions in batches, and closes lanes whose
// sessions are over, so that the rest returns to the viewers.
//
// Invariants: nothing is marked as settled but what the chain says is; a lane is closed only when all its
// sessions are closed and settled, and takes no new one meanwhile; what the chain refuses for good is let go when
// the lane ends and never blocks the rest.
//
// Each step may be repeated, in any state, after any crash: the chain pays a tick once.
// Start at Settler.Step.
package settle
