// Package keyshare derives the keys of encrypted works from a secret that nobody holds: a threshold
// pseudorandom function over ristretto255, after Naor, Pinkas and Reingold (Eurocrypt 1999), with
// Feldman's commitments and proofs of equal discrete logarithms.
//
// A creator deals a secret s to n holders, any t of which can answer for a window of a work with
// s·H(window), each for its share, and prove that it did. t answers give that window's key
// and say nothing of another's; the secret itself is never rebuilt. Holders who leave hand
// their shares over by resharing, under the same public commitment s·G.
//
// It is pure: no clock, no network, nothing of ours. Its bytes are fixed by docs/spec/keys.md and the
// vectors in testdata.
//
// Invariants: a share that Verify accepts gives answers that Verify accepts; Combine never returns a key out
// of an answer that does not fit the commitments, and names who gave it.
//
// It does not decide who may have a key, and does not protect what a viewer has decrypted.
//
// Start at Deal, Share.Answer and Combine.
package keyshare
