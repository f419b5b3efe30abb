// Package nodeclient is the client of storage nodes: it asks which are near and what they cost,
// uploads works to them, opens payment sessions, and fetches files whose every byte is verified
// against the work's CID before anybody sees it.
//
// It trusts no node: a wrong byte is an error that names the node, and the next node is asked.
// It knows nothing of the chain; what a session signs comes from package voucher.
//
// Start at Client, then File.
package nodeclient
