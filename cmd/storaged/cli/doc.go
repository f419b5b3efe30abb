// Package cli is the command line of storaged: init, start, status, doctor, denylist, drain.
//
// It reads flags and the configuration, opens the keyring and the chain, and hands over to package storagenode, which
// does the work. Exit codes are those of package exit.
//
// Start at Run.
package cli
