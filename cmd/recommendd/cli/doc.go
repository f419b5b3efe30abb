// Package cli is the command line of recommendd: key, train, serve, evaluate.
//
// It reads flags and hands over to package recommend, which does the work. Exit codes are those of package exit.
//
// Start at Run.
package cli
