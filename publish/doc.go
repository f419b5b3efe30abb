// Package publish takes a file to a priced, stored work: package, encrypt what is not free, build the DAG, date it on the
// chain, place it on storage nodes, register work and deals in one transaction, deal the keys to the holders that the chain
// draws, wait for nodes and holders to accept, and sell it.
//
// Every step leaves its result in a folder named after the file and its terms, so that a run that was stopped goes
// on where it was: nothing is packaged, uploaded or paid for twice.
//
// The secret of an encrypted work lies in that folder, for its owner alone, from before anything is paid until the holders have
// their shares and the offers are set; then it is erased. It is in no log, message or error. A secret that the creator keeps is the
// only way to a later version.
//
// It decides nothing about prices; what is offered comes from the caller. Start at Publish.
package publish
