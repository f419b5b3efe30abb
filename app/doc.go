// Package app joins the SDK's modules and ours into one state machine. It is the only
// package that knows every keeper; no off-chain code links it.
//
// What must hold: the authority of every module but x/upgrade is the governance account;
// every replica executes a block alike, in sequence or in parallel; a block never holds
// more gas, bytes or transactions than the limits say; the sums of CheckInvariants are right
// between any two blocks.
//
// Start at New, then modules.go for the order of things, ante.go for fees and proposal.go
// for what a block may hold.
package app
