// Package keeper keeps the state of x/stream: session keys, the escrow ledger, open lanes and
// their settled sessions. Coins lie in x/revenue's custody and are shared out there.
//
// Invariants, checked by CheckInvariants: what an escrow and a key have reserved is the sum of
// what their open lanes may still pay; indexes and the queue follow from the lanes.
// Start at settle.go, then lane.go.
package keeper
