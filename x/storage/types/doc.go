// Package types holds the messages, state and pure rules of x/storage: which endpoints a
// provider may name, how an escrow counts seconds, what a provider must prove in a period, and
// when a genesis is consistent.
//
// It reads no store and knows no keeper. Its invariants: every Validate refuses with a
// sentinel of errors.go, no rule is written a second time in the keeper, and an escrow's
// balance and owed lose nothing by counting (Escrow.Accrue).
// Start at Escrow (escrow.go), ParseEndpoint (endpoint.go) and Draw (challenge.go).
package types
