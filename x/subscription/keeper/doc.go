// Package keeper keeps offers, plans, purchases and subscriptions, and decides access.
//
// It moves no coins itself: x/revenue takes and shares out every payment, and tells this
// package when one was refunded. Its invariants are in invariants.go. Start at Access
// (access.go), then Purchase (purchase.go) and Subscribe (subscription.go).
package keeper
