// Package api serves what the index has: the discovery API of openapi.yaml, events as they happen, webhooks, feeds for podcast players, what
// other sites embed, and the web app with its previews.
//
// It is not authority: GET /works/{root}/proof gives the chain's own record with a proof. It says nothing of who watched what: the index
// keeps payments by the second as sums only. Every answer is bounded in size and time, whatever is asked.
//
// Start at New.
package api
