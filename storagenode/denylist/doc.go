// Package denylist says what the node's operator does not serve or keep: files in the compact denylist format of IPFS
// (IPIP-383), as it is shared between gateways, and the operator's own.
//
// Invariants: of the rules that match, the last one counts, in the order of files and lines; the operator's own file comes
// last. A rule for a CID also covers what lies beneath it and every other CID with its multihash. A file that is broken,
// half written or gone changes nothing: what it last said counts, also after a restart, and Broken says so. A work is denied
// as a whole when a list names its id, its first version, its media or its cover. Whoever asked is never written down.
//
// Names (/ipns/…) are read and left: a node resolves none. Hints are read and left: the status is always 451.
//
// Start at Open, and at Guard for what the lists mean for works.
package denylist
