// Package dag reads UnixFS out of verified blocks: what a CID is, what a path leads to, a
// range of a file, all blocks beneath a root in order, and CARs of them.
//
// It trusts the bytes it is given to match their CID (package blob checks) and nothing else:
// depth, links, names and sizes that a hostile DAG claims are bounded and compared with what
// is there. It never holds more than one branch of a file in memory.
//
// It knows nothing of HTTP or payment. Start at Load and Resolve.
package dag
