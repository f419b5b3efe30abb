// Package serve answers HTTP requests for the bytes of works: files with a range, raw blocks, CARs, as
// the trustless and path gateways of IPFS do.
//
// Invariants: only what the catalog names as served leaves; a byte that no longer matches its CID never
// leaves; gated bytes leave only after Gate has said yes, and Gate is asked only when the bytes were found
// sound, so nobody pays for what cannot be sent; content never runs as code in a browser.
//
// It knows nothing of the chain, sessions or money: that is Gate's (package admit).
// Start at Server.
package serve
