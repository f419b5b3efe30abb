// Package wire is the feed protocol (docs/spec/feeds.md): what an indexer asks a feed generator, what it answers, and how
// the answer is signed and checked. Both sides share it, and the vectors in testdata hold other languages to it.
//
// It opens no connection: package feeds asks, Handler answers.
//
// Start at Check (who asks) and Handler (who answers).
package wire
