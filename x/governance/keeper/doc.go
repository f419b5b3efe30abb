// Package keeper keeps the timelock: what proposals have decided, until its time has come.
//
// It decides nothing about votes; x/gov does. Its invariants are in invariants.go. Start at
// Enact (enactment.go) and BeginBlock (abci.go).
package keeper
