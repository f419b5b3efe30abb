// Package vectors holds the TypeScript SDK to the chain: vectors.json is what Go derives, encodes and signs, and
// sdk/ts/test/core/vectors.test.ts must give the same bytes from the same values.
//
// It is a test and nothing else. `UPDATE_VECTORS=1 go test ./sdk/vectors` writes the file again after the chain changed.
package vectors
