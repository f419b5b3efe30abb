// Package nodeclient is the client of storage nodes: it asks which are near, uploads works to them, opens
// payment sessions, and fetches files whose every byte is verified against the work's CID before anybody sees it.
//
// A file is fetched by blocks, each verified by itself, from a Pool of nodes that keep it. The node that is expected to be
// fastest, by what it has shown, is asked first; one that is silent for Silence, or late, is raced against another; one
// that fails is asked last from then on, and one that lies never again. What was verified is kept whoever gave it. Nodes
// are remembered between runs in a Book, whose bad marks fade.
//
// It trusts no node: a wrong byte is an error that names the node, and the next node is asked. It knows nothing of the
// chain: how a request is let in, by right or for payment, is its caller's Admit; what a session signs comes from
// package voucher.
//
// Start at Client for one node, at Fetcher and Pool for all that keep a work.
package nodeclient
