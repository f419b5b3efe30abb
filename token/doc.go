// Package token says what a STREAM and an address look like: denominations,
// bech32 prefixes, reading and writing amounts.
//
// It is not the ledger (x/bank) nor the token's economics (x/stream). It is the
// one package of ours beside the pure ones that every other may import.
// Start at Configure and Parse.
package token
