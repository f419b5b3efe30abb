// Package manifest is what a work's id commits to: typed fields, their rules, and their one
// encoding, canonical DAG-CBOR, whose CID is the work's id.
//
// It is pure: no input or output, nothing of ours. The chain encodes the fields of a publishing
// message with it, tools and nodes check what the chain said; so its bytes are fixed, by
// docs/spec/manifest.md and the vectors in testdata.
//
// Invariants: what Encode returns, Decode accepts, and the other way round; two manifests that differ in any
// field have different bytes; Decode accepts one encoding of a manifest only.
//
// It does not look at the media, resolve parents or know who controls a creator.
//
// Start at Manifest, then Validate and Encode.
package manifest
