// Package types holds the messages, state, events and errors of x/stream and its pure
// rules: what a session key may still spend, what a lane may still pay, what a settlement
// must look like, and the bytes that session keys sign.
//
// It is not the keeper: nothing here reads or writes a store. Invariants: a lane never pays
// more than its cap; a key's lanes never spend and hold more than its limit in 24 hours.
// Start at lane.go and voucher.go; programs off chain need voucher.go only.
package types
