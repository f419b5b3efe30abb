// Package drain moves a node's works to other nodes, so that it can be switched off and nothing of anybody's is missing.
//
// A node that drains accepts and repairs nothing. It declines what is requested, and ends its deals a few at a time, each once
// the chain allows it; whoever repairs a work fetches it from here, since it is served until it has its copies again. When
// nothing is left to move, the bytes stay until the chain asks for no more proofs of them.
//
// Invariants: no deal is ended before the works that were ended earlier are safe or have waited long; nothing is reported
// lost; a drain that was interrupted goes on where it stood. What is to be done lies in a file of the node's home, so that
// `storaged drain` and the node need nothing else of each other.
//
// It does not leave: the operator's cold key does that, when Ready says so. Start at Drainer.Step.
package drain
