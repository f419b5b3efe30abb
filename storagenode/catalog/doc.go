// Package catalog knows which works a node keeps, which blocks are whose, and what each file of a
// work is: free for all, a piece of media time, or only for those with access.
//
// Invariants: a block is deleted only when no entry names it any more; an entry is there
// with all its blocks or not at all (one batch, synced); what cannot be classified needs access.
// Bytes that one creator brought are never used for another creator's work: public facts
// (a media CID, a piece root) must not be enough to have others' bytes served.
//
// A work whose deal is over is no longer served, and is kept as long as the chain may ask for proofs of it.
//
// It stores no blocks itself (package blob) and decides nothing about payment (package admit).
// Start at Catalog, then Ingest and Drop.
package catalog
