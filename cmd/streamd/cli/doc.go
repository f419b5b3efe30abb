// Package cli is the command line of streamd: the node's commands, queries and transactions of
// every module, and the local network.
//
// Commands turn flags into calls and errors into exit codes; what they do is in libraries.
// Results go to standard output and everything else to standard error. Start at Run.
package cli
