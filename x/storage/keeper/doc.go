// Package keeper keeps the state of x/storage: providers, deals, escrows, what was earned, and
// the sets of which providers prove that they keep them.
//
// It makes no rules of form (types does) and reads no clock but x/clock. Its invariants are
// checked by CheckInvariants: the module account covers Liabilities, every sum is the sum of
// its deals, every index has exactly its records. An escrow is always counted up to now before
// its balance or rate changes. A proof set changes only between two periods (change.go says
// which). Start at RequestDeals (deal.go), touch (escrow.go) and stepPeriod (period.go); copies that
// are lost go on in openRepair (repair.go), works whose escrow is dry in keepDry (dry.go).
package keeper
