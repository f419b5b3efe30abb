// Package indexscale is a made-up chain of any size for the indexer: a genesis with works, and blocks in which works are published, sold,
// watched by the second, tipped, stored and proved. Its events are the chain's own types and its works' ids are real: made by the code of
// package manifest. It is a function of its configuration, so that two readers see the same chain.
//
// It is not a chain: nothing is signed or executed. Tests that need one use package planet.
//
// Start at New. Command indexscale/bench measures an index of it (scripts/bench-index.sh).
package indexscale
