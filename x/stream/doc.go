// Package stream pays for what is watched: session keys that sign without a wallet, escrows,
// lanes that reserve a part of one for a storage provider, settlement of sessions by one
// signature and one hash per tick, and tips.
//
// It decides neither who may watch nor how a payment is shared: x/subscription and x/revenue
// do, and x/revenue's custody holds the coins. Its invariants: a lane never pays more than its
// cap, an escrow's coins are never promised twice, a voucher pays at its own chain, escrow,
// provider, generation and session only. The spec is README.md; the code starts at
// keeper/settle.go.
package stream
