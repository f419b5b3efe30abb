// Package storage registers who keeps the bytes of works, for what price, pays them by the
// second out of each work's escrow, and has them prove once a period that the bytes are there.
//
// It is not where bytes are kept (the storage nodes) nor where viewers pay for serving
// (x/stream). It never pays more than an escrow holds, and what providers have earned is the
// same in whatever order deals are settled. The spec is README.md; the code starts at
// types/escrow.go and keeper/deal.go; proofs begin at keeper/period.go and keeper/prove.go, copies
// that are lost go on at keeper/repair.go, works that nobody pays for at keeper/dry.go.
package storage
