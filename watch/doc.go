// Package watch plays a work from the network: it finds nodes, gets access, pays per tick
// where the offer says so, verifies every byte and writes the media.
//
// What is owned or free costs nothing. What is paid by the tick is paid by one signed session and
// a hash a tick, never more than Options.MaxSpend. A word is written to disk before it is sent, so that a
// killed watch neither pays twice nor forgets what it paid: the next run goes on from there.
// A node that is silent, dead or lying is left for the next one.
//
// It does not decode media. Start at Watch.
package watch
