// Package cli is the command line of indexerd: init, start, status, reindex, digest.
//
// It reads flags and the configuration and hands over to package indexer, which does the work. Exit codes are those of package exit.
//
// Start at Run.
package cli
