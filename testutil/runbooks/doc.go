// Package runbooks runs the runbooks of docs/runbooks as they are written: the sh blocks of each, in order, in one bash, on a local network of
// real binaries. A command that fails fails the test, and so does a transaction that the chain refuses.
//
// roles/NAME.sh is what the runbook's reader does, knows or waits for besides: it sets the variables that the runbook says to set, and its
// functions before_N and after_N (where there are any) run around the N-th block. roles/stage.sh is what was there before; who runs a program
// has a network of its own, which roles/operators.sh prepares.
//
// It takes two minutes and is skipped without RUNBOOKS=1: `make runbooks`. Start at runbooks_test.go.
package runbooks
