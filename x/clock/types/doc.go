// Package types holds the state, genesis and query types of x/clock and its
// constant: the longest step. Start at Clock.Advance.
package types
