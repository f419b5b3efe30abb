// Package governance is the authority of every module and the treasury: one account, which
// acts only through a timelock that proposals of x/gov fill. It says what each kind of
// decision needs, counts the votes for x/gov, and has a council that can pause messages.
//
// It bounds no parameter of another module: those bounds are constants there, so that no vote
// can break them. x/upgrade stays with x/gov, so that a broken timelock can be repaired. The
// spec is README.md; the code starts at keeper/enactment.go and keeper/tally.go.
package governance
