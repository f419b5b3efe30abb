// Package wire is what a storage node and its clients say to each other beside bytes:
// request headers with their signed proofs, JSON bodies, problem documents.
//
// Every signed value starts with its own domain tag and names the chain and the node,
// so that a proof for one node, chain, work or purpose is worth nothing elsewhere. Nothing
// here rides in a URL, where logs and referrers would keep it. The spec is docs/spec/node-api.md;
// golden vectors are in testdata.
//
// It does no input or output and knows neither the chain's types nor HTTP handlers.
// Start at Proof (who is asking) and Payment (what they pay).
package wire
