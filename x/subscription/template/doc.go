// Package template checks and evaluates monetization templates: three expressions in a small part of CEL that say who has
// access, what the next purchase costs, and how much of the last one comes back.
//
// It is pure: no chain, no SDK, no state, no clock. Equal sources, arguments and facts give equal answers on every machine and in
// every run, because the language has only 64-bit integers, booleans, constant strings and short lists of integers. There are no
// floating-point numbers, no clock but block_time, no regular expressions, no maps, no loops. Every expression is a tree that is
// walked at most once, so that its cost is known before it runs.
//
// cel-go reads the text (its parser is part of consensus, so its version is pinned); types and evaluation of this part of the
// language are ours, and cel-go's checker and interpreter are the oracle that the tests compare with.
//
// It is not the place for what templates are used for: prices, refunds and payees are x/subscription/keeper's.
//
// Start at Check, then Program.Bind and Bound.
package template
