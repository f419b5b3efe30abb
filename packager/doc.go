// Package packager is the creator's local helper: an HTTP service on the loopback interface that does for a page of the app
// what `streamd publish` does, up to what an account signs. docs/spec/packager.md is its API.
//
// It is not a wallet and holds no account's key: package publish works here against an Account that asks the page, and the
// page's wallet shows and signs. It is not for other machines either: it refuses to listen anywhere but on loopback.
//
// Invariants: a request does nothing unless its Host is loopback, its Origin is on the list and its token was paired; no
// name from a request leads out of a job's folder; a work's secret is in no answer, log or error; one job works at a time.
//
// Start at New, then Service.Run; jobs are in job.go, what they wait for in ask.go.
package packager
