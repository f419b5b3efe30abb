// Package keepertest is the ground that keeper tests stand on: real x/auth and
// x/bank, an in-memory store that holds any module's store, x/clock, and helpers
// to fund accounts and move time. Nothing here is a mock.
//
// A test builds the keepers it needs on top of Env, lower modules first.
// Start at New.
package keepertest
