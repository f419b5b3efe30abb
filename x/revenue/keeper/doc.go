// Package keeper keeps the custody of all payments and the ledgers of who owns what in it.
//
// It is not where prices are made (the modules above) nor where storage is paid (x/storage).
// Its invariant is CheckInvariants: what custody holds covers all that it owes, at any moment
// of a block. What a block has in flight lies in an object store that no two transactions
// share (inflight.go); EndBlock (abci.go) settles it and neither fails nor loses anything.
// Start at Distribute in distribute.go.
package keeper
