// Package upload takes the piece of a work from its creator: a CAR, resumable, signed by the creator's account.
//
// Invariants: bytes enter the block store only when the whole piece is there, its BLAKE3 root is the one
// signed for, and re-encoding the DAG beneath its roots gives those very bytes, so nothing is missing and nothing
// lies beside it. What a creator brought is used for works of that creator alone (package catalog).
//
// An upload is not served and not promised: that is a deal (package deals).
// Start at Server.
package upload
