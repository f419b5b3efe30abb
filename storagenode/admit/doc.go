// Package admit decides who may read gated bytes: anybody, whoever the chain's Access grants the work, who
// pays its ticks, and other nodes that keep the same work.
//
// Invariants: what no rule grants is refused; a proof counts only for this chain, node, work and
// method, with a key that its owner has granted and not revoked; ticks are recorded before bytes leave; a node
// whose chain is more than MaxAge behind grants nothing on the chain's word.
//
// It keeps no money (package ledger) and no rules of its own: what access is, x/subscription says.
// Start at Gate.
package admit
