// Package types holds the messages, state and pure rules of x/dispute: what each kind can be
// about, how a vote is sealed, which juror a seed draws, and how bonds and seats are settled.
//
// It reads no store and knows no keeper. Its invariants: every Validate refuses with a
// sentinel of errors.go, and Case.Settle gives out exactly what it takes in.
// Start at Case.Settle (settle.go), VoteHash (vote.go) and DrawPoint (draw.go).
package types
