// Package keeper keeps disputes, juries and stakes, and carries rulings out through the modules
// below.
//
// It judges nothing: jurors do. What a ruling is worth in coins is types.Case.Settle's. Its
// invariants are in invariants.go. Start at OpenDispute (open.go), step (step.go), and
// execute (remedy.go).
package keeper
