// Package outboard keeps, for each piece of a node, what a proof needs beside the blocks: the tree of hashes above
// groups of 16 KiB and where in the piece each block lies. A proof then reads one group, not the piece.
//
// Invariants: a file is there whole or not at all; what it proves was verified against the piece's root; the bytes that
// it was made of were read from the store, so that a file there means that the piece could be read. A file is a
// cache: it can be deleted at any time and is built again. It takes about 0.4 % of its piece beside the quota of blocks.
//
// It does not repair blocks (package deals) and does not say which pieces are kept (package catalog). Start at Store.
package outboard
