// Package sponsor is a small service that pays the network's fees of a newcomer's first transactions, so that an empty
// wallet can watch, buy and subscribe, and the client that asks it.
//
// What it gives is an allowance of x/feegrant for the few messages of a viewer's first use, with a small limit and an
// expiry, and where the operator wants it a starter credit. It is no faucet and no custodian: its own key, whose balance
// is all that can ever be lost, signs nothing but such grants. Consensus knows nothing of it; anybody may run one.
//
// Invariants, whatever is asked of it, and by whom:
//   - what it gives in any hour and any day costs at most that budget, its own fees included;
//   - an address is granted once; a grant is on stable storage before its transaction is sent;
//   - what it has promised and not yet paid, and the reserve, stay in its account;
//   - neither log nor ledger holds an address of the network beyond a hash whose salt is forgotten after a day.
//
// The order of checks makes every step dearer for the asker than for the service: seal and work (a hash each), then
// signature, then the chain. Files: challenge.go and proof.go (what is asked and how it is proved), network.go, budget.go,
// ledger.go (the limits), grant.go (the one goroutine that grants), chain.go (the chain), http.go. Start at New, or Ask.
package sponsor
