// Package keyclient gets the keys of an encrypted work from those who hold its shares.
//
// It finds the work's active key set and the holders' endpoints on the chain, asks as many holders at once as answers are needed, and the others when
// those are slow or refuse; it checks every answer's proof, names who lied, and remembers windows in memory.
//
// Invariant: a key that Windows returns is the one that the work's manifest commits to, whatever holders answer. Holders learn who asks, what for
// and what was paid, never a key.
//
// It does not decrypt media and does not open lanes: what pays is the caller's to give.
//
// Start at Client.Windows.
package keyclient
