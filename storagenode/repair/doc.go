// Package repair takes copies that are wanted: of works that another node lost, gave up or refused. It looks at the chain's
// list, chooses what this node may take and has room for, fetches the work from the nodes that keep it, and promises it.
//
// Invariants: nothing is promised whose bytes are not in the store, every block verified and the whole held to the piece;
// a denied work is never fetched; a node never takes a copy that it had itself. Nodes wait for different whiles, drawn from
// who they are and what is wanted, so that they do not all fetch the same; who comes second has lost nothing but the
// fetching, and its bytes go again.
//
// It decides no price: the node's own is what the chain has, and the most that a copy may cost stands in its row.
// Start at Repairer.Step.
package repair
