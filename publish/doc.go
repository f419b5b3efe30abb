// Package publish takes a file to a priced, stored work: package, build the DAG, date it on the chain, place
// it on storage nodes, register work, offers and deals in one transaction, wait for a node to accept.
//
// Every step leaves its result in a folder named after the file and its terms, so that a run that was stopped goes
// on where it was: nothing is packaged, uploaded or paid for twice.
//
// It decides nothing about prices; what is offered comes from the caller. Start at Publish.
package publish
