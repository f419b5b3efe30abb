// Package types holds the messages, state and pure rules of x/governance: which messages an
// enactment can hold, and when a genesis is consistent.
//
// It reads no store and knows no keeper. Its invariants: every Validate refuses with a
// sentinel of errors.go, and no rule is written a second time in the keeper.
// Start at MsgEnact.Validate (msgs.go) and Enactment.Validate (enactment.go).
package types
