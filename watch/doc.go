// Package watch plays a work from the network: it finds nodes, gets access, pays per tick
// where the offer says so, verifies every byte and writes the media, or the file where the work does not play.
//
// What is owned or free costs nothing and comes from several nodes at once. What is paid by the tick is paid to one node
// at a time by one signed session and a hash a tick, never more than Options.MaxSpend; another node is paid only when the
// first falls silent, fails or lies, and then twice for no more than the segment that was on its way. A word is
// written to disk before it is sent, so that a killed watch neither pays twice nor forgets what it paid: the next run
// goes on from there, with the blocks that it had. A dead node costs its viewer a silence of nodeclient.Silence, and what
// it takes the chain to open the next lane.
//
// What is owned or free is proved as it is watched, by a session of price zero with each node that gives it, where the
// viewer has a granted key: the work's serving budget pays for it. No watch waits or fails for that.
//
// What is encrypted is decrypted as it comes. Holders of its keys are paid first, with words of the session with the node that serves, at most a key window and
// a segment ahead of what the viewer has; the keys of windows that were paid for are kept beside the blocks.
//
// It does not decode media. Start at Watch, or at Open for parts in any order; then play.go for what is fetched when, nodes.go for how requests are let
// in, keys.go for keys, payer.go and keypay.go for money.
package watch
