// Package storagenode is the storage node: it serves works to viewers for pay, takes them from creators, keeps what
// the chain says it has promised, and settles what it has earned.
//
// Each job is a package of its own: blob, dag and catalog keep the bytes; serve and admit give them out; upload
// and deals bring them in; outboard and prove show the chain that they are here; ledger, sessions and settle are the money, uses that of works that cost viewers nothing by the tick; wire is what is said to clients. This
// package puts them together, follows the chain, and says how the node is.
//
// Each of its steps (SyncDeals, Prove, Settle, Sweep) may be called at any time, also by hand, and repeated.
// It does not register the provider or hold its bond: the operator's cold key does that.
//
// Start at New and Node.Run.
package storagenode
