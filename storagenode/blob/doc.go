// Package blob stores blocks by CID, verified on the way in and on the way out.
//
// Invariants: a block is acknowledged only when it is on stable storage; bytes that do not
// hash to their CID never enter and never leave; a write that fails leaves nothing behind.
// What lies beneath (flatfs, a map) is hidden behind Store; blobtest holds every
// implementation to the same suite.
//
// It knows nothing of works, payment or pins: package catalog says which blocks are whose.
// Start at Store.
package blob
