// Package uses is what costs viewers nothing by the tick: free works, and what a viewer owns or subscribes to. It opens
// sessions of price zero, reports what their words prove to the chain, which pays out of the work's serving budget, and
// holds bytes that nobody pays for to a rate.
//
// Invariants: no session is opened but for who may watch the work now, with a key that may speak for the viewer; a session
// never costs the viewer anything; what is not worth its gas is not reported; whoever is refused here is served as
// somebody without a session.
//
// It does not decide who may have bytes (package admit) and keeps words in a ledger of its own (package ledger), in which
// all sessions of a viewer are one lane without an end and without a price.
// Start at Book, then Gate and Reporter.
package uses
