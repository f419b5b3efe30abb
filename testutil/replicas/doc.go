// Package replicas runs the whole chain in one process through ABCI, and several copies of it
// beside each other: in sequence, in parallel, with and without having seen a transaction
// before its block. Every copy must give the same results and the same app hash.
//
// There is no network and no consensus engine: a block is what the test says.
// Start at NewChain for one chain, at New for copies, at Traffic for random transactions.
package replicas
