// Package localnet runs a network of the real binaries on this machine: one validator,
// storage nodes, and accounts with coins to try things with.
//
// It links neither the chain nor a node: it executes streamd and storaged, and edits the
// genesis and the configuration that they make. Any of its processes may be killed at any
// moment; Up starts again what is missing. It is not for real coins: its keys lie unencrypted.
//
// A home folder holds val0, node0…, keys (the home of the client), logs and net.json, which is
// written last: without it, what is there is a set-up that did not finish and is made anew.
// Start at Open and Net.Up.
package localnet
