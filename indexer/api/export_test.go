package api

import "time"

// SlowReader is how long a reader of events may take.
const SlowReader = slow

// StreamsOf is how many streams an address may have.
const StreamsOf = streamsOf

// SetNow moves the clock of webhooks.
func (a *API) SetNow(now func() time.Time) { a.hooks.now = now }
