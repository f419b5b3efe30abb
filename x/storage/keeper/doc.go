// Package keeper keeps the state of x/storage: providers, deals, escrows and what was earned.
//
// It makes no rules of form (types does) and reads no clock but x/clock. Its invariants are
// checked by CheckInvariants: the module account covers Liabilities, every sum is the sum of
// its deals, every index has exactly its records. An escrow is always counted up to now before
// its balance or rate changes. Start at RequestDeals (deal.go) and touch (escrow.go).
package keeper
