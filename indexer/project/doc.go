// Package project turns blocks into rows: what a typed event of the chain says, said in the tables of package store.
//
// One file per noun. A handler is a function of the event, of the transaction that it came in, and of rows that are there; it asks no
// node and no clock, so that a rebuild gives the same rows. What follows from many events (levels, kinds of prices, copies, what is
// trending) is computed once at the end of each block for what changed in it.
//
// Rules: an event of a type that has no handler is kept as it came and changes nothing else. One that has a handler and does not
// fit is an error, and the block is not in: an index with a hole is worse than one that stands still. What says who watched what is
// not kept (private.go).
//
// Start at Projector.Block.
package project
