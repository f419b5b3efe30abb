// Package flow is the command line of what takes more than one message: publish, watch, buy, be paid.
// A command reads flags, calls one library (publish, watch, receipt, demo) and prints its result: JSON or text to
// standard output, progress to standard error. Rules live in the libraries and on the chain.
// Start at Commands.
package flow
