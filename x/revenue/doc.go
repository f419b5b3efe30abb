// Package revenue is one engine for every coin that changes hands: custody of payments, their
// parts by rail, split sheets, refund windows and claims.
//
// It makes no prices and grants no access: the modules above collect, hold and distribute
// through it. Its invariants: a creator gets at least 9,000 bps of every payment, the parts sum
// to what was paid, and custody covers all that it owes. The spec is README.md; the code starts
// at keeper/distribute.go.
package revenue
