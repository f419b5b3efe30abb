// Package interop holds storage nodes and the packaging of works to implementations of IPFS that are not ours: Helia
// fetches a published work from a node, block by block and as CARs, and the importer of js-ipfs computes the CIDs of
// folders. Both are JavaScript, pinned in package-lock.json; `make interop` installs and runs them.
//
// The tests are skipped where they are not installed, except with INTEROP=1.
// Start at interop.mjs.
package interop
