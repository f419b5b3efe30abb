// Package prove answers the chain's challenges: one message a period, whatever the node keeps, with the next value of
// the node's hash chain, its share in the chain's randomness.
//
// Invariants: no answer is sent that was not verified here; a challenge is left out only near the end of the window, and
// only where the bytes are surely gone here and no other node gave them, since leaving it out ends the deal. The chain
// is asked before each step, and what must outlive a crash is one file of seeds: a step may be repeated, and the
// process killed, at any point.
//
// It repairs nothing itself (package deals fetches blocks) and keeps nothing (packages catalog, outboard).
// Start at Prover.Step.
package prove
