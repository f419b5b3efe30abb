// Package types holds the messages, state and pure rules of x/content: what an id,
// a handle, a work and a commit must look like, and when a genesis is consistent.
//
// It reads no store and knows no keeper. Its invariants: every Validate refuses with a
// sentinel of errors.go, and no rule is written a second time in the keeper.
// Start at MsgPublish.Manifest (publish.go), Skeleton (handle.go) and GenesisState.Validate.
package types
