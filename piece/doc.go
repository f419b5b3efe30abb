// Package piece commits to a work's bytes and proves that somebody has them. The piece is the CAR of
// a work's media and cover; its root is the BLAKE3 hash of that file, so any tool can recompute
// it; a proof is a Bao slice: one leaf of 1 KiB and the tree nodes that lead to it, about 2 KiB.
//
// Who keeps a piece also keeps its outboard, the tree above groups of 16 KiB (0.4 % of
// the piece): a proof then reads one group from disk, not the piece.
//
// It is pure: nothing of ours, no clock, no goroutine. Verify is run by the chain: its time and memory are
// bounded by the length of a proof, which is fixed by size and offset. Its bytes are fixed by
// docs/spec/piece.md and the vectors in testdata.
//
// Invariants: Verify accepts exactly one proof for a root, size and leaf; Prove never returns one that
// Verify refuses for the outboard's own root.
//
// It does not say that a copy is unique or that it is stored where it is proved.
//
// Start at Builder, Prove and Verify.
package piece
