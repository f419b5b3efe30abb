// Package clock is live time: block time whose every step is at most a minute.
// Every accrual, window and expiry of our modules runs on it. The spec is README.md.
package clock
