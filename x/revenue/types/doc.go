// Package types holds the messages, state and pure rules of x/revenue: what a rail may
// take, how a payment is cut into parts, how a split sheet shares the creator part, and
// when a genesis is consistent.
//
// It reads no store and knows no keeper. Its invariants: the parts of a payment sum to its
// gross, the creator part is never below FloorBps of it, and a sheet shares out exactly what
// it is given. Start at RailShares.Cut (payment.go) and Divide (split.go).
package types
