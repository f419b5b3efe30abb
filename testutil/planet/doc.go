// Package planet runs the whole system in one process for tests: a real chain of one validator
// (consensus engine, RPC, gRPC, databases on disk), real storage nodes over HTTP, and creators and
// viewers through the libraries that the programs use. Only time is short: blocks, windows, lanes.
//
// The chain can be stopped and started again on the same home, and a node killed, restarted or made
// to lie. Nothing is faked, so what passes here passes on a local network, only faster.
//
// Start at New; then Planet.Publish, Planet.Watch, Planet.Settle and Planet.Invariants.
package planet
