// Package types holds the messages, state and pure rules of x/subscription: what an offer,
// a plan, a purchase and a subscription must look like, and when a genesis is consistent.
//
// It reads no store and knows no keeper. Its invariants: every Validate refuses with a
// sentinel of errors.go, and no rule is written a second time in the keeper.
// Start at ValidateOffers (offer.go), PlanKey (plan.go) and AccessDecision (access.go).
package types
